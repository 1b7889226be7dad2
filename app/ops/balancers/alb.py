"""The policy as Terraform for an AWS Application Load Balancer.

Attributes and their ranges are those that the provider documents for `aws_lb`, `aws_lb_target_group`,
`aws_lb_listener`, `aws_lb_listener_rule` and `aws_lb_target_group_attachment`.
"""

from ipaddress import ip_address

from app.kit.errors import Invalid
from app.ops.balancers.plan import Address, Plan
from app.ops.balancers.speech import words

_RANGES = {"interval": (5, 300), "timeout": (2, 120), "healthy": (2, 10), "unhealthy": (2, 10)}
_LONGEST_DELAY_S = 3600


def alb(plan: Plan) -> str:
    """A load balancer with its target group, listener and, for instances given by number, their attachments.

    Raises:
        Invalid: a number of the policy is outside what AWS takes, or an instance is not given by number.
    """
    policy = plan.policy
    given = {
        "interval": policy.interval_s,
        "timeout": policy.timeout_s,
        "healthy": policy.healthy,
        "unhealthy": policy.unhealthy,
    }
    for name, value in given.items():
        least, most = _RANGES[name]
        if not least <= value <= most:
            raise Invalid(
                words(
                    "AWS takes {least} to {most} for “{name}” of health checks; the policy says {value}.",
                    least=least,
                    most=most,
                    name=name,
                    value=value,
                )
            )
    if policy.deregistration_s > _LONGEST_DELAY_S:
        raise Invalid(
            words("AWS waits at most {most} s for an instance that leaves.", most=_LONGEST_DELAY_S)
        )
    return f"""\
# AI SEO Blogger behind an AWS Application Load Balancer. Written by: ai-seo-blogger scale lb alb
# terraform init && terraform plan -var vpc_id=… -var 'subnets=[…]' -var 'security_groups=[…]' -var certificate_arn=…
#
# Of the policy an ALB knows no start grace ({policy.grace_s} s): give it to whatever starts instances
# (health_check_grace_period_seconds of an ECS service, health_check_grace_period of an Auto Scaling group).
# It fails open by itself when every target is unhealthy, retries nothing, buffers no answers, has no cache and no
# limit on bodies. It appends the address it saw to X-Forwarded-For; an instance that trusts it (TRUSTED_PROXIES)
# reads the last entry, never the first.

terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }}
  }}
}}

variable "vpc_id" {{
  type = string
}}

variable "subnets" {{
  type        = list(string)
  description = "Public subnets, in two availability zones or more."
}}

variable "security_groups" {{
  type        = list(string)
  description = "What readers may reach: port 443."
}}

variable "certificate_arn" {{
  type        = string
  description = "The certificate of the public name."
}}

resource "aws_lb" "ai_seo_blogger" {{
  name                       = "ai-seo-blogger"
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.subnets
  security_groups            = var.security_groups
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  xff_header_processing_mode = "append"
  # Streams say something every 15 s; instances keep idle connections 15 s longer than this, or 502 would follow.
  idle_timeout = {policy.keepalive_s}
}}

resource "aws_lb_target_group" "ai_seo_blogger" {{
  name                          = "ai-seo-blogger"
  port                          = 8000
  protocol                      = "HTTP"
  target_type                   = "ip"
  vpc_id                        = var.vpc_id
  load_balancing_algorithm_type = "least_outstanding_requests"
  deregistration_delay          = {policy.deregistration_s}

  health_check {{
    enabled             = true
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = "{policy.path}"
    matcher             = "200"
    interval            = {policy.interval_s}
    timeout             = {policy.timeout_s}
    healthy_threshold   = {policy.healthy}
    unhealthy_threshold = {policy.unhealthy}
  }}

  stickiness {{
    type    = "lb_cookie"
    enabled = false # instances are alike: that is what scale prove proves
  }}
}}

resource "aws_lb_listener" "https" {{
  load_balancer_arn = aws_lb.ai_seo_blogger.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {{
    type             = "forward"
    target_group_arn = aws_lb_target_group.ai_seo_blogger.arn
  }}
}}

resource "aws_lb_listener_rule" "metrics" {{
  listener_arn = aws_lb_listener.https.arn
  priority     = 1

  condition {{
    path_pattern {{
      values = ["/metrics", "/metrics/*"]
    }}
  }}

  action {{
    type = "fixed-response"

    fixed_response {{
      content_type = "text/plain"
      status_code  = "404"
    }}
  }}
}}
{"".join(_attachment(number, each) for number, each in enumerate(plan.instances, 1))}"""


def _attachment(number: int, address: Address) -> str:
    try:
        ip_address(address.host)
    except ValueError:
        raise Invalid(
            words("An AWS target is an IP address; {address} is a name.", address=str(address))
        ) from None
    return f"""
resource "aws_lb_target_group_attachment" "i{number}" {{
  target_group_arn = aws_lb_target_group.ai_seo_blogger.arn
  target_id        = "{address.host}"
  port             = {address.port}
}}
"""
