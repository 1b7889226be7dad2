# AI SEO Blogger behind an AWS Application Load Balancer. Written by: ai-seo-blogger scale lb alb
# terraform init && terraform plan -var vpc_id=… -var 'subnets=[…]' -var 'security_groups=[…]' -var certificate_arn=…
#
# Of the policy an ALB knows no start grace (60 s): give it to whatever starts instances
# (health_check_grace_period_seconds of an ECS service, health_check_grace_period of an Auto Scaling group).
# It fails open by itself when every target is unhealthy, retries nothing, buffers no answers, has no cache and no
# limit on bodies. It appends the address it saw to X-Forwarded-For; an instance that trusts it (TRUSTED_PROXIES)
# reads the last entry, never the first.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}

variable "vpc_id" {
  type = string
}

variable "subnets" {
  type        = list(string)
  description = "Public subnets, in two availability zones or more."
}

variable "security_groups" {
  type        = list(string)
  description = "What readers may reach: port 443."
}

variable "certificate_arn" {
  type        = string
  description = "The certificate of the public name."
}

resource "aws_lb" "ai_seo_blogger" {
  name                       = "ai-seo-blogger"
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.subnets
  security_groups            = var.security_groups
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  xff_header_processing_mode = "append"
  # Streams say something every 15 s; instances keep idle connections 15 s longer than this, or 502 would follow.
  idle_timeout = 60
}

resource "aws_lb_target_group" "ai_seo_blogger" {
  name                          = "ai-seo-blogger"
  port                          = 8000
  protocol                      = "HTTP"
  target_type                   = "ip"
  vpc_id                        = var.vpc_id
  load_balancing_algorithm_type = "least_outstanding_requests"
  deregistration_delay          = 30

  health_check {
    enabled             = true
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  stickiness {
    type    = "lb_cookie"
    enabled = false # instances are alike: that is what scale prove proves
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.ai_seo_blogger.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.ai_seo_blogger.arn
  }
}

resource "aws_lb_listener_rule" "metrics" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 1

  condition {
    path_pattern {
      values = ["/metrics", "/metrics/*"]
    }
  }

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}
