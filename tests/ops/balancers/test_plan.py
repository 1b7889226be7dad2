"""What configurations are written from is checked before it stands in one."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from app.cli.scale_lb import Balancer, write
from app.config import BalancerSettings, DrainSettings, Settings
from app.kit.errors import Invalid
from app.ops.balancers.plan import Address, make_plan, parse_address
from app.ops.balancers.policy import policy_findings

APP = Path(__file__).resolve().parents[3] / "app"


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ("10.0.0.5:8000", "10.0.0.5", 8000),
        ("App-1.internal:80", "app-1.internal", 80),
        ("[fd00::1]:8000", "fd00::1", 8000),
    ],
)
def test_an_address_is_a_host_and_a_port(given: str, host: str, port: int) -> None:
    assert parse_address(given) == Address(host, port)


@pytest.mark.parametrize(
    "given",
    [
        "",
        ":",
        "host",
        "host:",
        ":80",
        "host:0",
        "host:65536",
        "host:080000",
        "host:-1",
        "host:８０",
        "host:80 ",
        " host:80",
        "a b:80",
        "host:80;",
        "host:80\nserver evil:1",
        "host;evil:80",
        "host}:80",
        "$host:80",
        "`id`:80",
        "ho\nst:80",
        '"host":80',
        "-host:80",
        "host..x:80",
        "::1:80",
        "[::1%eth0]:80",
        "[host]:80",
        "[]:80",
        "user@host:80",
        "http://host:80",
        "h" * 300 + ":80",
    ],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="is no address"):
        parse_address(given)


@given(st.text(max_size=60))
def test_no_text_gets_in_that_could_end_a_directive(text: str) -> None:
    try:
        address = parse_address(text)
    except Invalid:
        return

    assert not set(str(address)) & set(" \t\r\n;{}$`\"'#\\/@%,")


def test_an_instance_stands_there_once() -> None:
    with pytest.raises(Invalid, match="named twice"):
        make_plan(Settings(), ["A:1", "a:1"])


@pytest.mark.parametrize(
    "path", ["health", "/health;evil", "/he alth", "/health\n", "/{x}", "/$x", ""]
)
def test_a_path_that_could_be_a_directive_is_refused(path: str) -> None:
    settings = Settings(balancer=BalancerSettings(path=path))

    with pytest.raises(Invalid, match="APP_BALANCER__PATH"):
        make_plan(settings, [])


@pytest.mark.parametrize("url", ["https://", "https://a b/", "https://x;y/", "nonsense"])
def test_a_public_address_without_a_usable_name_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="PUBLIC_URL"):
        make_plan(Settings(public_url=url), [])


@pytest.mark.parametrize(
    "balancer", [Balancer.NGINX, Balancer.HAPROXY, Balancer.CADDY, Balancer.TRAEFIK]
)
def test_a_balancer_that_names_its_instances_needs_one(balancer: Balancer) -> None:
    with pytest.raises(Invalid, match="no instances"):
        write(balancer, make_plan(Settings(), []), 3)


def test_the_defaults_contradict_nothing() -> None:
    assert list(policy_findings(Settings())) == []


@pytest.mark.parametrize(
    ("policy", "drain", "found", "typed"),
    [
        ({}, {"wait_s": 34}, "balancer.E001", "Set APP_DRAIN__WAIT_S=35"),
        ({"unhealthy": 4}, {}, "balancer.E001", "Set APP_DRAIN__WAIT_S=45"),
        ({}, {"deadline_s": 64}, "balancer.E002", "Set APP_DRAIN__DEADLINE_S=65"),
        ({"deregistration_s": 60}, {}, "balancer.E002", "Set APP_DRAIN__DEADLINE_S=95"),
        ({"interval_s": 5}, {}, "balancer.W003", "Set APP_BALANCER__INTERVAL_S=10"),
        ({"path": "/health/liveness"}, {}, "balancer.E004", "Set APP_BALANCER__PATH=/health"),
        ({"path": "/{x}"}, {}, "balancer.E004", "Set APP_BALANCER__PATH=/health"),
        ({"stream_s": 15}, {}, "balancer.E005", "Set APP_BALANCER__STREAM_S=3600"),
        ({"keepalive_s": 15}, {}, "balancer.E005", "Set APP_BALANCER__KEEPALIVE_S=60"),
    ],
)
def test_a_contradiction_is_a_finding_that_says_what_to_type(
    policy: dict[str, int], drain: dict[str, float], found: str, typed: str
) -> None:
    settings = Settings(balancer=BalancerSettings(**policy), drain=DrainSettings(**drain))

    findings = list(policy_findings(settings))

    assert [(each.id, each.said("en")["hint"]) for each in findings] == [(found, typed)]
    assert "{" not in findings[0].said("ko")["message"].replace("/{x}", "")


def test_following_the_hints_ends_the_contradictions() -> None:
    settings = Settings(
        balancer=BalancerSettings(interval_s=20, unhealthy=5, deregistration_s=300),
        drain=DrainSettings(wait_s=1, deadline_s=2),
    )

    values = {
        each.values["name"]: float(each.values["value"]) for each in policy_findings(settings)
    }
    mended = settings.model_copy(
        update={
            "drain": DrainSettings(
                wait_s=values["APP_DRAIN__WAIT_S"], deadline_s=values["APP_DRAIN__DEADLINE_S"]
            )
        }
    )

    assert list(policy_findings(mended)) == []


def test_every_refusal_is_said_in_korean() -> None:
    rooms = [APP / "ops" / "balancers", APP / "cli"]
    said = {
        message
        for room in rooms
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(room), [("**.py", "python")], keywords={"words": None}
        )
    }

    with (APP / "locales/ko/LC_MESSAGES/balancers.po").open("rb") as po:
        translated = {str(each.id) for each in read_po(po) if each.id and each.string}

    assert translated == said
