"""The desk's door to the analysis of a text that is being edited. Nothing of it is kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.config import Settings
from app.infra.ports import Ports
from app.kit.speech import spoken
from app.language.types import Language, Span
from app.posts.admin import find_post, read_fields, render_editor
from app.posts.repository import Posts
from app.posts.schemas import Post, Revision
from app.review.assessing import LONGEST, edited_text, read_kept, with_site
from app.review.editing import Checked, Judged, Kept, check_edited
from app.seo.findings import Finding
from app.seo.messages import render
from app.web.desk import guarded, render_desk
from app.web.forms import read_form
from app.web.principals import Permission, Principal, Principals

_AT_ONCE = 2
"""Texts a process works on at a time; others wait, so that readers keep their share of it."""
_MOST_PLACES = 5
_EXCERPT = 60
_GRAVITY = {"bad": 0, "ok": 1, "info": 2, "good": 3}


def desk_of_review(ports: Ports, settings: Settings, principals: Principals) -> list[Route]:
    """The address that the editor asks."""
    page = _Page(ports, settings)
    return [guarded("/articles/{post_id}/check", page.check, principals, Permission.WRITE, "POST")]


@dataclass(frozen=True, slots=True)
class Place:
    """Code points of the text, and how a reader finds them."""

    start: int
    end: int
    line: int
    excerpt: str


class _Page:
    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def check(self, request: Request, person: Principal) -> Response:
        """What the analysis says of the fields: alone for the script, else with the editor around it."""
        form = await read_form(request)
        fields, wrong = read_fields(form)
        post, revision, kept = await self._kept(request)
        found: dict[str, Any] | None = None
        if not wrong and len(fields["markdown"]) <= LONGEST:
            edited = edited_text(post, fields)
            async with self._turns:
                kept = await with_site(self._ports.database, post, edited, kept, self._settings)
                today = self._ports.now().date()
                checked = await asyncio.to_thread(check_edited, edited, kept, today=today)
                language: Language = "ko" if spoken() == "ko" else "en"
                found = await asyncio.to_thread(_found, checked, language)
        elif not wrong:
            found = {"wrong": "", "too_long": LONGEST}
        if request.query_params.get("part") == "findings":
            told = found or {"wrong": wrong, "too_long": 0}
            return render_desk(request, "findings.html", found=told, post=post)
        return render_editor(
            request, person, post, revision, fields=fields, wrong=wrong, found=found
        )

    async def _kept(self, request: Request) -> tuple[Post, Revision, Kept]:
        async with self._ports.database.reading() as session:
            posts = Posts(session)
            post = await find_post(posts, request)
            revision = await posts.revision(post.id, post.revision)
            kept = await read_kept(session, post, revision, self._settings)
        return post, revision, kept


def _found(checked: Checked, language: Language) -> dict[str, Any]:
    """The analysis as the template shows it: by gravity, what holds publishing first."""
    text, analysis = checked.edited.markdown, checked.analysis
    gate = {finding.check_id for finding in analysis.gate}
    ordered = sorted(
        analysis.findings,
        key=lambda f: (f.check_id not in gate, _GRAVITY[f.level], f.points or 0),
    )
    findings = [_finding(each, text, language, held=each.check_id in gate) for each in ordered]
    claims = sorted(checked.claims, key=lambda claim: claim.verdict == "supported")
    return {
        "wrong": "",
        "too_long": 0,
        "scores": analysis.scores,
        "lamps": dict(analysis.lamps),
        "wanting": [each for each in findings if each["level"] in {"bad", "ok"}],
        "told": [each for each in findings if each["level"] == "info"],
        "fine": [each for each in findings if each["level"] == "good"],
        "held": [each for each in findings if each["held"]],
        "claims": len(claims),
        "supported": sum(claim.verdict == "supported" for claim in claims),
        "doubted": [_claim(each, text) for each in claims if each.verdict != "supported"],
        "new": sum(claim.is_new for claim in claims),
        "stale": checked.stale,
    }


def _finding(finding: Finding, text: str, language: Language, *, held: bool) -> dict[str, Any]:
    said = render(finding, language)
    return {
        "id": finding.check_id,
        "level": finding.level,
        "message": said.message,
        "hint": said.hint if finding.level != "good" else "",
        "held": held,
        "places": _places(finding.spans, text) if finding.level != "good" else [],
        "more": max(0, len(finding.spans) - _MOST_PLACES),
    }


def _claim(claim: Judged, text: str) -> dict[str, Any]:
    return {
        "verdict": claim.verdict,
        "problems": claim.problems,
        "is_new": claim.is_new,
        "source": claim.source,
        "said": _excerpt(claim.said),
        "place": _places([claim.span], text)[0],
    }


def _places(spans: Sequence[Span], text: str) -> list[Place]:
    return [
        Place(span.start, span.end, text.count("\n", 0, span.start) + 1, _excerpt(span.of(text)))
        for span in spans[:_MOST_PLACES]
    ]


def _excerpt(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= _EXCERPT else flat[: _EXCERPT - 1] + "…"
