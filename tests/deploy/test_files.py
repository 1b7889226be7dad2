"""The files of `deploy/` are what the program writes, and the tools that will read them take them."""

import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import hcl2
import kubernetes_validate
import pytest
import yaml
from kubernetes_validate.utils import all_versions
from lark.exceptions import UnexpectedInput

from app.cluster.proxies import CaddyServer, HaproxyServer, NginxServer
from app.config import Settings
from app.ops.balancers.plan import make_plan

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TOP = DEPLOY.parent
BIN = Path(sys.executable).parent
OPERATORS = "monitoring.coreos.com/v1"
"""Kinds that the Prometheus Operator brings: tests/deploy/test_observed.py."""
SECRETS = "POSTGRES_PASSWORD VALKEY_PASSWORD SECRET_KEY S3_ACCESS_KEY S3_SECRET_KEY".split()


def ran(*command: object, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in command], check=False, capture_output=True, text=True, **more
    )


def k8s_objects() -> list[dict[str, Any]]:
    """Every object that Kubernetes itself knows, but not kustomize's own files."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in sorted((DEPLOY / "k8s").rglob("*.yaml"))
        if path.name != "kustomization.yaml"
    ]
    found = [each for text in texts for each in yaml.safe_load_all(text)]
    return [each for each in found if each["apiVersion"] != OPERATORS]


def test_the_files_are_what_the_program_writes_whatever_the_environment_says() -> None:
    found = ran(
        sys.executable,
        TOP / "tools" / "deploy.py",
        "--check",
        cwd=TOP,
        env={"PATH": "/usr/bin:/bin", "APP_BALANCER__INTERVAL_S": "99", "PYTHONPATH": str(TOP)},
    )

    assert found.returncode == 0, found.stdout + found.stderr


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    found = ran(BIN / "hadolint", DEPLOY / "Dockerfile")

    assert (found.returncode, found.stdout) == (0, "")


def test_the_image_is_built_from_what_the_ignore_file_lets_in() -> None:
    let_in = {
        line[1:]
        for line in (TOP / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = [
        name
        for line in (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    ]

    assert set(copied) == let_in
    assert all((TOP / name).exists() for name in copied)


def test_compose_takes_its_file_and_refuses_it_without_secrets(tmp_path: Path) -> None:
    compose = [BIN / "docker-compose", "-f", DEPLOY / "compose.yaml"]
    secrets = tmp_path / "secrets"
    secrets.write_text("".join(f"{name}=x\n" for name in SECRETS), encoding="utf-8")
    empty = tmp_path / "empty"
    empty.touch()

    taken = ran(*compose, "--env-file", secrets, "config", env={"PATH": "/usr/bin:/bin"})
    refused = ran(*compose, "--env-file", empty, "config", "-q", env={"PATH": "/usr/bin:/bin"})

    assert (taken.returncode, taken.stderr) == (0, "")
    read = yaml.safe_load(taken.stdout)["services"]
    assert {"app1", "app2", "db", "redis", "s3", "nginx"} == set(read)
    assert read["app1"]["build"]["context"] == str(TOP)
    assert (TOP / read["app1"]["build"]["dockerfile"]).is_file()
    assert all(each["healthcheck"] and each["logging"]["driver"] for each in read.values())
    for name in ("app1", "app2"):
        waits = {key: value["condition"] for key, value in read[name]["depends_on"].items()}
        assert waits == dict.fromkeys(("db", "redis", "s3"), "service_healthy")
        assert read[name]["read_only"]
        assert read[name]["cap_drop"] == ["ALL"]
    assert refused.returncode != 0
    assert all(name in refused.stderr for name in SECRETS)


@pytest.mark.parametrize(
    # The files say 1.30 or newer: a pause before the end (preStop's sleep) is not in older ones.
    "version",
    [f"1.{minor}" for minor in range(30, max(int(v.split(".")[1]) for v in all_versions()) + 1)],
)
def test_every_object_fits_the_schema_of_kubernetes(version: str) -> None:
    for each in k8s_objects():
        # An apiVersion that nobody knows raises here; the command line would only warn.
        assert kubernetes_validate.validate(each, version, strict=True) == version


def test_a_misspelt_field_is_found() -> None:
    wrong = next(each for each in k8s_objects() if each["kind"] == "HorizontalPodAutoscaler")
    wrong["spec"]["maxReplica"] = wrong["spec"].pop("maxReplicas")

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.37", strict=True)


def test_policies_and_scaling_select_what_the_base_makes() -> None:
    found = {
        (each["kind"], each["metadata"]["name"]): each["spec"]
        for each in k8s_objects()
        if "spec" in each
    }

    deployment = found["Deployment", "ai-seo-blogger"]
    labels = deployment["template"]["metadata"]["labels"]
    job = found["Job", "ai-seo-blogger-migrate"]["template"]["metadata"]["labels"]
    readers = found["NetworkPolicy", "ai-seo-blogger-readers"]
    assert readers["podSelector"]["matchLabels"] == labels
    (rule,) = readers["ingress"]
    ports = {port["name"] for port in deployment["template"]["spec"]["containers"][0]["ports"]}
    assert {port["port"] for port in rule["ports"]} == ports
    assert found["NetworkPolicy", "ai-seo-blogger-migrate"]["podSelector"]["matchLabels"] == job
    (expression,) = found["NetworkPolicy", "ai-seo-blogger-outward"]["podSelector"][
        "matchExpressions"
    ]
    assert set(expression["values"]) == {labels["app"], job["app"]}
    scaling = found["HorizontalPodAutoscaler", "ai-seo-blogger"]
    assert scaling["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "ai-seo-blogger",
    }
    assert scaling["minReplicas"] == deployment["replicas"]
    shrinks = scaling["behavior"]["scaleDown"]["policies"][0]["periodSeconds"]
    assert shrinks > deployment["template"]["spec"]["terminationGracePeriodSeconds"]
    # What answers are measured against must be asked for, or the autoscaler knows no share of it.
    assert deployment["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"]


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_pods_are_as_restricted_as_kubernetes_has_a_word_for(kind: str) -> None:
    (found,) = [each for each in k8s_objects() if each["kind"] == kind]

    pod = found["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    locked = container["securityContext"]
    assert pod["enableServiceLinks"] is False
    assert pod["automountServiceAccountToken"] is False
    assert locked["allowPrivilegeEscalation"] is False
    assert locked["capabilities"] == {"drop": ["ALL"]}
    assert locked["seccompProfile"] == {"type": "RuntimeDefault"}
    assert f"USER {locked['runAsUser']}:" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


@lru_cache
def _kustomize() -> str:
    """A kubectl whose kustomize is new enough; a checkout needs none otherwise."""
    kubectl = shutil.which("kubectl")
    if not kubectl or "Kustomize Version: v5" not in ran(kubectl, "version", "--client").stdout:
        pytest.skip("kubectl 1.27 or newer is not on this machine")
    return kubectl


@pytest.mark.parametrize(
    ("overlay", "namespace", "replicas"),
    [
        ("base", None, 3),
        ("overlays/staging", "ai-seo-blogger-staging", 2),
        ("overlays/production", "ai-seo-blogger", None),
        ("overlays/observed", "ai-seo-blogger", None),
    ],
)
def test_kustomize_renders_every_folder(
    overlay: str, namespace: str | None, replicas: int | None
) -> None:
    found = ran(_kustomize(), "kustomize", DEPLOY / "k8s" / overlay)

    assert (found.returncode, found.stderr) == (0, "")
    made = list(yaml.safe_load_all(found.stdout))
    for each in made:
        if each["apiVersion"] != OPERATORS:
            assert kubernetes_validate.validate(each, "1.37", strict=True)
        assert each["metadata"].get("namespace") == namespace
    operators = {each["kind"] for each in made if each["apiVersion"] == OPERATORS}
    # A cluster that does not know a kind refuses the whole file it stands in.
    assert operators == ({"PrometheusRule", "ServiceMonitor"} if "observed" in overlay else set())
    (deployment,) = [each["spec"] for each in made if each["kind"] == "Deployment"]
    assert deployment.get("replicas") == replicas
    scaled = any(each["kind"] == "HorizontalPodAutoscaler" for each in made)
    assert scaled == (replicas is None), "either a number or the autoscaler says how many"


def test_every_kustomization_names_files_that_are_there() -> None:
    for path in (DEPLOY / "k8s").rglob("kustomization.yaml"):
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        named = [*read["resources"], *read.get("components", ())]
        assert all((path.parent / each).exists() for each in named)
        there = {each.name for each in path.parent.glob("*.yaml")} - {path.name}
        assert there <= set(read["resources"])


def test_terraform_is_read_by_its_grammar_and_has_the_guides_numbers() -> None:
    text = (DEPLOY / "aws" / "main.tf").read_text(encoding="utf-8")

    read = hcl2.loads(text)

    (group,) = [each for each in read["resource"] if '"aws_lb_target_group"' in each]
    (check,) = group['"aws_lb_target_group"']['"ai_seo_blogger"']["health_check"]
    assert (check["interval"], check["timeout"], check["path"]) == (10, 5, '"/health"')
    assert (check["healthy_threshold"], check["unhealthy_threshold"]) == (2, 3)
    with pytest.raises(UnexpectedInput):
        hcl2.loads(text.replace("}", "", 1))
    if terraform := shutil.which("terraform"):
        formatted = ran(terraform, "fmt", "-check", "-diff", DEPLOY / "aws")
        assert formatted.returncode == 0, formatted.stdout


def test_balancers_take_their_files(tmp_path: Path) -> None:
    site = (DEPLOY / "nginx" / "ai-seo-blogger.conf").read_text(encoding="utf-8")
    site = site.replace("/var/cache/nginx/ai-seo-blogger", str(tmp_path / "cache"))
    site = site.replace("/var/log/nginx/", f"{tmp_path}/")
    (tmp_path / "site.conf").write_text(site, encoding="utf-8")
    whole = (
        f"pid {tmp_path}/pid; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    )
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")

    nginx = ran(
        NginxServer.find(), "-t", "-e", "stderr", "-p", tmp_path, "-c", tmp_path / "nginx.conf"
    )
    haproxy = ran(HaproxyServer.find(), "-c", "-f", DEPLOY / "haproxy" / "haproxy.cfg")
    caddy = ran(
        CaddyServer.find(),
        "validate",
        "--config",
        DEPLOY / "caddy" / "Caddyfile",
        "--adapter",
        "caddyfile",
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )

    assert nginx.returncode == 0, nginx.stderr
    assert haproxy.returncode == 0, haproxy.stderr
    assert caddy.returncode == 0, caddy.stderr


def test_the_guides_three_instances_are_named() -> None:
    plan = make_plan(Settings(), ["127.0.0.1:8000", "127.0.0.1:8001", "127.0.0.1:8002"])

    for path in ("nginx/ai-seo-blogger.conf", "haproxy/haproxy.cfg", "caddy/Caddyfile"):
        text = (DEPLOY / path).read_text(encoding="utf-8")
        assert all(str(each) in text for each in plan.instances), path
