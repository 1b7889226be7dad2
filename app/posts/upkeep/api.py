"""The API's door to links between articles and to what wants mending."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.config import Settings
from app.infra.ports import Ports
from app.posts.repository import Posts
from app.posts.schemas import Post, Revision
from app.posts.upkeep.linking import insert_suggested, linkers_of, suggest_for
from app.posts.upkeep.repository import Upkeep
from app.posts.upkeep.schemas import BrokenLink, Due, Linking, Topic, Twins
from app.posts.upkeep.service import host_of, list_topic
from app.seo.linking import Suggestion
from app.seo.messages import reason_of
from app.web.fields import Line
from app.web.principals import Permission, Principal, Principals, require


class ReferenceOut(BaseModel):
    """An article, as another one names it."""

    id: str
    language: str
    slug: str
    path: str
    title: str
    state: str


class SuggestionOut(BaseModel):
    """A link to set around `anchor`, which is `start` to `end` of the Markdown, in code points."""

    id: str
    """The article that it leads to."""
    title: str
    path: str
    anchor: str
    start: int
    end: int
    why: Literal["keyphrase", "words"]
    """Its keyphrase stands there, or words that name most of its subject."""
    shared: list[str]
    score: float


class LinkerOut(BaseModel):
    """An article that should link to this one, and where."""

    article: ReferenceOut
    suggestion: SuggestionOut


class LinksOut(BaseModel):
    """Links that an article should have and get. `revision` is the text that the places are in."""

    revision: int
    orphan: bool
    """Published, and no other published article links to it."""
    suggested: list[SuggestionOut]
    linkers: list[LinkerOut]


class LinksIn(BaseModel):
    """Which of the suggested links to set: to the articles of these ids, or all."""

    model_config = ConfigDict(extra="forbid")

    to: list[Line] | None = Field(default=None, max_length=5)
    revision: int | None = Field(default=None, ge=1, le=999_999_999)
    """The text that was looked at; another one meanwhile is a conflict."""


class LinksSetOut(BaseModel):
    """The article's revision with the links, and those that were set."""

    revision: int
    inserted: list[SuggestionOut]


class UpkeepRowOut(BaseModel):
    """One thing that wants mending: the article, or those that share something, and what is wrong."""

    articles: list[ReferenceOut]
    said: str = ""
    """The sentence, or what the articles share."""
    path: str = ""
    why: str = ""
    """Of a link: missing, gone or moved; of a sentence: why it ages."""
    leads_to: str = ""
    due_on: date | None = None


class UpkeepOut(BaseModel):
    """A page of a topic; `after` asks for the next one, None when there is none."""

    counts: dict[str, int]
    items: list[UpkeepRowOut]
    after: str | None


def create_upkeep_router(ports: Ports, settings: Settings, principals: Principals) -> APIRouter:
    """The routes of links and upkeep."""
    database = ports.database
    host = host_of(settings.public_url)
    may_read = Depends(require(principals, Permission.READ))
    router = APIRouter(tags=["posts"])

    async def read(name: str) -> tuple[Post, Revision]:
        async with database.reading() as session:
            posts = Posts(session)
            post = await posts.read(name)
            return post, await posts.revision(post.id, post.revision)

    @router.get("/posts/{name}/links", dependencies=[may_read])
    async def links(name: Line) -> LinksOut:
        """Links that an article should have, and articles that should link to it."""
        post, revision = await read(name)
        suggested = await suggest_for(database, post, revision)
        linkers = await linkers_of(database, post, revision, host=host)
        async with database.reading() as session:
            orphan = await Upkeep(session, host).is_orphan(post.id)
        return LinksOut(
            revision=revision.n,
            orphan=orphan,
            suggested=[_suggestion(each) for each in suggested],
            linkers=[_linker(each) for each in linkers],
        )

    @router.post("/posts/{name}/links")
    async def insert(
        name: Line,
        asker: Annotated[Principal, Depends(require(principals, Permission.WRITE))],
        body: LinksIn | None = None,
    ) -> LinksSetOut:
        """Set suggested links, as a new revision. Published and scheduled articles need who may publish."""
        asked = body or LinksIn()
        post, chosen = await insert_suggested(
            database,
            name,
            now=ports.now(),
            to=asked.to,
            revision=asked.revision,
            live=Permission.PUBLISH in asker.permissions,
        )
        return LinksSetOut(revision=post.revision, inserted=[_suggestion(each) for each in chosen])

    @router.get("/upkeep", dependencies=[may_read])
    async def upkeep(
        topic: Topic = "ageing",
        after: Line | None = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> UpkeepOut:
        """What of the whole blog wants mending."""
        today = ports.now().date()
        async with database.reading() as session:
            found = Upkeep(session, host)
            counts = await found.counts(today)
            page = await list_topic(found, topic, today=today, after=after or "", limit=limit)
        return UpkeepOut(
            counts=counts, items=[row_out(each) for each in page.rows], after=page.after or None
        )

    return router


def _reference(post: Post) -> ReferenceOut:
    return ReferenceOut(
        id=post.id,
        language=post.language,
        slug=post.slug,
        path=post.path,
        title=post.title,
        state=post.state,
    )


def _suggestion(each: Suggestion) -> SuggestionOut:
    return SuggestionOut(
        id=each.target.id,
        title=each.target.title,
        path=each.target.address,
        anchor=each.anchor,
        start=each.span.start,
        end=each.span.end,
        why=each.why,
        shared=list(each.shared),
        score=each.score,
    )


def _linker(each: Linking) -> LinkerOut:
    return LinkerOut(article=_reference(each.post), suggestion=_suggestion(each.suggestion))


def row_out(row: Post | Twins | BrokenLink | Due) -> UpkeepRowOut:
    """A finding as the API and the command line tell it, in English."""
    match row:
        case Twins():
            return UpkeepRowOut(articles=[_reference(each) for each in row.posts], said=row.said)
        case BrokenLink():
            leads_to = row.target.path if row.target else ""
            return UpkeepRowOut(
                articles=[_reference(row.post)], path=row.path, why=row.why, leads_to=leads_to
            )
        case Due():
            return UpkeepRowOut(
                articles=[_reference(row.post)],
                said=row.sentence,
                why=reason_of(row.kind, "en"),
                due_on=row.due_on,
            )
        case _:
            return UpkeepRowOut(articles=[_reference(row)])
