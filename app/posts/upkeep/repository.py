"""Finds what wants mending among all articles, page by page: each question reads its page's rows by an index.

Only what is listed counts: drafts of another's proof and taken-down articles want no mending.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.language.types import Language
from app.posts.index.models import DueRow, LinkRow, ProfileRow, TermRow
from app.posts.index.repository import OWN
from app.posts.models import PostRow, RevisionRow, SlugRow
from app.posts.schemas import Post, Revision
from app.posts.upkeep.schemas import BrokenLink, Due, Shared, Twins

_KEYS: dict[Shared, tuple[str, str]] = {
    "titles": ("title_key", "title"),
    "descriptions": ("description_key", "meta_description"),
    "keyphrases": ("keyphrase_key", "keyphrase"),
}
_MOST_TWINS = 20
"""Articles told of one group."""
_MOST_TERMS = 400
_MOST_ROWS = 8_000
"""Rows that one question about terms reads, the rarest terms first."""
_MOST_HELD = 400
_PLACES = ("keyphrase", "title")


class Upkeep:
    """The articles as who looks after them sees them. `host` is that of the blog, empty if not known."""

    def __init__(self, session: AsyncSession, host: str = "") -> None:
        self._session = session
        self._hosts = ("", host) if host else ("",)

    async def twins(
        self, what: Shared, *, after: str = "", limit: int = 20
    ) -> tuple[list[Twins], str]:
        """Groups of articles with one title, description or keyphrase; and what asks for the next ones."""
        key, said = _KEYS[what]
        column = getattr(ProfileRow, key)
        query = (
            select(ProfileRow.language, column)
            .join(PostRow, PostRow.id == ProfileRow.post_id)
            .where(column != "", *_kept())
            .group_by(ProfileRow.language, column)
            .having(func.count() > 1)
            .order_by(ProfileRow.language, column)
            .limit(limit + 1)
        )
        language, _, last = after.partition(":")
        if last:
            query = query.where(tuple_(ProfileRow.language, column) > (language, last))
        groups = (await self._session.execute(query)).all()
        found = [await self._twins(column, said, *group) for group in groups[:limit]]
        more = f"{groups[limit - 1][0]}:{groups[limit - 1][1]}" if len(groups) > limit else ""
        return [each for each in found if len(each.posts) > 1], more

    async def _twins(self, column: ColumnElement[str], said: str, language: str, key: str) -> Twins:
        rows = (
            await self._session.execute(
                select(PostRow, getattr(RevisionRow, said))
                .join(ProfileRow, ProfileRow.post_id == PostRow.id)
                .join(RevisionRow, _current())
                .where(ProfileRow.language == language, column == key, *_kept())
                .order_by(PostRow.state != "published", PostRow.id)
                .limit(_MOST_TWINS)
            )
        ).all()
        return Twins(rows[0][1] if rows else "", [_post(row) for row, _said in rows])

    async def orphans(self, *, after: str = "", limit: int = 20) -> tuple[list[Post], str]:
        """Published articles that no other published one links to, the oldest first."""
        query = (
            select(PostRow)
            .where(*_published(PostRow), PostRow.id > after, PostRow.id.not_in(self._linked()))
            .order_by(PostRow.id)
            .limit(limit + 1)
        )
        rows = list(await self._session.scalars(query))
        return [_post(row) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else ""

    async def is_orphan(self, post_id: str) -> bool:
        """Whether it is published and no other published article links to it."""
        found = await self._session.scalar(
            select(PostRow.id).where(
                *_published(PostRow),
                PostRow.id == post_id,
                PostRow.id.not_in(self._linked(post_id)),
            )
        )
        return found is not None

    def _linked(self, post_id: str | None = None) -> Select[str]:
        """Ids of the articles (or that one's) to whose address, now or earlier, another published one links.

        A set of its own, asked once: as a condition of each row, SQLite goes through all articles for each.
        """
        other = aliased(PostRow)
        query = (
            select(SlugRow.post_id)
            .join(LinkRow, and_(LinkRow.language == SlugRow.language, LinkRow.slug == SlugRow.slug))
            .join(other, other.id == LinkRow.post_id)
            .where(LinkRow.host.in_(self._hosts), other.id != SlugRow.post_id, *_published(other))
        )
        return query if post_id is None else query.where(SlugRow.post_id == post_id)

    async def linking_to(self, post: Post) -> set[str]:
        """Ids of the articles, drafts too, that link to this one."""
        rows = await self._session.scalars(
            select(LinkRow.post_id)
            .join(SlugRow, and_(SlugRow.language == LinkRow.language, SlugRow.slug == LinkRow.slug))
            .where(SlugRow.post_id == post.id, LinkRow.host.in_(self._hosts))
        )
        return set(rows)

    async def broken_links(
        self, *, after: str = "", limit: int = 20
    ) -> tuple[list[BrokenLink], str]:
        """Links of published articles to addresses of the blog that lead nowhere, or elsewhere by now."""
        target = aliased(PostRow)
        query = (
            select(PostRow, LinkRow, SlugRow.state, target)
            .join(LinkRow, LinkRow.post_id == PostRow.id)
            .outerjoin(
                SlugRow, and_(SlugRow.language == LinkRow.language, SlugRow.slug == LinkRow.slug)
            )
            .outerjoin(target, target.id == SlugRow.post_id)
            .where(
                *_published(PostRow),
                LinkRow.host.in_(self._hosts),
                or_(SlugRow.state.is_(None), SlugRow.state != "current"),
            )
            .order_by(LinkRow.post_id, LinkRow.language, LinkRow.slug, LinkRow.host)
            .limit(limit + 1)
        )
        if after.count("/") == 2:  # noqa: PLR2004  # post, language, slug
            query = query.where(
                tuple_(LinkRow.post_id, LinkRow.language, LinkRow.slug) > tuple(after.split("/"))
            )
        rows = (await self._session.execute(query)).all()
        found = [_broken(*row) for row in rows[:limit]]
        last = rows[limit - 1][1] if len(rows) > limit else None
        return found, f"{last.post_id}/{last.language}/{last.slug}" if last else ""

    async def due(self, until: date, *, after: str = "", limit: int = 20) -> tuple[list[Due], str]:
        """Sentences of published articles that are due, the longest overdue first."""
        query = (
            select(PostRow, DueRow)
            .join(DueRow, DueRow.post_id == PostRow.id)
            .where(*_published(PostRow), DueRow.due_on <= until)
            .order_by(DueRow.due_on, DueRow.post_id, DueRow.position)
            .limit(limit + 1)
        )
        day, _, rest = after.partition("/")
        post_id, _, position = rest.partition("/")
        if _is_day(day) and position.isdecimal():
            query = query.where(
                tuple_(DueRow.due_on, DueRow.post_id, DueRow.position)
                > (date.fromisoformat(day), post_id, min(int(position), 10**9))
            )
        rows = (await self._session.execute(query)).all()
        last = rows[limit - 1][1] if len(rows) > limit else None
        return (
            [_due(*row) for row in rows[:limit]],
            f"{last.due_on.isoformat()}/{last.post_id}/{last.position}" if last else "",
        )

    async def due_in(self, post: Post) -> list[Due]:
        """All sentences of an article that age, whenever they are due."""
        rows = await self._session.scalars(
            select(DueRow).where(DueRow.post_id == post.id).order_by(DueRow.due_on, DueRow.position)
        )
        return [_due_of(post, row) for row in rows]

    async def put_off(self, post_id: str, position: int, *, sentence: str, due_on: date) -> bool:
        """Say when a sentence is due next; whether it still stands there."""
        done = await self._session.execute(
            update(DueRow)
            .where(
                DueRow.post_id == post_id, DueRow.position == position, DueRow.sentence == sentence
            )
            .values(due_on=due_on)
            .returning(DueRow.position)
        )
        return done.first() is not None

    async def counts(self, today: date) -> dict[str, int]:
        """How many of each topic there are; groups are counted, not their articles."""
        return {
            **{each: await self._count(self._twin_groups(each)) for each in _KEYS},
            "orphans": await self._count(
                select(PostRow.id).where(*_published(PostRow), PostRow.id.not_in(self._linked()))
            ),
            "links": await self._count(
                select(LinkRow.post_id)
                .join(PostRow, PostRow.id == LinkRow.post_id)
                .outerjoin(
                    SlugRow,
                    and_(SlugRow.language == LinkRow.language, SlugRow.slug == LinkRow.slug),
                )
                .where(
                    *_published(PostRow),
                    LinkRow.host.in_(self._hosts),
                    or_(SlugRow.state.is_(None), SlugRow.state != "current"),
                )
            ),
            "ageing": await self._count(
                select(DueRow.post_id)
                .join(PostRow, PostRow.id == DueRow.post_id)
                .where(*_published(PostRow), DueRow.due_on <= today)
            ),
        }

    def _twin_groups(self, what: Shared) -> Select[str]:
        column = getattr(ProfileRow, _KEYS[what][0])
        return (
            select(column)
            .join(PostRow, PostRow.id == ProfileRow.post_id)
            .where(column != "", *_kept())
            .group_by(ProfileRow.language, column)
            .having(func.count() > 1)
        )

    async def _count(self, query: Select[str]) -> int:
        return int(
            await self._session.scalar(select(func.count()).select_from(query.subquery())) or 0
        )

    async def named_by(
        self, language: Language, stems: Sequence[str], *, without: str = "", limit: int = 40
    ) -> list[str]:
        """Ids of published articles whose keyphrase, or title where they have none, is made of the given stems.

        Those of which the largest share is among them come first, rare words before common ones. Bounded:
        it reads some 8,000 rows of terms.
        """
        asked = list(dict.fromkeys(stems))[:_MOST_TERMS]
        where = (TermRow.language == language, TermRow.place.in_(_PLACES))
        counts = {
            term: int(n)
            for term, n in await self._session.execute(
                select(TermRow.term, func.count())
                # At whatever place, which the index alone can tell.
                .where(TermRow.language == language, TermRow.term.in_(asked))
                .group_by(TermRow.term)
            )
        }
        rarity: dict[str, float] = {}
        rows = 0
        for term in sorted(counts, key=lambda each: (counts[each], each)):
            rows += counts[term]
            if rarity and rows > _MOST_ROWS:
                break
            rarity[term] = 1 / counts[term]
        if not rarity:
            return []
        told = func.sum(case(rarity, value=TermRow.term))
        held = {
            (post_id, place): (int(n), float(worth))
            for post_id, place, n, worth in await self._session.execute(
                select(TermRow.post_id, TermRow.place, func.count(), told)
                .join(PostRow, PostRow.id == TermRow.post_id)
                .where(
                    *where,
                    TermRow.term.in_(rarity),
                    PostRow.id != without,
                    *_published(PostRow),
                )
                .group_by(TermRow.post_id, TermRow.place)
                .order_by(told.desc(), TermRow.post_id)
                .limit(_MOST_HELD)
            )
        }
        whole = {
            (post_id, place): int(n)
            for post_id, place, n in await self._session.execute(
                select(TermRow.post_id, TermRow.place, func.count())
                .where(
                    TermRow.post_id.in_({each for each, _place in held}), TermRow.place.in_(_PLACES)
                )
                .group_by(TermRow.post_id, TermRow.place)
            )
        }
        ranked = sorted(
            (
                (n / whole[post_id, place], worth, post_id)
                for (post_id, place), (n, worth) in held.items()
                if place == "keyphrase" or (post_id, "keyphrase") not in whole
            ),
            reverse=True,
        )
        return [post_id for _share, _worth, post_id in ranked[:limit]]

    async def targets(self, post_ids: Sequence[str]) -> list[tuple[Post, str]]:
        """Articles with their keyphrases, in the order asked for."""
        rows = await self._session.execute(
            select(PostRow, RevisionRow.keyphrase)
            .join(RevisionRow, _current())
            .where(PostRow.id.in_(post_ids))
        )
        found = {post.id: (_post(post), keyphrase) for post, keyphrase in rows}
        return [found[each] for each in post_ids if each in found]

    async def texts(self, post_ids: Collection[str]) -> list[tuple[Post, Revision]]:
        """Articles with their texts now, in the order asked for."""
        rows = await self._session.execute(
            select(PostRow, RevisionRow)
            .join(RevisionRow, _current())
            .where(PostRow.id.in_(post_ids))
        )
        found = {
            post.id: (_post(post), Revision.model_validate({
                name: getattr(revision, name) for name in Revision.model_fields
            }))
            for post, revision in rows
        }  # fmt: skip
        return [found[each] for each in post_ids if each in found]


def _published(row: type[PostRow]) -> list[ColumnElement[bool]]:
    return [row.state == "published", row.unlisted.is_(False)]


def _kept() -> list[ColumnElement[bool]]:
    return [PostRow.state.in_(OWN), PostRow.unlisted.is_(False)]


def _current() -> ColumnElement[bool]:
    return and_(RevisionRow.post_id == PostRow.id, RevisionRow.n == PostRow.revision)


def _broken(post: PostRow, link: LinkRow, state: str | None, target: PostRow | None) -> BrokenLink:
    why: Literal["missing", "gone", "moved"] = "missing" if state is None else "gone"
    if state == "redirect" and target is not None:
        why = "moved"
    found = _post(target) if target is not None and why == "moved" else None
    return BrokenLink(_post(post), f"/{link.language}/{link.slug}", why, found)


def _due(post: PostRow, row: DueRow) -> Due:
    return _due_of(_post(post), row)


def _due_of(post: Post, row: DueRow) -> Due:
    return Due(post, row.position, row.kind, row.words, row.sentence, row.due_on)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _post(row: PostRow) -> Post:
    return Post.model_validate({name: getattr(row, name) for name in Post.model_fields})
