"""Every slice's tables in one place, for migrations."""

from app.accounts import models as accounts
from app.generation import models as generation
from app.generation.batches import models as batches
from app.generation.spending import models as spending
from app.infra import tags
from app.infra.db import Base
from app.ops import models as ops
from app.ops.proof import models as proof
from app.posts import models as posts
from app.posts.media import models as media
from app.review.thresholds import models as thresholds
from app.sources import models as sources
from app.web.sessions import models as sessions

__all__ = [
    "accounts",
    "batches",
    "generation",
    "media",
    "metadata",
    "ops",
    "posts",
    "proof",
    "sessions",
    "sources",
    "spending",
    "tags",
    "thresholds",
]

metadata = Base.metadata
