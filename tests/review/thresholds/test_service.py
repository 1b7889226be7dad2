"""A site's thresholds: kept with their history, above the setting's and ours, alike on every instance."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from app.infra.db import Database, open_database
from app.kit.errors import Conflict, NotFound
from app.review.thresholds import service
from app.review.thresholds.models import ThresholdsRow
from app.review.thresholds.repository import Thresholds
from app.review.thresholds.schemas import Version
from app.review.thresholds.words import typed
from app.seo.thresholds import KOREAN, BadThreshold, SiteLimits, read_limits

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


async def change(database: Database, changes: Any, **more: Any) -> Version:
    async with database.unit() as session:
        return await service.change_thresholds(
            Thresholds(session), changes, by="somebody", now=NOW, **more
        )


async def restore(database: Database, n: int | None = None) -> Version:
    async with database.unit() as session:
        return await service.restore_thresholds(Thresholds(session), n, by="somebody", now=NOW)


async def in_force(database: Database, setting: str = "") -> SiteLimits:
    async with database.reading() as session:
        return await service.limits_in_force(session, read_limits(setting))


async def test_the_site_s_stand_above_the_setting_s_and_those_above_ours(
    database: Database,
) -> None:
    setting = '{"ko": {"sentence_words": 18, "title_px": 550}}'
    before = await in_force(database, setting)
    await change(database, {"ko": {"sentence_words": 12}})
    after = await in_force(database, setting)

    assert (before.ko.sentence_words, before.ko.title_px) == (18, 550)
    assert (after.ko.sentence_words, after.ko.title_px) == (12, 550)
    assert after.ko.meta_characters == KOREAN.meta_characters


async def test_taking_one_back_leaves_what_holds_without_it(database: Database) -> None:
    await change(database, {"ko": {"sentence_words": 12, "title_px": 500}})
    version = await change(database, {"ko": {"sentence_words": None}})

    assert version.overrides == {"ko": {"title_px": 500}}
    assert (await in_force(database)).ko.sentence_words == KOREAN.sentence_words


async def test_a_change_says_who_and_when_and_can_be_undone_and_that_as_well(
    database: Database,
) -> None:
    await change(database, {"en": {"density": [0.4, 2.5, 3.0]}}, note="stricter")
    undone = await restore(database)
    redone = await restore(database)
    async with database.reading() as session:
        versions = await Thresholds(session).versions(10)

    assert undone.overrides == {}
    assert redone.overrides == {"en": {"density": [0.4, 2.5, 3.0]}}
    assert [(v.n, v.changed_by, v.changed_at) for v in versions] == [
        (n, "somebody", NOW) for n in (3, 2, 1)
    ]
    assert versions[-1].note == "stricter"


async def test_what_changes_nothing_adds_no_version(database: Database) -> None:
    await change(database, {"en": {"sentence_words": 18}})
    again = await change(database, {"en": {"sentence_words": 18.0}})

    assert again.n == 1


async def test_two_at_once_do_not_lose_one_another_s_change(database: Database) -> None:
    async def one(name: str) -> object:
        try:
            return await change(database, {"en": {name: 30}}, based_on=0)
        except Conflict as refused:
            return refused

    answers = await asyncio.gather(one("sentence_words"), one("links_least"))

    assert sum(isinstance(each, Conflict) for each in answers) == 1
    async with database.reading() as session:
        assert len((await Thresholds(session).current()).overrides["en"]) == 1


async def test_another_instance_knows_it_with_its_next_question(database: Database) -> None:
    other = open_database(database.url)
    try:
        assert (await in_force(other)).en.sentence_words == 20
        await change(database, {"en": {"sentence_words": 17}})
        seen = (await in_force(other)).en.sentence_words
        await restore(database)
        back = (await in_force(other)).en.sentence_words
    finally:
        await other.close()

    assert (seen, back) == (17, 20)


async def test_what_a_later_release_kept_is_passed_over(database: Database) -> None:
    kept = {"en": {"new_one": 3, "sentence_words": 17, "title_px": "wide"}}
    async with database.unit() as session:
        session.add(ThresholdsRow(n=1, overrides=kept, changed_by="x", changed_at=NOW, note=""))

    limits = await in_force(database)

    assert limits.en.sentence_words == 17
    assert limits.en.title_px == 600


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("sentence_word", 12, "did you mean sentence_words"),
        ("sentence_words", "many", "sentence_words"),
        ("sentence_words", True, "true or false"),
        ("sentence_words", 0, "write 1 or more"),
        ("sentence_words", -3, "from 0 to 1,000,000"),
        ("sentence_words", [1, 2], "sentence_words"),
        ("long_share", [0.5, 0.2], "in order: 0.2, 0.5"),
        ("citation_share", [0.5, 0.8], "in order: 0.8, 0.5"),
        ("text_words", [100, 200, 300, 400], "in order: 400, 300, 200, 100"),
        ("overlap_share", 25, "from 0 to 1"),
        ("density", [float("nan"), 2, 3], "from 0 to"),
        ("meta_characters", [100], "meta_characters"),
    ],
)
async def test_what_cannot_be_one_is_refused_and_says_what_can(
    database: Database, name: str, value: Any, said: str
) -> None:
    with pytest.raises(BadThreshold, match=said):
        await change(database, {"en": {name: value}})

    assert (await in_force(database)) == SiteLimits()


async def test_there_is_nothing_to_undo_before_a_change(database: Database) -> None:
    with pytest.raises(Conflict, match="nothing to undo"):
        await restore(database)
    await change(database, {"en": {"sentence_words": 18}})
    with pytest.raises(NotFound, match="the last is 1"):
        await restore(database, 7)


@pytest.mark.parametrize(
    ("text", "value"), [("18", 18), ("0.3, 0.75", [0.3, 0.75]), ("60  85", [60, 85])]
)
def test_numbers_are_read_as_they_are_typed(text: str, value: Any) -> None:
    assert typed("x", text) == value


def test_words_are_no_numbers() -> None:
    with pytest.raises(BadThreshold, match="title_px: write numbers"):
        typed("title_px", "wide")
