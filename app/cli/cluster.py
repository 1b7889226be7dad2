"""`ai-seo-blogger cluster`: balancer, instances, PostgreSQL, Valkey and S3 on this machine, all real."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.house import Code, tell, terminal_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.cluster import Fleet
    from app.ops.collecting.lines import Entry

Home = Annotated[
    Path | None,
    typer.Option(
        "--home", help="The cluster's folder. Unset: cluster in DATA_DIR.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]

_ENDS_S = 240.0
"""Longest that `down` waits: an instance may take its drain's deadline."""

_REPORTED = ("version", "in_flight", "jobs")
_WIDE = 160

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """A whole cluster on this machine: balancer, instances, PostgreSQL, Valkey, S3."""
    from app.kit.speech import speak

    speak(terminal_language())


@app.command("up")
def up(
    instances: Annotated[
        int, typer.Option("--instances", "-n", min=1, max=12, help="How many to start.")
    ] = 3,
    balancer: Annotated[
        str, typer.Option("--balancer", help="nginx, haproxy or caddy; none: no balancer.")
    ] = "nginx",
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            "-p",
            min=1,
            max=65535,
            help="The balancer's. Unset: that of last time, or 8080.",
        ),
    ] = None,
    detach: Annotated[
        bool,
        typer.Option("--detach", "-d", help="Go on in the background; end it by `cluster down`."),
    ] = False,
    home: Home = None,
) -> None:
    """Start a cluster and serve until Ctrl-C. What was written is kept, and there again at the next start."""
    from app.cluster import CannotStart
    from app.cluster.running import Running

    folder = _home(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if detach:
        _detach(folder, instances, balancer, port)
        return
    try:
        Running(folder, tell).run(
            instances,
            balancer=None if balancer == "none" else balancer,
            port=port,
            settings=_given(),
            ready=lambda fleet: _welcome(fleet, folder),
        )
    except CannotStart as error:
        tell(f"error: {error}")
        raise SystemExit(Code.FAILED) from None


@app.command("down")
def down(home: Home = None) -> None:
    """End the cluster: requests and running steps are finished, jobs wait for the next start."""
    import time

    from app.cluster.control import ask, only_one
    from app.kit.errors import Conflict
    from app.kit.speech import say

    folder = _home(home)
    ask(folder, "down")
    tell(say("The cluster ends: requests and running steps are finished first …"))
    until = time.monotonic() + _ENDS_S
    while True:
        try:
            with only_one(folder):
                break
        except Conflict:
            if time.monotonic() > until:
                tell(say("error: It has not ended within {seconds} s.", seconds=int(_ENDS_S)))
                raise SystemExit(Code.FAILED) from None
            time.sleep(0.1)
    tell(say("The cluster has ended. Its data is kept in {home}.", home=folder))


@app.command("status")
def status(as_json: Json = False, home: Home = None) -> None:
    """Show every process of the cluster. Exit code 1 when one of them is not ready."""
    import json

    found = _ask(home, "status")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)
    if any(each["state"] != "ready" for each in found["servers"]):
        raise SystemExit(Code.FAILED)


@app.command("scale")
def scale(
    instances: Annotated[int, typer.Argument(help="How many there shall be.")], home: Home = None
) -> None:
    """Add or remove instances while the cluster works; no request fails for it."""
    _ask(home, "scale", instances=instances)


@app.command("roll")
def roll(home: Home = None) -> None:
    """Replace every instance by a new one, one after the other; no request fails for it."""
    _ask(home, "roll")


@app.command("kill")
def kill(
    instance: Annotated[int, typer.Argument(help="Its number, as `status` shows it.")],
    restart: Annotated[
        bool,
        typer.Option("--restart/--no-restart", help="Whether it is started again after a second."),
    ] = True,
    home: Home = None,
) -> None:
    """End an instance as the loss of its machine would: others go on with its requests and jobs."""
    from app.kit.speech import say

    _ask(home, "kill", instance=instance, restart=restart)
    tell(say("Instance {number} was killed.", number=instance))


@app.command("logs")
def logs(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", help="instance1, nginx, postgres, …; may be given several times."),
    ] = None,
    request: Annotated[
        str,
        typer.Option(
            "--request", help="Only the lines of this request, by its X-Request-ID; of everything."
        ),
    ] = "",
    services: Annotated[
        bool, typer.Option("--services", help="Balancer, PostgreSQL, Valkey and S3 too.")
    ] = False,
    home: Home = None,
) -> None:
    """Print what the instances logged, merged by time."""
    from contextlib import nullcontext, suppress

    from app.cluster import journal
    from app.kit.errors import NotFound
    from app.kit.speech import say

    folder = _home(home)
    if not folder.is_dir():
        raise NotFound(say("There is no cluster in {home}.", home=folder))
    wanted: dict[str, Any] = {"sources": source or [], "services": services}
    if not request:
        _print(journal.read(folder, **wanted))
    else:
        with suppress(NotFound) if follow else nullcontext():
            _print(journal.find_request(folder, request, sources=source or []).entries)
    if follow:
        _print(journal.follow(folder, request=request, **wanted))


@app.command(
    "run",
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,  # what follows the command is its own, --help too
    },
)
def run_in(context: typer.Context, home: Home = None) -> None:
    """Run a command of the program on the cluster's database and stores: cluster run jobs list."""
    import json
    import os
    import sys

    from app.cluster.running import ENVIRONMENT
    from app.kit.errors import Invalid
    from app.kit.speech import say

    if not context.args:
        raise Invalid(say("Say which: ai-seo-blogger cluster run users create-owner LOGIN"))
    _ask(home, "status")
    given = json.loads((_home(home) / ENVIRONMENT).read_text())
    os.execve(  # noqa: S606  # ourselves, with other variables
        sys.executable, [sys.executable, "-m", "app", *context.args], {**os.environ, **given}
    )


def _home(given: Path | None) -> Path:
    from app.config import load_settings

    return (given or load_settings()[0].data_dir / "cluster").absolute()


def _ask(home: Path | None, do: str, **more: Any) -> Any:
    from app.cluster.control import ask
    from app.kit.speech import spoken

    return ask(_home(home), do, tell, language=spoken(), **more)


def _given() -> "Mapping[str, str]":
    """The operator's own settings, but for those that the cluster makes itself."""
    import os

    from dotenv import dotenv_values

    from app.config import setting_names

    made = {"DATABASE_URL", "REDIS_URL", "BLOB_URL", "SESSION_STORAGE", "SECRET_KEY", "DATA_DIR"}
    made |= {"APP_FLEET__ADDRESS", "APP_METRICS__PORT"}  # each instance's own, as its folder is
    given = {**dotenv_values(".env"), **os.environ}
    return {
        name: value for name in setting_names() if name not in made and (value := given.get(name))
    }


def _detach(folder: Path, instances: int, balancer: str, port: int | None) -> None:
    import subprocess
    import sys
    import time
    from contextlib import suppress

    from app.cluster.control import ask, only_one
    from app.cluster.running import starting
    from app.kit.errors import NotFound

    with only_one(folder):
        pass  # a cluster that runs there keeps its log, and who asks for another one is told
    log = folder / "log"
    asked = ["--instances", str(instances), "--balancer", balancer, "--home", str(folder)]
    asked += ["--port", str(port)] if port else []
    log.touch(mode=0o600)
    with log.open("wb") as out:
        started = subprocess.Popen(  # noqa: S603  # ourselves
            [sys.executable, "-m", "app", "cluster", "up", *asked],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    tell(starting(instances, None if balancer == "none" else balancer))
    while started.poll() is None:
        found: dict[str, Any] = {}
        with suppress(NotFound):
            found = ask(folder, "status")
        if found.get("pid") == started.pid:  # and not one that was faster than ours
            _show(found)
            return
        time.sleep(0.2)
    tell(log.read_text(errors="replace").rstrip())
    raise SystemExit(started.returncode)


def _welcome(fleet: "Fleet", folder: Path) -> None:
    from app.kit.speech import say

    names = ", ".join(f"{each.number}: {each.address}" for each in fleet.instances)
    tell(say("The cluster serves at {url} (Ctrl-C ends it).", url=fleet.url))
    tell(say("  instances      {names}", names=names))
    tell(say("  data and logs  {home}", home=folder))
    if fleet.prometheus is not None:
        tell(say("  metrics        {url}", url=fleet.prometheus.url))
    for what, command in (
        (say("the first person"), "users create-owner LOGIN"),
        (say("the proof"), "scale prove --from-fleet"),
    ):
        tell(f"  {what}: ai-seo-blogger cluster run {command}")
    tell(say("  more: ai-seo-blogger cluster status · scale 5 · roll · kill 1 · logs -f"))


def _show(found: "Mapping[str, Any]") -> None:
    import sys

    from rich.console import Console
    from rich.table import Table

    from app.kit.speech import say

    table = Table(box=None, pad_edge=False)
    for heading in (
        say("name"),
        say("state"),
        say("address"),
        say("version"),
        say("requests"),
        say("jobs"),
        say("process"),
        say("up for"),
        say("memory"),
        say("restarts"),
    ):
        table.add_column(heading)
    words = {
        "ready": say("ready"),
        "not ready": say("not ready"),
        "down": say("down"),
        "killed": say("killed"),
    }
    for each in found["servers"]:
        colour = {"ready": "green", "not ready": "yellow"}.get(each["state"], "red")
        uptime = "–" if each["uptime_s"] is None else _duration(each["uptime_s"])
        memory = "–" if each["memory_bytes"] is None else f"{each['memory_bytes'] / 2**20:.0f} MiB"
        table.add_row(
            each["name"],
            f"[{colour}]{words[each['state']]}[/]",
            each["address"],
            *("–" if each[what] is None else str(each[what]) for what in _REPORTED),
            str(each["pid"] or "–"),
            uptime,
            memory,
            str(each["restarts"]),
        )
    # A terminal folds what does not fit; what goes elsewhere is not cut at 80.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    console.print(say("The cluster serves at {url}.", url=found["url"]), markup=False)
    console.print(table)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _print(entries: "Iterable[Entry]") -> None:
    for entry in entries:
        typer.echo(f"{entry.source} {entry.line}")
