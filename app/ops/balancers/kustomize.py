"""The policy as a folder that `kubectl apply -k` takes: a base, and overlays for what differs from place to place."""

from app.ops.balancers.k8s import k8s
from app.ops.balancers.plan import Plan

_MOST_REPLICAS = 10


def kustomize(plan: Plan, *, replicas: int = 3) -> dict[str, str]:
    """Every file by its path in the folder.

    Raises:
        Invalid: there would be no replica.
    """
    return {
        "base/kustomization.yaml": _BASE,
        "base/fleet.yaml": k8s(plan, replicas=replicas),
        "base/network.yaml": _NETWORK,
        "overlays/staging/kustomization.yaml": _STAGING,
        "overlays/production/kustomization.yaml": _PRODUCTION,
        "overlays/production/scaling.yaml": _scaling(plan, replicas),
    }


_WRITTEN = "# Written by: make deploy\n"

_BASE = (
    _WRITTEN
    + """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - fleet.yaml
  - network.yaml
"""
)

_STAGING = (
    _WRITTEN
    + """\
# Two instances, the fewest that show what a fleet does.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ai-seo-blogger-staging
resources:
  - ../../base
images:
  - {name: ai-seo-blogger, newTag: latest}
replicas:
  - {name: ai-seo-blogger, count: 2}
"""
)

_PRODUCTION = (
    _WRITTEN
    + """\
# Name your registry and release: kustomize edit set image ai-seo-blogger=registry.example/ai-seo-blogger:1.2.3
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ai-seo-blogger
resources:
  - ../../base
  - scaling.yaml
images:
  - {name: ai-seo-blogger, newTag: latest}
patches:
  # How many there are, the autoscaler says; a number here would undo that at each release.
  - target: {kind: Deployment, name: ai-seo-blogger}
    patch: |-
      - {op: remove, path: /spec/replicas}
  # Two on one node fall together: better one too few than that.
  - target: {kind: Deployment, name: ai-seo-blogger}
    patch: |-
      - op: add
        path: /spec/template/spec/topologySpreadConstraints/-
        value:
          maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {app: ai-seo-blogger}
"""
)

_NETWORK = (
    _WRITTEN
    + """\
# Who may reach the instances: the Ingress controller and themselves (an instance asks others for the proof). A kubelet's
# probes come from the node and pass. Label the controller's namespace if it is another:
#   kubectl label namespace NAME ai-seo-blogger/readers=yes
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ai-seo-blogger-readers
spec:
  podSelector:
    matchLabels: {app: ai-seo-blogger}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels: {kubernetes.io/metadata.name: nginx-ingress}
        - namespaceSelector:
            matchLabels: {ai-seo-blogger/readers: "yes"}
        - podSelector:
            matchLabels: {app: ai-seo-blogger}
      ports:
        - {port: http, protocol: TCP}
---
# Nobody reaches the migration.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ai-seo-blogger-migrate
spec:
  podSelector:
    matchLabels: {app: ai-seo-blogger-migrate}
  policyTypes: [Ingress]
---
# Where they may go: names, the database, Redis, each other, and pages of the web, object stores and models by HTTP(S).
# Not the cloud's metadata service, which a fetched address must never reach; EKS Pod Identity needs 169.254.170.23/32.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ai-seo-blogger-outward
spec:
  podSelector:
    matchExpressions:
      - {key: app, operator: In, values: [ai-seo-blogger, ai-seo-blogger-migrate]}
  policyTypes: [Egress]
  egress:
    - ports:
        - {port: 53, protocol: UDP}
        - {port: 53, protocol: TCP}
    - to:
        - podSelector:
            matchLabels: {app: ai-seo-blogger}
      ports:
        - {port: 8000, protocol: TCP}
    - to:
        - ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}
        - ipBlock: {cidr: "::/0", except: ["fe80::/10", "fd00:ec2::/32"]}
      ports:
        - {port: 80, protocol: TCP}
        - {port: 443, protocol: TCP}
    # Many networks count pods to no block of addresses. An object store in the cluster needs its port here too.
    - to:
        - ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}
        - namespaceSelector: {}
      ports:
        - {port: 5432, protocol: TCP}
        - {port: 6379, protocol: TCP}
"""
)


def _scaling(plan: Plan, replicas: int) -> str:
    return f"""\
{_WRITTEN}# One that leaves takes up to {plan.stop_s} s to end its work: the fleet shrinks by one at a time, slower than that.
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: ai-seo-blogger
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: ai-seo-blogger}}
  minReplicas: {replicas}
  maxReplicas: {max(_MOST_REPLICAS, replicas)}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {{type: Utilization, averageUtilization: 70}}
  behavior:
    scaleUp:
      policies:
        - {{type: Pods, value: 2, periodSeconds: {max(1, plan.policy.grace_s)}}}
    scaleDown:
      stabilizationWindowSeconds: 300
      policies:
        - {{type: Pods, value: 1, periodSeconds: {min(1800, plan.stop_s * 2)}}}
"""
