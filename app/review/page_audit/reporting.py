"""An audit for readers and programs: its findings in words, and SARIF 2.1.0."""

from typing import Any
from urllib.parse import quote

from app import __version__
from app.language.types import Language
from app.review.page_audit.auditing import Audit
from app.review.page_audit.findings import PageFinding
from app.review.page_audit.schemas import AuditOut, PageFindingOut

_LEVELS = {"bad": "error", "ok": "warning"}
_KINDS = {"bad": "fail", "ok": "fail", "info": "informational", "good": "pass"}


def describe_audit(audit: Audit, language: Language) -> AuditOut:
    """The audit with its messages in `language`."""
    return AuditOut(
        url=audit.seen.url,
        final_url=audit.seen.final_url,
        status=audit.seen.status,
        audited_at=audit.seen.now,
        passed=audit.passed,
        gate=list(audit.gate),
        findings=[_finding(each, language) for each in audit.findings],
    )


def _finding(finding: PageFinding, language: Language) -> PageFindingOut:
    message, why, hint = finding.said(language)
    check = finding.check
    return PageFindingOut(
        id=check.id,
        grade=check.grade,
        gate=check.gate,
        level=finding.level,
        measured=finding.measured,
        threshold=check.threshold,
        message=message,
        why=why,
        hint=hint,
    )


def audit_to_sarif(audit: Audit, language: Language) -> dict[str, Any]:
    """The audit as a SARIF log of one run; what is good is a result of kind `pass`."""
    told = describe_audit(audit, language)
    rules = list(dict.fromkeys(each.id for each in told.findings))
    known = {each.id: each for each in told.findings}
    where = {"artifactLocation": {"uri": quote(told.final_url, safe="/:%?=&#@+,;~")}}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "AI SEO Blogger",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [
                            {
                                "id": rule,
                                "help": {"text": known[rule].why},
                                "properties": {
                                    "grade": known[rule].grade,
                                    "gate": known[rule].gate,
                                },
                            }
                            for rule in rules
                        ],
                    }
                },
                "language": language,
                "results": [
                    {
                        "ruleId": each.id,
                        "ruleIndex": rules.index(each.id),
                        "kind": _KINDS[each.level],
                        "level": _LEVELS.get(each.level, "none"),
                        "message": {"text": f"{each.message} {each.hint}".strip()},
                        "locations": [{"physicalLocation": where}],
                        "properties": {"measured": each.measured, "threshold": each.threshold},
                    }
                    for each in told.findings
                ],
            }
        ],
    }
