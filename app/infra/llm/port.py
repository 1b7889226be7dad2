"""The port to language models: one typed call, whoever answers it, and the three ways it can fail."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

may_send: ContextVar[Callable[[], Awaitable[bool]]] = ContextVar("may_send")
"""Asked when the connection stands and the next thing is the request's first byte; no drops the request.

Between any earlier question and that byte a process may be stopped for minutes, and others do its work.
"""


class ModelFailed(Exception):
    """A model gave nothing usable. Which of the three it is decides what to do next."""


class ModelAway(ModelFailed):
    """Not reached, or no answer in time: connection, time-out, 429 or 5xx after the retries.

    Waiting may help; `retry_after_s` is how long the provider asked for, if it said. `may_be_billed` where it
    had the request and may have worked for it: a time-out, a connection cut before the answer was whole.
    """

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, may_be_billed: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.may_be_billed = may_be_billed


class ModelRefused(ModelFailed):
    """It answers and will not: key, permission, quota, unknown name, context overflow, content.

    Asking again unchanged is useless; the message says what to change.
    """


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call took, its repaired attempts included."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    """None where no price is known; 0.0 for a local model."""
    seconds: float = 0.0


class ModelInvalid(ModelFailed):
    """It answered, but never in the shape that was asked for."""

    def __init__(self, message: str, spent: Spent = Spent()) -> None:
        super().__init__(message)
        self.spent = spent


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What a model is asked: prose for `output=str`, else a value of the Pydantic model.

    `grammar` (llama.cpp's notation) constrains prose on a local model and is left out elsewhere; it is no
    promise, so what comes back is checked all the same. With a `key`, each request has an
    `Idempotency-Key` made of it and of the request's own bytes, so that a provider that knows the header can
    tell a repetition from a new call.
    """

    system: str
    prompt: str
    output: type[T]
    max_tokens: int
    temperature: float = 0.0
    seed: int | None = None
    grammar: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Completion(Generic[T]):
    """What a model gave back, and what it took."""

    value: T
    model: str
    """The spec of the model that answered, which a fallback may have changed."""
    spent: Spent
    finish_reason: str | None = None
    """`stop`, `length` or what else the provider says; `length` means that it was cut."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The providers' API keys. Never in a repr, so never in a log."""

    openai: str = field(default="", repr=False)
    anthropic: str = field(default="", repr=False)
    google: str = field(default="", repr=False)
    compatible: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often. `seconds` bounds one attempt as a whole, its reading included."""

    seconds: float = 120.0
    attempts: int = 3
    wait_s: float = 30.0
    """Longest `Retry-After` that is waited for; a provider that asks for more is away."""
    concurrency: int = 8
    """Calls at once from one process to one hosted model."""


class LanguageModel(Protocol):
    """Answers prompts. Every method raises `ModelAway`, `ModelRefused` or `ModelInvalid`.

    Cancelling a call closes its connection, so that nothing goes on being generated.
    """

    @property
    def name(self) -> str:
        """The spec it was opened with, as in `LLM_MODEL`."""
        ...

    @property
    def is_small(self) -> bool:
        """Whether it needs few facts a call, constrained output and a strict guard."""
        ...

    async def complete(self, question: Question[T]) -> Completion[T]:
        """Answer once."""
        ...

    async def aclose(self) -> None:
        """Close connections; stop the server, if it is ours."""
        ...
