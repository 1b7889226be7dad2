"""Whether a call may be paid for: the caps, what is spent against each, and the words that refuse it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.generation.domain import CapReached, WriterAway

Scope = Literal["job", "person", "fleet"]

_SETTINGS: dict[Scope, str] = {
    "job": "APP_CAPS__JOB_USD",
    "person": "APP_CAPS__PERSON_DAY_USD",
    "fleet": "APP_CAPS__FLEET_DAY_USD",
}
_NAMES: dict[Scope, str] = {
    "job": "a job",
    "person": "a person in a day",
    "fleet": "everybody in a day",
}

_BUSY_S = 5.0
"""How soon a job looks again when others' calls, which are under way, hold what is left of a cap."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be spent, USD; None is no limit."""

    job_usd: float | None = None
    person_day_usd: float | None = None
    fleet_day_usd: float | None = None
    allow_unknown_price: bool = False

    @property
    def by_scope(self) -> dict[Scope, float]:
        """The caps that are set."""
        given: dict[Scope, float | None] = {
            "job": self.job_usd,
            "person": self.person_day_usd,
            "fleet": self.fleet_day_usd,
        }
        return {scope: cap for scope, cap in given.items() if cap is not None}


@dataclass(frozen=True, slots=True)
class Held:
    """What counts against a cap, USD: spent for certain, and reserved by calls that are under way."""

    spent: float = 0.0
    reserved: float = 0.0


def check_caps(
    caps: Caps, held: Mapping[Scope, Held], *, model: str, estimate_usd: float | None
) -> None:
    """Refuse a call that might spend more than a cap allows. `estimate_usd` is the most it may cost.

    Raises:
        CapReached: it would not fit even if nothing else were under way, or its price is not known.
        WriterAway: it may fit once others' calls have ended.
    """
    wanted = caps.by_scope
    if not wanted:
        return
    if estimate_usd is None:
        if caps.allow_unknown_price:
            return
        settings = ", ".join(_SETTINGS[scope] for scope in wanted)
        raise CapReached(
            f"{model} has no known price, so {settings} cannot be held. Write its price into a file "
            "(APP_PRICES__FILE), or set APP_CAPS__ALLOW_UNKNOWN_PRICE=true."
        )
    for scope, cap in wanted.items():
        now = held.get(scope, Held())
        if now.spent + now.reserved + estimate_usd <= cap:
            continue
        what = (
            f"the cap of ${cap:.2f} for {_NAMES[scope]} ({_SETTINGS[scope]}): ${now.spent:.4f} is spent, "
            f"${now.reserved:.4f} is reserved by calls under way, and the next call to {model} may cost "
            f"up to ${estimate_usd:.4f}."
        )
        if now.reserved and now.spent + estimate_usd <= cap:
            raise WriterAway(f"Waiting below {what}", retry_after_s=_BUSY_S)
        later = "" if scope == "job" else ", go on tomorrow (days are UTC)"
        raise CapReached(f"This would pass {what} Raise the cap{later}, or choose a cheaper model.")
