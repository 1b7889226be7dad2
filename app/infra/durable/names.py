"""The names that the engine knows us, our queues and our partitions by."""

from typing import Final

APPLICATION: Final = "ai-seo-blogger"
"""The engine's name for us; 3 to 256 characters, lower case."""

VERSION: Final = "pipeline-1"
"""Constant over releases: the engine neither runs nor recovers another version's jobs, and its own
default (a hash of the code) would strand every running job at each deploy. Changed only when the order
of steps changes (docs/decisions/0004)."""

SCHEMA: Final = "dbos"
WORK_QUEUE: Final = "posts"
PAID_QUEUE: Final = "llm"
QUEUES: Final = (WORK_QUEUE, PAID_QUEUE)

DEFAULT_PARTITION: Final = "local"
"""The partition key of what nobody in particular asked for."""
