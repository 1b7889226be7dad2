"""The policy as a whole fleet for Docker Compose (2.23 or newer): services, instances, nginx in front."""

from dataclasses import replace

from app.kit.errors import Invalid
from app.ops.balancers.nginx import nginx
from app.ops.balancers.plan import Address, Plan
from app.ops.balancers.speech import words

_MOST = 50
_NETWORK = "172.28.77"
_NGINX = (1, 31)


def compose(plan: Plan, *, replicas: int = 3, context: str = ".") -> str:
    """N instances, PostgreSQL, Valkey, an S3 store, and nginx published at the plan's `listen`.

    `context` is the way from the file to the top of the repository, where the image is built. Instances are the file's own (`app1`, `app2`, …); those of the plan are not used.

    Raises:
        Invalid: there would be no instance, or more than one machine should run.
    """
    if not 1 <= replicas <= _MOST:
        raise Invalid(words("A fleet on one machine has 1 to {most} instances.", most=_MOST))
    names = [f"app{number}" for number in range(1, replicas + 1)]
    inner = replace(
        plan,
        listen=Address("0.0.0.0", 80),  # noqa: S104  # the container's own; published on the plan's address alone
        instances=tuple(Address(name, 8000) for name in names),
    )
    # Compose fills in $names itself; two of them are one.
    site = "\n".join(
        f"      {line}".rstrip()
        for line in nginx(inner, version=_NGINX, log="/dev/stdout").replace("$", "$$").splitlines()
    )
    return f"""\
# AI SEO Blogger as a fleet on one machine. Written by: ai-seo-blogger scale lb compose
#
# Secrets come from the file .env beside this one:
#   POSTGRES_PASSWORD=…  VALKEY_PASSWORD=…  SECRET_KEY=…  S3_ACCESS_KEY=…  S3_SECRET_KEY=…
# (each for itself: openssl rand -hex 32). Then: docker compose up -d --wait
#
# Only nginx can be reached from outside, at {plan.listen}. Take an instance out with: docker compose stop app1
# (it drains; nginx hands its requests on).

name: ai-seo-blogger

# Lines are kept by the engine, 50 MB a service at most; hand them to a collector with a driver of its own.
x-logging: &logging
  driver: local
  options: {{max-size: 10m, max-file: "5"}}

x-app: &app
  image: ai-seo-blogger:latest
  build: {{context: {context}, dockerfile: deploy/Dockerfile}}
  # All addresses of the container: its network is the fleet's own, and no port of it is published.
  command: ["ai-seo-blogger", "serve", "--host", "0.0.0.0", "--port", "8000"]
  restart: unless-stopped
  logging: *logging
  stop_grace_period: {plan.stop_s}s
  depends_on:
    db: {{condition: service_healthy}}
    redis: {{condition: service_healthy}}
    s3: {{condition: service_healthy}}
  networks: [fleet]
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  healthcheck:
    test: ["CMD", "python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/readiness')"]
    interval: {plan.policy.interval_s}s
    timeout: {plan.policy.timeout_s}s
    retries: {plan.policy.unhealthy}
    start_period: {plan.policy.grace_s}s

x-environment: &environment
  DATABASE_URL: "postgresql://blogger:${{POSTGRES_PASSWORD:?set it in .env}}@db:5432/ai_seo_blogger"
  REDIS_URL: "redis://:${{VALKEY_PASSWORD:?set it in .env}}@redis:6379/0"
  SESSION_STORAGE: "redis"
  BLOB_URL: "s3://uploads?endpoint=http://s3:8333&region=us-east-1"
  AWS_ACCESS_KEY_ID: "${{S3_ACCESS_KEY:?set it in .env}}"
  AWS_SECRET_ACCESS_KEY: "${{S3_SECRET_KEY:?set it in .env}}"
  SECRET_KEY: "${{SECRET_KEY:?set it in .env}}"
  PUBLIC_URL: "${{PUBLIC_URL:-http://{plan.listen}}}"
  TRUSTED_PROXIES: "{_NETWORK}.2"
  DATA_DIR: "/tmp/data"

services:
{"".join(_instance(name) for name in names)}
  nginx:
    image: nginx:{".".join(str(part) for part in _NGINX)}
    restart: unless-stopped
    logging: *logging
    ports: ["{plan.listen}:80"]
    depends_on:
{chr(10).join(f"      {name}: {{condition: service_healthy}}" for name in names)}
    networks:
      fleet: {{ipv4_address: {_NETWORK}.2}}
    configs:
      - {{source: nginx, target: /etc/nginx/conf.d/default.conf}}
    healthcheck:
      test: ["CMD", "curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:80/health"]
      interval: 2s
      timeout: {plan.policy.timeout_s}s
      retries: 30

  db:
    image: postgres:18
    restart: unless-stopped
    logging: *logging
    environment:
      POSTGRES_DB: ai_seo_blogger
      POSTGRES_USER: blogger
      POSTGRES_PASSWORD: "${{POSTGRES_PASSWORD:?set it in .env}}"
      POSTGRES_INITDB_ARGS: "--locale-provider=builtin --locale=C.UTF-8"
    volumes: ["postgres_data:/var/lib/postgresql"]
    networks: [fleet]
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U blogger -d ai_seo_blogger"]
      interval: 2s
      retries: 30

  redis:
    image: valkey/valkey:9.1
    restart: unless-stopped
    logging: *logging
    environment:
      VALKEY_PASSWORD: "${{VALKEY_PASSWORD:?set it in .env}}"
    command: ["sh", "-c", "exec valkey-server --appendonly yes --requirepass \\"$$VALKEY_PASSWORD\\""]
    volumes: ["redis_data:/data"]
    networks: [fleet]
    healthcheck:
      # By the name that older releases of the program know, and by its own.
      test: ["CMD-SHELL", "export REDISCLI_AUTH=\\"$$VALKEY_PASSWORD\\" VALKEYCLI_AUTH=\\"$$VALKEY_PASSWORD\\"; valkey-cli ping | grep -q PONG"]
      interval: 2s
      retries: 30

  s3:
    image: chrislusf/seaweedfs:4.48
    restart: unless-stopped
    logging: *logging
    environment:
      AWS_ACCESS_KEY_ID: "${{S3_ACCESS_KEY:?set it in .env}}"
      AWS_SECRET_ACCESS_KEY: "${{S3_SECRET_KEY:?set it in .env}}"
    command: ["mini", "-dir=/data", "-bucket=uploads", "-webdav=false", "-admin.ui=false", "-master.telemetry=false"]
    volumes: ["s3_data:/data"]
    networks: [fleet]
    # It listens long before it has somewhere to put a file: once in its life it has to take one, and let it go. The key
    # goes by standard input, since everybody on the machine may read a command line.
    healthcheck:
      test:
        - CMD-SHELL
        - |
          curl -fsS -o /dev/null http://127.0.0.1:8333/healthz || exit 1
          test -e /dev/shm/took-a-file && exit 0
          ask() {{
            printf 'user = "%s:%s"\\n' "$$AWS_ACCESS_KEY_ID" "$$AWS_SECRET_ACCESS_KEY" |
              curl -fsS -K - -o /dev/null --aws-sigv4 aws:amz:us-east-1:s3 "$$@" http://127.0.0.1:8333/uploads/.ready
          }}
          ask -T /etc/hostname && ask -X DELETE && touch /dev/shm/took-a-file
      interval: 2s
      timeout: 20s
      retries: 30

networks:
  fleet:
    ipam:
      config:
        - {{subnet: {_NETWORK}.0/24, ip_range: {_NETWORK}.128/25}}

volumes:
  postgres_data:
  redis_data:
  s3_data:

configs:
  nginx:
    content: |
{site}
"""


def _instance(name: str) -> str:
    return f"""\
  {name}:
    <<: *app
    hostname: {name}
    environment:
      <<: *environment
      APP_FLEET__ADDRESS: "{name}:8000"

"""
