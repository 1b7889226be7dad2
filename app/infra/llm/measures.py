"""Measures calls to language models: how long, how they ended, what they took."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from prometheus_client import Counter, Histogram

from app.infra.llm.port import Completion, ModelAway, ModelInvalid, ModelRefused, Spent

_SECONDS = Histogram(
    "blogger_llm_call_seconds",
    "Calls to models by how they ended: answered, away, refused, invalid, cut.",
    ["model", "outcome"],
    buckets=(0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0),
)
_REQUESTS = Counter(
    "blogger_llm_requests_total",
    "Requests that models answered; a call makes another where the shape was wrong.",
    ["model"],
)
_TOKENS = Counter(
    "blogger_llm_tokens_total", "Tokens as providers count them.", ["model", "direction"]
)
_COST = Counter("blogger_llm_cost_usd_total", "What calls cost, where a price is known.", ["model"])
_UNPRICED = Counter(
    "blogger_llm_unpriced_calls_total", "Calls whose model has no known price.", ["model"]
)

_MOST_MODELS = 32
"""Requests may name models; what is beyond so many is told as one, so that series stay few."""
_OTHERS = "other"
_known: set[str] = set()


@contextmanager
def measured(model: str) -> Generator["Measure"]:
    """Measure one call; whoever makes it hands the answer to `answered`."""
    measure = Measure(model)
    outcome = "answered"
    began = time.perf_counter()
    try:
        yield measure
    except ModelInvalid as error:
        outcome = "invalid"
        measure.take(model, error.spent)
        raise
    except ModelAway:
        outcome = "away"
        raise
    except ModelRefused:
        outcome = "refused"
        raise
    except BaseException:
        outcome = "cut"
        raise
    finally:
        _SECONDS.labels(_label(measure.model), outcome).observe(time.perf_counter() - began)


class Measure:
    """A call that is under way."""

    def __init__(self, model: str) -> None:
        self.model = model

    def answered(self, answer: Completion[Any]) -> None:
        """Count what an answer took, for the model that gave it."""
        self.model = answer.model
        self.take(answer.model, answer.spent)

    def take(self, model: str, spent: Spent) -> None:
        """Count tokens and cost."""
        label = _label(model)
        _REQUESTS.labels(label).inc(spent.calls)
        _TOKENS.labels(label, "input").inc(spent.input_tokens)
        _TOKENS.labels(label, "output").inc(spent.output_tokens)
        if spent.cost_usd is None:
            _UNPRICED.labels(label).inc(spent.calls)
        else:
            _COST.labels(label).inc(spent.cost_usd)


def _label(model: str) -> str:
    if model not in _known:
        if len(_known) >= _MOST_MODELS:
            return _OTHERS
        _known.add(model)
    return model
