"""The judge in the pipeline: who it is, which sentences it is asked about, and what its answers lower.

It is asked about what a model worded and the rules let pass; a sentence in its source's own words is checked
letter by letter and needs no reading. Where it is away, refuses, costs more than a cap allows or answers what
nobody can read, the verdicts stay as they are and the step says so: it betters an article, and no article
ends for it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.config import Settings
from app.generation.domain import CapReached, WriterAway
from app.generation.schemas import Fact, Section, Usage
from app.generation.verifying import MODEL, Key, key_of, verdict_on, verify_sections
from app.generation.writers.model import usage_of
from app.infra.llm import (
    LanguageModel,
    ModelAway,
    ModelInvalid,
    ModelRefused,
    Question,
)
from app.kit.errors import Invalid
from app.language.types import Language
from app.review import judging
from app.review.judging import Doubt, Judgements, Objection

Json = dict[str, Any]

OFF = "off"
WRITER = "writer"

TRIES = 3
"""How often a question is asked while the judge is away: a full queue or a short outage is waited for."""

_TOKENS = 6000
"""Room for a model that thinks before it answers."""
_SEED = 11


@dataclass(frozen=True, slots=True)
class Asked(Doubt):
    """A sentence to ask about, and the facts that it names."""

    fact_ids: tuple[str, ...]

    @property
    def key(self) -> Key:
        """What it is found again by."""
        return self.sentence, self.fact_ids


@dataclass(frozen=True, slots=True)
class Judged:
    """What one question came to. `note` says it in words, `why` says why the verdicts stay, where they do."""

    objections: Mapping[Key, Objection] = field(default_factory=dict[Key, Objection])
    unanswered: int = 0
    ignored: int = 0
    usage: Usage = field(default_factory=Usage)
    note: str = ""
    why: str = ""


class AskJudge(Protocol):
    """Puts one question to the judge: `ask` with the judge opened and its calls paid for."""

    async def __call__(self, asked: Sequence[Asked], *, may_wait: bool = False) -> Judged: ...


def judge_of(model: str, settings: Settings) -> str:
    """The spec of the judge of an article that `model` writes; empty where there is none."""
    chosen = settings.writing.judge
    if chosen == OFF or model == "composer":  # which words nothing itself
        return ""
    spec = model if chosen == WRITER else chosen
    return "" if is_too_small(spec) else spec


def is_too_small(spec: str) -> bool:
    """Whether a model of this machine is meant: it cannot tell two meanings apart."""
    return spec.partition(":")[0] == "local"


def why_unjudged(model: str, settings: Settings) -> str:
    """Why nobody judges an article of `model`, though a judge is set; empty where one does or none is set."""
    if settings.writing.judge == OFF or judge_of(model, settings):
        return ""
    if model == "composer":
        return "no judge: the composer keeps its sources' words"
    return f"no judge: {model} is too small to be one, set APP_WRITING__JUDGE to a hosted model"


def doubts_of(
    sections: Sequence[Section], facts: Mapping[str, Fact], language: Language
) -> list[Asked]:
    """The sentences that a model worded and the rules let pass, each once, in reading order."""
    found: dict[Key, Asked] = {}
    for section in sections:
        for block in section.blocks:
            for sentence in block.sentences:
                if MODEL not in sentence.rules or key_of(sentence) in found:
                    continue
                verdict = verdict_on(sentence, facts, language)
                if verdict is not None and verdict.status == "supported":
                    passages = tuple(
                        facts[each].text for each in sentence.fact_ids if each in facts
                    )
                    asked = Asked(sentence.text, passages, sentence.fact_ids)
                    found[asked.key] = asked
    return list(found.values())


def count_questions(
    brief: Json, sections: Sequence[Section], facts: Mapping[str, Fact], settings: Settings
) -> tuple[int, str]:
    """How many questions an article's judge is to be asked; in words why none, where a judge is set."""
    if not brief.get("judge"):  # which briefs of an earlier release do not name
        return 0, why_unjudged(brief["model"], settings)
    many = len(judging.questions(doubts_of(sections, facts, brief["language"])))
    return many, "" if many else "nothing for the judge to read"


def question_of(
    verified: Json, n: int, facts: Mapping[str, Fact], language: Language
) -> list[Asked]:
    """What question `n`, from 1, asks about; nothing where this release's rules leave fewer questions."""
    sections = [Section.model_validate(section) for section in verified["sections"]]
    found = judging.questions(doubts_of(sections, facts, language))
    return found[n - 1] if n <= len(found) else []


async def ask(
    open_judge: Callable[[], LanguageModel], asked: Sequence[Asked], *, may_wait: bool = False
) -> Judged:
    """Put one question to the judge. `open_judge` opens it, each of its calls being paid for.

    Raises:
        WriterAway: it is away, `may_wait` says that it is to be asked again, and this try costs nothing.
    """
    if not asked:
        return Judged(note="nothing is left to ask")
    question = Question(
        judging.instructions(), judging.prompt(asked), Judgements, _TOKENS, seed=_SEED
    )
    try:
        judge = open_judge()
        answer = await judge.complete(question)
    except ModelInvalid as error:
        return _unread(asked, f"its answer cannot be read ({error})", usage_of(error.spent))
    except ModelAway as error:
        if may_wait and not error.may_be_billed:
            raise WriterAway(str(error), retry_after_s=error.retry_after_s) from error
        return _unread(asked, str(error))
    except WriterAway as error:  # a cap, because of calls that are under way
        if may_wait:
            raise
        return _unread(asked, str(error))
    except (ModelRefused, CapReached, Invalid) as error:
        return _unread(asked, str(error))
    reading = judging.read(asked, answer.value)
    objections = {asked[n].key: objection for n, objection in reading.objections.items()}
    note = f"{len(asked)} sentences asked about, objections to {len(objections)}"
    if reading.ignored:
        note += f", {reading.ignored} without the source's words ignored"
    if reading.unanswered:
        note += f", {reading.unanswered} not answered"
    return Judged(objections, reading.unanswered, reading.ignored, usage_of(answer.spent), note)


def told(judged: Judged, asked: int) -> Json:
    """What one question came to, as its step answers it."""
    return {
        "objections": written(judged.objections),
        "asked": asked,
        "unanswered": judged.unanswered,
        "why": judged.why,
        "usage": judged.usage.model_dump(mode="json"),
        "note": judged.note,
    }


def written(objections: Mapping[Key, Objection]) -> list[Json]:
    """Objections as steps hand them on."""
    return [
        {"sentence": sentence, "facts": list(facts), **objection.model_dump(mode="json")}
        for (sentence, facts), objection in objections.items()
    ]


def objections_of(rows: Iterable[Json]) -> dict[Key, Objection]:
    """The same read again."""
    return {
        (row["sentence"], tuple(row["facts"])): Objection(
            status=row["status"], quote=row["quote"], said=row["said"]
        )
        for row in rows
    }


def lower_verified(
    verified: Json, answers: Sequence[Json], facts: Mapping[str, Fact], language: Language
) -> Json:
    """The verified sections without what the judge lowered too far, and flags on what it lowered a little.

    An answer that never came (`wait`) leaves its sentences as they are. Blocking.
    """
    came = [answer for answer in answers if "objections" in answer]
    objections = objections_of(row for answer in came for row in answer["objections"])
    sections = [Section.model_validate(section) for section in verified["sections"]]
    result = verify_sections(sections, facts, language, objections)
    spent = sum(
        (Usage.model_validate(answer["usage"]) for answer in came), Usage(**verified["spent"])
    )
    missing = [answer["wait"]["message"] for answer in answers if "objections" not in answer]
    unanswered = sum(answer["unanswered"] for answer in came)
    asked = sum(answer["asked"] for answer in came)
    note = f"{asked - unanswered} sentences judged, {len(objections)} lowered, {len(result.removed)} removed"
    if unanswered:
        note += f"; {unanswered} not answered for, their verdicts stay"
    if missing:
        note += f"; {len(missing)} of {len(answers)} questions not answered, the verdicts stay"
    if why := [each for each in (*missing, *(answer["why"] for answer in came)) if each]:
        note += f" ({why[0]})"
    return {
        **verified,
        "sections": [section.model_dump(mode="json") for section in result.sections],
        "removed": [*verified["removed"], *result.removed],
        "flagged": list(result.flagged),
        "objections": written(objections),
        "spent": spent.model_dump(mode="json"),
        "note": note,
        "counts": {
            "judged": asked - unanswered,
            "lowered": len(objections),
            "removed": len(result.removed),
            "unanswered": unanswered,
            "missing": len(missing),
        },
    }


def _unread(asked: Sequence[Asked], why: str, usage: Usage | None = None) -> Judged:
    note = f"the verdicts stay: {why}"
    return Judged(unanswered=len(asked), usage=usage or Usage(), note=note, why=why)
