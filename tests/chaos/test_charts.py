"""Charts show what was measured, all of it, and nothing else."""

from xml.etree import ElementTree as ET

from bench.charts import main, scaling

SVG = "{http://www.w3.org/2000/svg}"
LAW = {"one_per_s": 10.0, "contention": 0.01, "coherence": 0.001}


def results(**more) -> dict:
    sizes = (1, 2, 3, 5, 8)
    points = [
        {"instances": n} | {load: {"per_s": 9.5 * n} for load in ("pages", "desk", "jobs")}
        for n in sizes
    ]
    return {
        "share": 0.08,
        "points": points,
        "laws": dict.fromkeys(("pages", "desk", "jobs"), LAW),
        **more,
    }


def test_every_measured_point_is_drawn_within_the_picture() -> None:
    root = ET.fromstring(scaling(results()))

    dots = root.findall(f"{SVG}circle")
    assert len(dots) == 3 * 5 + 3  # and one each in the legend
    assert all(
        0 <= float(dot.get("cx")) <= 640 and 0 <= float(dot.get("cy")) <= 400 for dot in dots
    )


def test_a_load_without_a_law_has_dots_and_no_curve() -> None:
    given = results()
    given["laws"] = given["laws"] | {"jobs": {"law": None, "why": "two sizes"}}

    root = ET.fromstring(scaling(given))

    assert len(root.findall(f"{SVG}polyline")) == 3  # the ideal and two laws


def test_what_was_not_measured_has_no_chart(tmp_path) -> None:
    (tmp_path / "scaling.json").write_text('{"not_measured": "no share can be enforced here"}')

    main(tmp_path)

    assert not list(tmp_path.glob("*.svg"))
