"""An instance of the program itself, as an operator starts it."""

import http
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from app.cluster.processes import Server, free_port


class Instance(Server):
    """`ai-seo-blogger serve` on loopback, with a data folder of its own and nothing of our environment."""

    name = "instance"
    grace_s: ClassVar = 150.0  # a drain may take its deadline
    # Neither balancer nor database is there any more: nobody is left to serve, and steps end where they
    # stand, as they would with the machine; the next start goes on from the last that had ended.
    lost_grace_s: ClassVar = 5.0

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        home: Path | None = None,
        port: int | None = None,
        number: int = 1,
    ) -> None:
        super().__init__(home=home, port=port)
        self.number = number
        """By which people name it. Those of instances that left are given again."""
        self.metrics_port: int | None = None
        """Where it tells its metrics without a key, if it shall."""
        self.settings = dict(settings)
        """By the names of the environment. Those set here stand over those it gives itself."""

    @property
    def address(self) -> str:
        """Where a balancer reaches it."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where it is reached past the balancer."""
        return f"http://{self.address}"

    @property
    def data(self) -> Path:
        """Its `DATA_DIR`, unless that is set."""
        return self.home / "data"

    def choose_port(self) -> None:
        """Look for other ports, since somebody took one of them."""
        super().choose_port()
        if self.metrics_port is not None:
            self.metrics_port = free_port()

    def environment(self) -> Mapping[str, str]:
        """The settings it is given."""
        own = {"DATA_DIR": str(self.data), "APP_FLEET__ADDRESS": self.address}
        if self.metrics_port is not None:
            own["APP_METRICS__PORT"] = str(self.metrics_port)
        return {**super().environment(), **own, **self.settings}

    def prepare(self) -> None:
        """Make its data folder."""
        self.data.mkdir(exist_ok=True)

    def command(self) -> list[str]:
        """Serve, by this very Python."""
        here = ("--host", "127.0.0.1", "--port", str(self.port))
        return [sys.executable, "-m", "app", "serve", *here]

    def answers(self) -> bool:
        """Whether it is ready for everything."""
        return self.asked("/health/readiness") == http.HTTPStatus.OK
