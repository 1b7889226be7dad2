"""Prometheus, where the machine has one: asks every instance of a fleet, and watches the alerts."""

import http
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.cluster.instances import Instance
from app.cluster.processes import CannotStart, Server
from app.kit.shipped import shipped

_EVERY_S = 5
_KEPT = "7d"


def find_prometheus() -> Path:
    """The program.

    Raises:
        CannotStart: there is none.
    """
    found = shutil.which("prometheus")
    if found is None:
        raise CannotStart("Prometheus is not on this machine. On Debian: apt install prometheus")
    return Path(found)


class PrometheusServer(Server):
    """A Prometheus of its own. It reads by itself who is there, whenever `watch` writes that anew."""

    name = "prometheus"

    def __init__(self, *, home: Path | None = None, port: int | None = None) -> None:
        self._program = find_prometheus()
        super().__init__(home=home, port=port)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}"

    def watch(self, instances: Iterable[Instance]) -> None:
        """Ask these from now on: each at the port that needs no key, under the address that it serves at."""
        groups = [
            {
                "targets": [f"127.0.0.1:{instance.metrics_port}"],
                "labels": {"instance": instance.address},
            }
            for instance in instances
        ]
        new = self.home / "targets.new"
        new.write_text(json.dumps(groups, indent=1), encoding="utf-8")
        new.replace(self.home / "targets.json")  # whole at any moment: it is read when it changes

    def environment(self) -> Mapping[str, str]:
        """One core is enough for a handful of targets, and the others belong to the instances."""
        return {**super().environment(), "GOMAXPROCS": "1"}

    def prepare(self) -> None:
        """Write its configuration, with the alerts where they are at hand: a wheel has none."""
        alerts = shipped("deploy") / "prometheus" / "alerts.yml"
        rules = f"rule_files: [{json.dumps(str(alerts))}]\n" if alerts.is_file() else ""
        (self.home / "prometheus.yml").write_text(
            f"""\
global: {{scrape_interval: {_EVERY_S}s, evaluation_interval: {_EVERY_S}s}}
{rules}scrape_configs:
  - job_name: ai-seo-blogger
    file_sd_configs:
      - files: [targets.json]
""",
            encoding="utf-8",
        )

    def command(self) -> list[str]:
        """The server, on loopback."""
        return [
            str(self._program),
            f"--config.file={self.home / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.home / 'data'}",
            f"--storage.tsdb.retention.time={_KEPT}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]

    def answers(self) -> bool:
        """Whether it can be asked."""
        return self.asked("/-/ready") == http.HTTPStatus.OK
