"""Signing in and out on a real server, on each database: sessions, their cookie, and what ends them."""

import re
import time
from pathlib import Path

import httpx2
import pytest

from tests.clients import get
from tests.doors import people
from tests.doors.conftest import Server, serving


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
        replayed = get(f"{server.url}/desk/jobs", headers={"cookie": f"session={kept}"})

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
        old = get(f"{server.url}/api/v1/session", headers={"cookie": f"session={first}"})
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

    told = get(f"{server.url}/api/v1/session", headers={"cookie": f"session={planted}"})

    assert told.status_code == 401


def test_sessions_end_by_themselves(tmp_path: Path) -> None:
    settings = {"APP_SESSIONS__IDLE_S": "1"}
    with serving(tmp_path, f"sqlite:///{tmp_path / 'blog.db'}", **settings) as server:
        with server.signed_in("owner") as browser:
            time.sleep(1.2)  # the limit itself is what is tested
            assert browser.get("/api/v1/session").status_code == 401


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


def test_the_eleventh_try_waits_even_with_the_right_password(
    own_server: Server,
) -> None:
    login = own_server.person("writer")
    with own_server.browser() as browser:
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
