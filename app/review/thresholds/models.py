"""The table of a site's thresholds: each row is all of them from then on. Rows are written once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Moment


class ThresholdsRow(Base):
    """What a site set from one moment on; the row with the highest `n` stands."""

    __tablename__ = "site_thresholds"

    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    overrides: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By language and name; what is absent is the setting's, or ours."""
    changed_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(Text)
