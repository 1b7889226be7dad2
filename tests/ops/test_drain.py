"""Leaving: probes say no at once, streams end between two events, connections close, and one may come back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from app.config import Settings
from app.ops.drain import Drain, Stage
from app.ops.health import Health, Phase
from app.ops.in_flight import InFlight


def a_drain(**settings: Any) -> tuple[Drain, Health]:
    health = Health(phase=Phase.READY)
    return Drain(health, Settings(drain={"wait_s": 0, **settings})), health


def balanced(health: Health) -> None:
    """As if a balancer had been asking for a while."""
    import time

    health._probes = (time.monotonic() - 60, time.monotonic())


class Client:
    """Asks an application as a server does, and sees every message."""

    def __init__(self, app: Any, path: str) -> None:
        self.messages: list[dict[str, Any]] = []
        self.started = asyncio.Event()
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [],
            "http_version": "1.1",
            "root_path": "",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])

    async def _receive(self) -> dict[str, Any]:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        self.started.set()


def an_app(drain: Drain, gate: asyncio.Event) -> Starlette:
    async def slow(_request: Request) -> PlainTextResponse:
        await gate.wait()
        return PlainTextResponse("done")

    async def events(_request: Request) -> StreamingResponse:
        async def forever() -> AsyncIterator[str]:
            n = 0
            while True:
                n += 1
                yield f"id: {n}\ndata: half"
                await asyncio.sleep(0.01)
                yield " and half\n\n"
                await asyncio.sleep(0.01)

        return StreamingResponse(forever(), media_type="text/event-stream")

    return Starlette(
        routes=[Route("/slow", slow), Route("/events", events), Route("/health", slow)],
        middleware=[Middleware(InFlight, drain=drain)],
    )


async def test_it_leaves_only_when_requests_have_ended() -> None:
    drain, health = a_drain()
    gate = asyncio.Event()
    client = Client(an_app(drain, gate), "/slow")
    await asyncio.sleep(0.05)

    leaving = drain.begin()

    assert health.phase is Phase.DRAINING
    assert drain.in_flight == 1
    await asyncio.sleep(0.2)
    assert not leaving.done()
    gate.set()
    await asyncio.wait_for(leaving, 30)
    assert drain.stage is Stage.QUIET
    assert client.body == b"done"
    assert client.headers[b"connection"] == b"close"


async def test_probes_are_not_waited_for() -> None:
    drain, _ = a_drain()
    probe = Client(an_app(drain, asyncio.Event()), "/health")
    await asyncio.sleep(0.05)

    await asyncio.wait_for(drain.leave(), 30)

    probe.task.cancel()


async def test_a_stream_ends_between_two_events_with_a_word_to_reconnect() -> None:
    drain, _ = a_drain()
    client = Client(an_app(drain, asyncio.Event()), "/events")
    await asyncio.wait_for(client.started.wait(), 30)

    await asyncio.wait_for(drain.leave(), 30)
    await asyncio.wait_for(client.task, 30)

    *events, last, rest = client.body.decode().split("\n\n")
    assert rest == ""
    assert all(event.endswith("data: half and half") for event in events)
    assert last.startswith("retry: ")
    assert "event: reconnect" in last
    assert "id:" not in last  # so that the browser goes on from the last event it had
    assert client.messages[-1]["more_body"] is False
    assert drain.in_flight == 0


async def test_a_stream_that_begins_too_late_is_sent_away_at_once() -> None:
    drain, _ = a_drain()
    await drain.leave()

    client = Client(an_app(drain, asyncio.Event()), "/events")
    await asyncio.wait_for(client.task, 30)

    assert "event: reconnect" in client.body.decode()


async def test_balancers_are_waited_for_only_where_there_are_any() -> None:
    drain, health = a_drain(wait_s=3600)
    await asyncio.wait_for(drain.leave(), 30)  # nobody asked for its health
    await drain.come_back()
    balanced(health)

    leaving = drain.begin()
    await asyncio.sleep(0.2)

    assert drain.stage is Stage.LEAVING
    leaving.cancel()


def test_a_script_that_waits_for_the_start_is_no_balancer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [100.0]
    monkeypatch.setattr("app.ops.health.time.monotonic", lambda: clock[0])
    health = Health()

    for good in (False, False, True):
        health.note_probe(good=good, interval_s=10)
        clock[0] += 0.1
    script = health.probed(within_s=30)
    clock[0] += 10
    health.note_probe(good=True, interval_s=10)

    assert not script
    assert health.probed(within_s=30)
    clock[0] += 31
    assert not health.probed(within_s=30)


async def test_it_comes_back_and_its_work_with_it_in_turn() -> None:
    drain, health = a_drain()
    did: list[str] = []

    async def stop() -> None:
        await asyncio.sleep(0.1)
        did.append("stopped")

    async def resume() -> None:
        did.append("resumed")

    drain.stop_work, drain.resume_work = stop, resume
    drain.begin()
    await asyncio.sleep(0.05)

    assert await drain.come_back()

    assert health.phase is Phase.READY
    assert drain._work is not None
    await asyncio.wait_for(drain._work, 30)
    assert did == ["stopped", "resumed"]
    await asyncio.wait_for(drain.leave(), 30)
    assert did == ["stopped", "resumed", "stopped"]


async def test_who_is_about_to_end_does_not_come_back() -> None:
    drain, health = a_drain()

    await asyncio.wait_for(drain.leave(exiting=True), 30)

    assert not await drain.come_back()
    assert health.phase is Phase.DRAINING


async def test_one_that_is_told_to_leave_while_it_starts_does_not_turn_ready() -> None:
    drain, health = a_drain()
    health.phase = Phase.STARTING
    drain.begin()

    drain.started()

    assert health.phase is Phase.DRAINING
