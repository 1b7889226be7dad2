"""Picks the store of files that an address names, with time limits that somebody can wait for."""

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store, from_url

from app.infra.blobs.objects import ObjectBlobs
from app.infra.blobs.port import BadBlobUrl

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_NAMES = {"file": "folder", "memory": "memory", "s3": "s3", "s3a": "s3", "gs": "gcs", "az": "azure"}
_OPTIONS = {"endpoint", "region"}

_CLIENT: "ClientConfig" = {
    "connect_timeout": timedelta(seconds=1),
    "timeout": timedelta(seconds=20),  # a whole file, up or down
}
_RETRY: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=3)}
"""Ten retries over three minutes is the library's choice, for work that nobody waits for."""


def open_blobs(url: str, folder: Path) -> ObjectBlobs:
    """Open a `BLOB_URL`; `folder` when it is empty.

    `file:///folder`, `s3://bucket/prefix` (with `?endpoint=http://host:port&region=…` for stores that are
    not Amazon's), `gs://bucket/prefix`, `az://container/prefix`, `memory://`. Keys and passwords come from
    the environment by the names of those services (`AWS_ACCESS_KEY_ID`, …), never from the address.

    Raises:
        BadBlobUrl: the address names no store that is known.
    """
    if not url:
        folder.mkdir(parents=True, exist_ok=True)
        return ObjectBlobs(LocalStore(folder), name="folder")
    scheme, separator, _ = url.partition("://")
    if scheme not in _NAMES or not separator:
        started = f"{scheme}://" if separator else "nothing://"
        raise BadBlobUrl(
            f"BLOB_URL starts with {started}; write s3://bucket/prefix or file:///folder"
        )
    try:
        parts = urlsplit(url)
    except ValueError:  # its message repeats what it was given
        raise BadBlobUrl("BLOB_URL is no address; write s3://bucket/prefix") from None
    if "@" in parts.netloc:
        raise BadBlobUrl(
            "BLOB_URL has a key in it; put that into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    match _NAMES[scheme]:
        case "folder":
            path = Path(unquote(parts.path))
            path.mkdir(parents=True, exist_ok=True)
            return ObjectBlobs(LocalStore(path), name="folder")
        case "s3":
            return _open_s3(parts.netloc, unquote(parts.path).strip("/"), parts.query)
        case "memory":
            return ObjectBlobs(from_url(url), name="memory")
        case name:
            try:
                store = from_url(url, client_options=_CLIENT, retry_config=_RETRY)
            except (BaseError, ValueError) as error:
                reason = type(error).__name__
                raise BadBlobUrl(f"BLOB_URL: {name} cannot be opened ({reason}).") from None
            return ObjectBlobs(store, name=name)


def _open_s3(bucket: str, prefix: str, asked: str) -> ObjectBlobs:
    query = {name: values[0] for name, values in parse_qs(asked).items()}
    if unknown := sorted(query.keys() - _OPTIONS):
        raise BadBlobUrl(f"BLOB_URL: unknown option {unknown[0]}; known: endpoint, region")
    if not bucket:
        raise BadBlobUrl("BLOB_URL names no bucket; write s3://bucket/prefix")
    endpoint = query.get("endpoint", "")
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise BadBlobUrl("BLOB_URL: the endpoint is an address; write ?endpoint=https://host:port")
    where: dict[str, str | bool] = {}
    if "region" in query:
        where["region"] = query["region"]
    if endpoint:
        where |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    # Options stand over the environment, which may say the endpoint too and that it is plain (AWS_ALLOW_HTTP).
    plain = endpoint.startswith("http://") if endpoint else _env_allows_http()
    client = cast("ClientConfig", {**_CLIENT, "allow_http": plain})
    store = S3Store(
        bucket,
        prefix=prefix or None,
        client_options=client,
        retry_config=_RETRY,
        **where,  # pyright: ignore[reportArgumentType]  # the names are S3Config's
    )
    return ObjectBlobs(store, name="s3")


def _env_allows_http() -> bool:
    return os.environ.get("AWS_ALLOW_HTTP", "").lower() in {"1", "true"}
