"""Keeps and finds what the making of articles needs: jobs and their events, paused queues, idempotency keys."""

from app.generation.repository.idempotency import IdempotencyKeys
from app.generation.repository.jobs import AT_ONCE, Jobs, changed_jobs
from app.generation.repository.queues import Queues

__all__ = ["AT_ONCE", "IdempotencyKeys", "Jobs", "Queues", "changed_jobs"]
