"""The fleet's page: who lives, what differs, and leaving."""

from app.ops.instances import About, Identity, Pulse, list_instances, register_instance
from app.ops.repository import TaskRows
from tests.desk.conftest import Desk


async def join(desk: Desk, name: str, *, version: str = "1.0", key: str = "a") -> Identity:
    identity = Identity(f"{name}-0123", name, 7)
    about = About("all", f"http://{name}.example:8000", version, "abc123", "0030")
    await register_instance(
        desk.ports.database, identity, about, Pulse(fingerprint={"SECRET_KEY": key})
    )
    return identity


async def test_what_differs_is_told_in_words_and_in_red(desk: Desk) -> None:
    for name in ("one", "two"):
        await join(desk, name)
    await join(desk, "three", version="0.9<script>", key="b")
    async with desk.ports.database.unit() as session:
        rows = TaskRows(session, desk.ports.database)
        await rows.declare({"publish-scheduled": 5, "sweep": 60})
        run = await rows.claim("sweep", "one-0123", for_s=9) or 0
        await rows.finish(
            "sweep", run, "one-0123", again_in_s=5, result="OSError: <b>gone", failed=True
        )

    async with desk.as_("owner") as client:
        page = (await client.get("/desk/fleet")).text

    assert "Instances: 3 live" in page
    assert page.count('class="drift"') == 1
    assert "0.9&lt;script&gt;" in page
    assert "<code>SECRET_KEY</code> · three-7" in page
    assert "scaling.E" in page
    assert "REDIS_URL=redis://" in page
    assert "publish-scheduled" in page
    assert "failed (1×)" in page
    assert "OSError: &lt;b&gt;gone" in page


async def test_another_instance_is_asked_to_leave_and_to_come_back(desk: Desk) -> None:
    other = await join(desk, "other")

    async with desk.as_("owner") as client:
        sent = {"instance": other.executor_id, "on": "yes"}
        leaves = await client.post("/desk/fleet/drain", data=sent)
        returns = await client.post("/desk/fleet/drain", data={**sent, "on": "no"})
        unknown = await client.post("/desk/fleet/drain", data={"instance": "none", "on": "yes"})

    assert leaves.headers["location"] == "/desk/fleet?said=leaves"
    assert returns.headers["location"] == "/desk/fleet?said=returns"
    assert unknown.status_code == 404
    listed = await list_instances(desk.ports.database, ttl_s=60)
    assert [each.executor_id for each in listed] == [other.executor_id]


async def test_the_instance_that_answers_leaves_at_once_and_comes_back(quick_desk: Desk) -> None:
    sent = {"instance": quick_desk.identity.executor_id}

    async with quick_desk.as_("owner") as client:
        await client.post("/desk/fleet/drain", data={**sent, "on": "yes"})
        left = quick_desk.drain.draining
        await client.post("/desk/fleet/drain", data={**sent, "on": "no"})

    assert left
    assert not quick_desk.drain.draining
