"""Keeps and finds articles, their revisions, claims and addresses."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.infra.tags import bump_tags
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.speech import say
from app.posts.index.repository import OwnIndex
from app.posts.models import ClaimRow, PostRow, RevisionRow, SlugRow
from app.posts.schemas import ClaimIn, Post, Revision


class Posts:
    """The articles that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.index = OwnIndex(session)
        """What the articles are about, in the same unit of work."""

    async def add(self, post: Post) -> None:
        """Add an article; its revision and claims come by themselves."""
        self._session.add(PostRow(**post.model_dump()))
        await self._session.flush()

    async def find(self, post_id: str) -> Post | None:
        """The article of an id, if there is one."""
        row = await self._session.get(PostRow, post_id)
        return _post(row) if row else None

    async def of_job(self, job_id: str) -> Post | None:
        """The article that a job wrote, if it has."""
        row = await self._session.scalar(select(PostRow).where(PostRow.job_id == job_id))
        return _post(row) if row else None

    async def read(self, name: str) -> Post:
        """The article by its id, the first characters of it, or its slug.

        Raises:
            NotFound: there is none.
            Invalid: several are meant.
        """
        wanted = name.replace("%", "").replace("_", "")
        rows = (
            await self._session.scalars(
                select(PostRow)
                .where(
                    (PostRow.slug == name) | (PostRow.id.startswith(wanted) if wanted else False)
                )
                .order_by(PostRow.slug == name)
                .limit(2)
            )
        ).all()
        if not rows:
            raise NotFound(f"There is no article {name}. List them with: ai-seo-blogger posts list")
        if len(rows) > 1:
            raise Invalid(f"Several articles are meant by {name}; give more of the id.")
        return _post(rows[0])

    async def locked(self, post_id: str, *, version: int | None = None) -> Post:
        """The article, its row locked until the unit ends.

        Raises:
            NotFound: there is none.
            Conflict: somebody changed it since `version` was read.
        """
        row = await self._session.scalar(
            select(PostRow)
            .where(PostRow.id == post_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFound(say("There is no article {name}.", name=post_id))
        if version is not None and row.version != version:
            raise Conflict(
                say(
                    "{slug} was changed by somebody else meanwhile. "
                    "Look at it again and repeat your change.",
                    slug=row.slug,
                )
            )
        return _post(row)

    async def change(self, post: Post, **values: Any) -> Post:
        """Write changed columns; the version rises by one."""
        changed = post.model_copy(update={**values, "version": post.version + 1})
        await self._session.execute(
            update(PostRow).where(PostRow.id == post.id).values(**values, version=changed.version)
        )
        return changed

    async def remove(self, post: Post) -> None:
        """Remove an article with its revisions and claims."""
        for table in (ClaimRow, RevisionRow):
            await self._session.execute(delete(table).where(table.post_id == post.id))
        await self._session.execute(delete(PostRow).where(PostRow.id == post.id))

    async def newest(
        self,
        *,
        state: str | None = None,
        language: str | None = None,
        listed: bool = False,
        before: str | None = None,
        words: str = "",
        limit: int = 50,
    ) -> list[Post]:
        """Articles, newest first.

        `before` is an id: those made before it; `listed` leaves out the unlisted; `words` stand in the
        title or the slug.
        """
        query = select(PostRow).order_by(PostRow.id.desc()).limit(limit)
        if state is not None:
            query = query.where(PostRow.state == state)
        if language is not None:
            query = query.where(PostRow.language == language)
        if listed:
            query = query.where(PostRow.unlisted.is_(False))
        if before is not None:
            query = query.where(PostRow.id < before)
        if words:
            query = query.where(
                PostRow.title.icontains(words, autoescape=True)
                | PostRow.slug.icontains(words, autoescape=True)
            )
        return [_post(row) for row in await self._session.scalars(query)]

    async def published(
        self, *, language: str | None = None, offset: int = 0, limit: int
    ) -> list[tuple[Post, Revision]]:
        """What readers find on the blog, the newest first: articles with the texts they show."""
        query = (
            select(PostRow, RevisionRow)
            .join(
                RevisionRow,
                (RevisionRow.post_id == PostRow.id) & (RevisionRow.n == PostRow.revision),
            )
            .where(PostRow.state == "published", PostRow.unlisted.is_(False))
            .order_by(PostRow.published_at.desc(), PostRow.id.desc())
            .offset(offset)
            .limit(limit)
        )
        if language is not None:
            query = query.where(PostRow.language == language)
        rows = await self._session.execute(query)
        return [(_post(post), _revision(revision)) for post, revision in rows]

    async def texts(self, *, limit: int) -> list[tuple[Post, Revision]]:
        """The newest listed articles in every state, with the text each has now."""
        rows = await self._session.execute(
            select(PostRow, RevisionRow)
            .join(
                RevisionRow,
                (RevisionRow.post_id == PostRow.id) & (RevisionRow.n == PostRow.revision),
            )
            .where(PostRow.unlisted.is_(False))
            .order_by(PostRow.id.desc())
            .limit(limit)
        )
        return [(_post(post), _revision(revision)) for post, revision in rows]

    async def addresses(self, limit: int) -> list[Post]:
        """The newest listed articles without their texts, for a sitemap."""
        rows = await self._session.scalars(
            select(PostRow)
            .where(PostRow.state == "published", PostRow.unlisted.is_(False))
            .order_by(PostRow.published_at.desc(), PostRow.id.desc())
            .limit(limit)
        )
        return [_post(row) for row in rows]

    async def due(self, now: datetime) -> Post | None:
        """The scheduled article whose moment came first, locked; None when none has come.

        One that somebody else has locked is left to them.
        """
        row = await self._session.scalar(
            select(PostRow)
            .where(PostRow.state == "scheduled", PostRow.publish_at <= now)
            .order_by(PostRow.publish_at, PostRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        return _post(row) if row else None

    async def publications(self, most: int, *, since: datetime) -> list[datetime]:
        """When listed articles were first published, the newest first.

        Other units that ask this wait for the end of ours: who counts may rely on it until then.
        """
        if self._session.get_bind().dialect.name == "postgresql":  # on SQLite every writer waits
            await self._session.execute(
                text("select pg_advisory_xact_lock(hashtext('publications'))")
            )
        found = await self._session.scalars(
            select(PostRow.published_at)
            .where(PostRow.published_at > since, PostRow.unlisted.is_(False))
            .order_by(PostRow.published_at.desc())
            .limit(most)
        )
        return [at for at in found if at is not None]

    async def languages(self) -> list[str]:
        """The languages that listed articles are written in."""
        rows = await self._session.scalars(
            select(PostRow.language)
            .where(PostRow.state == "published", PostRow.unlisted.is_(False))
            .distinct()
            .order_by(PostRow.language)
        )
        return list(rows)

    async def translations(self, group: str) -> Sequence[Post]:
        """The published language versions of one article."""
        rows = await self._session.scalars(
            select(PostRow)
            .where(PostRow.translation_group == group, PostRow.state == "published")
            .order_by(PostRow.language)
        )
        return [_post(row) for row in rows]

    async def add_revision(self, revision: Revision, claims: Sequence[ClaimIn]) -> None:
        """Add a text and its claim table."""
        self._session.add(RevisionRow(**_plain(revision)))
        await self._session.flush()
        self._session.add_all(
            ClaimRow(
                post_id=revision.post_id,
                revision=revision.n,
                position=position,
                **_claim_columns(claim),
            )
            for position, claim in enumerate(claims)
        )
        await self._session.flush()

    async def revision(self, post_id: str, n: int | None = None) -> Revision:
        """A text of an article; the current one unless `n` says another.

        Raises:
            NotFound: there is none.
        """
        number = n if n is not None else (await self.read(post_id)).revision
        row = await self._session.get(RevisionRow, (post_id, number))
        if row is None:
            raise NotFound(f"Article {post_id} has no revision {number}.")
        return _revision(row)

    async def revisions(self, post_id: str) -> Sequence[Revision]:
        """All texts of an article, oldest first."""
        rows = await self._session.scalars(
            select(RevisionRow).where(RevisionRow.post_id == post_id).order_by(RevisionRow.n)
        )
        return [_revision(row) for row in rows]

    async def claims(self, post_id: str, n: int | None = None) -> Sequence[ClaimIn]:
        """The claim table of a text, in reading order."""
        number = n if n is not None else (await self.read(post_id)).revision
        rows = await self._session.scalars(
            select(ClaimRow)
            .where(ClaimRow.post_id == post_id, ClaimRow.revision == number)
            .order_by(ClaimRow.position)
        )
        return [_claim(row) for row in rows]

    async def address(self, language: str, slug: str) -> tuple[str, str] | None:
        """What an address leads to: the article's id and `current`, `redirect` or `gone`."""
        row = await self._session.get(SlugRow, (language, slug))
        return (row.post_id, row.state) if row else None

    async def lock_slug(self, language: str, slug: str) -> None:
        """Let nobody else look whether this address is free until this unit has ended.

        Nothing on SQLite, where one unit writes at a time.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            key = func.hashtextextended(f"slug:{language}:{slug}", 0)
            await self._session.execute(select(func.pg_advisory_xact_lock(key)))

    async def slug_is_free(self, language: str, slug: str, post_id: str) -> bool:
        """Whether no other article has the address or ever had it published."""
        known = await self._session.get(SlugRow, (language, slug))
        if known is not None and known.post_id != post_id:
            return False
        taken = await self._session.scalar(
            select(PostRow.id).where(
                PostRow.language == language, PostRow.slug == slug, PostRow.id != post_id
            )
        )
        return taken is None

    async def set_addresses(self, post: Post, state: str) -> None:
        """Bring an article's addresses in line: the slug now is `state`, older ones lead to it or are gone."""
        others = "gone" if state == "gone" else "redirect"
        await self._session.execute(
            update(SlugRow).where(SlugRow.post_id == post.id).values(state=others)
        )
        row = await self._session.get(SlugRow, (post.language, post.slug))
        if row is None:
            self._session.add(
                SlugRow(language=post.language, slug=post.slug, post_id=post.id, state=state)
            )
        else:
            row.state = state
        await self._session.flush()

    async def forget_addresses(self, post_id: str) -> None:
        """Forget that an article ever had addresses: only for those that nobody was given."""
        await self._session.execute(delete(SlugRow).where(SlugRow.post_id == post_id))

    async def bump(self, tags: Iterable[str]) -> None:
        """Say that everything cached of these tags is old once this unit commits."""
        await bump_tags(self._session, tags)

    async def was_published(self, post_id: str) -> bool:
        """Whether it ever had a public address."""
        found = await self._session.scalar(
            select(SlugRow.slug).where(SlugRow.post_id == post_id).limit(1)
        )
        return found is not None


def _plain(revision: Revision) -> dict[str, Any]:
    values = revision.model_dump(mode="json")
    values["created_at"] = revision.created_at
    return values


def _post(row: PostRow) -> Post:
    return Post.model_validate({name: getattr(row, name) for name in Post.model_fields})


def _revision(row: RevisionRow) -> Revision:
    return Revision.model_validate({name: getattr(row, name) for name in Revision.model_fields})


_CONTRADICTED = "contradicted: "
"""Begins the problem that a contradicted claim is kept with."""


def _claim_columns(claim: ClaimIn) -> dict[str, Any]:
    """A claim as it is kept: a contradicted one as unsupported, with a problem that says so.

    A release that knows three verdicts reads the same rows beside this one and would refuse a fourth.
    """
    columns = claim.model_dump(mode="json")
    if claim.verdict == "contradicted":
        columns["verdict"] = "unsupported"
        if not any(each.startswith(_CONTRADICTED) for each in claim.problems):
            columns["problems"] = [
                f"{_CONTRADICTED}the source says otherwise",
                *columns["problems"],
            ]
    return columns


def _claim(row: ClaimRow) -> ClaimIn:
    found = ClaimIn.model_validate({name: getattr(row, name) for name in ClaimIn.model_fields})
    told = any(each.startswith(_CONTRADICTED) for each in found.problems)
    if found.verdict == "unsupported" and told:
        return found.model_copy(update={"verdict": "contradicted"})
    return found
