"""The database: where it is, whether it is up to date, whether it lets the whole fleet in."""

from app.infra.db import POOL_SIZE
from app.infra.db.migrate import Standing, current, head, stands
from app.infra.durable import ENGINE_CONNECTIONS, ENQUEUER_CONNECTIONS
from app.infra.scope import Scope
from app.ops.checks.stores import DATABASE_LINE
from app.ops.findings import Finding, Level, phrase
from app.ops.repository import count_connections
from app.ops.situation import Situation

_OWN_CONNECTIONS = 2
"""The lease's, and that of the health checks."""


async def database(situation: Situation) -> Finding:
    """Where articles, people and jobs are."""
    opened = situation.ports.database
    name = "sqlite" if opened.is_sqlite else "postgresql"
    detail = {"database": name, "scope": str(opened.scope)}
    if Scope(opened.scope) is Scope.FLEET:
        await situation.require_tables()
    if await situation.has_tables():
        await situation.through_database()
    if Scope(opened.scope) is not Scope.FLEET:
        return Finding(
            "scaling.E021",
            Level.ERROR,
            phrase("The database is a file of this host (SQLite)."),
            hint=phrase("Set {line}"),
            values={"line": DATABASE_LINE},
            detail=detail,
        )
    return Finding(
        "scaling.I022",
        Level.OK,
        phrase("The database is one that every instance reaches (PostgreSQL)."),
        detail=detail,
    )


async def schema(situation: Situation) -> Finding:
    """Whether database and program agree, here and on every other instance."""
    opened = situation.ports.database
    if opened.is_sqlite and not await situation.has_tables():
        return Finding(
            "scaling.I085", Level.OK, phrase("There is no database yet; the first start makes it.")
        )
    at, needed = await current(opened), head()
    standing = stands(at)
    if standing is Standing.AHEAD:
        return Finding(
            "scaling.W086",
            Level.WARNING,
            phrase(
                "A newer release has brought the database to revision {at}; this one knows {needed}."
            ),
            hint=phrase("Finish the rolling update: restart this instance on the newer release."),
            values={"at": at, "needed": needed},
            detail={"database": at, "program": needed},
        )
    if standing is Standing.BEHIND:
        return Finding(
            "scaling.E081",
            Level.ERROR,
            phrase("The database is at revision {at}, and this program needs {needed}."),
            hint=phrase("Run: ai-seo-blogger db upgrade"),
            values={"at": at or "-", "needed": needed},
            detail={"database": at, "program": needed},
        )
    live = (await situation.around()).live
    heads = {instance.instance_id: instance.schema_head for instance in live}
    versions = {instance.instance_id: instance.version for instance in live}
    others = sorted(name for name, its in heads.items() if its != needed)
    if others:
        return Finding(
            "scaling.W082",
            Level.WARNING,
            phrase("These instances run a release with another schema: {instances}."),
            hint=phrase("Finish the rolling update: restart them on the new release."),
            values={"instances": ", ".join(others)},
            detail={"program": needed, "instances": heads},
        )
    if len(set(versions.values())) > 1:
        return Finding(
            "scaling.W083",
            Level.WARNING,
            phrase("Instances run different releases: {versions}."),
            hint=phrase("Finish the rolling update: restart them on the new release."),
            values={"versions": ", ".join(sorted(set(versions.values())))},
            detail={"versions": versions},
        )
    return Finding(
        "scaling.I084",
        Level.OK,
        phrase("The database and every instance are at revision {needed}."),
        values={"needed": needed},
        detail={"database": at, "program": needed, "instances": heads},
    )


async def connections(situation: Situation) -> Finding:
    """Whether the server lets in as many connections as all instances may open."""
    opened = situation.ports.database
    counted = None if opened.is_sqlite else await count_connections(opened)
    if counted is None:
        return Finding(
            "scaling.I091", Level.OK, phrase("SQLite has no limit of connections to run into.")
        )
    each = POOL_SIZE + ENGINE_CONNECTIONS + ENQUEUER_CONNECTIONS + _OWN_CONNECTIONS
    instances = max(1, len((await situation.around()).live))
    most = counted.most - counted.reserved
    values = {
        "instances": instances,
        "each": each,
        "need": instances * each,
        "most": most,
        "next": (instances + 1) * each,
        "ask": (instances + 1) * each + counted.reserved,
    }
    detail = {**values, "reserved": counted.reserved, "used": counted.used}
    hint = phrase(
        "Set max_connections={ask} in postgresql.conf, or put PgBouncer in between "
        "(in session mode: leases and LISTEN need it)."
    )
    if values["need"] > most:
        return Finding(
            "scaling.E092",
            Level.ERROR,
            phrase(
                "{instances} instances may open {need} connections ({each} each), "
                "and the server lets in {most}."
            ),
            hint=hint,
            values=values,
            detail=detail,
        )
    if values["next"] > most:
        return Finding(
            "scaling.W093",
            Level.WARNING,
            phrase(
                "One more instance, as in a rolling update, may open {next} connections in all, "
                "and the server lets in {most}."
            ),
            hint=hint,
            values=values,
            detail=detail,
        )
    return Finding(
        "scaling.I094",
        Level.OK,
        phrase("{instances} × {each} connections fit into the server's {most}."),
        values=values,
        detail=detail,
    )
