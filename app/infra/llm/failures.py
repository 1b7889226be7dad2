"""Turns what a provider's library raises into the port's three failures, and says which are retried."""

import random
from typing import cast

from app.infra.llm.port import Limits, ModelAway, ModelFailed, ModelInvalid, ModelRefused

_SPREAD_S = 0.5
"""Most seconds added to a `Retry-After`: a fleet that was told the same moment should not come at once."""

_SHOWN = 200
"""Characters of a provider's own message that are passed on."""

_TIMEOUT = (
    "{spec} gave no answer within {seconds} s. Raise APP_MODELS__SECONDS, or choose a faster model."
)
_UNREACHED = "{spec} cannot be reached ({said}). Check the network and LLM_BASE_URL."
_RATE = "{spec} is at its rate limit.{wait} Try later, or set LLM_FALLBACKS."
_THEIRS = "{spec} failed on its side ({said}). Try later, or set LLM_FALLBACKS."
_BROKEN = "{spec} sent something that is no answer ({said}). Try later, or check LLM_BASE_URL."
_KEY = "{spec} does not accept the API key, or the key may not use this model. Check {key}."
_QUOTA = (
    "{spec}: the account's quota or credit is used up. "
    "Top it up at the provider, or choose another LLM_MODEL."
)
_CONTEXT = "The text is longer than {spec} can read at once. Choose a model with a larger context."
_NAME = "{spec} is not known there ({said}). Check the name in LLM_MODEL, and LLM_BASE_URL."
_CONTENT = "{spec} refused the content. Use other sources or another model."
_REJECTED = "{spec} rejected the request ({said}). Choose another LLM_MODEL."
_SHAPE = "{spec} did not answer in the shape asked for: {said}"


class Failures:
    """The failures of one model. `secret` is its key, cut out of every message."""

    def __init__(self, spec: str, limits: Limits, secret: str) -> None:
        self._spec = spec
        self._limits = limits
        self._secret = secret

    def backoff(self, error: Exception) -> bool | float:
        """Whether to try again, or after how many seconds: 429, 5xx, lost connections and broken answers only.

        `Retry-After` is honoured as seconds and as a date, as long as it is short (`Limits.wait_s`).

        A time-out is not tried again: a model that needs longer once needs it twice.
        """
        from pydantic_ai import exceptions as ai  # noqa: PLC0415  # providers' docstring says why

        if isinstance(error, ai.ModelTimeoutError):
            return False
        if isinstance(error, ai.ModelConnectionError) or _is_broken(error):
            return True
        transient = (ai.ModelRateLimitError, ai.ModelUnavailableError, ai.ModelServerError)
        if not isinstance(error, transient):
            return False
        if error.retry_after is None:
            return True
        if error.retry_after > self._limits.wait_s:
            return False
        return error.retry_after + random.uniform(0, _SPREAD_S)  # noqa: S311  # to spread, not to hide

    def translate(self, error: Exception) -> ModelFailed:
        """The port's failure for the library's. Anything that is none of them is raised as it is."""
        from pydantic_ai import exceptions as ai  # noqa: PLC0415  # providers' docstring says why

        if isinstance(error, ModelFailed):
            return error
        rows: tuple[tuple[type[Exception], type[ModelFailed], str], ...] = (
            # In order: a subclass stands before its base.
            (ai.ModelTimeoutError, ModelAway, _TIMEOUT),
            (ai.ModelRequestTimeout, ModelAway, _TIMEOUT),
            (ai.ModelConnectionError, ModelAway, _UNREACHED),
            (ai.ModelRateLimitError, ModelAway, _RATE),
            (ai.ModelUnavailableError, ModelAway, _THEIRS),
            (ai.ModelServerError, ModelAway, _THEIRS),
            (ai.ModelAuthenticationError, ModelRefused, _KEY),
            (ai.ModelQuotaExceededError, ModelRefused, _QUOTA),
            (ai.ModelContextWindowExceededError, ModelRefused, _CONTEXT),
            (ai.ModelNotFoundError, ModelRefused, _NAME),
            (ai.ContentFilterError, ModelRefused, _CONTENT),
            (ai.ModelAPIError, ModelRefused, _REJECTED),
            (ai.UserError, ModelRefused, "{spec} cannot do this: {said}"),
            (ai.UnexpectedModelBehavior, ModelInvalid, _SHAPE),
        )
        if _is_overflow(error):
            rows = ((ai.ModelAPIError, ModelRefused, _CONTEXT),)
        elif _is_broken(error):
            rows = ((ai.AgentRunError, ModelAway, _BROKEN),)
        for raised, failure, words in rows:
            if isinstance(error, raised):
                message = words.format(
                    spec=self._spec,
                    said=self._said(error),
                    seconds=f"{self._limits.seconds:g}",
                    key=key_setting(self._spec),
                    wait=_wait(error),
                )
                if failure is ModelAway:
                    return ModelAway(
                        message,
                        retry_after_s=getattr(error, "retry_after", None),
                        may_be_billed=_may_be_billed(error),
                    )
                return failure(message)
        raise error

    def _said(self, error: Exception) -> str:
        """The provider's own words, short."""
        body = _inner(_inner(getattr(error, "body", None), "error"), "message")
        status = getattr(error, "status_code", None)
        said = self._clean(str(body or ("" if status else error)))
        return ": ".join(part for part in (f"HTTP {status}" if status else "", said) if part)

    def _clean(self, text: str) -> str:
        text = " ".join(text.split())
        if self._secret:
            text = text.replace(self._secret, "…")
        return text if len(text) <= _SHOWN else text[:_SHOWN].rstrip() + "…"


def key_setting(spec: str) -> str:
    """The setting that holds the key of a model."""
    match spec.partition(":")[0]:
        case "openai":
            return "OPENAI_API_KEY"
        case "anthropic":
            return "ANTHROPIC_API_KEY"
        case "google":
            return "GOOGLE_API_KEY"
        case _:
            return "LLM_API_KEY"


def _may_be_billed(error: Exception) -> bool:
    from pydantic_ai import exceptions as ai  # noqa: PLC0415  # providers' docstring says why

    late = isinstance(error, ai.ModelTimeoutError | ai.ModelRequestTimeout) or _is_broken(error)
    return late or (isinstance(error, ai.ModelConnectionError) and error.phase == "read")


def _is_broken(error: Exception) -> bool:
    """Whether what came back is not even the protocol's: cut JSON, the page of a proxy on the way.

    The library tells it from a wrong answer of the model, and from an error of the provider, by words alone.
    """
    from pydantic_ai import exceptions as ai  # noqa: PLC0415  # providers' docstring says why

    if type(error) is ai.ModelAPIError:
        return True  # without a status and of no kind: the answer could not be read
    words = str(error)
    return isinstance(error, ai.UnexpectedModelBehavior) and words.startswith(
        "Invalid response from"
    )


def _is_overflow(error: Exception) -> bool:
    """llama.cpp's own type for it, which the library does not know."""
    return (
        _inner(_inner(getattr(error, "body", None), "error"), "type") == "exceed_context_size_error"
    )


def _wait(error: Exception) -> str:
    seconds: float | None = getattr(error, "retry_after", None)
    return f" It asks to wait {seconds:.0f} s." if seconds else ""


def _inner(body: object, key: str) -> object:
    """The value under `key` where there is one; providers nest their message differently."""
    if isinstance(body, dict):
        return cast("dict[str, object]", body).get(key, cast("object", body))
    return body
