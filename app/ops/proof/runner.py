"""Asks every instance, pair by pair, and says who is at fault."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from app.kit.errors import Invalid
from app.kit.speech import say
from app.ops.proof.client import Refused, Remote
from app.ops.proof.domain import (
    CHECK_OF,
    CLOCK_LIMIT_S,
    SETTING_OF,
    Kind,
    Line,
    Report,
    most_frequent,
    odd_ones,
    pairs_of,
)
from app.ops.proof.probes import BASE, PROBES, Probe, Unshared, probe_article, probe_database

_AT_ONCE = 4
"""Probes asked at once: enough to be quick, few enough to leave the instances to their readers."""

_PROVED_LIVE = frozenset(SETTING_OF.values())
"""Settings whose effect has a line of its own: what is seen counts, not how it is written."""

Identity = Mapping[str, Any]
"""What an instance says of itself: ids, schema, settings' fingerprints, clock, checks."""


class Prover:
    """Proves that the instances at `urls` share everything."""

    def __init__(self, urls: Sequence[str], key: str, *, listed: bool = False) -> None:
        """With `listed`, each instance publishes an article that readers can find for a moment.

        Raises:
            Invalid: there is nobody to ask.
        """
        unique = list(dict.fromkeys(url.rstrip("/") for url in urls))
        if not unique:
            raise Invalid(
                say("Give the address of each instance: scale prove http://10.0.0.1:8000 …")
            )
        for url in unique:
            if not url.startswith(("http://", "https://")):
                raise Invalid(
                    say("{url} is no address of an instance; write http://host:port", url=url)
                )
        self._urls = unique
        self._key = key
        self._probes = {**PROBES, Kind.ARTICLE: partial(probe_article, listed=listed)}
        self._limit = asyncio.Semaphore(_AT_ONCE)

    async def prove(self) -> Report:
        """Ask everything; takes a second or two for three instances."""
        start = time.monotonic()
        async with AsyncExitStack() as stack:
            remotes = {
                url: await stack.enter_async_context(Remote(url, self._key)) for url in self._urls
            }
            lines, identities = await self._meet(remotes)
            present = [url for url in self._urls if url in identities]
            lines += _compared(identities)
            pairs = pairs_of(present) if present else []
            shared = await self._ask_pairs(remotes, pairs, {Kind.DATABASE: probe_database})
            lines += shared
            apart = {(line.source, line.observer) for line in shared if not line.passed}
            together = [pair for pair in pairs if pair not in apart and pair[::-1] not in apart]
            asked = await self._ask_pairs(remotes, together, self._probes)
            lines += asked
            lines += [
                Line(
                    kind,
                    source,
                    observer,
                    None,
                    message=say("not asked: the two use different databases"),
                )
                for source, observer in pairs
                if (source, observer) not in together
                for kind in PROBES
            ]
        order = list(Kind)
        blamed = _blamed(lines, identities)
        blamed.sort(key=lambda line: order.index(line.kind))
        return Report(tuple(self._urls), tuple(blamed), time.monotonic() - start)

    async def _meet(self, remotes: Mapping[str, Remote]) -> tuple[list[Line], dict[str, Identity]]:
        """A line of health each, and what each that answers says of itself."""
        lines: list[Line] = []
        identities: dict[str, Identity] = {}

        async def meet(url: str, remote: Remote) -> None:
            began = time.perf_counter()
            try:
                ready = await remote.ask("GET", "/health/readiness")
                healthy = ready.status_code == 200  # noqa: PLR2004  # OK
                lines.append(
                    Line(
                        Kind.HEALTH,
                        url,
                        url,
                        healthy,
                        _milliseconds(began),
                        "" if healthy else say("is not ready: {answer}", answer=ready.text[:200]),
                        () if healthy else (url,),
                    )
                )
                identities[url] = await remote.call("GET", f"{BASE}/identity")
            except Refused as refused:
                lines.append(_refused(url, refused, began))

        await asyncio.gather(*(meet(url, remote) for url, remote in remotes.items()))
        strangers = {line.source for line in lines if line.kind is Kind.DATABASE}
        if strangers and not identities:
            # The key is unknown everywhere: that is the key, not the database.
            raise Invalid(
                say(
                    "No instance knows this key. "
                    "Make one: ai-seo-blogger keys create LOGIN --name proof --scope ops"
                )
            )
        return lines, identities

    async def _ask_pairs(
        self,
        remotes: Mapping[str, Remote],
        pairs: Sequence[tuple[str, str]],
        probes: Mapping[Kind, Probe],
    ) -> list[Line]:
        async def ask(kind: Kind, probe: Probe, source: str, observer: str) -> Line:
            async with self._limit:
                began = time.perf_counter()
                message = ""
                try:
                    await probe(remotes[source], remotes[observer])
                except (Unshared, Refused) as error:
                    message = str(error)
                return Line(kind, source, observer, not message, _milliseconds(began), message)

        return list(
            await asyncio.gather(
                *(
                    ask(kind, probe, source, observer)
                    for kind, probe in probes.items()
                    for source, observer in pairs
                )
            )
        )


def _milliseconds(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


def _refused(url: str, refused: Refused, began: float) -> Line:
    if refused.status in {401, 403}:
        return Line(
            Kind.DATABASE,
            url,
            url,
            passed=False,
            latency_ms=_milliseconds(began),
            message=say("does not know the key that others know: it uses another database"),
            culprits=(url,),
            setting="DATABASE_URL",
            hint=say("Give every instance the same {setting}.", setting="DATABASE_URL"),
        )
    return Line(
        Kind.HEALTH,
        url,
        url,
        passed=False,
        latency_ms=_milliseconds(began),
        message=str(refused),
        culprits=(url,),
        hint=say("Start it, or leave it out."),
    )


def _compared(identities: Mapping[str, Identity]) -> list[Line]:
    """What each says of itself, held against what most say: schema, settings and clock."""
    lines: list[Line] = []
    schemas = {url: str(identity["schema"]) for url, identity in identities.items()}
    old = odd_ones(schemas)
    names = sorted(
        {name for identity in identities.values() for name in identity["settings"]} - _PROVED_LIVE
    )
    differing: dict[str, list[str]] = {}
    for name in names:
        values = {url: str(i["settings"].get(name, "")) for url, i in identities.items()}
        for url in odd_ones(values):
            differing.setdefault(url, []).append(name)
    offsets = {url: float(identity["clock_offset_s"]) for url, identity in identities.items()}
    middle = sorted(offsets.values())[len(offsets) // 2] if offsets else 0.0
    for url in identities:
        lines.append(
            Line(
                Kind.SCHEMA,
                url,
                url,
                url not in old,
                message=""
                if url not in old
                else say("was built for the schema {schema}, others are not", schema=schemas[url]),
                culprits=(url,) if url in old else (),
                hint=say("Start the same release everywhere.") if url in old else "",
            )
        )
        names_here = differing.get(url, [])
        lines.append(
            Line(
                Kind.SETTINGS,
                url,
                url,
                not names_here,
                message=say("differs from the others in {settings}", settings=", ".join(names_here))
                if names_here
                else "",
                culprits=(url,) if names_here else (),
                setting=", ".join(names_here),
                hint=say("Give every instance the same {setting}.", setting=", ".join(names_here))
                if names_here
                else "",
            )
        )
        apart = abs(offsets[url] - middle)
        lines.append(
            Line(
                Kind.CLOCK,
                url,
                url,
                apart <= CLOCK_LIMIT_S,
                message=""
                if apart <= CLOCK_LIMIT_S
                else say("its clock is {seconds} s off", seconds=f"{apart:.1f}"),
                culprits=() if apart <= CLOCK_LIMIT_S else (url,),
                hint=""
                if apart <= CLOCK_LIMIT_S
                else say("Keep its clock by NTP (chrony or systemd-timesyncd)."),
            )
        )
    return lines


def _blamed(lines: Sequence[Line], identities: Mapping[str, Identity]) -> list[Line]:
    """The failed lines with who is at fault, which setting, and what to type.

    An instance whose own check of the same thing is not well comes first; else who takes part in most of
    the failures.
    """
    found: list[Line] = []
    failing: dict[Kind, list[tuple[str, str]]] = {}
    for line in lines:
        if line.passed is False and not line.culprits:
            failing.setdefault(line.kind, []).append((line.source, line.observer))
    for line in lines:
        if line.passed is not False or line.culprits:
            found.append(line)
            continue
        unwell = {
            url: check
            for url, identity in identities.items()
            if (check := identity["checks"].get(CHECK_OF.get(line.kind, ""), {})).get(
                "status", "ok"
            )
            != "ok"
        }
        concerned = [url for url in (line.source, line.observer) if url in unwell]
        culprits = tuple(concerned) or most_frequent(failing[line.kind])
        hint = str(unwell[concerned[0]].get("hint", "")) if concerned else ""
        setting = SETTING_OF.get(line.kind, "")
        found.append(
            replace(
                line,
                culprits=culprits,
                setting=setting,
                hint=hint or say("Give every instance the same {setting}.", setting=setting),
            )
        )
    return found
