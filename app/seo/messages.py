"""Says a finding in the reader's language. English is the message id; Korean is in `seo.po`."""

from dataclasses import dataclass

from app.kit.translations import translations
from app.language.types import Language
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
