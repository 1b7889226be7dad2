"""Writes `deploy/` from the policy; `--check` fails when a file is not what the program writes."""

import sys
from pathlib import Path

from app.config import Settings
from app.ops.balancers.alb import alb
from app.ops.balancers.caddy import caddy
from app.ops.balancers.compose import compose
from app.ops.balancers.haproxy import haproxy
from app.ops.balancers.kustomize import kustomize
from app.ops.balancers.monitors import monitors
from app.ops.balancers.nginx import nginx
from app.ops.balancers.observe import observe
from app.ops.balancers.plan import make_plan
from app.ops.collecting.rsyslog import central, sender

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
THREE = ("127.0.0.1:8000", "127.0.0.1:8001", "127.0.0.1:8002")
"""The instances of the scaling guide."""


def files() -> dict[str, str]:
    """Every written file by its path in `deploy/`; the environment changes nothing."""
    # Built from defaults alone: whoever writes may have an environment of his own.
    defaults = Settings.model_construct()
    named = make_plan(defaults, THREE)
    found = make_plan(defaults, ())
    alerts = (DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    return {
        "nginx/ai-seo-blogger.conf": nginx(named),
        "haproxy/haproxy.cfg": haproxy(named),
        "caddy/Caddyfile": caddy(named),
        "aws/main.tf": alb(found),
        "logs/rsyslog/central.conf": central(),
        "logs/rsyslog/sender.conf": sender(),
        "compose.yaml": compose(found, replicas=2, context=".."),
        "compose.observe.yaml": observe(found, replicas=2),
        **{f"k8s/{path}": text for path, text in {**kustomize(found), **monitors(alerts)}.items()},
    }


def stale(folder: Path = DEPLOY) -> list[str]:
    """Files that are missing or differ from what the program writes."""
    return [
        name
        for name, text in files().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """Write, or look."""
    if "--check" in sys.argv[1:]:
        found = stale()
        for name in found:
            print(f"deploy/{name} is not what the program writes. Run: make deploy")
        return 1 if found else 0
    for name, text in files().items():
        path = DEPLOY / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
