"""Keeps what is spent and reserved; holds the caps in one transaction for the whole fleet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.generation.spending.domain import Caps, Held, Scope, check_caps
from app.generation.spending.models import SpendingRow
from app.generation.spending.schemas import Cost, Grouping
from app.infra.llm.port import Spent

_CAPS_LOCK = 0x5350454E44
"""The advisory lock under which caps are read and reserved: of two instances at once, one waits."""

_LONGEST_LIST = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """One paid call, before it is made."""

    job_id: str
    step: str
    principal: str
    model: str
    token: str


class Spending:
    """The ledger that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def reserve(
        self,
        call: Call,
        estimate_usd: float | None,
        caps: Caps,
        *,
        now: datetime,
        until: datetime,
    ) -> None:
        """Set aside the most that a call may cost, if every cap allows it.

        Raises:
            CapReached: a cap does not, or the price is not known and there are caps.
            WriterAway: a cap does not at this moment, because of calls under way.
        """
        if caps.by_scope:
            await self._one_at_a_time()
            held: dict[Scope, Held] = {}
            for scope in caps.by_scope:
                held[scope] = await self._held(scope, call, now)
            check_caps(caps, held, model=call.model, estimate_usd=estimate_usd)
        row = await self._row(call)
        if row is None:
            row = SpendingRow(job_id=call.job_id, step=call.step, calls=0, lost=0)
            row.input_tokens = row.output_tokens = 0
            row.cost_usd = 0.0
            self._session.add(row)
        elif row.token not in {None, call.token}:
            row.lost += 1  # its owner died in the middle of a call
        row.principal, row.model, row.day = call.principal, call.model, now.date()
        row.reserved_usd = estimate_usd or 0.0
        row.reserved_until, row.token = until, call.token

    async def settle(self, call: Call, spent: Spent) -> None:
        """Put what a call took in the place of what was reserved for it. Once: a repetition adds nothing."""
        row = await self._row(call)
        if row is None or row.token != call.token:
            return
        row.calls += spent.calls
        row.input_tokens += spent.input_tokens
        row.output_tokens += spent.output_tokens
        unknown = row.cost_usd is None or spent.cost_usd is None
        row.cost_usd = None if unknown else (row.cost_usd or 0.0) + (spent.cost_usd or 0.0)
        _free(row)

    async def release(self, call: Call, *, lost: bool = False) -> None:
        """Give a reservation back: nothing was answered. `lost` where the provider may have worked for it."""
        row = await self._row(call)
        if row is None or row.token != call.token:
            return
        row.lost += lost
        if row.calls or row.lost:
            _free(row)
        else:
            await self._session.delete(row)

    async def costs(
        self,
        group: Grouping,
        *,
        since: date | None = None,
        job_id: str | None = None,
        limit: int = 100,
    ) -> list[Cost]:
        """What was spent, by one heading: days newest first, everything else dearest first."""
        column = _COLUMNS[group]
        query = _costs(column).group_by(column).limit(min(limit, _LONGEST_LIST))
        if since is not None:
            query = query.where(SpendingRow.day >= since)
        if job_id is not None:
            query = query.where(SpendingRow.job_id == job_id)
        order = (
            column.desc()
            if group == "day"
            else column
            if group == "step"
            else func.coalesce(func.sum(SpendingRow.cost_usd), 0.0).desc()
        )
        rows = await self._session.execute(query.order_by(order, column))
        return [_cost(row) for row in rows]

    async def of_day(self, now: datetime) -> Held:
        """What everybody has spent and reserved on the day (UTC) of `now`, as the fleet's cap counts it."""
        live = case((SpendingRow.reserved_until > now, SpendingRow.reserved_usd), else_=0.0)
        query = select(func.sum(SpendingRow.cost_usd), func.sum(live)).where(
            SpendingRow.day == now.date()
        )
        spent, reserved = (await self._session.execute(query)).one()
        return Held(spent or 0.0, reserved or 0.0)

    async def of_job(self, job_id: str) -> Cost | None:
        """What a job has cost; None where it made no paid call."""
        found = await self.costs("job", job_id=job_id)
        return found[0] if found else None

    async def _held(self, scope: Scope, call: Call, now: datetime) -> Held:
        own = (SpendingRow.job_id == call.job_id) & (SpendingRow.step == call.step)
        # What is reserved for this very call by a process that died is about to be replaced.
        others = (SpendingRow.reserved_until > now) & ~own
        live = case((others, SpendingRow.reserved_usd), else_=0.0)
        query = select(func.sum(SpendingRow.cost_usd), func.sum(live))
        match scope:
            case "job":
                query = query.where(SpendingRow.job_id == call.job_id)
            case "person":
                query = query.where(
                    SpendingRow.day == now.date(), SpendingRow.principal == call.principal
                )
            case "fleet":
                query = query.where(SpendingRow.day == now.date())
        spent, reserved = (await self._session.execute(query)).one()
        return Held(spent or 0.0, reserved or 0.0)

    async def _row(self, call: Call) -> SpendingRow | None:
        return await self._session.scalar(
            select(SpendingRow)
            .where(SpendingRow.job_id == call.job_id, SpendingRow.step == call.step)
            .with_for_update()
        )

    async def _one_at_a_time(self) -> None:
        """SQLite's writing units are one at a time already."""
        if self._session.get_bind().dialect.name == "postgresql":
            await self._session.execute(
                text("select pg_advisory_xact_lock(:lock)"), {"lock": _CAPS_LOCK}
            )


_COLUMNS: dict[Grouping, Any] = {
    "day": SpendingRow.day,
    "person": SpendingRow.principal,
    "model": SpendingRow.model,
    "job": SpendingRow.job_id,
    "step": SpendingRow.step,
}


def _free(row: SpendingRow) -> None:
    row.reserved_usd, row.reserved_until, row.token = 0.0, None, None


def _costs(column: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    unpriced = case((SpendingRow.cost_usd.is_(None), SpendingRow.calls), else_=0)
    return select(
        column,
        func.sum(SpendingRow.calls),
        func.sum(SpendingRow.input_tokens),
        func.sum(SpendingRow.output_tokens),
        func.sum(SpendingRow.cost_usd),
        func.sum(unpriced),
        func.sum(SpendingRow.lost),
    ).where((SpendingRow.calls > 0) | (SpendingRow.lost > 0))


def _cost(row: Sequence[Any]) -> Cost:
    group, calls, into, out, known, unpriced, lost = row
    return Cost(
        group=str(group),
        calls=calls,
        input_tokens=into,
        output_tokens=out,
        cost_usd=None if unpriced else (known or 0.0),
        known_usd=known or 0.0,
        unpriced=unpriced,
        lost=lost,
    )
