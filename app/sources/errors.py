"""Why a source could not be turned into text."""

from app.kit.errors import Invalid


class Unreadable(Invalid):
    """The source is there but gives no usable text. `reason_code` is for programs."""

    def __init__(self, reason_code: str, message: str) -> None:
        super().__init__(message)
        self.reason_code = reason_code
        self.message = message

    def __reduce__(self) -> tuple[type["Unreadable"], tuple[str, str]]:
        """Both arguments travel when a durable step records the error."""
        return type(self), (self.reason_code, self.message)
