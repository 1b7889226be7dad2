"""The desk in this process on a real database, with people who may do what a header says."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Mount

from app.config import Settings
from app.generation.admin import desk_of_jobs
from app.generation.batches.admin import desk_of_batches
from app.generation.watching import Watching
from app.infra.ports import Ports, open_ports
from app.lifecycle import health_of
from app.ops.admin import desk_of_fleet
from app.ops.drain import Drain
from app.ops.instances import Identity, new_identity
from app.ops.service import Lookout
from app.posts.admin import desk_of_posts
from app.posts.upkeep.admin import desk_of_upkeep
from app.review.admin import desk_of_review
from app.review.assessing import Assessor
from app.review.thresholds.admin import desk_of_thresholds
from app.web.desk import create_desk
from app.web.principals import Permission, Principal

ROLES = {
    "viewer": {Permission.READ},
    "writer": {Permission.READ, Permission.WRITE},
    "editor": {Permission.READ, Permission.WRITE, Permission.PUBLISH},
    "owner": set(Permission),
}


class RolesByHeader:
    """Knows people by the header `x-role`."""

    async def identify(self, connection: HTTPConnection) -> Principal | None:
        role = connection.headers.get("x-role")
        return Principal(f"person:{role}", role, frozenset(ROLES[role])) if role else None


@dataclass
class Desk:
    app: Starlette
    ports: Ports
    routes: list[Any]
    identity: Identity
    drain: Drain

    def zone(self, name: str) -> None:
        """Set the blog's time zone."""
        mounted = self.app.routes[0]
        assert isinstance(mounted, Mount)
        mounted.app.state.timezone = name

    def as_(self, role: str = "", **headers: str) -> httpx2.AsyncClient:
        given = {"accept-language": "en", **headers} | ({"x-role": role} if role else {})
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(
            transport=transport, base_url="http://desk.example", headers=given
        )


async def _open(url: str, folder: Path) -> AsyncIterator[Desk]:
    settings = Settings(database_url=url, data_dir=folder)
    ports = open_ports(settings)
    people = RolesByHeader()
    identity = new_identity()
    drain = Drain(health_of(settings, ports), settings)
    routes = [
        *desk_of_jobs(ports, settings, people, Watching(ports.database, ports.pubsub)),
        *desk_of_batches(ports, settings, people),
        *desk_of_posts(ports, people, Assessor(ports.database, settings, ports.now)),
        *desk_of_review(ports, settings, people),
        *desk_of_upkeep(ports, people, "https://blog.example"),
        *desk_of_thresholds(ports, settings, people),
        *desk_of_fleet(ports, people, Lookout(ports, settings), drain, identity),
    ]
    app = Starlette(routes=[Mount("/desk", create_desk(routes, settings))])
    yield Desk(app, ports, routes, identity, drain)
    await ports.close()


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """On SQLite and on PostgreSQL; no worker runs, so jobs stay queued."""
    async for opened in _open(database_url, tmp_path):
        yield opened


@pytest.fixture
async def quick_desk(new_database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Desk]:
    """On SQLite alone, for what no database decides."""
    async for opened in _open(new_database("sqlite"), tmp_path):
        yield opened
