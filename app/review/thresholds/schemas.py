"""What goes in and out of a site's thresholds."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.language.types import Language

Number = Annotated[float, Field(allow_inf_nan=False)]
Value = int | Number | Annotated[list[int | Number], Field(max_length=4)] | None
Origin = Literal["ours", "setting", "site"]
Overrides = dict[Language, dict[str, Any]]


class Version(BaseModel):
    """A site's thresholds from one moment on. `n` counts from 1; 0 is before anybody set one."""

    model_config = ConfigDict(frozen=True)

    n: int = 0
    overrides: Overrides = Field(default_factory=dict[Language, dict[str, Any]])
    changed_by: str = ""
    changed_at: datetime | None = None
    note: str = ""


class ThresholdOut(BaseModel):
    """A threshold in force: its numbers, ours, and who says so."""

    name: str
    value: Any
    ours: Any
    origin: Origin
    about: str


class ThresholdsOut(BaseModel):
    """All thresholds in force, by language, as of a version."""

    version: int
    changed_by: str
    changed_at: datetime | None
    languages: dict[Language, list[ThresholdOut]]


class ChangesIn(BaseModel):
    """Thresholds to set; null takes one back. Those not named stay."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[Language, Annotated[dict[str, Value], Field(max_length=100)]]
    based_on: int | None = Field(default=None, ge=0, le=2**31 - 1)
    """The version that was looked at: where another stands meanwhile, nothing is changed (409)."""
    note: str = Field(default="", max_length=300)


class RestoreIn(BaseModel):
    """An earlier version to bring back, as a new one; without one, that before the last change."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(default=None, ge=0, le=2**31 - 1)
    based_on: int | None = Field(default=None, ge=0, le=2**31 - 1)
