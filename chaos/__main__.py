"""`python -m chaos`: run the scenarios, print what was seen, keep it; exits 1 when something did not hold."""

import argparse
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import NoReturn

from rich.console import Console

from chaos.report import Result, keep, show, summarise
from chaos.scenarios import SCENARIOS, Options

_SEED = 20261125
_INTERRUPTED = 130
_CLOSED_S = 30.0


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
    signal.signal(signal.SIGINT, _interrupt)
    results: list[Result] = []
    options = Options(
        seed=_SEED if given.seed is None else given.seed,
        one=given.seed is not None or given.short,
        short=given.short,
    )
    try:
        for name in given.scenario or list(SCENARIOS):
            run(name, options, console, results)
    except KeyboardInterrupt:
        console.print("interrupted; everything that was started has ended")
        return _INTERRUPTED
    summarise(results, console)
    # What a short run measures is not what the results are quoted for.
    if not given.short and not given.no_file:
        keep(results)
    return 0 if all(result.passed for result in results) else 1


def run(name: str, options: Options, console: Console, results: list[Result]) -> None:
    """One scenario with its seeds. What cannot be measured is a failure, and the next one goes on."""
    began = time.monotonic()

    def add(result: Result) -> None:
        nonlocal began
        result.seconds = time.monotonic() - began
        results.append(result)
        show(result, console)
        began = time.monotonic()

    try:
        for result in SCENARIOS[name](options):
            add(result)
    except Exception as error:  # noqa: BLE001  # whatever broke it is said, and the others are run
        console.print_exception()
        add(Result(name, options.seed, 0, error=f"{type(error).__name__}: {error}"))


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    # A fleet that is just coming up is waited for first; where that takes too long, everything ends with
    # this process all the same (app/cluster/keeper.py).
    last = threading.Timer(_CLOSED_S, os._exit, (_INTERRUPTED,))
    last.daemon = True
    last.start()
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
