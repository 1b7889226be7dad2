"""What can go wrong while an article is made, in the words a writer of articles understands."""


class NotEnoughFacts(Exception):
    """The sources hold too little on the keyword. Says what is missing and what to add."""


class WriterAway(Exception):
    """No chosen model answers, and the settings do not let the composer stand in. Waiting may help.

    `retry_after_s` is how long they asked to wait, if they said; `may_be_billed` where the try may cost.
    """

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, may_be_billed: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.may_be_billed = may_be_billed


class WriterRefused(Exception):
    """The chosen model answers and will not: its key, quota, name or the text. Waiting does not help."""


class CapReached(Exception):
    """A call might spend more than a cap allows. Says which cap, which setting, and what is spent."""
