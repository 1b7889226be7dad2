"""The desk's door to articles: find, read with their evidence, edit, and move through their life."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.infra.ports import Ports
from app.kit.differences import differing_lines
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.moments import read_moment
from app.kit.speech import say
from app.kit.translations import translations
from app.posts import service
from app.posts.domain import Overtaken, Pace, State
from app.posts.rendering import render_markdown
from app.posts.repository import Posts
from app.posts.scheduling import schedule_post, unschedule_post
from app.posts.schemas import Assessed, ClaimIn, Post, Revision
from app.posts.service import ANY_PACE
from app.seo.search_preview import Preview, preview
from app.web.desk import go, guarded, render_desk
from app.web.forms import Form, read_form
from app.web.principals import Permission, Principal, Principals

_PAGE_SIZE = 30
_MOST_TITLE = 300
_MOST_DESCRIPTION = 1000
_MOST_SLUG = 200
_MOST_KEYPHRASE = 120

_LINES = ("title", "slug", "meta_description", "keyphrase", "own_numbers")

Assess = Callable[[str, dict[str, str]], Awaitable[Assessed | None]]
"""Measures the editor's fields as the text of an article; None where they cannot be measured."""

_Change = Callable[..., Awaitable[Post | None]]

_MOVES: dict[str, tuple[_Change, Permission]] = {
    "submit": (service.submit_post, Permission.WRITE),
    "approve": (service.approve_post, Permission.PUBLISH),
    "return": (service.return_post, Permission.PUBLISH),
    "unschedule": (unschedule_post, Permission.PUBLISH),
    "unpublish": (service.unpublish_post, Permission.PUBLISH),
}


def desk_of_posts(
    ports: Ports, principals: Principals, assess: Assess, pace: Pace = ANY_PACE
) -> list[Route]:
    """The pages below `/desk` about articles. `assess` measures what is saved, `pace` is that of publishing."""
    pages = _Pages(ports, assess)
    moves = {
        **_MOVES,
        "publish": (partial(service.publish_post, pace=pace), Permission.PUBLISH),
    }
    one = "/articles/{post_id}"

    def page(path: str, answer: Any, permission: Permission, method: str = "GET") -> Route:
        return guarded(path, answer, principals, permission, method)

    return [
        page("/articles", pages.articles, Permission.READ),
        page(one, pages.article, Permission.READ),
        page(f"{one}/edit", pages.editor, Permission.WRITE),
        page(f"{one}/edit", pages.save, Permission.WRITE, "POST"),
        page(f"{one}/preview", pages.preview, Permission.WRITE, "POST"),
        page(f"{one}/delete", pages.ask_delete, Permission.PUBLISH),
        page(f"{one}/delete", pages.delete, Permission.PUBLISH, "POST"),
        page(f"{one}/revisions/{{n:int}}", pages.revision, Permission.READ),
        page(f"{one}/revisions/{{n:int}}", pages.restore, Permission.WRITE, "POST"),
        *(
            page(f"{one}/{name}", pages.mover(name, change), permission, "POST")
            for name, (change, permission) in moves.items()
        ),
        page(f"{one}/schedule", pages.schedule, Permission.PUBLISH, "POST"),
    ]


class _Pages:
    def __init__(self, ports: Ports, assess: Assess) -> None:
        self._ports = ports
        self._assess = assess

    async def articles(self, request: Request, _person: Principal) -> Response:
        """Articles by state, language and words of the title, the newest first."""
        asked = {name: request.query_params.get(name, "") for name in ("state", "language", "q")}
        state = asked["state"] if asked["state"] in list(State) else ""
        language = asked["language"] if asked["language"] in {"en", "ko"} else ""
        words = " ".join(asked["q"].replace("\x00", " ").split())[:200]
        before = request.query_params.get("before", "")
        async with self._ports.database.reading() as session:
            found = await Posts(session).newest(
                state=state or None,
                language=language or None,
                words=words,
                before=before if before.isprintable() and before else None,
                limit=_PAGE_SIZE + 1,
            )
        shown = found[:_PAGE_SIZE]
        kept = {"state": state, "language": language, "q": words}
        query = urlencode({name: value for name, value in kept.items() if value})
        return render_desk(
            request,
            "articles.html",
            posts=shown,
            asked=kept,
            states=list(State),
            query=query,
            older=shown[-1].id if len(found) > _PAGE_SIZE else "",
            first=not before,
            said=request.query_params.get("said", ""),
        )

    async def article(self, request: Request, _person: Principal) -> Response:
        """An article with its score, the evidence of its claims and its earlier texts."""
        async with self._ports.database.reading() as session:
            posts = Posts(session)
            post = await find_post(posts, request)
            revisions = await posts.revisions(post.id)
            claims = await posts.claims(post.id, post.revision)
        revision = next(each for each in revisions if each.n == post.revision)
        words = translations("messages", post.language)
        body = await asyncio.to_thread(render_markdown, revision.markdown, words)
        return render_desk(
            request,
            "article.html",
            post=post,
            revision=revision,
            revisions=revisions[::-1],
            body=body,
            claims=_evidence(claims, revision),
            supported=sum(claim.verdict == "supported" for claim in claims),
            measured=_measured(revisions, revision),
            said=request.query_params.get("said", ""),
        )

    async def editor(self, request: Request, person: Principal) -> Response:
        """The text and its data, to be changed."""
        async with self._ports.database.reading() as session:
            posts = Posts(session)
            post = await find_post(posts, request)
            revision = await posts.revision(post.id, post.revision)
        return render_editor(request, person, post, revision, fields=_fields(revision))

    async def preview(self, request: Request, _person: Principal) -> Response:
        """How what is being written would stand in search results."""
        form = await read_form(request)
        fields, _ = read_fields(form)
        async with self._ports.database.reading() as session:
            post = await find_post(Posts(session), request)
        return render_desk(
            request, "preview.html", post=post, previews=_previews(request, post, fields)
        )

    async def save(self, request: Request, person: Principal) -> Response:
        """Keep what was written as a new revision; nothing of it is lost when that cannot be."""
        form = await read_form(request)
        fields, wrong = read_fields(form)
        base = form.number("revision") or 0
        then = form.values.get("then", "")
        seen: tuple[Post, Revision] | None = None
        try:
            assessed = None if wrong else await self._assess(_post_id(request), fields)
            async with self._ports.database.unit() as session:
                posts = Posts(session)
                post = await find_post(posts, request)
                seen = post, await posts.revision(post.id, post.revision)
                if not wrong:
                    post = await self._edit(posts, post, fields, base, person, assessed=assessed)
                    if then == "submit" and post.state == State.DRAFT:
                        await service.submit_post(posts, post.id, now=self._ports.now())
        except Overtaken:
            return await self._overtaken(request, person, fields, base)
        except (Invalid, Conflict) as refused:
            if seen is None:
                raise
            return render_editor(request, person, *seen, fields=fields, wrong=str(refused))
        except NotFound as gone:
            return render_desk(
                request, "gone.html", status=404, said=str(gone), text=fields["markdown"]
            )
        if wrong:
            return render_editor(request, person, *seen, fields=fields, wrong=wrong)
        if then == "stay":
            return go(f"/desk/articles/{post.id}/edit?said=saved")
        return go(f"/desk/articles/{post.id}?said={'submitted' if then == 'submit' else 'saved'}")

    async def _edit(
        self,
        posts: Posts,
        post: Post,
        fields: dict[str, str],
        base: int,
        person: Principal,
        *,
        assessed: Assessed | None,
    ) -> Post:
        return await service.edit_post(
            posts,
            post.id,
            now=self._ports.now(),
            title=fields["title"],
            markdown=fields["markdown"],
            meta_description=fields["meta_description"],
            slug=fields["slug"] or None,
            keyphrase=fields["keyphrase"],
            note=fields["note"],
            based_on=base,
            live=Permission.PUBLISH in person.permissions,
            assessed=assessed,
        )

    async def _overtaken(
        self, request: Request, person: Principal, fields: dict[str, str], base: int
    ) -> Response:
        """Both texts: what the other changed, and ours still in the form."""
        async with self._ports.database.reading() as session:
            posts = Posts(session)
            post = await find_post(posts, request)
            theirs = await posts.revision(post.id, post.revision)
            known = await posts.revision(post.id, base) if 0 < base < post.revision else theirs
        changed = await asyncio.to_thread(differing_lines, known.markdown, theirs.markdown)
        against = await asyncio.to_thread(differing_lines, theirs.markdown, fields["markdown"])
        return render_editor(
            request, person, post, theirs, fields=fields, changed=changed, against=against
        )

    def mover(self, name: str, change: _Change) -> Callable[..., Awaitable[Response]]:
        """Answers the form of one move: what was looked at is what is moved."""

        async def answer(request: Request, _person: Principal) -> Response:
            form = await read_form(request)
            async with self._ports.database.unit() as session:
                posts = Posts(session)
                post = await find_post(posts, request)
                await change(posts, post.id, now=self._ports.now(), version=form.number("version"))
            return go(f"/desk/articles/{post.id}?said={name}")

        return answer

    async def schedule(self, request: Request, _person: Principal) -> Response:
        """Have it published at the moment that was chosen, which is read in the blog's time zone."""
        form = await read_form(request)
        at = read_moment(form.line("at"), request.app.state.timezone)
        async with self._ports.database.unit() as session:
            posts = Posts(session)
            post = await find_post(posts, request)
            await schedule_post(
                posts, post.id, at=at, now=self._ports.now(), version=form.number("version")
            )
        return go(f"/desk/articles/{post.id}?said=schedule")

    async def ask_delete(self, request: Request, _person: Principal) -> Response:
        """Ask once more, since this cannot be undone."""
        async with self._ports.database.reading() as session:
            posts = Posts(session)
            post = await find_post(posts, request)
            was_published = await posts.was_published(post.id)
        return render_desk(request, "delete.html", post=post, was_published=was_published)

    async def delete(self, request: Request, _person: Principal) -> Response:
        """Delete it for good."""
        form = await read_form(request)
        async with self._ports.database.unit() as session:
            posts = Posts(session)
            post = await find_post(posts, request)
            await service.delete_post(
                posts, post.id, now=self._ports.now(), version=form.number("version")
            )
        return go("/desk/articles?said=deleted")

    async def revision(self, request: Request, _person: Principal) -> Response:
        """An earlier text, and what differs from the one now."""
        async with self._ports.database.reading() as session:
            posts = Posts(session)
            post = await find_post(posts, request)
            old = await posts.revision(post.id, _number(request))
            current = await posts.revision(post.id, post.revision)
        lines = await asyncio.to_thread(differing_lines, old.markdown, current.markdown)
        return render_desk(
            request, "revision.html", post=post, old=old, current=current, lines=lines
        )

    async def restore(self, request: Request, person: Principal) -> Response:
        """Bring an earlier text back, as a new revision."""
        form = await read_form(request)
        async with self._ports.database.unit() as session:
            posts = Posts(session)
            post = await find_post(posts, request)
            await service.restore_revision(
                posts,
                post.id,
                _number(request),
                now=self._ports.now(),
                version=form.number("version"),
                live=Permission.PUBLISH in person.permissions,
            )
        return go(f"/desk/articles/{post.id}?said=restored")


def render_editor(
    request: Request,
    person: Principal,
    post: Post,
    revision: Revision,
    *,
    fields: dict[str, str],
    wrong: str = "",
    found: Any = None,
    **conflict: Any,
) -> Response:
    """The editor, with what was written in it; `revision` is the text that it would replace.

    `found` is what a check of the text came to, if it was asked for.
    """
    live = post.state in {State.PUBLISHED, State.SCHEDULED}
    return render_desk(
        request,
        "edit.html",
        status=409 if conflict else 422 if wrong else 200,
        post=post,
        revision=revision,
        fields=fields,
        previews=_previews(request, post, fields),
        wrong=wrong,
        found=found,
        overtaken=bool(conflict),
        changed=conflict.get("changed"),
        against=conflict.get("against"),
        refused=live and Permission.PUBLISH not in person.permissions,
        said=request.query_params.get("said", ""),
    )


async def find_post(posts: Posts, request: Request) -> Post:
    """The article that a request's address names.

    Raises:
        NotFound: there is none.
    """
    post = await posts.find(_post_id(request))
    if post is None:
        raise NotFound(say("There is no such article; somebody may have deleted it."))
    return post


def _post_id(request: Request) -> str:
    """The id in the address; one that no article can have where it is not printable."""
    post_id: str = request.path_params["post_id"]
    return post_id if post_id.isprintable() else "-"


def _number(request: Request) -> int:
    n: int = request.path_params["n"]
    return min(n, 10**9)


def _previews(request: Request, post: Post, fields: dict[str, str]) -> tuple[Preview, ...]:
    base = str(request.base_url).rstrip("/").removesuffix("/desk")
    slug = fields["slug"].strip()[:_MOST_SLUG] or post.slug
    url = f"{base}/{post.language}/{slug}"
    return preview(
        fields["title"][:_MOST_TITLE], fields["meta_description"][:_MOST_DESCRIPTION], url
    )


def _fields(revision: Revision) -> dict[str, str]:
    return {
        "title": revision.title,
        "slug": revision.slug,
        "meta_description": revision.meta_description,
        "keyphrase": revision.keyphrase,
        "own_numbers": "; ".join(revision.own_numbers),
        "markdown": revision.markdown,
        "note": "",
    }


def read_fields(form: Form) -> tuple[dict[str, str], str]:
    """The fields of the editor, and what is wrong with them; a field that cannot be kept stays as it came."""
    fields = {name: form.values.get(name, "") for name in _LINES}
    fields |= {"markdown": form.values.get("markdown", ""), "note": form.values.get("note", "")}
    try:
        fields |= {"markdown": form.text("markdown")}
        fields |= {name: form.line(name) for name in fields if name != "markdown"}
    except Invalid as refused:
        return fields, str(refused)
    for name, most in (
        ("title", _MOST_TITLE),
        ("meta_description", _MOST_DESCRIPTION),
        ("slug", _MOST_SLUG),
        ("keyphrase", _MOST_KEYPHRASE),
        ("own_numbers", _MOST_TITLE),
        ("note", _MOST_TITLE),
    ):
        if len(fields[name]) > most:
            return fields, say("This field may have {most} characters.", most=most)
    return fields, ""


def _evidence(claims: Sequence[ClaimIn], revision: Revision) -> list[dict[str, Any]]:
    """The claim table, what wants attention first."""
    cited = {citation.snapshot_id: citation for citation in revision.citations}
    rows = [{"claim": claim, "citation": cited.get(claim.snapshot_id)} for claim in claims]
    return sorted(rows, key=lambda row: row["claim"].verdict == "supported")


def _measured(revisions: Sequence[Revision], current: Revision) -> int:
    """The revision that the score was measured on: edits keep the score of the text before."""
    same = [each.n for each in revisions if each.score == current.score]
    return min(same, default=current.n)
