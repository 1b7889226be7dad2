"""The three doors and the probes, put together: which address leads where, past which guards."""

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from app import __version__
from app.accounts.admin import desk_of_accounts
from app.accounts.api import create_accounts_router
from app.accounts.reception import Reception
from app.generation.admin import desk_of_jobs
from app.generation.api import create_jobs_router
from app.generation.batches.admin import desk_of_batches
from app.generation.batches.api import create_batches_router
from app.generation.control_api import create_control_router, create_queues_router
from app.generation.costs_api import create_costs_router
from app.lifecycle import Process
from app.metering import Metering
from app.ops.admin import desk_of_fleet
from app.ops.api import health_routes
from app.ops.scaling_api import create_scaling_router
from app.ops.service import Lookout
from app.posts.admin import desk_of_posts
from app.posts.api import create_posts_router
from app.posts.media.api import create_media_router
from app.posts.media.site import create_media_site
from app.posts.scheduling import pace_of
from app.posts.site import create_site
from app.posts.upkeep.admin import desk_of_upkeep
from app.posts.upkeep.api import create_upkeep_router
from app.proving import Proving, desk_of_proof, proof_door
from app.review.admin import desk_of_review
from app.review.api import create_analysis_router
from app.review.assessing import Assessor
from app.review.brief_api import create_brief_router
from app.review.page_audit.admin import desk_of_audits
from app.review.page_audit.api import create_audit_router
from app.review.thresholds.admin import desk_of_thresholds
from app.review.thresholds.api import create_thresholds_router
from app.web.addresses import read_networks
from app.web.bodies import BodyLimit, longest_body
from app.web.desk import create_desk, to_desk
from app.web.hosts import HostGuard, allowed_hosts
from app.web.limits import RateLimit, RateLimits
from app.web.origin import CrossOriginGuard
from app.web.problems import answer_with_problems


def create_doors(
    process: Process,
    reception: Reception,
    lookout: Lookout,
    proving: Proving,
    metering: Metering,
) -> list[BaseRoute]:
    """Every address of the program; the probes stand before all guards."""
    settings, ports = process.settings, process.ports
    principals = reception.principals
    own = (settings.fleet.address, process.address)
    hosts = Middleware(
        HostGuard, allowed=allowed_hosts(settings.allowed_hosts, settings.public_url, *own)
    )
    origin = Middleware(CrossOriginGuard, public_url=settings.public_url)
    limits = RateLimits(
        ports.limits, settings.limits, principals, read_networks(settings.trusted_proxies)
    )
    assess = Assessor(ports.database, settings, ports.now)
    desk = create_desk(
        [
            *desk_of_accounts(reception),
            *desk_of_jobs(ports, settings, principals, process.watching),
            *desk_of_batches(ports, settings, principals),
            *desk_of_posts(ports, principals, assess, pace_of(settings)),
            *desk_of_audits(ports, settings, principals),
            *desk_of_review(ports, settings, principals),
            *desk_of_upkeep(ports, principals, settings.public_url),
            *desk_of_thresholds(ports, settings, principals),
            *desk_of_proof(process, reception),
            *desk_of_fleet(ports, principals, lookout, process.drain, process.identity),
        ],
        settings,
    )
    return [
        *health_routes(process.health, interval_s=settings.balancer.interval_s),
        metering.route(principals),
        Mount(
            "/api/v1",
            _create_api(process, reception, lookout, proving),
            middleware=[
                hosts,
                Middleware(RateLimit, limits=limits),
                origin,
                Middleware(BodyLimit, max_bytes=longest_body(settings.media.max_bytes)),
            ],
        ),
        Route("/desk", to_desk, methods=["GET"]),
        Mount(
            "/desk",
            desk,
            middleware=[
                hosts,
                Middleware(RateLimit, limits=limits, plain=True),
                origin,
                Middleware(BodyLimit),
            ],
        ),
        Mount("/media", create_media_site(ports.blobs), middleware=[hosts, origin]),
        Mount(
            "/",
            create_site(ports.database, settings, pages=process.pages),
            middleware=[hosts, origin],
        ),
    ]


def _create_api(
    process: Process, reception: Reception, lookout: Lookout, proving: Proving
) -> FastAPI:
    settings, ports, principals = process.settings, process.ports, reception.principals
    api = FastAPI(
        title="AI SEO Blogger",
        version=__version__,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    answer_with_problems(api)
    scaling = create_scaling_router(
        ports,
        settings,
        principals,
        lookout=lookout,
        drain=process.drain,
        identity=process.identity,
        started_at=process.started_at,
    )
    for router in (
        create_accounts_router(reception),
        create_jobs_router(ports, settings, principals, process.watching),
        create_control_router(ports, principals),
        create_queues_router(ports, settings, principals),
        create_batches_router(ports, settings, principals),
        create_costs_router(ports, settings, principals),
        create_posts_router(ports, settings, principals),
        create_upkeep_router(ports, settings, principals),
        create_media_router(ports, settings.media, principals),
        create_analysis_router(ports, settings, principals),
        create_brief_router(ports, settings, principals),
        create_audit_router(ports, settings, principals),
        create_thresholds_router(ports, settings, principals),
        scaling,
        proof_door(process, reception),
        *proving.routers(principals, reception.sessions),
    ):
        api.include_router(router)
    return api
