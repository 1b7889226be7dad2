"""Accounts as the rooms above see them: without any secret."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.accounts.domain import Role


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class Person(_Shape):
    """Somebody who can sign in."""

    id: str
    login: str
    name: str
    role: Role
    language: str
    epoch: int
    created_at: datetime
    password_changed_at: datetime
    disabled_at: datetime | None


class Key(_Shape):
    """An API key, by its prefix."""

    id: str
    person_id: str
    login: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class Entry(_Shape):
    """A line of the audit log."""

    id: str
    at: datetime
    actor: str
    actor_name: str
    action: str
    target: str
    detail: dict[str, Any]
