"""An analysis for programs: JSON as the API answers it, and SARIF 2.1.0 as editors and CI read it."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote

from app import __version__
from app.kit.speech import say
from app.language.types import Language, Span
from app.review.analysing import Analysed, Text
from app.review.schemas import (
    AnalysisOut,
    ClaimOut,
    FindingOut,
    LineOut,
    PlaceOut,
    PreviewOut,
    ScoresOut,
)
from app.seo.document import Article
from app.seo.findings import Finding
from app.seo.messages import render
from app.seo.search_preview import Line, preview

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[str, Literal["error", "warning", "note", "none"]] = {
    "bad": "error",
    "ok": "warning",
    "info": "note",
    "good": "none",
}
_SUPPORT = "geo.support"
_KINDS = {"bad": "fail", "ok": "fail", "info": "informational", "good": "pass"}


def describe(analysed: Analysed, language: Language) -> AnalysisOut:
    """The analysis with its messages in `language`."""
    analysis, article = analysed.analysis, analysed.article
    starts = line_starts(analysed.text.whole)
    scores = analysis.scores
    return AnalysisOut(
        version=analysis.version,
        language=article.language,
        keyphrase=article.keyphrase,
        title=article.title,
        scores=ScoresOut(
            overall=scores.overall,
            seo=scores.seo,
            readability=scores.readability,
            grounding=scores.grounding,
        ),
        lamps=dict(analysis.lamps),
        publishable=analysis.publishable,
        gate=[finding.check_id for finding in analysis.gate],
        findings=[
            _finding(finding, analysed.places[finding.check_id], starts, language)
            for finding in analysis.findings
        ],
        claims=[
            ClaimOut(
                verdict=each.verdict.status,
                sentence=each.sentence,
                place=place_of(each.span, starts),
                source=each.source,
                passage=each.passage,
                quote=each.said,
                problems=[str(problem) for problem in each.verdict.problems],
            )
            for each in analysed.claims
        ],
        previews=_previews(article),
        text=analysed.text.whole,
    )


def _previews(article: Article) -> list[PreviewOut]:
    address = article.url or (f"/{article.slug}" if article.slug else "")
    return [
        PreviewOut(
            engine=each.engine,
            title=_line(each.title),
            description=_line(each.description),
            place=each.place,
        )
        for each in preview(article.title, article.meta_description, address)
    ]


def _line(line: Line) -> LineOut:
    return LineOut(text=line.text, pixels=line.pixels, limit=line.limit, cut=line.cut)


def _finding(
    finding: Finding, spans: Sequence[Span], starts: Sequence[int], language: Language
) -> FindingOut:
    said = render(finding, language)
    return FindingOut(
        id=finding.check_id,
        group=finding.group,
        lamp=finding.lamp,
        grade=finding.grade,
        level=finding.level,
        points=finding.points,
        measured=finding.measured,
        threshold=finding.threshold,
        gate=finding.gate,
        message=said.message,
        hint=said.hint,
        places=[place_of(span, starts) for span in spans],
    )


def line_starts(text: str) -> list[int]:
    """Where each line of a text begins."""
    return [0, *(at + 1 for at, sign in enumerate(text) if sign == "\n")]


def place_of(span: Span, starts: Sequence[int]) -> PlaceOut:
    """A span with its line and column, both counted from 1."""
    line = bisect_right(starts, span.start)
    return PlaceOut(
        start=span.start, end=span.end, line=line, column=span.start - starts[line - 1] + 1
    )


def to_sarif(analysed: Analysed, language: Language) -> dict[str, Any]:
    """The analysis as a SARIF log of one run: a result a place, or one without where a finding has none.

    Columns count code points. What is good is a result of kind `pass`, so that nothing is hidden.
    """
    told = describe(analysed, language)
    rules = [finding.id for finding in told.findings]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "AI SEO Blogger",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(finding) for finding in told.findings],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "language": language,
                "results": [
                    result
                    for finding in told.findings
                    for result in _results(
                        finding, rules.index(finding.id), analysed.text, told.claims
                    )
                ],
                "properties": {
                    "analyserVersion": told.version,
                    "scores": told.scores.model_dump(),
                    "publishable": told.publishable,
                },
            }
        ],
    }


def _rule(finding: FindingOut) -> dict[str, Any]:
    return {
        "id": finding.id,
        "properties": {
            "tags": sorted({finding.group, finding.lamp}),  # each once, by the schema
            "grade": finding.grade,
            "gate": finding.gate,
        },
    }


def _results(
    finding: FindingOut, rule: int, text: Text, claims: Sequence[ClaimOut]
) -> list[dict[str, Any]]:
    common: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "kind": _KINDS[finding.level],
        "message": {"text": f"{finding.message} {finding.hint}".strip()},
        "properties": {"measured": finding.measured, "threshold": finding.threshold},
    }
    if _KINDS[finding.level] == "fail":
        common["level"] = _LEVELS[finding.level]
    else:
        common["level"] = "none"  # 3.27.10: whatever is no failure has no level
    where: dict[str, Any] = {"artifactLocation": {"uri": quote(text.name, safe="/:%?=&#@+,;~")}}
    if finding.level == "good" or not finding.places:
        return [{**common, "locations": [{"physicalLocation": where}]}]
    return [
        {
            **common,
            **_said(finding, place, claims, common),
            "locations": [{"physicalLocation": {**where, "region": _region(place, text.whole)}}],
        }
        for place in finding.places
    ]


def _said(
    finding: FindingOut, place: PlaceOut, claims: Sequence[ClaimOut], common: dict[str, Any]
) -> dict[str, Any]:
    """Of a claim that is not supported, its verdict and the words it was held against."""
    claim = next((each for each in claims if each.place == place), None)
    if finding.id != _SUPPORT or claim is None:
        return {}
    told = (
        say("The source says: “{words}”", words=claim.quote)
        if claim.quote
        else say("No source speaks of it.")
    )
    return {
        "message": {"text": f"{common['message']['text']} {told}"},
        "properties": {
            **common["properties"],
            "verdict": claim.verdict,
            "source": claim.source,
            "quote": claim.quote,
            "passage": claim.passage,
        },
    }


def _region(place: PlaceOut, text: str) -> dict[str, int]:
    inside = text[place.start : place.end]
    breaks = inside.count("\n")
    end = len(inside) - inside.rfind("\n") if breaks else place.column + len(inside)
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.line + breaks,
        "endColumn": end,
        "charOffset": place.start,
        "charLength": place.end - place.start,
    }
