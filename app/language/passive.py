"""Passive voice: English clauses by form of be and participle, Korean predicates by morpheme."""

import re
from typing import NamedTuple

from app.language.english import small_letters
from app.language.korean import morphemes
from app.language.remembered import Remembered
from app.language.types import Span

_IRREGULAR = frozenset(
    """
    beaten become begun bent bet bitten blown bought bound bred broken brought built burnt burst cast caught
    chosen cut dealt done drawn dreamt driven drunk dug eaten fed felt flown forbidden forgiven forgotten
    fought found frozen given ground grown heard held hidden hit hung hurt kept known laid led left lent let
    lit lost made meant met mistaken overridden overwritten paid put proven read rewritten ridden rung said
    seen sent set sewn shaken shot shown shut sold sought spent split spoken spread stolen struck stuck sung
    swept sworn taken taught thought thrown told torn understood undone unseen upheld withdrawn withheld won
    worn wound woven written
    """.split()
)
"""Past participles that do not end in -ed."""

_STATES = frozenset(
    """
    tired bored interested excited married aged naked related needed advanced detailed limited experienced
    supposed used concerned worried pleased satisfied talented gifted sacred wicked beloved red bed shed hundred
    indeed embed speed feed seed need exceed succeed proceed bleed breed
    """.split()
)
"""They look like participles and say how something is, or are no participles at all."""

_PREFIX = re.compile(r"^(?:re|un|over|out|mis|fore|with)")

_BE = (
    r"(?:am|is|are|was|were|be|been|being|gets?|got|getting|isn['’]t|aren['’]t|wasn['’]t|weren['’]t"
    r"|(?:it|that|he|she|they|we|you|there)['’](?:s|re))"
)
_BETWEEN = (
    r"(?:\s+(?:not|never|always|also|often|only|still|just|then|yet|already|now|once|first"
    r"|being|been|[a-z]+ly)){0,3}"
)
_PASSIVE = re.compile(rf"(?<![\w'’-]){_BE}{_BETWEEN}\s+(?P<verb>[a-z]+)(?![\w'’-])")
"""For small letters."""


def has_passive(sentence: str) -> bool:
    """Whether an English sentence has a form of *be* or *get* with a past participle after it."""
    return _remembered(sentence)


def _has_passive(sentence: str) -> bool:
    return any(_participle(found["verb"]) for found in _PASSIVE.finditer(small_letters(sentence)))


_remembered = Remembered(_has_passive, characters=300_000)


def _participle(word: str) -> bool:
    if word in _STATES:
        return False
    return (
        word in _IRREGULAR
        or _PREFIX.sub("", word) in _IRREGULAR
        or (word.endswith("ed") and len(word) > 4)
    )


class KoreanPassives(NamedTuple):
    """Where passive predicates stand in a Korean text."""

    passive: tuple[Span, ...]
    """되다, 받다 and 당하다 after a noun, and 어지다."""
    double: tuple[Span, ...]
    """되어지다: passive twice, which style guides call a mistake. Not among `passive`."""


def korean_passives(text: str) -> KoreanPassives:
    """Passive predicates of a Korean text by morphemes, with spans in `text`."""
    tokens = [token for token in morphemes(text) if token.span.start < token.span.end]
    passive: list[Span] = []
    double: list[Span] = []
    for index, (form, tag, span) in enumerate(tokens):
        if tag.startswith("XSV") and form in {"되", "당하", "받"}:
            after = tokens[index + 1 : index + 3]
            forms = [token.form for token in after]
            if len(forms) == 2 and forms[0] in {"어", "여"} and forms[1] == "지":
                double.append(Span(span.start, after[1].span.end))
            else:
                passive.append(span)
        elif tag.startswith("VX") and form == "지" and index and tokens[index - 1].tag == "EC":
            once = not double or double[-1].end < span.end
            passive.extend([span] * once)
    return KoreanPassives(tuple(passive), tuple(double))
