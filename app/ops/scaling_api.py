"""The API's door to the fleet: what it is, whether it is stateless, and leaving it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.config import Settings
from app.infra.ports import Ports
from app.kit.errors import Conflict, NotFound
from app.kit.speech import language_wanted
from app.ops.drain import Drain
from app.ops.instances import Identity, ask_to_drain
from app.ops.service import Lookout, describe, public_info, scaling_info, without_hints
from app.web.fields import Line
from app.web.principals import Permission, Principals, may, require

_FRESH_S = 1.0
"""How old a result may be that an operator is answered with."""


class LeaveIn(BaseModel):
    """Leave, or come back: this instance, or another by its executor id."""

    model_config = ConfigDict(extra="forbid")

    on: bool
    instance: Line | None = Field(default=None, description="Unset: the instance that answers.")


class LeaveOut(BaseModel):
    """What was asked, and how far this instance has come (another says so in the list of instances)."""

    instance: str
    draining: bool
    stage: str | None


def create_scaling_router(
    ports: Ports,
    settings: Settings,
    principals: Principals,
    *,
    lookout: Lookout,
    drain: Drain,
    identity: Identity,
    started_at: datetime,
) -> APIRouter:
    """The routes under `/scaling`: two for everybody, more of them for who operates the fleet."""
    router = APIRouter(prefix="/scaling", tags=["scaling"])
    operates = Depends(may(principals, Permission.OPERATE))

    @router.get("/info")
    async def info(
        request: Request, response: Response, operator: Annotated[bool, operates]
    ) -> dict[str, Any]:
        """This instance, whether it is stateless, the balancer's policy, and what to change.

        Anybody sees the shape; who operates the fleet sees hosts, details and every instance.
        """
        language = _language(request, response)
        described = describe(identity, started_at, ports.now())
        if operator:
            found = await lookout.look(language, at_most_s=_FRESH_S)
            return scaling_info(found, described, settings.balancer)
        found = await lookout.look(language)
        return public_info(scaling_info(found, described, settings.balancer))

    @router.get("/checklist")
    async def checklist(
        request: Request, response: Response, operator: Annotated[bool, operates]
    ) -> dict[str, Any]:
        """The two checklists of the scaling guide, ticked by what the checks found."""
        lists = (await lookout.look(_language(request, response))).checklists
        return lists if operator else without_hints(lists)

    @router.post(
        "/drain", status_code=202, dependencies=[Depends(require(principals, Permission.OPERATE))]
    )
    async def ask_drain(body: LeaveIn) -> LeaveOut:
        """Let an instance leave, or come back: probes say no, no new jobs, streams reconnect elsewhere."""
        if body.instance in {None, identity.executor_id}:
            return await _ask_here(drain, identity, leave=body.on)
        return await _ask_elsewhere(ports, str(body.instance), leave=body.on)

    return router


async def _ask_here(drain: Drain, identity: Identity, *, leave: bool) -> LeaveOut:
    if leave:
        drain.begin()
    elif not await drain.come_back():
        raise Conflict("This instance was told to end, so it cannot come back.")
    return LeaveOut(instance=identity.executor_id, draining=drain.draining, stage=drain.stage.value)


async def _ask_elsewhere(ports: Ports, executor_id: str, *, leave: bool) -> LeaveOut:
    if not await ask_to_drain(ports.database, executor_id, leave=leave):
        raise NotFound(
            f"There is no instance {executor_id}. GET /api/v1/scaling/info lists those there are."
        )
    return LeaveOut(instance=executor_id, draining=leave, stage=None)


def _language(request: Request, response: Response) -> str:
    language = language_wanted(request.headers.get("accept-language", ""))
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language, Authorization, Cookie"
    response.headers["Cache-Control"] = "no-store"
    return language
