"""What proofs wrote and have not taken away yet."""

import sqlalchemy as sa
from alembic import op

from app.infra.db import Moment

revision = "0050"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proof_items",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ref", sa.String(64), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "ref", name=op.f("pk_proof_items")),
    )
    op.create_index(op.f("ix_proof_items_expires_at"), "proof_items", ["expires_at"])


def downgrade() -> None:
    op.drop_table("proof_items")
