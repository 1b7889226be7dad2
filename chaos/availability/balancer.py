"""The generated nginx twice: as operators get it, and beside it the same site with its micro-cache off.

Behind the second one every answer is an instance's: what holds there holds of the instances.
"""

import re
from pathlib import Path

from app.cluster import NginxServer, free_port
from app.config import Settings
from app.ops.balancers.plan import Plan

_SERVER = re.compile(r"^server \{\n.*?^\}\n", re.MULTILINE | re.DOTALL)


class TwofoldNginx(NginxServer):
    """Its `plain_port` is that of the site without micro-cache; who answered there is in `spread`."""

    def __init__(self, settings: Settings, instances: list[str], *, home: Path) -> None:
        super().__init__(settings, instances, home=home)
        self.plain_port = free_port()
        self.spread = self.home / "spread.log"

    def choose_port(self) -> None:
        """Look for other ports, since somebody took one of them."""
        super().choose_port()
        self.plain_port = free_port()

    def write_numbered(self, plan: Plan, number: int, address: str) -> None:
        """Write the site, and its server once more without the cache.

        Raises:
            ValueError: the generated file no longer looks as it did.
        """
        super().write_numbered(plan, number, address)
        file = self.home / "site.conf"
        site = file.read_text()
        found = _SERVER.search(site)
        if found is None or "proxy_cache ai_seo_blogger_pages;" not in found[0]:
            raise ValueError("the generated nginx site has no server with a micro-cache")
        plain = found[0].replace(
            f"listen {plan.listen};",
            f"listen 127.0.0.1:{self.plain_port};\n    access_log {self.spread} answered_by;",
        )
        plain = plain.replace("proxy_cache ai_seo_blogger_pages;", "proxy_cache off;")
        file.write_text(f"log_format answered_by '$upstream_addr $status';\n{site}\n{plain}")

    def answered(self) -> dict[str, int]:
        """How many requests of the plain site each instance has answered, by its address."""
        counts: dict[str, int] = {}
        if not self.spread.exists():
            return counts
        for line in self.spread.read_text().splitlines():
            # Where several were tried, the last one answered.
            address = line.rpartition(" ")[0].rpartition(", ")[2].rpartition(" : ")[2]
            counts[address] = counts.get(address, 0) + 1
        return counts

    def processor_s(self) -> float:
        """Processor time of its workers so far, seconds."""
        return sum(processor_s(int(pid)) for pid in _children(self.pid))


def _children(pid: int | None) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if pid else []


def processor_s(pid: int) -> float:
    """Processor time of a process, its threads included, seconds; 0 when it is gone (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / 100  # CLK_TCK is 100 on every Linux of today
