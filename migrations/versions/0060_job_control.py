"""Who asked for a job, its priority, deadline, batch and attempts; paused queues; batches and their rows."""

import sqlalchemy as sa
from alembic import op

from app.infra.db import Moment

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("requested_by", sa.String(64), nullable=False, server_default=""))
        jobs.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="100"))
        jobs.add_column(sa.Column("deadline_at", Moment(), nullable=True))
        jobs.add_column(sa.Column("batch_id", sa.String(36), nullable=True))
        jobs.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        # short: before the first release: no older version runs
        jobs.create_index(op.f("ix_jobs_requested_by"), ["requested_by"])
        # short: before the first release: no older version runs
        jobs.create_index(op.f("ix_jobs_batch_id"), ["batch_id"])
    with op.batch_alter_table("attempts") as attempts:
        attempts.add_column(sa.Column("fork", sa.JSON(), nullable=True))
    with op.batch_alter_table("job_events") as events:
        events.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        # contract: before the first release: no older version runs
        events.drop_constraint(op.f("uq_job_events_job_id_step_kind_n"), type_="unique")
        # contract: before the first release: no older version runs
        events.create_unique_constraint(
            op.f("uq_job_events_job_id_attempt_step_kind_n"),
            ["job_id", "attempt", "step", "kind", "n"],
        )
    op.create_table(
        "paused_queues",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_paused_queues")),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("requested_by", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("feeders", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("requested_by", "key", name=op.f("uq_batches_requested_by_key")),
    )
    op.create_table(
        "batch_rows",
        sa.Column("batch_id", sa.String(36), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("keyword", sa.Text(), nullable=False),
        sa.Column("job_id", sa.String(36), nullable=True),
        sa.Column("request", sa.JSON(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("deadline_at", Moment(), nullable=True),
        sa.Column("fed", sa.Boolean(), nullable=False),
        sa.Column("skipped", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_rows_batch_id_batches")
        ),
        sa.PrimaryKeyConstraint("batch_id", "n", name=op.f("pk_batch_rows")),
        sa.UniqueConstraint("job_id", name=op.f("uq_batch_rows_job_id")),
    )


def downgrade() -> None:
    op.drop_table("batch_rows")
    op.drop_table("batches")
    op.drop_table("paused_queues")
    with op.batch_alter_table("job_events") as events:
        events.drop_constraint(op.f("uq_job_events_job_id_attempt_step_kind_n"), type_="unique")
        events.create_unique_constraint(
            op.f("uq_job_events_job_id_step_kind_n"), ["job_id", "step", "kind", "n"]
        )
        events.drop_column("attempt")
    with op.batch_alter_table("attempts") as attempts:
        attempts.drop_column("fork")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_index(op.f("ix_jobs_batch_id"))
        jobs.drop_index(op.f("ix_jobs_requested_by"))
        for name in ("attempt", "batch_id", "deadline_at", "priority", "requested_by"):
            jobs.drop_column(name)
