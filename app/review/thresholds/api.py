"""The API's door to a site's thresholds: everybody at the desk reads them, the owner changes them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.config import Settings
from app.infra.ports import Ports
from app.review.thresholds import service
from app.review.thresholds.repository import Thresholds
from app.review.thresholds.schemas import ChangesIn, RestoreIn, ThresholdsOut, Version
from app.seo.thresholds import read_limits
from app.web.principals import Permission, Principal, Principals, require


def create_thresholds_router(ports: Ports, settings: Settings, principals: Principals) -> APIRouter:
    """The routes below `/thresholds`."""
    router = APIRouter(tags=["thresholds"])
    setting = read_limits(settings.seo.thresholds)
    reader = require(principals, Permission.READ)
    manager = require(principals, Permission.MANAGE)

    @router.get("/thresholds", dependencies=[Depends(reader)])
    async def thresholds() -> ThresholdsOut:
        """The thresholds that hold now: ours, the setting's, or the site's own."""
        async with ports.database.reading() as session:
            version = await Thresholds(session).current()
        return service.describe_thresholds(version, setting)

    @router.get("/thresholds/versions", dependencies=[Depends(reader)])
    async def versions(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[Version]:
        """Who set what and when, the latest first."""
        async with ports.database.reading() as session:
            return list(await Thresholds(session).versions(limit))

    @router.patch("/thresholds")
    async def change(body: ChangesIn, who: Annotated[Principal, Depends(manager)]) -> ThresholdsOut:
        """Set thresholds of the site, or take them back with null; they hold everywhere from then on."""
        async with ports.database.unit() as session:
            version = await service.change_thresholds(
                Thresholds(session),
                body.changes,
                by=who.name,
                now=ports.now(),
                based_on=body.based_on,
                note=" ".join(body.note.replace("\x00", " ").split()),
            )
        return service.describe_thresholds(version, setting)

    @router.post("/thresholds/restore")
    async def restore(
        body: RestoreIn, who: Annotated[Principal, Depends(manager)]
    ) -> ThresholdsOut:
        """Bring an earlier version back; without one, undo the last change."""
        async with ports.database.unit() as session:
            version = await service.restore_thresholds(
                Thresholds(session),
                body.version,
                by=who.name,
                now=ports.now(),
                based_on=body.based_on,
            )
        return service.describe_thresholds(version, setting)

    return router
