"""Pays for the model calls of one try of one step: reserves before each, keeps what it took after it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from app.generation.spending.domain import Caps
from app.generation.spending.repository import Call, Spending
from app.generation.spending.tokens import bound_tokens
from app.infra.db import Database, waits_for_database
from app.infra.llm import (
    Completion,
    LanguageModel,
    ModelAway,
    ModelInvalid,
    ModelRefused,
    Prices,
    Question,
)
from app.infra.llm.measures import measured
from app.infra.llm.port import Spent, may_send

T = TypeVar("T")

_SHAPE_TOKENS = 1500
"""Room for the schema of a structured answer, which is sent along."""


class Purse:
    """What one try of a step pays from. Its key is the same wherever and however often the try is run."""

    def __init__(
        self,
        database: Database,
        prices: Prices,
        caps: Caps,
        *,
        job_id: str,
        step: str,
        principal: str,
        longest_s: float,
        now: Callable[[], datetime],
        may_pay: Callable[[], Awaitable[bool]],
    ) -> None:
        """`longest_s` is the longest that a call may take with all its retries.

        `may_pay` is asked before each call, and once more when its first byte is about to go out: a step may
        have been paused, or cut off, since it began.
        """
        self.key = f"{job_id}.{step}"
        self._database = database
        self._prices = prices
        self._caps = caps
        self._job_id = job_id
        self._step = step
        self._principal = principal
        self._longest = timedelta(seconds=longest_s)
        self._now = now
        self.may_pay = may_pay
        self._calls = 0

    def meter(self, model: LanguageModel) -> LanguageModel:
        """The model, each of whose calls is paid from here."""
        return MeteredModel(model, self)

    async def reserve(self, model: str, input_tokens: int, output_tokens: int) -> Call:
        """Set aside the most a call may cost.

        Raises:
            CapReached: a cap does not allow it.
            WriterAway: a cap does not allow it at this moment.
            CancelledError: this process was taken for dead, and its work over.
        """
        self._calls += 1
        call = Call(
            job_id=self._job_id,
            step=f"{self._step}.c{self._calls}",
            principal=self._principal,
            model=model,
            token=secrets.token_hex(16),
        )
        # The first look at the library's table takes a fifth of a second.
        estimate = await asyncio.to_thread(
            self._prices.cost_usd, model, input_tokens, output_tokens
        )

        async def keep(ledger: Spending) -> None:
            now = self._now()
            until = now + self._longest
            await ledger.reserve(call, estimate, self._caps, now=now, until=until)

        await self._write(keep)
        if not await self.may_pay():
            raise asyncio.CancelledError("dead")
        return call

    async def settle(self, call: Call, spent: Spent) -> None:
        """Keep what a call took."""
        await self._write(lambda ledger: ledger.settle(call, spent))

    async def release(self, call: Call, *, lost: bool = False) -> None:
        """Give back what was reserved for a call that was not answered."""
        await self._write(lambda ledger: ledger.release(call, lost=lost))

    @waits_for_database  # here, not by running the step again: its model was asked already
    async def _write(self, change: Callable[[Spending], Awaitable[None]]) -> None:
        async with self._database.unit() as session:
            await change(Spending(session))


class MeteredModel:
    """A `LanguageModel` whose calls are paid from a purse. Beside the port's three it raises `CapReached`."""

    def __init__(self, model: LanguageModel, purse: Purse) -> None:
        self._model = model
        self._purse = purse

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def is_small(self) -> bool:
        return self._model.is_small

    async def complete(self, question: Question[T]) -> Completion[T]:
        """See `LanguageModel.complete`. The request's key is the purse's."""
        shaped = question.output is not str
        into = (
            bound_tokens(question.system) + bound_tokens(question.prompt) + _SHAPE_TOKENS * shaped
        )
        # An answer in a wrong shape is asked for once more, with the first one in the prompt.
        calls = 1 + shaped
        most = question.max_tokens
        call = await self._purse.reserve(self.name, into * calls + most * shaped, most * calls)
        asked = may_send.set(self._purse.may_pay)
        try:
            with measured(self.name) as measure:
                answer = await self._model.complete(
                    replace(question, key=question.key or self._purse.key)
                )
                measure.answered(answer)
        except ModelInvalid as error:
            await self._purse.settle(call, error.spent)
            raise
        except ModelAway as error:
            await self._purse.release(call, lost=error.may_be_billed)
            raise
        except ModelRefused:
            await self._purse.release(call)
            raise
        except BaseException:
            await self._purse.release(call, lost=True)
            raise
        finally:
            may_send.reset(asked)
        await self._purse.settle(call, answer.spent)
        return answer

    async def aclose(self) -> None:
        """Close the model."""
        await self._model.aclose()
