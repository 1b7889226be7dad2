"""Which writer a setting means; each opened once a process, since a local model's server is shared."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from app.config import Settings
from app.generation.writers.composer import Composer
from app.generation.writers.port import Writer
from app.infra.kv import Store, open_store
from app.infra.llm import (
    BadPrices,
    Circuit,
    CircuitLimits,
    CircuitModel,
    Keys,
    LanguageModel,
    Limits,
    ModelRefused,
    Prices,
    in_order,
    open_model,
    provider_of,
    read_prices,
)
from app.infra.llm.prices import Price
from app.kit.errors import Invalid

COMPOSER = "composer"


class Writers:
    """The writers of this process, by the name that `LLM_MODEL` gives them."""

    def __init__(self, settings: Settings, store: Store) -> None:
        """`store` is where the circuits of providers are kept.

        Raises:
            Invalid: the price table cannot be used.
        """
        self.prices = open_prices(settings)
        self._settings = settings
        self._store = store
        self._composer = Composer()
        self._models: dict[str, LanguageModel] = {}
        self._circuits: dict[str, Circuit] = {}

    def is_paid(self, spec: str) -> bool:
        """Whether a writer's calls go over the fleet-wide queue of model calls."""
        return spec != COMPOSER

    def of(
        self, spec: str, meter: Callable[[LanguageModel], LanguageModel] = lambda model: model
    ) -> Writer:
        """The writer of a spec, with the fallbacks behind it. `meter` wraps each model by itself.

        Raises:
            Invalid: the spec is none, or its key is missing; says what to set.
        """
        if spec == COMPOSER:
            return self._composer
        # The composer alone should not pay for what models need.
        from app.generation.writers.model import ModelWriter  # noqa: PLC0415  # as said above

        models = [meter(self._model(each)) for each in chain_of(spec, self._settings)]
        fall_back = self._settings.writing.fall_back or COMPOSER in self._settings.llm_fallbacks
        return ModelWriter(in_order(models), self._composer, fall_back=fall_back)

    def model_of(self, spec: str, meter: Callable[[LanguageModel], LanguageModel]) -> LanguageModel:
        """The model of a spec alone, without fallbacks. `meter` wraps it.

        Raises:
            Invalid: the spec is none, or its key is missing; says what to set.
        """
        return meter(self._model(spec))

    async def close(self) -> None:
        """Close connections and stop local models."""
        for model in self._models.values():
            await model.aclose()
        self._models.clear()

    def _model(self, spec: str) -> LanguageModel:
        if spec not in self._models:
            model = open_configured(spec, self._settings, self.prices.own)
            provider = provider_of(spec, self._settings.llm_base_url)
            self._models[spec] = CircuitModel(model, self._circuit(provider)) if provider else model
        return self._models[spec]

    def _circuit(self, provider: str) -> Circuit:
        given = self._settings.models
        limits = CircuitLimits(
            failures=given.circuit_failures,
            rest_s=given.circuit_rest_s,
            most_s=given.circuit_most_s,
            probe_s=given.seconds,
        )
        return self._circuits.setdefault(provider, Circuit(provider, self._store, limits))


@asynccontextmanager
async def open_writers(settings: Settings, store: Store | None = None) -> AsyncGenerator[Writers]:
    """The writers, closed at the end. Without a `store` they open that of the settings for themselves."""
    shared = store or open_store(settings.redis_url)
    writers = Writers(settings, shared)
    try:
        yield writers
    finally:
        await writers.close()
        if store is None:
            await shared.close()


def chain_of(spec: str, settings: Settings) -> list[str]:
    """The models asked in order: the one chosen, then the fallbacks."""
    return list(dict.fromkeys((spec, *(x for x in settings.llm_fallbacks if x != COMPOSER))))


def longest_call_s(settings: Settings) -> float:
    """The longest one call may take with all its tries, seconds; some more for the waits between them."""
    return (settings.models.seconds + Limits().wait_s) * settings.models.attempts + 60


def open_prices(settings: Settings) -> Prices:
    """The price table of the settings over the library's.

    Raises:
        Invalid: the user's file cannot be used; says why.
    """
    try:
        return Prices(read_prices(settings.prices.file), settings.llm_base_url)
    except BadPrices as error:
        raise Invalid(str(error)) from error


def check_spec(spec: str, settings: Settings) -> None:
    """Refuse a spec that could not write, before a job is accepted for it.

    Raises:
        Invalid: it is none, or its key is missing; says what to set.
    """
    if spec != COMPOSER:
        for each in chain_of(spec, settings):
            open_configured(each, settings)
        judge = settings.writing.judge
        if ":" in judge:
            try:
                open_configured(judge, settings)
            except Invalid as error:
                raise Invalid(f"APP_WRITING__JUDGE={judge} cannot be asked. {error}") from error


def open_configured(
    spec: str, settings: Settings, prices: Mapping[str, Price] = MappingProxyType({})
) -> LanguageModel:
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
            cache_dir=settings.models.cache_dir.expanduser(),
            path=settings.models.path,
            threads=settings.models.threads,
            prices=prices,
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
