"""The desk's door to accounts: in, out, and the first owner's claim."""

import hmac
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.accounts import service
from app.accounts.admin_own import own_routes
from app.accounts.admin_people import people_routes
from app.accounts.domain import SETUP
from app.accounts.passwords import TooBusy
from app.accounts.reception import Reception
from app.accounts.repository import Accounts
from app.accounts.schemas import Person
from app.accounts.service import WrongPassword
from app.accounts.throttle import TooManyTries
from app.infra.kv import StoreAway
from app.kit.errors import Conflict, Invalid
from app.kit.speech import say
from app.web.desk import go, render_desk
from app.web.forms import read_form
from app.web.sessions import SessionsAway, key_of

_DESK = "/desk/"


def desk_of_accounts(reception: Reception) -> list[Route]:
    """The pages below `/desk` that strangers see too, one's own, and those about people."""
    door = _Door(reception)
    return [
        Route("/sign-in", door.show, methods=["GET"]),
        Route("/sign-in", door.enter, methods=["POST"]),
        Route("/sign-out", door.leave, methods=["POST"]),
        Route("/setup", door.show_setup, methods=["GET"]),
        Route("/setup", door.claim, methods=["POST"]),
        *own_routes(reception),
        *people_routes(reception),
    ]


def safe_next(wanted: str) -> str:
    """Where to go on after signing in: a path of this site, never another's address.

    Browsers take two slashes, or one and a backslash, for the beginning of an address.
    """
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if own and wanted.isprintable() and len(wanted) < 2000 else _DESK  # noqa: PLR2004  # longer than any address of ours


class _Door:
    def __init__(self, reception: Reception) -> None:
        self._house = reception

    async def show(self, request: Request) -> Response:
        """The form to sign in."""
        with _fail_closed():
            unclaimed = not await self._claimed()
        return self._form(request, unclaimed=unclaimed)

    async def enter(self, request: Request) -> Response:
        """Sign in: the session of before, whosever it was, ends and a new one begins."""
        form = await read_form(request)
        login, password = form.line("login"), form.text("password")
        wanted = safe_next(form.line("next"))
        filled: dict[str, Any] = {"login": login, "wanted": wanted}
        with _fail_closed():
            try:
                person = await service.sign_in(
                    self._house.database,
                    self._house.gate,
                    login=login,
                    password=password,
                    address=self._house.address(request),
                    now=self._house.now(),
                )
            except WrongPassword:
                wrong = say("Login and password do not belong together.")
                return self._form(request, status=403, wrong=wrong, **filled)
            except TooManyTries as many:
                return _wait(self._form(request, status=429, wrong=_too_many(many), **filled), many)
            return await self._let_in(request, person, wanted)

    async def leave(self, request: Request) -> Response:
        """Sign out: the session ends for good, on every instance."""
        session_id = self._house.cookies.read(request)
        answer = go("/desk/sign-in")
        if session_id:
            with _fail_closed():
                await self._house.sessions.end(key_of(session_id))
            self._house.cookies.forget(request, answer)
        return answer

    async def show_setup(self, request: Request) -> Response:
        """The form by which whoever knows SETUP_TOKEN becomes the first owner."""
        await self._only_while_unclaimed()
        return render_desk(request, "accounts/setup.html", wrong="", login="", name="")

    async def claim(self, request: Request) -> Response:
        """Become the first owner, and sign in."""
        await self._only_while_unclaimed()
        form = await read_form(request)
        filled = {"login": form.line("login"), "name": form.line("name")}
        with _fail_closed():
            try:
                await self._know_the_token(request, form.text("token"))
                async with self._house.database.unit() as session:
                    person = await service.create_owner(
                        Accounts(session),
                        self._house.gate.passwords,
                        password=form.text("password"),
                        by=SETUP,
                        now=self._house.now(),
                        **filled,
                    )
            except WrongPassword:
                wrong = say("This is not the value of SETUP_TOKEN.")
                return self._setup(request, status=403, wrong=wrong, **filled)
            except TooManyTries as many:
                return _wait(
                    self._setup(request, status=429, wrong=_too_many(many), **filled), many
                )
            except Invalid as error:
                return self._setup(request, status=422, wrong=str(error), **filled)
            except Conflict as error:
                raise HTTPException(404) from error  # somebody was quicker
            return await self._let_in(request, person, _DESK)

    async def _let_in(self, request: Request, person: Person, wanted: str) -> Response:
        before = self._house.cookies.read(request)
        if before:
            await self._house.sessions.end(key_of(before))
        session_id = await self._house.begin_session(request, person)
        answer = go(quote(wanted, safe="/?&=%#:@+,;~!$'()*"))
        self._house.cookies.write(request, answer, session_id)
        return answer

    async def _know_the_token(self, request: Request, given: str) -> None:
        gate, address = self._house.gate, self._house.address(request)
        token = self._house.settings.setup_token.get_secret_value()
        async with gate.passwords.turn():
            await gate.throttle.check(address=address, account="setup token")
            if not hmac.compare_digest(given.encode(), token.encode()):
                await gate.throttle.count(address=address, account="setup token")
                raise WrongPassword

    async def _only_while_unclaimed(self) -> None:
        with _fail_closed():
            open_to_claims = bool(self._house.settings.setup_token.get_secret_value())
            if not open_to_claims or await self._claimed():
                raise HTTPException(404)

    async def _claimed(self) -> bool:
        async with self._house.database.reading() as session:
            return await Accounts(session).has_owner()

    def _form(
        self,
        request: Request,
        *,
        status: int = 200,
        wrong: str = "",
        login: str = "",
        wanted: str = "",
        unclaimed: bool = False,
    ) -> Response:
        return render_desk(
            request,
            "accounts/sign_in.html",
            status=status,
            wrong=wrong,
            login=login,
            wanted=wanted or safe_next(request.query_params.get("next", _DESK)),
            again=request.query_params.get("done") == "password",
            unclaimed=unclaimed,
            by_token=bool(self._house.settings.setup_token.get_secret_value()),
        )

    @staticmethod
    def _setup(request: Request, **values: Any) -> Response:
        return render_desk(request, "accounts/setup.html", **values)


@contextmanager
def _fail_closed() -> Generator[None]:
    """Turn what is away into a page that says so."""
    try:
        yield
    except (SessionsAway, StoreAway, TooBusy, DBAPIError, NoConnection, OSError) as error:
        raise HTTPException(
            503,
            say("Nobody can sign in or out at the moment. Please try again shortly."),
            {"Retry-After": "5"},
        ) from error


def _too_many(many: TooManyTries) -> str:
    return say(
        "Too many failed tries. Please wait {minutes} min.", minutes=max(1, many.wait_s // 60)
    )


def _wait(answer: Response, many: TooManyTries) -> Response:
    answer.headers["retry-after"] = str(many.wait_s)
    return answer
