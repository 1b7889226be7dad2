"""Hosted and self-hosted models over HTTP, by pydantic-ai: typed output, bounded retries, usage and cost.

The provider libraries take a second to import, so they are imported in a thread at the first call.
"""

import asyncio
import hashlib
import importlib
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import stamina

from app.infra.llm.failures import Failures
from app.infra.llm.port import Completion, Limits, ModelInvalid, Question, Spent, may_send
from app.infra.llm.prices import Price
from app.infra.llm.traced import tell_answer, traced_call
from app.infra.logs import current_request
from app.infra.traces import Span, current_traceparent

if TYPE_CHECKING:
    from pydantic_ai import Agent
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

T = TypeVar("T")

KEY_HEADER = "Idempotency-Key"

Build = Callable[[httpx2.AsyncClient], "Model"]
"""Makes the library's model over our HTTP client; imports the provider's library."""


class HostedModel:
    """A `LanguageModel` behind an HTTP API."""

    def __init__(
        self,
        spec: str,
        build: Build,
        *,
        limits: Limits,
        secret: str = "",
        is_local: bool = False,
        base_url: str = "",
        price: Price | None = None,
    ) -> None:
        """`is_local` makes it free, small and able to follow a grammar; a `price` stands over the library's."""
        self._spec = spec
        self._build = build
        self._limits = limits
        self._is_local = is_local
        self._price = price
        self._failures = Failures(spec, limits, secret)
        self._slots = asyncio.Semaphore(limits.concurrency)
        # A proxy of the environment must not see what goes to this machine itself.
        self._trust_env = not _is_loopback(base_url)
        self._base_url = base_url
        self._client: httpx2.AsyncClient | None = None
        self._model: Model | None = None

    @property
    def name(self) -> str:
        return self._spec

    @property
    def is_small(self) -> bool:
        return self._is_local

    async def complete(self, question: Question[T]) -> Completion[T]:
        """See `LanguageModel.complete`."""
        model = await self._open()
        settings = self._settings(question)
        async with self._slots:
            with traced_call(
                self._spec,
                self._base_url,
                max_tokens=question.max_tokens,
                temperature=question.temperature,
                seed=question.seed,
            ) as span:
                return await self._ask(model, settings, question, span=span)

    async def aclose(self) -> None:
        """Close the connections. Nothing to do before the first call."""
        client, self._client, self._model = self._client, None, None
        if client is not None:
            await client.aclose()

    async def _open(self) -> "Model":
        if self._model is None:
            await asyncio.to_thread(importlib.import_module, "pydantic_ai")
        if self._model is None:  # another call may have been first while the import ran
            timeout = httpx2.Timeout(self._limits.seconds, connect=5.0)
            self._client = httpx2.AsyncClient(
                timeout=timeout,
                trust_env=self._trust_env,
                event_hooks={"request": [_complete_key, _name_request, _ask_last]},
            )
            self._model = self._build(self._client)
        return self._model

    def _settings(self, question: Question[Any]) -> "ModelSettings":
        settings: ModelSettings = {
            "max_tokens": question.max_tokens,
            "temperature": question.temperature,
            "request_timeout": self._limits.seconds,
        }
        if question.seed is not None:
            settings["seed"] = question.seed
        if question.grammar is not None and self._is_local:
            settings["extra_body"] = {"grammar": question.grammar}
        if question.key:
            settings["extra_headers"] = {KEY_HEADER: question.key}
        return settings

    async def _ask(
        self,
        model: "Model",
        settings: "ModelSettings",
        question: Question[T],
        *,
        span: Span,
    ) -> Completion[T]:
        from pydantic_ai import capture_run_messages  # noqa: PLC0415  # see the module's docstring

        agent = _agent(model, question.output, question.system)
        started = time.perf_counter()
        messages: list[ModelMessage] = []
        try:
            async for attempt in stamina.retry_context(
                on=self._failures.backoff, attempts=self._limits.attempts, timeout=None
            ):
                with attempt, capture_run_messages() as messages:
                    result = await agent.run(question.prompt, model_settings=settings)
                    answer = Completion(
                        value=result.output,
                        model=self._spec,
                        spent=self._spent(messages, started),
                        finish_reason=result.response.finish_reason,
                    )
                    tell_answer(span, answer, model=result.response.model_name, tries=attempt.num)
                    return answer
        except Exception as error:
            failure = self._failures.translate(error)
            if isinstance(failure, ModelInvalid):
                failure.spent = self._spent(messages, started)
            raise failure from error
        raise AssertionError  # the retries return or raise

    def _spent(self, messages: "Sequence[ModelMessage]", started: float) -> Spent:
        responses = [message for message in messages if message.kind == "response"]
        into = sum(response.usage.input_tokens for response in responses)
        out = sum(response.usage.output_tokens for response in responses)
        cost: float | None = 0.0
        if self._price is not None:
            cost = self._price.cost_usd(into, out)
        elif not self._is_local:
            for response in responses:
                try:
                    price = float(response.cost().total_price)
                except (LookupError, ValueError):  # a model or usage nobody has a price for
                    cost = None
                    break
                cost += price
        return Spent(
            calls=len(responses),
            input_tokens=into,
            output_tokens=out,
            cost_usd=cost,
            seconds=time.perf_counter() - started,
        )


def build_openai(name: str, key: str, base_url: str | None = None) -> Build:
    """OpenAI's own API."""

    def build(client: httpx2.AsyncClient) -> "Model":
        from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415  # as above
        from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415  # as above

        provider = OpenAIProvider(base_url=base_url, api_key=key, http_client=client)
        return OpenAIChatModel(name, provider=provider, settings={"max_retries": 0})

    return build


def build_compatible(name: str, key: str, base_url: str) -> Build:
    """Whatever speaks OpenAI's chat API; the environment's OpenAI key never goes there."""

    def build(client: httpx2.AsyncClient) -> "Model":
        from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415  # as above
        from pydantic_ai.providers.openai_compatible import (  # noqa: PLC0415  # as above
            OpenAICompatibleProvider,
        )

        provider = OpenAICompatibleProvider(
            "compatible", base_url=base_url, api_key=key or None, http_client=client
        )
        return OpenAIChatModel(name, provider=provider, settings={"max_retries": 0})

    return build


def build_anthropic(name: str, key: str, base_url: str | None = None) -> Build:
    """Anthropic's API."""

    def build(client: httpx2.AsyncClient) -> "Model":
        from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415  # as above
        from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415  # as above

        provider = AnthropicProvider(api_key=key, base_url=base_url, http_client=client)
        return AnthropicModel(name, provider=provider, settings={"max_retries": 0})

    return build


def build_google(name: str, key: str, base_url: str | None = None) -> Build:
    """Google's Gemini API. Its library does not retry unless it is told to."""

    def build(client: httpx2.AsyncClient) -> "Model":
        from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415  # as above
        from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415  # as above

        provider = GoogleProvider(api_key=key, base_url=base_url, http_client=client)
        return GoogleModel(name, provider=provider)

    return build


def _agent(model: "Model", output: type[T], system: str) -> "Agent[object, T]":
    """One that answers in the model's own structured mode; tools fail on small models."""
    from pydantic_ai import Agent, NativeOutput, PromptedOutput  # noqa: PLC0415  # as above

    if output is str:
        return Agent(model, output_type=output, instructions=system)
    marked = (
        NativeOutput(output)
        if model.profile.get("supports_json_schema_output")
        else PromptedOutput(output)
    )
    return Agent(model, output_type=marked, instructions=system, retries={"output": 1})


async def _complete_key(request: httpx2.Request) -> None:
    """Make a call's key the request's: the repair of an answer is another request than the first.

    A repetition has the same bytes, and so the same key, also when another instance makes it.
    """
    given = request.headers.get(KEY_HEADER)
    if given is not None:
        digest = hashlib.sha256(given.encode() + b"\0" + request.content)
        request.headers[KEY_HEADER] = digest.hexdigest()[:32]


async def _name_request(request: httpx2.Request) -> None:
    """Let the provider's log be found by ours, and its trace go on where it has one."""
    if name := current_request():
        request.headers["X-Request-ID"] = name
    if traceparent := current_traceparent():
        request.headers["traceparent"] = traceparent


async def _ask_last(request: httpx2.Request) -> None:
    """Have `may_send` asked by the connection itself, as the last thing before it writes."""
    question = may_send.get(None)
    if question is None:
        return

    async def look(event: str, _info: dict[str, Any]) -> None:
        if event.endswith(".send_request_headers.started") and not await question():
            raise asyncio.CancelledError("dead")

    request.extensions["trace"] = look


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
