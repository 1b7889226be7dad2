"""What a Prometheus Operator reads, apart from the rest: a cluster without its kinds would refuse all of it."""

from textwrap import indent

_WRITTEN = "# Written by: make deploy\n"


def monitors(alerts: str) -> dict[str, str]:
    """A kustomize component and an overlay with it, every file by its path in the folder.

    `alerts` is a file of rules as Prometheus reads it (`groups:`).
    """
    _, groups = alerts.split("groups:\n", 1)
    return {
        "components/monitoring/kustomization.yaml": _COMPONENT,
        "components/monitoring/monitor.yaml": _MONITOR,
        "components/monitoring/alerts.yaml": _ALERTS + indent(groups, "  "),
        "components/monitoring/network.yaml": _NETWORK,
        "overlays/observed/kustomization.yaml": _OBSERVED,
    }


_COMPONENT = (
    _WRITTEN
    + """\
# For clusters with the Prometheus Operator (its kinds are monitoring.coreos.com/v1). Grafana's dashboard is
# deploy/grafana/dashboard.json.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources:
  - monitor.yaml
  - alerts.yaml
  - network.yaml
"""
)

_OBSERVED = (
    _WRITTEN
    + """\
# Production, scraped by a Prometheus Operator.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ai-seo-blogger
resources:
  - ../production
components:
  - ../../components/monitoring
"""
)

_MONITOR = (
    _WRITTEN
    + """\
# Every pod is asked itself, by its address and with a key that may operate the fleet:
#   kubectl exec deploy/ai-seo-blogger -- ai-seo-blogger keys create LOGIN --name prometheus --scope ops
#   kubectl create secret generic ai-seo-blogger-metrics --from-literal=ops-key=THE-KEY
# If your Prometheus takes only monitors with a label (kube-prometheus-stack: release), add it here and to alerts.yaml.
#
# While the database is away no key can be looked up, so scrapes fail and AiSeoBloggerInstanceDown tells of it.
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: ai-seo-blogger
  labels: {app: ai-seo-blogger}
spec:
  jobLabel: app  # the job is called ai-seo-blogger then, as the alerts have it
  selector:
    matchLabels: {app: ai-seo-blogger}
  endpoints:
    - port: http  # instances have no other port that the network reaches
      path: /metrics
      interval: 15s
      authorization:
        credentials: {name: ai-seo-blogger-metrics, key: ops-key}
"""
)

_ALERTS = (
    _WRITTEN
    + """\
# The alerts of deploy/prometheus/alerts.yml.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: ai-seo-blogger
  labels: {app: ai-seo-blogger}
spec:
  groups:
"""
)

_NETWORK = (
    _WRITTEN
    + """\
# Prometheus may reach the instances. Label its namespace if it is not called monitoring:
#   kubectl label namespace NAME ai-seo-blogger/metrics=yes
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ai-seo-blogger-metrics
spec:
  podSelector:
    matchLabels: {app: ai-seo-blogger}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels: {kubernetes.io/metadata.name: monitoring}
        - namespaceSelector:
            matchLabels: {ai-seo-blogger/metrics: "yes"}
      ports:
        - {port: http, protocol: TCP}
"""
)
