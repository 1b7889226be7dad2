"""The desk's page of one's own account: password, sessions, keys, language."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.accounts import service
from app.accounts.domain import KEY_SCOPES, PERMISSIONS
from app.accounts.passwords import TooBusy
from app.accounts.reception import Reception, actor, in_person
from app.accounts.repository import Accounts
from app.accounts.schemas import Key, Person
from app.accounts.service import WrongPassword
from app.accounts.throttle import TooManyTries
from app.infra.kv import StoreAway
from app.kit.errors import Invalid, NotFound
from app.kit.speech import say
from app.web.desk import LANGUAGE_COOKIE, go, guarded, render_desk
from app.web.forms import Form, read_form
from app.web.principals import Permission, Principal
from app.web.sessions import Session, SessionsAway

_OWN = "/desk/account"


def own_routes(reception: Reception) -> list[Route]:
    """What everybody who has signed in may do with their own account."""
    pages = _Pages(reception)

    def page(path: str, answer: Any, method: str = "POST") -> Route:
        return guarded(path, answer, reception.principals, Permission.READ, method)

    return [
        page("/account", pages.show, "GET"),
        page("/account/password", pages.change_password),
        page("/account/language", pages.change_language),
        page("/account/sessions/end-others", pages.end_others),
        page("/account/sessions/{key}/end", pages.end_session),
        page("/account/keys", pages.make_key),
        page("/account/keys/{key_id}/revoke", pages.revoke_key),
    ]


class _Pages:
    def __init__(self, reception: Reception) -> None:
        self._house = reception

    async def show(self, request: Request, who: Principal) -> Response:
        """The account."""
        return await self._page(request, who)

    async def change_password(self, request: Request, who: Principal) -> Response:
        """Change the password; every session ends and this browser gets a new one."""
        in_person(who)
        form = await read_form(request)
        if form.text("new") != form.text("again"):
            return await self._page(
                request, who, status=422, wrong=say("The new password was typed differently twice.")
            )
        try:
            person = await service.change_password(
                self._house.database,
                self._house.gate,
                who.person_id,
                old=form.text("old"),
                new=form.text("new"),
                address=self._house.address(request),
                by=actor(who),
                now=self._house.now(),
            )
        except WrongPassword:
            wrong = say("This is not your password.")
            return await self._page(request, who, status=403, wrong=wrong)
        except Invalid as error:
            return await self._page(request, who, status=422, wrong=str(error))
        except TooManyTries as many:
            wrong = say(
                "Too many failed tries. Please wait {minutes} min.", minutes=many.wait_s // 60 + 1
            )
            answer = await self._page(request, who, status=429, wrong=wrong)
            answer.headers["retry-after"] = str(many.wait_s)
            return answer
        except (StoreAway, TooBusy) as error:
            raise _away() from error
        await self._house.end_sessions(person.id)
        try:
            session_id = await self._house.begin_session(request, person)
        except SessionsAway:
            return go("/desk/sign-in?done=password")
        answer = go(f"{_OWN}?done=password")
        self._house.cookies.write(request, answer, session_id)
        return answer

    async def change_language(self, request: Request, who: Principal) -> Response:
        """Choose what the desk speaks, on every browser."""
        in_person(who)
        form = await read_form(request)
        async with self._house.database.unit() as session:
            await service.change_language(Accounts(session), who.person_id, form.line("language"))
        answer = go(f"{_OWN}?done=language")
        answer.delete_cookie(LANGUAGE_COOKIE, path="/desk")
        return answer

    async def end_others(self, _request: Request, who: Principal) -> Response:
        """End every session but this one."""
        in_person(who)
        try:
            await self._house.sessions.end_all(who.person_id, but=who.session_id)
        except SessionsAway as error:
            raise _away() from error
        return go(f"{_OWN}?done=sessions")

    async def end_session(self, request: Request, who: Principal) -> Response:
        """End one session of one's own."""
        in_person(who)
        key = request.path_params["key"]
        try:
            own = await self._house.sessions.of_person(who.person_id, now=self._house.now())
            if key not in {session.key for session in own}:
                raise NotFound(say("This session has ended already."))
            await self._house.sessions.end(key)
        except SessionsAway as error:
            raise _away() from error
        return go(f"{_OWN}?done=session")

    async def make_key(self, request: Request, who: Principal) -> Response:
        """Make a key and show it, this once."""
        in_person(who)
        form = await read_form(request)
        try:
            async with self._house.database.unit() as session:
                key, secret = await service.create_key(
                    Accounts(session),
                    who.person_id,
                    name=form.line("name"),
                    scopes=[scope.value for scope in Permission if form.line(scope.value)],
                    days=_days(form),
                    by=actor(who),
                    now=self._house.now(),
                )
        except Invalid as error:
            return await self._page(request, who, status=422, wrong=str(error))
        return await self._page(request, who, made=(key, secret))

    async def revoke_key(self, request: Request, who: Principal) -> Response:
        """End a key of one's own."""
        in_person(who)
        async with self._house.database.unit() as session:
            await service.revoke_key(
                Accounts(session),
                request.path_params["key_id"],
                of=who.person_id,
                by=actor(who),
                now=self._house.now(),
            )
        return go(f"{_OWN}?done=revoked")

    async def _page(
        self,
        request: Request,
        who: Principal,
        *,
        status: int = 200,
        wrong: str = "",
        made: tuple[Key, str] | None = None,
    ) -> Response:
        in_person(who)
        now = self._house.now()
        async with self._house.database.reading() as session:
            accounts = Accounts(session)
            account = await accounts.read(who.person_id)
            keys = await accounts.keys(who.person_id)
        return render_desk(
            request,
            "accounts/account.html",
            status=status,
            wrong=wrong,
            done=request.query_params.get("done", ""),
            account=account,
            sessions=await self._sessions(account),
            current=who.session_id,
            keys=[key for key in keys if key.revoked_at is None],
            made=made,
            scopes=[
                scope.value
                for scope in Permission
                if scope in KEY_SCOPES & PERMISSIONS[account.role]
            ],
            now=now,
        )

    async def _sessions(self, account: Person) -> list[Session]:
        try:
            found = await self._house.sessions.of_person(account.id, now=self._house.now())
        except SessionsAway as error:
            raise _away() from error
        return [session for session in found if session.data.get("epoch") == account.epoch]


def _days(form: Form) -> int | None:
    """How long a key is good for; for ever if nothing is said."""
    if not form.line("days"):
        return None
    return form.number("days") or 0  # which is refused


def _away() -> HTTPException:
    return HTTPException(
        503,
        say("Who you are cannot be checked at the moment. Please try again shortly."),
        {"Retry-After": "5"},
    )
