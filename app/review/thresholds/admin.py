"""The desk's door to a site's thresholds: a table a language, its history, and the way back."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.config import Settings
from app.infra.ports import Ports
from app.kit.errors import Conflict, Invalid
from app.kit.speech import spoken
from app.language.types import Language
from app.review.thresholds import service
from app.review.thresholds.repository import Thresholds
from app.review.thresholds.schemas import ThresholdOut, ThresholdsOut
from app.review.thresholds.words import shown, typed
from app.seo.thresholds import NAMES, read_limits
from app.web.desk import go, guarded, render_desk
from app.web.forms import Form, read_form
from app.web.principals import Permission, Principal, Principals

_SHOWN_VERSIONS = 20


def desk_of_thresholds(ports: Ports, settings: Settings, principals: Principals) -> list[Route]:
    """The pages below `/desk/thresholds`."""
    pages = _Pages(ports, settings)

    def page(path: str, answer: Callable[..., Awaitable[Response]], method: str = "GET") -> Route:
        return guarded(path, answer, principals, Permission.MANAGE, method)

    return [
        page("/thresholds", pages.show),
        page("/thresholds", pages.save, "POST"),
        page("/thresholds/restore", pages.restore, "POST"),
    ]


class _Pages:
    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._setting = read_limits(settings.seo.thresholds)

    async def show(self, request: Request, _person: Principal) -> Response:
        """The thresholds of one language, each with what it is about."""
        language = _language(request.query_params.get("language", spoken()))
        return await self._page(request, language, said=request.query_params.get("said", ""))

    async def save(self, request: Request, person: Principal) -> Response:
        """Set what was typed; an emptied field goes back to what holds without the site's own."""
        form = await read_form(request)
        language = _language(form.values.get("language", ""))
        try:
            note = form.line("note")[:300]
            async with self._ports.database.unit() as session:
                thresholds = Thresholds(session)
                current = await thresholds.current()
                told = service.describe_thresholds(current, self._setting)
                await service.change_thresholds(
                    thresholds,
                    {language: _changes(form, told.languages[language])},
                    by=person.name,
                    now=self._ports.now(),
                    based_on=form.number("version"),
                    note=note,
                )
        except (Invalid, Conflict) as refused:
            return await self._page(request, language, form=form, wrong=str(refused))
        return go(f"/desk/thresholds?language={language}&said=saved")

    async def restore(self, request: Request, person: Principal) -> Response:
        """Bring an earlier version back."""
        form = await read_form(request)
        language = _language(form.values.get("language", ""))
        async with self._ports.database.unit() as session:
            await service.restore_thresholds(
                Thresholds(session),
                form.number("to"),
                by=person.name,
                now=self._ports.now(),
                based_on=form.number("version"),
            )
        return go(f"/desk/thresholds?language={language}&said=restored")

    async def _page(
        self,
        request: Request,
        language: Language,
        *,
        form: Form | None = None,
        wrong: str = "",
        said: str = "",
    ) -> Response:
        async with self._ports.database.reading() as session:
            thresholds = Thresholds(session)
            version = await thresholds.current()
            versions = await thresholds.versions(_SHOWN_VERSIONS)
        told: ThresholdsOut = service.describe_thresholds(version, self._setting)
        fields: dict[str, Any] = {
            each.name: form.values.get(each.name, "")
            if form
            else (shown(each.value) if each.origin == "site" else "")
            for each in told.languages[language]
        }
        return render_desk(
            request,
            "thresholds.html",
            status=422 if wrong else 200,
            told=told,
            rows=told.languages[language],
            of=language,
            versions=versions,
            fields=fields,
            shown=shown,
            note=form.values.get("note", "") if form else "",
            wrong=wrong,
            said=said,
        )


def _language(name: str) -> Language:
    return "ko" if name == "ko" else "en"


def _changes(form: Form, rows: list[ThresholdOut]) -> dict[str, Any]:
    """What differs from what is in force by the site; fields that were not sent stay as they are."""
    known = {row.name: row for row in rows}
    changes: dict[str, Any] = {}
    for name in NAMES:
        if name not in form.values:
            continue
        text, row = form.line(name), known[name]
        if not text:
            if row.origin == "site":
                changes[name] = None
        elif row.origin != "site" or text != shown(row.value):
            changes[name] = typed(name, text)
    return changes
