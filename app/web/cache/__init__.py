"""What was made once for many: in this process's memory, then shared by the fleet, checked by versions."""

from app.web.cache.entries import Codec, Entry, Made
from app.web.cache.levels import Cache
from app.web.cache.versions import Versions

__all__ = ["Cache", "Codec", "Entry", "Made", "Versions"]
