"""A round of repairs: what failed is mended, and stays mended only where the article is better for it.

Better means: it scores more, or as much with fewer faults, and nothing of its grounding is lost: no lower
score of it, no worse verdict on a sentence, nothing more that holds it back. A tie is the earlier's.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.generation.article import Assembled
from app.generation.domain import CapReached, WriterAway, WriterRefused
from app.generation.judging import AskJudge, doubts_of
from app.generation.schemas import Brief, Fact, Section, Usage, Written
from app.generation.verifying import verify_sections
from app.generation.writers.composer.repairs import REPAIRS
from app.generation.writers.port import Writer
from app.generation.writers.repair import Faulty, Mended, Patch
from app.language.types import Span
from app.review.judging import questions
from app.review.verdict import SEVERITY
from app.seo.analysis import Analysis
from app.seo.thresholds import Limits

Json = dict[str, Any]

_FAULTS = {"bad": 2, "ok": 1}


@dataclass(frozen=True, slots=True)
class Measured:
    """An article with what was found in it. `held` is why it may not be published."""

    written: Written
    assembled: Assembled
    analysis: Analysis
    held: Sequence[str]

    @property
    def worth(self) -> tuple[int, int]:
        """The overall score, then fewer faults."""
        scored = [each for each in self.analysis.findings if each.points is not None]
        faults = sum(_FAULTS.get(each.level, 0) for each in scored)
        return self.analysis.scores.overall or 0, -faults

    @property
    def verdicts(self) -> Mapping[str, int]:
        """How badly each sentence stands, by its words; 0 is supported."""
        worst: dict[str, int] = {}
        for claim in self.assembled.claims:
            severity = SEVERITY[claim.verdict]
            worst[claim.sentence] = max(worst.get(claim.sentence, 0), severity)
        return worst

    def faulty(self, facts: Mapping[str, Fact], limits: Limits) -> Faulty:
        """What a repair is told."""
        return Faulty(
            self.assembled.brief,
            self.written,
            facts,
            limits,
            {
                finding.check_id: self._sentences(finding.spans)
                for finding in self.analysis.findings
                if finding.points is not None and finding.level != "good"
            },
        )

    def _sentences(self, spans: Sequence[Span]) -> frozenset[str]:
        placed = self.assembled.rendered.placed
        return frozenset(
            each.sentence.text
            for each in placed
            if any(span.start < each.end and each.start < span.end for span in spans)
        )


def is_better(new: Measured, old: Measured) -> bool:
    """Whether `new` takes `old`'s place."""
    before, after = old.analysis.scores.grounding, new.analysis.scores.grounding
    if (before is None) != (after is None) or (after or 0) < (before or 0):
        return False
    known = old.verdicts
    if any(worse > known.get(sentence, 0) for sentence, worse in new.verdicts.items()):
        return False
    return len(new.held) <= len(old.held) and new.worth > old.worth


@dataclass(slots=True)
class Round:
    """What a round came to: the better article, or the one it began with."""

    first: Measured
    best: Measured
    usage: Usage = field(default_factory=Usage)
    repaired: list[Json] = field(default_factory=list[Json])
    """For each check that is better now: its id, what was measured before and after."""
    tried: int = 0
    notes: list[str] = field(default_factory=list[str])

    @property
    def is_kept(self) -> bool:
        """Whether the article is another now."""
        return self.best is not self.first

    @property
    def note(self) -> str:
        """A line for who watches."""
        before, after = (each.analysis.scores.overall for each in (self.first, self.best))
        if not self.is_kept:
            what = "nothing to repair" if not self.tried else f"{self.tried} tried, none was better"
            return "; ".join((f"{before} of 100, {what}", *self.notes))
        mended = ", ".join(f"{m['id']} {m['before']} → {m['after']}" for m in self.repaired)
        return "; ".join((f"{before} → {after} of 100: {mended}", *self.notes))

    def told(self, n: int) -> Json:
        """The same for programs, and for who says it in another language."""
        return {
            "round": n,
            "before": self.first.analysis.scores.overall,
            "after": self.best.analysis.scores.overall,
            "tried": self.tried,
            "repaired": self.repaired,
        }


async def repair_round(
    written: Written,
    *,
    writer: Writer,
    brief: Brief,
    facts: Mapping[str, Fact],
    limits: Limits,
    measure: Callable[[Written], Measured],
    judge: AskJudge | None = None,
) -> Round:
    """Mend what failed: by listed repairs first, then by the writer's model if it has one.

    A model that is away, refuses or would cost more than is allowed ends the round with what there is:
    an article is not kept waiting for what only betters it. Where there is a `judge`, a model's new wording
    stays only if it has read all of it and objects to none.
    """
    first = await asyncio.to_thread(measure, written)
    done = Round(first, first)
    for repair in REPAIRS:
        faulty = done.best.faulty(facts, limits)
        if repair.checks & faulty.faults.keys():
            for patch in await asyncio.to_thread(repair.apply, faulty):
                if await _try(done, patch, measure):
                    break
    faulty = done.best.faulty(facts, limits)
    mended = await _mend(writer, faulty)
    done.usage += mended.usage
    if mended.note:
        done.notes.append(mended.note)
    for patch in mended.patches:
        sections = list(patch.sections.values())
        why = ""
        if sections and not await asyncio.to_thread(_holds, sections, facts, brief):
            why = "the model's wording did not hold"
        elif sections and judge is not None:
            why = await _objected(sections, done, facts, brief, judge)
        if why:
            done.tried += 1
            done.notes.append(why)
        else:
            await _try(done, patch, measure)
    done.repaired = _changes(first.analysis, done.best.analysis) if done.is_kept else []
    return done


async def _mend(writer: Writer, faulty: Faulty) -> Mended:
    try:
        return await writer.mend(faulty)
    except (WriterAway, WriterRefused, CapReached) as error:
        return Mended(note=str(error))


async def _try(done: Round, patch: Patch, measure: Callable[[Written], Measured]) -> bool:
    done.tried += 1
    new = await asyncio.to_thread(measure, patch.on(done.best.written))
    better = is_better(new, done.best)
    if better:
        done.best = new
    return better


async def _objected(
    sections: Sequence[Section],
    done: Round,
    facts: Mapping[str, Fact],
    brief: Brief,
    judge: AskJudge,
) -> str:
    """Why the judge keeps a new wording out; empty where it has read all that is new and objects to none."""
    known = done.first.written.sections
    old = {each.key for each in await asyncio.to_thread(doubts_of, known, facts, brief.language)}
    found = await asyncio.to_thread(doubts_of, sections, facts, brief.language)
    for asked in questions([each for each in found if each.key not in old]):
        judged = await judge(asked)
        done.usage += judged.usage
        if judged.objections:
            return "the judge objected to the model's wording"
        if judged.unanswered:
            return f"the judge did not read the model's wording: {judged.note}"
    return ""


def _holds(sections: Sequence[Section], facts: Mapping[str, Fact], brief: Brief) -> bool:
    """Whether the verify step would leave all of it as it is."""
    found = verify_sections(sections, facts, brief.language)
    return not found.removed and not found.flagged


def _changes(before: Analysis, after: Analysis) -> list[Json]:
    points = {each.check_id: each.points for each in before.findings}
    measured = {each.check_id: each.measured for each in before.findings}
    return [
        {"id": each.check_id, "before": measured[each.check_id], "after": each.measured}
        for each in after.findings
        if (each.points or 0) > (points.get(each.check_id) or 0) and each.check_id in points
    ]
