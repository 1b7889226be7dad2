"""What was seen: a table on the terminal, and JSON under `bench/results`, a scenario replacing only itself."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from bench.working import RESULTS, machine
from chaos.judging import Check

FILE = RESULTS / "chaos.json"


@dataclass
class Result:
    """One run of one scenario with one seed."""

    scenario: str
    seed: int
    instances: int
    checks: list[Check] = field(default_factory=list[Check])
    figures: dict[str, Any] = field(default_factory=dict[str, Any])
    seconds: float = 0.0
    error: str = ""
    """Why it could not be measured at all."""

    @property
    def passed(self) -> bool:
        """Whether everything that must hold did; one that measured nothing did not."""
        return not self.error and bool(self.checks) and all(check.holds for check in self.checks)

    @property
    def failed(self) -> list[Check]:
        """What did not hold."""
        return [check for check in self.checks if not check.holds]


def show(result: Result, console: Console) -> None:
    """Print one result."""
    verdict = "[green]passed[/]" if result.passed else "[red]FAILED[/]"
    console.print(
        f"\n[bold]{result.scenario}[/] seed {result.seed}, {result.instances} instances, "
        f"{result.seconds:.0f} s: {verdict}"
    )
    if result.error:
        console.print(result.error, style="red", markup=False)
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 1))
    for check in result.checks:
        mark = "[green]✓[/]" if check.holds else "[red]✗[/]"
        table.add_row(mark, check.name, str(_plain(check.measured)), f"wanted {check.wanted}")
    for name, value in result.figures.items():
        table.add_row("", name, str(_plain(value)), "")
    console.print(table)


def summarise(results: Sequence[Result], console: Console) -> None:
    """Print one line a scenario."""
    table = Table("scenario", "runs", "passed", "paid to needed", "did not hold", title="Chaos")
    for scenario in dict.fromkeys(result.scenario for result in results):
        runs = [result for result in results if result.scenario == scenario]
        ratios = [r.figures["paid to needed"] for r in runs if "paid to needed" in r.figures]
        broken = dict.fromkeys(
            each for run in runs for each in [*(c.name for c in run.failed), *_short(run.error)]
        )
        table.add_row(
            scenario,
            str(len(runs)),
            str(sum(run.passed for run in runs)),
            f"{max(ratios):.3f} at most" if ratios else "",
            "; ".join(broken),
        )
    console.print(table)


def keep(results: Sequence[Result], *, file: Path = FILE) -> None:
    """Write the results; scenarios that were not run keep what they had."""
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    scenarios: dict[str, Any] = known.get("scenarios", {})
    measured = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds")}
    for scenario in dict.fromkeys(result.scenario for result in results):
        runs = [result for result in results if result.scenario == scenario]
        scenarios[scenario] = {
            **measured,
            "passed": all(run.passed for run in runs),
            "runs": [
                {
                    "seed": run.seed,
                    "passed": run.passed,
                    "instances": run.instances,
                    "seconds": round(run.seconds, 1),
                    **({"error": run.error} if run.error else {}),
                    "checks": [_plain(asdict(check)) for check in run.checks],
                    "figures": _plain(run.figures),
                }
                for run in runs
            ],
        }
    written = {"machine": machine(), "scenarios": scenarios}
    file.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n")


def _short(error: str) -> list[str]:
    return [error.splitlines()[0][:80]] if error else []


def _plain(value: Any) -> Any:
    """Without what JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[Any]", value)]
    if isinstance(value, float):
        if math.isinf(value):
            return "never"
        return None if math.isnan(value) else round(value, 3)
    return value
