"""Each check says what is wrong by its stable id, from the real thing, and what to type."""
# ruff: noqa: ARG002  # stand-ins have the arguments of what they stand for

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.infra.db import open_database
from app.infra.db.migrate import head
from app.infra.kv import StoreAway
from app.infra.scope import Scope
from app.ops.bounded import within
from app.ops.checks import database, fleet, process, stores
from app.ops.findings import Level
from app.ops.fingerprint import Mark, take_fingerprint
from app.ops.instances import About, Identity, Pulse, join_fleet, register_instance
from app.ops.recommendations import recommend
from app.ops.situation import Kept, situation
from app.ops.survey import CHECKS, SEED, take_survey
from tests.ops.situations import SharedStore, found_by, open_for

NewDatabase = Callable[[str], str]


class LosingStore(SharedStore):
    """Says that it keeps what it forgets, and lets everybody in."""

    async def get(self, key: str) -> bytes | None:
        return None


class AwayStore(SharedStore):
    async def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        raise StoreAway("redis://secret@nowhere")

    async def get(self, key: str) -> bytes | None:
        raise StoreAway("redis://secret@nowhere")


class HangingStore(SharedStore):
    async def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        await asyncio.sleep(3600)


class FleetBlobs:
    name = "s3"
    scope = Scope.FLEET

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def put(self, key: str, data: bytes, *, new: bool = False) -> bool:
        self.kept[key] = data
        return True

    async def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    async def head(self, key: str) -> None:
        return None

    async def delete(self, key: str) -> None:
        self.kept.pop(key, None)

    async def ping(self) -> None:
        pass


async def an_instance(url: str, name: str, **about: Any) -> None:
    """An instance that beats: its pid and fingerprint are what a test needs them to be."""
    opened = open_database(url)
    fingerprint = about.pop("fingerprint", {})
    offset_s = about.pop("offset_s", None)
    pid = about.pop("pid", 1)
    await register_instance(
        opened,
        Identity(name, "host", pid),
        About(**{"role": "all", "schema_head": head() or "", **about}),
        Pulse(fingerprint=fingerprint),
    )
    if offset_s is not None:
        async with opened.unit() as session:
            await session.execute(
                text("update instances set clock_offset_s = :s where executor_id = :id"),
                {"s": offset_s, "id": name},
            )
    await opened.close()


async def test_sessions_in_memory_and_in_a_file_are_told_apart(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")

    memory = await found_by(
        stores.session_storage, url, tmp_path, sessions=Kept("memory", Scope.PROCESS)
    )
    file = await found_by(stores.session_storage, url, tmp_path)

    assert (memory.id, memory.level) == ("scaling.E001", Level.ERROR)
    assert "SESSION_STORAGE=redis" in memory.said("en")["hint"]
    assert file.id == "scaling.E002"


async def test_sessions_in_postgresql_are_shared(new_database: NewDatabase, tmp_path: Path) -> None:
    found = await found_by(stores.session_storage, new_database("postgresql"), tmp_path)

    assert (found.id, found.level) == ("scaling.I003", Level.OK)
    assert found.detail == {"store": "database", "scope": "fleet"}


@pytest.mark.parametrize(
    ("check", "alone", "shared"),
    [
        (stores.cache_storage, "scaling.E011", "scaling.I012"),
        (stores.limits, "scaling.E111", "scaling.I112"),
    ],
)
async def test_a_store_of_the_process_is_no_store_of_the_fleet(
    check: Any, alone: str, shared: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")

    assert (await found_by(check, url, tmp_path)).id == alone
    assert (await found_by(check, url, tmp_path, store=SharedStore())).id == shared


async def test_files_in_a_folder_are_no_files_of_the_fleet(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")

    assert (await found_by(stores.file_storage, url, tmp_path)).id == "scaling.E031"
    shared = await found_by(stores.file_storage, url, tmp_path, blobs=FleetBlobs())
    assert shared.id == "scaling.I032"
    assert [file for file in (tmp_path / "media").rglob("*") if file.is_file()] == []


async def test_messages_in_the_process_are_only_late(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    found = await found_by(stores.pubsub, new_database("sqlite"), tmp_path)

    assert (found.id, found.level) == ("scaling.W101", Level.WARNING)


async def test_the_database_is_what_it_is(new_database: NewDatabase, tmp_path: Path) -> None:
    assert (
        await found_by(database.database, new_database("sqlite"), tmp_path)
    ).id == "scaling.E021"
    shared = await found_by(database.database, new_database("postgresql"), tmp_path)
    assert shared.id == "scaling.I022"


async def test_a_database_behind_the_program_is_named_with_the_command(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")
    opened = open_database(url)
    async with opened.unit() as session:
        await session.execute(text("update alembic_version set version_num = '0001'"))
    await opened.close()

    found = await found_by(database.schema, url, tmp_path)

    assert found.id == "scaling.E081"
    assert "db upgrade" in found.said("ko")["hint"]


async def test_a_database_ahead_of_the_program_is_no_error(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")
    opened = open_database(url)
    async with opened.unit() as session:
        await session.execute(text("update alembic_version set version_num = '9990'"))
    await opened.close()

    found = await found_by(database.schema, url, tmp_path)

    assert (found.id, found.level) == ("scaling.W086", Level.WARNING)
    assert "9990" in found.said("ko")["message"]


async def test_an_instance_of_another_release_is_named(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")
    await an_instance(url, "new")
    await an_instance(url, "old", schema_head="0001", pid=2)

    found = await found_by(database.schema, url, tmp_path)

    assert found.id == "scaling.W082"
    assert "host-2" in found.said("en")["message"]
    assert "host-1" not in found.said("en")["message"]


async def test_connections_that_do_not_fit_are_counted(
    new_database: NewDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database("postgresql")
    await an_instance(url, "one")
    fits = await found_by(database.connections, url, tmp_path)
    monkeypatch.setattr(database, "POOL_SIZE", 400)

    crowded = await found_by(database.connections, url, tmp_path)

    assert fits.id == "scaling.I094"
    assert crowded.id == "scaling.E092"
    assert crowded.detail["need"] > crowded.detail["most"]
    assert (
        await found_by(database.connections, new_database("sqlite"), tmp_path)
    ).id == "scaling.I091"


async def test_a_key_made_here_a_short_one_and_a_differing_one(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")
    long = {"secret_key": SecretStr("k" * 32)}

    assert (await found_by(process.secret_key, url, tmp_path)).id == "scaling.E051"
    short = {"secret_key": SecretStr("short")}
    assert (await found_by(process.secret_key, url, tmp_path, settings=short)).id == "scaling.W053"
    assert (await found_by(process.secret_key, url, tmp_path, settings=long)).id == "scaling.I054"
    for pid, value in ((1, "a"), (2, "a"), (3, "b")):
        await an_instance(url, str(pid), pid=pid, fingerprint={"SECRET_KEY": value})
    differing = await found_by(process.secret_key, url, tmp_path, settings=long)
    assert differing.id == "scaling.E052"
    assert differing.detail["instances"] == ["host-3"]


@pytest.mark.parametrize(
    ("offset_s", "expected"), [(0.1, "I073"), (-1.0, "W072"), (5.0, "E071"), (-5.0, "E071")]
)
async def test_a_clock_that_is_off_is_named(
    offset_s: float, expected: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")
    await an_instance(url, "one", offset_s=offset_s)

    found = await found_by(process.clock, url, tmp_path)

    assert found.id == f"scaling.{expected}"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "I007"),
        ({"balancer": {"path": "/"}}, "E004"),
        ({"drain": {"wait_s": 5}}, "E001"),
        ({"drain": {"deadline_s": 40}}, "E002"),
        (
            {"balancer": {"timeout_s": 10}, "drain": {"wait_s": 40, "deadline_s": 120}},
            "W003",
        ),
        ({"llm_model": "openai:any"}, "W006"),
    ],
)
async def test_a_policy_that_does_not_fit_the_application(
    settings: dict[str, Any], expected: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")

    found = await found_by(process.balancer, url, tmp_path, settings=settings)

    assert found.id == f"balancer.{expected}"


async def test_jobs_in_a_file_and_a_fleet_without_workers(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    sqlite, postgresql = new_database("sqlite"), new_database("postgresql")
    await an_instance(postgresql, "web", role="web")

    assert (await found_by(fleet.jobs, sqlite, tmp_path)).id == "scaling.E061"
    assert (await found_by(fleet.jobs, postgresql, tmp_path)).id == "scaling.W062"
    await an_instance(postgresql, "worker", role="worker")
    assert (await found_by(fleet.jobs, postgresql, tmp_path)).id == "scaling.I063"


async def test_exactly_the_line_that_differs_is_named(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")
    opened = open_database(url)
    joined = await join_fleet(opened)
    await opened.close()
    for pid in (1, 2, 3):
        _, settings = open_for(url, tmp_path, timezone="Asia/Seoul" if pid == 3 else "UTC")
        taken = await take_fingerprint(settings, joined, Mark("m", joined.fleet_id), "key")
        await an_instance(url, str(pid), pid=pid, fingerprint=taken)

    found = await found_by(fleet.settings, url, tmp_path)

    assert found.id == "scaling.E131"
    assert found.values["lines"] == "TIMEZONE: host-3"


async def test_another_fleet_in_the_same_redis_is_told(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    store = SharedStore()
    for url in (new_database("sqlite"), new_database("sqlite")):
        opened = open_database(url)
        await join_fleet(opened)
        await opened.close()
        found = await found_by(fleet.settings, url, tmp_path, store=store)

    assert found.id == "scaling.E132"


async def test_an_instance_that_is_not_where_it_says_is_named(
    new_database: NewDatabase, tmp_path: Path, unused_port: int
) -> None:
    url = new_database("sqlite")
    none = await found_by(fleet.health, url, tmp_path)
    await an_instance(url, "one", address=f"http://127.0.0.1:{unused_port}")

    silent = await found_by(fleet.health, url, tmp_path)

    assert none.id == "scaling.I142"
    assert silent.id == "scaling.W141"


async def test_an_address_that_an_operator_set_is_asked_too(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = new_database("sqlite")

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await an_instance(url, "one", address=f"127.0.0.1:{port}")
        found = await found_by(fleet.health, url, tmp_path)

    assert found.id == "scaling.I143", "with or without http:// before it"


async def test_every_check_survives_stores_that_lose_hang_or_are_away(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    ports, settings = open_for(new_database("sqlite"), tmp_path)

    ids: dict[str, str] = {}
    for store in (LosingStore(), HangingStore(), AwayStore()):
        survey = await within(120, take_survey(situation(replace(ports, store=store), settings)))
        ids[type(store).__name__] = survey.findings["cache_storage"].id
        said = str([finding.said("en") for finding in survey.findings.values()])
        assert "secret@" not in said
        assert not survey.stateless
    await ports.close()

    assert ids == {
        "LosingStore": "scaling.E902",
        "HangingStore": "scaling.E901",
        "AwayStore": "scaling.E904",
    }


async def test_looking_at_no_database_makes_none_and_recommends_one(tmp_path: Path) -> None:
    ports, settings = open_for("", tmp_path / "data")

    survey = await take_survey(situation(ports, settings))
    advice = recommend(survey, "ko")
    await ports.close()

    assert list(tmp_path.rglob("*.db")) == []
    assert tuple(survey.findings) == tuple(CHECKS)
    assert tuple(survey.findings)[:3] == SEED
    assert not survey.stateless
    assert advice["database"][0]["env"] == [stores.DATABASE_LINE]
    assert {"priority", "message", "benefit", "env"} == set(advice["session"][0])


async def test_a_database_that_is_away_is_a_finding_and_no_wait(
    tmp_path: Path, unused_port: int
) -> None:
    ports, settings = open_for(f"postgresql://u:secret@127.0.0.1:{unused_port}/x", tmp_path)

    survey = await take_survey(situation(ports, settings))
    await ports.close()

    assert survey.findings["database"].level is Level.ERROR
    assert "secret" not in str([finding.said("en") for finding in survey.findings.values()])
