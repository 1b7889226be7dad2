"""What can go wrong while an article is made, in the words a writer of articles understands."""


class NotEnoughFacts(Exception):
    """The sources hold too little on the keyword. Says what is missing and what to add."""


class WriterAway(Exception):
    """The chosen model does not answer, and the settings do not let the composer stand in."""
