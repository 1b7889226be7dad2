"""Two servers: one that may be asked for pages, and one that must never be."""

from collections.abc import Iterator

import pytest

from tests.infra.http.hostile import Hostile, hostile_server


@pytest.fixture(scope="module")
def _servers() -> Iterator[tuple[Hostile, Hostile]]:
    with hostile_server() as open_one, hostile_server() as forbidden:
        yield open_one, forbidden


@pytest.fixture
def server(_servers: tuple[Hostile, Hostile]) -> Hostile:
    """May be reached: its place is what the fetcher allows."""
    open_one = _servers[0]
    open_one.asked.clear()
    open_one.pages.clear()
    open_one.robots = None
    return open_one


@pytest.fixture
def forbidden(_servers: tuple[Hostile, Hostile]) -> Iterator[Hostile]:
    """Must not be reached: whatever the test does, nobody may ask it for anything."""
    yield _servers[1]
    assert _servers[1].asked == []
