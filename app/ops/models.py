"""The tables of the fleet: its instances, what they have in common, and what probes write."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Moment


class InstanceRow(Base):
    """One operating-system process that serves or works, from boot to end. An id never comes back."""

    __tablename__ = "instances"

    executor_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    """`{hostname}-{boot_id}`, random at every boot."""
    hostname: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(16), server_default="")
    address: Mapped[str] = mapped_column(String(255), server_default="")
    version: Mapped[str] = mapped_column(String(32), server_default="")
    git_revision: Mapped[str] = mapped_column(String(64), server_default="")
    schema_head: Mapped[str] = mapped_column(String(32), server_default="")
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    """By the database's clock, as `started_at` is; none where no lease was taken."""
    draining: Mapped[bool] = mapped_column(Boolean, server_default="0")
    drain_asked: Mapped[bool | None] = mapped_column(Boolean)
    """What an operator asked of it last: to leave, or to come back."""
    probed: Mapped[bool] = mapped_column(Boolean, server_default="0")
    """Whether a balancer asks for its health."""
    in_flight: Mapped[int] = mapped_column(Integer, server_default="0")
    running_jobs: Mapped[int] = mapped_column(Integer, server_default="0")
    clock_offset_s: Mapped[float | None] = mapped_column(Float)
    """Its clock less the database's, seconds."""
    fingerprint: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    """Per setting that must agree: a keyed hash of its value."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class FleetRow(Base):
    """What the instances of this database have in common. One row."""

    __tablename__ = "fleet"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    fleet_id: Mapped[str] = mapped_column(String(36))
    salt: Mapped[str] = mapped_column(String(64))
    """Keys the fingerprints; random, hexadecimal."""


class ProbeRow(Base):
    """What a check or the proof wrote to read it back. Rows past their time are anybody's to delete."""

    __tablename__ = "probes"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(255))
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class TaskRow(Base):
    """A periodic task: when it is due, who runs it now, how it went. All by the database's clock."""

    __tablename__ = "tasks"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    every_s: Mapped[float] = mapped_column(Float)
    due_at: Mapped[datetime] = mapped_column(Moment)
    run: Mapped[int] = mapped_column(Integer, default=0)
    """Which run is the newest; only who claimed that one may say how it went."""
    claimed_by: Mapped[str | None] = mapped_column(String(128))
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    """When the claim of a process that says nothing more ends."""
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ran_on: Mapped[str | None] = mapped_column(String(128))
    result: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """How often in a row it has failed."""
