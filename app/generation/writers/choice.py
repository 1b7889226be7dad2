"""Which writer a setting means; each opened once a process, since a local model's server is shared."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.config import Settings
from app.generation.writers.composer import Composer
from app.generation.writers.port import Writer
from app.infra.llm import Keys, LanguageModel, Limits, ModelRefused, open_model
from app.kit.errors import Invalid

COMPOSER = "composer"


class Writers:
    """The writers of this process, by the name that `LLM_MODEL` gives them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._composer = Composer()
        self._models: dict[str, LanguageModel] = {}

    def is_paid(self, spec: str) -> bool:
        """Whether a writer's calls go over the fleet-wide queue of model calls."""
        return spec != COMPOSER

    def of(self, spec: str) -> Writer:
        """The writer of a spec.

        Raises:
            Invalid: the spec is none, or its key is missing; says what to set.
        """
        if spec == COMPOSER:
            return self._composer
        # The composer alone should not pay for what models need.
        from app.generation.writers.model import ModelWriter  # noqa: PLC0415  # as said above

        if spec not in self._models:
            self._models[spec] = open_configured(spec, self._settings)
        fall_back = self._settings.writing.fall_back or COMPOSER in self._settings.llm_fallbacks
        return ModelWriter(self._models[spec], self._composer, fall_back=fall_back)

    async def close(self) -> None:
        """Close connections and stop local models."""
        for model in self._models.values():
            await model.aclose()
        self._models.clear()


@asynccontextmanager
async def open_writers(settings: Settings) -> AsyncGenerator[Writers]:
    """The writers, closed at the end."""
    writers = Writers(settings)
    try:
        yield writers
    finally:
        await writers.close()


def check_spec(spec: str, settings: Settings) -> None:
    """Refuse a spec that could not write, before a job is accepted for it.

    Raises:
        Invalid: it is none, or its key is missing; says what to set.
    """
    if spec != COMPOSER:
        open_configured(spec, settings)


def open_configured(spec: str, settings: Settings) -> LanguageModel:
    """The model of a spec, as the settings say. Nothing is connected or started yet.

    Raises:
        Invalid: the spec is none, or its key is missing.
    """
    try:
        return open_model(
            spec,
            keys=keys_of(settings),
            limits=Limits(
                seconds=settings.models.seconds,
                attempts=settings.models.attempts,
                concurrency=settings.jobs.llm_concurrency,
            ),
            base_url=settings.llm_base_url,
            fallbacks=[name for name in settings.llm_fallbacks if name != COMPOSER],
            cache_dir=settings.models.cache_dir.expanduser(),
            path=settings.models.path,
            threads=settings.models.threads,
        )
    except ModelRefused as error:
        raise Invalid(str(error)) from error


def keys_of(settings: Settings) -> Keys:
    """The providers' keys of the settings."""
    return Keys(
        openai=settings.openai_api_key.get_secret_value(),
        anthropic=settings.anthropic_api_key.get_secret_value(),
        google=settings.google_api_key.get_secret_value(),
        compatible=settings.llm_api_key.get_secret_value(),
    )
