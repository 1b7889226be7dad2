"""What is compared and carried: tables in the order of their references, values in one form on both sides.

The target's own tables say what a column holds: SQLite keeps moments and JSON as text and truth as numbers.
JSON is carried as its text, so that what arrives is the same to the byte.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql import JSONB

from app.infra.durable.names import SCHEMA

_LEFT_OUT = frozenset({"dbos_migrations"})
"""What the engine writes about its own tables: each side has its own."""

Row = tuple[Any, ...]
Tell = Callable[[str, int, int], None]
"""Called with a table's name, the rows done so far and the rows there are."""


class CannotMove(Exception):
    """What was asked cannot be done as things are. Says what to type; never repeats a password."""


@dataclass(frozen=True)
class Shape:
    """A table as both sides have it."""

    schema: str | None
    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """With its schema, as PostgreSQL knows it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def identifier(self) -> sql.Identifier:
        """As `full_name`, for statements."""
        return sql.Identifier(*([self.schema] if self.schema else []), self.name)

    def table(self, *, sqlite: bool) -> sa.TableClause:
        """For statements: SQLite has no schemas."""
        return _table(self, sqlite)

    def select(self, *, sqlite: bool) -> sa.Select[Any]:
        """All columns; JSON as its text."""
        table = self.table(sqlite=sqlite)
        return sa.select(
            *(
                sa.cast(table.c[name], sa.Text).label(name)
                if kind in {"json", "jsonb"} and not sqlite
                else table.c[name]
                for name, kind in zip(self.columns, self.kinds, strict=True)
            )
        ).select_from(table)

    def keys(self, *, sqlite: bool) -> list[sa.ColumnClause[Any]]:
        """The columns of the primary key."""
        table = self.table(sqlite=sqlite)
        return [table.c[name] for name in self.key]

    def key_of(self, row: Row) -> Row:
        """The values of a row's primary key."""
        return tuple(row[self.columns.index(name)] for name in self.key)

    def read(self, raw: Sequence[Any]) -> Row:
        """A row in the form that both sides share.

        Raises:
            CannotMove: a value is none of its column's type, as SQLite lets it be.
        """
        row = list(raw)
        for at, (column, kind) in enumerate(zip(self.columns, self.kinds, strict=True)):
            try:
                row[at] = _read(kind, raw[at])
            except (ValueError, TypeError, ArithmeticError):
                raise CannotMove(
                    f"{self.named(tuple(raw))}: {column} is no {kind} in the source. Mend it there."
                ) from None
        return tuple(row)

    def named(self, row: Row) -> str:
        """How a message names a row."""
        told = zip(self.key, self.key_of(row), strict=True)
        return f"{self.full_name} ({', '.join(f'{name}={value}' for name, value in told)})"


@lru_cache
def _table(shape: Shape, sqlite: bool) -> sa.TableClause:  # noqa: FBT001
    # One object a table: a statement that meets two would join the table with itself.
    schema = None if sqlite else shape.schema
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in shape.columns]
    return sa.table(shape.name, *columns, schema=schema)


def shapes_of(target: sa.Connection, source: sa.Connection, ours: Collection[str]) -> list[Shape]:
    """The tables to carry, each after those it refers to.

    Raises:
        CannotMove: the source lacks a table or column of the program's.
    """
    known = sa.MetaData()
    known.reflect(target, only=lambda name, _: name in ours)
    known.reflect(target, schema=SCHEMA)
    found: list[Shape] = []
    there = sa.inspect(source)
    sqlite = source.dialect.name == "sqlite"
    for table in known.sorted_tables:
        if table.name in _LEFT_OUT:
            continue
        schema = None if sqlite else table.schema
        if not there.has_table(table.name, schema=schema):
            if table.schema == SCHEMA:
                continue  # the engine keeps fewer on SQLite
            raise CannotMove(f"The source has no table {table.name}. {_BEHIND}")
        has = {column["name"] for column in there.get_columns(table.name, schema=schema)}
        names = tuple(column.name for column in table.columns)
        if missing := [name for name in names if name not in has]:
            raise CannotMove(f"The source has no column {table.name}.{missing[0]}. {_BEHIND}")
        found.append(
            Shape(
                table.schema,
                table.name,
                names,
                tuple(_kind(column.type) for column in table.columns),
                tuple(column.name for column in table.primary_key),
            )
        )
    return found


_BEHIND = "Bring it up to date: DATABASE_URL=SOURCE ai-seo-blogger db upgrade"


def digest(shape: Shape, row: Row) -> bytes:
    """The hash of a row. Values of two kinds never look alike, nor does nothing like an empty text."""
    told = [_told(kind, value) for kind, value in zip(shape.kinds, row, strict=True)]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).digest()


def differing(shape: Shape, one: Row, other: Row) -> list[str]:
    """The columns in which two rows are not the same."""
    return [
        name
        for name, kind, left, right in zip(shape.columns, shape.kinds, one, other, strict=True)
        if _told(kind, left) != _told(kind, right)
    ]


def _kind(kind: sa.types.TypeEngine[Any]) -> str:
    kinds: Mapping[type[sa.types.TypeEngine[Any]], str] = {
        JSONB: "jsonb",
        sa.JSON: "json",
        sa.Boolean: "bool",
        sa.DateTime: "moment",
        sa.Date: "date",
        sa.Integer: "int",
        sa.Float: "float",
        sa.Numeric: "decimal",
        sa.LargeBinary: "bytes",
    }
    return next((name for type_, name in kinds.items() if isinstance(kind, type_)), "text")


def _read(kind: str, value: Any) -> Any:
    read = _READ.get(kind)
    return value if value is None or read is None else read(value)


def _moment(value: Any) -> datetime:
    found: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _date(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


_READ: Mapping[str, Callable[[Any], Any]] = {
    "bool": bool,
    "moment": _moment,
    "date": _date,
    "float": float,
    "decimal": lambda value: Decimal(str(value)),
    "bytes": bytes,
}


def _told(kind: str, value: Any) -> Any:
    told = _TOLD.get(kind)
    if value is None:
        return None
    return [kind, told(value) if told else value]


_TOLD: Mapping[str, Callable[[Any], Any]] = {
    # PostgreSQL orders and spaces it as it likes.
    "jsonb": lambda value: json.dumps(json.loads(value), sort_keys=True),
    "moment": datetime.isoformat,
    "date": date.isoformat,
    "float": float.hex,
    "decimal": lambda value: str(value.normalize()),
    "bytes": bytes.hex,
}
