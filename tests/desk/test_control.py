"""At the desk: jobs are found, set aside, tried again; queues are paused; tables are sent and stopped."""

import re

from app.generation.jobs import JobState
from app.generation.repository import Jobs
from tests.desk.conftest import Desk
from tests.desk.test_jobs import asked, set_state, shown

TABLE = (
    "키워드,출처,마감일,메모\n"
    "수평 확장,https://a.example/1|https://b.example,2099-12-01,하나\n"
    "수평 확장,https://a.example/1,,둘\n"
    "<b>굵게</b>,nowhere,,셋\n"
)


async def previewed(desk: Desk, table: bytes, **form: str) -> "tuple[int, str]":
    async with desk.as_("writer") as client:
        answer = await client.post(
            "/desk/bulk", files={"file": ("12월.csv", table, "text/csv")}, data=form
        )
    return answer.status_code, answer.text


def fields(page: str) -> dict[str, str]:
    """What the preview's form sends."""
    table = re.search(r'<textarea name="table" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    assert table
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    hidden.pop("back", None)
    text = table[1].replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')
    return {**hidden, "table": text}


async def test_jobs_are_found_by_state_language_and_words(quick_desk: Desk) -> None:
    first = await asked(quick_desk, keyword="load balancing")
    await asked(quick_desk, keyword="100% uptime", language="ko", priority="high")
    await set_state(quick_desk, first, JobState.CANCELLED)

    stopped = await shown(quick_desk, "/desk/jobs?state=cancelled")
    korean = await shown(quick_desk, "/desk/jobs?language=ko&q=100%25")
    none = await shown(quick_desk, "/desk/jobs?q=nothing")
    odd = await shown(quick_desk, "/desk/jobs?state=x&language=fr&q=%00&before=%00")

    assert ">load balancing<" in stopped
    assert ">100% uptime<" not in stopped
    assert ">100% uptime<" in korean
    assert ">load balancing<" not in korean
    assert "Nothing is like that." in none
    assert ">load balancing<" not in odd or ">100% uptime<" in odd
    high = re.search(r'href="(/desk/jobs/[^"]+)"[^>]*>100%', korean)
    assert high
    assert "priority: High" in await shown(quick_desk, high[1])


async def test_a_job_that_was_set_aside_says_why_and_can_be_gone_on_with(desk: Desk) -> None:
    address = await asked(desk)
    await set_state(
        desk, address, JobState.PARKED, error_code="crashed", error="Every process died."
    )
    async with desk.ports.database.unit() as session:
        await desk.ports.enqueuer.workflows.cancel(session, [address.rsplit("/", 1)[1]])

    page = await shown(desk, address)
    korean = await shown(desk, address, **{"accept-language": "ko"})
    async with desk.as_("writer") as client:
        answer = await client.post(f"{address}/resume")
        retried = await client.post(f"{address}/retry", data={"step": ""})
        job = await client.get(address)

    assert "Every instance that worked on it died" in page
    assert f'action="{address}/resume"' in page
    assert f'action="{address}/retry"' in page
    assert "보류됨" in korean
    assert answer.status_code == 303
    assert retried.status_code == 409  # it waits already
    assert "Waiting for an instance" in job.text


async def test_a_stopped_job_is_tried_again_from_the_desk(desk: Desk) -> None:
    address = await asked(desk)

    async with desk.as_("writer") as client:
        await client.post(f"{address}/cancel")
        wrong = await client.post(f"{address}/retry", data={"step": "bake"})
        again = await client.post(f"{address}/retry", data={})
        page = (await client.get(address)).text

    assert wrong.status_code == 422
    assert again.status_code == 303
    assert "attempt 2" in page
    assert "Stop it" in page
    async with desk.ports.database.reading() as session:
        job = await Jobs(session).read(address.rsplit("/", 1)[1])
    assert job.state == "queued"
    assert await desk.ports.enqueuer.status(job.workflow_id) == "ENQUEUED"


async def test_who_operates_the_fleet_pauses_and_resumes_a_queue(desk: Desk) -> None:
    async with desk.as_("owner") as client:
        answer = await client.post("/desk/queues/posts/pause")
        paused = (await client.get("/desk/jobs")).text
        writer = await shown(desk, "/desk/jobs")
        await client.post("/desk/queues/posts/resume")
        after = (await client.get("/desk/jobs")).text
        unknown = await client.post("/desk/queues/sandwiches/pause")

    assert answer.headers["location"] == "/desk/jobs"
    assert "Writing is paused on every instance" in paused
    assert 'action="/desk/queues/posts/resume"' in paused
    assert "Writing is paused" in writer
    assert "/desk/queues/" not in writer
    assert "Writing is paused" not in after
    assert unknown.status_code == 422


async def test_a_table_is_looked_over_sent_paused_and_stopped(desk: Desk) -> None:
    status, page = await previewed(desk, TABLE.encode("cp949"), rights="own")
    assert status == 200
    assert "The same as row 2 of this file" in page
    assert "&lt;b&gt;굵게" in page
    assert "출처: “nowhere” is no address" in page
    assert "Columns that are not used: 메모" in page

    async with desk.as_("writer") as client:
        refused = await client.post("/desk/bulk/run", data=fields(page))
        sent = {**fields(page), "skip_wrong": "yes"}
        answer = await client.post("/desk/bulk/run", data=sent)
        again = await client.post("/desk/bulk/run", data=sent)
        address = answer.headers["location"]
        running = (await client.get(address)).text
        await client.post(f"{address}/pause")
        paused = (await client.get(address)).text
        await client.post(f"{address}/resume")
        await client.post(f"{address}/cancel")
        stopped = (await client.get(address)).text
        table = await client.get(f"{address}/results.csv")
        listed = (await client.get("/desk/bulk")).text

    assert refused.status_code == 422
    assert "Rows that cannot be used: 1" in refused.text
    assert answer.status_code == 303
    assert again.headers["location"] == f"{address}?said=already"
    assert "12월.csv" in running
    assert f'action="{address}/pause"' in running
    assert f'action="{address}/resume"' in paused
    assert "Left out" in stopped
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(table.text.splitlines()) == 4
    assert "12월.csv" in listed


async def test_what_is_no_table_is_refused_at_the_desk(quick_desk: Desk) -> None:
    for table in (b"", b"\x89PNG\x00", b"keyword\none\n"):
        status, page = await previewed(quick_desk, table)
        assert status == 422
        assert 'role="alert"' in page
    async with quick_desk.as_("writer") as client:
        empty = await client.post("/desk/bulk", data={"file": "text"})
        missing = await client.get("/desk/bulk/none")
        odd = await client.get("/desk/bulk/%00?after=x")

    assert empty.status_code == 422
    assert missing.status_code == 404
    assert odd.status_code == 404
