"""A circuit breaker per provider, shared by the fleet: what one instance learnt, the others need not pay for.

Its state is a few short-lived keys of the shared store, so nothing has to be cleaned up:

- `failures`: how many calls in a row failed; forgotten after a while without one, or by a call that succeeds.
- `open`: while it is there nobody asks. Its time to live is the rest.
- `tripped`: there while the provider has not answered since; then one call at a time goes through.
- `probe`: whose turn that is.
- `trips`: how often in a row it opened; each time it rests twice as long, up to the limit.

While the store is away each process judges for itself, in its own memory.
"""

import json
import secrets
import time
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

import structlog
from prometheus_client import Gauge

from app.infra.kv import MemoryStore, Store, StoreAway
from app.infra.llm.port import Completion, LanguageModel, ModelAway, ModelFailed, Question

T = TypeVar("T")

_log = structlog.get_logger(__name__)

_FORGET_S = 300.0
"""Failures further apart than this are not in a row."""
_REMEMBER_S = 3600.0
"""How long, after its rest, a provider that nobody asked since is still probed first."""

_OPEN_UNTIL = Gauge(
    "blogger_llm_circuit_open_until_seconds",
    "Until when this process will not ask a provider, as far as it knows; 0 once that answered.",
    ["provider"],
)

_RESTING = "{spec} is not asked for {seconds:.0f} s: its provider failed {failures} ({reason})."
_PROBED = (
    "{spec} is not asked now: after its provider failed, another call is the first to try it again."
)


@dataclass(frozen=True, slots=True)
class CircuitLimits:
    """When a circuit opens and how long it stays so, seconds."""

    failures: int = 3
    rest_s: float = 15.0
    most_s: float = 300.0
    probe_s: float = 120.0
    """After so long a probe counts as lost, and the next call may be one."""


class Circuit:
    """One provider's. Every call that `admit` let through reports `succeeded`, `failed` or `gave_up`."""

    def __init__(self, provider: str, store: Store, limits: CircuitLimits) -> None:
        self._prefix = f"circuit:{quote(provider, safe=':.[]')[:200]}:"
        self._open_until = _OPEN_UNTIL.labels(provider[:200])
        self._shared = store
        self._alone = MemoryStore(max_bytes=64 * 1024)
        self._limits = limits

    async def admit(self, spec: str) -> bytes:
        """Let a call through; answers its mark.

        Raises:
            ModelAway: nobody asks this provider now; says for how long.
        """
        try:
            return await self._admit(self._shared, spec)
        except StoreAway:
            return await self._admit(self._alone, spec)

    async def succeeded(self) -> None:
        """The provider answered, be it with a refusal."""
        self._open_until.set(0)
        await self._forget(self._alone)
        try:
            await self._forget(self._shared)
        except StoreAway:
            return

    async def failed(self, error: ModelAway) -> None:
        """The provider did not answer."""
        try:
            await self._count(self._shared, error)
        except StoreAway:
            await self._count(self._alone, error)

    async def gave_up(self, mark: bytes) -> None:
        """The call ended without an answer and without a failure: it was cancelled."""
        for store in (self._alone, self._shared):
            try:
                await store.delete_if(f"{self._prefix}probe", mark)
            except StoreAway:
                return

    async def _admit(self, store: Store, spec: str) -> bytes:
        mark = secrets.token_hex(8).encode()
        if not await store.get(f"{self._prefix}tripped"):
            return mark
        if resting := await store.get(f"{self._prefix}open"):
            told = json.loads(resting)
            self._open_until.set(float(told["until"]))
            left = max(1.0, float(told["until"]) - time.time())
            message = _RESTING.format(
                spec=spec, seconds=left, failures=_times(told["failures"]), reason=told["reason"]
            )
            raise ModelAway(message, retry_after_s=left)
        if await store.add(f"{self._prefix}probe", mark, ttl_s=self._limits.probe_s):
            return mark
        raise ModelAway(_PROBED.format(spec=spec), retry_after_s=self._limits.rest_s)

    async def _forget(self, store: Store) -> None:
        for name in ("failures", "trips", "tripped", "open", "probe"):
            await store.delete(f"{self._prefix}{name}")

    async def _count(self, store: Store, error: ModelAway) -> None:
        limits = self._limits
        failures = await store.increment(f"{self._prefix}failures", ttl_s=_FORGET_S)
        probing = await store.get(f"{self._prefix}tripped") is not None
        if failures < limits.failures and not probing:
            return
        if await store.get(f"{self._prefix}open") is not None:
            return  # calls that were under way when it opened say nothing new
        trips = await store.increment(f"{self._prefix}trips", ttl_s=_REMEMBER_S)
        rest = min(limits.rest_s * 2 ** min(trips - 1, 20), limits.most_s)
        rest = max(rest, min(error.retry_after_s or 0.0, limits.most_s))
        told = {"until": time.time() + rest, "failures": failures, "reason": str(error)[:200]}
        self._open_until.set(float(told["until"]))
        # In this order: whoever sees that it tripped must see that it rests.
        await store.set(f"{self._prefix}open", json.dumps(told).encode(), ttl_s=rest)
        await store.set(f"{self._prefix}tripped", b"1", ttl_s=rest + _REMEMBER_S)
        await store.delete(f"{self._prefix}probe")
        _log.warning("circuit_opened", circuit=self._prefix, rest_s=round(rest, 1), trips=trips)


class CircuitModel:
    """A `LanguageModel` behind its provider's circuit: `ModelAway` at once while that is open."""

    def __init__(self, model: LanguageModel, circuit: Circuit) -> None:
        self._model = model
        self._circuit = circuit

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def is_small(self) -> bool:
        return self._model.is_small

    async def complete(self, question: Question[T]) -> Completion[T]:
        """See `LanguageModel.complete`."""
        mark = await self._circuit.admit(self.name)
        try:
            answer = await self._model.complete(question)
        except BaseException as error:
            await self._report(error, mark)
            raise
        await self._circuit.succeeded()
        return answer

    async def aclose(self) -> None:
        """Close the model."""
        await self._model.aclose()

    async def _report(self, error: BaseException, mark: bytes) -> None:
        match error:
            case ModelAway():
                await self._circuit.failed(error)
            case ModelFailed():
                await self._circuit.succeeded()
            case _:
                await self._circuit.gave_up(mark)


def _times(failures: int) -> str:
    return "once" if failures == 1 else f"{failures} times in a row"
