"""The spans of calls to models, by OpenTelemetry's conventions for generative AI: no prompt, no answer.

One a call and a model: a fallback's is another. What no convention names is `blogger.…`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from app.infra.llm.port import Completion, ModelInvalid, Spent
from app.infra.traces import Span, span

_PROVIDERS = {"google": "gcp.gemini"}
"""Where the convention's name is another than that in `LLM_MODEL`."""


@contextmanager
def traced_call(
    spec: str, base_url: str, *, max_tokens: int, temperature: float, seed: int | None
) -> Generator[Span]:
    """The span of one call with all its tries; what is raised says what became of it."""
    prefix, _, name = spec.partition(":")
    model = name or prefix
    about: dict[str, str | int | float] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(prefix, prefix),
        "gen_ai.request.model": model,
        "gen_ai.request.max_tokens": max_tokens,
        "gen_ai.request.temperature": temperature,
    }
    if seed is not None:
        about["gen_ai.request.seed"] = seed
    address = urlsplit(base_url)
    if address.hostname:
        about["server.address"] = address.hostname
        about["server.port"] = address.port or (443 if address.scheme == "https" else 80)
    with span(f"chat {model}", kind="client", attributes=about) as running:
        try:
            yield running
        except ModelInvalid as error:
            _tell_spent(running, error.spent)
            raise


def tell_answer(running: Span, answer: Completion[Any], *, model: str | None, tries: int) -> None:
    """What was answered with, and what it took; `model` is what the provider calls what answered."""
    _tell_spent(running, answer.spent)
    if model:
        running.set({"gen_ai.response.model": model})
    if answer.finish_reason:
        running.set({"gen_ai.response.finish_reasons": [answer.finish_reason]})
    if tries > 1:
        running.set({"blogger.llm.tries": tries})


def _tell_spent(running: Span, spent: Spent) -> None:
    running.set(
        {
            "gen_ai.usage.input_tokens": spent.input_tokens,
            "gen_ai.usage.output_tokens": spent.output_tokens,
            "blogger.llm.requests": spent.calls,
        }
    )
    if spent.cost_usd is not None:
        running.set({"blogger.llm.cost_usd": spent.cost_usd})
