"""How well a claim is borne out, as one number: a weighted sum of what its evidence holds and leaves out.

It is asked only of claims that no rule refuses. The weights were fitted as a logistic regression, both
languages together, on the labelled sets for tuning (`bench/grounding.py` fits them again and prints what folds
that they were not fitted on give). Their signs are what they must be: more borne out never counts against a
claim.
"""

from app.language.types import Language
from app.review.evidence import JOINTS, Evidence
from app.review.words import bag_of, nearness, words_of

FEATURES = ("in_clause", "anywhere", "new_nouns", "longest_gap", "new_relations")
"""In order: the share of the claim's weight that the best clause holds; that all passages hold; nouns that no
passage has, at most three; words one after the other that no passage has, at most four; relations (before,
more) that the evidence has not."""
WEIGHTS = (1.601, 1.9, -0.497, -0.629, -0.351)
BIAS = -0.664
SUPPORTED_FROM: dict[Language, float] = {"en": 1.27, "ko": 1.5}
"""The sum from which a claim is supported: where three wrong ones of a hundred pass, of those it was set on.
In folds that neither weights nor marks were set on, recall was .59 (en) and .51 (ko), and 3.3 % of the wrong
ones passed in both."""
_MOST_NOUNS = 3
_LONGEST_GAP = 4


def features(evidence: Evidence) -> tuple[float, ...]:
    """What `FEATURES` names."""
    said = evidence.said
    total = said.weight or 1.0
    nouns = relations = gap = longest = 0
    for word, (here, _), (anywhere, _) in zip(
        said.words, evidence.found.words, evidence.everywhere.words, strict=True
    ):
        if word.kind == "r":
            relations += not here
            continue
        nouns += word.kind == "n" and not anywhere
        gap = 0 if anywhere else gap + 1
        longest = max(longest, gap)
    return (
        evidence.clues[0].found.weight(said) / total,
        evidence.everywhere.weight(said) / total,
        min(nouns, _MOST_NOUNS),
        min(longest, _LONGEST_GAP),
        relations,
    )


def borne_out(evidence: Evidence, language: Language) -> float:
    """How far above or below the mark a claim is."""
    found = sum(weight * value for weight, value in zip(WEIGHTS, features(evidence), strict=True))
    return found + BIAS - SUPPORTED_FROM[language]


_HALF = 0.5


def silent_parts(evidence: Evidence, language: Language) -> tuple[list[str], bool]:
    """The parts of a claim (what "and" joins) of which, by a noun or most of it, the source is silent.

    And whether another part is borne out whole.
    """
    parts = _parts(evidence, language)
    if len(parts) < 2:  # noqa: PLR2004  # one part is the whole
        return [], False
    there = bag_of(evidence.around, language)
    silent: list[str] = []
    told = False
    clauses = any(word.kind == "v" for part in parts[1:] for word in words_of(part, language))
    for at, part in enumerate(parts):
        words = words_of(part, language)
        missing = [word for word in words if not nearness(word, there)[0]]
        weight = sum(word.weight for word in words)
        much = len(words) > 1 and sum(word.weight for word in missing) > _HALF * weight
        if (at or clauses) and (any(word.kind == "n" for word in missing) or much):
            silent.append(part)
        else:
            told = told or bool(words)
    return silent, told


def _parts(evidence: Evidence, language: Language) -> list[str]:
    """The claim parted at "and", commas and Korean endings, but not within a number."""
    text = evidence.said.text
    spans = [number.span for number, _ in evidence.said.numbers]
    cuts = [
        found.span()
        for found in JOINTS[language].finditer(text)
        if not any(span.start < found.end() and found.start() < span.end for span in spans)
    ]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]
