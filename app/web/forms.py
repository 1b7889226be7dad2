"""What a browser's form sends, as plain text: one kind of line end, nothing that cannot be kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from app.kit.errors import Invalid
from app.kit.speech import say

_PART_BYTES = 4 * 1024 * 1024 + 1024
"""A million characters of any script in UTF-8, and a little for the form's own."""

MAX_TEXT = 1_000_000
"""Longest text of a field, characters; the API's limit for a source."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form. One that was not sent is empty."""

    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """What was written, its lines ended by LF (browsers send CRLF: HTML, 4.10.22.4).

        Raises:
            Invalid: it is too long, or holds a character that no database keeps.
        """
        text = self.values.get(name, "").replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > MAX_TEXT:
            raise Invalid(
                say(
                    "This text has {length} characters; {most} are possible.",
                    length=f"{len(text):,}",
                    most=f"{MAX_TEXT:,}",
                )
            )
        if any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text):
            raise Invalid(
                say("This text holds a character that cannot be kept (U+0000, or half of one).")
            )
        return text

    def line(self, name: str) -> str:
        """A single line: blanks of every kind are one space, none at its ends."""
        return " ".join(self.text(name).split())

    def number(self, name: str) -> int | None:
        """A whole number of at most nine digits, or None."""
        given = self.values.get(name, "")
        return int(given) if given.isdecimal() and len(given) < 10 else None  # noqa: PLR2004  # fits every integer column


async def read_form(request: Request) -> Form:
    """The form of a request, whichever way it is encoded; the last of several fields of one name.

    Raises:
        HTTPException: 400, when it is malformed or a field is longer than any may be.
    """
    async with request.form(max_files=0, max_fields=100, max_part_size=_PART_BYTES) as form:
        return Form({name: value for name, value in form.items() if isinstance(value, str)})
