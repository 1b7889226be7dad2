"""Refuses migrations that break the older version while it still runs: first expand, a release later contract.

During a deployment instances of both versions work on one database (docs/guide/upgrading.md). What takes
something away that the older one uses is let through by `# contract: REASON` on its line, once no supported
version uses it; what locks a table while others wait, by `# short: REASON`, which says why the lock is short.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ROOT / "migrations" / "versions"

_REASON = re.compile(r"#\s*(contract|short):\s*(\S.{9,})")
"""A reason has ten characters at least."""

_TAKES = "contract"
_LOCKS = "short"

_SQL = (
    (r"\bdrop\s+(table|column|constraint|view)\b|\balter\s+table\b.*\bdrop\b", "drop", _TAKES),
    (r"\brename\b", "rename", _TAKES),
    (r"\balter\s+(column\s+)?\S+\s+(set\s+data\s+)?type\b", "type", _TAKES),
    (r"\bset\s+not\s+null\b", "not-null", _TAKES),
    (r"\btruncate\b", "drop", _TAKES),
    (r"\bcreate\s+(unique\s+)?index\b(?!\s+concurrently)", "index", _LOCKS),
    (r"\block\s+table\b", "lock", _LOCKS),
    (r"\b(update|delete)\b", "rows", _LOCKS),
)


@dataclass(frozen=True)
class Finding:
    """A line that is refused."""

    line: int
    rule: str
    message: str


def findings_of(source: str) -> list[Finding]:
    """What is wrong with a migration; `downgrade` is nobody's deployment and not looked at."""
    tree = ast.parse(source)
    lines = source.splitlines()
    found: list[Finding] = []
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name != "downgrade":
            for node, rule, marker, message in _judged(function):
                if marker not in _reasons(lines, node):
                    advice = f"or say why it may be: # {marker}: REASON"
                    found.append(Finding(node.lineno, rule, f"{message}, {advice}"))
    return sorted(found, key=lambda finding: finding.line)


def _reasons(lines: list[str], node: ast.Call) -> set[str]:
    """The marks on any line of the call, or alone on the line above."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    above = [lines[first - 1]] if first and lines[first - 1].lstrip().startswith("#") else []
    return {mark[1] for line in [*above, *lines[first:last]] if (mark := _REASON.search(line))}


def _judged(function: ast.FunctionDef) -> Iterator[tuple[ast.Call, str, str, str]]:
    batches = _in_batches(function)
    made = {
        _text(_argument(node, 0, "table_name"))
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and _name(node) == "create_table"
    }
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        batch = batches.get(id(node))
        if _table(node, batch) in made:
            continue  # nobody uses what is new
        for rule, marker, message in _judge(node, in_batch=batch is not None):
            yield node, rule, marker, message


def _in_batches(function: ast.FunctionDef) -> dict[int, str]:
    """The table of each call on what a `with op.batch_alter_table(…) as` gave."""
    found: dict[int, str] = {}
    for block in ast.walk(function):
        if not isinstance(block, ast.With):
            continue
        for item in block.items:
            opened, alias = item.context_expr, item.optional_vars
            if not (isinstance(opened, ast.Call) and isinstance(alias, ast.Name)):
                continue
            if _name(opened) != "batch_alter_table":
                continue
            table = _text(_argument(opened, 0, "table_name"))
            for node in ast.walk(block):
                if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(f"{alias.id}."):
                    found[id(node)] = table
    return found


def _judge(node: ast.Call, *, in_batch: bool) -> Iterator[tuple[str, str, str]]:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    name = _name(node)
    match name:
        case "drop_table" | "drop_column" | "drop_constraint":
            yield "drop", _TAKES, f"{name}: the running version may use it; leave it for a release"
        case "rename_table":
            yield (
                "rename",
                _TAKES,
                "rename_table: add the new one, write both, drop the old one later",
            )
        case "alter_column":
            yield from _judge_altered(given)
        case "add_column":
            yield from _judge_added(node, in_batch=in_batch)
        case "create_index" if not _is(given.get("postgresql_concurrently"), True):
            yield (
                "index",
                _LOCKS,
                (
                    "create_index: writers wait; within op.get_context().autocommit_block() give "
                    "postgresql_concurrently=True, if_not_exists=True"
                ),
            )
        case "create_unique_constraint" | "create_check_constraint":
            yield "constraint", _TAKES, f"{name}: what the running version writes may break it"
        case "create_foreign_key" if not _is(given.get("postgresql_not_valid"), True):
            yield (
                "constraint",
                _TAKES,
                "create_foreign_key: give postgresql_not_valid=True, validate later",
            )
        case "execute":
            yield from _judge_sql(_argument(node, 0, "sqltext"))
        case "get_bind":
            yield "sql", _LOCKS, "get_bind: what is done by it cannot be read here; use op.execute"
        case _:
            pass


def _judge_altered(given: dict[str | None, ast.expr]) -> Iterator[tuple[str, str, str]]:
    if "new_column_name" in given:
        yield (
            "rename",
            _TAKES,
            "alter_column renames: add the new one, write both, drop the old one later",
        )
    if "type_" in given:
        yield "type", _TAKES, "alter_column changes the type: add a column of the new type instead"
    if _is(given.get("nullable"), False):
        yield "not-null", _TAKES, "alter_column to NOT NULL: the running version may leave it out"
    if _is(given.get("server_default"), None):
        yield "drop", _TAKES, "alter_column drops a default: the running version may rely on it"


def _judge_added(node: ast.Call, *, in_batch: bool) -> Iterator[tuple[str, str, str]]:
    column = _argument(node, 0 if in_batch else 1, "column")
    if not isinstance(column, ast.Call):
        yield "sql", _LOCKS, "add_column: the column cannot be read here; write sa.Column(…)"
        return
    given = {keyword.arg: keyword.value for keyword in column.keywords}
    if _is(given.get("nullable"), False) and "server_default" not in given:
        yield (
            "not-null",
            _TAKES,
            "add_column NOT NULL: the running version leaves it out; give server_default",
        )
    if _is(given.get("unique"), True):
        yield (
            "constraint",
            _TAKES,
            "add_column unique: what the running version writes may break it",
        )


def _judge_sql(given: ast.expr | None) -> Iterator[tuple[str, str, str]]:
    if isinstance(given, ast.Call) and _name(given) == "text" and given.args:
        given = given.args[0]
    if not (isinstance(given, ast.Constant) and isinstance(given.value, str)):
        yield "sql", _LOCKS, "execute: the statement cannot be read here; write it out"
        return
    for pattern, rule, marker in _SQL:
        if re.search(pattern, given.value, re.IGNORECASE | re.DOTALL):
            yield rule, marker, f"execute: {' '.join(given.value.split())[:60]}"


def _name(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _argument(node: ast.Call, position: int, name: str) -> ast.expr | None:
    if len(node.args) > position:
        return node.args[position]
    return next((keyword.value for keyword in node.keywords if keyword.arg == name), None)


def _table(node: ast.Call, batch: str | None) -> str:
    if batch is not None:
        return batch
    at = (
        1
        if _name(node) in {"create_index", "create_unique_constraint", "create_foreign_key"}
        else 0
    )
    return _text(_argument(node, at, "table_name"))


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "?"


def _is(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def main() -> int:
    """Look at every migration; answer how many findings there are."""
    count = 0
    for file in sorted(VERSIONS.glob("*.py")):
        for finding in findings_of(file.read_text(encoding="utf-8")):
            print(f"{file.relative_to(ROOT)}:{finding.line}: {finding.rule}: {finding.message}")
            count += 1
    return count


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
