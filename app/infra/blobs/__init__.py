"""Files that people upload, wherever they are kept."""

from app.infra.blobs.opening import open_blobs
from app.infra.blobs.port import BadBlobUrl, Blob, Blobs, BlobsAway

__all__ = ["BadBlobUrl", "Blob", "Blobs", "BlobsAway", "open_blobs"]
