"""A request has one name everywhere, and one line that says how it was answered."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.infra.logs import configure_logging, current_request, name_person, pseudonym
from app.web.request_log import RequestLog


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    before = structlog.get_config()
    handlers, level = logging.root.handlers[:], logging.root.level
    configure_logging(stream, instance="here-1")
    yield stream
    structlog.configure(**before)
    logging.root.handlers[:], logging.root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def hello(request: Request) -> PlainTextResponse:
    if "person" in request.query_params:
        name_person(pseudonym("secret", request.query_params["person"]))
    if "slow" in request.query_params:
        await asyncio.sleep(0.12)
    if "broken" in request.query_params:
        raise ZeroDivisionError
    structlog.get_logger().info("greeted", api_key="sk-1234567890abcdef")
    return PlainTextResponse(current_request())


def client(*, every: bool = True) -> TestClient:
    app = Starlette(
        routes=[Route("/hello", hello), Route("/health", hello)],
        middleware=[Middleware(RequestLog, quiet=("/health",), every=every, slow_s=0.1)],
    )
    return TestClient(app, raise_server_exceptions=False)


def test_a_name_that_came_with_a_request_is_kept_returned_and_in_every_line(
    written: io.StringIO,
) -> None:
    answer = client().get("/hello?person=kim", headers={"X-Request-ID": "abc-123.DEF_9"})

    assert answer.text == answer.headers["x-request-id"] == "abc-123.DEF_9"
    greeted, request = lines(written)
    assert greeted["request_id"] == request["request_id"] == "abc-123.DEF_9"
    assert (request["event"], request["status"], request["route"]) == ("request", 200, "/hello")
    assert (request["method"], request["path"]) == ("GET", "/hello")
    assert request["bytes"] == len("abc-123.DEF_9")
    assert request["person"] == pseudonym("secret", "kim") != pseudonym("other", "kim")
    assert "kim" not in written.getvalue()
    assert greeted["api_key"] == "[hidden]"
    assert {line["instance"] for line in (greeted, request)} == {"here-1"}


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short",
        "x" * 65,
        'a"},{"event":"forged"',
        "two words here",
        "<script>alert(1)",
    ],
)
def test_a_name_that_is_none_is_replaced(given: str, written: io.StringIO) -> None:
    with client() as asking:
        one, two = (
            asking.get("/hello", headers=[("X-Request-ID", given)]).headers["x-request-id"]
            for _ in range(2)
        )

    assert one != two
    assert given not in one or not given
    assert all(line["event"] in {"greeted", "request"} for line in lines(written))


def test_one_request_s_names_do_not_reach_the_next(written: io.StringIO) -> None:
    asking = client()
    asking.get("/hello?person=kim")
    asking.get("/hello")

    assert "person" not in lines(written)[-1]


def test_probes_are_silent_and_what_is_slow_or_breaks_is_told_in_any_case(
    written: io.StringIO,
) -> None:
    quiet = client(every=False)
    quiet.get("/health")
    quiet.get("/hello")
    quiet.get("/hello?slow=1")
    quiet.get("/hello?broken=1")
    quiet.get("/health?broken=1")

    told = [line for line in lines(written) if line["event"] != "greeted"]
    assert [(line["event"], line["level"]) for line in told] == [
        ("slow_request", "warning"),
        ("request", "warning"),
        ("request", "warning"),
    ]
    assert told[0]["ms"] >= 100
    assert "slow=1" not in json.dumps(told), "a query may hold anything"


def test_what_libraries_log_is_a_line_of_json_too_and_cannot_forge_one(
    written: io.StringIO,
) -> None:
    logging.getLogger("library").warning('lost\n{"event": "forged"} postgresql://a:geheim99@db')
    logging.getLogger("library").info("not heard")

    (line,) = lines(written)
    assert line["event"].startswith("lost\n")
    assert (line["logger"], line["level"]) == ("library", "warning")
    assert "geheim99" not in line["event"]
