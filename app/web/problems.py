"""Errors as problem details (RFC 9457), in one place for the whole API."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.infra.blobs import BlobsAway
from app.infra.db import AWAY
from app.infra.kv import StoreAway
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.speech import say

_AWAY = 503
_STATUS: dict[type[Exception], int] = {
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    BlobsAway: _AWAY,
    StoreAway: _AWAY,
}


_DESCRIBED = {
    "description": "What went wrong (RFC 9457). `errors` names the fields of a malformed request.",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "where": {"type": "string"},
                                "message": {"type": "string"},
                            },
                        },
                    },
                },
            }
        }
    },
}


def problem(
    status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A problem document: `type`, `title`, `status`, `detail` and what is added."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def refuse(_request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework raises: no such route, no such method, a body that is too long."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
    return problem(status, detail or HTTPStatus(status).phrase, headers=headers)


def answer_with_problems(app: FastAPI) -> None:
    """Turn what services raise, and what the framework raises, into problems; and say so in OpenAPI."""
    _describe(app)

    async def known(_request: Request, error: Exception) -> JSONResponse:
        status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
        headers = {"Retry-After": "5"} if status == _AWAY else None
        return problem(status, str(error), headers=headers)

    async def away(_request: Request, _error: Exception) -> JSONResponse:
        # What the driver says holds the statement, so it is not repeated.
        detail = say("The database does not answer at the moment. Please try again shortly.")
        return problem(_AWAY, detail, headers={"Retry-After": "5"})

    async def malformed(_request: Request, error: Exception) -> JSONResponse:
        found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
        errors = [
            # The value itself is left out: it may be a secret pasted into the wrong field.
            {"where": ".".join(str(part) for part in item["loc"]), "message": item["msg"]}
            for item in found
        ]
        first = f"{errors[0]['where']}: {errors[0]['message']}" if errors else "cannot be read"
        return problem(422, first, errors=errors)

    for kind in _STATUS:
        app.add_exception_handler(kind, known)
    for kind in AWAY:
        app.add_exception_handler(kind, away)
    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(RequestValidationError, malformed)


def _describe(app: FastAPI) -> None:
    """Every operation may answer a problem; the framework would describe a 422 of its own shape."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        schema = plain()
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = _DESCRIBED
        return schema

    app.openapi = openapi
