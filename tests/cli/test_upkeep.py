"""`posts links` and `posts upkeep`, and what `write` links by itself."""

import json

from tests.cli.conftest import Command
from tests.doors.conftest import ROOT

SCALING = str(ROOT / "examples/en/horizontal-scaling.md")
HEALTH = str(ROOT / "examples/en/load-balancers-and-health-checks.md")


def _write(command: Command, keyword: str, source: str) -> dict[str, object]:
    told = command("write", "-k", keyword, "-s", source, "--publish", "--json")
    assert told.returncode == 0, told.stderr
    written: dict[str, object] = json.loads(told.stdout)
    return written


def test_a_second_article_links_to_the_first_and_stays_proven(command: Command) -> None:
    first = _write(command, "horizontal scaling", SCALING)
    second = _write(command, "health checks", HEALTH)

    shown = json.loads(command("posts", "show", str(second["slug"]), "--json").stdout)
    alone = json.loads(command("posts", "show", str(first["slug"]), "--json").stdout)
    upkeep = json.loads(command("posts", "upkeep", "--json").stdout)

    assert f"](/en/{first['slug']})" in shown["revision"]["markdown"]
    assert second["claims_supported"] == second["claims_total"]
    assert {claim["verdict"] for claim in shown["claims"]} == {"supported"}
    levels = {each["id"]: each["level"] for each in shown["revision"]["score"]["findings"]}
    assert levels["links.internal"] == "good"
    assert "links.internal" not in {each["id"] for each in alone["revision"]["score"]["findings"]}
    assert "links" not in shown["revision"]["score"]
    assert [each["articles"][0]["slug"] for each in upkeep["orphans"]] == [second["slug"]]


def test_links_are_told_and_inserted(command: Command) -> None:
    health = str(_write(command, "health checks", HEALTH)["slug"])
    scaling = str(_write(command, "horizontal scaling", SCALING)["slug"])

    told = command("posts", "links", health)
    done = command("posts", "links", health, "--insert", "--json")
    again = command("posts", "links", health, "--insert")

    assert f"“horizontal scaling” → /en/{scaling}" in told.stdout
    assert f"ai-seo-blogger posts links {health} --insert" in told.stderr
    inserted = json.loads(done.stdout)
    assert inserted["revision"] == 2
    assert [each["path"] for each in inserted["inserted"]] == [f"/en/{scaling}"]
    assert "names no published article" in again.stderr
    assert json.loads(command("posts", "show", health, "--json").stdout)["post"]["revision"] == 2


def test_what_is_not_there_is_said_with_what_to_type(command: Command) -> None:
    topic = command("posts", "upkeep", "--topic", "nothing")
    post = command("posts", "links", "nobody")

    assert topic.returncode == 2
    assert "Topics: ageing, links, orphans" in topic.stderr
    assert post.returncode != 0
    assert "ai-seo-blogger posts list" in post.stderr
