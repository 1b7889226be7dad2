"""The periodic tasks of the fleet: what is done again and again, once for all instances.

A new one is one line in `add_tasks`. It may be begun twice (a process can be killed in the middle), so it must
not mind that; `ai-seo-blogger scale tasks` shows how it goes.
"""

from dataclasses import asdict
from datetime import timedelta

from app.config import Settings
from app.generation.reconciling import reconcile
from app.generation.repository import IdempotencyKeys
from app.infra.ports import Ports
from app.ops.repository import Probes
from app.ops.tasks import Tasks
from app.posts.indexing import fill_index
from app.posts.scheduling import pace_of, publish_due

PUBLISH_S = 5.0
"""How late a scheduled article is at most, seconds, while nobody dies."""

SETTLE_S = 3.0
"""How late a deadline is at most noticed, seconds, while nobody dies."""

INDEX_S = 20.0
"""How late an article of an older release is at most read for the index, seconds."""

_TEN_MINUTES, _HOUR = 600.0, 3600.0


def add_tasks(tasks: Tasks, ports: Ports, settings: Settings) -> None:
    """Give the process its tasks, before they are started."""
    database = ports.database

    async def publish() -> str:
        """Publish what is due; by the database's clock, which no instance is ahead of."""
        now = await database.moment()
        return str(await publish_due(database, now=now, pace=pace_of(settings)))

    async def purge_workflows() -> str:
        """Forget the steps of jobs that ended long ago."""
        before = await database.moment() - timedelta(days=settings.jobs.keep_days)
        return f"{await ports.enqueuer.purge(ended_before=before)} purged"

    async def purge_leftovers() -> str:
        """Forget idempotency keys whose day is over, and what killed checks wrote."""
        now = await database.moment()
        async with database.unit() as session:
            keys = await IdempotencyKeys(session).forget_expired(now=now)
            probes = await Probes(session).forget_expired(now=now)
        return f"{keys} keys, {probes} probes"

    async def settle_jobs() -> str:
        """End jobs that are late, park those that kill their process, mend what a crash left apart."""
        done = await reconcile(database, ports.enqueuer, await database.moment())
        changed = [f"{count} {what}" for what, count in asdict(done).items() if count]
        return ", ".join(changed) or "nothing to mend"

    async def index_articles() -> str:
        """Read articles for the index that are not in it as they are now."""
        return f"{await fill_index(database)} read"

    if settings.role != "web":  # Korean loads 340 MB, which an instance for readers need not have
        tasks.every(INDEX_S, "index-articles", index_articles)
    tasks.every(PUBLISH_S, "publish-scheduled", publish)
    tasks.every(SETTLE_S, "settle-jobs", settle_jobs)
    tasks.every(_HOUR, "purge-workflows", purge_workflows)
    tasks.every(_TEN_MINUTES, "purge-leftovers", purge_leftovers)
