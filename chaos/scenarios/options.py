"""How a scenario is run: its seeds, and whether it is the short one."""

import random
from dataclasses import dataclass

TTL_S = 6.0
"""How long a lease lives without a beat (`APP_FLEET__TTL_S`)."""

TAKEN_S = 15.0
"""In how long the jobs of a lost instance run elsewhere (issue 4)."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for."""

    seed: int
    one: bool
    """Whether `seed` alone is run, of all that the scenario has."""
    short: bool
    """Few jobs, the smallest fleet, for a look; the figures are those of the long one."""

    def seeds(self, number: int) -> list[int]:
        """The seeds of a scenario that has so many."""
        return [self.seed + n for n in range(1 if self.one else number)]


def chance_of(seed: int) -> random.Random:
    """The instants and victims of a seed."""
    return random.Random(seed)  # noqa: S311  # to be repeated, not to be secret
