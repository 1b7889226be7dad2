"""Queries that take long are named, with nothing of what they were given; waiting on purpose is no such thing."""

import sqlalchemy as sa
from structlog.testing import capture_logs

from app.infra.db.slow import tell_slow_queries


def test_a_slow_query_is_named_without_its_values_and_a_wait_for_the_lock_is_not() -> None:
    engine = sa.create_engine("sqlite://")
    tell_slow_queries(engine, slow_s=0.0)

    with capture_logs() as logs, engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(sa.text("select :word as said"), {"word": "geheim"})

    assert [(line["event"], line["query"]) for line in logs] == [("slow_query", "select ? as said")]
    assert "geheim" not in str(logs)
