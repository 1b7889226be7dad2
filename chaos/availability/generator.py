"""The load: `python -m chaos.availability.generator FILE`, ordered by a line on stdin, which ends it.

A process of its own, so that whoever breaks the fleet takes no time from it. Arrivals of an open load are a
Poisson process fixed by its seed; each is sent when it is due, however many still wait for their answers.
"""

import asyncio
import gc
import os
import random
import sys
import time
from bisect import bisect
from itertools import accumulate, count
from pathlib import Path

import uvloop

from chaos.availability.asking import Answer, Connections, Lost
from chaos.availability.orders import (
    Asked,
    Kind,
    Order,
    Report,
    judge,
    keyword_of,
    moment_of,
    read_order,
)

_TAIL_S = 1.0
"""What is waited over the latest bound for the last answers."""


class Generator:
    """Asks as it was ordered."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._chance = random.Random(order.seed)  # noqa: S311  # to be repeated, not to be secret
        self._shares = list(accumulate(kind.share for kind in order.kinds))
        self._numbers = count(1)
        self._connections = Connections()
        self._stop = asyncio.Event()
        self.report = Report()

    def stop(self) -> None:
        """Ask no more; what is under way ends."""
        self._stop.set()

    async def run(self) -> None:
        """Ask until it is stopped."""
        await (self._ask_openly() if self._order.per_s else self._ask_closely())
        self._connections.close()

    async def _ask_openly(self) -> None:
        tasks: set[asyncio.Task[None]] = set()
        due = time.monotonic()
        while not self._stop.is_set():
            due += self._chance.expovariate(self._order.per_s)
            wait = due - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            elif len(tasks) % 16 == 0:
                await asyncio.sleep(0)  # it is behind: answers must be read all the same
            task = asyncio.create_task(self._ask(due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if tasks:
            longest = max(kind.within_s for kind in self._order.kinds)
            await asyncio.wait(tasks, timeout=longest + _TAIL_S)

    async def _ask_closely(self) -> None:
        async def work() -> None:
            while not self._stop.is_set():
                await self._ask(time.monotonic())

        await asyncio.gather(*(work() for _ in range(self._order.workers)))

    async def _ask(self, due: float) -> None:
        kinds = self._order.kinds
        place = bisect(self._shares, self._chance.random() * self._shares[-1])
        kind = kinds[min(place, len(kinds) - 1)]
        n = next(self._numbers)
        asked = Asked(kind.name, due, time.monotonic(), time.monotonic(), "never ended")
        self.report.asked.append(asked)
        try:
            left = max(0.001, due + kind.within_s - asked.sent_at)
            request = request_of(kind, n, self._order.tag)
            answer: Answer = await self._connections.ask(kind.port, request, left)
            asked.wrong, asked.name = judge(kind, n, answer.status, answer.body)
            asked.cache = answer.cache
        except TimeoutError:
            asked.wrong = f"no answer within {kind.within_s:g} s"
        except Lost as error:
            asked.wrong = f"connection lost: {error}"
        asked.ended_at = time.monotonic()


def request_of(kind: Kind, n: int, tag: str) -> bytes:
    """The bytes of a request."""
    path = kind.path.replace("{n}", str(n)).replace("{m}", str(n % kind.places))
    lines = [f"{kind.method} {path} HTTP/1.1", f"host: {kind.host}"]
    if kind.key:
        lines.append(f"authorization: Bearer {kind.key}")
    body = b""
    if kind.body:
        filled = kind.body.replace("{keyword}", keyword_of(n)).replace("{moment}", moment_of(n))
        body = filled.encode()
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
        if kind.judge == "job":
            lines.append(f"idempotency-key: {tag}-{n}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _main(order: Order, file: Path) -> None:
    generator = Generator(order)
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), _heard, generator)
    began = time.process_time()
    sys.stdout.write("asking\n")
    sys.stdout.flush()
    await generator.run()
    generator.report.processor_s = time.process_time() - began
    generator.report.write(file)


def _heard(generator: Generator) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        generator.stop()


def main() -> None:
    """Read the order, ask, write the report."""
    line = bytearray()
    while not line.endswith(b"\n"):
        # Byte by byte: what stdin's own buffer had read, the loop would wait for in vain.
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            raise SystemExit("no order on stdin")
        line += byte
    gc.freeze()
    gc.disable()  # a collection would be a pause of ours in everybody's latency
    uvloop.run(_main(read_order(line.decode()), Path(sys.argv[1])))


if __name__ == "__main__":
    main()
