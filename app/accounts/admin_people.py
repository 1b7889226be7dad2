"""The desk's pages for owners: people, and what was changed by whom."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.accounts import service
from app.accounts.domain import Role
from app.accounts.reception import Reception, actor, in_person
from app.accounts.repository import Accounts
from app.accounts.schemas import Person
from app.kit.errors import Conflict, Invalid
from app.web.desk import go, guarded, render_desk
from app.web.forms import read_form
from app.web.principals import Permission, Principal

_PEOPLE = "/desk/people"
_PAGE_SIZE = 50


def people_routes(reception: Reception) -> list[Route]:
    """What owners do with people."""
    pages = _Pages(reception)

    def page(path: str, answer: Any, method: str = "POST") -> Route:
        return guarded(path, answer, reception.principals, Permission.MANAGE, method)

    return [
        page("/people", pages.show, "GET"),
        page("/people", pages.add),
        page("/people/{person_id}/role", pages.change_role),
        page("/people/{person_id}/disable", pages.disable),
        page("/people/{person_id}/enable", pages.enable),
        page("/people/{person_id}/reset", pages.reset),
        page("/audit", pages.audit, "GET"),
    ]


class _Pages:
    def __init__(self, reception: Reception) -> None:
        self._house = reception

    async def show(self, request: Request, _who: Principal) -> Response:
        """Everybody."""
        return await self._page(request)

    async def add(self, request: Request, who: Principal) -> Response:
        """Add somebody with a password that is made for them and shown this once."""
        in_person(who)
        form = await read_form(request)
        try:
            async with self._house.database.unit() as session:
                told = await service.create_person(
                    Accounts(session),
                    self._house.gate.passwords,
                    login=form.line("login"),
                    name=form.line("name"),
                    role=form.line("role"),
                    by=actor(who),
                    now=self._house.now(),
                )
        except (Invalid, Conflict) as error:
            return await self._page(request, wrong=str(error), status=_status(error))
        return await self._page(request, told=told)

    async def change_role(self, request: Request, who: Principal) -> Response:
        """Give somebody another role; their sessions end."""
        form = await read_form(request)
        return await self._change(request, who, service.change_role, form.line("role"))

    async def disable(self, request: Request, who: Principal) -> Response:
        """Let somebody in no more."""
        return await self._change(request, who, service.disable_person)

    async def enable(self, request: Request, who: Principal) -> Response:
        """Let somebody in again."""
        return await self._change(request, who, service.enable_person)

    async def reset(self, request: Request, who: Principal) -> Response:
        """Make a new password for somebody and show it, this once."""
        in_person(who)
        async with self._house.database.unit() as session:
            told = await service.reset_password(
                Accounts(session),
                self._house.gate.passwords,
                request.path_params["person_id"],
                by=actor(who),
                now=self._house.now(),
            )
        await self._house.end_sessions(told[0].id)
        return await self._page(request, told=told)

    async def audit(self, request: Request, _who: Principal) -> Response:
        """What was changed, newest first."""
        before = request.query_params.get("before", "")
        async with self._house.database.reading() as session:
            entries = await Accounts(session).entries(
                before=before if before.isascii() and before.isprintable() else None,
                limit=_PAGE_SIZE + 1,
            )
        return render_desk(
            request,
            "accounts/audit.html",
            entries=entries[:_PAGE_SIZE],
            older=entries[_PAGE_SIZE - 1].id if len(entries) > _PAGE_SIZE else "",
        )

    async def _change(self, request: Request, who: Principal, verb: Any, *given: str) -> Response:
        in_person(who)
        person_id = request.path_params["person_id"]
        try:
            async with self._house.database.unit() as session:
                person: Person = await verb(
                    Accounts(session), person_id, *given, by=actor(who), now=self._house.now()
                )
        except (Invalid, Conflict) as error:
            return await self._page(request, wrong=str(error), status=_status(error))
        await self._house.end_sessions(person.id)
        return go(f"{_PEOPLE}?done=1")

    async def _page(
        self,
        request: Request,
        *,
        status: int = 200,
        wrong: str = "",
        told: tuple[Person, str] | None = None,
    ) -> Response:
        async with self._house.database.reading() as session:
            people = await Accounts(session).everybody()
        return render_desk(
            request,
            "accounts/people.html",
            status=status,
            wrong=wrong,
            told=told,
            done=request.query_params.get("done", ""),
            people=people,
            roles=[role.value for role in Role],
        )


def _status(error: Exception) -> int:
    return 409 if isinstance(error, Conflict) else 422
