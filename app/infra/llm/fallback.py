"""Models in order: the next one answers when the one before is away or refuses."""

from collections.abc import Sequence
from typing import TypeVar

import structlog

from app.infra.llm.port import (
    Completion,
    LanguageModel,
    ModelAway,
    ModelFailed,
    ModelRefused,
    Question,
)

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

    async def complete(self, question: Question[T]) -> Completion[T]:
        """See `LanguageModel.complete`. When none answers, says of each why."""
        failures: list[ModelFailed] = []
        for model in self._models:
            try:
                return await model.complete(question)
            except (ModelAway, ModelRefused) as error:
                _pass_over(model, error, failures)
        raise none_answered(failures) from failures[-1]

    async def aclose(self) -> None:
        """Close them all."""
        for model in self._models:
            await model.aclose()


def in_order(models: Sequence[LanguageModel]) -> LanguageModel:
    """One model out of one or several."""
    return models[0] if len(models) == 1 else FallbackModel(models)


def none_answered(failures: Sequence[ModelFailed]) -> ModelFailed:
    """What becomes of a call that no model answered: away as long as waiting may help with one of them.

    The shortest wait that any asks for is the whole's.
    """
    if len(failures) == 1:
        return failures[0]
    message = " ".join(str(failure) for failure in failures)
    away = [failure for failure in failures if isinstance(failure, ModelAway)]
    if not away:
        return ModelRefused(message)
    asked = [each.retry_after_s for each in away if each.retry_after_s is not None]
    return ModelAway(
        message,
        retry_after_s=min(asked) if len(asked) == len(away) else None,
        may_be_billed=any(each.may_be_billed for each in away),
    )


def _pass_over(model: LanguageModel, error: ModelFailed, failures: list[ModelFailed]) -> None:
    failures.append(error)
    _log.warning("model_passed_over", model=model.name, reason=str(error))
