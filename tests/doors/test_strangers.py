"""What other sites, strangers and viewers cannot do on a real server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors import people
from tests.doors.conftest import Server


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_another_site_s_page_changes_nothing(one_server: Server, headers: dict[str, str]) -> None:
    with one_server.signed_in("owner") as browser:
        session = browser.cookies["session"]
    given = {**headers, "cookie": f"session={session}"}
    with one_server.anybody() as client:
        on_the_desk = client.post("/desk/account/sessions/end-others", headers=given)
        on_the_api = client.post(
            "/api/v1/keys", json={"name": "x", "scopes": ["ops"]}, headers=given
        )
        own = client.post(
            "/api/v1/keys",
            json={"name": "x", "scopes": ["ops"]},
            headers={"cookie": given["cookie"], "origin": one_server.url},
        )

    assert on_the_desk.status_code == on_the_api.status_code == 403
    assert own.status_code == 201


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}]
)
def test_another_site_cannot_sign_anybody_in(one_server: Server, headers: dict[str, str]) -> None:
    form = {"login": one_server.person("writer"), "password": people.PASSWORD}
    with one_server.anybody() as client:
        answer = client.post("/desk/sign-in", data=form, headers=headers)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_no_page_gives_a_stranger_a_cookie(one_server: Server) -> None:
    paths = ["/", "/en/", "/feed.xml", "/sitemap.xml", "/nothing", "/desk", "/desk/", "/desk/sign-in", "/desk/account", "/desk/nothing", "/api/v1/posts", "/api/v1/jobs", "/health", "/health/readiness"]  # fmt: skip
    with one_server.anybody() as client:
        for path in paths:
            answer = client.get(path, headers={"cookie": "session=unknown"})
            assert "set-cookie" not in answer.headers, path
            if path.startswith("/desk/"):
                assert answer.headers["cache-control"] == "no-store", path


def unguarded() -> Iterator[str]:
    """Routes that strangers may post to: they let in, out, or choose a language."""
    yield from ("/desk/sign-in", "/desk/sign-out", "/desk/setup", "/desk/language")


def test_every_route_that_changes_something_refuses_strangers_and_viewers(
    one_server: Server, tmp_path: Path
) -> None:
    """Asks the application itself for its routes, so that a new one without a guard fails here."""
    own = {"/desk/account/", "/api/v1/keys"}  # one's own account: everybody's who has signed in
    asked = 0
    with one_server.signed_in("viewer") as viewer, one_server.anybody() as stranger:
        described = stranger.get("/api/v1/openapi.json").json()["paths"]
        of_the_api = [
            (method.upper(), f"/api/v1{path}")
            for path, methods in described.items()
            for method in methods
            if method != "get"
        ]
        for method, path in [*of_the_api, *changing_routes(tmp_path)]:
            if path in set(unguarded()):
                continue
            asked += 1
            address = re.sub(r"\{[^}]+\}", "x", re.sub(r"\{\w+:int\}", "1", path))
            refused = stranger.request(method, address)
            assert refused.status_code in {303, 401}, (method, path, refused.status_code)
            if refused.status_code == 303:
                assert refused.headers["location"].startswith("/desk/sign-in"), path
            elsewhere = viewer.request(method, address, headers={"sec-fetch-site": "cross-site"})
            assert elsewhere.status_code == 403, (method, path)
            if not path.startswith(tuple(own)):
                answer = viewer.request(method, address)
                assert answer.status_code == 403, (method, path, answer.status_code)
    assert asked >= 21


def changing_routes(folder: Path) -> Iterator[tuple[str, str]]:
    """Every method and path that is not only read, the API's apart: it describes its own."""
    from starlette.routing import BaseRoute, Mount

    from app.config import Settings
    from app.main import create_app

    def walk(routes: list[BaseRoute], prefix: str) -> Iterator[tuple[str, str]]:
        for route in routes:
            if isinstance(route, Mount):
                yield from walk(list(route.routes), prefix + route.path)
            else:
                for method in sorted(getattr(route, "methods", None) or ()):
                    if method not in {"GET", "HEAD", "OPTIONS"}:
                        yield method, prefix + str(getattr(route, "path", ""))

    app = create_app(Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'x.db'}"))
    yield from walk(list(app.routes), "")
