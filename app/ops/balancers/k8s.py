"""The policy as Kubernetes objects: plain YAML that `kubectl apply -f` and kustomize take as it is."""

import math

from app.kit.errors import Invalid
from app.ops.balancers.plan import Plan
from app.ops.balancers.speech import words

_PRE_STOP_S = 5

# Anchors do not reach from one YAML document into the next.
_ENVIRONMENT = """\
          envFrom:
            - configMapRef: {name: ai-seo-blogger-config}
            - secretRef: {name: ai-seo-blogger-secret}
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: {name: db-secret, key: url}
"""
_LOCKED = """\
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            runAsUser: 10001
            capabilities: {drop: [ALL]}
            seccompProfile: {type: RuntimeDefault}
          resources:
            requests: {cpu: 250m, memory: 512Mi}
            limits: {memory: 1Gi}
          volumeMounts:
            - {name: scratch, mountPath: /tmp}
      volumes:
        - name: scratch
          emptyDir: {}
"""


def k8s(plan: Plan, *, replicas: int = 3) -> str:
    """Configuration, migration Job, Deployment, Service, disruption budget and Ingress.

    Instances are found by label; those of the plan are not used.

    Raises:
        Invalid: there would be no replica.
    """
    if replicas < 1:
        raise Invalid(words("A fleet has at least one instance."))
    policy = plan.policy
    starts = max(1, math.ceil(policy.grace_s / policy.timeout_s))
    quick = max(1, policy.interval_s // 2)
    host = f'host: "{plan.host}"\n      ' if plan.host else ""
    return f"""\
# AI SEO Blogger on Kubernetes (1.30 or newer). Written by: ai-seo-blogger scale lb k8s
#
# Before the first time:
#   kubectl create secret generic db-secret --from-literal=url='postgresql://…'
#   kubectl create secret generic ai-seo-blogger-secret --from-literal=SECRET_KEY="$(openssl rand -base64 32)" \\
#     --from-literal=AWS_ACCESS_KEY_ID=… --from-literal=AWS_SECRET_ACCESS_KEY=…
# Each release: kubectl delete job ai-seo-blogger-migrate --ignore-not-found; kubectl apply -f this-file
#
# Pods are taken out by their readiness (/health/readiness: writes too). A Service does not fail open: while the
# database is away no pod is ready. To go on serving readers from the page cache then, let the readiness probe
# ask {policy.path} instead.
apiVersion: v1
kind: ConfigMap
metadata:
  name: ai-seo-blogger-config
  labels: {{app: ai-seo-blogger}}
data:
  REDIS_URL: "redis://redis-service:6379/0"
  SESSION_STORAGE: "redis"
  BLOB_URL: "s3://uploads"
  MIGRATE_ON_START: "false"
  DATA_DIR: "/tmp/data"
  # PUBLIC_URL: what readers type, https://blog.example.org. Unset, their requests are refused: its host is none of ours.
  # The address of a pod, by which the proof and Prometheus ask, is always taken.
  PUBLIC_URL: "{plan.public_url}"
  # TRUSTED_PROXIES: the addresses of the Ingress controller's pods; unset, readers all seem to be the controller.
  TRUSTED_PROXIES: ""
---
apiVersion: batch/v1
kind: Job
metadata:
  name: ai-seo-blogger-migrate
  labels: {{app: ai-seo-blogger-migrate}}
spec:
  backoffLimit: 6
  template:
    metadata:
      labels: {{app: ai-seo-blogger-migrate}}
    spec:
      restartPolicy: OnFailure
      automountServiceAccountToken: false
      enableServiceLinks: false
      containers:
        - name: migrate
          image: ai-seo-blogger:latest
          command: ["ai-seo-blogger", "db", "upgrade"]
{_ENVIRONMENT}{_LOCKED}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ai-seo-blogger
  labels: {{app: ai-seo-blogger}}
spec:
  replicas: {replicas}
  strategy:
    type: RollingUpdate
    rollingUpdate: {{maxUnavailable: 0, maxSurge: 1}}
  selector:
    matchLabels: {{app: ai-seo-blogger}}
  template:
    metadata:
      labels: {{app: ai-seo-blogger}}
    spec:
      # preStop and the drain's deadline ({plan.drain.deadline_s:g} s), and a little.
      terminationGracePeriodSeconds: {plan.stop_s + _PRE_STOP_S}
      automountServiceAccountToken: false
      enableServiceLinks: false
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{app: ai-seo-blogger}}
      containers:
        - name: ai-seo-blogger
          image: ai-seo-blogger:latest
          # Where it listens is where the fleet finds it (IPv6 too).
          command: ["ai-seo-blogger", "serve", "--host", "$(POD_IP)", "--port", "8000"]
          ports:
            - {{name: http, containerPort: 8000}}
{_ENVIRONMENT}            - name: POD_IP
              valueFrom:
                fieldRef: {{fieldPath: status.podIP}}
          startupProbe:  # {policy.grace_s} s to start in
            httpGet: {{path: /health/liveness, port: http}}
            periodSeconds: {policy.timeout_s}
            timeoutSeconds: {policy.timeout_s}
            failureThreshold: {starts}
          livenessProbe:
            httpGet: {{path: /health/liveness, port: http}}
            initialDelaySeconds: 30
            periodSeconds: {policy.interval_s}
            timeoutSeconds: {policy.timeout_s}
            failureThreshold: {policy.unhealthy}
          readinessProbe:
            httpGet: {{path: /health/readiness, port: http}}
            initialDelaySeconds: 10
            periodSeconds: {quick}
            timeoutSeconds: {min(policy.timeout_s, quick)}
            successThreshold: {policy.healthy}
            failureThreshold: {policy.unhealthy}
          lifecycle:
            preStop:  # endpoints are taken away while it still answers as ever
              sleep: {{seconds: {_PRE_STOP_S}}}
{_LOCKED}---
apiVersion: v1
kind: Service
metadata:
  name: ai-seo-blogger-service
  labels: {{app: ai-seo-blogger}}
spec:
  # Not a LoadBalancer: what is below denies /metrics, and a bare one would not.
  type: ClusterIP
  selector: {{app: ai-seo-blogger}}
  ports:
    - {{name: http, port: 80, targetPort: http}}
---
# Selects nothing: where paths go that nobody outside may ask for.
apiVersion: v1
kind: Service
metadata:
  name: ai-seo-blogger-nowhere
spec:
  type: ClusterIP
  ports:
    - {{name: http, port: 80, targetPort: 9}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: ai-seo-blogger
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{app: ai-seo-blogger}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ai-seo-blogger
  annotations:  # of F5's NGINX Ingress Controller; others name the same things differently
    nginx.org/lb-method: "least_conn"
    nginx.org/keepalive: "32"
    nginx.org/max-fails: "{policy.unhealthy}"
    nginx.org/fail-timeout: "{policy.interval_s}s"
    nginx.org/proxy-connect-timeout: "1s"
    # Streams say when they must not be buffered (X-Accel-Buffering: no).
    nginx.org/proxy-read-timeout: "{policy.stream_s}s"
    nginx.org/proxy-send-timeout: "{policy.stream_s}s"
    nginx.org/client-max-body-size: "{plan.body_bytes}"
spec:
  ingressClassName: nginx
  rules:
    - {host}http:
        paths:
          - path: /metrics
            pathType: Prefix
            backend:
              service: {{name: ai-seo-blogger-nowhere, port: {{number: 80}}}}
          - path: /
            pathType: Prefix
            backend:
              service: {{name: ai-seo-blogger-service, port: {{number: 80}}}}
"""
