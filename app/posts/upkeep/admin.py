"""The desk's pages about the whole blog: what wants mending, and an article's links to the others."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.infra.ports import Ports
from app.kit.errors import NotFound
from app.kit.speech import say, spoken
from app.posts.repository import Posts
from app.posts.schemas import Post, Revision
from app.posts.upkeep.linking import insert_linker, insert_suggested, linkers_of, suggest_for
from app.posts.upkeep.repository import Upkeep
from app.posts.upkeep.schemas import TOPIC, TOPICS, Due, Topic
from app.posts.upkeep.service import confirm, host_of, list_topic
from app.seo.linking import Suggestion, link_target
from app.seo.messages import reason_of
from app.web.desk import go, guarded, render_desk
from app.web.forms import read_form
from app.web.principals import Permission, Principal, Principals

_PAGE_SIZE = 20
_AT_ONCE = 2
"""Edited texts a process looks through at a time; others wait, so that readers keep their share of it."""
_LONGEST = 100_000
"""Characters of a text in the editor, as the checks beside it take."""


def desk_of_upkeep(ports: Ports, principals: Principals, public_url: str = "") -> list[Route]:
    """The pages below `/desk`. `public_url` is the blog's: links with its host are own ones."""
    pages = _Pages(ports, host_of(public_url))
    links = "/articles/{post_id}/links"
    return [
        guarded("/site", pages.site, principals, Permission.READ),
        guarded(links, pages.links, principals, Permission.READ),
        guarded(links, pages.insert, principals, Permission.WRITE, "POST"),
        guarded(f"{links}/suggested", pages.suggested, principals, Permission.WRITE, "POST"),
        guarded(f"{links}/from", pages.insert_from, principals, Permission.WRITE, "POST"),
        guarded("/articles/{post_id}/confirm", pages.confirm, principals, Permission.WRITE, "POST"),
    ]


class _Pages:
    def __init__(self, ports: Ports, host: str) -> None:
        self._ports = ports
        self._host = host
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def site(self, request: Request, _person: Principal) -> Response:
        """What wants mending, by topic and page by page."""
        asked = request.query_params.get("topic", "")
        after = request.query_params.get("after", "")
        today = self._ports.now().date()
        async with self._ports.database.reading() as session:
            upkeep = Upkeep(session, self._host)
            counts = await upkeep.counts(today)
            topic = _topic(asked, counts)
            page = await list_topic(
                upkeep,
                topic,
                today=today,
                after=after if after.isprintable() else "",
                limit=_PAGE_SIZE,
            )
        query = urlencode({"topic": topic, "after": page.after})
        return render_desk(
            request,
            "site.html",
            topics=TOPICS,
            topic=topic,
            counts=counts,
            rows=page.rows,
            reasons=_reasons(page.rows),
            more=f"/desk/site?{query}" if page.after else "",
            first=not after,
            said=request.query_params.get("said", ""),
        )

    async def links(self, request: Request, person: Principal) -> Response:
        """An article's suggested links, those that should lead to it, and its sentences that age."""
        post, revision = await self._read(request)
        suggested = await suggest_for(self._ports.database, post, revision)
        linkers = await linkers_of(self._ports.database, post, revision, host=self._host)
        async with self._ports.database.reading() as session:
            upkeep = Upkeep(session, self._host)
            orphan = await upkeep.is_orphan(post.id)
            ageing = await upkeep.due_in(post)
        return render_desk(
            request,
            "links.html",
            post=post,
            revision=revision,
            suggested=[
                (each, *_around(revision.markdown, each.span.start, each.span.end))
                for each in suggested
            ],
            linkers=linkers,
            orphan=orphan,
            ageing=ageing,
            reasons=_reasons(ageing),
            today=self._ports.now().date(),
            may_change=_may_change(post, person),
            may_link=Permission.WRITE in person.permissions,
            may_publish=Permission.PUBLISH in person.permissions,
            said=request.query_params.get("said", ""),
        )

    async def suggested(self, request: Request, _person: Principal) -> Response:
        """The links that the text in the editor could have: a part of the page. Nothing of it is kept."""
        form = await read_form(request)
        post, revision = await self._read(request)
        markdown = form.text("markdown")
        found: Sequence[Suggestion] = ()
        if len(markdown) <= _LONGEST:
            edited = revision.model_copy(
                update={
                    "title": form.line("title"),
                    "keyphrase": form.line("keyphrase"),
                    "markdown": markdown,
                }
            )
            async with self._turns:
                found = await suggest_for(self._ports.database, post, edited)
        return render_desk(
            request,
            "suggested_links.html",
            post=post,
            suggested=[
                (each, *_around(markdown, each.span.start, each.span.end)) for each in found
            ],
            link_target=link_target,
        )

    async def insert(self, request: Request, person: Principal) -> Response:
        """Set one suggested link, or all."""
        form = await read_form(request)
        post, _revision = await self._read(request)
        wanted = form.line("to")
        await insert_suggested(
            self._ports.database,
            post.id,
            now=self._ports.now(),
            to=[wanted] if wanted else None,
            revision=form.number("revision") or 0,
            live=Permission.PUBLISH in person.permissions,
        )
        return go(f"/desk/articles/{post.id}/links?said=linked")

    async def insert_from(self, request: Request, person: Principal) -> Response:
        """Set the link to this article in another one."""
        form = await read_form(request)
        post, _revision = await self._read(request)
        await insert_linker(
            self._ports.database,
            form.line("source"),
            post,
            now=self._ports.now(),
            host=self._host,
            live=Permission.PUBLISH in person.permissions,
        )
        return go(f"/desk/articles/{post.id}/links?said=linked")

    async def confirm(self, request: Request, _person: Principal) -> Response:
        """Say that a sentence that ages still holds."""
        form = await read_form(request)
        post, _revision = await self._read(request)
        async with self._ports.database.unit() as session:
            await confirm(
                session,
                post,
                form.number("position") or 0,
                sentence=form.text("sentence"),
                now=self._ports.now(),
            )
        if form.line("back") == "site":
            return go("/desk/site?topic=ageing&said=confirmed")
        return go(f"/desk/articles/{post.id}/links?said=confirmed")

    async def _read(self, request: Request) -> tuple[Post, Revision]:
        post_id: str = request.path_params["post_id"]
        async with self._ports.database.reading() as session:
            posts = Posts(session)
            post = await posts.find(post_id) if post_id.isprintable() else None
            if post is None:
                raise NotFound(say("There is no such article; somebody may have deleted it."))
            return post, await posts.revision(post.id, post.revision)


def _topic(asked: str, counts: dict[str, int]) -> Topic:
    """The topic that is asked for, else the first that has something."""
    if asked in TOPIC:
        return TOPIC[asked]
    for topic in TOPICS:
        if counts[topic]:
            return topic
    return TOPICS[0]


def _reasons(rows: Sequence[Any]) -> dict[str, str]:
    kinds = {row.kind for row in rows if isinstance(row, Due)}
    return {kind: reason_of(kind, "ko" if spoken() == "ko" else "en") for kind in kinds}


def _may_change(post: Post, person: Principal) -> bool:
    live = post.state in {"published", "scheduled"}
    return Permission.WRITE in person.permissions and (
        not live or Permission.PUBLISH in person.permissions
    )


_AROUND = 60
"""Characters shown before and after an anchor."""


def _around(markdown: str, start: int, end: int) -> tuple[str, str]:
    """The words before and after a place, within its paragraph."""
    before = markdown[:start].rsplit("\n\n", 1)[-1]
    after = markdown[end:].split("\n\n", 1)[0]
    return (
        ("…" if len(before) > _AROUND else "") + before[-_AROUND:],
        after[:_AROUND] + ("…" if len(after) > _AROUND else ""),
    )
