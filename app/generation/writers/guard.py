"""Decides which sentences of a model's prose may stand: pure checks, sentence by sentence.

A model is no source of facts. What it wrote is kept only where it is clean prose in the language
asked for and stands on the facts that it was given; everything else is refused and says by which
rule. What passes can still be wrong in ways no check sees, so the article names its sources.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.generation.schemas import Fact, Sentence
from app.generation.writers import scope, traces
from app.language.detect import detect_language, foreign_share
from app.language.register import register_of
from app.language.sentences import split_sentences
from app.language.stems import content_stems
from app.language.types import Language
from app.review.grounding import ground
from app.review.verdict import ProblemKind

MODEL = "model"
"""The rule of a kept sentence: worded by a model, so it is grounded and not replayed."""

COVERED_FROM = 0.85
"""Share of a fact's content words that must stand in the sentences citing it; at 0.75 two facts
merged by a false cause got through (measured)."""
_SAME_FROM = 0.8
"""Share of common content words from which two sentences say the same."""
_SAME_WORDS = 4
_FOREIGN: dict[Language, float] = {"en": 0.05, "ko": 0.45}
"""Share of letters in another script; Korean prose names English terms, up to 0.3 is usual."""
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
"""Without the Korean particle that is written to it."""
_OTHER_SCRIPT = re.compile(r"[^\W\d_A-Za-zÀ-ɏᄀ-ᇿ㄰-㆏가-힣]")
"""A letter neither Latin nor Korean: Qwen slides into Chinese within a sentence."""
_MOST_CITED = 3
_TOLD_FROM = 0.6
"""A sentence that joins facts must tell so much of each: "vertical scaling adds instances" has all
its words from two facts and is what neither says."""
_MOST_UNKNOWN = 1
"""Content words of no fact that a small model's sentence may have: its task is to join, and a new
noun is nearly always an invention."""

Rule = Literal[
    "empty",
    "refusal",
    "template",
    "prompt",
    "example",
    "marks",
    "cut",
    "heading",
    "repeated",
    "language",
    "register",
    "number",
    "name",
    "negation",
    "quotation",
    "direction",
    "comparison",
    "order",
    "ungrounded",
    "merged",
    "cause",
    "modality",
    "partial",
]

_BY_PROBLEM: dict[ProblemKind, Rule] = {
    "cause": "cause",
    "number": "number",
    "name": "name",
    "negation": "negation",
    "quotation": "quotation",
    "direction": "direction",
    "comparison": "comparison",
    "order": "order",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence that was refused, by which rule, and what showed it."""

    rule: Rule
    sentence: str
    detail: str = ""

    def __str__(self) -> str:
        shown = self.sentence if len(self.sentence) <= 80 else self.sentence[:80].rstrip() + "…"  # noqa: PLR2004  # a log line's worth
        return f"{self.rule}: {shown}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model was asked: the facts it may use, and what must not come back."""

    language: Language
    facts: Sequence[Fact]
    heading: str = ""
    prompt: str = ""
    """The instructions, whose words are no prose."""
    examples: Sequence[str] = ()
    composed: Sequence[Sentence] = ()
    """The same facts in the composer's words: what is only copied from these is right."""
    before: Sequence[str] = ()
    """Sentences that the section has already."""
    small: bool = False
    """Whether a small model wrote it: hardly a word of its own is let through."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """What is left of a model's prose."""

    paragraphs: tuple[tuple[Sentence, ...], ...]
    refusals: tuple[Refusal, ...]
    uncovered: tuple[str, ...]
    """Ids of facts that the kept sentences do not tell; they are to be added in their own words."""

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The kept ones, in order."""
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph)


def guard(text: str, asked: Asked) -> Guarded:
    """Keep the sentences that may stand, each with the facts that bear it."""
    refusals: list[Refusal] = []
    paragraphs: list[tuple[Sentence, ...]] = []
    said = list(asked.before)
    told: set[tuple[str, ...]] = set()
    spoiled = traces.whole_text(text, asked.language)
    if spoiled is not None:
        refusals.append(Refusal(*spoiled))
        text = ""
    for block in re.split(r"\n\s*\n", text):
        kept: list[Sentence] = []
        for sentence in _sentences(block, asked.language):
            judged = _judge(sentence, asked, said)
            if isinstance(judged, Sentence) and judged.fact_ids in told:
                judged = Refusal("repeated", sentence, "its facts are told")
            if isinstance(judged, Refusal):
                refusals.append(judged)
            else:
                kept.append(judged)
                said.append(sentence)
                if _tells(judged, asked):
                    told.add(judged.fact_ids)
        if kept:
            paragraphs.append(tuple(kept))
    uncovered = _uncovered(asked, paragraphs)
    # A fact that is told in part will follow in its own words: its part would be a repetition. To
    # drop that may leave another fact told in part, so it goes on until nothing changes.
    while partial := [
        each for paragraph in paragraphs for each in paragraph if uncovered & set(each.fact_ids)
    ]:
        refusals.extend(Refusal("partial", each.text) for each in partial)
        paragraphs = [
            tuple(each for each in paragraph if each not in partial) for paragraph in paragraphs
        ]
        uncovered = _uncovered(asked, paragraphs)
    ids = tuple(fact.id for fact in asked.facts if fact.id in uncovered)
    return Guarded(tuple(filter(None, paragraphs)), tuple(refusals), ids)


def coverage(fact: Fact, sentences: Sequence[Sentence], language: Language) -> float:
    """The share, 0-1, of a fact's content words in the sentences that cite it."""
    wanted = set(content_stems(fact.text, language))
    if not wanted:
        return 1.0
    text = " ".join(sentence.text for sentence in sentences if fact.id in sentence.fact_ids)
    return len(_found(wanted, text, language)) / len(wanted)


def _found(stems: set[str], text: str, language: Language) -> set[str]:
    """Those of the stems that a text has.

    The Korean analyser takes 절입니다 for "is a temple" and 절이고 for "salts and", so how a word
    begins counts too.
    """
    found = stems & set(content_stems(text, language))
    if language == "ko":
        found |= {stem for stem in stems if re.search(rf"(?<![가-힣]){re.escape(stem)}", text)}
    return found


def _sentences(block: str, language: Language) -> list[str]:
    """The block's sentences. A line of its own is one too: a heading, an item, a label."""
    found: list[str] = []
    for line in block.splitlines():
        found.extend(span.of(line) for span in split_sentences(line, language))
    return found


def _judge(sentence: str, asked: Asked, said: Sequence[str]) -> Sentence | Refusal:
    language = asked.language
    same = _said_before(sentence, said, language)
    for own in asked.composed:
        if own.text == sentence:
            return Refusal("repeated", sentence, same) if same else own
    trace = traces.of_sentence(
        sentence,
        language,
        heading=asked.heading,
        prompt=asked.prompt,
        examples=asked.examples,
        facts=[fact.text for fact in asked.facts],
    )
    if trace is not None:
        return Refusal(trace[0], sentence, trace[1])
    if _is_foreign(sentence, asked):
        return Refusal("language", sentence)
    if language == "ko" and register_of(sentence) != "polite":
        return Refusal("register", sentence)
    if same:
        return Refusal("repeated", sentence, same)
    return _borne(sentence, asked)


def _is_foreign(sentence: str, asked: Asked) -> bool:
    """Whether it is in another language, words that the facts have left out."""
    known = {word for fact in asked.facts for word in _LATIN_WORD.findall(fact.text)}
    if set(_OTHER_SCRIPT.findall(sentence)) - set("".join(fact.text for fact in asked.facts)):
        return True
    own = sentence
    if asked.language == "ko":
        own = _LATIN_WORD.sub(lambda m: "" if m[0] in known else m[0], sentence)
    return detect_language(own) != asked.language or (
        foreign_share(own, asked.language) > _FOREIGN[asked.language]
    )


def _said_before(sentence: str, said: Sequence[str], language: Language) -> str:
    stems = set(content_stems(sentence, language))
    for other in said:
        if " ".join(other.split()) == " ".join(sentence.split()):
            return other
        theirs = set(content_stems(other, language))
        if min(len(stems), len(theirs)) < _SAME_WORDS:
            continue
        if len(stems & theirs) / len(stems | theirs) >= _SAME_FROM:
            return other
    return ""


def _borne(sentence: str, asked: Asked) -> Sentence | Refusal:
    """The sentence with the fewest facts that bear it, or why none do."""
    language = asked.language
    stems = set(content_stems(sentence, language))
    foreign = _of_examples(stems, asked)
    if foreign:
        return Refusal("example", sentence, foreign)
    refusal = Refusal("ungrounded", sentence, "no fact has its words")
    loose: Sentence | None = None
    chosen: list[Fact] = []
    for fact in _nearest(stems, asked):
        chosen.append(fact)
        judged = _joined(sentence, stems, chosen, asked)
        if isinstance(judged, Refusal):
            refusal = judged
        elif _is_tight(sentence, stems, chosen, asked):
            return judged
        else:
            loose = loose or judged  # it stands, though the next fact may tell more of it
    if loose is None:
        return refusal
    if asked.small:
        nearest = [fact for fact in asked.facts if fact.id in loose.fact_ids]
        unknown = ", ".join(_unknown(stems, nearest, asked))
        return Refusal("ungrounded", sentence, f"of no fact: {unknown}")
    return loose


def _is_tight(sentence: str, stems: set[str], chosen: Sequence[Fact], asked: Asked) -> bool:
    """Whether hardly a word is the model's own; a small one's may be added but replace none.

    "Because they attract mice" for "rats" is one unknown word of seven, and one that is missing.
    In Korean not even that: its adverbs and bound words are no stems, so none is seen to be missing.
    """
    unknown = len(_unknown(stems, chosen, asked))
    if not unknown or not asked.small:
        return unknown <= _MOST_UNKNOWN
    wanted = set[str]().union(*(_words(fact, asked) for fact in chosen))
    replaced = wanted - _found(wanted, sentence, asked.language)
    return asked.language == "en" and unknown <= _MOST_UNKNOWN and not replaced


def _joined(
    sentence: str, stems: set[str], chosen: Sequence[Fact], asked: Asked
) -> Sentence | Refusal:
    """The sentence on these facts, unless it says what they do not."""
    language = asked.language
    texts = [fact.text for fact in chosen]
    verdict = ground(sentence, texts, language)
    if verdict.status != "supported":
        problem = verdict.problems[0]
        return Refusal(_BY_PROBLEM.get(problem.kind, "ungrounded"), sentence, problem.detail)
    if len(chosen) > 1:
        for fact in chosen:
            words = _words(fact, asked)
            if len(stems & words) < _TOLD_FROM * len(words):
                return Refusal("merged", sentence, f"takes only some words of: {fact.text}")
    turned = scope.turned(sentence, texts, language)
    if turned is not None:
        return Refusal(turned[0], sentence, turned[1])
    if asked.small and language == "en":
        aside = scope.added_aside(sentence, texts)
        if aside or scope.is_spliced(sentence, texts):
            return Refusal("merged", sentence, aside or "no word joins the facts")
        capital = scope.stray_capital(sentence, [fact.text for fact in asked.facts])
        if capital:
            return Refusal("merged", sentence, capital)
    ids = tuple(each.id for each in asked.facts if each in chosen)
    return Sentence(text=sentence, fact_ids=ids, rules=(MODEL,))


def _unknown(stems: set[str], facts: Sequence[Fact], asked: Asked) -> list[str]:
    told = " ".join(fact.text for fact in facts)
    return sorted(stems - _found(stems, told, asked.language))


def _of_examples(stems: set[str], asked: Asked) -> str:
    """The words that only an example can have given."""
    theirs = {stem for text in asked.examples for stem in content_stems(text, asked.language)}
    known = {stem for fact in asked.facts for stem in _words(fact, asked)}
    known |= set(content_stems(asked.heading, asked.language))
    return ", ".join(sorted(stems & theirs - known))


def _words(fact: Fact, asked: Asked) -> set[str]:
    return set(content_stems(fact.text, asked.language))


def _nearest(stems: set[str], asked: Asked) -> list[Fact]:
    """At most three facts, each adding most of the words that those before it lack."""
    left = set(stems)
    words = {fact.id: _words(fact, asked) for fact in asked.facts}
    chosen: list[Fact] = []
    while len(chosen) < min(_MOST_CITED, len(asked.facts)):
        rest = [fact for fact in asked.facts if fact not in chosen]
        # Of equals the shorter one: it is more about the sentence.
        best = max(rest, key=lambda fact: (len(left & words[fact.id]), -len(words[fact.id])))
        if not left & words[best.id]:
            break
        chosen.append(best)
        left -= words[best.id]
    return chosen


def _tells(sentence: Sentence, asked: Asked) -> bool:
    """Whether nothing of its facts is left to say."""
    cited = [fact for fact in asked.facts if fact.id in sentence.fact_ids]
    return all(coverage(fact, [sentence], asked.language) >= COVERED_FROM for fact in cited)


def _uncovered(asked: Asked, paragraphs: Sequence[Sequence[Sentence]]) -> set[str]:
    told = [sentence for paragraph in paragraphs for sentence in paragraph]
    return {fact.id for fact in asked.facts if coverage(fact, told, asked.language) < COVERED_FROM}
