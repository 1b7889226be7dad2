"""Shows a job being done: a live line a step on a terminal, plain lines elsewhere, nothing with `--json`."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from app.generation.jobs import STEPS, Event, Job

_PART_S = 5.0
"""Lines about parts of the draft are at least so far apart: the composer writes them all in one second."""


class Progress:
    """Draws a job's events on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._console = Console(stderr=True)
        self._live: Live | None = None
        self._started: dict[str, float] = {}
        self._ended: dict[str, float] = {}
        self._notes: dict[str, str] = {}
        self._parts = 0
        self._said = 0.0
        self._tokens = 0
        self._cost: float | None = 0.0
        self._begin = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_terminal:
            self._live = Live(
                self._table(), console=self._console, refresh_per_second=8, transient=False
            )
            self._live.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.update(self._table())
            self._live.stop()

    def show(self, event: Event | None, job: Job) -> None:
        """Take an event in and draw; None only moves the clock."""
        if event is not None and event.step in STEPS:
            self._take(event)
        if self._live is not None:
            self._live.update(self._table())
        del job

    def _take(self, event: Event) -> None:
        now = event.at.timestamp()
        if event.kind == "started" and event.step not in self._started:
            self._started[event.step] = self._said = now
            self._end_before(event.step, now)
        self._tokens += int(event.data.get("tokens", 0))
        cost = event.data.get("cost_usd", 0.0)
        self._cost = None if cost is None or self._cost is None else self._cost + float(cost)
        note = str(event.data.get("note", "") or event.data.get("message", ""))
        if event.kind == "waiting":
            self._say_wait(event)
        if event.step == "draft" and event.kind == "finished":
            # Its parts finish in any order: what counts is how many have.
            self._parts += 1
            note = f"{self._parts} {note[note.find('of') :]}" if "of" in note else note
            self._say_part(note, now)
        if note:
            self._notes[event.step] = note
        if event.kind == "failed" or (event.kind == "finished" and _is_last(event)):
            self._end(event.step, now)

    def _say_part(self, note: str, now: float) -> None:
        """A line now and then while a model writes, where there is no terminal to draw on."""
        if self._quiet or self._live is not None or now - self._said < _PART_S:
            return
        self._said = now
        seconds = now - self._started.get("draft", now)
        sys.stderr.write(f"  draft   {seconds:6.1f} s  {note} so far\n")

    def _say_wait(self, event: Event) -> None:
        """Why nothing happens, and that nothing is lost by not looking on."""
        if not self._quiet and self._live is None:
            sys.stderr.write(f"  {event.data.get('note', '')}: {event.data.get('message', '')}\n")

    def _end_before(self, step: str, now: float) -> None:
        for earlier in STEPS[: STEPS.index(step)]:
            if earlier in self._started:
                self._end(earlier, now)

    def _end(self, step: str, now: float) -> None:
        if step in self._ended:
            return
        self._ended[step] = now
        if not self._quiet and self._live is None:
            seconds = now - self._started.get(step, now)
            sys.stderr.write(
                f"{step:<9} {seconds:6.1f} s  {self._notes.get(step, '')}".rstrip() + "\n"
            )

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for step in STEPS:
            if step != "judge" or step in self._started:  # most articles have no judge
                table.add_row(*self._row(step))
        cost = "unknown" if self._cost is None else f"${self._cost:.4f}"
        seconds = time.monotonic() - self._begin
        table.add_row("", f"[dim]{seconds:.1f} s", f"[dim]{self._tokens} tokens, cost {cost}")
        return table

    def _row(self, step: str) -> tuple[Any, ...]:
        note = self._notes.get(step, "")
        if step in self._ended:
            seconds = self._ended[step] - self._started.get(step, self._ended[step])
            return f"[green]✓[/] {step}", f"{seconds:.1f} s", note
        if step in self._started:
            seconds = time.time() - self._started[step]
            return f"[yellow]…[/] {step}", f"{seconds:.1f} s", note
        return f"[dim]· {step}", "", ""


def _is_last(event: Event) -> bool:
    """Whether a step ends with this: not with a part of the draft, nor with one question to the judge."""
    return event.step != "draft" and not (event.step == "judge" and event.n)
