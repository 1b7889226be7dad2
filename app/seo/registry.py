"""All checks, in the order in which a writer reads them."""

from app.seo.checks import grounding, keyphrase, keyphrase_places, readability, snippet, structure
from app.seo.findings import Check

CHECKS: tuple[Check, ...] = (
    *keyphrase.CHECKS,
    *keyphrase_places.CHECKS,
    *snippet.CHECKS,
    *structure.CHECKS,
    *readability.CHECKS,
    *grounding.CHECKS,
)

BY_ID: dict[str, Check] = {check.id: check for check in CHECKS}
