"""Korean speech levels: told apart, and 해라체 and 해요체 evened out to 합니다체, by morpheme rule.

Only the last predicate of a sentence changes, and only where the rule is sure; a quotation at the end stays
as it was said.
"""

import re
from typing import Literal, NamedTuple

from app.language.korean import Morpheme, morphemes

Register = Literal["plain", "polite", "casual", "nominal", "other"]


class Rewrite(NamedTuple):
    """The sentence and the name of the rule that changed it; None where it is as it was."""

    text: str
    rule: str | None


_TAIL = re.compile(r"(?:\s*\([^()]*\))?[.!…。]*\s*$")
_QUOTED_END = re.compile(r"[\"”’'」』][.!…。]*\s*$")
_ADJECTIVAL = ("VA", "XSA", "VX", "VCN", "VCP", "VV")
_BARE_VERB = frozenset({"VV", "VX", "XSV", "VA", "XSA", "VA-I", "VV-I", "VV-R", "VA-R", "VCN"})

_TWO_STEMS = frozenset("걸들물불실지")
"""Syllables before 어요 that two verbs share (걷다 and 걸다, 듣다 and 들다 …): which one is a guess."""

_FIRST, _LAST = 0xAC00, 0xD7A3
_FINALS = 28
_NONE, _N, _R, _B, _SS = 0, 4, 8, 17, 20
"""Places of the final consonants in a Hangul syllable's code (Unicode, 3.12): none, ㄴ, ㄹ, ㅂ, ㅆ."""


def to_polite(sentence: str) -> Rewrite:
    """The sentence in 합니다체; unchanged where it is so already or no rule is sure."""
    if _QUOTED_END.search(sentence):
        return Rewrite(sentence, None)
    tail = _TAIL.search(sentence)
    end = tail.start() if tail else len(sentence)
    head, rest = sentence[:end], sentence[end:]
    tokens = _closed(head)
    if len(tokens) < 2 or tokens[-1].tag != "EF" or tokens[-1].span.end != len(head):
        return Rewrite(sentence, None)
    changed = _changed(head, tokens)
    if changed is None:
        return Rewrite(sentence, None)
    return Rewrite(changed.text + rest, changed.rule)


def register_of(sentence: str) -> Register:
    """The speech level of a sentence's end; `nominal` for one that ends in a noun or -음/-함."""
    tail = _TAIL.search(sentence)
    head = sentence[: tail.start()] if tail else sentence
    tokens = _closed(head)
    if not tokens:
        return "other"
    form, tag, _span = tokens[-1]
    if tag.startswith(("NN", "XSN", "SL", "ETN", "SN", "NR")) or (
        tag == "EF" and _is_nominal(form)
    ):
        return "nominal"
    if tag != "EF":
        return "other"
    if form.endswith(("니다", "니까", "십시오", "시오", "시다")):
        return "polite"
    if form.endswith("요"):
        return "casual"
    return "plain" if form.endswith(("다", "라", "자", "까", "가", "나", "냐")) else "other"


def _closed(head: str) -> tuple[Morpheme, ...]:
    """Its morphemes. A full stop makes 다 an ending: without one `좋다` and `되었다` are read as open."""
    return morphemes(f"{head}.")[:-1]


def _is_nominal(form: str) -> bool:
    return form in {"음", "ᆷ", "기"}


def _changed(head: str, tokens: tuple[Morpheme, ...]) -> Rewrite | None:  # noqa: PLR0911  # a return a rule
    stem, ending = tokens[-2], tokens[-1]
    match ending.form:
        case "다" if stem.tag == "EP":
            return Rewrite(head[:-1] + "습니다", "past")
        case "다" if stem.tag == "VCP":
            return Rewrite(_copula(head), "copula")
        case "다" if stem.tag.startswith(_ADJECTIVAL):
            bare = head[:-1]
            return Rewrite(_with_b(bare), "adjective") if bare and _is_syllable(bare[-1]) else None
        case "ᆫ다" | "ㄴ다":
            return _present(head)
        case "는다" if head.endswith("는다"):
            return Rewrite(head[:-2] + "습니다", "present")
        case form if form.endswith("요"):
            return _casual(head, stem, ending)
        case _:
            return None


def _present(head: str) -> Rewrite | None:
    """`나눈다` → `나눕니다`, `만든다` → `만듭니다`: the ㄴ before 다 becomes ㅂ, whatever the stem."""
    if len(head) < 2 or not _is_syllable(head[-2]) or _final(head[-2]) != _N:
        return None
    return Rewrite(head[:-2] + _with_final(head[-2], _B) + "니다", "present")


def _copula(head: str) -> str:
    """`세션이다` → `세션입니다`; `캐시다`, with the copula left out after a vowel → `캐시입니다`."""
    stem = head.removesuffix("다")
    return stem[:-1] + "입니다" if stem.endswith("이") else stem + "입니다"


def _casual(head: str, stem: Morpheme, ending: Morpheme) -> Rewrite | None:
    if ending.form not in {"어요", "아요", "에요", "여요", "예요", "이에요"}:
        return None  # 세요, 지요, 네요 and the like say more than a level
    if stem.tag == "EP":  # 었, 겠; a contracted 시 is an honorific, or a verb's own 시 misread
        past = head[: ending.span.start]
        return Rewrite(past + "습니다", "casual") if _final(past[-1]) == _SS else None
    if stem.tag == "VCP":
        return Rewrite(head[: stem.span.start] + "입니다", "casual")
    if stem.tag not in _BARE_VERB or (len(stem.form) == 1 and head[-3:-2] in _TWO_STEMS):
        return None
    return Rewrite(_with_b(head[: stem.span.start] + stem.form), "casual")


def _with_b(bare: str) -> str:
    """A stem with ㅂ니다 or 습니다: `하` → `합니다`, `길` → `깁니다`, `높` → `높습니다`."""
    last = bare[-1]
    if _is_syllable(last) and _final(last) in {_NONE, _R}:
        return bare[:-1] + _with_final(last, _B) + "니다"
    return bare + "습니다"


def _is_syllable(character: str) -> bool:
    return _FIRST <= ord(character) <= _LAST


def _final(syllable: str) -> int:
    return (ord(syllable) - _FIRST) % _FINALS


def _with_final(syllable: str, final: int) -> str:
    return chr(ord(syllable) - _final(syllable) + final)
