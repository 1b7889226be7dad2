"""How far the state of a store reaches."""

from enum import StrEnum


class Scope(StrEnum):
    """Who sees what is written: this process, every process of this host, or every instance."""

    PROCESS = "process"
    HOST = "host"
    FLEET = "fleet"
