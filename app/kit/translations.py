"""Reads gettext catalogues: English is the message id, other languages stand in `app/locales`.

Catalogues are compiled in memory from their `.po` files, so that no binary has to be kept in step.
"""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

LOCALES = Path(__file__).resolve().parents[1] / "locales"


@cache
def translations(domain: str, language: str) -> gettext.NullTranslations:
    """The catalogue `{language}/LC_MESSAGES/{domain}.po`; without one, messages stay as they are."""
    file = LOCALES / language / "LC_MESSAGES" / f"{domain}.po"
    if not file.exists():
        return gettext.NullTranslations()
    # English needs no catalogue, and `--help` no 40 ms for importing what reads one.
    from babel.messages.mofile import write_mo  # noqa: PLC0415  # see above
    from babel.messages.pofile import read_po  # noqa: PLC0415  # see above

    compiled = BytesIO()
    with file.open("rb") as po:
        write_mo(compiled, read_po(po))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
