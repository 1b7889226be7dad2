"""Files that people upload, wherever they are kept."""

from app.infra.blobs.opening import open_blobs
from app.infra.blobs.port import Blob, Blobs, BlobsAway

__all__ = ["Blob", "Blobs", "BlobsAway", "open_blobs"]
