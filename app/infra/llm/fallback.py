"""Models in order: the next one answers when the one before is away or refuses."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

import structlog

from app.infra.llm.port import Completion, LanguageModel, ModelAway, ModelRefused

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class FallbackModel:
    """A `LanguageModel` over others. `Completion.model` names the one that answered."""

    def __init__(self, models: Sequence[LanguageModel]) -> None:
        self._models = models

    @property
    def name(self) -> str:
        """The first one's: what was asked for."""
        return self._models[0].name

    @property
    def is_small(self) -> bool:
        """True if any is, since any may have to answer."""
        return any(model.is_small for model in self._models)

    async def complete(
        self,
        *,
        system: str,
        prompt: str,
        output: type[T],
        max_tokens: int,
        temperature: float = 0.0,
        seed: int | None = None,
        grammar: str | None = None,
    ) -> Completion[T]:
        """See `LanguageModel.complete`. Raises what the last one raised."""
        *before, last = self._models
        for model in before:
            try:
                return await model.complete(
                    system=system,
                    prompt=prompt,
                    output=output,
                    max_tokens=max_tokens,
                    temperature=temperature,
                    seed=seed,
                    grammar=grammar,
                )
            except (ModelAway, ModelRefused) as error:
                _log.warning("model_passed_over", model=model.name, reason=str(error))
        return await last.complete(
            system=system,
            prompt=prompt,
            output=output,
            max_tokens=max_tokens,
            temperature=temperature,
            seed=seed,
            grammar=grammar,
        )

    async def stream(
        self,
        *,
        system: str,
        prompt: str,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int | None = None,
    ) -> AsyncGenerator[str]:
        """See `LanguageModel.stream`. Once a piece was given there is no other model."""
        for model in self._models:
            pieces = model.stream(
                system=system,
                prompt=prompt,
                max_tokens=max_tokens,
                temperature=temperature,
                seed=seed,
            )
            begun = False
            try:
                async with aclosing(pieces):
                    async for piece in pieces:
                        begun = True
                        yield piece
            except (ModelAway, ModelRefused) as error:
                if begun or model is self._models[-1]:
                    raise
                _log.warning("model_passed_over", model=model.name, reason=str(error))
            else:
                return

    async def aclose(self) -> None:
        """Close them all."""
        for model in self._models:
            await model.aclose()
