"""People, their roles and their keys on a real server, on each database."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from tests.clients import get, post
from tests.doors import people
from tests.doors.conftest import Server, serving

SETUP = "a setup token of forty characters, or so"
KOREAN = {"accept-language": "ko-KR,ko;q=0.9,en;q=0.5"}


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
                return post(f"{server.url}/desk/setup", data=form)

            with ThreadPoolExecutor(4) as pool:
                claims = list(pool.map(claim, range(4)))
            after = browser.get("/desk/setup")
        won = [answer for answer in claims if answer.status_code == 303]
        session = won[0].headers["set-cookie"].partition(";")[0]
        who = get(f"{server.url}/api/v1/people", headers={"cookie": session}).json()

    assert (before.status_code, wrong.status_code, after.status_code) == (200, 403, 404)
    assert sorted(answer.status_code for answer in claims) == [303, 404, 404, 404]
    assert [person["role"] for person in who] == ["owner"]


def test_without_a_setup_token_nobody_claims_by_browser(one_server: Server) -> None:
    form = {"token": "", "login": "a", "password": people.PASSWORD}
    with one_server.browser() as browser:
        assert browser.get("/desk/setup").status_code == 404
        assert browser.post("/desk/setup", data=form).status_code == 404


def test_a_role_that_is_taken_away_is_gone_at_once(server: Server) -> None:
    with server.signed_in("owner") as owner, server.signed_in("editor") as editor:
        ids = {each["login"]: each["id"] for each in owner.get("/api/v1/people").json()}
        theirs = ids[server.person("editor")]
        changed = owner.patch(f"/api/v1/people/{theirs}", json={"role": "viewer"})
        ended = editor.get("/desk/account").status_code
        last = owner.patch(f"/api/v1/people/{ids[server.owner]}", json={"disabled": True})

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
        made = next(key for key in listed if key["name"] == "CI")
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
            owner.post(f"/desk/account/keys/{made['id']}/revoke")
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
        get(f"{server.url}/api/v1/jobs", headers={"authorization": f"Bearer {key}"})

    log = (tmp_path / "log").read_text()
    for hidden in (people.PASSWORD, session, key, SETUP, "old secret"):
        assert hidden not in log
