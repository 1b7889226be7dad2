"""What a check says: a finding with a stable id, a level, and a hint that says what to type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.kit.translations import translations


class Level(StrEnum):
    """How bad it is. An error of what holds state keeps the program from being stateless."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's word. `message` and `hint` are English message ids, filled in from `values`."""

    id: str
    """`scaling.LNNN` with L of I, W, E."""
    level: Level
    message: str
    hint: str = ""
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What was looked at; may name hosts, so it is for operators alone."""

    def said(self, language: str) -> dict[str, Any]:
        """As the interface answers it, in `language`."""
        return {
            "status": self.level.value,
            "id": self.id,
            "message": tell(self.message, language, self.values),
            "hint": tell(self.hint, language, self.values),
            "detail": dict(self.detail),
        }


def phrase(message: str) -> str:
    """Mark a message id for translation; it is said later, in the language of whoever asks."""
    return message


def tell(message: str, language: str, values: Mapping[str, Any] | None = None) -> str:
    """A message id of this room in words."""
    if not message:
        return ""
    return translations("ops", language).gettext(message).format_map(values or {})
