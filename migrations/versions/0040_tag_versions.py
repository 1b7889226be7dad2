"""Versions of what cached pages are made of."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag_versions",
        sa.Column("tag", sa.String(length=80), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_tag_versions")),
    )
    op.create_index(op.f("ix_tag_versions_version"), "tag_versions", ["version"])


def downgrade() -> None:
    op.drop_index(op.f("ix_tag_versions_version"), table_name="tag_versions")
    op.drop_table("tag_versions")
