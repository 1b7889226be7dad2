"""The API's door to costs: what an article would take, and what was spent."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.config import Settings
from app.generation.api import ArticleIn
from app.generation.intake import estimate_request
from app.generation.spending.repository import Spending
from app.generation.spending.schemas import Cost, Estimate, Grouping
from app.infra.ports import Ports
from app.web.fields import Line
from app.web.principals import Permission, Principals, require


def create_costs_router(ports: Ports, settings: Settings, principals: Principals) -> APIRouter:
    """An estimate for who may write; everybody's spending for who operates the fleet."""
    router = APIRouter(tags=["costs"])

    @router.post("/estimate", dependencies=[Depends(require(principals, Permission.WRITE))])
    async def estimate(body: ArticleIn) -> Estimate:
        """What `POST /generate-post` with the same body would take. Nothing is kept, fetched or paid."""
        return await estimate_request(
            settings,
            keyword=body.keyword,
            sources=[(source.url, source.text, source.rights) for source in body.sources],
            language=body.language,
            model=body.model,
            now=ports.now(),
        )

    @router.get("/costs", dependencies=[Depends(require(principals, Permission.OPERATE))])
    async def costs(
        by: Grouping = "day",
        since: date | None = None,
        job: Line | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> list[Cost]:
        """What was spent on models, by day (UTC), person, model, job or step."""
        async with ports.database.reading() as session:
            return await Spending(session).costs(by, since=since, job_id=job, limit=limit)

    return router
