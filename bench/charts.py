"""Draws what was measured: `bench/results/*.json` → `bench/results/*.svg`, readable on light and dark pages.

Nothing is drawn that nobody measured: without its file, or where that says "not measured", a chart is left out.
Run: PYTHONPATH=. .venv/bin/python bench/charts.py
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench.usl import Law
from bench.working import RESULTS

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 150, 48, 48
_COLOURS = {"pages": "#0072b2", "desk": "#d55e00", "jobs": "#009e73"}
"""Okabe and Ito's: told apart by colour-blind readers as well."""
_STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#222}.axis{stroke:#888}.grid{stroke:#ddd}"
    ".ideal{stroke:#888;stroke-dasharray:5 4;fill:none}svg{background:#fff}"
)


def scaling(results: Mapping[str, Any]) -> str | None:
    """Throughput of each load over that of one instance: dots measured, a line the law, dashes the ideal."""
    if not results.get("laws"):
        return None
    points: Sequence[Mapping[str, Any]] = results["points"]
    most = max(point["instances"] for point in points)
    ratios = [
        point[load]["per_s"] / points[0][load]["per_s"]
        for load in results["laws"]
        for point in points
        if points[0][load]["per_s"]
    ]
    top = max([float(most), *ratios])

    def place(n: float, ratio: float) -> tuple[float, float]:
        x = _LEFT + (n - 1) / max(1, most - 1) * (_WIDTH - _LEFT - _RIGHT)
        return round(x, 1), round(_HEIGHT - _BOTTOM - ratio / top * (_HEIGHT - _TOP - _BOTTOM), 1)

    drawn = [_text(_LEFT, 24, "Throughput, each instance held to the same share of a core")]
    for n in range(1, most + 1):
        x, y = place(n, 0)
        drawn.append(_text(x, y + 20, str(n), "middle"))
    for ratio in range(int(top) + 1):
        x, y = place(1, ratio)
        end, _ = place(most, ratio)
        kind = "grid" if ratio else "axis"
        drawn.append(f'<line class="{kind}" x1="{x}" y1="{y}" x2="{end}" y2="{y}"/>')
        drawn.append(_text(_LEFT - 10, y + 5, f"×{ratio}", "end"))
    drawn.append(_text(place(most, 0)[0], _HEIGHT - 8, "instances", "end"))
    drawn.append(_line([place(1, 1), place(most, most)], 'class="ideal"'))
    for row, (load, law) in enumerate(results["laws"].items()):
        one, colour = points[0][load]["per_s"], _COLOURS[load]
        if not one:
            continue
        drawn.extend(
            '<circle cx="{}" cy="{}" r="4" fill="{}"/>'.format(
                *place(point["instances"], point[load]["per_s"] / one), colour
            )
            for point in points
        )
        if "one_per_s" in law:
            fitted = Law(law["one_per_s"], law["contention"], law["coherence"])
            curve = [place(1 + n / 10, fitted.at(1 + n / 10) / one) for n in range(10 * most - 9)]
            drawn.append(_line(curve, f'fill="none" stroke="{colour}" stroke-width="2"'))
        y = _TOP + 24 * row
        drawn.append(f'<circle cx="{_WIDTH - _RIGHT + 20}" cy="{y}" r="4" fill="{colour}"/>')
        drawn.append(_text(_WIDTH - _RIGHT + 32, y + 5, f"{load} ({one:.3g}/s)"))
    return _svg(drawn, "Throughput against instances")


def _svg(drawn: Sequence[str], title: str) -> str:
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    back = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
    title = f"<title>{escape(title)}</title>"
    return "\n".join([head, title, f"<style>{_STYLE}</style>", back, *drawn, "</svg>", ""])


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(points: Sequence[tuple[float, float]], how: str) -> str:
    return f'<polyline points="{" ".join(f"{x},{y}" for x, y in points)}" {how}/>'


CHARTS = {"scaling": scaling}


def main(folder: Path = RESULTS) -> None:
    """Draw every chart whose results are there."""
    for name, draw in CHARTS.items():
        file = folder / f"{name}.json"
        drawn = draw(json.loads(file.read_text())) if file.exists() else None
        if drawn is None:
            print(f"{name}: not measured, no chart")
            continue
        (folder / f"{name}.svg").write_text(drawn)
        print(f"{name}: {folder / name}.svg")


if __name__ == "__main__":
    main()
