"""Durable workflows: the only room that knows the engine (DBOS Transact)."""

from app.infra.durable.engine import ENGINE_CONNECTIONS as ENGINE_CONNECTIONS
from app.infra.durable.engine import PAID_QUEUE as PAID_QUEUE
from app.infra.durable.engine import WORK_QUEUE as WORK_QUEUE
from app.infra.durable.engine import Begun as Begun
from app.infra.durable.engine import Engine as Engine
from app.infra.durable.engine import EngineState as EngineState
from app.infra.durable.enqueue import ENQUEUER_CONNECTIONS as ENQUEUER_CONNECTIONS
from app.infra.durable.enqueue import Enqueuer as Enqueuer
from app.infra.durable.lock import RunLock as RunLock
from app.infra.durable.migrate import migrate_engine as migrate_engine
