"""What repairing gives: articles of the composer, scored before and after its rounds, in both languages.

The sources are the texts of `tests/seo/parallel`, each with its keyphrase, and the examples; no network
and no model. Grounding is counted beside: it must not move. Writes `bench/results/repairing.json`.
"""

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.config import Settings
from app.generation import article
from app.generation.domain import NotEnoughFacts
from app.generation.facts import facts_of_snapshot
from app.generation.repairing import Measured, Round, repair_round
from app.generation.schemas import Brief, Fact, Usage, Written
from app.generation.verifying import verify_sections
from app.generation.writers.composer import Composer
from app.language.types import Language
from app.review.analysing import read_text
from app.seo.thresholds import SiteLimits
from app.sources.domain import Rights, Snapshot
from app.sources.markdown import normalise_markdown
from bench.working import KEYWORDS, RESULTS, ROOT, machine

ROUNDS = 2
PARALLEL = ROOT / "tests" / "seo" / "parallel"


def snapshot(file: Path, language: Language) -> Snapshot:
    """A file as its owner's source."""
    given = read_text(file.read_text())
    text = normalise_markdown(given.body)
    return Snapshot(
        id=Snapshot.id_of(file.name, text),
        origin=file.name,
        url=None,
        title=given.title or file.stem,
        text=text,
        language=language,
        rights=Rights.OWN,
        fetched_at=datetime.now(UTC),
    )


def asked() -> list[tuple[str, Language, list[Path]]]:
    """Keyword, language and sources of each article."""
    languages: tuple[Language, ...] = ("en", "ko")
    found: list[tuple[str, Language, list[Path]]] = []
    for language in languages:
        found += [
            (read_text(file.read_text()).keyphrase, language, [file])
            for file in sorted(PARALLEL.glob(f"*.{language}.md"))
        ]
        examples = sorted((ROOT / "examples" / language).glob("*.md"))
        found.append((KEYWORDS[language], language, examples))
    return found


async def compose(
    brief: Brief, facts: Mapping[str, Fact], snapshots: Sequence[Snapshot]
) -> tuple[list[Measured], list[Round]]:
    """The article as it was before the first round and after each, and the rounds."""
    composer, settings = Composer(), Settings()
    outline, _ = await composer.outline(brief, list(facts.values()))
    drafts = [await composer.section(brief, plan, facts) for plan in outline.plans]
    verified = verify_sections(drafts, facts, brief.language)
    written = Written(
        sections=verified.sections,
        questions=len(outline.questions),
        snippet=await composer.snippet(brief, verified.sections),
    )
    # As a new blog has it: no other article to link to, no image to offer.
    ground = article.Ground(SiteLimits(), first=True, has_images=False)

    def measure(written: Written) -> Measured:
        cut = len(written.sections) - written.questions
        assembled = article.assemble(
            brief=brief,
            publish=False,
            snippet=written.snippet,
            sections=written.sections[:cut],
            questions=written.sections[cut:],
            facts=facts,
            snapshots=snapshots,
            flagged=verified.flagged,
            spent=Usage(),
        )
        analysis = article.analyse_assembled(assembled, settings.writing, ground)
        held = article.describe(assembled, analysis, settings.writing)["held"]
        return Measured(written, assembled, analysis, held)

    states, rounds = [measure(written)], []
    for _ in range(ROUNDS):
        done = await repair_round(
            states[-1].written,
            writer=composer,
            brief=brief,
            facts=facts,
            limits=ground.limits.of(brief.language),
            measure=measure,
        )
        rounds.append(done)
        states.append(done.best)
        if not done.is_kept:
            break
    return states, rounds


def told(measured: Measured) -> dict[str, Any]:
    """The numbers of one state."""
    scores, counts = measured.analysis.scores, measured.assembled.counts
    return {
        "overall": scores.overall,
        "seo": scores.seo,
        "readability": scores.readability,
        "grounding": scores.grounding,
        "claims": counts.total,
        "supported": counts.supported,
        "held": len(measured.held),
        "not_green": sorted(
            each.check_id
            for each in measured.analysis.findings
            if each.points is not None and each.level != "good"
        ),
    }


async def measured() -> dict[str, Any]:
    """All articles, and what they sum up to."""
    rows: list[dict[str, Any]] = []
    for keyword, language, files in asked():
        snapshots = [snapshot(file, language) for file in files]
        facts: dict[str, Fact] = {}
        for each in snapshots:
            for fact in facts_of_snapshot(each, first=len(facts)):
                facts[fact.id] = fact
        brief = Brief(keyword=keyword, language=language, sources=tuple(s.id for s in snapshots))
        started = time.perf_counter()
        try:
            states, rounds = await compose(brief, facts, snapshots)
        except NotEnoughFacts as refused:
            rows.append({"keyword": keyword, "language": language, "refused": str(refused)})
            continue
        rows.append(
            {
                "keyword": keyword,
                "language": language,
                "seconds": round(time.perf_counter() - started, 2),
                "before": told(states[0]),
                "after": told(states[-1]),
                "rounds": [done.told(n) for n, done in enumerate(rounds, 1)],
            }
        )
    return {"articles": rows, **summary(rows)}


def summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Means by language, what was repaired how often, and whether grounding moved."""
    written = [row for row in rows if "before" in row]
    result: dict[str, Any] = {}
    for language in ("en", "ko"):
        of = [row for row in written if row["language"] == language]
        result[language] = {
            "articles": len(of),
            **{
                f"{name}_{when}": round(statistics.mean(row[when][name] for row in of), 1)
                for name in ("overall", "seo", "readability", "grounding")
                for when in ("before", "after")
            },
            "not_green_before": dict(Counter(x for row in of for x in row["before"]["not_green"])),
            "not_green_after": dict(Counter(x for row in of for x in row["after"]["not_green"])),
            "better": sum(row["after"]["overall"] > row["before"]["overall"] for row in of),
            "worse": sum(row["after"]["overall"] < row["before"]["overall"] for row in of),
        }
    result["grounding_lower"] = sum(
        row["after"]["grounding"] < row["before"]["grounding"]
        or row["after"]["supported"] / row["after"]["claims"]
        < row["before"]["supported"] / row["before"]["claims"]
        for row in written
    )
    return result


def main() -> None:
    """Measure, print and keep the results."""
    results = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        **asyncio.run(measured()),
    }
    (RESULTS / "repairing.json").write_text(
        json.dumps(results, indent=1, ensure_ascii=False) + "\n"
    )
    print(json.dumps({k: v for k, v in results.items() if k != "articles"}, indent=1))


if __name__ == "__main__":
    main()
