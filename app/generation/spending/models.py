"""The table of what was spent on models."""

from datetime import date, datetime

from sqlalchemy import Date, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Moment


class SpendingRow(Base):
    """One paid call of a job's step, and what is reserved for it while it is under way.

    A step that is replayed makes no call and so adds nothing. One that is run anew, because its process died
    before its end was kept, pays anew; that is added to the same row. Rows outlive their jobs.
    """

    __tablename__ = "spending"

    job_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    step: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Such as `draft.3.c1`: the step and its call; `draft.3.try2.c1` after a wait."""
    principal: Mapped[str] = mapped_column(String(64))
    """Who asked for the job."""
    day: Mapped[date] = mapped_column(Date)
    """The day of the newest call, UTC."""
    model: Mapped[str] = mapped_column(Text)
    calls: Mapped[int] = mapped_column(Integer, default=0)
    lost: Mapped[int] = mapped_column(Integer, default=0)
    """Calls whose answer never came back to us: the provider may have counted them."""
    input_tokens: Mapped[int] = mapped_column(Integer, default=0)
    output_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cost_usd: Mapped[float | None] = mapped_column(Float, default=0.0)
    """None once a call is in it whose price is not known."""
    reserved_usd: Mapped[float] = mapped_column(Float, default=0.0)
    reserved_until: Mapped[datetime | None] = mapped_column(Moment)
    """A reservation whose owner died ends by itself."""
    token: Mapped[str | None] = mapped_column(String(32))
    """Whose reservation it is, so that an outcome that is told twice counts once."""

    __table_args__ = (Index(None, "day", "principal"),)
