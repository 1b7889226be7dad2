"""What a check says: a finding with its number, its threshold and where to look; and what a check is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.language.types import LANGUAGES, Language, Span
from app.seo.page import Page

Group = Literal["keyphrase", "snippet", "structure", "readability", "links", "media", "grounding"]
Lamp = Literal["seo", "readability", "grounding"]
Level = Literal["good", "ok", "bad", "info"]
Grade = Literal["A", "B", "C"]
"""How good the evidence is: A an engine or a standard says so, B studies, C convention."""
Value = str | int | float

GOOD_FROM = 8
"""Points from which a finding is green; the reference analyser's bands: 8-9, 5-7, up to 4."""
OK_FROM = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check measured. `points` are 0-9 or negative; None is told, not scored.

    `message` and `hint` are message ids in English with named placeholders, filled from `values`
    by `app.seo.messages.render`.
    """

    points: int | None
    measured: float | None
    threshold: str
    message: str
    hint: str = ""
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's word on one article. `spans` are code points of the Markdown."""

    check_id: str
    group: Group
    lamp: Lamp
    level: Level
    points: int | None
    measured: float | None
    threshold: str
    message: str
    hint: str
    values: Mapping[str, Value]
    spans: tuple[Span, ...]
    grade: Grade
    gate: bool
    """The article may not be published while the finding is bad."""


@dataclass(frozen=True, slots=True)
class Check:
    """A pure function of the page with what is known about it. None from it: not measured."""

    id: str
    group: Group
    lamp: Lamp
    grade: Grade
    gate: bool
    measure: Callable[[Page], Outcome | None]
    languages: tuple[Language, ...] = LANGUAGES
    """Those it means something in; articles of others are not measured."""

    def __call__(self, page: Page) -> Finding | None:
        if page.language not in self.languages:
            return None
        outcome = self.measure(page)
        if outcome is None:
            return None
        return Finding(
            check_id=self.id,
            group=self.group,
            lamp=self.lamp,
            level=level_of(outcome.points),
            points=outcome.points,
            measured=outcome.measured,
            threshold=outcome.threshold,
            message=outcome.message,
            hint=outcome.hint,
            values=outcome.values,
            spans=outcome.spans,
            grade=self.grade,
            gate=self.gate,
        )


def check(
    check_id: str,
    *,
    group: Group,
    lamp: Lamp = "seo",
    grade: Grade = "C",
    gate: bool = False,
    languages: tuple[Language, ...] = LANGUAGES,
) -> Callable[[Callable[[Page], Outcome | None]], Check]:
    """Make a function of the page a check."""

    def wrap(measure: Callable[[Page], Outcome | None]) -> Check:
        return Check(check_id, group, lamp, grade, gate, measure, languages)

    return wrap


def level_of(points: int | None) -> Level:
    if points is None:
        return "info"
    if points >= GOOD_FROM:
        return "good"
    return "ok" if points >= OK_FROM else "bad"
