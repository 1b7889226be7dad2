"""What a site's robots.txt lets us read (RFC 9309), remembered for an hour."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import anyio.to_thread
from protego import Protego

from app.infra.http.errors import FetchFailed, FetchRefused
from app.infra.http.targets import Target, shown

AGENT = "AISEOBlogger"
"""The product token that a robots.txt may name."""

_KEPT = 256
_UNREACHABLE = frozenset({"dns", "connect", "connect_timeout", "tls"})
"""Failures that the page itself would meet: they are told as they are."""

Read = Callable[[str], Awaitable[tuple[int, bytes]]]
"""Reads a robots.txt through the guard: address to status and body, redirects followed."""


class RobotsRules:
    """The rules of the sites asked so far."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._known: OrderedDict[str, tuple[float, Protego | None]] = OrderedDict()

    async def check(self, target: Target, read: Read) -> None:
        """Let pass what the site's rules allow.

        Raises:
            FetchRefused: `robots_denied`; or `robots_unreachable`, where the rules exist but cannot be read.
            FetchFailed: the site cannot be reached at all.
        """
        rules = await self._rules(target, read)
        if rules is not None and not rules.can_fetch(target.url, AGENT):
            raise FetchRefused(
                "robots_denied",
                f"{target.origin}/robots.txt does not allow {AGENT} to read {shown(target.url)}; if "
                "you may use the page, save it and give the file.",
            )

    async def _rules(self, target: Target, read: Read) -> Protego | None:
        now = time.monotonic()
        known = self._known.get(target.origin)
        if known is not None and now - known[0] < self._seconds:
            return known[1]
        rules = await self._fetched(target, read)
        self._known[target.origin] = (now, rules)
        self._known.move_to_end(target.origin)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return rules

    async def _fetched(self, target: Target, read: Read) -> Protego | None:
        try:
            status, body = await read(f"{target.origin}/robots.txt")
        except FetchFailed as error:
            if error.reason_code in _UNREACHABLE:
                raise
            raise _unreadable(target, error.message) from error
        if 400 <= status < 500:  # noqa: PLR2004  # RFC 9309, 2.3.1.3: no rules, all may be read
            return None
        if status != 200:  # noqa: PLR2004  # and 2.3.1.4: unknown rules, nothing may be
            raise _unreadable(target, f"It answered with status {status}.")
        # Off the loop: 500 KiB of rules take a while.
        return await anyio.to_thread.run_sync(Protego.parse, body.decode("utf-8-sig", "replace"))


def _unreadable(target: Target, why: str) -> FetchRefused:
    return FetchRefused(
        "robots_unreachable",
        f"{target.origin}/robots.txt could not be read, so none of the site's pages is; try again "
        f"later, or give the page as a file. {why}",
    )
