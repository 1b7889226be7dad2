"""Copies every table of the program into an empty PostgreSQL database, and goes on where it was interrupted.

Each chunk of rows is one transaction together with a line in `moving.chunks` that says how far it reaches:
however the copy ends, the next one knows exactly what has arrived. The schema `moving` is dropped once every
row has been read back and found the same; while it is there, the target holds half a copy.
"""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from app.infra.moving.shapes import CannotMove, Row, Shape, Tell, shapes_of
from app.infra.moving.sides import chunks, count, refuse_living, shown, source_of, target_of
from app.infra.moving.verifying import Verified, compare


def look_first(
    source_url: str, target_url: str, ours: Collection[str], *, head: str | None
) -> None:
    """Find out whether a copy can begin, before anything is changed.

    Raises:
        CannotMove: it cannot.
    """
    if shown(source_url) == shown(target_url):
        raise CannotMove("The source and the target are the same database.")
    with target_of(target_url) as target, source_of(source_url, ours) as source:
        _require_revision(source, "source", head)
        there = sa.inspect(target).get_table_names()
        if there and "alembic_version" not in there:
            raise CannotMove(
                f"The target holds tables of something else ({', '.join(sorted(there)[:3])}). "
                "Copy into a new database: CREATE DATABASE name"
            )
        if there:
            _require_revision(target, "target", head)


def copy_database(
    source_url: str,
    target_url: str,
    ours: Collection[str],
    *,
    anew: bool,
    head: str | None,
    tell: Tell,
    checking: Callable[[], None],
) -> Verified:
    """Copy what is missing in the target, then compare both row by row.

    `anew` throws away what an interrupted copy has brought. `checking` is called when all rows are there.
    Tables are in the target already, at the revision `head`.

    Raises:
        CannotMove: the source is being written, the revisions differ, or the target holds other data.
    """
    with target_of(target_url) as target, source_of(source_url, ours) as source:
        for side, connection in (("source", source), ("target", target)):
            _require_revision(connection, side, head)
        shapes = shapes_of(target, source, ours)
        _claim(target, shapes, shown(source_url), anew=anew)
        for shape in shapes:
            _copy(source, target, shape, tell)
        _continue_sequences(target, shapes)
        checking()
        verified = compare(source, target, shapes, _say_nothing)
        if not verified.differences:
            target.rollback()
            target.exec_driver_sql("DROP SCHEMA moving CASCADE")
            target.commit()
            target.exec_driver_sql(
                "ANALYZE"
            )  # a planner that knows nothing is slow for the first readers
            target.commit()
        return verified


def _say_nothing(_table: str, _done: int, _total: int) -> None:
    """The comparison after a copy is as quick as the copy."""


def _require_revision(connection: sa.Connection, side: str, head: str | None) -> None:
    there = (
        connection.scalar(sa.text("select version_num from alembic_version"))
        if sa.inspect(connection).has_table("alembic_version")
        else None
    )
    if there != head:
        raise CannotMove(
            f"The {side} is at revision {there or 'none'}, this program at {head}. "
            f"Run, with this version: DATABASE_URL={side.upper()} ai-seo-blogger db upgrade"
        )


def _claim(target: sa.Connection, shapes: Sequence[Shape], source: str, *, anew: bool) -> None:
    """Mark an empty target as this copy's, or find that mark."""
    if sa.inspect(target).has_table("copies", schema="moving"):
        begun = target.scalar(sa.text("select source from moving.copies"))
        if begun is not None and begun != source:
            raise CannotMove(
                f"The target holds an interrupted copy of {begun}. Copy from there, or into a new one."
            )
        if anew:
            refuse_living(target, "The target")
            names = ", ".join(f'"{s.schema or "public"}"."{s.name}"' for s in shapes)
            target.exec_driver_sql(f"TRUNCATE {names}, moving.chunks")
        target.commit()
        return
    full = [f"{shape.full_name} ({n} rows)" for shape in shapes if (n := count(target, shape))]
    if full:
        raise CannotMove(
            f"The target holds data already: {', '.join(full[:3])}. Copy into a new database "
            "(CREATE DATABASE name), or compare what is there: ai-seo-blogger db verify FROM TO"
        )
    target.exec_driver_sql(
        "CREATE SCHEMA moving; "
        "CREATE TABLE moving.copies (source text NOT NULL, began_at timestamptz NOT NULL DEFAULT now()); "
        'CREATE TABLE moving.chunks ("table" text, n int, rows int NOT NULL, last_key json NOT NULL, '
        'PRIMARY KEY ("table", n))'
    )
    target.execute(sa.text("insert into moving.copies (source) values (:s)"), {"s": source})
    target.commit()


def _copy(source: sa.Connection, target: sa.Connection, shape: Shape, tell: Tell) -> None:
    known = sa.text(
        'select n, last_key, sum(rows) over () from moving.chunks where "table" = :t order by n desc limit 1'
    )
    at = target.execute(known, {"t": shape.full_name}).first()
    target.rollback()
    n, after, done = (at[0] + 1, tuple(at[1]), int(at[2])) if at else (0, None, 0)
    total = count(source, shape)
    tell(shape.full_name, done, total)
    noted = sa.text("insert into moving.chunks values (:t, :n, :rows, :key)")
    for part in chunks(source, shape, after=after):
        _insert(target, shape, part)
        key = json.dumps(shape.key_of(part[-1]), default=str)
        told = {"t": shape.full_name, "n": n, "rows": len(part), "key": key}
        target.execute(noted, told)
        target.commit()
        n, done = n + 1, done + len(part)
        tell(shape.full_name, done, total)


def _insert(target: sa.Connection, shape: Shape, rows: Sequence[Row]) -> None:
    try:
        _send(target, shape, rows)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        target.rollback()
        if len(rows) == 1:
            reason = str(error).splitlines()[0]
            raise CannotMove(
                f"PostgreSQL does not take the row {shape.named(rows[0])}: {reason}. Mend or delete it in the "
                "source and run the copy again; it goes on from there."
            ) from error
        _find_refused(target, shape, rows)
        raise


def _find_refused(target: sa.Connection, shape: Shape, rows: Sequence[Row]) -> None:
    for row in rows:
        _insert(target, shape, [row])
    target.rollback()


def _send(target: sa.Connection, shape: Shape, rows: Sequence[Row]) -> None:
    target.execute(sa.text("select 1"))  # begins the transaction that SQLAlchemy will commit
    driver: psycopg.Connection[Any] = target.connection.driver_connection  # pyright: ignore[reportAssignmentType]
    columns = sql.SQL(", ").join(sql.Identifier(column) for column in shape.columns)
    order = sql.SQL("COPY {} ({}) FROM STDIN").format(shape.identifier, columns)
    with driver.cursor() as cursor, cursor.copy(order) as stream:
        for row in rows:
            stream.write_row(row)


def _continue_sequences(target: sa.Connection, shapes: Sequence[Shape]) -> None:
    """Numbers that the database gives go on after the highest that was copied."""
    asked = sa.text(
        "select a.attname, pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname), "
        "a.attname) from pg_attribute a join pg_class c on c.oid = a.attrelid "
        "join pg_namespace n on n.oid = c.relnamespace where c.relname = :name and n.nspname = :schema "
        "and a.attnum > 0 and not a.attisdropped"
    )
    for shape in shapes:
        named = {"name": shape.name, "schema": shape.schema or "public"}
        for column, sequence in target.execute(asked, named).all():
            if sequence:
                highest: sa.Select[Any] = sa.select(
                    sa.func.max(sa.column(column, sa.BigInteger))
                ).select_from(shape.table(sqlite=False))
                if (value := target.scalar(highest)) is not None:
                    target.execute(sa.text("select setval(:s, :v)"), {"s": sequence, "v": value})
    target.commit()
