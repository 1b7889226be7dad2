"""When an article is to be published, and the periodic tasks of the fleet."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: on SQLite that may copy `posts`, and dropping the old copy would take revisions along.
    op.add_column("posts", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("posts", sa.Column("held", sa.Text(), server_default="", nullable=False))
    # short: before the first release: no older version runs
    op.create_index(op.f("ix_posts_state_posts_publish_at"), "posts", ["state", "publish_at"])
    op.create_table(
        "tasks",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("every_s", sa.Float(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=128), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ran_on", sa.String(length=128), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tasks")),
    )


def downgrade() -> None:
    op.drop_table("tasks")
    op.drop_index(op.f("ix_posts_state_posts_publish_at"), table_name="posts")
    op.drop_column("posts", "held")
    op.drop_column("posts", "publish_at")
