"""`scale lb` on the command line."""

import os
import subprocess
from pathlib import Path

from tests import started


def scale_lb(folder: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **settings}
    return started.run("scale", "lb", *arguments, folder=folder, environment=environment)


def test_a_configuration_is_written_and_a_contradiction_told_beside_it(tmp_path: Path) -> None:
    done = scale_lb(
        tmp_path, "haproxy", "--instances", "a:1,b:2", "-o", "haproxy.cfg", APP_DRAIN__WAIT_S="5"
    )

    assert done.returncode == 0, done.stderr
    assert "server i2 b:2 check" in (tmp_path / "haproxy.cfg").read_text()
    assert done.stdout == ""
    assert "Set APP_DRAIN__WAIT_S=35 (balancer.E001)" in done.stderr


def test_what_is_no_address_is_said_in_korean_and_writes_nothing(tmp_path: Path) -> None:
    done = scale_lb(tmp_path, "nginx", "--instances", "a:1;", "-o", "site.conf", LANG="ko_KR.UTF-8")

    assert done.returncode == 2
    assert "주소가 아닙니다" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "site.conf").exists()


def test_a_fleet_of_none_is_told_as_such(tmp_path: Path) -> None:
    done = scale_lb(tmp_path, "caddy", "--from-fleet")

    assert done.returncode == 2
    assert "no instances to balance" in done.stderr
