"""What can go wrong with a request, in the words of the one who made it."""


class NotFound(Exception):
    """There is no such thing, or it is not to be seen by the one who asks."""


class Conflict(Exception):
    """The thing is in a state that forbids it. Says which state, and what to do first."""


class Invalid(Exception):
    """What was given cannot be used. Says which part, and what to write instead."""
