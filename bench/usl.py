"""The Universal Scalability Law (N. J. Gunther, 2007): X(N) = λN / (1 + σ(N-1) + κN(N-1)).

λ is what one does alone, σ the contention (what waits for its turn), κ the coherence (what everybody tells
everybody). N/X(N) is linear in (1, N-1, N(N-1)), so least squares need no iteration; a coefficient that comes
out below zero is set to zero and the others are fitted again.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class Law:
    """The fitted coefficients."""

    one: float
    contention: float
    coherence: float

    def at(self, n: float) -> float:
        """The throughput of so many."""
        return self.one * n / (1 + self.contention * (n - 1) + self.coherence * n * (n - 1))

    @property
    def peak(self) -> float:
        """With how many it is highest; infinite where nothing is lost to coherence."""
        if self.coherence <= 0:
            return math.inf
        return math.sqrt(max(0.0, 1 - self.contention) / self.coherence)


def fit(measured: Mapping[int, float]) -> Law:
    """Fit the law to throughputs by number of instances.

    Raises:
        ValueError: fewer than three numbers, or a throughput that is none.
    """
    if len(measured) < 3 or any(x <= 0 for x in measured.values()):  # noqa: PLR2004  # as many as coefficients
        raise ValueError("three numbers of instances are needed, each with a throughput")
    n = np.array(sorted(measured), dtype=float)
    x = np.array([measured[int(each)] for each in n])
    terms = np.stack([np.ones_like(n), n - 1, n * (n - 1)], axis=1)
    best: tuple[float, np.ndarray] | None = None
    # The best fit among those without a negative coefficient: three terms are few enough to try all.
    for size in (3, 2, 1):
        for some in combinations((1, 2), size - 1):
            columns = [0, *some]
            # Errors relative to what was measured: a large fleet's rate weighs no more than one's.
            weights = x / n
            found, *_ = np.linalg.lstsq(terms[:, columns] * weights[:, None], np.ones_like(n))
            if found[0] <= 0 or (found < 0).any():
                continue
            whole = np.zeros(3)
            whole[columns] = found
            error = float((((terms @ whole) * weights - 1) ** 2).sum())
            if best is None or error < best[0]:
                best = (error, whole)
    if best is None:
        raise ValueError("the throughputs follow no such law")
    a, b, c = best[1]
    return Law(one=float(1 / a), contention=float(b / a), coherence=float(c / a))


def jain(counts: Sequence[float]) -> float:
    """Jain's index of fairness: 1 when all have the same, 1/n when one has everything."""
    squares = sum(each * each for each in counts)
    return sum(counts) ** 2 / (len(counts) * squares) if squares else 0.0
