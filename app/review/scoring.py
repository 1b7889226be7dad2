"""An analysis as it is kept with a text: scores, lamps, every finding in the text's own language."""

from typing import Any

from app.language.types import Language
from app.seo.analysis import Analysis
from app.seo.findings import Finding
from app.seo.messages import render

Json = dict[str, Any]


def scored(analysis: Analysis, language: Language) -> Json:
    """What a revision keeps of its analysis, but for what holds it back beside the analyser's own gate."""
    return {
        "version": analysis.version,
        "scores": {
            "overall": analysis.scores.overall,
            "seo": analysis.scores.seo,
            "readability": analysis.scores.readability,
            "grounding": analysis.scores.grounding,
        },
        "lamps": dict(analysis.lamps),
        "findings": [_finding(finding, language) for finding in analysis.findings],
    }


def _finding(finding: Finding, language: Language) -> Json:
    said = render(finding, language)
    return {
        "id": finding.check_id,
        "level": finding.level,
        "points": finding.points,
        "measured": finding.measured,
        "threshold": finding.threshold,
        "grade": finding.grade,
        "gate": finding.gate,
        "message": said.message,
        "hint": said.hint,
    }


def unsupported(sentence: str) -> str:
    """Why an article is held for a sentence that its sources do not bear out."""
    return f"Not fully supported: {sentence}"
