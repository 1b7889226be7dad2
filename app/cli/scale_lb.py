"""`ai-seo-blogger scale lb`: the balancer's policy as a balancer's configuration."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import run, tell, terminal_language

if TYPE_CHECKING:
    # For the annotation alone: these imports take longer than `--help` may.
    from app.ops.balancers.plan import Plan


class Balancer(StrEnum):
    """What a configuration can be written for."""

    NGINX = "nginx"
    HAPROXY = "haproxy"
    CADDY = "caddy"
    TRAEFIK = "traefik"
    ALB = "alb"
    K8S = "k8s"
    COMPOSE = "compose"


def lb(
    balancer: Annotated[Balancer, typer.Argument(help="The balancer to write for.")],
    instances: Annotated[
        str, typer.Option("--instances", help="Addresses, comma-separated: host:port,…")
    ] = "",
    from_fleet: Annotated[
        bool, typer.Option("--from-fleet", help="Take the instances that live now.")
    ] = False,
    listen: Annotated[
        str, typer.Option("--listen", help="Where readers reach the balancer.")
    ] = "127.0.0.1:8080",
    replicas: Annotated[
        int, typer.Option("--replicas", min=1, help="Instances of k8s and compose.")
    ] = 3,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; unset: standard output.")
    ] = None,
) -> None:
    """Write a balancer's configuration from the one policy of the settings."""
    run(_lb, balancer, instances, from_fleet, listen, replicas, output)


async def _lb(
    balancer: Balancer,
    instances: str,
    from_fleet: bool,
    listen: str,
    replicas: int,
    output: Path | None,
) -> int:
    from app.config import load_settings
    from app.kit.errors import Invalid
    from app.kit.speech import speak, spoken
    from app.ops.balancers.plan import make_plan
    from app.ops.balancers.policy import policy_findings
    from app.ops.balancers.speech import words

    speak(terminal_language())
    if instances and from_fleet:
        raise Invalid(words("Choose one of --instances and --from-fleet."))
    settings, warnings = load_settings()
    for warning in warnings:
        tell(f"warning: {warning}")
    addresses = [each.strip() for each in instances.split(",") if each.strip()]
    if from_fleet:
        addresses = await _living()
    text = write(balancer, make_plan(settings, addresses, listen=listen), replicas)
    for finding in policy_findings(settings):
        said = finding.said(spoken())
        tell(f"{said['status']}: {said['message']} {said['hint']} ({said['id']})")
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")  # noqa: ASYNC240  # nothing else runs here
        tell(words("Written to {file}.", file=output))
    return 0


def write(balancer: Balancer, plan: "Plan", replicas: int) -> str:
    """The configuration of one balancer.

    Raises:
        Invalid: the plan does not fit it.
    """
    from app.ops.balancers.alb import alb
    from app.ops.balancers.caddy import caddy
    from app.ops.balancers.compose import compose
    from app.ops.balancers.haproxy import haproxy
    from app.ops.balancers.k8s import k8s
    from app.ops.balancers.nginx import nginx
    from app.ops.balancers.traefik import traefik

    written: dict[Balancer, Callable[[], str]] = {
        Balancer.NGINX: lambda: nginx(plan),
        Balancer.HAPROXY: lambda: haproxy(plan),
        Balancer.CADDY: lambda: caddy(plan),
        Balancer.TRAEFIK: lambda: traefik(plan),
        Balancer.ALB: lambda: alb(plan),
        Balancer.K8S: lambda: k8s(plan, replicas=replicas),
        Balancer.COMPOSE: lambda: compose(plan, replicas=replicas),
    }
    return written[balancer]()


async def _living() -> list[str]:
    from app.cli.house import open_house
    from app.ops.balancers.living import live_addresses

    async with open_house() as house:
        return await live_addresses(house.database, ttl_s=house.settings.fleet.ttl_s)
