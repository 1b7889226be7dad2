"""Every alert has its section in the runbook, in both languages, at an anchor of its name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy/prometheus/alerts.yml"
ALERTS = """InstanceDown HighErrorRate SlowRequests QueueOldestJob JobsParked LeaseAge DatabasePoolExhausted RedisAway
    ProviderCircuitOpen SpendingNearCap Drift CheckFailing""".split()


def sections(name: str) -> list[str]:
    text = (ROOT / "docs/guide" / name).read_text("utf-8")
    return re.findall(r"^## (\w+)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["runbook.md", "runbook.ko.md"])
def test_every_alert_has_a_section(name: str) -> None:
    assert sections(name) == [f"AiSeoBlogger{alert}" for alert in ALERTS]


@pytest.mark.parametrize("name", ["runbook.md", "runbook.ko.md"])
def test_every_rule_of_prometheus_has_a_section(name: str) -> None:
    # Where the rules are not there yet, the list above stands for them.
    fired = re.findall(r"alert: *(\w+)", RULES.read_text("utf-8")) if RULES.exists() else []

    assert set(fired) <= set(sections(name))


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs/guide").glob("*.md")), ids=lambda page: page.name
)
def test_every_link_of_a_guide_leads_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
        file = page.parent / target if target else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
            assert anchor in {
                re.sub(r"[^\w\- ]", "", h).lower().replace(" ", "-") for h in headings
            }
