"""Why a page was not read: because we would not, or because it could not be."""


class FetchError(Exception):
    """A page was not read. `reason_code` is for programs, `message` for the one who asked."""

    def __init__(self, reason_code: str, message: str) -> None:
        super().__init__(message)
        self.reason_code = reason_code
        self.message = message

    def __reduce__(self) -> tuple[type["FetchError"], tuple[str, str]]:
        """Both arguments travel when a durable step records the error."""
        return type(self), (self.reason_code, self.message)


class FetchRefused(FetchError):
    """A rule forbids reading it: nothing was sent there, or nothing more after the rule applied."""


class FetchFailed(FetchError):
    """It was asked for and did not come as a page that can be used."""
