"""Prometheus as Debian packages it: where it is not installed it is unpacked into a folder of the checkout."""

import subprocess
from collections.abc import Callable

import pytest

from tests import debian
from tests.doors.conftest import ROOT

DEPLOY = ROOT / "deploy"


@pytest.fixture(scope="session")
def program(pytestconfig: pytest.Config) -> Callable[[str], str]:
    """The path of `prometheus` or `promtool`: the machine's, or unpacked from Debian's package."""
    return lambda name: debian.program(pytestconfig, name, "prometheus")


def promtool(path: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [path, *arguments],
        cwd=DEPLOY / "prometheus",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
