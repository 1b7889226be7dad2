"""Runs every check over an article and sums them up: three lamps and a publish gate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.seo.document import Article, parse
from app.seo.findings import Finding, Lamp, Level
from app.seo.page import GroundingInput, Page, Site
from app.seo.registry import CHECKS
from app.seo.thresholds import Limits, limits_for

ANALYSER_VERSION = "3"
"""Rises with every change that can move a score; stored with each analysis."""

_TOP = 9
_RED_UP_TO = 40
_ORANGE_UP_TO = 70


@dataclass(frozen=True, slots=True)
class Scores:
    """0-100 each; None where nothing was measured."""

    overall: int | None
    seo: int | None
    readability: int | None
    grounding: int | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known about an article. `gate` holds the findings that forbid publishing."""

    version: str
    findings: tuple[Finding, ...]
    scores: Scores
    lamps: Mapping[Lamp, Level]
    """`good`, `ok` or `bad`; a lamp without a measured check is `info`."""
    gate: tuple[Finding, ...]

    @property
    def publishable(self) -> bool:
        return not self.gate


def analyse(
    article: Article,
    *,
    grounding: GroundingInput | None = None,
    site: Site | None = None,
    limits: Limits | None = None,
) -> Analysis:
    """Measure what can be measured. A check without its data is absent, never guessed.

    Pure and blocking: some 10 ms for English; the first Korean text of a process also loads the
    morpheme analyser (seconds), so an event loop should call it in a thread.
    """
    page = Page(
        article=article,
        document=parse(article.markdown, article.language),
        limits=limits or limits_for(article.language),
        site=site,
        grounding=grounding,
    )
    findings = tuple(finding for check in CHECKS if (finding := check(page)) is not None)
    scores = score(findings, grounding)
    return Analysis(
        version=ANALYSER_VERSION,
        findings=findings,
        scores=scores,
        lamps={
            "seo": _lamp(scores.seo),
            "readability": _lamp(scores.readability),
            "grounding": _lamp(scores.grounding),
        },
        gate=tuple(finding for finding in findings if finding.gate and finding.level == "bad"),
    )


def score(findings: Iterable[Finding], grounding: GroundingInput | None = None) -> Scores:
    """Sum findings up.

    - SEO: sum of points / (9 x checks), as the reference analyser does; negative points count.
    - Readability: penalties bad 3, ok 2; over 6 gives 30, over 4 gives 60, else 90: the
      reference's scale for the languages it supports in full, taken for both since both have six
      scored checks here.
    - Grounding: as SEO, and never above the share of claims that are supported (our own rule).
    - Overall: the mean of the lamps that were measured (our own rule).
    """
    findings = tuple(findings)
    seo = _share(finding for finding in findings if finding.lamp == "seo")
    readability = _penalised(finding for finding in findings if finding.lamp == "readability")
    grounded = _share(finding for finding in findings if finding.lamp == "grounding")
    if grounding is not None and grounding.claims:
        supported = sum(verdict == "supported" for _, verdict in grounding.claims)
        ceiling = 100 * supported // len(grounding.claims)
        grounded = ceiling if grounded is None else min(grounded, ceiling)
    measured = [part for part in (seo, readability, grounded) if part is not None]
    overall = round(sum(measured) / len(measured)) if measured else None
    return Scores(overall, seo, readability, grounded)


def _share(findings: Iterable[Finding]) -> int | None:
    points = [finding.points for finding in findings if finding.points is not None]
    if not points:
        return None
    return max(0, round(sum(points) / (len(points) * _TOP) * 100))


def _penalised(findings: Iterable[Finding]) -> int | None:
    levels = [finding.level for finding in findings if finding.points is not None]
    if not levels:
        return None
    penalty = 3 * levels.count("bad") + 2 * levels.count("ok")
    if penalty > 6:  # noqa: PLR2004  # the reference's steps, see `score`
        return 30
    return 60 if penalty > 4 else 90  # noqa: PLR2004  # as above


def _lamp(value: int | None) -> Level:
    """The bands of single findings, times ten: red up to 40, orange up to 70."""
    if value is None:
        return "info"
    if value <= _RED_UP_TO:
        return "bad"
    return "ok" if value <= _ORANGE_UP_TO else "good"
