"""Places: the clauses of a source, each with the subject that it takes over from the clause before it.

A source sentence often says two things: "The poet, born in 1842, died in 1922." What a claim says must
be borne out by one of them, or a number and a predicate that stand in different clauses would support
each other. The clauses are found by signs (punctuation, conjunctions, Korean endings), not by parsing;
where a sign is doubtful the sentence is parted and no subject taken over: then a right claim may stay
without support, but no wrong one gets any.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from app.language.english import FUNCTION_WORDS
from app.language.korean import Morpheme, morphemes
from app.language.names import find_quotations
from app.language.numbers import find_numbers
from app.language.sentences import split_sentences
from app.language.stems import content_stems
from app.language.types import Language, Span

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """A clause as it stands in the source, `subject` from before it ("" if it has its own), its sentence.

    `span` is the clause's in the text that was parted, `sentence_span` its sentence's, in code points.
    """

    text: str
    subject: str
    sentence: str
    span: Span = _NOWHERE
    sentence_span: Span = _NOWHERE

    @property
    def whole(self) -> str:
        """The clause with the subject that it takes over."""
        return f"{self.subject} {self.text}" if self.subject else self.text

    def stems(self, language: Language) -> set[str]:
        """The content stems of the clause and its subject."""
        return set(content_stems(self.text, language)) | set(content_stems(self.subject, language))


@lru_cache(maxsize=2048)
def find_places(text: str, language: Language) -> tuple[Place, ...]:
    """Every clause of every sentence of a text, in order."""
    found: list[Place] = []
    before = ""
    for span in split_sentences(text, language):
        sentence = span.of(text)
        places = list((_korean if language == "ko" else _english)(sentence, before))
        found.extend(_spanned(places, span, sentence))
        before = _subject(sentence, places, language) or before
    return tuple(found)


def _spanned(places: list[Place], whole: Span, sentence: str) -> Iterator[Place]:
    """The places with their spans; one whose words were put together from several has the sentence's."""
    at = 0
    for place in places:
        start = sentence.find(place.text, at)
        span = whole
        if start >= 0:
            at = start + len(place.text)
            span = Span(whole.start + start, whole.start + at)
        yield replace(place, span=span, sentence_span=whole)


def _subject(sentence: str, places: list[Place], language: Language) -> str:
    """What a sentence is about, for the next one that does not say it."""
    if language == "ko":
        return next((topic for place in places if (topic := _topic(place.text))), "")
    first = places[0] if places else Place(sentence, "", sentence)
    return first.subject or _leading(_after_introduction(first.text))


# English


def subject_of(text: str) -> str:
    """The words that an English clause begins with and its subject probably is; "" where that is unclear."""
    if _INVERTED.search(text):
        return ""  # Every Monday there is a workshop.
    return _leading(_after_introduction(text))


_INVERTED = re.compile(r"\bthere\s+(?:is|are|was|were|will|has|have)\b", re.IGNORECASE)

_VERBS = frozenset(
    "is are was were be been has have had do does did will would can could may might must shall should"
    " isn't aren't wasn't weren't hasn't haven't doesn't don't didn't won't can't cannot".split()
)
_PAST = frozenset(
    "grew ran wrote kept held sent built took gave went began chose lost found broke won led made came became"
    " fell rose stood left met sold paid said saw set cut put got drew flew knew threw spoke wore brought"
    " bought taught thought felt told spent hung lay sat sang beat hit bit shook caught fed"
    " fled fought forgot hid hurt laid lent lit sought swam drove rode ate drank slept shot bore".split()
)
"""Past tenses that no ending shows."""
_PRONOUNS = frozenset("it they he she which who that this these we you i".split())
_DETERMINERS = frozenset(
    "the a an its their his her our your my no each every all some most many both several few another"
    " one two three four five six seven eight nine ten".split()
)
_INTRODUCING = frozenset(
    "in at on by with together after before during since when if because for from of as although though"
    " while until under over without within between among through unless once where to despite".split()
)
_CLAUSE_SIGN = re.compile(
    r"(?P<hard>[;:]\s+(?![“\"‘])|\s[–—]\s|,?\s+(?=(?:but|while|whereas|although|though|yet)\s))"
    r"|(?P<and>,?\s+(?=(?:and|or|so|nor)\s))"
    r"|(?P<comma>,\s+)"
    r"|(?P<because>\s+(?=because\s|(?:after|before|until|once|since)\s(?:it|they|he|she)\s))"
)
_CONJUNCTION = re.compile(
    r"^(?:and|or|so|nor|but|while|whereas|although|though|yet|because)\s+", re.IGNORECASE
)
_PARTICIPLE = re.compile(
    r"^(?:[a-z]+ed|[a-z]{2,}ing|born|built|known|made|held|won|led|written)\b", re.IGNORECASE
)
_WORD = re.compile(r"[^\s,;:.!?()\"“”]+")
_CLAUSE_WORDS = 4
"""From so many words on, what begins with a determiner after a comma or "and" is no list's item."""


def _english(sentence: str, before: str) -> Iterator[Place]:
    parts = [sentence]
    quoted = find_quotations(sentence)
    for sign in _CLAUSE_SIGN.finditer(sentence):
        at = sentence.rfind(parts[-1])
        if sign.start() <= at or any(one.start <= sign.end() <= one.end for one in quoted):
            continue
        left, right = sentence[at : sign.start()], sentence[sign.end() :]
        if _parts(left, right, sign.lastgroup or ""):
            parts[-1:] = [left, right]
    subject = ""
    parenthesis = False
    for index, part in enumerate(parts):
        bare = _CONJUNCTION.sub("", part)
        participle = bool(_PARTICIPLE.match(bare))
        if index == 0:
            subject = before if _takes_over(bare, first=True) else ""
            if participle and len(parts) > 1:
                subject = _leading(parts[1])  # Built in 1858, the lighthouse stands …
            yield Place(part, subject, sentence)
            subject = subject or _leading(_after_introduction(bare))
            continue
        if _takes_over(bare, first=False) or participle or parenthesis or _is_item(bare):
            yield Place(part, subject, sentence)
        else:
            yield Place(part, "", sentence)
            subject = _leading(bare) or subject
        parenthesis = participle or bare.split(" ", 1)[0].lower() in {"which", "who"}


def _parts(left: str, right: str, sign: str) -> bool:  # noqa: PLR0911  # one return a rule reads better than one expression
    """Whether a new clause begins at a sign between two parts of a sentence."""
    if sign in {"hard", "because"}:
        return True
    bare = _CONJUNCTION.sub("", right)
    words = [word.lower() for word in _WORD.findall(re.split(r"[;:,]\s|\sand\s", bare)[0])]
    if not words:
        return False
    # Numbers of two things: 3 eggs and 2 onions; but not 3 and 5 eggs, or May 27, 1937.
    theirs, mine = find_numbers(bare, "en"), find_numbers(left, "en")
    if mine and theirs and not _is_date(left, right):
        ends, begins = mine[-1].span.end >= len(left.rstrip()), theirs[0].span.start == 0
        if not (ends and begins):
            return True
    introduced = left.split(" ", 1)[0].lower() in _INTRODUCING and not re.search(r",\s", left)
    if sign == "comma" and introduced:
        return False
    if words[0] in _PRONOUNS or words[0] in {"where", "whose"} or _is_verb(words):
        return True
    if sign == "comma" and _PARTICIPLE.match(bare):
        return True
    several = words[0].endswith("s") and len(words) > 1 and words[1] not in FUNCTION_WORDS
    if sign == "comma" and several and len(words) >= _CLAUSE_WORDS:
        return True  # Visitors park for free, residents pay 30 euros
    starts = words[0] in _DETERMINERS or bare[:1].isupper()
    return starts and len(words) >= _CLAUSE_WORDS - bare[:1].isupper()


def _is_item(part: str) -> bool:
    """Whether a part is a number of things and no more, as in a list: 40 seats and 80 lockers; no railway."""
    numbers = find_numbers(part, "en")
    words = {word.lower() for word in _WORD.findall(part)}
    counted = len(numbers) == 1 and numbers[0].span.start == 0
    return (counted or part.lower().startswith("no ")) and not words & (_VERBS | _PAST)


def _is_date(left: str, right: str) -> bool:
    return bool(re.search(r"\d$", left) and re.match(r"\d{4}\b", right))


def _is_verb(words: list[str]) -> bool:
    """Whether words begin with a verb's third person, by what follows it: closes at, has, opens the."""
    first, following = words[0], words[1] if len(words) > 1 else ""
    if first in _VERBS or first in _PAST:
        return True
    third = first.endswith("s") and not first.endswith(("ss", "us", "is"))
    past = first.endswith("ed")
    return (third or past) and (following in FUNCTION_WORDS or following[:1].isdigit())


def _takes_over(part: str, *, first: bool) -> bool:
    """Whether a clause has no subject of its own but a pronoun, or begins with its verb."""
    words = [word.lower() for word in _WORD.findall(part)]
    if not words:
        return False
    if words[0] in _PRONOUNS:
        return words[0] not in {"we", "you", "i"}
    return not first and (words[0] in {"not", "never"} or _is_verb(words))


def _leading(part: str) -> str:
    """The words before the first that may be a verb: a few, for what is taken over must be the subject only."""
    words = _WORD.findall(_CONJUNCTION.sub("", part))
    taken: list[str] = []
    content = 0
    for index, word in enumerate(words[:_LEADING_WORDS]):
        low = word.lower()
        if low in _PRONOUNS:
            return ""
        if content and (
            low in FUNCTION_WORDS - {"of", "the"}
            or _is_verb([low, "the"])
            or _is_verb([each.lower() for each in words[index:]])
        ):
            break
        content += low not in FUNCTION_WORDS
        if not word[:1].isdigit():
            taken.append(word)
    return " ".join(taken) if content else ""


_LEADING_WORDS = 6


def _after_introduction(part: str) -> str:
    """In 2018 the headquarters moved: from the determiner or the comma on."""
    first = part.split(" ", 1)[0].lower()
    if first not in _INTRODUCING:
        return part
    found = re.search(r",\s+|\s(?=(?:the|a|an|its|their|his|her)\s)", part[len(first) + 4 :])
    return part[len(first) + 4 + found.end() :] if found else ""


# Korean

_PARTING = frozenset(
    "고 며 으며 지만 는데 은데 ᆫ데 어서 아서 으나 나 면서 으면서 거나 어 아 니 으니 자".split()
)
"""Endings after which another clause begins, if no auxiliary or second verb follows; conditions stay."""
_TIMES = frozenset("뒤 후 때 다음 전 날 동안 이후 직후 지".split())
"""Nouns that make a condition of a clause, which stays with what it is a condition of."""
_RELATIVE = frozenset({"ᆫ", "은", "던", "는"})


def _korean(sentence: str, before: str) -> Iterator[Place]:
    parsed = morphemes(sentence)
    cuts = [0, *sorted(set(_korean_cuts(sentence, parsed))), len(sentence)]
    parts = [sentence[left:right].strip() for left, right in itertools.pairwise(cuts)]
    parts = _joined([part for part in parts if any(map(str.isalnum, part))])
    topic = before
    thing = ""
    for index, part in enumerate(parts):
        own = _topic(part)
        subject = "" if own else topic
        if thing and not own and not _OBJECT.search(part) and not _PASSIVE.search(part):
            subject = f"{subject} {thing}".strip()  # 배추를 반으로 갈라 소금물에 담가 절인다
        goes_on = _SERIAL.search(part) is not None
        thing = (found[0] if (found := _OBJECT.search(part)) else thing) if goes_on else ""
        if not _has_predicate(part) and index + 1 < len(parts):
            # 강남에서 3.1%, 강북에서 1.2% 올랐다: the last predicate is everybody's.
            subject = f"{subject} {_predicate(parts[index + 1 :])}".strip()
        if _ends_relative(part) and index + 1 < len(parts):
            subject = f"{subject} {_first_noun(parts[index + 1])}".strip()
        yield Place(part, subject, sentence)
        topic = own or topic


_OBJECT = re.compile(r"(?<!\S)[가-힣A-Za-z]+[을를](?=\s)")
_PASSIVE = re.compile(r"[가-힣][되된됩됐]")
"""A verb of 되다 takes no object: 공사를 시작해 1898년에 완공되었다."""
_SERIAL = re.compile(r"(?:[아어여려겨라러가]서?|[해내대])$")
"""An ending in 아/어: what follows is done to the same thing."""


def _korean_cuts(sentence: str, parsed: tuple[Morpheme, ...]) -> Iterator[int]:
    numbers = find_numbers(sentence, "ko")
    last = 0
    for each, following in itertools.pairwise(parsed):
        end = each.span.end
        if end < len(sentence) and not (sentence[end].isspace() or sentence[end] == ","):
            continue
        if (
            each.tag == "EC"
            and each.form in _PARTING
            and "%" not in sentence[end - 2 : end]
            and not following.tag.startswith(("V", "JX"))
        ) or (
            each.tag == "ETM"
            and each.form in _RELATIVE
            and any(last <= number.span.start and number.span.end <= end for number in numbers)
            and _is_verbal(parsed, each)
            and not following.tag.startswith("NNB")
            and following.form not in _TIMES
        ):
            last = end
            yield end
    for match in re.finditer(r"[,;:]\s", sentence):
        yield match.end()


def _is_verbal(parsed: tuple[Morpheme, ...], ending: Morpheme) -> bool:
    index = parsed.index(ending)
    return index > 0 and parsed[index - 1].tag.startswith(("VV", "XSV", "VX", "EP"))


def _joined(parts: list[str]) -> list[str]:
    """Parts that say nothing by themselves (a day, a list's noun) joined to the next one."""
    found: list[str] = []
    waiting = ""
    for part in parts:
        text = f"{waiting} {part}".strip()
        said = _has_predicate(part) or find_numbers(part, "ko") or _topic(part)
        if said or part is parts[-1]:
            found.append(text)
            waiting = ""
        else:
            waiting = text
    return found


def _has_predicate(part: str) -> bool:
    return any(each.tag.startswith(("VV", "VA", "XSV", "XSA", "VC")) for each in morphemes(part))


def _ends_relative(part: str) -> bool:
    found = [each for each in morphemes(part) if not each.tag.startswith("S")]
    return bool(found) and found[-1].tag == "ETM"


def _predicate(parts: list[str]) -> str:
    """The last word of the first part that has a verb or adjective; "35개다" is none."""
    for part in parts:
        if any(each.tag.startswith(("VV", "VA", "XSV", "XSA")) for each in morphemes(part)):
            word = part.split()[-1]
            return "" if find_numbers(word, "ko") else word
    return ""


def _first_noun(part: str) -> str:
    for word in part.split():
        if any(each.tag.startswith("NN") for each in morphemes(word)):
            return word
    return ""


def _topic(part: str) -> str:
    """The words up to 은/는 or 이/가 on a noun: what the clause is about, or who acts; "" if it is not said."""
    parsed = morphemes(part)
    for index, each in enumerate(parsed[1:], 1):
        previous = parsed[index - 1]
        marks = each.tag == "JKS" or (each.tag == "JX" and each.form in {"은", "는", "도", "만"})
        if marks and previous.tag.startswith(("NN", "NP", "NR", "SL", "XSN")):
            start = index - 1
            while start > 0 and parsed[start - 1].tag.startswith(("NN", "SL", "XSN", "XPN")):
                start -= 1
            if start > 1 and parsed[start - 1].tag == "JKG":
                start -= 2
            return part[parsed[start].span.start : each.span.end]
    return ""
