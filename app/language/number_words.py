"""Numbers written as words or in steps: forty-five, three in four; 백이십 개, 3분의 2, 2억 5천만.

General number knowledge only. What could be another word is read as a number only where a unit or a
counter follows: 이 (this, two), 한 (about, one), one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.language.english import small_letters
from app.language.types import Language, Span

Kind = Literal["plain", "share", "century", "ratio", "d", "week", "h", "year"]


@dataclass(frozen=True, slots=True)
class Written:
    """A number in words and what kind it is: a share is 0-1 of a whole, a ratio a growth (2 = doubled).

    A unit's name as the kind: the word holds it (사흘, an hour and a half).
    """

    span: Span
    value: Decimal
    kind: Kind


_ONES = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: value * 10
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_PARTS = {
    **dict.fromkeys(("half", "halves"), 2),
    **{
        name + plural: value
        for value, name in enumerate(
            "third quarter fifth sixth seventh eighth ninth tenth".split(), 3
        )
        for plural in ("", "s")
    },
    **dict.fromkeys(("fourth", "fourths"), 4),
}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first"
).split()
_MULTIPLES = {
    **dict.fromkeys(("doubled", "doubling"), Decimal(2)),
    **dict.fromkeys(("tripled", "trebled", "tripling"), Decimal(3)),
    **dict.fromkeys(("quadrupled",), Decimal(4)),
    **dict.fromkeys(("halved", "halving"), Decimal("0.5")),
}

_WORDS = "|".join(sorted((*_ONES, *_TENS), key=len, reverse=True))
_CARDINAL = rf"(?:{_WORDS})(?:[-\s](?:{_WORDS}))*"
_SCALE = "|".join(_SCALES)
_WHOLE = rf"(?:(?:an?|{_CARDINAL})\s+)?(?:{_SCALE})(?:\s+(?:and\s+)?(?:{_CARDINAL}|{_SCALE}))*"
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_NUMERAL = rf"\d+|{_CARDINAL}"

_HALF = frozenset({"half"})
_ENGLISH: tuple[tuple[Kind, frozenset[str], re.Pattern[str]], ...] = (
    (
        "century",
        frozenset({"century"}),
        re.compile(rf"\b(?P<o>{'|'.join(reversed(_ORDINALS))}|\d\d?(?:st|nd|rd|th))[-\s]century\b"),
    ),
    ("h", _HALF, re.compile(r"\ban hour and a half\b")),
    ("year", _HALF, re.compile(r"\ba year and a half\b")),
    ("plain", _HALF, re.compile(rf"\b(?P<w>{_NUMERAL}) and a half\b")),
    (
        "share",
        frozenset({"in", "out", "of"}),
        re.compile(rf"\b(?P<a>{_NUMERAL})\s+(?:in|out of|of every)\s+(?P<b>{_NUMERAL})\b"),
    ),
    (
        "share",
        frozenset(_PARTS),
        # "the third", "a second" are no shares; "a third of", "two thirds" and "by a fifth" are.
        re.compile(
            rf"\b(?:(?P<n>{_CARDINAL})[-\s](?P<ps>{_PART})|an?\s(?P<p1>{_PART})|(?P<p2>half|quarter)"
            r"(?=\s(?:of|an?|the|hour)\b|-hour))(?!\w|-)"
        ),
    ),
    (
        "plain",
        frozenset({"dozen", "dozens"}),
        re.compile(r"\b(?:(?P<dn>two|three|four|five|six|a)\s)?(?P<d>dozen)s?\b"),
    ),
    ("ratio", frozenset(_MULTIPLES), re.compile(rf"\b(?P<r>{'|'.join(_MULTIPLES)})\b")),
    (
        "plain",
        frozenset((*_ONES, *_TENS, *_SCALES)),
        re.compile(rf"(?<![\d.,]\s)(?<!\d)\b(?:{_WHOLE}|{_CARDINAL})\b"),
    ),
)
"""The kind, words of which a text must hold one for the pattern to be worth a look, and the pattern; all in
small letters."""

_FIRST_WORDS = frozenset(
    (
        *_ONES, *_TENS, *_SCALES, *_PARTS, *_MULTIPLES,
        *(name.split("-")[0] for name in _ORDINALS),
        *("dozen", "dozens"),
    )
)  # fmt: skip
"""One of them stands in every number that is written in English words."""
_LETTERS = re.compile("[a-z]+")


def may_hold_number_word(text: str) -> bool:
    """Whether an English text has a word that numbers are written with: one look instead of eight patterns."""
    return not _FIRST_WORDS.isdisjoint(_LETTERS.findall(small_letters(text)))


def _english(text: str) -> Iterator[Written]:
    text = small_letters(text)
    words = frozenset(_LETTERS.findall(text))
    for kind, needed, pattern in _ENGLISH:
        if needed and needed.isdisjoint(words):
            continue
        for match in pattern.finditer(text):
            parts = {name: found for name, found in match.groupdict().items() if found}
            value = _english_value(kind, parts, match.group())
            if value is not None:
                yield Written(Span(*match.span()), value, kind)


def _english_value(kind: Kind, parts: dict[str, str], text: str) -> Decimal | None:  # noqa: PLR0911  # one answer a kind reads better than one expression
    match kind:
        case "century":
            name = parts["o"]
            place = _ORDINALS.index(name) + 1 if name in _ORDINALS else int(name[:-2])
            return Decimal(place)
        case "share" if "b" in parts:
            whole = _cardinal(parts["b"])
            part = _cardinal(parts["a"])
            return part / whole if 0 < part <= whole else None
        case "share":
            count = _cardinal(parts["n"]) if "n" in parts else Decimal(1)
            name = parts.get("ps") or parts.get("p1") or parts["p2"]
            return count / _PARTS[name]
        case "ratio":
            return _MULTIPLES[parts["r"]]
        case "h" | "year":
            return Decimal("1.5")
        case "plain" if "w" in parts:
            return _cardinal(parts["w"]) + Decimal("0.5")
        case "plain" if "d" in parts:
            name = parts.get("dn", "a")
            return Decimal(12 * _ONES.get(name, 1))
        case _:
            return _cardinal(text)


def _cardinal(text: str) -> Decimal:
    """The amount of a run of English number words or of digits."""
    if text.isdigit():
        return Decimal(text)
    total, group = 0, 0
    for word in re.split(r"[-\s]+", text.lower()):
        if word in _SCALES:
            scale = _SCALES[word]
            group = max(group, 1) * scale
            if scale > _SCALES["hundred"]:
                total, group = total + group, 0
        else:
            group += _ONES.get(word, _TENS.get(word, 0))
    return Decimal(total + group)


_SINO = {sign: value for value, sign in enumerate("일이삼사오육칠팔구", 1)}
_SMALL = {"십": 10, "백": 100, "천": 1000}
_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12}
_NATIVE_ONES = {
    **{name: value for value, name in enumerate("한 두 세 네 다섯 여섯 일곱 여덟 아홉".split(), 1)},
    **{name: value for value, name in enumerate("하나 둘 셋 넷".split(), 1)},
}
_NATIVE_TENS = {
    name: value * 10
    for value, name in enumerate("열 스물 서른 마흔 쉰 예순 일흔 여든 아흔".split(), 1)
} | {"스무": 20}

COUNTERS = (
    "퍼센트|프로|밀리초|초|분|시간|시|일|주일|주|개월|개|달|해|년대|년|배|원|달러|유로|명|대(?!신|부분|체로)|번|회|가지|곳|단계"
    "|줄|종류|종|권|마리|동|잔|송이|벌|켤레|작은술|큰술|컵|사람|장|층|채|쪽|판|병|알|곡|편|점|표|팀|척|군데"
    "|그루|통|봉지|조각|방울|부|건|석|칸|자리|페이지|문항|가구|평|박|살|세대|세|차례|킬로미터|센티미터|밀리미터|미터|킬로그램|그램|리터|밀리리터|톤|도"
    "|%|km|cm|mm|m|kg|g|㎞|㎡"
)
"""Counters and units after which a Korean number word is one; 열 대신 is heat instead of something."""
_SHORT = (
    "초|분|일|주|년|월|개월|층|원|대|도|세|배|회|점|위|퍼센트|인|킬로미터|미터|그램|킬로그램|리터"
)
"""Units that take Sino-Korean numbers: after one syllable (삼 년, 오 분) nothing else is sure."""
_AFTER_TWO = "(?:년|개월|퍼센트|킬로미터|미터|킬로그램|그램|리터)"
"""이 is "this" too (이 주, 이 분, 이 도로); before these it is two."""
_ATTACHED = "배|개|대|번|명|가지|곳|시간|시(?![가-힣])|단계|달|줄|종류|살"
"""Counters that need no blank before them; 한도, 두장, 세상 are other words."""
_COUNTER = rf"(?=\s?(?:{COUNTERS}))"
_NATIVE = "|".join(sorted(_NATIVE_ONES, key=len, reverse=True))
_NATIVE_TEN = "|".join(sorted(_NATIVE_TENS, key=len, reverse=True))

_DAYS = {
    name: days
    for days, name in enumerate("하루 이틀 사흘 나흘 닷새 엿새 이레 여드레 아흐레 열흘".split(), 1)
} | {"보름": 15}

_KOREAN: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "share",
        re.compile(
            r"(?<![\d가-힣])(?P<b>\d+|[이삼사오육칠팔구십])분의\s?(?P<a>\d+|[일이삼사오육칠팔구])"
        ),
    ),
    (
        "share",
        re.compile(
            rf"(?<![\d가-힣])(?P<b>\d+|열|{_NATIVE})\s?(?P<c>명|개|곳|집|가구|대|사람|번)\s?(?:중에서|중에|중|가운데|당)\s?"
            rf"(?P<a>\d+|{_NATIVE})\s?(?P=c)(?!째)"
        ),
    ),
    ("share", re.compile(r"(?<![가-힣])(?P<h>절반|반수)")),
    ("d", re.compile(rf"(?<![가-힣])(?P<day>{'|'.join(_DAYS)})(?!살이)")),
    ("year", re.compile(r"(?<![가-힣])(?P<h>반년)")),
    ("century", re.compile(r"(?<![\d가-힣])(?P<n>\d\d?|[일이삼사오육칠팔구십]{1,3})\s?세기")),
    ("week", re.compile(r"(?<![가-힣])(?P<wk>일주일)")),
    (
        "plain",
        # Steps of four digits: 2억 5천만, 1만 2천, 십이만, 백이십. A counter must follow.
        re.compile(
            # 천 조각 are pieces of cloth sooner than a thousand.
            r"(?<![\d가-힣.,])(?!천\s?조각)(?P<n>(?:\d[\d,]*(?:\.\d+)?\s?[만억조천백](?:\s?(?:\d[\d,]*|[일이삼사오육칠팔구])?[천백십]?만?)*"
            r"|[일이삼사오육칠팔구]?[십백천만억](?:[일이삼사오육칠팔구십백천만억]*)"
            rf"|[일이삼사오육칠팔구](?:십|백|천|만|억)[일이삼사오육칠팔구십백천만억]*)){_COUNTER}"
        ),
    ),
    (
        "plain",
        re.compile(
            rf"(?<![\d가-힣])(?:(?P<s>[일삼사오육칠팔구])(?=\s(?:{_SHORT})|(?:년|대째|개월|층)\b)|(?P<s2>이)(?=\s?{_AFTER_TWO}))"
        ),
    ),
    (
        "plain",
        re.compile(
            # 열이, 열에: heat. 스물이, 서른에 are ages.
            rf"(?<![가-힣])(?!열[이에](?![가-힣]))(?P<t>{_NATIVE_TEN})(?P<o>{_NATIVE})?"
            rf"(?=\s?(?:{COUNTERS}|에\b|이\b))"
        ),
    ),
    ("plain", re.compile(rf"(?<![가-힣])(?P<o>{_NATIVE})(?=\s(?:{COUNTERS})|(?:{_ATTACHED}))")),
)
_STEPS = re.compile(r"(\d[\d,]*(?:\.\d+)?|[일이삼사오육칠팔구])|([십백천])|([만억조])")


def _korean(text: str) -> Iterator[Written]:
    for kind, pattern in _KOREAN:
        for match in pattern.finditer(text):
            parts = {name: found for name, found in match.groupdict().items() if found}
            value = _korean_value(parts)
            if value is not None:
                end = match.end()
                yield Written(Span(match.start(), end), value, kind)


def _korean_value(parts: dict[str, str]) -> Decimal | None:  # noqa: PLR0911  # as above
    if "h" in parts:
        return Decimal("0.5")
    if "day" in parts:
        return Decimal(_DAYS[parts["day"]])
    if "wk" in parts:
        return Decimal(1)
    if "b" in parts:
        whole, part = _korean_one(parts["b"]), _korean_one(parts["a"])
        return part / whole if 0 < part <= whole else None
    if "t" in parts:
        return Decimal(_NATIVE_TENS[parts["t"]] + _NATIVE_ONES.get(parts.get("o", ""), 0))
    if "o" in parts:
        return Decimal(_NATIVE_ONES[parts["o"]])
    return _steps(parts.get("n") or parts.get("s") or parts["s2"])


def _korean_one(text: str) -> Decimal:
    if text.isdigit():
        return Decimal(text)
    known = _SINO | _SMALL | _NATIVE_ONES | _NATIVE_TENS
    return Decimal(known[text])


def _steps(text: str) -> Decimal:
    """Two hundred million and fifty million of `2억 5천만`; units of ten thousand close a step."""
    total, group, digit = Decimal(0), Decimal(0), Decimal(0)
    for match in _STEPS.finditer(text):
        number, small, large = match.groups()
        if number:
            digit = (
                Decimal(number.replace(",", "")) if number[0].isdigit() else Decimal(_SINO[number])
            )
        elif small:
            group += (digit or 1) * _SMALL[small]
            digit = Decimal(0)
        else:
            total += ((group + digit) or 1) * _LARGE[large]
            group = digit = Decimal(0)
    return total + group + digit


def written_numbers(text: str, language: Language) -> list[Written]:
    """Numbers in words, the longest reading of each place first found; they may overlap digits."""
    found: list[Written] = []
    for each in _korean(text) if language == "ko" else _english(text):
        if not any(
            each.span.start < other.span.end and other.span.start < each.span.end for other in found
        ):
            found.append(each)
    return found
