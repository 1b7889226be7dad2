"""Words that turn a statement round when they are swapped, by axis and side, in both languages.

A sentence may not hold more words of one side than its source does: "higher" for "lower" is then
caught, and so is a "never" that nobody said. The lists are closed and our own.
"""

import re
from collections import Counter

from app.language.english import stem
from app.language.korean import morphemes
from app.language.stems import content_stems
from app.language.types import Language
from app.review.wording import without_numbers

Side = tuple[str, str]
"""An axis and one of its two sides, such as `("amount", "+")`."""

_ENGLISH: dict[Side, str] = {
    ("amount", "+"): (
        r"more|increase\w*|increasing|gr[eo]w\w*|rise\w*|rising|rose|raise[sd]?|raising"
        r"|higher|high|greater|larger|bigger|longer|exceed\w*|over|above|upward\w*"
        r"|double[sd]?|gain\w*|(?:is|are|was|were|went|goes?|going|came|by) up"
    ),
    ("amount", "-"): (
        r"less|fewer|decrease\w*|decreasing|reduc\w*|shrink\w*|shrank|fall\w*|fell"
        r"|lower\w*|low|smaller|shorter|below|under|downward\w*|halve[sd]?|declin\w*|cut"
        r"|cuts|(?:is|are|was|were|went|goes?|going|came) down|drop(?:s|ped|ping)?"
    ),
    ("speed", "+"): r"faster|fast|quick\w*|sooner",
    ("speed", "-"): r"slower|slow|slowly",
    ("quality", "+"): r"better|best|improv\w*|easier|easy|simpler|simple|safer|safe|cheaper|cheap",
    ("quality", "-"): r"worse|worst|degrad\w*|harder|difficult|riskier|unsafe|dearer|expensive",
    ("extreme", "+"): (
        r"most|largest|highest|biggest|longest|fastest|at most|maximum|max|no more than"
        r"|up to"
    ),
    ("extreme", "-"): r"least|smallest|lowest|shortest|slowest|at least|minimum|min|no less than",
    ("time", "+"): r"after|afterwards|later|following|next",
    ("time", "-"): r"before|beforehand|earlier|previous\w*|prior|until",
    ("all", "+"): r"all|every|each|always|both|everything|everywhere|any",
    ("all", "-"): r"none|never|neither|nobody|nothing|nowhere",
    ("some", "+"): (r"only|just|alone|must|ha(?:s|ve|d) to|required|requires?|solely|exclusively"),
    ("set", "+"): (
        r"add(?:s|ed|ing)?|approv\w*|adopt(?:s|ed|ing)?|enabl\w*|include[sd]?|accept\w*|allow\w*|permit\w*"
        r"|insert\w*"
    ),
    ("set", "-"): (
        r"remov\w*|disable\w*|disabling|exclud\w*|reject\w*|refus\w*"
        r"|forbid\w*|den(?:y|ies|ied)|delete\w*|deleting|deletion|prevent\w*"
    ),
    ("run", "+"): r"start(?:s|ed|ing)?|open(?:s|ed|ing)?|begin\w*|began|connect(?:s|ed|ing)?",
    ("run", "-"): r"stop\w*|close\w*|closing|end(?:s|ed)?|disconnect(?:s|ed|ing)?",
    ("stance", "+"): r"in favou?r of|support(?:s|ed|ing)?",
    ("stance", "-"): r"against|oppos(?:e|es|ed|ing)",
    ("win", "+"): r"w[io]ns?|winning|gain(?:s|ed|ing)?|victor\w*",
    ("win", "-"): r"los(?:e|es|ing|s|ses)|lost|defeat\w*",
    ("trade", "+"): r"buy(?:s|ing)?|bought|purchas\w*|borrow(?:s|ed|ing)?|import(?:s|ed|ing)?",
    ("trade", "-"): r"sells?|selling|sold|sales?|lends?|lent|lending|export(?:s|ed|ing)?",
    ("health", "+"): r"heal(?:s|ed|ing)?|cur(?:e|es|ed|ing)|recover(?:s|ed|ing|y)?",
    ("health", "-"): r"harm(?:s|ed|ing|ful)?|worsen(?:s|ed|ing)?|poison\w*",
    ("order", "+"): r"first",
    ("order", "-"): r"last",
    ("side", "+"): r"horizontal\w*|internal\w*|synchronous\w*|stateless|left|north\w*|east\w*",
    ("side", "-"): r"vertical\w*|external\w*|asynchronous\w*|stateful|right|south\w*|west\w*",
}

_KOREAN: dict[Side, str] = {
    (
        "amount",
        "+",
    ): "증가 늘 늘어나 늘리 늘이 높 높이 높아지 많 많이 많아지 더 더욱 커지 확대 상승 올리 올라가 오르"
    " 넓 넓히 길 길어지 크 이상 초과 넘 넘기 돌파 두배",
    (
        "amount",
        "-",
    ): "감소 줄 줄이 줄어들 낮 낮추 낮아지 적 적어지 덜 작 작아지 축소 하락 내리 내려가 떨어지"
    " 좁 좁히 짧 짧아지 이하 미만 절감 단축",
    ("speed", "+"): "빠르 빨리 빨라지 신속 신속히",
    ("speed", "-"): "느리 느려지 더디 천천히",
    ("quality", "+"): "향상 개선 좋 좋아지 쉽 쉬워지 안전 저렴 간단 간편 유리",
    ("quality", "-"): "저하 악화 나쁘 나빠지 어렵 어려워지 위험 비싸 복잡 불리",
    ("extreme", "+"): "최대 최고 최장 최다 최대한",
    ("extreme", "-"): "최소 최저 최단 최소한",
    ("time", "+"): "후 이후 뒤 다음 나중",
    ("time", "-"): "전 이전 직전 먼저 앞",
    ("all", "+"): "모든 모두 항상 언제나 전부 전체 매번 누구 늘상",
    ("all", "-"): "절대 절대로 전혀 결코 아무 아무도",
    ("only", "+"): "유일 유일하 오직 오로지 반드시 만",
    ("set", "+"): "추가 활성 활성화 포함 허용 수락 삽입 더하",
    ("stance", "+"): "찬성 찬성표 동의 지지",
    ("stance", "-"): "반대 반대표",
    ("win", "+"): "이기 승리 우승 얻 획득",
    ("win", "-"): "지다 패배 패하 잃 상실",
    ("trade", "+"): "사 구입 구매 수입",
    ("trade", "-"): "팔 판매 매각 수출",
    ("health", "+"): "퇴원 회복 낫",
    ("health", "-"): "입원 악화",
    ("profit", "+"): "흑자 이익",
    ("profit", "-"): "적자 손실 손해",
    ("set", "-"): "막 제거 비활성 비활성화 제외 거부 거절 금지 삭제 차단 빼",
    ("run", "+"): "시작 열 열리 켜 켜지 개관 개장 개점 개업 재개관 재개장 개통",
    ("run", "-"): "종료 중지 중단 닫 닫히 휴관 휴무 휴업 폐관 폐점 폐업 쉬 끊 끊기 끊어지 끄 꺼지",
    ("order", "+"): "처음 최초 첫",
    ("order", "-"): "마지막 최후",
    ("side", "+"): "수평 내부 동기 무상태 왼쪽 북쪽 동쪽",
    ("side", "-"): "수직 외부 비동기 상태저장 오른쪽 남쪽 서쪽",
}
"""Stems and words as the morpheme analyser gives them."""

_ENGLISH_PATTERNS = tuple(
    (side, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for side, words in _ENGLISH.items()
)
_SIDE_OF = {form: side for side, forms in _KOREAN.items() for form in forms.split()}
_MEANINGFUL = ("NN", "V", "MA", "MM", "XR", "JX", "NP")


def directions(text: str, language: Language) -> Counter[Side]:
    """How many words of each side a text holds."""
    if language == "ko":
        return Counter(
            _SIDE_OF[form]
            for found in morphemes(text)
            # 지다, to lose, is no auxiliary.
            if (form := "지다" if (found.form, found.tag) == ("지", "VV") else found.form)
            in _SIDE_OF
            and found.tag.startswith(_MEANINGFUL)
        )
    return Counter(
        {side: len(found) for side, words in _ENGLISH_PATTERNS if (found := words.findall(text))}
    )


def turned(claim: str, source: str, language: Language) -> list[Side]:
    """The sides on which a claim holds more words than its source, or where the source holds both sides."""
    bare = without_numbers(claim, language)
    mine, theirs = directions(bare, language), directions(source, language)
    more = set((mine - theirs).keys())
    # A clause that says both (rose in May after it had fallen in April) bears out neither alone.
    for axis, sign in mine:
        other = (axis, "-" if sign == "+" else "+")
        if axis in _ONE_WAY and other in theirs and other not in mine:
            more.add((axis, sign))
    return sorted(more)


def opposite(detail: str) -> Side | None:
    """The other side of one that is told as "axis sign"; None for other words."""
    axis, _, sign = detail.partition(" ")
    known = {name for sides in (_ENGLISH, _KOREAN) for name, _ in sides}
    return (axis, "-" if sign == "+" else "+") if axis in known and sign in {"+", "-"} else None


_ONE_WAY = frozenset(
    {"amount", "speed", "quality", "set", "side", "stance", "win", "trade", "health"}
)
"""Axes on which a claim and its opposite do not stand together."""


_ALIKE: dict[Language, tuple[frozenset[str], ...]] = {
    "en": tuple(
        frozenset(map(stem, words.split()))
        for words in (
            "increase grow rise rose risen",
            "decrease fall fell fallen decline drop shrink shrank shrunk",
            "start begin",
            "stop end",
        )
    ),
    "ko": (
        frozenset("증가 늘 늘어나 상승 오르 올라가 많아지".split()),
        frozenset("감소 줄 줄어들 하락 내리 내려가 떨어지".split()),
        frozenset("넘 넘기 초과 돌파".split()),
        frozenset("시작 열리".split()),
        frozenset("종료 끝나 끝".split()),
    ),
}
"""Words that say one direction each: where a claim has one, another bears it out."""


def alike(stems: set[str], source: str, language: Language) -> set[str]:
    """The stems of a text that stand in the source as another word of their direction."""
    theirs = set(content_stems(source, language))
    return {word for group in _ALIKE[language] if theirs & group for word in stems & group}
