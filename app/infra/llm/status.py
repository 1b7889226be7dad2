"""What `ai-seo-blogger model status` shows: what is configured, and whether it can answer."""

import asyncio
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import httpx2

from app.infra.llm import catalogue
from app.infra.llm.failures import key_setting
from app.infra.llm.opening import FORMS
from app.infra.llm.port import Keys, ModelRefused
from app.infra.llm.pull import is_whole

_SECONDS = 5.0

_HOSTED: dict[str, tuple[str, dict[str, str]]] = {
    "openai": ("https://api.openai.com/v1", {"authorization": "Bearer {key}"}),
    "anthropic": (
        "https://api.anthropic.com/v1",
        {"x-api-key": "{key}", "anthropic-version": "2023-06-01"},
    ),
    "google": (
        "https://generativelanguage.googleapis.com/v1beta",
        {"x-goog-api-key": "{key}"},
    ),
    "compatible": ("", {"authorization": "Bearer {key}"}),
}
"""Address and headers, by prefix."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One configured model. What does not apply to its kind is None."""

    spec: str
    usable: bool
    detail: str
    """One sentence: what is there, or what to do."""
    pulled: bool | None = None
    path: str | None = None
    bytes: int | None = None
    sha256_ok: bool | None = None
    licence: str | None = None
    runtime: str | None = None


async def status(
    spec: str,
    *,
    keys: Keys,
    cache_dir: Path,
    base_url: str = "",
    path: Path | None = None,
) -> ModelStatus:
    """Look at one model without spending anything: no completion is asked for. Never raises."""
    prefix, _, name = spec.partition(":")
    if spec == "composer":
        return ModelStatus(spec, usable=True, detail="Built in; needs no model.")
    if prefix == "local":
        return await asyncio.to_thread(_local, spec, name or catalogue.DEFAULT, cache_dir, path)
    if prefix not in _HOSTED or not name:
        return ModelStatus(spec, usable=False, detail=f"No such model. Write one of: {FORMS}.")
    if prefix == "compatible" and not base_url:
        return ModelStatus(spec, usable=False, detail=f"{spec} needs an address: set LLM_BASE_URL.")
    key: str = getattr(keys, prefix)
    if prefix != "compatible" and not key:
        return ModelStatus(spec, usable=False, detail=f"Set {key_setting(spec)}.")
    address, headers = _HOSTED[prefix]
    return await _hosted(
        spec, address or base_url, {name: value.format(key=key) for name, value in headers.items()}
    )


async def _hosted(spec: str, base_url: str, headers: dict[str, str]) -> ModelStatus:
    """Ask for the list of models: free, and it shows that address and key are right."""
    url = f"{base_url.rstrip('/')}/models"
    try:
        async with httpx2.AsyncClient(timeout=_SECONDS) as client:
            answer = await client.get(url, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        detail = f"{url} does not answer ({type(error).__name__} within {_SECONDS:.0f} s)."
        return ModelStatus(spec, usable=False, detail=detail)
    if answer.status_code in {401, 403}:
        detail = f"The key is not accepted. Check {key_setting(spec)}."
        return ModelStatus(spec, usable=False, detail=detail)
    if answer.is_error:
        detail = f"{url} answers HTTP {answer.status_code}."
        return ModelStatus(spec, usable=False, detail=detail)
    return ModelStatus(spec, usable=True, detail=f"{base_url} answers, and the key is accepted.")


def _local(spec: str, name: str, cache_dir: Path, path: Path | None) -> ModelStatus:
    try:
        entry = catalogue.find(name)
    except ModelRefused as error:
        return ModelStatus(spec, usable=False, detail=str(error))
    file = path.expanduser() if path else entry.path_in(cache_dir)
    try:
        runtime = f"xllamacpp {version('xllamacpp')}"
    except PackageNotFoundError:
        runtime = None
    here = file.is_file()
    whole = is_whole(file, entry) if here else None
    command = f"ai-seo-blogger model pull {entry.name}"
    if runtime is None:
        detail = "The runtime xllamacpp is not installed (there is none for Windows)."
    elif not here:
        detail = f"Not pulled. Run: {command}"
    elif not whole:
        detail = f"The file's SHA-256 is wrong. Delete it and run: {command}"
    else:
        detail = f"{entry.title}: ready, for {entry.purpose}."
    return ModelStatus(
        spec,
        usable=bool(runtime and whole),
        detail=detail,
        pulled=here,
        path=str(file),
        bytes=file.stat().st_size if here else entry.bytes,
        sha256_ok=whole,
        licence=entry.licence,
        runtime=runtime,
    )
