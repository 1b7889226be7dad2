"""`ai-seo-blogger write`: one article, from its sources to its address."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.house import Code, open_house, run, tell, terminal_language

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    from collections.abc import Sequence

    from app.generation.jobs import Job
    from app.review.existing import Existing


class Lang(StrEnum):
    """Languages an article can be written in."""

    KO = "ko"
    EN = "en"


class PriorityOption(StrEnum):
    """Priorities of a job."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class RightsOption(StrEnum):
    """Whose words the sources are."""

    OWN = "own"
    LICENSED = "licensed"
    THIRD_PARTY = "third_party"


def write(
    keyword: Annotated[str, typer.Option("--keyword", "-k", help="What the article is about.")],
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source", "-s", help="A page's address, or a .md, .html, .txt or .pdf file."
        ),
    ] = None,
    note: Annotated[
        list[str] | None,
        typer.Option("--note", help="A source's text itself; - reads it from input."),
    ] = None,
    lang: Annotated[
        Lang | None, typer.Option("--lang", help="The article's language; otherwise the keyword's.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Who writes, as in LLM_MODEL.")
    ] = None,
    rights: Annotated[
        RightsOption | None,
        typer.Option(
            "--rights",
            help="Whose words the sources are; otherwise files and notes are yours, pages are not.",
        ),
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish at once, if the checks allow.")
    ] = False,
    priority: Annotated[
        PriorityOption, typer.Option("--priority", help="Before or after your other jobs.")
    ] = PriorityOption.NORMAL,
    deadline: Annotated[
        datetime | None,
        typer.Option("--deadline", help="The job fails if it is not done by then (UTC)."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no progress.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option("--idempotency-key", help="The same key answers the same job, for a day."),
    ] = None,
    new: Annotated[
        bool,
        typer.Option(
            "--new", help="Do not ask where there is an article with this keyphrase already."
        ),
    ] = False,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only say what it would take; nothing is written.")
    ] = False,
) -> None:
    """Write an article from sources.

    Articles that are there already on the same are named first; only at a terminal, and only for the very
    same keyphrase, it is asked whether to go on.
    """
    if estimate:
        run(
            _estimate,
            keyword,
            list(source or ()),
            list(note or ()),
            lang.value if lang else None,
            model,
            as_json,
        )
        return
    run(
        _write,
        keyword,
        list(source or ()),
        list(note or ()),
        lang.value if lang else None,
        model,
        rights.value if rights else None,
        publish,
        priority.value,
        deadline.replace(tzinfo=UTC) if deadline else None,
        as_json,
        key,
        new,
    )


async def _write(  # the command's options
    keyword: str,
    sources: list[str],
    notes: list[str],
    lang: str | None,
    model: str | None,
    rights: str | None,
    publish: bool,
    priority: str,
    deadline: datetime | None,
    as_json: bool,
    key: str | None,
    new: bool,
) -> int:
    from app.cli.runner import exit_code, follow, running
    from app.generation.intake import accept_read, read_request
    from app.generation.jobs import PRIORITIES
    from app.kit.speech import speak
    from app.review.existing import find_existing
    from app.review.existing_schemas import existing_out
    from app.sources.domain import Rights

    owner = Rights(rights) if rights else None
    async with open_house() as house:
        now = datetime.now(UTC)
        request, snapshots = await read_request(
            house.settings,
            keyword=keyword,
            arguments=[(argument, owner) for argument in sources],
            sources=[(None, _note(text), owner) for text in notes],
            language=lang,
            model=model,
            publish=publish,
            now=now,
        )
        found = await find_existing(house.database, request.keyword, request.language)
        if not as_json:
            speak(terminal_language())
            _tell_existing(found)
            # Who gives a key asks for the same job again, whose own article this may be.
            if not new and key is None and not await _goes_on(found):
                return Code.STATE
            speak("en")
        async with running(house) as runner:
            job = await accept_read(
                house.database,
                house.enqueuer,
                request,
                snapshots,
                priority=PRIORITIES[priority],
                deadline_at=deadline,
                key=key,
                now=now,
            )
            ended = await follow(runner, job.id, quiet=as_json)
            result = outcome(ended, job.id)
            others = [each for each in found if each.post.job_id != job.id]
            told = [each.model_dump() for each in existing_out(others)]
            report(
                {**result, "existing": told},
                as_json=as_json,
                failed=ended.error if ended else None,
            )
            return exit_code(ended)


def _tell_existing(found: "Sequence[Existing]") -> None:
    """Name the articles that are there already, with their addresses."""
    from app.kit.speech import say

    states = {
        "draft": say("Draft"),
        "in_review": say("In review"),
        "approved": say("Approved"),
        "scheduled": say("Scheduled"),
        "published": say("Published"),
    }
    for each in found:
        post = each.post
        values = {"title": post.title, "address": post.path, "state": states[post.state].lower()}
        if each.why == "same":
            told = say(
                "There is an article with this keyphrase: “{title}” ({address}, {state}).", **values
            )
        else:
            told = say(
                "There is an article on a near topic: “{title}” ({address}, {state}).", **values
            )
        tell(told)


async def _goes_on(found: "Sequence[Existing]") -> bool:
    """Whether to write another one. Only who can answer is asked, and only about the very same keyphrase."""
    import asyncio
    import sys

    from app.kit.speech import say

    same = [each for each in found if each.why == "same"]
    if not same:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        tell(say("Another one is written all the same."))
        return True
    question = say("Write another all the same?")
    if await asyncio.to_thread(typer.confirm, question, default=False, err=True):
        return True
    tell(
        say(
            "Nothing was written. Edit the one there is: ai-seo-blogger posts edit {id}",
            id=same[0].post.id,
        )
    )
    return False


async def _estimate(
    keyword: str,
    sources: list[str],
    notes: list[str],
    lang: str | None,
    model: str | None,
    as_json: bool,
) -> int:
    from datetime import UTC, datetime

    from app.config import load_settings
    from app.generation.intake import estimate_request

    settings, _warnings = load_settings()
    found = await estimate_request(
        settings,
        keyword=keyword,
        arguments=[(argument, None) for argument in sources],
        sources=[(None, _note(text), None) for text in notes],
        language=lang,
        model=model,
        now=datetime.now(UTC),
    )
    if as_json:
        typer.echo(found.model_dump_json())
        return Code.DONE
    known = found.low_usd is not None and found.high_usd is not None
    cost = f"${found.low_usd:.4f} to ${found.high_usd:.4f}" if known else "unknown"
    typer.echo(f"{found.model}, {found.language}: {found.calls.low} to {found.calls.high} calls")
    typer.echo(f"  tokens in   {found.input_tokens.low:,} to {found.input_tokens.high:,}")
    typer.echo(f"  tokens out  {found.output_tokens.low:,} to {found.output_tokens.high:,}")
    typer.echo(f"  cost        {cost} (prices: {found.price_source})")
    if found.unread_pages:
        typer.echo(f"  {found.unread_pages} pages are not read yet, so the band is wide")
    return Code.DONE


def _note(text: str) -> str:
    import sys

    return sys.stdin.read() if text == "-" else text


def outcome(job: "Job | None", job_id: str) -> dict[str, Any]:
    """What `--json` prints: the article's data, or where the job stands and why there is none.

    `job` is None for one that goes on without us.
    """
    if job is None:
        return {"job_id": job_id, "state": "interrupted"}
    if job.result:
        return job.result
    state = {"job_id": job.id, "state": job.state.value}
    return {**state, "error_code": job.error_code, "error": job.error}


def report(result: dict[str, Any], *, as_json: bool, failed: str | None = None) -> Code:
    """Print what became of a job: one JSON object, or a few lines for a person."""
    import json

    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
    if failed:
        tell(f"error: {failed}")
        return Code.FAILED
    if as_json or "title" not in result:
        return Code.DONE
    size = f"{result['words']} words" if result["language"] == "en" else f"{result['characters']}자"
    typer.echo(f"\n{result['title']}")
    typer.echo(f"  {result['url']}")
    typer.echo(
        f"  {result['state']} · {size} · {result['claims_supported']} of {result['claims_total']} "
        f"claims supported · score {result['score']} of 100 (a heuristic) · {result['seconds']:.1f} s"
    )
    for reason in result.get("held", []):
        typer.echo(f"  held as a draft: {reason}")
    return Code.DONE
