"""Kinds of text that requests carry."""

from typing import Annotated

from pydantic import StringConstraints

Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line without control characters: PostgreSQL has no way to store or ask for U+0000."""
