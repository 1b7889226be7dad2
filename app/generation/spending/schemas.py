"""Costs as they are shown."""

from typing import Literal

from app.generation.schemas import Frozen
from app.language.types import Language

Grouping = Literal["day", "person", "model", "job", "step"]
GROUPINGS: tuple[Grouping, ...] = ("day", "person", "model", "job", "step")


class Cost(Frozen):
    """What was spent under one heading: a day, a person, a model, a job or a step of one."""

    group: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    """None where some of it has no known price."""
    known_usd: float
    """The part whose price is known."""
    unpriced: int
    """Calls without a known price."""
    lost: int
    """Calls whose answer never came back to us; the provider may have counted them."""


class Band(Frozen):
    """From the least to the most that is expected."""

    low: int
    high: int


class Estimate(Frozen):
    """What an article may take. Amounts of USD are None where no price is known, never 0."""

    model: str
    language: Language
    calls: Band
    input_tokens: Band
    output_tokens: Band
    low_usd: float | None
    high_usd: float | None
    price_source: str
    unread_pages: int
    """Sources counted without having been fetched: they make the band wide."""
