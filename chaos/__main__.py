"""`python -m chaos`: run the scenarios, print what was seen, keep it; exits 1 when something did not hold."""

import argparse
import signal
import sys
import time
from collections.abc import Iterable
from types import FrameType
from typing import NoReturn

from rich.console import Console

from chaos.report import Result, keep, show, summarise
from chaos.scenarios import SCENARIOS, Options

_SEED = 20261125


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--scenario", action="append", choices=sorted(SCENARIOS), default=[])
    parser.add_argument("--seed", type=int, help="run this seed alone")
    parser.add_argument(
        "--short", action="store_true", help="few jobs, one seed: about a minute each"
    )
    parser.add_argument("--no-file", action="store_true", help="leave bench/results as it is")
    given = parser.parse_args()
    console = Console()
    # Whoever ends this, and however, what it started ends first.
    signal.signal(signal.SIGTERM, _interrupt)
    results: list[Result] = []
    try:
        for name in given.scenario or list(SCENARIOS):
            results += run(
                name,
                Options(
                    seed=given.seed or _SEED,
                    one=given.seed is not None or given.short,
                    short=given.short,
                ),
                console,
            )
    except KeyboardInterrupt:
        console.print("interrupted; everything that was started has ended")
    if results:
        summarise(results, console)
        # What a short run measures is not what the results are quoted for.
        if not given.short and not given.no_file:
            keep(results)
    return 0 if results and all(result.passed for result in results) else 1


def run(name: str, options: Options, console: Console) -> Iterable[Result]:
    """One scenario with all its seeds. What cannot be measured is a failure, and the next one goes on."""
    found: list[Result] = []
    began = time.monotonic()
    try:
        for result in SCENARIOS[name](options):
            result.seconds = time.monotonic() - began
            found.append(result)
            show(result, console)
            began = time.monotonic()
    except Exception as error:  # noqa: BLE001  # whatever broke the harness is said, and the others are run
        result = Result(name, options.seed, 0, error=f"{type(error).__name__}: {error}")
        result.seconds = time.monotonic() - began
        found.append(result)
        show(result, console)
        console.print_exception()
    return found


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
