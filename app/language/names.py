"""Names, quotations and negations: what a sentence may not gain or lose on its way from a source."""

import re
from functools import partial

from app.language.korean import morphemes
from app.language.remembered import Remembered
from app.language.types import Language, Span

_CODE = re.compile(r"`([^`\n]+)`")
_IDENTIFIER = re.compile(
    r"(?<![\w/])(?:[A-Za-z][\w]*(?:[_./:#-][A-Za-z0-9]\w*)+|[A-Za-z]+\d[\w.]*|[a-z]+[A-Z]\w*|[A-Z]\w*[a-z][A-Z]\w*|[A-Z]{2,}[\w]*|/[a-z][\w/-]*)",
    re.ASCII,  # a Korean particle after a name is not part of it
)
_CAPITALISED = re.compile(r"[A-Z][\w’'&-]*(?:\s+(?:of\s+|the\s+|de\s+)?[A-Z][\w’'&-]*)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…]\s+|[“\"‘(]\s*|\n\s*(?:[-*#>]\s*)?)$")
_LOOK_BACK = 40
"""No mark with the blanks after it is longer; looking back to the start takes quadratic time."""
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.+#-]*[A-Za-z0-9+#]|[A-Z]")

_PLAIN_CAPITALS = frozenset({"I", "A", "The", "In", "On", "At", "It", "If", "When", "This", "That"})


def find_names(text: str, language: Language) -> list[str]:
    """Names and identifiers in order: inline code, identifiers, acronyms, capitalised words, proper nouns.

    In English the first word of a sentence is no name unless it is written like one elsewhere (inner
    capitals, digits). In Korean: words in Latin script and proper nouns.
    """
    return list(_remembered[language](text))


def _find_names(text: str, language: Language) -> tuple[str, ...]:
    found: dict[str, None] = {}
    plain = text
    if "`" in text:
        found = dict.fromkeys(_CODE.findall(text))
        plain = _CODE.sub(" ", text)
    for match in _IDENTIFIER.finditer(plain):
        found[match.group().rstrip(".-:/")] = None
    if language == "ko":
        for match in _LATIN.finditer(plain):
            found[match.group()] = None
        for form, tag, _span in morphemes(plain):
            if tag == "NNP":
                found[form] = None
        return tuple(found)
    for match in _CAPITALISED.finditer(plain):
        name = match.group()
        at = match.start()
        if _SENTENCE_START.search(plain, max(0, at - _LOOK_BACK), at):
            # The first word is written large by its place: only what follows it is surely a name.
            _first, _, name = name.partition(" ")
        if name and name not in _PLAIN_CAPITALS:
            found[name] = None
    return tuple(found)


_remembered = {
    "en": Remembered(partial(_find_names, language="en"), characters=300_000),
    "ko": Remembered(partial(_find_names, language="ko"), characters=300_000),
}


_QUOTATION = re.compile(
    r"“([^”]{2,})”|\"([^\"\n]{2,})\"|「([^」]{2,})」|『([^』]{2,})』|‘([^’]{8,})’"
)


def find_quotations(text: str) -> list[Span]:
    """What stands between quotation marks, without them; single marks only around 8 characters or more."""
    spans: list[Span] = []
    for match in _QUOTATION.finditer(text):
        group = next(n for n in range(1, 6) if match.group(n) is not None)
        spans.append(Span(*match.span(group)))
    return spans


_ENGLISH_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|hardly|barely|nowhere)\b|n['’]t\b|"
    r"\b(?:un(?:able|available|healthy|necessary|safe|changed|likely|supported|limited|related|known)|"
    r"im(?:possible|proper)|in(?:valid|correct|complete|sufficient|consistent)|"
    r"dis(?:able|abled|ables|allow|allows|connect|connects)|fail(?:s|ed)? to|lack(?:s|ed)?|"
    r"bans?|banned|forbid\w*|forbade|prohibit\w*|exclude[sd]?|exempt\w*|refus\w*|"
    r"reject\w*|den(?:y|ies|ied)|used to (?!be \w+ed)"
    r"(?<!is used to )(?<!are used to )(?<!be used to )(?<!was used to )(?<!were used to ))\b",
    re.IGNORECASE,
)
_PREDICATES = ("VX", "VA", "VV")
_NEGATING_TAGS = {
    **dict.fromkeys(("않", "없", "못하", "아니하", "말"), _PREDICATES),
    "아니": ("VCN", "MAG"),
    **dict.fromkeys(("못", "안"), ("MAG",)),  # 시장 안, an inside, negates nothing
    **dict.fromkeys(("불가능", "금지", "무관", "제외", "거부", "거절"), ("NNG", "XR")),
}
"""What negates in Korean, by the kind of word it is then."""
_NO_NEGATION = re.compile(
    r"뿐만?\s?아니라|뿐(?:만이)?\s?아니라|\bnot only\b|\bno (?:more|less|fewer|later|earlier|longer) than\b"
    r"|\bnothing but\b|제외(?:한|하고|하면)",
    re.IGNORECASE,
)
"""Words that negate nothing though they look so."""


def negations(text: str, language: Language) -> int:
    """How many negations a sentence holds; a source and what is made of it must agree on it."""
    if language == "en":
        return len(_ENGLISH_NEGATION.findall(_NO_NEGATION.sub(" ", text)))
    return sum(
        1
        for form, tag, _span in morphemes(_NO_NEGATION.sub(" ", text))
        if tag.startswith(_NEGATING_TAGS.get(form, ()))
    )
