"""Reads pages of the public web without being led anywhere else; knows nothing of articles."""

from app.infra.http.errors import FetchError, FetchFailed, FetchRefused
from app.infra.http.fetch import Fetched, Fetcher, FetchLimits

__all__ = ["FetchError", "FetchFailed", "FetchLimits", "FetchRefused", "Fetched", "Fetcher"]
