"""A database that is away is said to be, and its statements are nobody's business."""

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.testclient import TestClient

from app.web.problems import answer_with_problems

STATEMENT = "select secret from people"
AWAY = [
    OperationalError(STATEMENT, {}, OSError("connection refused")),
    InterfaceError(STATEMENT, {}, OSError("closed")),
    PoolTimeout("no connection within 5 s"),
]


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_the_database_away_is_a_503_that_repeats_no_statement(error: Exception) -> None:
    app = FastAPI()
    answer_with_problems(app)

    @app.get("/")
    async def read() -> None:
        raise error

    answer = TestClient(app).get("/")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "database" in answer.json()["detail"]


def test_other_faults_stay_what_they_are() -> None:
    app = FastAPI()
    answer_with_problems(app)

    @app.get("/")
    async def read() -> None:
        raise RuntimeError("a fault of ours")

    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500
