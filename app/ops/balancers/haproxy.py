"""The policy as a whole `haproxy.cfg` (2.4 or newer)."""

from app.ops.balancers.plan import COMPRESSED, EVENTS, NAME, Plan, needed

_LOG = (
    '\'{"time":"%[date,utime(%Y-%m-%dT%H:%M:%S)].%[date(0,ms),concat(),bytes(10,3)]Z","event":"balanced","balancer":"haproxy",'
    '"request_id":"%[var(txn.name)]","method":"%HM","path":"%[var(txn.path),json(utf8s)]","status":%ST,'
    '"ms":%Ta,"bytes":%B,"instance":"%s","ended":"%tsc"}\''
)
"""A line of JSON a request, written when it ends. Until it is named (what came was no HTTP), its name is empty."""


def haproxy(plan: Plan) -> str:
    """A front end, a checked back end, and one without checks for when every instance is unready."""
    policy = plan.policy
    servers = list(enumerate(needed(plan), 1))
    host = plan.host or "balancer"
    checked = "\n".join(f"    server i{number} {address} check" for number, address in servers)
    unchecked = "\n".join(f"    server i{number} {address}" for number, address in servers)
    return f"""\
# AI SEO Blogger behind HAProxy. Written by: ai-seo-blogger scale lb haproxy
# Check: haproxy -c -f haproxy.cfg    Reload: systemctl reload haproxy, or SIGUSR2 to a master (-W)
#
# An instance that drains answers 503 on {policy.path}: it gets no new requests after {policy.unhealthy} checks, {policy.interval_s} s apart, and
# ends what it has. No micro-cache: HAProxy's cache knows neither stale pages nor a lock; the page cache of the
# instances answers instead.

global
    log stdout len 65535 format raw local0 info  # the longest path leaves a whole line too

defaults
    mode http
    log global
    option dontlognull
    option http-keep-alive
    option redispatch 1
    retries 3
    # What got no answer is sent again to another instance; what got one, never. Unsafe methods: see the back end.
    retry-on conn-failure empty-response junk-response
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    timeout queue 10s
    timeout http-request 15s
    timeout http-keep-alive 60s
    timeout check {policy.timeout_s}s
    compression algo gzip
    compression type text/html {COMPRESSED}

frontend readers
    bind {plan.listen}
    # With TLS here: bind :443 ssl crt /etc/haproxy/certs/ alpn h2,http/1.1
    http-request set-log-level silent if {{ path_beg /health }}
    # A request keeps the name it comes with, if that is one; otherwise it gets one. Its answer has it in any case.
    http-request set-var(txn.name) uuid()
    http-request set-var(txn.name) req.fhdr(x-request-id) if {{ req.fhdr(x-request-id) -m reg ^[A-Za-z0-9._-]{{8,64}}$ }}
    http-request set-header X-Request-ID %[var(txn.name)]
    http-after-response set-header X-Request-ID %[var(txn.name)]
    # Of an address only the path is logged: what stands behind the question mark may be anybody's secret.
    http-request set-var(txn.path) path
    log-format {_LOG}
    http-request deny deny_status 404 if {{ path,url_dec -m beg -i /metrics }}
    # A body of unknown length is measured by the instance.
    http-request deny deny_status 413 if {{ req.hdr_val(content-length) gt {plan.body_bytes} }}
    # Set, never appended to: what a stranger wrote into these must not reach an instance that trusts this proxy.
    http-request set-header X-Real-IP %[src]
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Proto http if !{{ ssl_fc }}
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    http-request del-header X-Forwarded-Host
    http-request del-header X-Forwarded-Port
    http-request del-header X-Forwarded-Prefix
    http-request del-header Forwarded
    # A secret beside what a stranger may choose must not be compressed (BREACH).
    http-request del-header Accept-Encoding if {{ path_beg /api/ /desk }}
    # Every instance is unready: trying beats refusing.
    use_backend {NAME}_any if {{ nbsrv({NAME}) lt 1 }}
    default_backend {NAME}

backend {NAME}
    balance leastconn
    http-request disable-l7-retry unless {{ method GET HEAD OPTIONS }}
    http-request set-timeout server {policy.stream_s}s if {{ path_reg {EVENTS} }}
    option httpchk
    http-check send meth GET uri {policy.path} ver HTTP/1.1 hdr Host {host}
    http-check expect status 200
    default-server inter {policy.interval_s}s rise {policy.healthy} fall {policy.unhealthy} observe layer4 error-limit {policy.unhealthy} on-error mark-down pool-purge-delay {policy.keepalive_s}s
{checked}

backend {NAME}_any
    balance leastconn
    http-request disable-l7-retry unless {{ method GET HEAD OPTIONS }}
    http-request set-timeout server {policy.stream_s}s if {{ path_reg {EVENTS} }}
{unchecked}
"""
