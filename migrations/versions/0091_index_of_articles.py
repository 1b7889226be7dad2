"""What own articles are about: profiles, terms, samples of text, links to own articles."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "post_profiles",
        sa.Column("post_id", sa.String(length=36), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("title_key", sa.String(length=32), nullable=False),
        sa.Column("description_key", sa.String(length=32), nullable=False),
        sa.Column("keyphrase_key", sa.String(length=32), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_profiles_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_profiles")),
    )
    for column in ("title_key", "description_key", "keyphrase_key"):
        op.create_index(
            op.f(f"ix_post_profiles_language_post_profiles_{column}"), "post_profiles", ["language", column]
        )
    op.create_table(
        "post_terms",
        sa.Column("post_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.String(length=16), nullable=False),
        sa.Column("term", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_terms_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "place", "term", name=op.f("pk_post_terms")),
    )
    op.create_index(
        op.f("ix_post_terms_language_post_terms_term_post_terms_post_id"),
        "post_terms",
        ["language", "term", "post_id"],
    )
    op.create_table(
        "post_samples",
        sa.Column("post_id", sa.String(length=36), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_samples_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "value", name=op.f("pk_post_samples")),
    )
    op.create_index(
        op.f("ix_post_samples_value_post_samples_post_id"), "post_samples", ["value", "post_id"]
    )
    op.create_table(
        "post_links",
        sa.Column("post_id", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_links_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "host", "language", "slug", name=op.f("pk_post_links")),
    )
    op.create_index(
        op.f("ix_post_links_language_post_links_slug"), "post_links", ["language", "slug"]
    )


def downgrade() -> None:
    for table in ("post_links", "post_samples", "post_terms", "post_profiles"):
        op.drop_table(table)
