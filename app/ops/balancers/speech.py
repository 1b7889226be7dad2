"""What this room says when a configuration cannot be written; Korean is in `balancers.po`."""

from typing import Any

from app.kit.speech import spoken
from app.kit.translations import translations


def words(message: str, /, **values: Any) -> str:
    """`message` in the language spoken now, with `{names}` filled in."""
    return translations("balancers", spoken()).gettext(message).format_map(values)
