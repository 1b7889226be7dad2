"""House rules that no ready-made linter knows.

`# house: ignore[name]` on a line lets one case through, with a reason beside it.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOORS = {"api.py", "site.py", "admin.py", "cli.py", "main.py"}

Finding = tuple[int, str, str]


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call with its dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def check_commit(file: Path, tree: ast.AST) -> Iterator[Finding]:
    """One place commits: a unit of work ends in `infra/db`."""
    if "infra/db" in file.as_posix():
        return
    for node, name in calls(tree):
        if name.endswith("session.commit"):
            yield node.lineno, "commit", "only a unit of work commits (app/infra/db)"


def check_clock(file: Path, tree: ast.AST) -> Iterator[Finding]:
    """The clock is read at the doors and by workers; services are passed `now`."""
    if (
        file.name in DOORS | {"steps.py", "worker.py", "recording.py", "ports.py"}
        or "cli" in file.parts
    ):
        return
    for node, name in calls(tree):
        if name in {"datetime.now", "datetime.utcnow", "date.today"}:
            yield node.lineno, "clock", "read the clock at a door and pass `now`"


def check_sql(file: Path, tree: ast.AST) -> Iterator[Finding]:
    """Queries stand in repositories."""
    if file.name in {"repository.py", "instances.py"} or {"infra", "repository"} & {*file.parts}:
        return
    for node, name in calls(tree):
        if name in {"select", "insert", "update", "delete", "text", "sa.select", "sa.text"}:
            yield node.lineno, "sql", "queries belong into a repository"


def check_cookie(file: Path, tree: ast.AST) -> Iterator[Finding]:
    """The public door sets no cookie."""
    if file.name != "site.py":
        return
    for node, name in calls(tree):
        if name.endswith("set_cookie"):
            yield node.lineno, "cookie", "the public door sets no cookie"


RULES = [check_commit, check_clock, check_sql, check_cookie]


def main() -> int:
    """Check every file of the program; answer how many findings there are."""
    count = 0
    for file in sorted((ROOT / "app").rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        lines = source.splitlines()
        tree = ast.parse(source)
        for rule in RULES:
            for line, name, message in rule(file.relative_to(ROOT), tree):
                if f"# house: ignore[{name}]" not in lines[line - 1]:
                    print(f"{file.relative_to(ROOT)}:{line}: {name}: {message}")
                    count += 1
    return count


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
