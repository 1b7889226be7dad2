"""The alerts, the dashboard and the scrape configuration, each by the real Prometheus and against a real server."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.clients import get
from tests.deploy.conftest import DEPLOY, promtool
from tests.doors.conftest import Server, serving
from tests.doors.test_scaling import until

ALERTS = (
    "InstanceDown HighErrorRate SlowRequests QueueOldestJob JobsParked LeaseAge DatabasePoolExhausted "
    "RedisAway ProviderCircuitOpen SpendingNearCap Drift CheckFailing"
).split()


def test_every_alert_has_its_cases_and_passes_them(program: Callable[[str], str]) -> None:
    ran = promtool(program("promtool"), "test", "rules", "alerts.test.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr

    rules = (DEPLOY / "prometheus/alerts.yml").read_text()
    cases = (DEPLOY / "prometheus/alerts.test.yml").read_text()
    assert re.findall(r"- alert: AiSeoBlogger(\w+)", rules) == ALERTS
    for alert in ALERTS:
        name = f"AiSeoBlogger{alert}"
        assert f"runbook_url: docs/guide/runbook.md#{name.lower()}" in rules
        tried = re.findall(rf"alertname: {name}\n +exp_alerts:( \[\])?", cases)
        assert set(tried) == {"", " []"}, f"{name} needs a case for it and one against it"


def test_a_rule_that_is_changed_fails_its_cases(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    for name in ("alerts.yml", "alerts.test.yml"):
        shutil.copy(DEPLOY / "prometheus" / name, tmp_path)
    rules = (tmp_path / "alerts.yml").read_text()
    (tmp_path / "alerts.yml").write_text(rules.replace("> 900", "> 9000"))

    ran = promtool(program("promtool"), "test", "rules", str(tmp_path / "alerts.test.yml"))

    assert ran.returncode == 1
    assert "AiSeoBloggerQueueOldestJob" in ran.stdout + ran.stderr


def test_the_configuration_is_one(program: Callable[[str], str]) -> None:
    ran = promtool(program("promtool"), "check", "config", "--syntax-only", "prometheus.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def expressions() -> dict[str, str]:
    """Everything that is asked of Prometheus, by where."""
    board = json.loads((DEPLOY / "grafana/dashboard.json").read_text())
    asked = {
        f"{panel['title']} {target['refId']}": target["expr"].replace("$__rate_interval", "1m")
        for panel in board["panels"]
        for target in panel.get("targets", ())
    }
    rules = (DEPLOY / "prometheus/alerts.yml").read_text()
    found = re.findall(
        r"- alert: (\w+).*?expr: (\|\n.*?|.*?)\n        (?:for|labels):", rules, re.DOTALL
    )
    asked |= {name: expression.removeprefix("|").strip() for name, expression in found}
    assert len(asked) > 40
    return asked


def exported(text: str) -> dict[str, str]:
    """The names of all series that the program has, by the kind of their family."""
    endings = {
        "counter": ("_total",),
        "histogram": ("_bucket", "_count", "_sum"),
        "summary": ("_count", "_sum"),
    }
    return {
        family.name + ending: family.type
        for family in text_string_to_metric_families(text)
        for ending in endings.get(family.type, ("",))
    }


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, module_database: Callable[[str], str]
) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("scraped"), module_database("sqlite")) as running:
        yield running


def test_dashboard_and_alerts_ask_for_what_the_program_exports(server: Server) -> None:
    with server.operator() as client:
        names = exported(client.get("/metrics").text)

    for where, expression in expressions().items():
        asked = set(re.findall(r"\b(?:blogger|process|python)_\w+", expression))
        assert asked or expression.startswith("up{"), where
        assert asked <= names.keys(), f"{where}: {asked - names.keys()}"
        for counted in re.findall(r"(?:rate|increase)\((\w+)", expression):
            assert names[counted] in {"counter", "histogram"}, f"{where}: {counted} only goes up"


@contextmanager
def prometheus(path: str, folder: Path, server: Server) -> Iterator[Callable[[str], Any]]:
    """A Prometheus with our configuration, which scrapes the server each second; gives a function that asks it."""
    for name in ("alerts.yml", "prometheus.yml"):
        shutil.copy(DEPLOY / "prometheus" / name, folder)
    (folder / "ops-key").write_text(server.key)
    (folder / "ops-key").chmod(0o600)
    configuration = (folder / "prometheus.yml").read_text().replace("15s", "1s")
    assert "127.0.0.1:8000" in configuration
    target = server.url.removeprefix("http://")
    (folder / "prometheus.yml").write_text(configuration.replace("127.0.0.1:8000", target))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                path,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={address}",
            ],
            stdout=log,
            stderr=log,
            env={"PATH": os.environ["PATH"], "GOMAXPROCS": "1"},
        )

    def ask(expression: str) -> Any:
        answer = get(f"http://{address}/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", f"{expression}: {answer}"
        return answer["data"]["result"]

    try:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None, (folder / "log").read_text()
            try:
                if get(f"http://{address}/-/ready").status_code == 200:
                    break
            except httpx2.TransportError:
                pass  # it does not listen yet
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.1)
        yield ask
    finally:
        process.terminate()
        process.wait(60)


def test_a_real_prometheus_reads_it_all_and_tells_when_an_instance_is_gone(
    program: Callable[[str], str], tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    scraped, folder = tmp_path / "scraped", tmp_path / "prometheus"
    scraped.mkdir()
    folder.mkdir()
    with serving(scraped, new_database("sqlite")) as running:
        for _ in range(3):
            get(f"{running.url}/en/there-is-no-such-article")
        with prometheus(program("prometheus"), folder, running) as ask:
            until(lambda: ask('up{job="ai-seo-blogger"} == 1'))
            until(lambda: ask('blogger_http_requests_total{status="404"} >= 1'))
            assert ask("blogger_instances_live")[0]["value"][1] == "1"
            for expression in expressions().values():
                ask(expression)  # each is one that Prometheus understands
            assert ask('blogger_build_info{version!=""}')
            assert not ask('ALERTS{alertname="AiSeoBloggerInstanceDown"}')

            running.process.kill()
            running.process.wait(60)

            until(lambda: ask('ALERTS{alertname="AiSeoBloggerInstanceDown", alertstate="pending"}'))
