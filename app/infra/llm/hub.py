"""Downloads a model's file from the hub over HTTP, going on where a broken download ended."""

from collections.abc import Callable
from pathlib import Path

import httpx2
import stamina

from app.infra.llm.catalogue import CatalogueModel, hub_path
from app.infra.llm.transfer import PullFailed

HUB = "https://huggingface.co"

_ANSWER_S = 5.0
"""Longest wait for the hub to answer at all."""
_STALL_S = 30.0
"""Longest pause between two pieces."""
_PARTIAL, _RANGE_WRONG = 206, 416


class HubAway(Exception):
    """The hub does not answer within 5 s, or does not give the file."""


class _Broken(Exception):
    """The connection broke off while the file came."""


def download(
    model: CatalogueModel, partial: Path, hub_url: str, told: Callable[[int], None]
) -> None:
    """Fill `partial` up to the model's size; what stands there already is not fetched again.

    Raises `HubAway` before the first byte, `PullFailed` when it breaks off for good.
    """
    url = f"{hub_url}/{hub_path(model)}"
    timeout = httpx2.Timeout(_STALL_S, connect=_ANSWER_S, pool=_ANSWER_S)
    with httpx2.Client(timeout=timeout, follow_redirects=True) as client:
        _reach(client, url)
        try:
            for attempt in stamina.retry_context(on=_Broken, attempts=4, timeout=None):
                with attempt:
                    _go_on(client, url, partial, model.bytes, told)
        except _Broken as error:
            raise PullFailed(
                f"The download of {model.name} broke off ({error}). What came is kept: "
                "run the pull again to go on."
            ) from error


def _reach(client: httpx2.Client, url: str) -> None:
    """Ask for the file's head, so that a dead hub costs seconds and not a stalled download."""
    try:
        answer = client.head(url, timeout=_ANSWER_S)
    except httpx2.HTTPError as error:
        raise HubAway(
            f"The hub does not answer ({type(error).__name__} within {_ANSWER_S:.0f} s)."
        ) from error
    if answer.is_error:
        raise HubAway(f"The hub does not give the file (HTTP {answer.status_code}).")


def _go_on(
    client: httpx2.Client, url: str, partial: Path, size: int, told: Callable[[int], None]
) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    if have > size:  # not ours: a file of this size can only be something else
        partial.unlink()
        have = 0
    if have == size:
        return
    # Compressed bytes could not be counted, nor gone on from.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with client.stream("GET", url, headers=headers) as answer:
            if answer.status_code == _RANGE_WRONG:
                partial.unlink()
                raise _Broken("the hub refused to go on; starting anew")
            if answer.is_error:
                raise _Broken(f"HTTP {answer.status_code}")
            resumed = answer.status_code == _PARTIAL and _begins_at(answer, have)
            with partial.open("ab" if resumed else "wb") as handle:
                done = have if resumed else 0
                # As they come: what is gathered to larger pieces is lost when the line breaks.
                for chunk in answer.iter_bytes():
                    done += len(chunk)
                    if done > size:
                        partial.unlink()
                        raise PullFailed("The hub sends more than the model has; nothing is kept.")
                    handle.write(chunk)
                    told(done)
    except httpx2.HTTPError as error:
        raise _Broken(str(error) or type(error).__name__) from error
    if done < size:
        raise _Broken(f"it ended after {done:,} of {size:,} bytes")


def _begins_at(answer: httpx2.Response, offset: int) -> bool:
    return answer.headers.get("content-range", "").startswith(f"bytes {offset}-")
