"""All checks, in the order in which a writer reads them."""

from app.seo.checks import (
    evidence,
    grounding,
    keyphrase,
    keyphrase_places,
    links,
    page_facts,
    readability,
    site,
    snippet,
    structure,
    style,
    wording,
)
from app.seo.findings import Check

CHECKS: tuple[Check, ...] = (
    *keyphrase.CHECKS,
    *keyphrase_places.CHECKS,
    *snippet.CHECKS,
    *structure.CHECKS,
    *readability.CHECKS,
    *style.CHECKS,
    *wording.CHECKS,
    *links.CHECKS,
    *site.CHECKS,
    *grounding.CHECKS,
    *evidence.CHECKS,
    *page_facts.CHECKS,
)

BY_ID: dict[str, Check] = {check.id: check for check in CHECKS}
