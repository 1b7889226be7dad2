"""What checks look at: the settings, what was opened by them, and the fleet around this process."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

from app.config import Settings
from app.infra.db.urls import sqlite_file
from app.infra.ports import Ports
from app.infra.scope import Scope
from app.ops.fingerprint import session_storage
from app.ops.instances import Fleet, Instance, find_fleet, list_instances
from app.ops.repository import has_tables
from app.ops.round_trips import through_database

Answer = TypeVar("Answer")


class Keeper(Protocol):
    """Whatever keeps sessions."""

    @property
    def name(self) -> str:
        """What keeps them: `memory`, `database` or `redis`."""
        ...

    @property
    def scope(self) -> Scope:
        """How far they reach."""
        ...

    async def ping(self) -> None:
        """Ask for a sign of life."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """Sessions as the settings have them, where no keeper was opened."""

    name: str
    scope: Scope

    async def ping(self) -> None:
        """The round trip through the store says it all."""


@dataclass(frozen=True, slots=True)
class Around:
    """The fleet as its database knows it."""

    fleet: Fleet | None
    instances: tuple[Instance, ...]

    @property
    def live(self) -> tuple[Instance, ...]:
        """The instances that beat."""
        return tuple(instance for instance in self.instances if instance.live)


class NoDatabaseYet(Exception):
    """The database, or what this program keeps in it, is not there: nothing has been started yet."""


@dataclass
class Situation:
    """Everything a check may need. What costs I/O is done once, by whichever check comes first."""

    ports: Ports
    settings: Settings
    sessions: Keeper
    _done: dict[str, asyncio.Task[Any]] = field(
        default_factory=dict[str, "asyncio.Task[Any]"], repr=False
    )

    async def around(self) -> Around:
        """The fleet of this database: nobody where there is no database yet."""
        return await self._once("around", self._read)

    async def has_tables(self) -> bool:
        """Whether there is something to look at. Looking makes no file where there is none."""
        file = sqlite_file(self.ports.database.url)
        if file is not None and not file.exists():
            return False
        return await self._once("tables", partial(has_tables, self.ports.database))

    async def require_tables(self) -> None:
        """Make sure that there is something to look at.

        Raises:
            NoDatabaseYet: there is not.
        """
        if not await self.has_tables():
            raise NoDatabaseYet

    async def through_database(self) -> None:
        """A round trip through the database."""
        trip = partial(through_database, self.ports.database, now=self.ports.now())
        await self._once("trip", trip)

    def close(self) -> None:
        """Stop what nobody waits for any more."""
        for task in self._done.values():
            if not task.done():
                task.cancel()
            elif not task.cancelled():
                task.exception()  # read, whether or not a check did

    async def _once(self, name: str, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        if name not in self._done:
            self._done[name] = asyncio.create_task(work())
        return await asyncio.shield(self._done[name])

    async def _read(self) -> Around:
        if not await self.has_tables():
            return Around(None, ())
        database = self.ports.database
        fleet = await find_fleet(database)
        return Around(fleet, tuple(await list_instances(database, ttl_s=self.settings.fleet.ttl_s)))


def situation(ports: Ports, settings: Settings, sessions: Keeper | None = None) -> Situation:
    """The situation of this process; without a keeper of sessions, as the settings have it."""
    return Situation(ports, settings, sessions or _kept(ports, settings))


def _kept(ports: Ports, settings: Settings) -> Keeper:
    match session_storage(settings):
        case "redis":
            return Kept("redis", ports.store.scope)
        case "database":
            return Kept("database", Scope(ports.database.scope))
        case name:
            return Kept(name, Scope.PROCESS)
