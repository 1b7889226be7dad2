"""Errors as problem details (RFC 9457), in one place for the whole API."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.kit.errors import Conflict, Invalid, NotFound

_STATUS: dict[type[Exception], int] = {NotFound: 404, Conflict: 409, Invalid: 422}


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


def answer_with_problems(app: FastAPI) -> None:
    """Turn what services raise, and what the framework raises, into problems."""

    async def known(_request: Request, error: Exception) -> JSONResponse:
        return problem(_STATUS[type(error)], str(error))

    async def refused(_request: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = error.detail if isinstance(error, HTTPException) else ""
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
        return problem(status, detail or HTTPStatus(status).phrase, headers=headers)

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
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, malformed)
