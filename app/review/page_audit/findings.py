"""What a check of a page says: faults with their numbers, or that there is none."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.kit.translations import translations
from app.language.types import Language
from app.review.page_audit.seen import PageSeen
from app.seo.findings import Grade, Level, Value

FaultLevel = Literal["bad", "ok", "info"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that was seen. `message` is a message id in English, filled from `values`."""

    level: FaultLevel
    message: str
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    measured: float | None = None


@dataclass(frozen=True, slots=True)
class PageCheck:
    """A pure function of what was seen. None from it: not measured; no fault: good.

    `good`, `why` and `hint` are message ids in English; `gate` as in `app.seo.findings.Check`.
    """

    id: str
    grade: Grade
    gate: bool
    threshold: str
    good: str
    why: str
    hint: str
    measure: Callable[[PageSeen], Iterable[Fault] | None]


@dataclass(frozen=True, slots=True)
class PageFinding:
    """One check's word on one page. `hint` is empty where there is nothing to do."""

    check: PageCheck
    level: Level
    message: str
    values: Mapping[str, Value]
    measured: float | None

    def said(self, language: Language) -> tuple[str, str, str]:
        """What was seen, why it matters, what to do."""
        say = translations("audit", language).gettext
        hint = self.check.hint if self.level in {"bad", "ok"} else ""
        return (
            say(self.message).format_map(self.values),
            say(self.check.why),
            say(hint) if hint else "",
        )


def judge(check: PageCheck, seen: PageSeen) -> tuple[PageFinding, ...]:
    """Every fault a check sees, or that it sees none."""
    faults = check.measure(seen)
    if faults is None:
        return ()
    found = tuple(
        PageFinding(check, each.level, each.message, each.values, each.measured) for each in faults
    )
    return found or (PageFinding(check, "good", check.good, {}, None),)
