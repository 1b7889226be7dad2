"""What watches a fleet, in Compose and in Kubernetes, fits the fleet that it watches."""

import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import DEPLOY, promtool
from tests.deploy.test_files import OPERATORS, SECRETS, k8s_objects

MORE_SECRETS = ("GRAFANA_PASSWORD", "OPS_KEY")
MONITORING = DEPLOY / "k8s" / "components" / "monitoring"


def composed(folder: Path, *names: str) -> "subprocess.CompletedProcess[str]":
    """Both files as Compose reads them, with these secrets set."""
    secrets = folder / "secrets"
    secrets.write_text("".join(f"{name}=value-of-{name}\n" for name in names), encoding="utf-8")
    return subprocess.run(
        [
            Path(sys.executable).parent / "docker-compose",
            *("-f", DEPLOY / "compose.yaml", "-f", DEPLOY / "compose.observe.yaml"),
            *("--env-file", secrets, "--profile", "logs", "config"),
        ],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    )


@pytest.fixture
def compose(tmp_path: Path) -> dict[str, Any]:
    taken = composed(tmp_path, *SECRETS, *MORE_SECRETS)
    assert (taken.returncode, taken.stderr) == (0, "")
    return yaml.safe_load(taken.stdout)


def mounted(compose: dict[str, Any], service: str) -> dict[str, dict[str, Any]]:
    """The configurations of a service by where they are in its container."""
    return {
        each["target"]: compose["configs"][each["source"]]
        for each in compose["services"][service]["configs"]
    }


@pytest.mark.parametrize("missing", MORE_SECRETS)
def test_compose_refuses_to_watch_without_a_secret(missing: str, tmp_path: Path) -> None:
    there = [name for name in (*SECRETS, *MORE_SECRETS) if name != missing]

    refused = composed(tmp_path, *there)

    assert refused.returncode != 0
    assert missing in refused.stderr


def test_nothing_of_compose_is_reached_from_other_machines(compose: dict[str, Any]) -> None:
    ports = {
        name: [(port["host_ip"], port["published"]) for port in service["ports"]]
        for name, service in compose["services"].items()
        if "ports" in service
    }

    assert ports == {
        "nginx": [("127.0.0.1", "8080")],
        "prometheus": [("127.0.0.1", "9090")],
        "grafana": [("127.0.0.1", "3000")],
    }


def test_every_container_logs_to_files_of_bounded_size(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        logging = service["logging"]
        assert logging["driver"] == "json-file", name
        assert logging["options"] == {"max-size": "10m", "max-file": "5", "tag": "{{.Name}}"}, name


def test_prometheus_asks_every_instance_with_its_key_and_knows_the_alerts(
    compose: dict[str, Any], program: Callable[[str], str], tmp_path: Path
) -> None:
    files = mounted(compose, "prometheus")
    read = yaml.safe_load(files["/etc/prometheus/prometheus.yml"]["content"])
    apps = [service for name, service in compose["services"].items() if name.startswith("app")]

    (job,) = read["scrape_configs"]
    (targets,) = job["static_configs"]
    assert sorted(targets["targets"]) == sorted(
        app["environment"]["APP_FLEET__ADDRESS"] for app in apps
    )
    assert set(compose["services"]["prometheus"]["networks"]) >= set(apps[0]["networks"])
    assert files["/etc/prometheus/ops-key"]["content"] == "value-of-OPS_KEY"
    assert files["/etc/prometheus/alerts.yml"]["file"] == str(DEPLOY / "prometheus/alerts.yml")
    for target, file in files.items():
        text = file.get("content") or Path(file["file"]).read_text(encoding="utf-8")
        (tmp_path / Path(target).name).write_text(text, encoding="utf-8")
    checked = promtool(program("promtool"), "check", "config", str(tmp_path / "prometheus.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_grafana_finds_prometheus_and_shows_the_dashboard(compose: dict[str, Any]) -> None:
    files = mounted(compose, "grafana")
    service = compose["services"]["grafana"]
    (source,) = yaml.safe_load(
        files["/etc/grafana/provisioning/datasources/prometheus.yaml"]["content"]
    )["datasources"]
    (boards,) = yaml.safe_load(
        files["/etc/grafana/provisioning/dashboards/ai-seo-blogger.yaml"]["content"]
    )["providers"]

    board = next(target for target in files if target.startswith(boards["options"]["path"] + "/"))
    assert source["url"] == "http://prometheus:9090"
    assert set(service["networks"]) & set(compose["services"]["prometheus"]["networks"])
    assert files[board]["file"] == str(DEPLOY / "grafana/dashboard.json")
    assert service["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == board
    assert service["environment"]["GF_SECURITY_ADMIN_PASSWORD"] == "value-of-GRAFANA_PASSWORD"
    # It shows what Prometheus has, and has no business with the database.
    assert "fleet" not in service["networks"]


@lru_cache
def operators() -> dict[str, dict[str, Any]]:
    """The objects of the Prometheus Operator, by kind. No schema of theirs is at hand: tests read them."""
    texts = [path.read_text(encoding="utf-8") for path in MONITORING.glob("*.yaml")]
    found = [each for text in texts for each in yaml.safe_load_all(text)]
    return {each["kind"]: each for each in found if each["apiVersion"] == OPERATORS}


def test_the_monitor_selects_the_service_of_the_instances_and_a_port_of_it() -> None:
    spec = operators()["ServiceMonitor"]["spec"]
    services = {
        each["metadata"]["name"]: each for each in k8s_objects() if each["kind"] == "Service"
    }

    wanted = spec["selector"]["matchLabels"].items()
    (selected,) = [
        each for each in services.values() if wanted <= each["metadata"].get("labels", {}).items()
    ]
    (endpoint,) = spec["endpoints"]
    assert selected["metadata"]["name"] == "ai-seo-blogger-service"
    assert endpoint["port"] in {port["name"] for port in selected["spec"]["ports"]}
    assert endpoint["path"] == "/metrics"
    assert endpoint["authorization"]["credentials"]["name"] == "ai-seo-blogger-metrics"
    # The alerts speak of this job.
    assert selected["metadata"]["labels"][spec["jobLabel"]] == "ai-seo-blogger"


def test_prometheus_may_reach_the_port_that_it_asks() -> None:
    found = {
        (each["kind"], each["metadata"]["name"]): each["spec"]
        for each in k8s_objects()
        if "spec" in each
    }

    policy = found["NetworkPolicy", "ai-seo-blogger-metrics"]
    template = found["Deployment", "ai-seo-blogger"]["template"]
    (rule,) = policy["ingress"]
    (service,) = found["Service", "ai-seo-blogger-service"]["ports"]
    assert policy["podSelector"]["matchLabels"] == template["metadata"]["labels"]
    assert [port["port"] for port in rule["ports"]] == [service["targetPort"]]


def test_the_rules_of_the_operator_are_the_alerts(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    alerts = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text(encoding="utf-8"))

    spec = operators()["PrometheusRule"]["spec"]

    assert spec == alerts
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    checked = promtool(program("promtool"), "check", "rules", str(tmp_path / "rules.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
