"""The desk's door to the fleet: who lives, what differs, what to change, and who shall leave."""

from collections import Counter
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.infra.db import AWAY
from app.infra.ports import Ports
from app.kit.errors import Conflict, NotFound
from app.kit.speech import say, spoken
from app.ops.bounded import within
from app.ops.drain import Drain
from app.ops.instances import Identity, Instance, ask_to_drain
from app.ops.repository import TaskState
from app.ops.service import Lookout
from app.ops.tasks import list_tasks
from app.web.desk import go, guarded, render_desk
from app.web.forms import read_form
from app.web.principals import Permission, Principal, Principals

_FRESH_S = 1.0
"""How old a look at the fleet may be."""

_WORST_FIRST = {"error": 0, "warning": 1, "ok": 2}

_MUST_AGREE = ("version", "git_revision", "schema_head")


def desk_of_fleet(
    ports: Ports, principals: Principals, lookout: Lookout, drain: Drain, identity: Identity
) -> list[Route]:
    """The pages below `/desk` about the fleet, for who operates it."""

    async def fleet(request: Request, _person: Principal) -> Response:
        """The instances, what differs between them, the checks and what to change."""
        info = await lookout.look(spoken(), at_most_s=_FRESH_S)
        return render_desk(
            request,
            "fleet.html",
            info=info,
            checks=sorted(info.checks.items(), key=lambda named: _WORST_FIRST[named[1]["status"]]),
            own=identity.executor_id,
            tasks=await _tasks(ports),
            odd={name: _odd(info.live, name) for name in _MUST_AGREE},
            said=request.query_params.get("said", ""),
        )

    async def leave(request: Request, _person: Principal) -> Response:
        """Let an instance leave, or come back: this one at once, another with its next beat."""
        form = await read_form(request)
        executor_id, leaves = form.line("instance"), form.values.get("on") == "yes"
        if executor_id == identity.executor_id:
            if leaves:
                drain.begin()
            elif not await drain.come_back():
                raise Conflict(say("This instance was told to end, so it cannot come back."))
        elif not await ask_to_drain(ports.database, executor_id, leave=leaves):
            raise NotFound(say("There is no such instance; it may have ended."))
        return go(f"/desk/fleet?said={'leaves' if leaves else 'returns'}")

    return [
        guarded("/fleet", fleet, principals, Permission.OPERATE),
        guarded("/fleet/drain", leave, principals, Permission.OPERATE, "POST"),
    ]


async def _tasks(ports: Ports) -> list[TaskState]:
    """The periodic tasks; none where the database does not say within a second."""
    try:
        return await within(1.0, list_tasks(ports.database))
    except (*AWAY, TimeoutError):
        return []


def _odd(live: Sequence[Instance], name: str) -> frozenset[str]:
    """The executor ids of live instances whose value is not what most have."""
    values = {instance.executor_id: str(getattr(instance, name)) for instance in live}
    usual = Counter(values.values()).most_common(1)
    return frozenset(key for key, value in values.items() if usual and value != usual[0][0])
