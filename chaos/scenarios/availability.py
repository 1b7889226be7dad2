"""Availability: an open load at half of what the fleet can do, while its parts are taken from it.

`availability` takes instances (killed, paused, drained, rolled, added and removed, out of disk); `services`
what they share (Valkey, PostgreSQL, S3). Every fault has its own load, which has to be steady before it.
"""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cluster import Instance, Server
from chaos.availability.judging import (
    PAGES,
    READERS,
    WRITERS,
    at_least,
    figures_of,
    longest_gap,
    of,
    share_good,
    split,
    steady,
)
from chaos.availability.loading import Load, loading
from chaos.availability.orders import Asked, Order
from chaos.availability.town import Town
from chaos.judging import Check, none
from chaos.report import Result
from chaos.scenarios.options import Options

SIZE = 3
SHARES = {"kept": 0.43, "page": 0.43, "list": 0.04, "edit": 0.05, "job": 0.05}
"""Most ask for a page, half of them past the micro-cache; one of ten requests writes."""

_CAPACITY_S = 12.0
_WORKERS = 24
_LEAST_PER_S = 20.0
_REQUESTS = 100_000
_SETTINGS = {"ROLE": "web"}
"""Jobs are accepted and kept; that their work survives is what the other scenarios measure."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is done to the fleet under load, and what is asked of it."""

    name: str
    does: Callable[[Town, Load, float], None]
    """Given the town, the load and how long it may be kept broken, seconds."""
    readers: float
    writers: float
    pages_only: bool = False
    """Whether lists, which come from the database, are told and not judged."""


def availability(options: Options) -> Iterator[Result]:
    """Instances are taken."""
    with Town(SIZE, settings=_SETTINGS, small_disk=True) as town:
        per_s = _half_capacity(town, options)
        everything: list[Asked] = []
        for n, fault in enumerate(_INSTANCES):
            if fault.name == "disk full" and town.disk is None:
                message = "not measured: a file system of its own needs root"
                yield Result(f"availability: {fault.name}", options.seed, SIZE, error=message)
                continue
            result, asked = _measure(town, fault, per_s, options, n)
            everything += asked
            yield result
        yield _together(everything, options)


def services(options: Options) -> Iterator[Result]:
    """What instances share is taken."""
    with Town(SIZE, settings=_SETTINGS) as town:
        per_s = _half_capacity(town, options)
        for n, fault in enumerate(_SERVICES):
            yield _measure(town, fault, per_s, options, n)[0]


def _half_capacity(town: Town, options: Options) -> float:
    """Half of the good answers a second that readers and writers get who ask at once again."""
    seconds = 4.0 if options.short else _CAPACITY_S
    order = Order(town.kinds(**SHARES), options.seed, workers=_WORKERS, tag="capacity")
    with loading(order) as load:
        load.last(seconds)
    good = [each for each in load.report.asked if each.good]
    if not good:
        raise RuntimeError(f"nobody was answered: {load.report.asked[:1]}")
    span = max(each.ended_at for each in good) - min(each.due_at for each in good)
    return max(_LEAST_PER_S, len(good) / span / 2)


def _measure(
    town: Town, fault: Fault, per_s: float, options: Options, n: int
) -> tuple[Result, list[Asked]]:
    """One fault under a load of its own."""
    still_s, broken_s, after_s = (6.0, 5.0, 4.0) if options.short else (15.0, 30.0, 30.0)
    seed = options.seed + n
    order = Order(town.kinds(**SHARES), seed, per_s=per_s, tag=f"{fault.name}-{seed}")
    before_counts = town.nginx.answered()
    with loading(order) as load:
        load.last(still_s)
        fault_at = time.monotonic()
        fault.does(town, load, broken_s)
        mended_at = time.monotonic()
        load.last(after_s)
    asked = load.report.asked
    before, after = split(asked, fault_at)
    first = min((each.due_at for each in asked), default=fault_at)
    checks = [*steady(before, per_s, fault_at - first), *_judge(fault, after)]
    jobs = [each.name for each in asked if each.name]
    checks += [
        none("accepted jobs that the database has not", len(jobs) - town.jobs_kept(jobs)),
        none("jobs accepted under one id", len(jobs) - len(set(jobs))),
    ]
    counts = town.nginx.answered()
    figures: dict[str, Any] = {
        "arrivals a second": per_s,
        "fault until mended, s": mended_at - fault_at,
        **figures_of(after, fault_at),
        "answered by": ", ".join(
            f"{address.rpartition(':')[2]}: {counts[address] - before_counts.get(address, 0)}"
            for address in sorted(counts)
        ),
        "generator's processor, s": load.report.processor_s,
    }
    return Result(f"availability: {fault.name}", seed, SIZE, checks, figures), asked


def _judge(fault: Fault, after: list[Asked]) -> list[Check]:
    readers = of(after, PAGES if fault.pages_only else READERS)
    writers = of(after, WRITERS)
    name = "pages answered well" if fault.pages_only else "readers answered well"
    checks = [at_least(name, share_good(readers), fault.readers)]
    if fault.writers:
        return [*checks, at_least("writers answered well", share_good(writers), fault.writers)]
    read = Check("longest read gap, s", round(longest_gap(readers), 2), "told", holds=True)
    write = Check("longest write gap, s", round(longest_gap(writers), 2), "told", holds=True)
    return [*checks, read, write]


def _together(asked: list[Asked], options: Options) -> Result:
    """All instance faults as one."""
    wanted = 1000 if options.short else _REQUESTS
    checks = [
        Check("requests", len(asked), f">= {wanted}", len(asked) >= wanted),
        at_least("readers answered well", share_good(of(asked, READERS)), 0.9999),
        at_least("writers answered well", share_good(of(asked, WRITERS)), 0.999),
    ]
    told = figures_of(asked, min((each.due_at for each in asked), default=0.0))
    told = {
        name: value for name, value in told.items() if "recovered" not in name and "gap" not in name
    }
    return Result("availability: all instance faults", options.seed, SIZE, checks, told)


def _kill(town: Town, load: Load, seconds: float) -> None:
    victim = town.instances[0]
    victim.kill()
    load.last(seconds)
    victim.start()


def _pause(town: Town, load: Load, seconds: float) -> None:
    victim = town.instances[1]
    victim.pause()
    load.last(seconds)
    victim.resume()


def _drain(town: Town, load: Load, seconds: float) -> None:
    _out_and_in(town, load, town.instances[2], seconds)


def _roll(town: Town, load: Load, seconds: float) -> None:
    for instance in town.instances:
        _out_and_in(town, load, instance, seconds / 10)


def _out_and_in(town: Town, load: Load, instance: Instance, seconds: float) -> None:
    """As behind nginx, which asks no instance how it is: out of the file, stopped, started, back again."""
    town.fleet.rebalance(without=[instance])
    if instance.stop():
        raise RuntimeError(f"instance {instance.number} did not leave cleanly")
    load.last(seconds)
    instance.start()
    town.fleet.rebalance()


def _scale(town: Town, load: Load, seconds: float) -> None:
    more = [town.fleet.add(), town.fleet.add()]
    load.last(seconds)
    for each in more:
        if town.fleet.remove(each):
            raise RuntimeError(f"instance {each.number} did not leave cleanly")


def _fill_disk(town: Town, load: Load, seconds: float) -> None:
    """Fill the first instance's disk to its last byte: its data folder and its temporary files are there."""
    if town.disk is None:
        raise RuntimeError("no instance has a disk of its own")
    filler: Path = town.disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65_536)):
                continue
        except OSError:
            pass  # that is what was wanted
    load.last(seconds)
    filler.unlink()


def _restart(server: Server | None) -> None:
    """As after a crash: nobody is told, nothing is flushed."""
    if server is None:
        raise RuntimeError("the fleet has no such service of its own")
    server.signal(signal.SIGQUIT)
    until = time.monotonic() + 20
    while server.running and time.monotonic() < until:
        time.sleep(0.02)
    server.kill()
    server.start()


def _away(server: Server | None, load: Load, seconds: float) -> None:
    if server is None:
        raise RuntimeError("the fleet has no such service of its own")
    server.kill()
    load.last(seconds)
    server.start()


_INSTANCES = (
    Fault("kill", _kill, 0.9999, 0.999),
    Fault("pause", _pause, 0.9999, 0.999),
    Fault("drain", _drain, 1.0, 1.0),
    Fault("roll", _roll, 1.0, 1.0),
    Fault("scale", _scale, 1.0, 1.0),
    Fault("disk full", _fill_disk, 0.9999, 0.999),
)
_SERVICES = (
    Fault("PostgreSQL restarted", lambda t, _l, _s: _restart(t.fleet.postgres), 0.999, 0, True),
    Fault("PostgreSQL away", lambda t, load, s: _away(t.fleet.postgres, load, s), 0.999, 0, True),
    Fault("Valkey restarted", lambda t, _l, _s: _restart(t.fleet.valkey), 0.999, 0, True),
    Fault("Valkey away", lambda t, load, s: _away(t.fleet.valkey, load, s), 0.999, 0, True),
    Fault("S3 away", lambda t, load, s: _away(t.fleet.s3, load, s), 0.9999, 0.999),
)
