"""The listed rules: everything that may happen to a source's words on their way into an article.

A sentence names the rules that changed it, in order; `replay` applies them again to the source's
span. Whoever checks an article compares the result with what the article says, letter by letter.
"""

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.generation.schemas import Fact, Sentence
from app.generation.writers.composer.english import ENGLISH
from app.generation.writers.composer.korean import KOREAN
from app.generation.writers.composer.lexicon import Lexicon
from app.language.register import Rewrite, to_polite
from app.language.sentences import split_sentences
from app.language.types import Language

LEXICONS: Mapping[Language, Lexicon] = {"en": ENGLISH, "ko": KOREAN}

LINK = "link"
"""Names a sentence of no fact: its whole text is one of the closed list of linking phrases."""


class RuleMisused(Exception):
    """A rule that is not listed, or that does not fit where it is said to have been applied."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One listed change. `apply` takes the words so far and the article's language."""

    name: str
    says: str
    """What it does, for the people who read claims."""
    apply: Callable[[str, Language], str]


def _join_lines(text: str, language: Language) -> str:
    del language
    return re.sub(r"\s+", " ", text).strip()


_REFERENCE_MARK = re.compile(r"\s*\[(?:\d{1,3}(?:[,–-]\s?\d{1,3})*|[a-z]|citation needed)\](?!\()")


def _drop_reference_marks(text: str, language: Language) -> str:
    del language
    return _REFERENCE_MARK.sub("", text)


_ANSWER_MARK = re.compile(r"^(?:A|Answer|답변?|답)\s*\d*\s*[:.：]\s+")


def _drop_answer_mark(text: str, language: Language) -> str:
    del language
    return _ANSWER_MARK.sub("", text)


def leading_connective(text: str, language: Language) -> int:
    """Return how many characters the droppable connective at the start of `text` takes; 0 if none."""
    for connective in LEXICONS[language].connectives:
        if not text.startswith(connective):
            continue
        rest = text[len(connective) :]
        gap = re.match(r",?\s+", rest)
        if gap and rest[gap.end() :]:
            return len(connective) + gap.end()
    return 0


def _drop_connective(text: str, language: Language) -> str:
    return text[leading_connective(text, language) :]


def _capitalise(text: str, language: Language) -> str:
    del language
    return text[:1].upper() + text[1:]


def _rewritten(sentence: str) -> Rewrite:
    """Rewrite what stands before a lead-in's colon too."""
    end = len(sentence.rstrip(" :："))
    rewrite = to_polite(sentence[:end])
    return Rewrite(rewrite.text + sentence[end:], rewrite.rule)


def _polite(text: str, language: Language) -> str:
    """Bring every sentence of `text` to 합니다체; what is between them stays as it is."""
    parts: list[str] = []
    at = 0
    for span in split_sentences(text, language):
        parts += [text[at : span.start], _rewritten(span.of(text)).text]
        at = span.end
    return "".join(parts) + text[at:]


def _dedent(text: str, language: Language) -> str:
    del language
    return textwrap.dedent(text)


_CELLS = re.compile(r"\s*\|\s*")


def _align_cells(text: str, language: Language) -> str:
    del language
    return " | ".join(_CELLS.split(text.strip().strip("|").strip()))


RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("join_lines", "Line breaks and runs of blanks became one blank.", _join_lines),
        Rule(
            "drop_reference_marks",
            "The source's own reference marks, such as [3], were left out.",
            _drop_reference_marks,
        ),
        Rule("drop_answer_mark", "The mark of an answer, 'A:', was left out.", _drop_answer_mark),
        Rule(
            "drop_connective",
            "A leading connective was dropped: the sentence before it is not the source's.",
            _drop_connective,
        ),
        Rule("capitalise", "The first letter was put in upper case.", _capitalise),
        Rule("polite", "The sentence endings were brought to 합니다체.", _polite),
        Rule("dedent", "Code lost the indentation that all its lines shared.", _dedent),
        Rule("align_cells", "A table row's cells were parted by ' | '.", _align_cells),
    )
}
"""Every rule by its name. `polite` is recorded as `polite:` and the names of the register's rules."""


def apply(rule: str, text: str, language: Language) -> str:
    """Apply the listed `rule` to `text`.

    Raises `RuleMisused` for a name that is not listed, and where the register rule named after
    `polite:` is not the one that the register gives for these words.
    """
    name, _, detail = rule.partition(":")
    listed = RULES.get(name)
    if listed is None:
        raise RuleMisused(f"{rule!r} is not a listed rule; listed are {', '.join(RULES)}")
    if detail and (name != "polite" or detail != register_rules(text, language)):
        raise RuleMisused(f"{rule!r} does not fit {text!r}")
    return listed.apply(text, language)


def register_rules(text: str, language: Language) -> str:
    """Return the names of the register rules that fit the sentences of `text`, joined by `+`."""
    names = (_rewritten(span.of(text)) for span in split_sentences(text, language))
    return "+".join(rewrite.rule for rewrite in names if rewrite.rule)


def link_phrases(language: Language) -> frozenset[str]:
    """Return the closed list of linking phrases, the only sentences that need no source."""
    return frozenset(phrase for kind in LEXICONS[language].links.values() for phrase in kind)


def replay(sentence: Sentence, facts: Mapping[str, Fact], language: Language | None = None) -> str:
    """Return what the rules of `sentence` make of its fact's words; equal to its text if all is well.

    `language` is the article's; without it, Hangul in the sentence makes it Korean. Raises
    `RuleMisused` for a rule that is not listed, a linking phrase that is not of the closed list, and
    a sentence that is not of exactly one fact; `KeyError` for an unknown fact.
    """
    spoken: Language = language or ("ko" if re.search(r"[가-힣]", sentence.text) else "en")
    if sentence.rules == (LINK,) and not sentence.fact_ids:
        if sentence.text not in link_phrases(spoken):
            raise RuleMisused(f"{sentence.text!r} is not one of the linking phrases")
        return sentence.text
    if len(sentence.fact_ids) != 1:
        raise RuleMisused("the composer gives each sentence exactly one fact")
    text = facts[sentence.fact_ids[0]].text
    for rule in sentence.rules:
        text = apply(rule, text, spoken)
    return text
