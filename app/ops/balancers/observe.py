"""What watches the Compose fleet: Prometheus and Grafana, and lines kept where a collector finds them."""

from app.ops.balancers.plan import Plan

_EVERY_S = 15
_SHARED = ("nginx", "db", "redis", "s3")
"""Services of `compose` besides the instances."""


def observe(plan: Plan, *, replicas: int = 3) -> str:
    """A file to read after `compose`'s of as many replicas, from its folder: `deploy/`."""
    names = [f"app{number}" for number in range(1, replicas + 1)]
    targets = ", ".join(f'"{name}:8000"' for name in names)
    kept = "".join(f"  {name}: {{logging: *logging}}\n" for name in (*names, *_SHARED))
    return f"""\
# Metrics and logs of the fleet of compose.yaml. Written by: make deploy
#
# Two more secrets in .env: a password for Grafana's `admin`, and a key by which Prometheus may ask the instances.
#   echo "GRAFANA_PASSWORD=$(openssl rand -hex 32)" >> .env
#   printf OPS_KEY= >> .env
#   docker compose exec -T app1 ai-seo-blogger keys create LOGIN --name prometheus --scope ops >> .env
# Then: docker compose -f compose.yaml -f compose.observe.yaml up -d --wait
# Grafana is at 127.0.0.1:3000 with its dashboard, Prometheus at 127.0.0.1:9090; neither is reached from elsewhere.
#
# A collector of logs is started when it is asked for: --profile logs. It reads the files of every container of this
# machine, as root: only where that is all yours.

# Files that a collector can read, named by their container; 50 MB a service at most, as before.
x-logging: &logging
  driver: json-file
  options: {{max-size: 10m, max-file: "5", tag: "{{{{.Name}}}}"}}

services:
{kept}
  prometheus:
    image: prom/prometheus:v3.13.3
    restart: unless-stopped
    logging: *logging
    ports: ["127.0.0.1:9090:9090"]
    depends_on:
{chr(10).join(f"      {name}: {{condition: service_healthy}}" for name in names)}
    networks: [fleet, observe]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    configs:
      # No secret of Compose: those are files of this machine, which the image's `nobody` could not read if private.
      - {{source: ops_key, target: /etc/prometheus/ops-key}}
      - {{source: prometheus, target: /etc/prometheus/prometheus.yml}}
      - {{source: alerts, target: /etc/prometheus/alerts.yml}}
    volumes: ["prometheus_data:/prometheus"]
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/-/ready"]
      interval: 2s
      timeout: {plan.policy.timeout_s}s
      retries: 30

  grafana:
    image: grafana/grafana:12.4.0
    restart: unless-stopped
    logging: *logging
    ports: ["127.0.0.1:3000:3000"]
    depends_on:
      prometheus: {{condition: service_healthy}}
    networks: [observe]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    configs:
      - {{source: grafana_source, target: /etc/grafana/provisioning/datasources/prometheus.yaml}}
      - {{source: grafana_boards, target: /etc/grafana/provisioning/dashboards/ai-seo-blogger.yaml}}
      - {{source: dashboard, target: /etc/grafana/dashboards/ai-seo-blogger.json}}
    volumes: ["grafana_data:/var/lib/grafana"]
    environment:
      GF_SECURITY_ADMIN_PASSWORD: "${{GRAFANA_PASSWORD:?set it in .env}}"
      GF_USERS_ALLOW_SIGN_UP: "false"
      GF_ANALYTICS_REPORTING_ENABLED: "false"
      GF_ANALYTICS_CHECK_FOR_UPDATES: "false"
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false"
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: /etc/grafana/dashboards/ai-seo-blogger.json
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3000/api/health"]
      interval: 2s
      timeout: {plan.policy.timeout_s}s
      retries: 60

  logs:
    profiles: [logs]
    image: fluent/fluent-bit:4.2.3
    restart: unless-stopped
    logging: *logging
    command: ["/fluent-bit/bin/fluent-bit", "-c", "/fluent-bit/etc/fluent-bit.yaml"]
    networks: [observe]
    cap_drop: [ALL]
    cap_add: [DAC_READ_SEARCH]  # the engine's files are root's alone
    security_opt: ["no-new-privileges:true"]
    volumes:
      - ./logs/fluent-bit.yaml:/fluent-bit/etc/fluent-bit.yaml:ro
      - /var/lib/docker/containers:/var/lib/docker/containers:ro
      - collected_logs:/var/log/ai-seo-blogger

networks:
  observe:

volumes:
  prometheus_data:
  grafana_data:
  collected_logs:

configs:
  ops_key:
    content: "${{OPS_KEY:?make one as the head of compose.observe.yaml says}}"
  alerts:
    file: ./prometheus/alerts.yml
  dashboard:
    file: ./grafana/dashboard.json
  prometheus:
    content: |
      global:
        scrape_interval: {_EVERY_S}s
        evaluation_interval: {_EVERY_S}s
      rule_files:
        - alerts.yml
      scrape_configs:
        - job_name: ai-seo-blogger
          authorization:
            credentials_file: ops-key
          static_configs:
            - targets: [{targets}]
  grafana_source:
    content: |
      apiVersion: 1
      datasources:
        - name: Prometheus
          uid: prometheus
          type: prometheus
          access: proxy
          url: http://prometheus:9090
          isDefault: true
  grafana_boards:
    content: |
      apiVersion: 1
      providers:
        - name: ai-seo-blogger
          type: file
          options: {{path: /etc/grafana/dashboards}}
"""
