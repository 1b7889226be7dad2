"""The desk's door to batches: send a table, look it over, have it written, watch it, stop it."""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.config import Settings
from app.generation.batches import service
from app.generation.batches.repository import Batches
from app.generation.batches.schemas import Batch, Options
from app.generation.batches.table import MAX_BYTES, MAX_ROWS, decode_table
from app.generation.jobs import priority_name
from app.infra.ports import Ports
from app.kit.errors import Invalid
from app.kit.speech import say
from app.sources.domain import Rights
from app.web.desk import go, guarded, render_desk
from app.web.forms import MAX_TEXT, Form, read_form
from app.web.principals import Permission, Principal, Principals

_PAGE_SIZE = 30
_ROWS_SHOWN = 200
"""Rows of a table that a page shows; the rest stands in the CSV."""


def desk_of_batches(ports: Ports, settings: Settings, principals: Principals) -> list[Route]:
    """The pages below `/desk/bulk`."""
    pages = _Pages(ports, settings)
    one = "/bulk/{batch_id}"

    def page(path: str, answer: Any, permission: Permission, method: str = "GET") -> Route:
        return guarded(path, answer, principals, permission, method)

    return [
        page("/bulk", pages.batches, Permission.READ),
        page("/bulk", pages.preview, Permission.WRITE, "POST"),
        page("/bulk/run", pages.run, Permission.WRITE, "POST"),
        page(one, pages.batch, Permission.READ),
        page(f"{one}/results.csv", pages.export, Permission.READ),
        page(f"{one}/pause", pages.pause, Permission.WRITE, "POST"),
        page(f"{one}/resume", pages.resume, Permission.WRITE, "POST"),
        page(f"{one}/cancel", pages.cancel, Permission.WRITE, "POST"),
    ]


class _Pages:
    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings

    async def batches(self, request: Request, _person: Principal) -> Response:
        """The newest tables, and a form to send one."""
        return await self._list(request)

    async def preview(self, request: Request, person: Principal) -> Response:
        """What a table would do, with what is wrong and repeated, before anything is written."""
        async with request.form(max_files=1, max_fields=8) as sent:
            file = sent.get("file")
            data = await file.read(MAX_BYTES + 1) if isinstance(file, UploadFile) else b""
            name = (file.filename or "") if isinstance(file, UploadFile) else ""
            form = Form({key: value for key, value in sent.items() if isinstance(value, str)})
        try:
            text = _text(data)
            options = _options(form, name)
            seen = await service.preview_batch(
                self._ports.database,
                self._settings,
                text.encode(),
                options,
                may_publish=Permission.PUBLISH in person.permissions,
                now=self._ports.now(),
            )
        except Invalid as refused:
            return await self._list(request, str(refused))
        return render_desk(
            request,
            "bulk_preview.html",
            seen=seen,
            rows=seen.rows[:_ROWS_SHOWN],
            priority_name=priority_name,
            table=text.removeprefix("\ufeff"),
            options=options,
        )

    async def run(self, request: Request, person: Principal) -> Response:
        """Accept the table that was looked over."""
        form = await read_form(request)
        try:
            batch, new = await service.accept_batch(
                self._ports.database,
                self._ports.enqueuer,
                self._settings,
                form.text("table").encode(),
                _options(form, form.line("name")),
                person=person.person_id or person.id,
                may_publish=Permission.PUBLISH in person.permissions,
                now=self._ports.now(),
            )
        except Invalid as refused:
            return await self._list(request, str(refused))
        return go(f"/desk/bulk/{batch.id}" + ("" if new else "?said=already"))

    async def batch(self, request: Request, _person: Principal) -> Response:
        """A table and what became of its rows."""
        after = Form(request.query_params).number("after") or 0
        async with self._ports.database.reading() as session:
            batches = Batches(session)
            batch = await batches.read(_id(request))
            rows = await batches.results(batch.id, after=after, limit=_ROWS_SHOWN + 1)
        return render_desk(
            request,
            "batch.html",
            batch=batch,
            rows=rows[:_ROWS_SHOWN],
            more=rows[_ROWS_SHOWN - 1].n if len(rows) > _ROWS_SHOWN else 0,
            already=request.query_params.get("said") == "already",
        )

    async def export(self, request: Request, _person: Principal) -> Response:
        """What became of each row, as a table."""
        async with self._ports.database.reading() as session:
            batches = Batches(session)
            batch = await batches.read(_id(request))
            rows = await batches.results(batch.id)
        return Response(
            service.results_as_csv(rows),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="results.csv"'},
        )

    async def pause(self, request: Request, _person: Principal) -> Response:
        """Begin no more of its articles."""
        ports = self._ports
        return _to(await service.pause_batch(ports.database, ports.enqueuer, _id(request)))

    async def resume(self, request: Request, _person: Principal) -> Response:
        """Go on with it."""
        ports = self._ports
        return _to(await service.resume_batch(ports.database, ports.enqueuer, _id(request)))

    async def cancel(self, request: Request, _person: Principal) -> Response:
        """Cancel what is left of it."""
        ports = self._ports
        return _to(
            await service.cancel_batch(
                ports.database, ports.enqueuer, _id(request), now=ports.now()
            )
        )

    async def _list(self, request: Request, wrong: str = "") -> Response:
        before = request.query_params.get("before", "")
        before = before if before.isprintable() and len(before) <= 36 else ""  # noqa: PLR2004  # a UUID's length
        async with self._ports.database.reading() as session:
            found = await Batches(session).newest(_PAGE_SIZE + 1, before=before or None)
        return render_desk(
            request,
            "bulk.html",
            status=422 if wrong else 200,
            batches=found[:_PAGE_SIZE],
            older=found[_PAGE_SIZE - 1].id if len(found) > _PAGE_SIZE else "",
            first=not before,
            wrong=wrong,
            model=self._settings.llm_model,
            most_rows=MAX_ROWS,
        )


def _text(data: bytes) -> str:
    text, _ = decode_table(data)
    if len(text) > MAX_TEXT:
        raise Invalid(say("Tables of over a million characters are sent by the command line."))
    return text


def _options(form: Form, name: str) -> Options:
    given = form.values.get("rights", "")
    return Options(
        name=" ".join(name.split())[:120],
        model=form.line("model")[:200],
        rights=Rights(given) if given in list(Rights) else Rights.THIRD_PARTY,
        skip_wrong=form.values.get("skip_wrong") == "yes",
        keep_repeated=form.values.get("keep_repeated") == "yes",
    )


def _to(batch: Batch) -> Response:
    return go(f"/desk/bulk/{batch.id}")


def _id(request: Request) -> str:
    """The batch's id of the address; PostgreSQL has no way to ask for U+0000."""
    batch_id: str = request.path_params["batch_id"]
    return batch_id if batch_id.isprintable() else ""
