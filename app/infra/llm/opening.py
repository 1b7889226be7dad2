"""Which model a spec means: one `match` on its prefix."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from app.infra.llm import catalogue, providers
from app.infra.llm.failures import key_setting
from app.infra.llm.local import LocalModel
from app.infra.llm.port import Keys, LanguageModel, Limits, ModelRefused
from app.infra.llm.prices import Price

_PATIENCE = 5
"""A local model may take so many times the limit: its speed is the machine's, nobody waits in its queue,
and a busy machine would lose all that was written before."""

FORMS = (
    "composer (no model), local, local:NAME, openai:MODEL, anthropic:MODEL, google:MODEL, "
    "or compatible:MODEL with LLM_BASE_URL"
)


def open_model(
    spec: str,
    *,
    keys: Keys,
    limits: Limits,
    base_url: str = "",
    cache_dir: Path,
    path: Path | None = None,
    threads: int | None = None,
    prices: Mapping[str, Price] = MappingProxyType({}),
) -> LanguageModel:
    """The model of a spec; nothing is imported, connected or started before its first call.

    `cache_dir`, `path` and `threads` are for `local`; one opened local model is one server process,
    so open it once a process. `prices` are the user's own. Raises `ModelRefused` for a spec that is
    none, or one whose key or address is missing, and says what to set.
    """
    prefix, _, name = spec.partition(":")
    match prefix, name:
        case "local", _:
            entry = catalogue.find(name or catalogue.DEFAULT)
            return LocalModel(
                spec,
                entry=entry,
                path=path or entry.path_in(cache_dir),
                limits=replace(limits, seconds=limits.seconds * _PATIENCE),
                threads=threads,
            )
        case _, "":
            raise ModelRefused(f"LLM_MODEL={spec} is no model. Write one of: {FORMS}.")
        case "openai", _:
            key = _needed(keys.openai, spec)
            build = providers.build_openai(name, key)
        case "anthropic", _:
            key = _needed(keys.anthropic, spec)
            build = providers.build_anthropic(name, key)
        case "google", _:
            key = _needed(keys.google, spec)
            build = providers.build_google(name, key)
        case "compatible", _:
            if not base_url:
                raise ModelRefused(f"{spec} needs the server's address: set LLM_BASE_URL.")
            key = keys.compatible
            build = providers.build_compatible(name, key, base_url)
        case _:
            raise ModelRefused(f"LLM_MODEL={spec} is no model. Write one of: {FORMS}.")
    address = base_url if prefix == "compatible" else ""
    return providers.HostedModel(
        spec, build, limits=limits, secret=key, base_url=address, price=prices.get(spec)
    )


def provider_of(spec: str, base_url: str) -> str:
    """Who answers for a spec, as far as failures are shared: a service, or the server at an address.

    Empty for what runs on this machine, whose failures are nobody else's.
    """
    prefix = spec.partition(":")[0]
    if prefix != "compatible":
        return "" if prefix == "local" else prefix
    return f"compatible:{urlsplit(base_url).netloc.rpartition('@')[2]}"


def _needed(key: str, spec: str) -> str:
    if not key:
        raise ModelRefused(f"{spec} needs an API key: set {key_setting(spec)}.")
    return key
