"""What goes in and out of the library of files."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class MediaFile(BaseModel):
    """A file that was uploaded, without its bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    key: str
    """Its name in the store and in its address: the SHA-256 of its bytes, and the ending of its type."""
    type: str
    bytes: int
    sha256: str
    name: str
    """What whoever uploaded it called it."""
    uploaded_by: str
    created_at: datetime

    @property
    def path(self) -> str:
        """Its public address without the host."""
        return f"/media/{self.key}"
