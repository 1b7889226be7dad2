"""Every slice's tables in one place, for migrations."""

from app.generation import models as generation
from app.infra.db import Base
from app.ops import models as ops
from app.posts import models as posts
from app.posts.media import models as media
from app.sources import models as sources

__all__ = ["generation", "media", "metadata", "ops", "posts", "sources"]

metadata = Base.metadata
