"""Groups facts under the sources' own headings: merged, ordered, balanced, no heading twice."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, groupby

from app.generation.schemas import Fact
from app.generation.writers.composer.coherence import settle
from app.generation.writers.composer.headings import kind_of, same_heading, unique
from app.generation.writers.composer.relevance import Reading
from app.generation.writers.composer.rules import LEXICONS
from app.generation.writers.composer.structure import Draft, Paths, split, title_of
from app.generation.writers.composer.terms import name_for, segments, topic_sentence
from app.language.stems import content_stems
from app.language.types import Language

MOST_SECTIONS = 8
FEWEST_SECTIONS = 4
_TINY_WORDS: dict[Language, int] = {"en": 25, "ko": 16}
_PROMOTED_WORDS: dict[Language, int] = {"en": 60, "ko": 40}
_HEADLESS_WORDS: dict[Language, int] = {"en": 160, "ko": 120}
_FEWEST_BLOCK_FACTS = 3
_NAMING_SHARE = 0.2
"""Of a part's facts: named this often, the keyword is its subject too."""
_LEAST_KINSHIP = 0.4
"""Mean share of related terms from which a part that never names the keyword is still about it; set
by reading what fell on either side."""
_FEWEST_KEYWORD_HEADINGS, _MOST_KEYWORD_HEADINGS = 0.4, 0.6
"""Shares of the sections' headings that name the keyword. A reference analyser asks for 30 to 75 % of all
headings, sub-headings and questions among them."""

_NEAR = 0.2
"""Cosine of two sections' stems from which they may share a heading; set by reading."""

_MOST_TIES = 3
_MOST_TIED_WORDS = 3
_SIMPLE = re.compile(
    r"(?!(?:what|why|how|when|where|who|an?|the)\b)(?!.*[을를은는의에과와] )[\w가-힣/ -]+",
    re.IGNORECASE,
)
_ACTIVITY = re.compile(r"(?:ing|ion|men[t]|ance|ence|ity)$", re.IGNORECASE)
"""Keywords that take no article in English: "for horizontal scaling", but "for a heat pump"."""


def on_topic(drafts: Iterable[Draft], paths: Paths, reading: Reading) -> list[Draft]:
    """Leave out what has nothing to do with the keyword.

    A source that is about the keyword as a whole may speak of it in other words. Of any other source,
    only those parts count that name it in a heading or often enough in their sentences.
    """
    for draft in drafts:
        if draft.facts[0].snapshot_id not in reading.about:
            parts = groupby(draft.facts, key=lambda fact: paths[fact.id])
            draft.facts = [
                fact
                for path, part in ((path, list(part)) for path, part in parts)
                if _is_on_topic(path, part, reading)
                for fact in part
            ]
    return [draft for draft in drafts if draft.facts]


def _is_on_topic(path: Sequence[str], part: Sequence[Fact], reading: Reading) -> bool:
    if any(reading.names_keyword(heading) for heading in path):
        return True
    naming = sum(fact.id in reading.mentioning for fact in part)
    return naming >= _NAMING_SHARE * len(part) or reading.kinship(part) >= _LEAST_KINSHIP


def merged(drafts: Sequence[Draft], reading: Reading) -> list[Draft]:
    """Join drafts of different sources whose headings are near the same."""
    result: list[Draft] = []
    for draft in drafts:
        twin = next(
            (
                other
                for other in result
                if draft.heading
                and other.heading
                and same_heading(
                    draft.heading, other.heading, reading.keyword_stems, reading.language
                )
            ),
            None,
        )
        if twin is None:
            result.append(draft)
        else:
            twin.facts = [*twin.facts, *draft.facts]
            twin.place = min(twin.place, draft.place)
    return result


def named(drafts: Sequence[Draft], reading: Reading, keyphrase: str) -> list[Draft]:
    """Give headless facts headings of their own terms, and vague headings the keyword."""
    lexicon = LEXICONS[reading.language]
    result: list[Draft] = []
    everything = [fact for draft in drafts for fact in draft.facts]
    for draft in drafts:
        match kind_of(draft.heading, lexicon):
            case "none" if draft.words > _HEADLESS_WORDS[reading.language]:
                for n, part in enumerate(segments(draft.facts, reading)):
                    result.append(_headed(part, draft.place + n / 1000, everything, reading))
            case "none":
                draft.heading = title_of(draft.facts) or lexicon.overview.format(
                    keyphrase=keyphrase
                )
                result.append(draft)
            case "opening":
                draft.heading = lexicon.overview.format(keyphrase=keyphrase)
                result.append(draft)
            case "closing":
                draft.heading = lexicon.closing.format(keyphrase=keyphrase)
                draft.place = 1.0
                result.append(draft)
            case _:
                result.append(draft)
    for draft in result:
        if not draft.heading:
            draft.heading = lexicon.more.format(keyphrase=keyphrase)
    return result


def _headed(
    facts: Sequence[Fact], place: float, everything: Sequence[Fact], reading: Reading
) -> Draft:
    """Head a stretch by its own first sentence where that is short, else by its terms."""
    first = facts[0]
    heading = topic_sentence(first, reading.language)
    if heading and len(facts) > 1:
        return Draft(heading, list(facts[1:]), place, heading_fact=first.id)
    return Draft(name_for(facts, everything, reading), list(facts), place)


def qualified(drafts: Sequence[Draft], reading: Reading, keyphrase: str) -> None:
    """Put the keyword into headings that say nothing without it, up to the share that reads well."""
    lexicon = LEXICONS[reading.language]
    naming = sum(reading.names_keyword(draft.heading) for draft in drafts)
    for draft in drafts:
        if naming + 1 > _MOST_KEYWORD_HEADINGS * len(drafts):
            return
        if kind_of(draft.heading, lexicon) != "vague" or reading.names_keyword(draft.heading):
            continue
        template = lexicon.qualified.get(draft.heading.lower(), lexicon.qualified.get("*", ""))
        if template:
            draft.heading = template.format(keyphrase=keyphrase, heading=draft.heading)
            naming += 1


def tied(drafts: Sequence[Draft], reading: Reading, keyphrase: str) -> None:
    """Let a few short headings of sections that name the keyword name it too, where few do so far."""
    ties = _MOST_TIES if _ACTIVITY.search(keyphrase) or reading.language == "ko" else 0
    naming = sum(reading.names_keyword(draft.heading) for draft in drafts)
    for draft in sorted(drafts, key=lambda draft: -_naming(draft, reading)):
        enough = naming >= _FEWEST_KEYWORD_HEADINGS * len(drafts)
        if enough or not ties or not _naming(draft, reading):
            return
        words = draft.heading.split()
        if (
            len(words) > _MOST_TIED_WORDS
            or not _SIMPLE.fullmatch(draft.heading)
            or _shares_words(draft.heading, reading)
        ):
            continue
        after_consonant, after_vowel = LEXICONS[reading.language].tied
        template = after_consonant if _ends_in_consonant(keyphrase) else after_vowel
        draft.heading = template.format(keyphrase=keyphrase, heading=draft.heading)
        naming += 1
        ties -= 1


def _naming(draft: Draft, reading: Reading) -> int:
    return sum(fact.id in reading.naming for fact in draft.facts)


def _shares_words(heading: str, reading: Reading) -> bool:
    return not reading.keyword_stems.isdisjoint(content_stems(heading, reading.language))


def _ends_in_consonant(word: str) -> bool:
    last = word[-1]
    return "가" <= last <= "힣" and (ord(last) - ord("가")) % 28 > 0


def balanced(drafts: Sequence[Draft], paths: Paths, reading: Reading) -> list[Draft]:
    """Bring the number and size of sections near what reads well.

    Sub-headings are promoted while there are too few, the least go when there are too many, and
    tiny ones are given to their neighbour.
    """
    language = reading.language
    current = sorted(drafts, key=lambda draft: draft.place)
    while len(current) < FEWEST_SECTIONS:
        best: tuple[int, int, list[Draft]] | None = None
        for n, draft in enumerate(current):
            parts = split(draft, paths)
            solid = [part for part in parts if part.words >= _PROMOTED_WORDS[language]]
            if (
                len(parts) > 1
                and len(solid) == len(parts)
                and (best is None or draft.words > best[0])
            ):
                best = draft.words, n, parts
        if best is None or len(current) - 1 + len(best[2]) > MOST_SECTIONS:
            break
        current[best[1] : best[1] + 1] = best[2]
    current = _without_tiny(current, reading)
    while len(current) > MOST_SECTIONS:
        if _join_nearest(current, reading):
            continue
        current.remove(min(current, key=lambda draft: (_weight(draft, reading), -draft.place)))
    return current


def _join_nearest(drafts: list[Draft], reading: Reading) -> bool:
    """Put the two sections nearest in content under the earlier one's heading, if any are near enough.

    The later one's heading becomes a sub-heading.
    """
    counts = [
        Counter(stem for fact in draft.facts for stem in dict.fromkeys(reading.stems[fact.id]))
        for draft in drafts
    ]
    spread = Counter(stem for count in counts for stem in count)
    vectors = [
        _of_length_one({s: n * math.log(len(drafts) / spread[s]) for s, n in count.items()})
        for count in counts
    ]
    nearness, one, other = max(
        (_cosine(vectors[a], vectors[b]), -a, -b) for a, b in combinations(range(len(drafts)), 2)
    )
    if nearness < _NEAR:
        return False
    joined, gone = drafts[-one], drafts[-other]
    joined.facts = [*joined.facts, *gone.facts]
    drafts.remove(gone)
    return True


def _of_length_one(vector: Mapping[str, float]) -> dict[str, float]:
    length = math.hypot(*vector.values()) or 1.0
    return {stem: weight / length for stem, weight in vector.items() if weight}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(weight * other[stem] for stem, weight in one.items() if stem in other)


def _weight(draft: Draft, reading: Reading) -> float:
    scores = sorted((reading.scores[fact.id] for fact in draft.facts), reverse=True)[:6]
    return sum(scores) + 0.5 * reading.names_keyword(draft.heading)


def _is_tiny(draft: Draft, language: Language) -> bool:
    fewest = _TINY_WORDS[language]
    if kind_of(draft.heading, LEXICONS[language]) in ("none", "opening", "closing"):
        # What the introduction left over has no heading of its own: it must be worth one.
        fewest *= 2
    blocks = sum(fact.kind in ("item", "row") for fact in draft.facts)
    code = any(fact.kind == "code" for fact in draft.facts)
    return draft.words < fewest and blocks < _FEWEST_BLOCK_FACTS and not code


def _without_tiny(drafts: list[Draft], reading: Reading) -> list[Draft]:
    """Leave tiny sections out; move what opens a source to its section that shares most words with it."""
    lexicon = LEXICONS[reading.language]
    solid = [draft for draft in drafts if not _is_tiny(draft, reading.language)]
    if len(solid) < FEWEST_SECTIONS:
        solid = [
            draft
            for draft in drafts
            if draft in solid or kind_of(draft.heading, lexicon) in ("own", "vague", "question")
        ]
    if not solid:
        return drafts
    for tiny in drafts:
        # What has a heading of its own would be misfiled under another.
        if tiny in solid or kind_of(tiny.heading, lexicon) not in ("none", "opening"):
            continue
        sentences = [fact for fact in tiny.facts if fact.kind == "sentence"]
        stems = {stem for fact in sentences for stem in reading.stems[fact.id]}
        source = tiny.facts[0].snapshot_id
        near = [draft for draft in solid if draft.facts[-1].snapshot_id == source] or solid
        home = max(near, key=lambda draft: _shared(draft, stems, reading))
        if sentences and _shared(home, stems, reading) > 0:
            home.facts = [*sentences, *home.facts]
    return solid


def _shared(draft: Draft, stems: set[str], reading: Reading) -> float:
    own = {stem for fact in draft.facts for stem in reading.stems[fact.id]} - reading.keyword_stems
    return len(own & stems) / max(1, len(stems)) if len(own & stems) > 1 else 0.0


def _below(draft: Draft, path: tuple[str, ...], reading: Reading) -> tuple[str, ...]:
    """Return the headings of `path` below the section's own, all of them if it came from elsewhere."""
    own = path[draft.depth - 1 : draft.depth]
    joined = own and not any(
        same_heading(own[0], heading, reading.keyword_stems, reading.language)
        for heading in (draft.heading, draft.source_heading)
    )
    return path[draft.depth - 1 :] if joined else path[draft.depth :]


def with_subheadings(drafts: Sequence[Draft], paths: Paths, reading: Reading) -> None:
    """Give sub-headings where a section holds several subjects or a block that nothing introduces."""
    lexicon = LEXICONS[reading.language]
    taken = [draft.heading for draft in drafts]
    for draft in drafts:
        groups: list[tuple[tuple[str, ...], list[Fact]]] = []
        for fact in draft.facts:
            path = _below(draft, paths[fact.id], reading)
            if not groups or groups[-1][0] != path:
                groups.append((path, []))
            groups[-1][1].append(fact)
        if len(groups) < 2 and not (groups and groups[0][0] and groups[0][1][0].kind == "code"):  # noqa: PLR2004  # a single group needs no sub-heading but above bare code
            continue
        for path, facts in groups:
            if not path:
                continue
            heading = path[-1]
            if kind_of(heading, lexicon) in ("opening", "closing"):
                continue
            parents = [draft.heading, *path[:-1]]
            name = unique(heading, taken, parents)
            if name and not same_heading(name, draft.heading, frozenset(), reading.language):
                taken.append(name)
                draft.subheadings[facts[0].id] = name


def distinct(drafts: Sequence[Draft]) -> list[Draft]:
    """Make every heading unique; a draft whose heading cannot be joins the one that has it."""
    result: list[Draft] = []
    for draft in drafts:
        name = unique(draft.heading, [each.heading for each in result], draft.parents)
        if name:
            draft.heading = name
            result.append(draft)
            continue
        twin = next(each for each in result if each.heading.lower() == draft.heading.lower())
        twin.facts = [*twin.facts, *draft.facts]
    return result


def settled(drafts: Sequence[Draft], language: Language) -> list[Draft]:
    """Drop what dangles in the final order, and the sections that hold nothing then."""
    for draft in drafts:
        draft.facts = settle(draft.facts, LEXICONS[language], language)
    return [draft for draft in drafts if draft.facts]
