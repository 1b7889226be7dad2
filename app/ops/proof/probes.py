"""What is done through one instance and looked for on another. Each probe cleans up after itself."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial

import httpx2

from app.kit.speech import say
from app.ops.proof.client import Refused, Remote
from app.ops.proof.domain import Kind

BASE = "/api/v1/scaling/proof"

SEEN_WITHIN_S = 3.0
"""How long a change may take to be seen elsewhere: an unpublished page is gone within one second, and a
busy machine may take as long again to answer."""

_AGAIN_S = 0.02

_PAUSES_S = (0.0, 0.3, 1.0)
"""How long is waited before the other's cache is asked: an instance that hears no messages does not
believe what was cached since its last look at the versions, half a second ago at the most."""


class Unshared(Exception):
    """What was done on one instance is not seen on the other."""


Probe = Callable[[Remote, Remote], Awaitable[None]]


def _require(seen: object, message: str) -> None:
    if not seen:
        raise Unshared(message)


async def _until(seen: Callable[[], Awaitable[bool]], message: str) -> None:
    limit = time.monotonic() + SEEN_WITHIN_S
    while not await seen():
        _require(time.monotonic() < limit, message)
        await asyncio.sleep(_AGAIN_S)


@asynccontextmanager
async def _cleaning(clean: Callable[[], Awaitable[object]]) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        with suppress(Refused):  # what stays lives only for its time
            await clean()


def _token() -> str:
    return secrets.token_hex(8)


async def probe_database(a: Remote, b: Remote) -> None:
    """A row written through A is read through B."""
    token = _token()
    async with _cleaning(lambda: a.call("DELETE", f"{BASE}/marks/{token}")):
        await a.call("PUT", f"{BASE}/marks/{token}")
        found = await b.call("GET", f"{BASE}/marks/{token}")
        _require(found["found"], say("a row written on the one is not there on the other"))


async def probe_session(a: Remote, b: Remote) -> None:
    """Who signs in on A is known on B, and who signs out on B is unknown on A."""
    session = (await a.call("POST", f"{BASE}/sessions"))["session"]
    given = {"X-Proof-Session": session}

    async def known(where: Remote) -> bool:
        return bool((await where.call("GET", f"{BASE}/sessions", headers=given))["known"])

    async with _cleaning(lambda: a.call("DELETE", f"{BASE}/sessions", headers=given)):
        _require(await known(a), say("a session is not known where it was begun"))
        _require(await known(b), say("a session begun on the one is not known on the other"))
        await b.call("DELETE", f"{BASE}/sessions", headers=given)
        await _until(
            lambda: _negate(known(a)), say("a session ended on the one goes on on the other")
        )


async def _negate(question: Awaitable[bool]) -> bool:
    return not await question


async def probe_cache(a: Remote, b: Remote) -> None:
    """What A computed B does not compute again, and what A calls stale B computes anew."""

    async def cached(where: Remote, token: str, value: str) -> str:
        answer = await where.call("PUT", f"{BASE}/cache/{token}", json={"value": value})
        return str(answer["value"])

    for pause_s in _PAUSES_S:
        token = _token()
        await cached(a, token, "first")
        await asyncio.sleep(pause_s)
        if await cached(b, token, "second") == "first":
            break
    else:
        raise Unshared(say("what the one put into the cache is not in the other's"))
    await a.call("DELETE", f"{BASE}/cache/{token}")

    async def renewed() -> bool:
        return await cached(b, token, "third") == "third"

    await _until(renewed, say("what the one called stale the other goes on serving"))


async def probe_files(a: Remote, b: Remote) -> None:
    """Bytes uploaded through A are read through B."""
    token, content = _token(), secrets.token_bytes(4096)
    async with _cleaning(lambda: a.call("DELETE", f"{BASE}/files/{token}")):
        await a.call("PUT", f"{BASE}/files/{token}", content=content)
        answer = await b.ask("GET", f"{BASE}/files/{token}")
        _require(
            answer.status_code == 200 and answer.content == content,  # noqa: PLR2004  # OK
            say("a file uploaded on the one is not there on the other"),
        )


async def probe_limits(a: Remote, b: Remote) -> None:
    """Requests counted on A are counted on B."""
    token = _token()
    used = [(await where.call("POST", f"{BASE}/limits/{token}"))["used"] for where in (a, a, b, a)]
    _require(used == [1, 2, 3, 4], say("each counts requests for itself"))


async def probe_messages(a: Remote, b: Remote) -> None:
    """What A tells every instance B hears."""
    token = _token()
    await a.call("POST", f"{BASE}/messages/{token}")

    async def heard() -> bool:
        return bool((await b.call("GET", f"{BASE}/messages/{token}"))["heard"])

    await _until(heard, say("a message from the one does not reach the other"))


async def probe_job(a: Remote, b: Remote) -> None:
    """A job accepted on A is seen, streamed and cancelled on B, and A says so."""
    jobs = f"{BASE}/jobs"
    job = (await a.call("POST", jobs))["id"]
    async with _cleaning(partial(a.call, "DELETE", f"{jobs}/{job}")):
        seen = await b.call("GET", f"{jobs}/{job}")
        _require(seen["job"], say("a job accepted on the one is unknown on the other"))
        _require(seen["queued"], say("a job accepted on the one is in no queue that both share"))
        await b.call("POST", f"{jobs}/{job}/cancel")
        _require(
            await b.first_event(f"{jobs}/{job}/events"),
            say("the events of a job accepted on the one do not come on the other"),
        )
        state = (await a.call("GET", f"{jobs}/{job}"))["state"]
        _require(state == "cancelled", say("a job cancelled on the one goes on on the other"))


async def probe_article(a: Remote, b: Remote, *, listed: bool = False) -> None:
    """An article published on A is on B, as the same bytes; once gone on A it is gone on B.

    With `listed` it is also looked for on B's index, feed and sitemap, where readers see it for a moment.
    """
    query = "?listed=true" if listed else ""
    made = await a.call("POST", f"{BASE}/articles{query}")
    path = made["path"]
    async with _cleaning(lambda: a.call("DELETE", f"{BASE}/articles/{made['id']}")):
        here = await a.anonymous(path)

        async def there() -> bool:
            return _same(here, await b.anonymous(path))

        await _until(there, say("an article published on the one is not on the other"))
        for page in _LISTS if listed else ():

            async def named(page: str = page) -> bool:
                return path in (await b.anonymous(page)).text

            await _until(
                named,
                say("an article published on the one is not in {page} of the other", page=page),
            )
    await _until(
        lambda: _gone(b, path), say("an article taken back on the one is still on the other")
    )


def _same(one: httpx2.Response, other: httpx2.Response) -> bool:
    """Whether two instances answer the same page, by its tag.

    Without PUBLIC_URL each writes its own address into its pages: then it is the same but for that.
    """
    if {one.status_code, other.status_code} != {200}:
        return False
    if one.headers.get("etag") == other.headers.get("etag"):
        return True
    return _without_address(one) == _without_address(other)


def _without_address(page: httpx2.Response) -> str:
    return page.text.replace(page.request.url.netloc.decode("ascii"), "")


_LISTS = ("/en/", "/feed.xml", "/sitemap.xml")


async def _gone(where: Remote, path: str) -> bool:
    return (await where.anonymous(path)).status_code in {404, 410}


PROBES: Mapping[Kind, Probe] = {
    Kind.SESSION: probe_session,
    Kind.CACHE: probe_cache,
    Kind.FILES: probe_files,
    Kind.LIMITS: probe_limits,
    Kind.MESSAGES: probe_messages,
    Kind.JOB: probe_job,
    Kind.ARTICLE: probe_article,
}
"""What is asked of every pair that shares a database."""
