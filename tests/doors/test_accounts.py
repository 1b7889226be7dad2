"""Signing in and out on a real server, on each database: what the browser gets, and what it cannot do."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.doors import people
from tests.doors.conftest import Server, serving

SETUP = "a setup token of forty characters, or so"
KOREAN = {"accept-language": "ko-KR,ko;q=0.9,en;q=0.5"}


def cookie_of(answer: httpx2.Response) -> str:
    return answer.headers["set-cookie"]


def test_a_person_signs_in_and_out(server: Server) -> None:
    login = server.person("writer")
    with server.browser() as browser:
        before = browser.get("/desk/jobs?state=x")
        form = browser.get(before.headers["location"])
        let_in = browser.post(
            "/desk/sign-in",
            data={
                "login": login.upper(),
                "password": people.PASSWORD,
                "next": "/desk/jobs?state=x",
            },
        )
        seen = browser.get("/api/v1/session").json()
        jobs = browser.get("/desk/jobs")
        kept = browser.cookies["session"]
        out = browser.post("/desk/sign-out")
        gone = browser.get("/desk/jobs")
        replayed = httpx2.get(f"{server.url}/desk/jobs", headers={"cookie": f"session={kept}"})

    assert before.status_code == 303
    assert 'name="next" value="/desk/jobs?state=x"' in form.text
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/desk/jobs?state=x")
    assert seen["permissions"] == ["read", "write"]
    assert jobs.status_code == 200
    assert out.status_code == gone.status_code == replayed.status_code == 303


def test_the_cookie_is_for_the_server_alone(server: Server) -> None:
    login = server.person("writer")
    with server.browser() as browser:
        cookie = cookie_of(
            browser.post("/desk/sign-in", data={"login": login, "password": people.PASSWORD})
        )

    name, *flags = cookie.split("; ")
    assert re.fullmatch(r"session=[\w-]{43}", name)
    assert {flag.lower() for flag in flags} == {
        *("httponly", "samesite=lax", "path=/", "max-age=2592000"),
    }


def test_behind_https_the_cookie_is_secure_and_of_this_host(tmp_path: Path) -> None:
    settings = {"TRUSTED_PROXIES": "127.0.0.0/8"}
    with serving(tmp_path, f"sqlite:///{tmp_path / 'blog.db'}", **settings) as server:
        login = server.person("writer")
        form = {"login": login, "password": people.PASSWORD}
        with server.anybody() as client:
            secure = client.post("/desk/sign-in", data=form, headers={"x-forwarded-proto": "https"})
            value = cookie_of(secure).partition(";")[0].partition("=")[2]
            client.cookies.clear()
            planted = client.get(
                "/api/v1/session",
                headers={"x-forwarded-proto": "https", "cookie": f"session={value}"},
            )
            sent = client.get(
                "/api/v1/session",
                headers={"x-forwarded-proto": "https", "cookie": f"__Host-session={value}"},
            )
            plain = client.get("/api/v1/session", headers={"cookie": f"__Host-session={value}"})

    assert cookie_of(secure).startswith("__Host-session=")
    assert "; Secure" in cookie_of(secure)
    assert "; Path=/" in cookie_of(secure)
    assert "domain" not in cookie_of(secure).lower()
    assert (planted.status_code, sent.status_code, plain.status_code) == (401, 200, 401)


def test_what_nobody_is_trusted_to_say_is_not_believed(server: Server) -> None:
    login = server.person("writer")
    with server.anybody() as client:
        answer = client.post(
            "/desk/sign-in",
            data={"login": login, "password": people.PASSWORD},
            headers={"x-forwarded-proto": "https"},
        )

    assert cookie_of(answer).startswith("session=")


def test_signing_in_gives_a_new_session_and_ends_the_one_before(server: Server) -> None:
    with server.signed_in("writer") as browser:
        first = browser.cookies["session"]
        again = browser.post(
            "/desk/sign-in", data={"login": server.owner, "password": people.PASSWORD}
        )
        second = browser.cookies["session"]
        old = httpx2.get(f"{server.url}/api/v1/session", headers={"cookie": f"session={first}"})
        who = browser.get("/api/v1/session").json()

    assert again.status_code == 303
    assert first != second
    assert old.status_code == 401
    assert "manage" in who["permissions"]


def test_an_id_that_a_stranger_planted_becomes_nobody_s_session(server: Server) -> None:
    planted = "A" * 43
    login = server.person("writer")
    with server.browser() as browser:
        browser.cookies.set("session", planted)
        browser.post("/desk/sign-in", data={"login": login, "password": people.PASSWORD})

    told = httpx2.get(f"{server.url}/api/v1/session", headers={"cookie": f"session={planted}"})

    assert told.status_code == 401


def test_sessions_end_by_themselves(tmp_path: Path) -> None:
    import time

    settings = {"APP_SESSIONS__IDLE_S": "1"}
    with serving(tmp_path, f"sqlite:///{tmp_path / 'blog.db'}", **settings) as server:
        with server.signed_in("owner") as browser:
            time.sleep(1.2)  # the limit itself is what is tested
            assert browser.get("/api/v1/session").status_code == 401


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


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/desk\r\nx: y",
        "evil",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(one_server: Server, wanted: str) -> None:
    form = {"login": one_server.person("writer"), "password": people.PASSWORD, "next": wanted}
    with one_server.browser() as browser:
        answer = browser.post("/desk/sign-in", data=form)

    location = answer.headers["location"]
    assert answer.status_code == 303
    assert location.startswith("/desk")


def test_the_eleventh_try_waits_even_with_the_right_password(server: Server) -> None:
    login = server.person("writer")
    with server.browser() as browser:
        tries = [
            browser.post("/desk/sign-in", data={"login": login, "password": "wrong"})
            for _ in range(10)
        ]
        eleventh = browser.post("/desk/sign-in", data={"login": login, "password": people.PASSWORD})

    assert {answer.status_code for answer in tries} == {403}
    assert eleventh.status_code == 429
    assert 0 < int(eleventh.headers["retry-after"]) <= 901
    assert "set-cookie" not in eleventh.headers


def test_a_changed_password_ends_every_session_but_this_browser_s_new_one(server: Server) -> None:
    with server.signed_in("writer") as here, server.signed_in("writer") as elsewhere:
        before = here.cookies["session"]
        form = {"old": people.PASSWORD, "new": "another sentence", "again": "another sentence"}
        wrong = here.post("/desk/account/password", data={**form, "old": "wrong"})
        twice = here.post("/desk/account/password", data={**form, "again": "something else"})
        changed = here.post("/desk/account/password", data=form)

        assert (wrong.status_code, twice.status_code, changed.status_code) == (403, 422, 303)
        assert here.cookies["session"] != before
        assert here.get("/desk/account").status_code == 200
        assert elsewhere.get("/desk/account").status_code == 303


def test_sessions_are_listed_and_ended(server: Server) -> None:
    with server.signed_in("writer") as here, server.signed_in("writer") as elsewhere:
        with server.signed_in("writer") as third:
            page = here.get("/desk/account").text
            keys = re.findall(r"/account/sessions/([0-9a-f]{64})/end", page)
            one = here.post(f"/desk/account/sessions/{keys[0]}/end")
            nobody_s = here.post(f"/desk/account/sessions/{'0' * 64}/end")
            others = here.post("/desk/account/sessions/end-others")

            assert len(keys) == 2
            assert (one.status_code, nobody_s.status_code, others.status_code) == (303, 404, 303)
            assert here.get("/desk/account").status_code == 200
            assert elsewhere.get("/desk/account").status_code == 303
            assert third.get("/desk/account").status_code == 303


def test_a_session_of_another_person_cannot_be_ended(server: Server) -> None:
    with server.signed_in("owner") as owner, server.signed_in("writer") as writer:
        with server.signed_in("owner"):
            page = owner.get("/desk/account").text
            key = re.findall(r"/account/sessions/([0-9a-f]{64})/end", page)[0]
            assert writer.post(f"/desk/account/sessions/{key}/end").status_code == 404


def test_a_role_that_is_taken_away_is_gone_at_once(server: Server) -> None:
    with server.signed_in("owner") as owner, server.signed_in("editor") as editor:
        everybody = owner.get("/api/v1/people").json()
        theirs = next(each for each in everybody if each["role"] == "editor")
        changed = owner.patch(f"/api/v1/people/{theirs['id']}", json={"role": "viewer"})
        ended = editor.get("/desk/account").status_code
        last = owner.patch(f"/api/v1/people/{everybody[0]['id']}", json={"disabled": True})

    assert changed.json()["role"] == "viewer"
    assert ended == 303
    assert last.status_code == 409


def test_owners_add_people_who_sign_in_with_the_password_shown(server: Server) -> None:
    with server.signed_in("owner") as owner, server.browser() as browser:
        page = owner.post("/desk/people", data={"login": "new", "name": "", "role": "viewer"})
        found = re.search(r'id="new-password">([^<]+)<', page.text)
        assert found is not None, page.text
        let_in = browser.post("/desk/sign-in", data={"login": "new", "password": found[1]})
        again = owner.post("/desk/people", data={"login": "NEW", "role": "viewer"})
        audit = owner.get("/desk/audit").text

    assert let_in.status_code == 303
    assert again.status_code == 409
    assert "person_created" not in audit  # said in words
    assert found[1] not in audit


def test_a_key_may_what_it_was_made_for(server: Server) -> None:
    with server.signed_in("owner") as owner:
        page = owner.post("/desk/account/keys", data={"name": "CI", "read": "1", "days": "90"})
        found = re.search(r'id="new-key">(asb_[^<]+)<', page.text)
        assert found is not None, page.text
        listed = owner.get("/api/v1/keys").json()
        with server.anybody() as program:
            program.headers["authorization"] = f"Bearer {found[1]}"
            jobs = program.get("/api/v1/jobs")
            who = program.get("/api/v1/session").json()
            writes = program.post(
                "/api/v1/generate-post", json={"keyword": "x", "sources": [{"text": "x"}]}
            )
            more = program.post("/api/v1/keys", json={"name": "y", "scopes": ["read"]})
            on_the_desk = program.post("/desk/account/keys", data={"name": "y", "read": "1"})
            managed = program.get("/api/v1/people")
            owner.post(f"/desk/account/keys/{listed[0]['id']}/revoke")
            revoked = program.get("/api/v1/jobs")

    assert who["permissions"] == ["read"]
    assert jobs.status_code == 200
    assert [a.status_code for a in (writes, more, on_the_desk, managed)] == [403] * 4
    assert revoked.status_code == 401
    assert found[1] not in str(listed)


def test_a_key_loses_what_its_person_loses(server: Server) -> None:
    login = server.person("editor")
    key = people.make_key(server.environment["DATABASE_URL"], login, ("read", "publish"))
    with server.signed_in("owner") as owner, server.anybody() as program:
        program.headers["authorization"] = f"Bearer {key}"
        before = program.get("/api/v1/session").json()["permissions"]
        theirs = next(p for p in owner.get("/api/v1/people").json() if p["login"] == login)
        owner.patch(f"/api/v1/people/{theirs['id']}", json={"role": "viewer"})
        after = program.get("/api/v1/session").json()["permissions"]
        owner.patch(f"/api/v1/people/{theirs['id']}", json={"disabled": True})
        disabled = program.get("/api/v1/session")

    assert (before, after) == (["read", "publish"], ["read"])
    assert disabled.status_code == 401


def test_whoever_knows_the_setup_token_becomes_the_first_owner_once(
    tmp_path: Path, database_url: str
) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with serving(folder, database_url, SETUP_TOKEN=SETUP) as server:
        with server.browser() as browser:
            before = browser.get("/desk/setup")
            wrong = browser.post(
                "/desk/setup", data={"token": "no", "login": "a", "password": people.PASSWORD}
            )

            def claim(n: int) -> httpx2.Response:
                form = {"token": SETUP, "login": f"owner{n}", "password": people.PASSWORD}
                return httpx2.post(f"{server.url}/desk/setup", data=form, timeout=60)

            with ThreadPoolExecutor(4) as pool:
                claims = list(pool.map(claim, range(4)))
            after = browser.get("/desk/setup")
        won = [answer for answer in claims if answer.status_code == 303]
        session = won[0].headers["set-cookie"].partition(";")[0]
        who = httpx2.get(f"{server.url}/api/v1/people", headers={"cookie": session}).json()

    assert (before.status_code, wrong.status_code, after.status_code) == (200, 403, 404)
    assert sorted(answer.status_code for answer in claims) == [303, 404, 404, 404]
    assert [person["role"] for person in who] == ["owner"]


def test_without_a_setup_token_nobody_claims_by_browser(one_server: Server) -> None:
    form = {"token": "", "login": "a", "password": people.PASSWORD}
    with one_server.browser() as browser:
        assert browser.get("/desk/setup").status_code == 404
        assert browser.post("/desk/setup", data=form).status_code == 404


def test_no_page_gives_a_stranger_a_cookie(one_server: Server) -> None:
    paths = ["/", "/en/", "/feed.xml", "/sitemap.xml", "/nothing", "/desk", "/desk/", "/desk/sign-in", "/desk/account", "/desk/nothing", "/api/v1/posts", "/api/v1/jobs", "/health", "/health/readiness"]  # fmt: skip
    with one_server.anybody() as client:
        for path in paths:
            answer = client.get(path, headers={"cookie": "session=unknown"})
            assert "set-cookie" not in answer.headers, path
            if path.startswith("/desk/"):
                assert answer.headers["cache-control"] == "no-store", path


def test_the_pages_speak_korean_and_english(one_server: Server) -> None:
    with one_server.signed_in("owner") as browser:
        pages = ["/desk/account", "/desk/people", "/desk/audit"]
        korean = [browser.get(path, headers=KOREAN).text for path in pages]
        english = [browser.get(path, headers={"accept-language": "en"}).text for path in pages]
    with one_server.anybody() as client:
        korean.append(client.get("/desk/sign-in", headers=KOREAN).text)
        wrong = client.post("/desk/sign-in", data={"login": "가", "password": "x"}, headers=KOREAN)

    for page, said in zip(
        korean, ["로그인한 곳", "구성원 추가", "변경 기록", "비밀번호"], strict=True
    ):
        assert '<html lang="ko">' in page
        assert said in page
    for page, said in zip(
        english, ["Where you are signed in", "Add somebody", "What was changed"], strict=True
    ):
        assert '<html lang="en">' in page
        assert said in page
    assert "아이디 또는 비밀번호가 맞지 않습니다." in wrong.text


def test_what_people_are_called_is_only_text(one_server: Server) -> None:
    with one_server.signed_in("owner") as owner:
        page = owner.post(
            "/desk/people",
            data={"login": "<b>x</b>", "name": "<script>1</script>", "role": "viewer"},
        )

    assert "<script>1" not in page.text
    assert "&lt;script&gt;1" in page.text


def test_secrets_of_people_are_in_no_log(tmp_path: Path) -> None:
    with serving(tmp_path, f"sqlite:///{tmp_path / 'blog.db'}", SETUP_TOKEN=SETUP) as server:
        with server.signed_in("owner") as owner:
            session = owner.cookies["session"]
            owner.get("/desk/account")
            owner.post("/desk/account/password", data={"old": "old secret", "new": "x"})
        key = server.key
        httpx2.get(f"{server.url}/api/v1/jobs", headers={"authorization": f"Bearer {key}"})

    log = (tmp_path / "log").read_text()
    for hidden in (people.PASSWORD, session, key, SETUP, "old secret"):
        assert hidden not in log


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
