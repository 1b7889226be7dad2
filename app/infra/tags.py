"""Versions of what cached things are made of, as rows: a cache is checked against the database itself.

One counter orders all changes. A unit of work holds its row from the bump until it commits, so versions
come into sight in their order: who has seen version n has seen every change up to n. Something built
after seeing n, of tags that have not moved past n since, is as the database has it.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import BigInteger, String, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base

NEWEST = "*"
"""The tag of everything: its version is the counter."""

_IDENTITY = "@"
"""What the tag begins with that tells this database from another behind the same Redis."""

_NOTED = "bumped tags"


class TagVersionRow(Base):
    """The counter's value when something tagged so last changed."""

    __tablename__ = "tag_versions"

    tag: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, index=True)


@dataclass(frozen=True, slots=True)
class Bump:
    """What one transaction changed."""

    version: int
    tags: tuple[str, ...]


async def bump_tags(session: AsyncSession, tags: Iterable[str]) -> int:
    """Say in this transaction that everything so tagged has changed; answers the new version.

    Call it last: other writers of public things wait from here to the commit.
    """
    changed = tuple(sorted(set(tags)))
    version = await session.scalar(
        text(
            "insert into tag_versions (tag, version) values (:tag, 1) on conflict (tag) "
            "do update set version = tag_versions.version + 1 returning version"
        ),
        {"tag": NEWEST},
    )
    if changed:
        await session.execute(
            text(
                "insert into tag_versions (tag, version) values (:tag, :version) "
                "on conflict (tag) do update set version = excluded.version"
            ),
            [{"tag": tag, "version": version} for tag in changed],
        )
    session.info.setdefault(_NOTED, []).append(Bump(version, changed))
    return version


async def forget_tag(session: AsyncSession, tag: str) -> None:
    """Remove a tag's row, once nothing that is tagged so will be asked for again."""
    await session.execute(delete(TagVersionRow).where(TagVersionRow.tag == tag))


def noted_bumps(session: AsyncSession) -> list[Bump]:
    """What this unit of work has changed so far."""
    return session.info.get(_NOTED, [])


async def changes_since(
    session: AsyncSession, version: int, *, limit: int
) -> tuple[int, list[tuple[str, int]]]:
    """The counter, and the tags that changed after `version`: the newest `limit`, oldest first."""
    rows = await session.execute(
        select(TagVersionRow.tag, TagVersionRow.version)
        .where((TagVersionRow.version > version) | (TagVersionRow.tag == NEWEST))
        .order_by(TagVersionRow.version.desc())
        .limit(limit + 1)
    )
    found = [(tag, moved) for tag, moved in rows]
    newest = max((moved for _, moved in found), default=0)
    return newest, [(tag, moved) for tag, moved in reversed(found) if tag != NEWEST]


async def database_identity(session: AsyncSession) -> str:
    """What tells this database from every other: made once, kept in it. Needs a writing unit."""
    known = await session.scalar(
        select(TagVersionRow.tag).where(TagVersionRow.tag.startswith(_IDENTITY)).limit(1)
    )
    if known is not None:
        return known.removeprefix(_IDENTITY)
    await bump_tags(session, ())  # two that start at once wait for each other here, then look again
    known = await session.scalar(
        select(TagVersionRow.tag).where(TagVersionRow.tag.startswith(_IDENTITY)).limit(1)
    )
    if known is not None:
        return known.removeprefix(_IDENTITY)
    made = secrets.token_hex(8)
    session.add(TagVersionRow(tag=_IDENTITY + made, version=0))
    await session.flush()
    return made
