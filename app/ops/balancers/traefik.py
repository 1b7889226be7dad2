"""The policy as Traefik's dynamic configuration (3.7 or newer), with the static part it needs above it."""

from app.ops.balancers.plan import EVENTS, Plan, needed


def traefik(plan: Plan) -> str:
    """Routers, middlewares and services for the file provider."""
    policy = plan.policy
    servers = "\n".join(f'          - url: "http://{address}"' for address in needed(plan))
    host = f"Host(`{plan.host}`) && " if plan.host else ""
    return f"""\
# AI SEO Blogger behind Traefik. Written by: ai-seo-blogger scale lb traefik
# The file provider watches this file: writing it anew is enough. The static configuration it needs:
#
#   entryPoints:
#     readers:
#       address: "{plan.listen}"   # X-Forwarded-* of strangers are dropped: no proxy is trusted by default
#       transport: {{respondingTimeouts: {{readTimeout: 60s, writeTimeout: 0s, idleTimeout: 60s}}}}
#   providers: {{file: {{filename: /etc/traefik/dynamic.yaml, watch: true}}}}
#   accessLog: {{format: json, fields: {{headers: {{names: {{X-Request-Id: keep}}}}}}}}
#
# Traefik names no requests: a name that comes with one is passed on, otherwise the instance gives one in its answer.
# Traefik counts no checks: the first bad one takes an instance out, the first good one brings it back, so
# healthy {policy.healthy} and unhealthy {policy.unhealthy} of the policy are not to be written here. Least connections is p2c: the better of two
# picked at random. It has no cache: the page cache of the instances answers.

http:
  routers:
    pages:
      rule: "{host}PathPrefix(`/`)"
      priority: 1
      entryPoints: [readers]
      middlewares: [forwarded, again, squeeze]
      service: ai-seo-blogger
    private:  # no compression beside secrets (BREACH); bodies are measured, which holds answers back
      rule: "{host}(PathPrefix(`/api/`) || PathPrefix(`/desk`))"
      priority: 20
      entryPoints: [readers]
      middlewares: [forwarded, again, sized]
      service: ai-seo-blogger
    events:  # streams are passed on as they come
      rule: "{host}PathRegexp(`{EVENTS}`)"
      priority: 30
      entryPoints: [readers]
      middlewares: [forwarded, again]
      service: ai-seo-blogger
    health:
      rule: "{host}PathPrefix(`/health`)"
      priority: 20
      entryPoints: [readers]
      middlewares: [forwarded]
      service: ai-seo-blogger
      observability: {{accessLogs: false, metrics: false, tracing: false}}
    metrics:  # denied: nobody's address is allowed
      rule: "{host}PathPrefix(`/metrics`)"
      priority: 40
      entryPoints: [readers]
      middlewares: [nobody]
      service: ai-seo-blogger

  middlewares:
    forwarded:
      headers:
        customRequestHeaders:
          Forwarded: ""
          X-Forwarded-Prefix: ""
    again:  # only what got no answer, and only methods that may be sent twice (retryNonIdempotentMethod is off)
      retry:
        attempts: 3
        initialInterval: 50ms
    sized:
      buffering:
        maxRequestBodyBytes: {plan.body_bytes}
    squeeze:
      compress:
        excludedContentTypes: [text/event-stream]
        minResponseBodyBytes: 1000
    nobody:
      ipAllowList:
        sourceRange: ["255.255.255.255/32"]
        rejectStatusCode: 404

  services:
    ai-seo-blogger:  # every instance is unready: trying beats refusing
      failover:
        service: checked
        fallback: any
    checked:
      loadBalancer:
        strategy: p2c
        serversTransport: instances
        passHostHeader: true
        responseForwarding: {{flushInterval: 100ms}}
        healthCheck:
          path: "{policy.path}"
          interval: {policy.interval_s}s
          timeout: {policy.timeout_s}s
          status: 200
        passiveHealthCheck:
          maxFailedAttempts: {policy.unhealthy}
          failureWindow: {policy.interval_s}s
        servers:
{servers}
    any:
      loadBalancer:
        strategy: p2c
        serversTransport: instances
        passHostHeader: true
        servers:
{servers}

  serversTransports:
    instances:
      maxIdleConnsPerHost: 32
      forwardingTimeouts:
        dialTimeout: 1s
        responseHeaderTimeout: 60s
        idleConnTimeout: {policy.keepalive_s}s
"""
