"""What the lines of a proof are called for people."""

from app.kit.speech import say
from app.ops.proof.domain import Kind


def said_kind(kind: Kind) -> str:
    """What must be shared, in the language spoken now."""
    return {
        Kind.HEALTH: say("every instance is ready"),
        Kind.DATABASE: say("one database"),
        Kind.SCHEMA: say("one schema"),
        Kind.SETTINGS: say("the same secrets and policies"),
        Kind.CLOCK: say("clocks that agree"),
        Kind.SESSION: say("sessions"),
        Kind.CACHE: say("the cache"),
        Kind.FILES: say("uploaded files"),
        Kind.LIMITS: say("rate limits"),
        Kind.MESSAGES: say("messages"),
        Kind.JOB: say("jobs"),
        Kind.ARTICLE: say("published articles"),
    }[kind]
