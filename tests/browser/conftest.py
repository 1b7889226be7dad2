"""The machine's Chromium, driven by playwright against a real server."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.doors import people
from tests.doors.conftest import COPIES, Server, serving

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"]
"""Without its sandbox, which root may not use; it is shown nothing but our own pages."""

PATIENCE_MS = 60_000
"""Upper limit of every wait: machines may be busy, conditions are what is waited for."""


def _chromium(config: pytest.Config) -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        reason = "no Chromium here: apt install chromium, or set CHROMIUM to its path"
        if config.getoption("--require-services"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """One browser a module: the driver keeps a loop running, which no other module's tests may meet."""
    path = _chromium(pytestconfig)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, module_database: Callable[[str], str]
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("site")
    with serving(folder, module_database("sqlite"), **COPIES) as running:
        yield running


Opener = Callable[..., Page]


@pytest.fixture
def open_desk(browser: Browser, site: Server) -> Iterator[Opener]:
    """Opens the desk signed in. A page that logged an error (a refused script, a failed request) fails the test."""
    errors: list[str] = []
    with ExitStack() as stack:

        def open_(
            server: Server = site, *, width: int = 1280, locale: str = "en", **more: bool
        ) -> Page:
            context = browser.new_context(
                base_url=server.url,
                locale=locale,
                viewport={"width": width, "height": 844},
                java_script_enabled=more.get("script", True),
            )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            _sign_in(context, server)
            page = context.new_page()
            page.on(
                "console", lambda said: errors.append(said.text) if said.type == "error" else None
            )
            page.on("pageerror", lambda error: errors.append(str(error)))
            return page

        yield open_
    # A server that a test has ended is away (`net::`); a conflict is told by its status.
    unexpected = [error for error in errors if "net::ERR_" not in error and "409" not in error]
    assert unexpected == []


def _sign_in(context: BrowserContext, server: Server) -> None:
    page = context.new_page()
    page.goto("/desk/sign-in")
    page.locator("#login").fill(server.person("owner"))
    page.locator("#password").fill(people.PASSWORD)
    page.locator("#password").press("Enter")
    page.locator(".who").wait_for()
    page.close()


@pytest.fixture
def source() -> str:
    root = Path(__file__).resolve().parents[2]
    return (root / "examples/en/horizontal-scaling.md").read_text()


@pytest.fixture
def korean_source() -> str:
    root = Path(__file__).resolve().parents[2]
    return (root / "examples/ko/load-balancing.md").read_text()
