"""This process's copy of the tag versions: told of changes at once, checked against the rows every half second.

A message over pub/sub makes a change known in milliseconds; when it is lost, the check finds the change.
Whoever wants to answer from memory a second after the last check waits for the next one first, so that
nothing outlives its change by more than that. While the database does not answer there is nothing better
to know, and what is known counts.
"""

import asyncio
import json
import math
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.infra.db import Database
from app.infra.pubsub import Gap, Message, PubSub
from app.infra.tags import NEWEST, Bump, changes_since, database_identity, noted_bumps

log = structlog.get_logger()

CHANNEL = "tags"

_EVERY_S = 0.5
_TRUST_S = 1.0
"""How long a check is believed; counted from before its query."""
_LIMIT_S = 1.0
"""Longest wait for the database before it counts as away."""
_PATIENCE_S = 1.5
"""Longest that one reader waits for a check: more than it may take, so that it ends known or away."""
_KNOWN = 20_000
"""Most tags remembered; entries older than the oldest of them are not believed."""
_MOST_TAGS = 50
"""Most tags in one message; a longer list is left to the check."""


class Versions:
    """Answers whether what was built of some tags is still as the database has it."""

    def __init__(self, database: Database, pubsub: PubSub) -> None:
        self._database = database
        self._pubsub = pubsub
        self._known: OrderedDict[str, int] = OrderedDict()
        self._floor = 0
        self._checking: asyncio.Task[None] | None = None
        self._soon = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self.clock = -1
        """The newest version known; -1 until the first check."""
        self.stamp = 0
        """Rises with everything learned: what was found unmoved at this stamp still is."""
        self.trusted_until = 0.0
        self.away = False
        self.era = 0
        """Rises when messages may have been lost; what was kept before is looked up anew."""
        self.identity = ""
        """The database's own name for itself, so that two behind one Redis share nothing."""
        self.heard: list[Callable[[Bump], None]] = []

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Know the versions while the block runs. The tables must be there."""
        self._loop = asyncio.get_running_loop()
        async with self._database.unit() as session:
            self.identity = await database_identity(session)
        await self._check()
        self._database.committed.append(self._told_by_unit)
        tasks = [asyncio.create_task(self._keep_checking()), asyncio.create_task(self._listen())]
        try:
            yield
        finally:
            self._database.committed.remove(self._told_by_unit)
            self._loop = None
            ending = [*tasks, *self._sending, *([self._checking] if self._checking else [])]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    def unmoved(self, built: int, tags: tuple[str, ...]) -> bool:
        """Whether none of the tags has changed since version `built`, as far as is known."""
        if not self._floor <= built <= self.clock:
            return False
        known = self._known
        return all((self.clock if tag == NEWEST else known.get(tag, 0)) <= built for tag in tags)

    async def checked(self) -> bool:
        """Wait until what is known is at most a second old; False when that cannot be had now."""
        if time.monotonic() < self.trusted_until:
            return not self.away
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                await asyncio.shield(self._one_check())
        return not self.away and time.monotonic() < self.trusted_until

    def _one_check(self) -> asyncio.Task[None]:
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._check())
        return self._checking

    async def _keep_checking(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._soon.wait()
            self._soon.clear()
            await asyncio.shield(self._one_check())

    async def _check(self) -> None:
        """Read what has changed since the last time. Raises nothing."""
        started, before = time.monotonic(), self.clock
        try:
            async with asyncio.timeout(_LIMIT_S), self._database.reading() as session:
                newest, changes = await changes_since(session, before, limit=_KNOWN)
        except Exception as error:  # noqa: BLE001  # whatever the driver raises means the same
            if not self.away:
                log.warning("tag_versions_away", reason=type(error).__name__)
            self.away, self.trusted_until = True, math.inf
            return
        if newest < before:  # an older copy was restored: nothing kept before means anything
            log.warning("tag_versions_went_back", known=before, found=newest)
            self._known.clear()
            self.clock, self._floor, self.era = -1, 0, self.era + 1
            self.stamp, self.trusted_until = self.stamp + 1, 0.0
            self._soon.set()
            return
        if self.away:
            log.info("tag_versions_back")
        if before < 0 or len(changes) >= _KNOWN:
            self._floor = max(self._floor, changes[0][1] if len(changes) >= _KNOWN else 0)
        for tag, version in changes:
            self._learn(tag, version)
        if newest > self.clock:
            self.clock, self.stamp = newest, self.stamp + 1
        self.away, self.trusted_until = False, started + _TRUST_S

    def _learn(self, tag: str, version: int) -> None:
        if version > self._known.get(tag, -1):
            self._known[tag] = version
            self._known.move_to_end(tag)
        while len(self._known) > _KNOWN:
            _, oldest = self._known.popitem(last=False)
            self._floor = max(self._floor, oldest)

    def _told(self, bump: Bump) -> None:
        """Learn of one transaction; if others before it are not known, look at the rows now."""
        if bump.version <= self.clock:
            return
        for tag in bump.tags:
            self._learn(tag, bump.version)
        self.stamp += 1
        if bump.version == self.clock + 1:
            self.clock = bump.version
        else:
            self.trusted_until = 0.0 if not self.away else self.trusted_until
            self._soon.set()

    def _told_by_unit(self, session: AsyncSession) -> None:
        """After a commit of this process, in whatever thread it was."""
        if self._loop is not None:
            for bump in noted_bumps(session):
                self._loop.call_soon_threadsafe(self._spread, bump)

    def _spread(self, bump: Bump) -> None:
        self._told(bump)
        if len(bump.tags) > _MOST_TAGS:
            bump = Bump(bump.version + 1, ())  # more than is known: it makes others look
        body = json.dumps([bump.version, *bump.tags]).encode()
        task = asyncio.create_task(self._pubsub.publish(CHANNEL, body))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _listen(self) -> None:
        listened = False
        while True:
            try:
                async with self._pubsub.subscribe(CHANNEL) as messages:
                    if listened:
                        self._lost()
                    listened = True
                    async for message in messages:
                        self._hear(message)
            except Exception as error:  # noqa: BLE001  # the check goes on without messages
                log.warning("tag_messages_lost", reason=type(error).__name__)
            await asyncio.sleep(_EVERY_S)

    def _hear(self, message: Message | Gap) -> None:
        if isinstance(message, Gap):
            self._lost()
            return
        try:
            version, *tags = json.loads(message.body)
            bump = Bump(int(version), tuple(str(tag) for tag in tags))
        except (ValueError, TypeError):
            log.warning("tag_message_unreadable", size=len(message.body))
            return
        self._told(bump)
        for hear in self.heard:
            hear(bump)

    def _lost(self) -> None:
        """Messages may be gone: what the first level holds is looked up anew."""
        self.era += 1
        if not self.away:
            self.trusted_until = 0.0
        self._soon.set()
