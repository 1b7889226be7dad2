"""The index by which near articles are found holds where a term stands, so that no row is read beside it."""

from alembic import op

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(  # short: some 35 rows an article, about a second for 10,000 articles
        "ix_post_terms_by_term", "post_terms", ["language", "term", "post_id", "place"]
    )
    # The new one begins with its columns, so that an older version that still runs finds as fast.
    op.drop_index("ix_post_terms_language_post_terms_term_post_terms_post_id", "post_terms")


def downgrade() -> None:
    op.create_index(
        op.f("ix_post_terms_language_post_terms_term_post_terms_post_id"),
        "post_terms",
        ["language", "term", "post_id"],
    )
    op.drop_index("ix_post_terms_by_term", "post_terms")
