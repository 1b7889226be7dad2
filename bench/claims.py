"""Holds whole articles against their sources, and counts how many planted errors are caught.

Twice over: `verbatim`, an independent check that the article repeats its sources letter by letter, and
`grounding`, the check that also judges what a model worded and so must bear other words. Of each
article 50 sentences are made wrong, one at a time: a number, a name, a negation. Writes
`bench/results/claims.json`; `make bench` runs it on the examples, and

    PYTHONPATH=. .venv/bin/python bench/claims.py --keyword K --lang ko FILE…

prints the same for sources of your own.
"""

import argparse
import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.generation.writers.composer.rules import link_phrases
from app.language.names import find_names
from app.language.types import Language
from app.posts.repository import Posts
from app.review.claims import Claim, check_claim
from app.review.verbatim import verbatim
from app.sources.repository import Snapshots
from bench.working import KEYWORDS, RESULTS, Desk, examples, machine, working

PLANTED = 50
SEED = 20261124
OTHER_NAME = {"en": "Zanzibar", "ko": "Zanzibar"}
SOURCE_LABELS = {"Source:", "출처:"}

NEGATIONS: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        (r"\b(is|are|can|should|must|does|will) not\b", r"\1"),
        (r"\b(is|are|can|should|must|will)\b(?! not)", r"\1 not"),
        (r"\bnever\b", "always"),
        (r"\bno\b", "every"),
    ),
    "ko": (
        (r"지 않습니다", "ㅂ니다"),
        (r"합니다", "하지 않습니다"),
        (r"됩니다", "되지 않습니다"),
        (r"있습니다", "없습니다"),
        (r"없습니다", "있습니다"),
        (r"입니다", "이 아닙니다"),
    ),
}


@dataclass(frozen=True)
class Written:
    """An article and everything it stands on."""

    language: Language
    markdown: str
    claims: tuple[Claim, ...]
    snapshots: dict[str, str]


@dataclass(frozen=True)
class Planted:
    """One sentence made wrong, and the whole article with it."""

    kind: str
    sentence: str
    claim: Claim
    markdown: str


async def write(desk: Desk, keyword: str, sources: Sequence[str], language: Language) -> Written:
    """Write an article and read back what was kept of it."""
    job = await desk.write(keyword, sources, language)
    async with desk.database.reading() as session:
        posts = Posts(session)
        revision = await posts.revision(str(job.post_id))
        rows = await posts.claims(str(job.post_id))
        found = await Snapshots(session).read(sorted({row.snapshot_id for row in rows}))
    claims = tuple(Claim(**row.model_dump()) for row in rows)
    return Written(
        language, revision.markdown, claims, {snapshot.id: snapshot.text for snapshot in found}
    )


def wrong(claim: Claim, language: Language) -> Iterator[tuple[str, str]]:
    """What the sentence can be made into: (kind, sentence)."""
    text = claim.sentence
    for number in re.finditer(r"\d+", text):
        changed = str(int(number[0]) + 1)
        yield "number", text[: number.start()] + changed + text[number.end() :]
    for name in find_names(text, language):
        if name.isascii() and name in text:
            yield "name", text.replace(name, OTHER_NAME[language], 1)
    for pattern, other in NEGATIONS[language]:
        flipped, count = re.subn(pattern, other, text, count=1)
        if count:
            yield "negation", flipped


def plant(article: Written) -> list[Planted]:
    """As many errors as are asked for, the kinds in turn; less where an article offers fewer."""
    chance = random.Random(SEED)  # noqa: S311  # repeats the choice, guards nothing
    by_kind: dict[str, list[Planted]] = {}
    for claim in article.claims:
        if article.markdown[claim.start : claim.end] != claim.sentence:
            continue  # escaped for Markdown: the plain sentence has no place of its own
        for kind, sentence in wrong(claim, article.language):
            markdown = article.markdown[: claim.start] + sentence + article.markdown[claim.end :]
            by_kind.setdefault(kind, []).append(Planted(kind, sentence, claim, markdown))
    for pool in by_kind.values():
        chance.shuffle(pool)
    chosen: list[Planted] = []
    while len(chosen) < PLANTED and any(by_kind.values()):
        chosen += [pool.pop() for pool in by_kind.values() if pool]
    return chosen[:PLANTED]


def moved(article: Written, planted: Planted) -> list[Claim]:
    """The article's claims where its text now has them; the wrong sentence keeps its own claim."""
    shift = len(planted.sentence) - len(planted.claim.sentence)
    claims: list[Claim] = []
    for claim in article.claims:
        if claim.start > planted.claim.start:
            claims.append(replace(claim, start=claim.start + shift, end=claim.end + shift))
        elif claim.start == planted.claim.start:
            claims.append(replace(claim, sentence=planted.sentence, end=claim.end + shift))
        else:
            claims.append(claim)
    return claims


def judge(article: Written) -> dict[str, Any]:
    """What the checks say of the article as it is, and of each planted error."""
    phrases = link_phrases(article.language) | SOURCE_LABELS
    clean = verbatim(
        article.markdown,
        article.claims,
        article.snapshots,
        article.language,
        linking_phrases=phrases,
    )
    supported = sum(claim.verdict == "supported" for claim in article.claims)
    total: Counter[str] = Counter()
    caught: dict[str, Counter[str]] = {"verbatim": Counter(), "grounding": Counter()}
    missed: list[str] = []
    for planted in plant(article):
        total[planted.kind] += 1
        found = verbatim(
            planted.markdown,
            moved(article, planted),
            article.snapshots,
            article.language,
            linking_phrases=phrases,
        )
        caught["verbatim"][planted.kind] += bool(found)
        verdict = check_claim(planted.sentence, [planted.claim.quote], article.language)
        caught["grounding"][planted.kind] += verdict.status != "supported"
        if verdict.status == "supported":
            missed.append(f"{planted.kind}: {planted.sentence}")
    return {
        "claims": len(article.claims),
        "supported": supported,
        "verbatim_violations": len(clean),
        "planted": dict(total),
        "caught_by_verbatim": dict(caught["verbatim"]),
        "caught_by_grounding": dict(caught["grounding"]),
        "missed_by_grounding": missed,
    }


async def examples_results() -> dict[str, Any]:
    """The examples of both languages."""
    async with working() as desk:
        return {
            language: judge(await write(desk, KEYWORDS[language], examples(language), language))
            for language in NEGATIONS
        }


async def one_result(keyword: str, language: Language, sources: list[str]) -> dict[str, Any]:
    """Somebody's own sources."""
    async with working() as desk:
        return judge(await write(desk, keyword, sources, language))


def main() -> None:
    """Judge, print, and keep what the examples gave."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keyword")
    parser.add_argument("--lang", choices=("en", "ko"), default="en")
    parser.add_argument("sources", nargs="*")
    given = parser.parse_args()
    if given.sources:
        results = asyncio.run(one_result(given.keyword, given.lang, given.sources))
    else:
        results = {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            **asyncio.run(examples_results()),
        }
        text = json.dumps(results, indent=1, ensure_ascii=False)
        (RESULTS / "claims.json").write_text(text + "\n")
    print(json.dumps(results, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
