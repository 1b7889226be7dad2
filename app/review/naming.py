"""Whom and what sources name, and how much of what they count: names, organisations, amounts, dates."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from app.language.names import find_names
from app.language.noun_runs import noun_runs
from app.language.numbers import Number, find_numbers
from app.language.types import Language
from app.review.brief_schemas import AmountOut, NameOut
from app.seo.document import Document

MOST_AMOUNTS = 30
_LONGEST_PIECE = 2000
_MOST_CONSIDERED = 300
"""Names of a source that are held against each other."""
_ORGANISATION: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:Agency|Administration|Association|Authority|Bank|Board|Bureau|Centre|Center|College|Commission|"
        r"Committee|Company|Corporation|Corp|Council|Department|Federation|Foundation|Fund|Group|Inc|Institute|"
        r"Institution|Laboratory|Ltd|LLC|Ministry|Museum|Office|Organi[sz]ation|Service|Services|Society|Union|"
        r"University)\b\.?(?: of\b|$)"
    ),
    "ko": re.compile(
        r"(?:공사|공단|협회|학회|위원회|대학교?|은행|재단|연구원|연구소|박물관|미술관|도서관|협의회|연맹|조합|기구|"
        r"본부|[가-힣]{2,}(?<!신)(?<!요)청|[가-힣]{2,}안전처|법원|병원|그룹|주식회사)$"
    ),
}
"""What bodies are called by. Our own list."""
_LATIN_NAME = re.compile(r"[A-Z][A-Za-z0-9.+#-]*(?: [A-Z][A-Za-z0-9.+#-]*[A-Za-z0-9+#])+", re.ASCII)
"""A name of several words in Korean text, where each word alone would be one."""
_NO_NAMES = frozenset(
    "January February March April May June July August September October November December Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday".split()
)
_UNITS = frozenset("mg kg mm cm km ml mmHg GB MB KB TB Hz px ms".split())


def names_of(documents: Sequence[Document], keyphrases: Sequence[str] = ()) -> list[NameOut]:
    """Names with how often they stand in the sources; those of several sources first.

    By their letters and place alone (capitals, Latin script in Korean, proper nouns), so some are none. Loan
    words look like names in Korean, so a Hangul name that is a word of a keyphrase is not told again.
    """
    told = {word for phrase in keyphrases for word in phrase.split()}
    counted: Counter[str] = Counter()
    sources: defaultdict[str, list[int]] = defaultdict(list)
    kinds: dict[str, bool] = {}
    for number, document in enumerate(documents, 1):
        for name, count in _names(document).items():
            if name in told and not name.isascii():
                continue
            counted[name] += count
            sources[name].append(number)
            kinds[name] = bool(_ORGANISATION[document.language].search(name))
    found = [
        NameOut(
            text=name,
            kind="organisation" if kinds[name] else "name",
            count=count,
            sources=sources[name],
        )
        for name, count in counted.items()
        if not any(name != other and name in other and counted[other] >= count for other in counted)
    ]
    return sorted(found, key=lambda one: (-len(one.sources), -one.count, one.text))


def _names(document: Document) -> Counter[str]:
    names: Counter[str] = Counter()
    for piece in _pieces(document):
        found = {name for name in find_names(piece, document.language) if _is_name(name)}
        if document.language == "ko":
            found.update(_LATIN_NAME.findall(piece))
            (runs,) = noun_runs([piece], "ko")
            phrases = (piece[run[0].span.start : run[-1].span.end] for run in runs)
            found.update(phrase for phrase in phrases if _ORGANISATION["ko"].search(phrase))
        for name in found:
            names[name] += max(1, len(_places(name, piece)))
    return Counter(dict(names.most_common(_MOST_CONSIDERED)))


def _pieces(document: Document) -> Iterator[str]:
    """Sentences and table rows, cut where somebody wrote without an end."""
    texts = [sentence.text for sentence in document.sentences]
    texts += [block.text for block in document.blocks if block.kind == "row"]
    for text in texts:
        for start in range(0, len(text), _LONGEST_PIECE):
            yield text[start : start + _LONGEST_PIECE]


def _is_name(name: str) -> bool:
    if len(name) < 2 or name in _NO_NAMES or name in _UNITS or name[:1] in "/.":  # noqa: PLR2004  # a letter is no name
        return False
    return not name.isascii() or not name.islower() or "_" in name


def _places(name: str, text: str) -> list[str]:
    """A Korean particle may follow; a Latin letter may not."""
    return re.findall(rf"(?<!\w){re.escape(name)}(?![A-Za-z0-9])", text)


def counted_sentences(document: Document) -> Iterator[tuple[str, list[Number]]]:
    """Sentences with their numbers that have a unit, and dates."""
    for sentence in document.sentences:
        numbers = [one for one in find_numbers(sentence.text, document.language) if _tells(one)]
        if numbers:
            yield sentence.text, numbers


_FEWEST_COUNTED = 10
"""Of things that are counted; two servers, 한 대 are hardly facts to look for."""


def _tells(number: Number) -> bool:
    if number.unit in {"", "version", "time"}:
        return False
    return not number.normal.isdigit() or int(number.normal) >= _FEWEST_COUNTED


def find_amounts(documents: Sequence[Document]) -> list[AmountOut]:
    """Amounts and dates with the sentence that states them; what several sources state comes first."""
    found: dict[str, AmountOut] = {}
    for number, document in enumerate(documents, 1):
        for sentence, amounts in counted_sentences(document):
            for amount in amounts:
                one = found.setdefault(
                    amount.normal,
                    AmountOut(
                        text=amount.text.strip(),
                        normal=amount.normal,
                        kind="date" if amount.unit == "date" else "amount",
                        sentence=sentence,
                        sources=[],
                    ),
                )
                if number not in one.sources:
                    one.sources.append(number)
    return sorted(found.values(), key=lambda one: -len(one.sources))[:MOST_AMOUNTS]
