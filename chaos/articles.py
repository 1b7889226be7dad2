"""What the jobs write about: made-up things with one name each, so that a prompt tells whose it is."""

import random

_BEGIN = "bdfgklmnprstvz"
_VOWELS = "aeiou"

_SOURCE = """\
# {name} pool

A {name} pool keeps a small number of database connections open and lends them to the requests. \
The {name} pool was written for web applications that run in several processes. A {name} pool \
needs about 30 lines of configuration.

## Connections of the {name} pool

The {name} pool opens 5 connections when the process starts. A connection of the {name} pool is \
tested before it is lent to a request. The pool closes a connection that was not used for 10 \
minutes. Each process has a {name} pool of its own. The database counts the connections of all \
processes together.

## Waiting for the {name} pool

A request waits when all connections of the {name} pool are lent. The {name} pool answers with an \
error after 30 seconds of waiting. A slow query holds its connection and makes other requests \
wait. The {name} pool reports the number of waiting requests every 15 seconds. An operator reads \
this number before the size of the pool is raised.

## Limits of the {name} pool

The {name} pool does not balance the work between two databases. A failed database is noticed \
after 10 seconds. The {name} pool stores nothing on the disk of its process. Every restart begins \
with empty statistics.
"""


CALLS_A_JOB = 8
"""What one of these articles needs: its headings, four parts, its snippet; and two sections are worded anew by
a round of repairs, which betters nothing and is the last (held by a test)."""


class Names:
    """Names that nobody has had before; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # to be repeated, not to be secret
        self._given: set[str] = set()

    def next(self) -> str:
        """One more."""
        while True:
            syllables = (
                self._chance.choice(_BEGIN) + self._chance.choice(_VOWELS) for _ in range(4)
            )
            name = "".join(syllables).capitalize()
            if name not in self._given:
                self._given.add(name)
                return name


def keyword_of(name: str) -> str:
    """What the job is asked to write about."""
    return f"{name} pool"


def source_of(name: str) -> str:
    """A page about it, as Markdown."""
    return _SOURCE.format(name=name)
