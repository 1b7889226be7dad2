"""Audits a page: looks at it once, then judges what was seen."""

from dataclasses import dataclass
from datetime import datetime

from app.infra.http.fetch import Fetcher
from app.review.page_audit import checks_access, checks_content, checks_data, checks_site
from app.review.page_audit.findings import PageCheck, PageFinding, judge
from app.review.page_audit.looking import AuditLimits, look_at_page
from app.review.page_audit.seen import PageSeen

PAGE_CHECKS: tuple[PageCheck, ...] = (
    *checks_access.CHECKS,
    *checks_content.CHECKS,
    *checks_data.CHECKS,
    *checks_site.CHECKS,
)


@dataclass(frozen=True, slots=True)
class Audit:
    """A page with everything that was found."""

    seen: PageSeen
    findings: tuple[PageFinding, ...]

    @property
    def gate(self) -> tuple[str, ...]:
        """Ids of the checks that hold a page back and are red."""
        red = [each for each in self.findings if each.check.gate and each.level == "bad"]
        return tuple(dict.fromkeys(each.check.id for each in red))

    @property
    def passed(self) -> bool:
        """Whether no check is red."""
        return all(each.level != "bad" for each in self.findings)


def judge_page(seen: PageSeen) -> Audit:
    """Every check's word on what was seen. Pure."""
    return Audit(seen, tuple(each for check in PAGE_CHECKS for each in judge(check, seen)))


async def audit_page(
    url: str,
    fetcher: Fetcher,
    *,
    now: datetime,
    links: bool = False,
    limits: AuditLimits | None = None,
) -> Audit:
    """Look at a page and judge it.

    Raises:
        FetchRefused, FetchFailed, Invalid: as `look_at_page`.
    """
    return judge_page(await look_at_page(url, fetcher, now=now, links=links, limits=limits))
