"""The calling process's own view on scaling out: opens what the settings name, looks, closes it again."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.config import Settings
from app.infra.ports import Ports, open_ports, utc_now
from app.ops.background import Background
from app.ops.bounded import within
from app.ops.instances import Identity, new_identity
from app.ops.service import FleetInfo, balancer_config, describe, fleet_info, scaling_info
from app.ops.survey import LIMIT_S

_CLOSE_S = 1.0
_LOOK_S = 3 * LIMIT_S + _CLOSE_S
"""Longest wait for everything: the checks run at once, each with its second."""


class HorizontalScaling:
    """The interface of the scaling guide. Each method has an asynchronous twin, for callers with a loop.

    It describes the calling process, takes no lease and runs no jobs. Nothing is opened before it is needed.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        *,
        open_ports: Callable[[Settings], Ports] = open_ports,
        language: str = "en",
    ) -> None:
        self._settings = settings
        self._open_ports = open_ports
        self._language = language
        self._background = Background()
        self._identity: Identity = new_identity()
        self._started_at: datetime = utc_now()

    def get_instance_info(self) -> dict[str, Any]:
        """`instance_id`, `hostname`, `pid`, `start_time` and `uptime_seconds` of the calling process."""
        return describe(self._identity, self._started_at, utc_now())

    def check_stateless(self, language: str | None = None) -> dict[str, Any]:
        """`{stateless, checks}`: per check `{status, id, message, hint, detail}`."""
        return self._background.run(self.check_stateless_async(language), limit_s=_LOOK_S)

    async def check_stateless_async(self, language: str | None = None) -> dict[str, Any]:
        """As `check_stateless`."""
        info = await self.look(language)
        return {"stateless": info.stateless, "checks": info.checks}

    def get_load_balancer_config(self) -> dict[str, Any]:
        """The balancer's policy: `health_check` as the guide writes it, and ours beside."""
        return balancer_config(self._settings().balancer)

    def get_scaling_recommendations(self, language: str | None = None) -> dict[str, Any]:
        """What to change, by `database`, `cache`, `session`, `general`, `files`, `logs`; empty if nothing.

        Each: `priority`, `message`, `benefit`, and under `env` the lines to put into `.env`.
        """
        return self._background.run(
            self.get_scaling_recommendations_async(language), limit_s=_LOOK_S
        )

    async def get_scaling_recommendations_async(
        self, language: str | None = None
    ) -> dict[str, Any]:
        """As `get_scaling_recommendations`."""
        return (await self.look(language)).recommendations

    async def info(self, language: str | None = None) -> dict[str, Any]:
        """All of it, as `GET /api/v1/scaling/info` answers an operator."""
        return self.describe(await self.look(language))

    def describe(self, found: FleetInfo) -> dict[str, Any]:
        """A look as `GET /api/v1/scaling/info` answers it to an operator."""
        return scaling_info(found, self.get_instance_info(), self._settings().balancer)

    async def look(self, language: str | None = None) -> FleetInfo:
        """Everything that is known of the fleet and this process's settings."""
        settings = self._settings()
        ports = self._open_ports(settings)
        try:
            return await fleet_info(ports, settings, language=language or self._language)
        finally:
            await _close(ports)


async def _close(ports: Ports) -> None:
    with contextlib.suppress(
        Exception
    ):  # what is away cannot be closed properly; the answer stands
        await within(_CLOSE_S, ports.close())
