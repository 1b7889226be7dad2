"""The words of a claim or a source that carry meaning: their senses, their kind, which say the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.language.english import FUNCTION_WORDS
from app.language.korean import Morpheme, morphemes
from app.language.types import Language
from app.review.bounds import bounds
from app.review.thesaurus import Kind, Thesaurus, thesaurus
from app.review.thesaurus.lemmas import lemma
from app.review.wording import without_numbers

_SENSE = 0.9
_FAMILY = 0.85
_OPPOSITE = 0.8
"""How much of a word's weight another word bears out: one of its sense, of its family, or of the opposite sense
where something turns it round. Set by hand: they only order the places in which to look."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase of a text in its dictionary form."""

    form: str
    kind: Kind
    senses: frozenset[int]

    @property
    def weight(self) -> float:
        """How much it tells: what is done or how, less than what of, for that is said in many ways."""
        return {"n": 1.0, "v": 0.7, "a": 0.6, "r": 0.4}[self.kind]


@lru_cache(maxsize=4096)
def words_of(text: str, language: Language) -> tuple[Word, ...]:
    """The words of a text in order, numbers aside."""
    bare = without_numbers(bounds(_EMPTY_WORDS.sub(" ", text), language).rest, language)
    listed = thesaurus(language)
    forms = list(_korean(bare) if language == "ko" else _english(bare))
    return tuple(_merged(forms, listed))


def _merged(forms: Sequence[tuple[str, bool, Kind | None]], listed: Thesaurus) -> Iterator[Word]:
    """Phrases put together, function words left out."""
    at = 0
    while at < len(forms):
        form, function, kind = forms[at]
        length = 1
        for phrase in listed.phrases.get(form, ()):
            if tuple(each for each, _, _ in forms[at : at + len(phrase)]) == phrase:
                form, function, kind, length = "_".join(phrase), False, None, len(phrase)
                break
        else:
            apart = _apart(forms, at, listed)
            if apart is not None:
                form, function, kind = apart, False, None
        if not function:
            yield _word(form, kind, listed)
        at += length


def _apart(
    forms: Sequence[tuple[str, bool, Kind | None]], at: int, listed: Thesaurus
) -> str | None:
    """A listed verb with its particle some words behind it, as one word."""
    pairs = [
        phrase
        for phrase in listed.phrases.get(forms[at][0], ())
        if phrase[1:] and phrase[1] in _PARTICLES
    ]
    for phrase in pairs:
        behind = [form for form, _, _ in forms[at + 1 : at + 2 + _BETWEEN]]
        if len(phrase) == 2 and phrase[1] in behind:  # noqa: PLR2004  # a verb and its particle
            return "_".join(phrase)
    return None


def _first_kind(kinds: frozenset[Kind]) -> Kind:
    for each in _KINDS:
        if each in kinds:
            return each
    return "n"


def _word(form: str, kind: Kind | None, listed: Thesaurus) -> Word:
    kinds = listed.kinds.get(form, frozenset())
    if kind is None or (kind == "n" and kinds and "n" not in kinds):
        kind = _first_kind(kinds)
    return Word(form, kind, listed.senses.get(form, frozenset()))


_EMPTY_WORDS = re.compile(
    r"\b(?:any more|more or less|once again|at once|as well as|as well|so that|such as)\b",
    re.IGNORECASE,
)
"""Phrases whose words would be read as relations that they are not."""
_PARTICLES = frozenset("up down off out in back away over".split())
_BETWEEN = 4
"""Words that may stand between a verb and its particle: turn the whole proposal down."""
_KINDS: tuple[Kind, ...] = ("v", "a", "r")
_WORD = re.compile(r"[A-Za-zÀ-ɏ0-9&][\w'’+#&-]*(?:\.\d+)*")


_VAGUE_EN = frozenset(
    "people person persons thing things someone one ones way kind sort lot lots".split()
)
_BEFORE_VERBS = frozenset(
    "to will would can could may might must shall should was were is are been be being has had have not it they"
    " he she we you i who which cannot didn't doesn't don't won't".split()
)


def _english(text: str) -> Iterator[tuple[str, bool, Kind | None]]:
    before = ""
    for found in _WORD.finditer(text):
        written = found[0].replace("’", "'")
        low = re.sub(r"'(?:s|re|ve|ll|d|m)?$", "", written.lower())
        kind: Kind | None = "n"
        if low.endswith(("ed", "ing")):
            kind = "v"
        elif low.endswith("ly"):
            kind = "a"
        form = lemma(low, "en")
        month = written == "May" and found.start() > 0
        if before in _BEFORE_VERBS and "v" in thesaurus("en").kinds.get(form, ()):
            kind = "v"
        before = low
        related = "r" in thesaurus("en").kinds.get(form, ())
        yield (
            form,
            (low in FUNCTION_WORDS or low in _VAGUE_EN) and not (related or month),
            "r" if related else kind,
        )


_NOUNS = ("NNG", "NNP", "XR", "SL", "SN", "SH", "W_", "NR")
_EMPTY = frozenset(
    "하 되 있 없 않 이 말 주 보 못하 위하 대하 통하 따르 의하 오 가 싶 버리 두 놓 내 나 들 받".split()
)
"""Verbs that say little by themselves; those of the thesaurus still make phrases."""
_VAGUE = frozenset(
    "사람 사람들 것 곳 가량 정도 이제 다 쯤 남짓 경우 점 측 편 액 품 이내 동안 날 때".split()
)
"""Words that a sentence may have or not."""
_LEMMAS = {
    "많이": "많",
    "빨리": "빠르",
    "높이": "높",
    "일찍": "이르",
    "더욱": "더",
    "크게": "크",
    "새로": "새",
}
_TURNING = frozenset("부 준 비 미 반 무 불 탈 역".split())
"""Prefixes that make another thing of a noun: 준우승 is no 우승."""
_TELLING = frozenset("모든 온 새 옛 헌 여러 전".split())
"""Words before a noun that say more than which one."""


def _korean(text: str) -> Iterator[tuple[str, bool, Kind | None]]:
    parsed = morphemes(text)
    for index, each in enumerate(parsed):
        following = parsed[index + 1] if index + 1 < len(parsed) else None
        before = parsed[index - 1] if index else None
        if before is not None and before.tag == "XPN" and before.form in _TURNING:
            each = each._replace(form=before.form + each.form)  # noqa: PLW2901  # 준우승 is one word
        yield from _morpheme(each, following)


def _morpheme(
    each: Morpheme, following: Morpheme | None
) -> Iterator[tuple[str, bool, Kind | None]]:
    form = each.form.lower()
    if each.tag.startswith("MA"):
        form = _LEMMAS.get(form, form)
    if form in _VAGUE or each.tag == "NNB":
        yield form, True, "n"
    elif each.tag.startswith(_NOUNS):
        done = following is not None and following.tag.startswith(("XSV", "XSA"))
        yield form, False, "v" if done else "n"
    elif each.tag.startswith(("VV", "VA")):
        auxiliary = form in _EMPTY
        yield form, auxiliary, "v" if each.tag.startswith("VV") else "a"
    elif each.tag == "VX":
        yield form, True, "v"
    elif each.tag.startswith(("MAG", "MM")):
        telling = form in _TELLING if each.tag.startswith("MM") else form in thesaurus("ko").senses
        yield form, not telling, "a"


def nearness(word: Word, others: "Bag") -> tuple[float, bool]:
    """How much of the word a text bears out, 0-1, and whether only by a word of the opposite sense."""
    if word.form in others.forms:
        return 1.0, False
    if word.senses & others.senses:
        return _SENSE, False
    if any(akin(word.form, other) for other in others.near(word.form)):
        return _FAMILY, False
    if any(sense ^ 1 in others.senses for sense in word.senses & others.opposed):
        return _OPPOSITE, True
    return 0.0, False


_LEAST_SHARED = 4
_ENDINGS = re.compile(
    r"(?:e|s|i|y|er|or|r|ion|tion|ation|ition|sion|ment|ance|ence|enc|anc|ant|ent|al|ial|ical|ic|iv|ativ|abl|ibl|ful|less"
    r"|ness|ity|iti|ism|ist|is|iz|ify|ish|ou|iou|en|age|ag|th|t|hood|ship|dom|ward|wis|ery|eri|ary|ari|ory|ori|ci|nt|nc|at|it|d)?"
)


@lru_cache(maxsize=65536)
def akin(one: str, other: str) -> bool:
    """Whether two words are of one family: install, installation; in Korean one begins or ends the other."""
    if "_" in one or "_" in other:
        return False
    if one[:1] >= "가" or other[:1] >= "가":
        short, long = sorted((one, other), key=len)
        return len(short) > 1 and (long.startswith(short) or long.endswith(short))
    shared = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared >= _LEAST_SHARED and all(
        _ENDINGS.fullmatch(rest) is not None for rest in (one[shared:], other[shared:])
    )


@dataclass(frozen=True, slots=True)
class Bag:
    """The words of a stretch of text, to be asked for others."""

    forms: frozenset[str]
    senses: frozenset[int]
    opposed: frozenset[int]

    def near(self, form: str) -> Iterator[str]:
        """Forms that may be of one family with this one."""
        if form[:1] >= "가":
            return (other for other in self.forms if len(other) > 1 and other[:1] >= "가")
        start = form[:_LEAST_SHARED]
        return (other for other in self.forms if other[:_LEAST_SHARED] == start)


@lru_cache(maxsize=8192)
def bag_of(text: str, language: Language) -> Bag:
    """The words of a text, parts of phrases too."""
    found = words_of(text, language)
    forms = {word.form for word in found} | {
        part for word in found for part in word.form.split("_") if "_" in word.form
    }
    senses = frozenset[int]().union(*(word.senses for word in found))
    return Bag(frozenset(forms), senses, thesaurus(language).opposed)
