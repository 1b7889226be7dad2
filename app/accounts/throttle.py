"""Bounds the guessing of passwords: failed tries of one address, and at one account, over the fleet.

Only failures count, so that a house behind one address can sign in. Tries are looked at and counted while few
others verify (`Passwords.turn`), so that many at once gain at most the number of turns.
"""

import hashlib

from app.config import LimitSettings
from app.infra.kv import Store
from app.web.addresses import address_group


class TooManyTries(Exception):
    """Passwords are not even looked at now. `wait_s` says for how long."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("Too many failed tries.")
        self.wait_s = max(1, round(wait_s + 0.5))


class Throttle:
    """Every operation raises `StoreAway` when the counts cannot be had: then nobody is let in."""

    def __init__(self, store: Store, limits: LimitSettings) -> None:
        self._store = store
        self._limits = limits

    async def check(self, *, address: str, account: str) -> None:
        """Let a try be made.

        Raises:
            TooManyTries: there were as many as may be.
        """
        for name in _names(address, account):
            # A limit of none counts nothing: it only tells how many there were.
            seen = await self._store.hit(name, limit=0, window_s=self._limits.sign_in_window_s)
            if seen.used >= self._limits.sign_in_attempts:
                raise TooManyTries(seen.reset_s)

    async def count(self, *, address: str, account: str) -> None:
        """Count a failed try."""
        for name in _names(address, account):
            await self._store.hit(
                name,
                limit=self._limits.sign_in_attempts,
                window_s=self._limits.sign_in_window_s,
            )


def _names(address: str, account: str) -> tuple[str, str]:
    hashed = hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"sign-in:address:{address_group(address)}", f"sign-in:account:{hashed}"
