"""The table of instances: the only one of them."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Moment


class InstanceRow(Base):
    """One operating-system process that works, from boot to end. An id never comes back."""

    __tablename__ = "instances"

    executor_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    """`{hostname}-{boot_id}`, random at every boot."""
    hostname: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
