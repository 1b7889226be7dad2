"""Keeps the index of own articles and finds those near a text."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.language.types import Language
from app.posts.index.models import DueRow, LinkRow, ProfileRow, SampleRow, TermRow
from app.posts.index.profile import PLACES, SCHEME, Place, Profile
from app.posts.index.schemas import Known, Neighbour, Rarity
from app.posts.models import PostRow, RevisionRow, SlugRow
from app.posts.schemas import Post

OWN = ("draft", "in_review", "approved", "scheduled", "published")
"""The states of articles that the blog has or is to have; what was taken down is none of them."""

PLACE_WEIGHT: Mapping[Place, float] = {
    "keyphrase": 3.0,
    "title": 2.0,
    "heading": 1.0,
    "lead": 0.5,
}
"""What a term at a place says of the topic, against one in a heading. Our own choice."""

_PLACE: Mapping[str, Place] = {place: place for place in PLACES}

_MOST_TERMS = 200
"""Terms of one question: those of a long article's headings."""

_KEYS_AT_ONCE = 500
"""Parameters of one question: SQLite once took 999."""

_MOST_ROWS = 30_000
"""Rows that one question reads: the rarest terms first, so that common ones cannot make it slow."""


class OwnIndex:
    """The index as a unit of work sees it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, post_id: str, revision: int, profile: Profile) -> None:
        """Put an article's profile in place of what was kept of it."""
        known = {
            (kind, sentence): due_on
            for kind, sentence, due_on in await self._session.execute(
                select(DueRow.kind, DueRow.sentence, DueRow.due_on).where(DueRow.post_id == post_id)
            )
        }
        await self.forget(post_id)
        language = profile.language
        self._session.add(
            ProfileRow(
                post_id=post_id,
                language=language,
                revision=revision,
                scheme=SCHEME,
                title_key=profile.title_key,
                description_key=profile.description_key,
                keyphrase_key=profile.keyphrase_key,
                samples=len(profile.samples),
            )
        )
        self._session.add_all(
            TermRow(post_id=post_id, place=place, term=term, language=language, count=count)
            for place, terms in profile.terms.items()
            for term, count in terms.items()
        )
        self._session.add_all(SampleRow(post_id=post_id, value=value) for value in profile.samples)
        self._session.add_all(
            LinkRow(post_id=post_id, host=host, language=to, slug=slug)
            for host, to, slug in profile.links
        )
        self._session.add_all(
            DueRow(
                post_id=post_id,
                position=position,
                kind=each.kind,
                words=each.words,
                sentence=each.sentence,
                due_on=known.get((each.kind, each.sentence), each.due_on),
            )
            for position, each in enumerate(profile.ageing)
        )
        await self._session.flush()

    async def forget(self, post_id: str) -> None:
        """Keep nothing of an article."""
        for table in (TermRow, SampleRow, LinkRow, DueRow, ProfileRow):
            await self._session.execute(delete(table).where(table.post_id == post_id))

    async def unread(self, limit: int) -> Sequence[str]:
        """Ids of articles whose text now is not the one that was read, or was read by older rules."""
        rows = await self._session.scalars(
            select(PostRow.id)
            .outerjoin(ProfileRow, ProfileRow.post_id == PostRow.id)
            .where(
                ProfileRow.post_id.is_(None)
                | (ProfileRow.revision != PostRow.revision)
                | (ProfileRow.scheme < SCHEME)
            )
            .order_by(PostRow.id)
            .limit(limit)
        )
        return list(rows)

    async def terms_of(self, post_ids: Collection[str]) -> dict[str, dict[Place, dict[str, int]]]:
        """The terms of articles, by place."""
        found: dict[str, dict[Place, dict[str, int]]] = {
            each: {place: {} for place in PLACES} for each in post_ids
        }
        rows = await self._session.execute(
            select(TermRow.post_id, TermRow.place, TermRow.term, TermRow.count).where(
                TermRow.post_id.in_(post_ids)
            )
        )
        for post_id, place, term, count in rows:
            found[post_id][_PLACE[place]][term] = count
        return found

    async def samples_of(self, post_id: str) -> frozenset[int]:
        """The samples of an article's text."""
        rows = await self._session.scalars(
            select(SampleRow.value).where(SampleRow.post_id == post_id)
        )
        return frozenset(rows)

    async def rarity(self, language: Language, terms: Iterable[str]) -> Rarity:
        """How rare terms are among the articles of a language: BM25's idf (never under 0)."""
        counts = await self._counts(language, list(set(terms)))
        total = await self._articles(language)
        return Rarity(language, total, {term: _idf(total, n) for term, n in counts.items()})

    async def nearest(
        self,
        language: Language,
        terms: Iterable[str],
        *,
        without: str = "",
        states: Collection[str] = OWN,
        limit: int = 20,
    ) -> list[Neighbour]:
        """Listed articles that share terms, most first, those of rare ones first; `without` is one's own id.

        Bounded: it reads some 30,000 rows at most, whatever is asked for.
        """
        counts = await self._counts(language, sorted(set(terms))[:_MOST_TERMS])
        total = await self._articles(language)
        asked: dict[str, float] = {}
        rows = 0
        for term in sorted(counts, key=lambda each: (counts[each], each)):
            rows += counts[term]
            if asked and rows > _MOST_ROWS:
                break
            asked[term] = _idf(total, counts[term])
        if not asked:
            return []
        weight = case(asked, value=TermRow.term) * case(PLACE_WEIGHT, value=TermRow.place)
        score = func.sum(weight)
        best = (
            await self._session.execute(
                select(TermRow.post_id, score)
                .join(PostRow, PostRow.id == TermRow.post_id)
                .where(
                    TermRow.language == language,
                    TermRow.term.in_(asked),
                    *_listed(states, without),
                )
                .group_by(TermRow.post_id)
                .order_by(score.desc(), TermRow.post_id.desc())
                .limit(limit)
            )
        ).all()
        scores = {post_id: float(value) for post_id, value in best}
        known = {each.post.id: each for each in await self._known(PostRow.id.in_(scores))}
        of = await self.terms_of(scores)
        return [
            Neighbour(known[each].post, known[each].keyphrase, of[each], score)
            for each, score in scores.items()
            if each in known
        ]

    async def same(
        self,
        what: Literal["title_key", "description_key", "keyphrase_key"],
        language: Language,
        key: str,
        *,
        without: str = "",
        states: Collection[str] = OWN,
        limit: int = 5,
    ) -> list[Known]:
        """Listed articles with the same key (`title_key`, …) as this one, published ones first."""
        if not key:
            return []
        column = getattr(ProfileRow, what)
        return await self._known(
            PostRow.id.in_(
                select(ProfileRow.post_id).where(ProfileRow.language == language, column == key)
            ),
            *_listed(states, without),
            limit=limit,
        )

    async def of_keyphrases(
        self, language: Language, keys: Collection[str], *, states: Collection[str] = OWN
    ) -> dict[str, list[Known]]:
        """Listed articles by their keyphrase's key, of many keys at once; published ones first."""
        found: dict[str, list[Known]] = {}
        asked = sorted(keys)
        for start in range(0, len(asked), _KEYS_AT_ONCE):
            rows = await self._session.execute(
                select(ProfileRow.keyphrase_key, PostRow, RevisionRow.keyphrase)
                .join(PostRow, PostRow.id == ProfileRow.post_id)
                .join(
                    RevisionRow,
                    and_(RevisionRow.post_id == PostRow.id, RevisionRow.n == PostRow.revision),
                )
                .where(
                    ProfileRow.language == language,
                    ProfileRow.keyphrase_key.in_(asked[start : start + _KEYS_AT_ONCE]),
                    *_listed(states, ""),
                )
                .order_by(PostRow.state != "published", PostRow.id)
            )
            for key, row, keyphrase in rows:
                found.setdefault(key, []).append(Known(_post(row), keyphrase))
        return found

    async def sharing_text(
        self,
        samples: Collection[int],
        *,
        without: str = "",
        states: Collection[str] = OWN,
        limit: int = 3,
    ) -> list[tuple[Known, int]]:
        """Listed articles whose text has the same samples, with how many; most first."""
        if not samples:
            return []
        shared = func.count()
        rows = (
            await self._session.execute(
                select(SampleRow.post_id, shared)
                .join(PostRow, PostRow.id == SampleRow.post_id)
                .where(SampleRow.value.in_(samples), *_listed(states, without))
                .group_by(SampleRow.post_id)
                .order_by(shared.desc(), SampleRow.post_id)
                .limit(limit)
            )
        ).all()
        counts = {post_id: int(n) for post_id, n in rows}
        known = {each.post.id: each for each in await self._known(PostRow.id.in_(counts))}
        return [(known[each], n) for each, n in counts.items() if each in known]

    async def targets(
        self, addresses: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], tuple[str, Post | None]]:
        """What addresses (language, slug) lead to, and the article, if there still is one.

        `current`, `redirect` or `gone`; `unpublished` where an article waits for it. An address that nothing
        was ever written under is not in the answer.
        """
        # No slug was ever made with a sign that cannot be shown, and PostgreSQL refuses to be asked for NUL.
        addresses = {each for each in addresses if each[1].isprintable()}
        if not addresses:
            return {}
        found: dict[tuple[str, str], tuple[str, Post | None]] = {}
        rows = await self._session.execute(
            select(SlugRow, PostRow)
            .outerjoin(PostRow, PostRow.id == SlugRow.post_id)
            .where(tuple_(SlugRow.language, SlugRow.slug).in_(addresses))
        )
        for slug, post in rows:
            found[slug.language, slug.slug] = (slug.state, _post(post) if post else None)
        waiting = await self._session.scalars(
            select(PostRow).where(tuple_(PostRow.language, PostRow.slug).in_(addresses))
        )
        for post in waiting:
            found.setdefault((post.language, post.slug), ("unpublished", _post(post)))
        return found

    async def has_others(self, *, without: str = "") -> bool:
        """Whether there is another published article to link to."""
        found = await self._session.scalar(
            select(PostRow.id).where(*_listed(("published",), without)).limit(1)
        )
        return found is not None

    async def _counts(self, language: Language, terms: Sequence[str]) -> dict[str, int]:
        """How many rows each term has, one for each place that it stands at in an article."""
        rows = await self._session.execute(
            select(TermRow.term, func.count())
            .where(TermRow.language == language, TermRow.term.in_(terms))
            .group_by(TermRow.term)
        )
        return {term: int(n) for term, n in rows}

    async def _articles(self, language: Language) -> int:
        found = await self._session.scalar(
            select(func.count()).select_from(ProfileRow).where(ProfileRow.language == language)
        )
        return int(found or 0)

    async def _known(self, *where: ColumnElement[bool], limit: int | None = None) -> list[Known]:
        """Articles with their keyphrases, published ones first, then the oldest."""
        query = (
            select(PostRow, RevisionRow.keyphrase)
            .join(
                RevisionRow,
                and_(RevisionRow.post_id == PostRow.id, RevisionRow.n == PostRow.revision),
            )
            .where(*where)
            .order_by(PostRow.state != "published", PostRow.id)
            .limit(limit)
        )
        return [
            Known(_post(row), keyphrase) for row, keyphrase in await self._session.execute(query)
        ]


def _listed(states: Collection[str], without: str) -> list[ColumnElement[bool]]:
    return [
        PostRow.state.in_(states),
        PostRow.unlisted.is_(False),
        PostRow.id != without,
    ]


def _idf(total: int, n: int) -> float:
    """BM25's, which stays over 0 for terms of more than half of the articles."""
    return math.log(1 + (max(total, n) - n + 0.5) / (n + 0.5))


def _post(row: PostRow) -> Post:
    return Post.model_validate({name: getattr(row, name) for name in Post.model_fields})
