"""Every page of the desk lets in who may, sends strangers to sign in and refuses everybody else."""

import pytest
from starlette.routing import Route

from tests.desk.conftest import ROLES, Desk
from tests.posts.articles import saved

NEEDS = {
    ("GET", "/"): "read",
    ("GET", "/new"): "write",
    ("POST", "/new"): "write",
    ("POST", "/new/existing"): "write",
    ("GET", "/jobs"): "read",
    ("GET", "/jobs/{job_id}"): "read",
    ("GET", "/jobs/{job_id}/events"): "read",
    ("POST", "/jobs/{job_id}/cancel"): "write",
    ("POST", "/jobs/{job_id}/resume"): "write",
    ("POST", "/jobs/{job_id}/retry"): "write",
    ("POST", "/queues/{name}/pause"): "ops",
    ("POST", "/queues/{name}/resume"): "ops",
    ("GET", "/bulk"): "read",
    ("POST", "/bulk"): "write",
    ("POST", "/bulk/run"): "write",
    ("GET", "/bulk/{batch_id}"): "read",
    ("GET", "/bulk/{batch_id}/results.csv"): "read",
    ("POST", "/bulk/{batch_id}/pause"): "write",
    ("POST", "/bulk/{batch_id}/resume"): "write",
    ("POST", "/bulk/{batch_id}/cancel"): "write",
    ("GET", "/articles"): "read",
    ("GET", "/articles/{post_id}"): "read",
    ("GET", "/articles/{post_id}/edit"): "write",
    ("POST", "/articles/{post_id}/edit"): "write",
    ("POST", "/articles/{post_id}/check"): "write",
    ("POST", "/articles/{post_id}/preview"): "write",
    ("GET", "/articles/{post_id}/delete"): "publish",
    ("POST", "/articles/{post_id}/delete"): "publish",
    ("GET", "/articles/{post_id}/revisions/{n:int}"): "read",
    ("POST", "/articles/{post_id}/revisions/{n:int}"): "write",
    ("POST", "/articles/{post_id}/submit"): "write",
    ("POST", "/articles/{post_id}/approve"): "publish",
    ("POST", "/articles/{post_id}/return"): "publish",
    ("POST", "/articles/{post_id}/publish"): "publish",
    ("POST", "/articles/{post_id}/schedule"): "publish",
    ("POST", "/articles/{post_id}/unschedule"): "publish",
    ("POST", "/articles/{post_id}/unpublish"): "publish",
    ("GET", "/site"): "read",
    ("GET", "/articles/{post_id}/links"): "read",
    ("POST", "/articles/{post_id}/links"): "write",
    ("POST", "/articles/{post_id}/links/from"): "write",
    ("POST", "/articles/{post_id}/links/suggested"): "write",
    ("POST", "/articles/{post_id}/confirm"): "write",
    ("GET", "/thresholds"): "manage",
    ("POST", "/thresholds"): "manage",
    ("POST", "/thresholds/restore"): "manage",
    ("GET", "/fleet"): "ops",
    ("POST", "/fleet/drain"): "ops",
}


def address(path: str) -> str:
    for name, value in {
        "{job_id}": "none",
        "{batch_id}": "none",
        "{name}": "none",
        "{post_id}": "none",
        "{n:int}": "1",
    }.items():
        path = path.replace(name, value)
    return "/desk" + path


async def test_every_page_is_in_the_table(quick_desk: Desk) -> None:
    routes = [route for route in quick_desk.routes if isinstance(route, Route)]

    declared = {
        (method, route.path)
        for route in routes
        for method in (route.methods or ())
        if method != "HEAD"
    }

    assert declared == set(NEEDS)


async def test_strangers_are_sent_to_sign_in_and_come_back(quick_desk: Desk) -> None:
    async with quick_desk.as_() as client:
        for method, path in NEEDS:
            answer = await client.request(method, address(path))

            assert answer.status_code == 303, (method, path)
            back = address(path) if method == "GET" else "/desk/"
            assert answer.headers["location"] == f"/desk/sign-in?next={back}"


@pytest.mark.parametrize("role", ROLES)
async def test_people_are_refused_what_their_role_does_not_have(
    quick_desk: Desk, role: str
) -> None:
    async with quick_desk.as_(role) as client:
        for (method, path), permission in NEEDS.items():
            if path == "/fleet" and role == "owner":
                continue  # asks every store, which takes a second at worst; see test_fleet.py
            answer = await client.request(method, address(path))

            allowed = permission in ROLES[role]
            assert (answer.status_code != 403) is allowed, (method, path)
            assert answer.headers["cache-control"] == "no-store"
            assert "script-src 'self'" in answer.headers["content-security-policy"]
            if not allowed:
                assert f"it needs the permission “{permission}”" in answer.text


@pytest.mark.parametrize(
    ("role", "state", "shown"),
    [
        ("viewer", "draft", set()),
        ("writer", "draft", {"submit", "edit"}),
        ("editor", "draft", {"submit", "edit", "delete"}),
        ("writer", "in_review", {"edit"}),
        ("editor", "in_review", {"approve", "publish", "schedule", "return", "edit", "delete"}),
        ("editor", "approved", {"publish", "schedule", "return", "edit", "delete"}),
        ("writer", "scheduled", set()),
        ("editor", "scheduled", {"publish", "schedule", "unschedule", "edit", "delete"}),
        ("writer", "published", set()),
        ("editor", "published", {"unpublish", "edit"}),
        ("editor", "unpublished", {"publish", "schedule", "submit", "edit", "delete"}),
    ],
)
async def test_only_what_one_may_do_is_shown(
    quick_desk: Desk, role: str, state: str, shown: set[str]
) -> None:
    post = await saved(quick_desk.ports.database)
    moves = {
        "draft": [],
        "in_review": ["submit"],
        "approved": ["submit", "approve"],
        "scheduled": ["submit", "schedule"],
        "published": ["submit", "publish"],
        "unpublished": ["submit", "publish", "unpublish"],
    }[state]
    async with quick_desk.as_("owner") as owner:
        for move in moves:
            await owner.post(f"/desk/articles/{post.id}/{move}", data={"at": "2030-01-02T03:04"})
    async with quick_desk.as_(role) as client:
        page = (await client.get(f"/desk/articles/{post.id}")).text
        home = (await client.get("/desk/")).text

    verbs = {"submit", "approve", "return", "publish", "unpublish", "edit", "delete"}
    verbs |= {"schedule", "unschedule"}
    found = {verb for verb in verbs if f'/desk/articles/{post.id}/{verb}"' in page}
    assert found == shown
    assert ("/desk/new" in home) is (role != "viewer")


async def test_a_writer_can_neither_publish_at_once_nor_change_what_readers_see(
    quick_desk: Desk,
) -> None:
    post = await saved(quick_desk.ports.database)
    async with quick_desk.as_("owner") as owner:
        for move in ("submit", "publish"):
            await owner.post(f"/desk/articles/{post.id}/{move}")
    text = {"title": "Mine", "markdown": "My words.", "revision": "1", "then": "view"}
    async with quick_desk.as_("writer") as writer:
        asked = {"keyword": "x", "text": "Some words.", "after": "publish"}
        at_once = await writer.post("/desk/new", data=asked)
        edit = await writer.post(f"/desk/articles/{post.id}/edit", data=text)
        restore = await writer.post(f"/desk/articles/{post.id}/revisions/1")
        page = await writer.get(f"/desk/articles/{post.id}")
        jobs = await writer.get("/desk/jobs")

    assert at_once.status_code == 403
    assert "No job here yet" in jobs.text
    assert edit.status_code == 422
    assert "My words." in edit.text
    assert restore.status_code == 409
    assert "My words." not in page.text
