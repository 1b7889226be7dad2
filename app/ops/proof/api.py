"""The instance's half of the proof: writes what it is told, and says what it sees. For operators alone."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from pydantic import BaseModel, Field

from app.infra.ports import Ports
from app.infra.tags import bump_tags, forget_tag
from app.kit.errors import NotFound
from app.ops.proof.listening import CHANNEL, Listener
from app.ops.proof.purge import Removers
from app.ops.proof.repository import LIFE, ProofItems
from app.web.cache import Cache, Made
from app.web.principals import Permission, Principals, require
from app.web.sessions import Sessions, key_of

_LIFE_S = LIFE.total_seconds()
_MARK, _FILE, _TAG = "mark", "file", "tag"
_LIMIT = 1_000

_NOBODY = "proof"
"""Whose session a proof begins: the id of no person, so it lets nobody in."""

Token = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


class CachedIn(BaseModel):
    """What to put into the cache where nothing is."""

    value: str = Field(max_length=100)


def create_proof_router(
    ports: Ports,
    principals: Principals,
    *,
    sessions: Sessions,
    cache: Cache[bytes],
    listener: Listener,
    identity: Callable[[], Awaitable[dict[str, Any]]],
) -> APIRouter:
    """The routes of a proof that need no article and no job."""
    router = APIRouter(
        prefix="/scaling/proof",
        tags=["scaling"],
        dependencies=[Depends(require(principals, Permission.OPERATE))],
    )

    @router.get("/identity")
    async def read_identity() -> dict[str, Any]:
        """Who this is, and what must agree over the fleet: `schema`, `settings`, `clock_offset_s`, `checks`."""
        return await identity()

    _add_marks(router, ports)
    _add_sessions(router, ports, sessions)
    _add_cache(router, ports, cache)
    _add_files(router, ports)
    _add_limits(router, ports)
    _add_messages(router, ports, listener)
    return router


def _add_marks(router: APIRouter, ports: Ports) -> None:
    @router.put("/marks/{token}", status_code=204)
    async def write_mark(token: Token) -> None:
        async with ports.database.unit() as session:
            await ProofItems(session).add(_MARK, token, now=ports.now())

    @router.get("/marks/{token}")
    async def read_mark(token: Token) -> dict[str, bool]:
        async with ports.database.reading() as session:
            return {"found": await ProofItems(session).has(_MARK, token)}

    @router.delete("/marks/{token}", status_code=204)
    async def remove_mark(token: Token) -> None:
        async with ports.database.unit() as session:
            await ProofItems(session).remove(_MARK, token)


def _add_sessions(router: APIRouter, ports: Ports, sessions: Sessions) -> None:
    @router.post("/sessions", status_code=201)
    async def begin_session() -> dict[str, str]:
        """Begin a session of nobody; it ends by itself after two minutes."""
        session_id, _session = await sessions.start(_NOBODY, now=ports.now(), ttl_s=_LIFE_S)
        return {"session": session_id}

    @router.get("/sessions")
    async def know_session(x_proof_session: Annotated[str, Header()]) -> dict[str, bool]:
        found = await sessions.find(x_proof_session, now=ports.now())
        return {"known": found is not None}

    @router.delete("/sessions", status_code=204)
    async def end_session(x_proof_session: Annotated[str, Header()]) -> None:
        await sessions.end(key_of(x_proof_session))


def _add_cache(router: APIRouter, ports: Ports, cache: Cache[bytes]) -> None:
    @router.put("/cache/{token}")
    async def fetch_cached(token: Token, body: CachedIn) -> dict[str, str]:
        """What the cache has; where it has nothing, the value given."""

        async def build() -> Made[bytes]:
            return Made(body.value.encode(), (_tag(token),))

        return {"value": (await cache.get(token, build)).value.decode()}

    @router.delete("/cache/{token}", status_code=204)
    async def expire_cached(token: Token) -> None:
        async with ports.database.unit() as session:
            await ProofItems(session).add(_TAG, token, now=ports.now())
            await bump_tags(session, [_tag(token)])


def _add_files(router: APIRouter, ports: Ports) -> None:
    @router.put("/files/{token}", status_code=204)
    async def write_file(token: Token, request: Request) -> None:
        body = await request.body()
        async with ports.database.unit() as session:
            await ProofItems(session).add(_FILE, token, now=ports.now())
        await ports.blobs.put(_key(token), body)

    @router.get(
        "/files/{token}",
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    async def read_file(token: Token) -> Response:
        content = await ports.blobs.get(_key(token))
        if content is None:
            raise NotFound(f"There is no file {token} of a proof.")
        return Response(content, media_type="application/octet-stream")

    @router.delete("/files/{token}", status_code=204)
    async def remove_file(token: Token) -> None:
        await ports.blobs.delete(_key(token))
        async with ports.database.unit() as session:
            await ProofItems(session).remove(_FILE, token)


def _add_limits(router: APIRouter, ports: Ports) -> None:
    @router.post("/limits/{token}")
    async def count(token: Token) -> dict[str, int]:
        """Count one request as the rate limits do."""
        hit = await ports.limits.hit(f"proof:{token}", limit=_LIMIT, window_s=_LIFE_S)
        return {"used": hit.used}


def _add_messages(router: APIRouter, ports: Ports, listener: Listener) -> None:
    @router.post("/messages/{token}", status_code=204)
    async def tell(token: Token) -> None:
        await ports.pubsub.publish(CHANNEL, token.encode())

    @router.get("/messages/{token}")
    async def hear(token: Token) -> dict[str, bool]:
        return {"heard": listener.heard(token)}


def removers(ports: Ports) -> Removers:
    """How what these routes wrote is taken away."""

    async def remove_mark(token: str) -> None:
        async with ports.database.unit() as session:
            await ProofItems(session).remove(_MARK, token)

    async def remove_file(token: str) -> None:
        await ports.blobs.delete(_key(token))

    async def remove_tag(token: str) -> None:
        # Not at once: an instance that missed the message learns of the change from the row.
        async with ports.database.unit() as session:
            await forget_tag(session, _tag(token))

    return {_MARK: remove_mark, _FILE: remove_file, _TAG: remove_tag}


def _tag(token: str) -> str:
    return f"proof:{token}"


def _key(token: str) -> str:
    return f"proof/{token}"
