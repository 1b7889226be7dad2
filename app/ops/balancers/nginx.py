"""The policy as an nginx site: what stands inside `http { }`, so that it fits a distribution's `conf.d`."""

from collections.abc import Iterable

from app.ops.balancers.plan import COMPRESSED, EVENTS, NAME, PRIVATE, Plan, needed

_WAITS_FOR_IDLE = (1, 27, 4)
"""The release that brought `keepalive_min_timeout`. Debian 12 and 13 and Ubuntu 24.04 have older ones."""


def nginx(
    plan: Plan,
    *,
    cache_dir: str = "/var/cache/nginx/ai-seo-blogger",
    log: str = "/var/log/nginx/ai-seo-blogger.access.log",
    version: tuple[int, ...] | None = None,
) -> str:
    """An upstream, a micro-cache and a server. `cache_dir` must be writable by nginx's user.

    `log` is where a line of JSON a request goes: a file, or `/dev/stdout` where that is collected.
    `version` is the nginx that will read it; unknown: what only newer ones take stands there as a comment.
    """
    policy = plan.policy
    newer = "" if version and version >= _WAITS_FOR_IDLE else "# "
    servers = needed(plan)
    checked = f"max_fails={policy.unhealthy} fail_timeout={policy.interval_s}s"
    return f"""\
# AI SEO Blogger behind nginx. Written by: ai-seo-blogger scale lb nginx
# Put it into /etc/nginx/conf.d/, then: nginx -t && nginx -s reload
#
# Open-source nginx asks no instance how it is. Of the policy ({policy.path} every {policy.interval_s} s, time-out {policy.timeout_s} s,
# healthy after {policy.healthy}, unhealthy after {policy.unhealthy}) it knows only failed requests: max_fails and fail_timeout below, and
# proxy_next_upstream, which hands a request to the next instance. An instance that drains is therefore taken out
# by writing this file anew without it (ai-seo-blogger scale lb nginx --from-fleet) and reloading; one that is
# killed costs a second try, not an error.

upstream {NAME} {{
    zone {NAME} 128k;
    least_conn;
{_lines(f"server {address} {checked};" for address in servers)}
    keepalive 32;
    keepalive_timeout {policy.keepalive_s}s;  # an instance keeps its side open longer, so that it never closes under a request
}}

# Every instance, whatever it answered before: when all of them count as failed, trying beats refusing.
upstream {NAME}_any {{
    zone {NAME}_any 128k;
    least_conn;
{_lines(f"server {address} max_fails=0;" for address in servers)}
}}

proxy_cache_path {cache_dir} levels=1:2 keys_zone={NAME}_pages:10m max_size=256m inactive=24h use_temp_path=off;

# What may be sent a second time.
map $request_method ${NAME}_safe {{
    default 0;
    GET 1;
    HEAD 1;
    OPTIONS 1;
}}

# A request keeps the name it comes with, if that is one; what is answered from the cache has a name of its own.
map $http_x_request_id ${NAME}_request {{
    default $request_id;
    "~^(?<named>[A-Za-z0-9._-]{{8,64}})$" $named;
}}

# Of an address only the path is logged: what stands behind the question mark may be anybody's secret.
map $request_uri ${NAME}_path {{
    "~^(?<path_only>[^?]{{0,200}})" $path_only;
}}

# When a request ended, in milliseconds: $time_iso8601 knows seconds alone.
map "$time_iso8601 $msec" ${NAME}_time {{
    "~^(?<ended_at>.{{19}})(?<ended_zone>.*) [0-9]+(?<ended_ms>[.][0-9]+)$" $ended_at$ended_ms$ended_zone;
}}

log_format {NAME} escape=json
    '{{"time":"${NAME}_time","event":"balanced","balancer":"nginx","request_id":"${NAME}_request",'
    '"method":"$request_method","path":"${NAME}_path","status":$status,"seconds":$request_time,"bytes":$body_bytes_sent,'
    '"instance_address":"$upstream_addr","instance_status":"$upstream_status","cache":"$upstream_cache_status"}}';

server {{
    listen {plan.listen};
    server_name {plan.host or "_"};
    access_log {log} {NAME};
    # To a collector on this host, though lines are lost while it is away:
    #   access_log syslog:server=127.0.0.1:5514,facility=local0,tag=nginx,nohostname {NAME};
    # With TLS here: listen 443 ssl; ssl_certificate …; ssl_certificate_key …;
    # Behind another proxy: set_real_ip_from ITS-ADDRESS; real_ip_header X-Forwarded-For;

    # A reload closes idle connections at once, and a request sent at that instant is lost: a browser sends it again,
    # not every client does. nginx 1.27.4 or newer can wait for the next request and announce the end in its answer.
    {newer}keepalive_min_timeout 10s;

    request_pool_size 16k;  # one piece of memory a request, which a small C library need not ask the system for again
    client_max_body_size {plan.body_bytes};
    client_body_timeout 60s;

    gzip on;
    gzip_comp_level 5;
    gzip_min_length 1000;
    gzip_vary on;
    gzip_proxied any;  # what instances have compressed already passes as it is
    gzip_types {COMPRESSED};

    proxy_http_version 1.1;
    proxy_connect_timeout 1s;
    proxy_send_timeout 60s;
    proxy_read_timeout 60s;
    # POST, PATCH and LOCK are tried again only when nothing of them has been sent (non_idempotent is not named).
    proxy_next_upstream error timeout invalid_header;
    proxy_next_upstream_tries 3;
    proxy_next_upstream_timeout 10s;

    proxy_set_header Connection "";  # lets connections to instances be kept
    proxy_set_header Host $http_host;
    # Set, never appended to: what a stranger wrote into these must not reach an instance that trusts this proxy.
    proxy_set_header X-Request-ID ${NAME}_request;
    proxy_hide_header X-Request-ID;
    add_header X-Request-ID ${NAME}_request always;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host "";
    proxy_set_header X-Forwarded-Port "";
    proxy_set_header X-Forwarded-Prefix "";
    proxy_set_header Forwarded "";

    error_page 502 = @any;

    # Public pages. Kept only as long as the answer says (s-maxage=1); one request renews a page while the others
    # get the old one, and it stays (stale-if-error) while no instance answers. No background update: with it, the
    # first reader after an article was taken down would still see it.
    location / {{
        proxy_pass http://{NAME};
        proxy_cache {NAME}_pages;
        proxy_cache_key $request_method$scheme://$http_host$request_uri;
        open_file_cache max=1000 inactive=60s;  # opening a kept page costs as much as sending it
        proxy_cache_lock on;
        proxy_cache_lock_timeout 5s;
        proxy_cache_revalidate on;
        proxy_read_timeout 3s;  # a page takes milliseconds: an instance that is frozen must not hold its readers for a minute
        proxy_cache_bypass $http_authorization;
        proxy_no_cache $http_authorization $upstream_http_set_cookie;
        add_header X-Cache $upstream_cache_status always;
        add_header X-Request-ID ${NAME}_request always;  # a location with headers of its own has none of the server's
    }}
{"".join(_private(prefix) for prefix in PRIVATE)}
    location ~ {EVENTS} {{
        proxy_pass http://{NAME};
        proxy_cache off;
        proxy_buffering off;
        gzip off;
        proxy_read_timeout {policy.stream_s}s;
        proxy_send_timeout {policy.stream_s}s;
    }}

    location /health {{
        proxy_pass http://{NAME};
        proxy_cache off;
        access_log off;
    }}

    location /metrics {{
        return 404;
    }}

    location @any {{
        if (${NAME}_safe = 0) {{
            return 502;  # it may have been carried out before the answer was lost
        }}
        proxy_pass http://{NAME}_any;
        proxy_cache off;
        proxy_buffering off;
    }}
}}
"""


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


def _private(prefix: str) -> str:
    return f"""
    location {prefix} {{
        proxy_pass http://{NAME};
        proxy_cache off;
        gzip off;  # a secret beside what a stranger may choose must not be compressed (BREACH)
    }}
"""
