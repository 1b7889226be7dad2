"""The policy as a Caddyfile (2.8 or newer)."""

from app.ops.balancers.plan import NAME, Plan, needed


def caddy(plan: Plan, *, admin: str = "localhost:2019") -> str:
    """A site with checked upstreams; without an instance that is well, all of them are tried.

    `admin` is where `caddy reload` reaches the server, in Caddy's notation (`unix//run/caddy/admin.sock`).
    """
    policy = plan.policy
    upstreams = " ".join(str(address) for address in needed(plan))
    return f"""\
# AI SEO Blogger behind Caddy. Written by: ai-seo-blogger scale lb caddy
# Check: caddy validate --config Caddyfile    Reload: caddy reload --config Caddyfile
#
# X-Forwarded-For, -Proto and -Host that a stranger sends are dropped and set anew: no proxy is trusted by default.
# Caddy alone has no cache: the page cache of the instances answers. It certifies public names by itself: for TLS,
# write the name instead of the address below and leave out auto_https and bind.

{{
	admin {admin}
	auto_https off
	persist_config off
	servers {{
		timeouts {{
			read_header 15s
			idle 60s
		}}
	}}
}}

({NAME}) {{
	lb_policy least_conn
	# A connection that is refused is tried elsewhere for every method; what was sent, for these alone.
	lb_retries 3
	lb_retry_match {{
		method GET HEAD OPTIONS
	}}
	header_up X-Real-IP {{remote_host}}
	header_up -Forwarded
	header_up -X-Forwarded-Port
	header_up -X-Forwarded-Prefix
	transport http {{
		dial_timeout 1s
		response_header_timeout 60s
		keepalive {policy.keepalive_s}s
		keepalive_idle_conns_per_host 32
	}}
}}

http://:{plan.listen.port} {{
	bind {plan.listen.host}

	# A request keeps the name it comes with, if that is one; otherwise it gets one. Its answer has it too.
	@unnamed not header_regexp X-Request-ID ^[A-Za-z0-9._-]{{8,64}}$
	request_header @unnamed X-Request-ID {{http.request.uuid}}
	header >X-Request-ID {{http.request.header.X-Request-ID}}

	# A line of JSON a request. Of an address only the path: what stands behind the question mark may be anybody's
	# secret, and so may headers.
	log {{
		output stdout
		format filter {{
			wrap json {{
				time_key time
				time_format rfc3339_nano
				message_key event
			}}
			fields {{
				request>uri regexp [?].* ""
				request>headers delete
				request>remote_ip delete
				request>remote_port delete
				request>client_ip delete
				request>tls delete
				resp_headers delete
				user_id delete
			}}
		}}
	}}
	log_append balancer caddy
	log_append request_id {{http.request.header.X-Request-ID}}
	@health path /health /health/*
	log_skip @health

	@metrics path /metrics /metrics/*
	respond @metrics 404

	request_body {{
		max_size {plan.body_bytes}
	}}

	# A secret beside what a stranger may choose must not be compressed (BREACH).
	@public not path /api/* /desk /desk/*
	encode @public zstd gzip

	# Streams of events are passed on as they come (by their type), however long they last.
	reverse_proxy {upstreams} {{
		import {NAME}
		health_uri {policy.path}
		health_interval {policy.interval_s}s
		health_timeout {policy.timeout_s}s
		health_passes {policy.healthy}
		health_fails {policy.unhealthy}
		health_status 200
		max_fails {policy.unhealthy}
		fail_duration {policy.interval_s}s
	}}

	# Every instance counts as unwell: for what may be sent twice, trying beats refusing.
	handle_errors 502 503 {{
		header >X-Request-ID {{http.request.header.X-Request-ID}}
		@safe method GET HEAD OPTIONS
		reverse_proxy @safe {upstreams} {{
			import {NAME}
		}}
	}}
}}
"""
