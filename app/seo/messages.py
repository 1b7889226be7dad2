"""Says a finding in the reader's language. English is the message id; Korean is in `seo.po`."""

from dataclasses import dataclass

from app.kit.translations import translations
from app.language.types import Language
from app.seo.ageing import LASTS
from app.seo.findings import Finding


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in words. `hint` is empty where there is nothing to do."""

    message: str
    hint: str


def render(finding: Finding, language: Language) -> Said:
    """Fill the finding's message and hint with its values, in `language`; `unit` is a word to translate too."""
    say = translations("seo", language).gettext
    values = dict(finding.values)
    if "unit" in values:
        values["unit"] = say(str(values["unit"]))

    def fill(text: str) -> str:
        return say(text).format_map(values) if text else ""

    return Said(fill(finding.message), fill(finding.hint))


def reason_of(kind: str, language: Language) -> str:
    """Why a sentence of a kind ages (`app.seo.ageing.LASTS`); empty for a kind that there is none of."""
    found = next((each.reason for name, each in LASTS.items() if name == kind), "")
    return translations("seo", language).gettext(found) if found else ""
