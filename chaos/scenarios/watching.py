"""200 watchers of progress while two instances are killed: no event is lost, none is told twice."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

import httpx2

from chaos.arena import Arena, Lost
from chaos.judging import Check, none, percentile
from chaos.report import Result
from chaos.scenarios.options import Options, chance_of

_WATCHERS = 200
_JOBS = 20
_ENDED_S = 150.0
_LAST = frozenset({"succeeded", "failed", "cancelled"})


@dataclass
class Watcher:
    """Follows one job; reconnects through another instance with the last number that it has."""

    job_id: str
    first: int
    """The place of the instance that it asks first."""
    seen: list[int] = field(default_factory=list[int])
    late_s: list[float] = field(default_factory=list[float])
    connections: int = 0
    told_the_end: bool = False
    over: bool = False

    async def watch(self, client: httpx2.AsyncClient, urls: Sequence[str]) -> None:
        """Read until the job's last event."""
        while not self.over:
            url = urls[(self.first + self.connections) % len(urls)]
            self.connections += 1
            last = {"last-event-id": str(self.seen[-1])} if self.seen else {}
            try:
                address = f"{url}/api/v1/jobs/{self.job_id}/events"
                async with client.stream("GET", address, headers=last) as stream:
                    if stream.status_code == HTTPStatus.OK:
                        await self._read(stream)
                        # The server ends a stream that has said all; the job's end is not its last word.
                        self.over = self.told_the_end
            except httpx2.TransportError:
                pass
            if not self.over:
                await asyncio.sleep(0.2)

    async def _read(self, stream: httpx2.Response) -> None:
        kind, number = "", 0
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            match name:
                case "id":
                    number = int(value)
                case "event":
                    kind = value
                case "data":
                    told = json.loads(value)
                    self.seen.append(number)
                    self.late_s.append(time.time() - _moment(str(told["at"])))
                    # Only the job's own last word is its end: a step can fail as well.
                    if kind in _LAST and told["step"] == "job":
                        self.told_the_end = True
                case _:
                    pass


class Watchers:
    """All of them, on a loop of their own."""

    def __init__(self, arena: Arena, job_ids: Sequence[str], number: int) -> None:
        self.all = [Watcher(job_ids[n % len(job_ids)], n) for n in range(number)]
        self._urls = [instance.url for instance in arena.fleet.instances]
        self._key = arena.key
        self._thread = threading.Thread(target=lambda: asyncio.run(self._watch()), daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Until all have seen the end, or for so long."""
        self._thread.join(seconds)

    async def _watch(self) -> None:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        timeout = httpx2.Timeout(30.0, connect=10.0)
        headers = {"authorization": f"Bearer {self._key}"}
        async with httpx2.AsyncClient(
            limits=limits, timeout=timeout, headers=headers, trust_env=False
        ) as client:
            # Whoever has not seen the end by then is counted as such.
            with suppress(TimeoutError):
                async with asyncio.timeout(_ENDED_S):
                    await asyncio.gather(*(each.watch(client, self._urls) for each in self.all))


def watching(options: Options) -> Iterator[Result]:
    """Ten watchers a job, spread over three instances."""
    number = 40 if options.short else _WATCHERS
    seed = options.seed
    chance = chance_of(seed)
    with Arena(3, seed=seed, latency_s=1.5) as arena:
        batch = arena.accept(8 if options.short else _JOBS)
        watchers = Watchers(arena, batch.ids, number)
        losses: list[Lost] = []
        for _ in range(2):
            time.sleep(chance.uniform(2.0, 5.0))
            losses.append(arena.kill(chance.choice(arena.instances)))
            time.sleep(chance.uniform(1.0, 4.0))
            arena.start(losses[-1].instance)
        ended = arena.wait(batch, _ENDED_S)
        watchers.wait(30)
        checks, figures = arena.judge(batch, ended)
        told: dict[str, dict[int, str]] = {job_id: {} for job_id in batch.ids}
        for event in arena.ledger.events(batch.ids):
            told[event.job_id][event.seq] = f"{event.step} {event.kind}"
        missed = Counter(
            what
            for each in watchers.all
            for seq, what in told[each.job_id].items()
            if seq not in each.seen
        )
        twice = sum(len(each.seen) - len(set(each.seen)) for each in watchers.all)
        untimely = sum(each.seen != sorted(each.seen) for each in watchers.all)
        seen = sum(len(each.seen) for each in watchers.all)
        again = sum(each.connections - 1 for each in watchers.all)
        late = [seconds for each in watchers.all for seconds in each.late_s]
        mine = [
            none("events lost", missed.total()),
            none("events told twice", twice),
            none("watchers told out of order", untimely),
            none("watchers without the end", sum(not each.over for each in watchers.all)),
            Check("reconnections", again, "> 0", again > 0),
        ]
        figures |= {
            "watchers": number,
            "events told": seen,
            "which were lost": ", ".join(f"{what}: {n}" for what, n in missed.items()),
            "from the event to the watcher, s (p50)": percentile(late, 0.5),
            "from the event to the watcher, s (p99)": percentile(late, 0.99),
        }
        yield Result("watching", seed, 3, [*mine, *checks], figures)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
