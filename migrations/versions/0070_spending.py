"""What was spent on models."""

import sqlalchemy as sa
from alembic import op

from app.infra.db import Moment

revision = "0070"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spending",
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("principal", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=True),
        sa.Column("reserved_usd", sa.Float(), nullable=False),
        sa.Column("reserved_until", Moment(), nullable=True),
        sa.Column("token", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "step", name=op.f("pk_spending")),
    )
    op.create_index(op.f("ix_spending_day_spending_principal"), "spending", ["day", "principal"])


def downgrade() -> None:
    op.drop_table("spending")
