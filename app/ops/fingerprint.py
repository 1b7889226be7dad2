"""Tells where instances are configured differently, without telling what any of them is configured to.

One HMAC a setting, keyed by the fleet's random salt. Stores are told apart by a mark that is kept in them,
not by their addresses: two spellings of one address agree, and two stores of one address do not.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import BaseModel

from app.config import Settings
from app.infra.kv import Store
from app.infra.scope import Scope
from app.ops.instances import Fleet, Instance

MARK = "fleet:mark"
"""The key under which a store keeps whose it is."""

_MARK_TTL_S = 30 * 86400.0

_DIGITS = 16
"""Hexadecimal digits kept of each hash: 64 bits tell settings apart and are short to read."""

_ALIKE = (
    "public_url",
    "timezone",
    "llm_model",
    "llm_fallbacks",
    "site",
    "sessions",
    "limits",
    "media",
    "writing",
    "seo",
    "publishing",
    "balancer",
    "caps",
)
"""Settings that must be the same on every instance, as they are written."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a shared store says of itself."""

    store: str
    """Random, made by whoever came first; empty for a process's own memory."""
    fleet_id: str
    """The fleet of whoever came first."""


async def read_mark(store: Store, fleet: Fleet) -> Mark:
    """The store's mark, made if there is none.

    Raises:
        StoreAway: the store does not answer.
    """
    if store.scope is not Scope.FLEET:
        return Mark("", fleet.fleet_id)
    made = json.dumps({"store": secrets.token_hex(8), "fleet": fleet.fleet_id}).encode()
    if not await store.touch(MARK, ttl_s=_MARK_TTL_S):
        await store.add(MARK, made, ttl_s=_MARK_TTL_S)
    kept = await store.get(MARK) or made
    try:
        read = json.loads(kept)
        return Mark(str(read["store"]), str(read["fleet"]))
    except (ValueError, KeyError, TypeError):
        # Somebody else's value: at least it tells this store from another.
        return Mark(hashlib.sha256(kept).hexdigest(), "")


async def take_fingerprint(
    settings: Settings, fleet: Fleet, mark: Mark | None, secret: str
) -> dict[str, str]:
    """Per setting that must agree, a hash of its value. Without a mark, that of the store is left out."""
    values = {
        # A person may have chosen it: stretched first, so that guessing costs 50 ms a guess and not none.
        "SECRET_KEY": (await asyncio.to_thread(_stretched, secret, fleet.salt)),
        "DATABASE_URL": fleet.fleet_id,
        "SESSION_STORAGE": session_storage(settings),
        "BLOB_URL": _place(settings.blob_url) or f"folder {settings.data_dir.resolve()}",
        "LLM_BASE_URL": _place(settings.llm_base_url),
        "APP_JOBS__LLM_CONCURRENCY": str(settings.jobs.llm_concurrency),
        "APP_CACHE__PAGES": str(settings.cache.pages),
    }
    if mark is not None:
        values["REDIS_URL"] = mark.store
    for name in _ALIKE:
        value: object = getattr(settings, name)
        if isinstance(value, BaseModel):
            for inner, kept in value.model_dump().items():
                values[f"APP_{name.upper()}__{inner.upper()}"] = str(kept)
        else:
            values[name.upper()] = str(value)
    values["ALLOWED_HOSTS"] = ",".join(sorted(settings.allowed_hosts))
    return {name: _hashed(fleet.salt, name, value) for name, value in sorted(values.items())}


def session_storage(settings: Settings) -> str:
    """What `SESSION_STORAGE` comes to."""
    return settings.session_storage or ("redis" if settings.redis_url else "database")


def differing(instances: Iterable[Instance]) -> dict[str, list[list[str]]]:
    """Per setting that is not the same on all, the groups of instances (by display name) that agree on it.

    The largest group stands first: whoever is in the others is the likely culprit. An instance that does not
    know a setting (another release, or its store was away) is left out of that setting.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for instance in instances:
        for name, value in instance.fingerprint.items():
            found.setdefault(name, {}).setdefault(value, []).append(instance.instance_id)
    return {
        name: sorted(groups.values(), key=lambda group: (-len(group), group))
        for name, groups in sorted(found.items())
        if len(groups) > 1
    }


def culprits(drift: Mapping[str, list[list[str]]]) -> dict[str, list[str]]:
    """Per setting, the instances that are not in the largest group; all of them where none is larger."""
    named: dict[str, list[str]] = {}
    for setting, groups in drift.items():
        tied = len(groups[0]) == len(groups[1])
        named[setting] = sorted(
            name for group in (groups if tied else groups[1:]) for name in group
        )
    return named


def _hashed(salt: bytes, name: str, value: str) -> str:
    return hmac.new(salt, f"{name}\0{value}".encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def _stretched(secret: str, salt: bytes) -> str:
    return hashlib.scrypt(secret.encode(), salt=salt, n=2**14, r=8, p=1).hex()


def _place(url: str) -> str:
    """An address without what may be a key in it."""
    parts = urlsplit(url)
    host = f"{parts.hostname or ''}:{parts.port or ''}"
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}" if url else ""
