"""The desk's door to jobs: start an article, watch it being made, stop it, go on with it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.config import Settings
from app.generation import control
from app.generation.intake import (
    MOST_KEYWORD,
    accept_read,
    estimate_request,
    read_request,
    source_ref,
)
from app.generation.jobs import NORMAL, PRIORITIES, Job, JobState, Wanted, priority_name
from app.generation.jobs import Request as Asked
from app.generation.partial import finished_parts
from app.generation.progress import progress_of
from app.generation.repository import Jobs, Queues
from app.generation.spending.repository import Spending
from app.generation.spending.schemas import Estimate
from app.generation.streaming import STREAM_HEADERS, event_stream
from app.generation.watching import Watching
from app.infra.durable import QUEUES
from app.infra.ports import Ports
from app.kit.errors import Invalid
from app.kit.ids import uuid7
from app.kit.speech import say
from app.language.detect import detect_language
from app.posts.repository import Posts
from app.review.brief_schemas import BriefOut
from app.review.existing import Existing, find_existing
from app.review.gathering import brief_of, own_articles
from app.sources.domain import Rights, Snapshot
from app.web.desk import go, guarded, render_desk
from app.web.forms import Form, read_form
from app.web.principals import Permission, Principal, Principals, check_permission

_PAGE_SIZE = 30
_AT_HOME = 8
_MOST_SOURCES = 20


def desk_of_jobs(
    ports: Ports, settings: Settings, principals: Principals, watching: Watching
) -> list[Route]:
    """The pages below `/desk` about jobs, and the desk's first page."""
    pages = _Pages(ports, settings, watching)

    def page(path: str, answer: Any, permission: Permission, method: str = "GET") -> Route:
        return guarded(path, answer, principals, permission, method)

    return [
        page("/", pages.home, Permission.READ),
        page("/new", pages.new, Permission.WRITE),
        page("/new", pages.start, Permission.WRITE, "POST"),
        page("/new/existing", pages.existing, Permission.WRITE, "POST"),
        page("/jobs", pages.jobs, Permission.READ),
        page("/jobs/{job_id}", pages.job, Permission.READ),
        page("/jobs/{job_id}/events", pages.events, Permission.READ),
        page("/jobs/{job_id}/cancel", pages.cancel, Permission.WRITE, "POST"),
        page("/jobs/{job_id}/resume", pages.resume, Permission.WRITE, "POST"),
        page("/jobs/{job_id}/retry", pages.retry, Permission.WRITE, "POST"),
        page("/queues/{name}/pause", pages.pause, Permission.OPERATE, "POST"),
        page("/queues/{name}/resume", pages.unpause, Permission.OPERATE, "POST"),
    ]


class _Pages:
    def __init__(self, ports: Ports, settings: Settings, watching: Watching) -> None:
        self._ports = ports
        self._settings = settings
        self._watching = watching

    async def home(self, request: Request, _person: Principal) -> Response:
        """What wants somebody's attention, and what was published last."""
        async with self._ports.database.reading() as session:
            posts = Posts(session)
            running = await Jobs(session).unfinished()
            review = await posts.newest(state="in_review", limit=_AT_HOME)
            approved = await posts.newest(state="approved", limit=_AT_HOME)
            scheduled = await posts.newest(state="scheduled", limit=_AT_HOME)
            drafts = await posts.newest(state="draft", limit=_AT_HOME)
            published = await posts.published(limit=_AT_HOME)
        return render_desk(
            request,
            "home.html",
            running=running[::-1][:_AT_HOME],
            review=review,
            approved=approved,
            scheduled=scheduled,
            drafts=drafts,
            published=[post for post, _ in published],
            now=self._ports.now(),
        )

    async def new(self, request: Request, person: Principal) -> Response:
        """An empty form."""
        del person
        return self._form(request, Form({"key": str(uuid7()), "after": "review"}))

    async def start(self, request: Request, person: Principal) -> Response:
        """Accept what was asked for, or show the form again with all that was written in it."""
        form = await read_form(request)
        if form.values.get("after") == "publish":
            check_permission(person, Permission.PUBLISH)
        try:
            if form.values.get("act") == "suggest":
                return self._form(request, form, brief=await self._suggest(form))
            if form.values.get("act") == "estimate":
                return self._form(request, form, estimate=await self._estimate(form))
            asked, snapshots = await self._read(form)
            found = await find_existing(self._ports.database, asked.keyword, asked.language)
            is_meant = form.values.get("act") == "another" and form.line("of") == asked.keyword
            if any(each.why == "same" for each in found) and not is_meant:
                return self._form(request, form, existing=found, ask_about=asked.keyword)
            job = await self._accept(form, person, asked, snapshots)
        except Invalid as refused:
            return self._form(request, form, str(refused))
        return go(f"/desk/jobs/{job.id}")

    async def existing(self, request: Request, person: Principal) -> Response:
        """What the blog has on a keyword that is being typed: a part of the page."""
        del person
        form = await read_form(request)
        keyword = " ".join(_keyword(form).split())[:MOST_KEYWORD]
        found = await find_existing(
            self._ports.database, keyword, "ko" if _language_of(form, keyword) == "ko" else "en"
        )
        return render_desk(request, "existing.html", existing=found)

    async def _suggest(self, form: Form) -> BriefOut:
        """What the sources might be found by; they are read for it."""
        language = _language(form)
        return await brief_of(
            [source_ref(*source) for source in _sources(form)],
            self._settings,
            now=self._ports.now(),
            language=None if language is None else "ko" if language == "ko" else "en",
            own=await own_articles(self._ports.database),
        )

    async def _estimate(self, form: Form) -> Estimate:
        return await estimate_request(
            self._settings,
            keyword=_keyword(form),
            sources=_sources(form),
            language=_language(form),
            model=form.line("model") or None,
            now=self._ports.now(),
        )

    async def _read(self, form: Form) -> tuple[Asked, list[Snapshot]]:
        return await read_request(
            self._settings,
            keyword=_keyword(form),
            sources=_sources(form),
            language=_language(form),
            model=form.line("model") or None,
            publish=form.values.get("after") == "publish",
            now=self._ports.now(),
        )

    async def _accept(
        self, form: Form, person: Principal, asked: Asked, snapshots: Sequence[Snapshot]
    ) -> Job:
        return await accept_read(
            self._ports.database,
            self._ports.enqueuer,
            asked,
            snapshots,
            key=form.line("key")[:64] or None,
            priority=PRIORITIES.get(form.values.get("priority", ""), NORMAL),
            principal=person.id,
            person=person.person_id,
            now=self._ports.now(),
        )

    def _form(
        self,
        request: Request,
        form: Form,
        wrong: str = "",
        estimate: Estimate | None = None,
        brief: BriefOut | None = None,
        *,
        existing: Sequence[Existing] = (),
        ask_about: str = "",
    ) -> Response:
        """The form with what was written in it; `ask_about`: the keyword of which there is an article."""
        known = ["composer", *self._settings.llm_fallbacks, self._settings.llm_model]
        values = {
            name: form.values.get(name, "")
            for name in (
                *("key", "keyword", "urls", "text", "language", "model", "after"),
                *("page_rights", "text_rights", "priority"),
            )
        }
        values["keyword"] = form.values.get("chosen") or values["keyword"]
        return render_desk(
            request,
            "new.html",
            status=422 if wrong else 409 if ask_about else 200,
            form=values,
            wrong=wrong,
            estimate=estimate,
            brief=brief,
            existing=existing,
            ask_about=ask_about,
            models=list(dict.fromkeys(known)),
            model=self._settings.llm_model,
            rights=list(Rights),
        )

    async def jobs(self, request: Request, _person: Principal) -> Response:
        """The newest jobs by state, language, batch and words of the keyword, a page at a time."""
        asked = {
            name: " ".join(request.query_params.get(name, "").replace("\x00", " ").split())[:200]
            for name in ("state", "language", "q", "batch", "before")
        }
        state = JobState(asked["state"]) if asked["state"] in list(JobState) else None
        language = asked["language"] if asked["language"] in {"en", "ko"} else ""
        wanted = Wanted(state=state, language=language, text=asked["q"], batch=asked["batch"])
        async with self._ports.database.reading() as session:
            jobs = Jobs(session)
            found = await jobs.newest(_PAGE_SIZE + 1, before=asked["before"] or None, wanted=wanted)
            paused = await Queues(session).paused()
        shown = found[:_PAGE_SIZE]
        return render_desk(
            request,
            "jobs.html",
            jobs=shown,
            older=shown[-1].id if len(found) > _PAGE_SIZE else "",
            first=not asked["before"],
            asked=asked,
            query=urlencode({n: asked[n] for n in ("state", "language", "q", "batch") if asked[n]}),
            states=list(JobState),
            paused=[name for name in QUEUES if name in paused],
            now=self._ports.now(),
        )

    async def job(self, request: Request, _person: Principal) -> Response:
        """A job: its steps, what it costs, and its article when there is one."""
        async with self._ports.database.reading() as session:
            jobs, posts = Jobs(session), Posts(session)
            job = await jobs.read(_id(request))
            events = await jobs.events(job.id)
            post = await posts.find(job.post_id) if job.post_id else None
            spent = await Spending(session).of_job(job.id)
        unfinished = job.state.ended and job.state is not JobState.SUCCEEDED
        parts = await finished_parts(self._ports.enqueuer, job) if unfinished else []
        return render_desk(
            request,
            "job.html",
            spent=spent,
            job=job,
            parts=parts,
            priority=priority_name(job.priority),
            progress=progress_of(events),
            post=post,
            now=self._ports.now(),
        )

    async def events(self, request: Request, _person: Principal) -> Response:
        """The job's events for the page to follow; it goes on after the last one it knows."""
        job_id = _id(request)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        async with self._ports.database.reading() as session:
            await Jobs(session).read(job_id)
        if not after.isdecimal() or len(after) > 9:  # noqa: PLR2004  # fits every integer column
            raise Invalid(say("Last-Event-ID is the number of an event of this stream."))
        return StreamingResponse(
            event_stream(self._watching, job_id, int(after)),
            media_type="text/event-stream",
            headers=STREAM_HEADERS,
        )

    async def cancel(self, request: Request, person: Principal) -> Response:
        """Stop a job; what it has made is kept."""
        job_id, ports = _id(request), self._ports
        await control.cancel_job(
            ports.database, ports.enqueuer, job_id, now=ports.now(), by=person.id
        )
        return go(f"/desk/jobs/{job_id}")

    async def resume(self, request: Request, person: Principal) -> Response:
        """Go on with a job that was stopped, from where it was."""
        job_id, ports = _id(request), self._ports
        await control.resume_job(
            ports.database, ports.enqueuer, job_id, now=ports.now(), by=person.id
        )
        return go(f"/desk/jobs/{job_id}")

    async def retry(self, request: Request, person: Principal) -> Response:
        """Try a job again from the step that was chosen, or from the one that failed."""
        job_id, ports = _id(request), self._ports
        form = await read_form(request)
        await control.retry_job(
            ports.database,
            ports.enqueuer,
            job_id,
            step=form.line("step") or None,
            now=ports.now(),
            by=person.id,
        )
        return go(f"/desk/jobs/{job_id}")

    async def pause(self, request: Request, person: Principal) -> Response:
        """Let no instance take anything more from a queue."""
        ports, name = self._ports, str(request.path_params["name"])
        await control.pause_queue(
            ports.database, ports.enqueuer, name, now=ports.now(), by=person.id
        )
        return go("/desk/jobs")

    async def unpause(self, request: Request, _person: Principal) -> Response:
        """Let the instances take from a queue again."""
        ports, jobs = self._ports, self._settings.jobs
        await control.resume_queue(
            ports.database,
            ports.enqueuer,
            str(request.path_params["name"]),
            concurrency=jobs.concurrency,
            of_one=jobs.most_of_one,
        )
        return go("/desk/jobs")


def _sources(form: Form) -> list[tuple[str | None, str | None, Rights | None]]:
    rights = _rights(form, "page_rights")
    sources: list[tuple[str | None, str | None, Rights | None]] = [
        (address, None, rights)
        for line in form.text("urls").split("\n")
        if (address := line.strip())
    ]
    text = form.text("text")
    if text.strip():
        sources.append((None, text, _rights(form, "text_rights")))
    if not sources:
        raise Invalid(say("An article is made from sources: give an address or paste a text."))
    if len(sources) > _MOST_SOURCES:
        raise Invalid(say("At most {most} sources can be used.", most=_MOST_SOURCES))
    return sources


def _keyword(form: Form) -> str:
    """The suggestion that was chosen, or what was typed."""
    return form.line("chosen") or form.line("keyword")


def _language(form: Form) -> str | None:
    given = form.values.get("language", "")
    return given if given in {"ko", "en"} else None


def _language_of(form: Form, keyword: str) -> str:
    """The language that was chosen, else the keyword's own; the sources are not looked at for a hint."""
    return _language(form) or detect_language(keyword)


def _rights(form: Form, name: str) -> Rights | None:
    given = form.values.get(name, "")
    known: Sequence[str] = [each.value for each in Rights]
    return Rights(given) if given in known else None


def _id(request: Request) -> str:
    """The job's id of the address; PostgreSQL has no way to ask for U+0000."""
    job_id: str = request.path_params["job_id"]
    return job_id if job_id.isprintable() else ""
