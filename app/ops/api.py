"""The probes, outside all three doors and before host checks: balancers ask by address."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.ops.health import Health

_HEADERS = {"Cache-Control": "no-store"}


def health_routes(health: Health, *, interval_s: float = 10.0) -> list[Route]:
    """`/health`, `/health/readiness` and `/health/liveness`. Balancers ask every `interval_s`."""

    async def liveness(_request: Request) -> JSONResponse:
        # Touches nothing: a process that can answer is alive, whatever else is away.
        return JSONResponse({"status": "alive"}, headers=_HEADERS)

    async def readiness(_request: Request) -> JSONResponse:
        ready, body = await health.readiness()
        health.note_probe(good=ready, interval_s=interval_s)
        return JSONResponse(body, 200 if ready else 503, headers=_HEADERS)

    async def summary(_request: Request) -> JSONResponse:
        healthy, body = await health.health()
        health.note_probe(good=healthy, interval_s=interval_s)
        return JSONResponse(body, 200 if healthy else 503, headers=_HEADERS)

    return [
        Route("/health", summary),
        Route("/health/readiness", readiness),
        Route("/health/liveness", liveness),
    ]
