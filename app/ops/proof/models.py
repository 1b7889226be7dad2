"""The table of what proofs wrote and have not taken away yet."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Moment


class ProofItemRow(Base):
    """One thing that a proof made: a mark, a file, a job, an article."""

    __tablename__ = "proof_items"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
