"""Jobs at the desk: asked for, shown in every state, stopped, gone on with; and what the hostile send."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.generation.jobs import STEPS, JobState
from app.generation.repository import Jobs
from app.generation.schemas import Usage
from app.generation.spending.domain import Caps
from app.generation.spending.repository import Call, Spending
from app.infra.llm.port import Spent
from tests.desk.conftest import Desk
from tests.posts.articles import NOW, saved

ROOT = Path(__file__).resolve().parents[2]
ASKED = {"keyword": "scaling", "text": "A few words of ours.", "after": "review"}


async def asked(desk: Desk, **changes: str) -> str:
    """The address of a job that was asked for."""
    async with desk.as_("writer") as client:
        answer = await client.post("/desk/new", data={**ASKED, **changes})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def tell(desk: Desk, address: str, step: str, kind: str, n: int = 0, **data: Any) -> None:
    async with desk.ports.database.unit() as session:
        await Jobs(session).record(
            address.rsplit("/", 1)[1], step=step, kind=kind, n=n, data=data, now=NOW
        )


async def set_state(desk: Desk, address: str, state: JobState, **values: Any) -> None:
    async with desk.ports.database.unit() as session:
        await Jobs(session).set_state(address.rsplit("/", 1)[1], state, now=NOW, **values)


async def shown(desk: Desk, address: str, role: str = "writer", **headers: str) -> str:
    async with desk.as_(role, **headers) as client:
        answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_job_that_waits_for_its_model_says_which_and_until_when(desk: Desk) -> None:
    address = await asked(desk)
    await set_state(desk, address, JobState.RUNNING)
    await tell(desk, address, "outline", "started")
    told = {"model": "openai:<m>", "until": "2026-11-25T09:01:00+00:00", "message": "It is down."}
    await tell(desk, address, "outline", "waiting", 1, **told)
    waiting = await shown(desk, address)
    korean = await shown(desk, address, **{"accept-language": "ko"})
    await tell(desk, address, "outline", "finished")
    done = await shown(desk, address)

    assert "Waiting for openai:&lt;m&gt;; next try at <time" in waiting
    assert 'datetime="2026-11-25T09:01:00+00:00"' in waiting
    assert "It is down." in waiting
    assert "응답을 기다리는 중입니다" in korean
    assert "Waiting for" not in done


async def test_an_estimate_is_shown_in_the_form_and_starts_nothing(desk: Desk) -> None:
    text = (ROOT / "examples/en/horizontal-scaling.md").read_text()
    form = {**ASKED, "keyword": "horizontal scaling", "text": text, "act": "estimate"}
    async with desk.as_("writer") as client:
        free = await client.post("/desk/new", data=form)
        rough = await client.post(
            "/desk/new", data={**form, "model": "local", "urls": "https://example.org/a"}
        )
        wrong = await client.post("/desk/new", data={**form, "text": ""})
    async with desk.ports.database.reading() as session:
        jobs = await Jobs(session).newest()

    assert free.status_code == 200
    assert "no model is called, so it costs nothing." in free.text
    assert "horizontal scaling</textarea>" not in free.text
    assert 'value="horizontal scaling"' in free.text
    assert "$0.0000 – $0.0000" in rough.text
    assert "so it is rough" in rough.text
    assert wrong.status_code == 422
    assert jobs == []


async def test_keyphrases_are_suggested_from_the_sources_and_one_is_chosen(desk: Desk) -> None:
    text = (ROOT / "examples/ko/horizontal-scaling.md").read_text()
    form = {**ASKED, "keyword": "", "text": text, "act": "suggest"}
    async with desk.as_("writer") as client:
        told = await client.post("/desk/new", data=form)
        korean = await client.post("/desk/new", data=form, headers={"accept-language": "ko"})
        wrong = await client.post("/desk/new", data={**form, "text": ""})
        chosen = {**form, "act": "", "chosen": "수평 확장"}
        started = await client.post("/desk/new", data=chosen)
    async with desk.as_("viewer") as client:
        refused = await client.post("/desk/new", data=form)
    async with desk.ports.database.reading() as session:
        jobs = await Jobs(session).newest()

    assert told.status_code == 200
    assert '<input type="radio" name="chosen" value="수평 확장">' in told.text
    assert "인스턴스는 몇 대가 필요합니까?" in told.text
    assert "출처에서 추천하는 키프레이즈" in korean.text
    assert wrong.status_code == 422
    assert refused.status_code == 403
    assert started.status_code == 303
    assert [job.request.keyword for job in jobs] == ["수평 확장"]


async def test_suggestions_of_a_hostile_source_are_text(desk: Desk) -> None:
    text = 'The <script>alert(1)</script> "><b>tunnel</b> hides. Is the <i>tunnel</i> safe?'
    async with desk.as_("writer") as client:
        told = await client.post("/desk/new", data={**ASKED, "text": text, "act": "suggest"})

    assert told.status_code == 200
    assert "<script>alert(1)" not in told.text
    assert "<b>tunnel</b>" not in told.text


async def spend(desk: Desk, address: str, step: str, usd: float | None) -> None:
    call = Call(address.rsplit("/", 1)[1], step, "person:writer", "openai:m", step)
    async with desk.ports.database.unit() as session:
        await Spending(session).reserve(call, usd, Caps(), now=NOW, until=NOW)
        await Spending(session).settle(call, Spent(1, 1000, 234, usd, 1.0))


async def test_a_job_shows_what_it_cost_and_does_not_call_unknown_nothing(desk: Desk) -> None:
    address = await asked(desk)
    nothing = await shown(desk, address)
    await spend(desk, address, "outline.c1", 0.25)
    known = await shown(desk, address)
    await spend(desk, address, "draft.0.c1", None)
    unknown = await shown(desk, address)

    assert "<dd>$0</dd>" in nothing
    assert "<dd>$0.2500</dd>" in known
    assert "<dd>1,234</dd>" in known
    assert "<dd>unknown</dd>" in unknown


async def test_a_job_is_shown_in_every_state(desk: Desk) -> None:
    address = await asked(desk)
    waiting = await shown(desk, address)
    await set_state(desk, address, JobState.RUNNING)
    await tell(desk, address, "brief", "started")
    await tell(desk, address, "brief", "finished", note="“scaling” · composer")
    await tell(desk, address, "sources", "started")
    await tell(desk, address, "sources", "progress", n=1, note="<b>away</b>")
    running = await shown(desk, address)
    for step in [each for each in STEPS[1:] if each != "judge"]:  # most articles have none
        await tell(desk, address, step, "started")
        await tell(desk, address, step, "finished", tokens=7, cost_usd=0.5)
    post = await saved(desk.ports.database)
    await set_state(
        desk,
        address,
        JobState.SUCCEEDED,
        post_id=post.id,
        usage=Usage(),
        result={"score": 81, "held": ["<i>held</i>"]},
    )
    done = await shown(desk, address)
    viewed = await shown(desk, address, "viewer")

    assert "Waiting for an instance to take it up." in waiting
    assert "data-ended" not in waiting
    assert re.findall(r'<li data-state="(\w+)"', running) == [
        "finished",
        "started",
        *["waiting"] * 7,
    ]
    assert "&lt;b&gt;away" in running
    assert "1 of 9 steps done" in running
    assert "Stop it" in running
    assert re.findall(r'<li data-state="(\w+)"', done) == ["finished"] * 9
    assert "data-ended" in done
    assert "81 of 100 points" in done
    assert "&lt;i&gt;held" in done
    assert "$4.0000" in done
    assert ">56<" in done
    assert f"/desk/articles/{post.id}" in done
    assert "Stop it" not in done + viewed


async def test_what_the_judge_came_to_is_shown_in_the_reader_s_language(quick_desk: Desk) -> None:
    address = await asked(quick_desk)
    await tell(quick_desk, address, "verify", "finished", n=0, note="60 sentences kept")
    for n in (1, 2, 3):
        await tell(quick_desk, address, "judge", "started", n=n)
    asking = await shown(quick_desk, address)
    for n in (1, 2):
        await tell(quick_desk, address, "judge", "progress", n=n, note="<b>away</b>")
        await tell(quick_desk, address, "judge", "finished", n=n, note="the verdicts stay")
    await tell(quick_desk, address, "judge", "finished", n=3, note="10 sentences asked about")
    counts = {"judged": 10, "lowered": 2, "removed": 1, "unanswered": 20, "missing": 0}
    await tell(quick_desk, address, "judge", "started", n=0)
    await tell(quick_desk, address, "judge", "finished", n=0, note="…", counts=counts)

    english = await shown(quick_desk, address)
    korean = await shown(quick_desk, address, **{"accept-language": "ko"})

    assert "Let a model judge the sentences" in asking
    assert "Sentences judged: 10, lowered: 2, removed: 1." in english
    assert "Sentences without an answer: 20; their verdicts stay." in english
    assert "Questions without an answer" not in english
    assert english.count("&lt;b&gt;away") == 1, "the same reason is told once"
    assert "판정한 문장 10개, 낮춤 2개, 삭제 1개." in korean
    assert "문장 20개는 판정을 그대로 둡니다." in korean


async def test_a_job_that_failed_says_why_in_the_reader_s_language(quick_desk: Desk) -> None:
    address = await asked(quick_desk)
    await tell(quick_desk, address, "sources", "started")
    await tell(quick_desk, address, "sources", "failed", message="None could be read.")
    await set_state(
        quick_desk,
        address,
        JobState.FAILED,
        error_code="no_sources",
        error="None could be read. <script>",
    )

    page = await shown(quick_desk, address, **{"accept-language": "ko"})

    assert "출처를 하나도 읽지 못했습니다." in page
    assert '<li data-state="failed">' in page
    assert "&lt;script&gt;" in page
    assert "글을 쓰지 못했습니다." in page


async def test_a_job_is_stopped_once_and_gone_on_with(desk: Desk) -> None:
    address = await asked(desk)

    async with desk.as_("writer") as client:
        stopped = await client.post(f"{address}/cancel")
        page = (await client.get(address)).text
        again = await client.post(f"{address}/cancel")
        resumed = await client.post(f"{address}/resume")
        after = (await client.get(address)).text

    assert stopped.headers["location"] == address
    assert "Go on with it" in page
    assert again.status_code == 409
    assert resumed.status_code == 303
    assert "Waiting for an instance" in after


async def test_the_same_form_sent_twice_is_one_job(desk: Desk) -> None:
    async with desk.as_("writer") as client:
        form = (await client.get("/desk/new")).text
        key = re.search(r'name="key" value="([^"]+)"', form)
        assert key
        sent = {**ASKED, "key": key[1]}
        answers = [await client.post("/desk/new", data=sent) for _ in range(2)]
        other = await client.post("/desk/new", data={**sent, "keyword": "other"})

    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert other.status_code == 422


async def test_events_go_on_after_the_last_one_seen(quick_desk: Desk) -> None:
    address = await asked(quick_desk)
    await tell(quick_desk, address, "brief", "started")
    await set_state(quick_desk, address, JobState.CANCELLED)
    await tell(quick_desk, address, "job", "cancelled")

    async with quick_desk.as_("viewer") as client:
        everything = (await client.get(f"{address}/events")).text
        rest = (await client.get(f"{address}/events", params={"after": "1"})).text
        resumed = await client.get(
            f"{address}/events", params={"after": "0"}, headers={"last-event-id": "2"}
        )
        odd = await client.get(f"{address}/events", params={"after": "-1"})

    assert re.findall(r"^id: (\d+)", everything, re.MULTILINE) == ["1", "2", "3"]
    assert re.findall(r"^id: (\d+)", rest, re.MULTILINE) == ["2", "3"]
    assert re.findall(r"^id: (\d+)", resumed.text, re.MULTILINE) == ["3"]
    assert resumed.headers["content-type"].startswith("text/event-stream")
    assert resumed.headers["cache-control"] == "no-store"
    assert odd.status_code == 422


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"keyword": ""}, "keyword"),
        ({"keyword": "x" * 121}, "keyword"),
        ({"keyword": "nul\x00"}, "cannot be kept"),
        ({"text": " ", "urls": "\n\n"}, "made from sources"),
        ({"text": "nul \x00"}, "cannot be kept"),
        ({"text": "x" * 1_000_001}, "1,000,000"),
        ({"urls": "ftp://a.example/x"}, "http://"),
        ({"urls": "/etc/passwd"}, "http://"),
        ({"urls": "\n".join(["https://a.example"] * 21)}, "At most 20"),
        ({"model": "gpt-99<script>"}, "gpt-99&lt;script"),
    ],
)
async def test_what_cannot_be_asked_for_is_said_and_the_form_keeps_its_words(
    quick_desk: Desk, change: dict[str, str], said: str
) -> None:
    sent = {**ASKED, "urls": "https://kept.example/", **change}

    async with quick_desk.as_("writer") as client:
        answer = await client.post("/desk/new", data=sent)
        jobs = (await client.get("/desk/jobs")).text

    assert answer.status_code == 422
    assert said in answer.text
    assert sent["keyword"][:5] in answer.text
    assert "No job here yet" in jobs


async def test_jobs_are_listed_a_page_at_a_time(quick_desk: Desk) -> None:
    for n in range(31):
        await asked(quick_desk, keyword=f"job {n:02}")

    first = await shown(quick_desk, "/desk/jobs")
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = await shown(quick_desk, older[1])

    assert ">job 30<" in first
    assert ">job 00<" not in first
    assert ">job 00<" in second
    assert "Being written" in await shown(quick_desk, "/desk/")


async def test_another_article_for_the_same_keyphrase_is_written_only_when_it_is_meant(
    desk: Desk,
) -> None:
    post = await saved(desk.ports.database, title="Scaling <b>out</b>", keyphrase="scaling")
    other = await saved(desk.ports.database, slug="b", title="Caches", keyphrase="caching")
    async with desk.as_("writer") as client:
        told = await client.post("/desk/new", data=ASKED)
        korean = await client.post("/desk/new", data=ASKED, headers={"accept-language": "ko"})
        about_another = {**ASKED, "act": "another", "of": "caching"}
        unmeant = await client.post("/desk/new", data=about_another)
        meant = await client.post("/desk/new", data={**ASKED, "act": "another", "of": "scaling"})
    async with desk.ports.database.reading() as session:
        jobs = await Jobs(session).newest()

    assert told.status_code == unmeant.status_code == 409
    assert f'href="/desk/articles/{post.id}"' in told.text
    assert "Scaling &lt;b&gt;out&lt;/b&gt;" in told.text
    assert other.id not in told.text
    assert "A few words of ours." in told.text
    assert 'name="of" value="scaling"' in told.text
    assert "그래도 새 글 쓰기" in korean.text
    assert meant.status_code == 303
    assert len(jobs) == 1


async def test_a_near_topic_is_no_reason_to_ask(desk: Desk) -> None:
    await saved(desk.ports.database, title="Scaling out in practice", keyphrase="scaling out guide")

    assert (await asked(desk, keyword="scaling out fast")).startswith("/desk/jobs/")


async def test_what_there_is_already_is_told_while_a_keyword_is_typed(desk: Desk) -> None:
    await saved(desk.ports.database, title="Cold brew guide", keyphrase="cold brew guide")
    await saved(
        desk.ports.database, slug="b", title="Cold brew at home", keyphrase="home cold brew"
    )

    async def told(**form: str) -> str:
        async with desk.as_("writer") as client:
            answer = await client.post("/desk/new/existing", data=form)
        assert answer.status_code == 200, answer.text
        return answer.text

    found = await told(keyword="tea", chosen="cold brew guides")
    assert "You have an article with this keyphrase: <a" in found
    assert "On a near topic: <a" in found
    assert "<html" not in found
    for nothing in ({}, {"keyword": "tax"}, {"keyword": "cold brew guides", "language": "ko"}):
        assert "<a" not in await told(**nothing)
    for hostile in ("가" * 9000, "%' --"):
        assert "<a" not in await told(keyword=hostile)
    async with desk.as_("writer") as client:
        assert (
            await client.post("/desk/new/existing", data={"keyword": "\x00"})
        ).status_code == 422


async def test_a_table_marks_what_is_there_already_and_what_it_repeats_in_other_words(
    desk: Desk,
) -> None:
    post = await saved(desk.ports.database, title="Scaling", keyphrase="scaling servers")
    rows = [
        "keyword,sources",
        *(f"{each},https://a.example/" for each in ("scaling server", "tea", "teas")),
    ]
    file = {"file": ("a.csv", "\n".join(rows).encode(), "text/csv")}
    async with desk.as_("writer") as client:
        told = await client.post("/desk/bulk", files=file)
        korean = await client.post("/desk/bulk", files=file, headers={"accept-language": "ko"})

    assert told.status_code == 200
    assert f'Already there: <a href="/desk/articles/{post.id}"' in told.text
    assert "Nearly the same as row 3" in told.text
    assert told.text.count("is written as a draft") == 3
    assert "이미 있는 글:" in korean.text
