"""The linter of migrations refuses each thing that breaks the version that still runs, and nothing else."""

import importlib.util
import shutil
import sys
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("migration_linter", ROOT / "tools/migrations.py")
assert _spec is not None
assert _spec.loader is not None
linter = importlib.util.module_from_spec(_spec)
sys.modules["migration_linter"] = linter  # a dataclass looks its module up
_spec.loader.exec_module(linter)


def rules(body: str) -> list[str]:
    source = "def upgrade():\n" + "".join(f"    {line}\n" for line in body.splitlines())
    return [finding.rule for finding in linter.findings_of(source)]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('op.drop_table("posts")', "drop"),
        ('op.drop_column("posts", "title")', "drop"),
        ('for name in ("a", "b"):\n    op.drop_column("posts", name)', "drop"),
        ('with op.batch_alter_table("posts") as posts:\n    posts.drop_column("title")', "drop"),
        ('op.drop_constraint("uq", "posts")', "drop"),
        ('op.rename_table("posts", "articles")', "rename"),
        ('op.alter_column("posts", "title", new_column_name="name")', "rename"),
        ('op.alter_column("posts", "title", type_=sa.Integer())', "type"),
        ('op.alter_column("posts", "title", nullable=False)', "not-null"),
        ('op.alter_column("posts", "title", server_default=None)', "drop"),
        ('op.add_column("posts", sa.Column("x", sa.Text(), nullable=False))', "not-null"),
        ('op.add_column("posts", column)', "sql"),
        ('op.create_index("ix", "posts", ["title"])', "index"),
        ('op.create_unique_constraint("uq", "posts", ["title"])', "constraint"),
        ('op.create_foreign_key("fk", "posts", "people", ["a"], ["id"])', "constraint"),
        ('op.execute("ALTER TABLE posts\\nDROP COLUMN title")', "drop"),
        ('op.execute(sa.text("alter table posts rename title to name"))', "rename"),
        ('op.execute("alter table posts alter column n type bigint")', "type"),
        ('op.execute("alter table posts alter n set not null")', "not-null"),
        ('op.execute("create index i on posts (title)")', "index"),
        ('op.execute("update posts set title = slug")', "rows"),
        ('op.execute(f"drop {what}")', "sql"),
        ("bind = op.get_bind()", "sql"),
    ],
)  # fmt: skip
def test_what_breaks_the_running_version_is_refused(body: str, rule: str) -> None:
    assert rules(body) == [rule]


@pytest.mark.parametrize(
    "body",
    [
        'op.create_table("new", sa.Column("id", sa.Text(), nullable=False))\nop.create_index("i", "new", ["id"])',
        'op.add_column("posts", sa.Column("x", sa.Text(), nullable=True))',
        'op.add_column("posts", sa.Column("x", sa.Text(), nullable=False, server_default=""))',
        'op.create_index("ix", "posts", ["title"], postgresql_concurrently=True, if_not_exists=True)',
        'op.execute("create index concurrently if not exists i on posts (title)")',
        'op.alter_column("posts", "title", nullable=True)',
        'op.drop_column("posts", "title")  # contract: nothing reads it since 0.2',
        '# contract: nothing reads it since 0.2\nop.drop_column("posts", "title")',
        'op.create_index("ix", "tasks", ["name"])  # short: the table has ten rows',
    ],
)
def test_what_the_running_version_does_not_notice_is_let_through(body: str) -> None:
    assert rules(body) == []


@pytest.mark.parametrize(
    "mark", ["# contract:", "# contract: ok", "# short: the table has ten rows"]
)
def test_a_mark_without_a_reason_or_of_the_wrong_kind_lets_nothing_through(mark: str) -> None:
    assert rules(f'op.drop_column("posts", "title")  {mark}') == ["drop"]


def test_a_batch_of_another_table_is_not_taken_for_a_new_one() -> None:
    body = (
        'op.create_table("new", sa.Column("id", sa.Text()))\n'
        'with op.batch_alter_table("new") as batch:\n    batch.create_index("i", ["id"])\n'
        'with op.batch_alter_table("posts") as batch:\n    batch.create_index("j", ["id"])'
    )

    assert rules(body) == ["index"]


def test_every_migration_of_the_program_passes() -> None:
    for file in sorted((ROOT / "migrations/versions").glob("*.py")):
        assert linter.findings_of(file.read_text("utf-8")) == [], file.name


def test_an_index_as_the_linter_advises_it_is_made_in_our_environment(
    new_database: object, tmp_path: Path
) -> None:
    """`CREATE INDEX CONCURRENTLY` refuses to run in a transaction: the advice must work where migrations do."""
    url = new_database("postgresql")  # type: ignore[operator]
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    with psycopg.connect(url) as connection:
        row = connection.execute("select version_num from alembic_version").fetchone()
    assert row is not None
    (folder / "versions" / "9999_x.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision, branch_labels, depends_on = '9999', {row[0]!r}, None, None\n"
        "def upgrade():\n"
        "    with op.get_context().autocommit_block():\n"
        "        op.create_index('ix_later', 'posts', ['title'], postgresql_concurrently=True, if_not_exists=True)\n"
    )
    config = Config()
    config.set_main_option("script_location", str(folder))
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
        found = connection.scalar(
            text("select indisvalid from pg_index where indexrelid = 'ix_later'::regclass")
        )
    engine.dispose()

    assert found is True
