"""Names stretches of text that have no heading, by the terms that set them apart."""

import re
from collections import Counter
from collections.abc import Sequence

from app.generation.schemas import Fact
from app.generation.writers.composer.coherence import hangs_on_previous
from app.generation.writers.composer.relevance import Reading
from app.generation.writers.composer.rules import LEXICONS, leading_connective
from app.generation.writers.composer.structure import words_of
from app.language.korean import morphemes
from app.language.stems import content_stems
from app.language.types import Language

_SEGMENT_WORDS: dict[Language, int] = {"en": 85, "ko": 65}
_MOST_SEGMENTS = 6
_LEAST_COVERAGE = 0.25
"""Of a stretch's facts: what is named less often is not what the stretch is about."""
_FEWEST_TOPIC_WORDS, _MOST_TOPIC_WORDS = 3, 9

_FEWEST_LETTERS: dict[Language, int] = {"en": 4, "ko": 2}
"""Of a term; shorter ones rarely are."""

_ENGLISH_WORD = re.compile(r"[A-Za-z][A-Za-z0-9'’+#-]*")
_NOUN_SIGNAL = re.compile(
    r"\b(?:the|an?|of|in|with|from|its|their|each|every|for|on|to|by|and|or|between|without|into)\s+$",
    re.IGNORECASE,
)
"""What stands before an English noun more often than before anything else."""

_KOREAN_WORD = re.compile(r"[가-힣A-Za-z0-9]+")
_JOSA = re.compile(
    r"(?:에서는|으로는|에게서|이라는|에서|으로|에게|까지|부터|처럼|보다|마다|이나|이란|와의|과의|은|는|이|가|을|를|의|에|로|과|와|도|만|란)$"
)
_EMPTY_NOUNS = frozenset(
    (
        "전체 경우 방식 문제 때문 정도 사용 하나 부분 필요 가지 이후 이상 이하 대부분 모두 각각 "
        "가장 다양 여러 서로 다음 최근 이용 관련 자체 상황 과정 내용 기존 다시 바로 매우 정말 "
        "이런 그런 어떤 우리 통해 위해 대해 따라"
    ).split()
)
"""Words that pass for terms by their form and name nothing."""

_KOREAN_ENDING = re.compile(
    r"(?:다|요|며|고|면|지만|어서|아서|하게|하는|되는|한|된|할|될|인|있|없|않)$"
)


def segments(facts: Sequence[Fact], reading: Reading) -> list[list[Fact]]:
    """Cut headless facts into stretches of about equal length, between passages whose words differ."""
    passages: list[list[Fact]] = []
    for fact in facts:
        if passages and passages[-1][-1].passage_id == fact.passage_id:
            passages[-1].append(fact)
        else:
            passages.append([fact])
    wanted = min(_MOST_SEGMENTS, max(1, words_of(facts) // _SEGMENT_WORDS[reading.language]))
    if wanted == 1 or len(passages) <= wanted:
        return [list(facts)]
    target = words_of(facts) / wanted
    result: list[list[Fact]] = [[]]
    for n, passage in enumerate(passages):
        size = words_of(result[-1])
        titled = topic_sentence(passage[0], reading.language) != "" and size >= target * 0.4
        near = size >= target * 0.7 and _kinship(passages[n - 1], passage, reading) == 0
        if result[-1] and len(result) < wanted and (size >= target or near or titled):
            result.append([])
        result[-1] += passage
    return result


def _kinship(one: Sequence[Fact], other: Sequence[Fact], reading: Reading) -> int:
    first = {stem for fact in one for stem in reading.stems[fact.id]}
    second = {stem for fact in other for stem in reading.stems[fact.id]}
    return len((first & second) - reading.keyword_stems)


def topic_sentence(fact: Fact, language: Language) -> str:
    """Return the words of a short sentence that can head what follows it; else nothing.

    In English only: a Korean sentence, verb last, makes no heading.
    """
    if language == "ko" or fact.kind != "sentence":
        return ""
    words = fact.text.rstrip(".").split()
    lexicon = LEXICONS[language]
    if not _FEWEST_TOPIC_WORDS <= len(words) <= _MOST_TOPIC_WORDS or not fact.text.endswith("."):
        return ""
    if re.search(r"[\d:;`\"“”]", fact.text) or leading_connective(fact.text, language):
        return ""
    if hangs_on_previous(fact.text, lexicon, language) or lexicon.announces.search(fact.text):
        return ""
    return fact.text.rstrip(".")


def name_for(facts: Sequence[Fact], everything: Sequence[Fact], reading: Reading) -> str:
    """Return the terms of `facts` that are frequent in them and rare elsewhere, as a heading.

    One term of several words stands alone, single words go in pairs. Empty if no term comes
    often enough to speak for them all.
    """
    own = Counter(_phrases(facts, reading.language))
    rest = {fact.id for fact in facts}
    others = Counter(
        _phrases([fact for fact in everything if fact.id not in rest], reading.language)
    )
    fewest = max(2, _LEAST_COVERAGE * sum(fact.kind != "code" for fact in facts))
    ranked = sorted(
        (phrase for phrase, count in own.items() if count >= fewest and _tells(phrase, reading)),
        key=lambda phrase: (-_worth(phrase, own, others), phrase),
    )
    if not ranked:
        return ""
    name = ranked[0]
    if " " not in name:
        pair = next((each for each in ranked[1:] if " " not in each), "")
        name = _joined(name, pair, reading.language) if pair else name
    return name[:1].upper() + name[1:] if reading.language == "en" else name


def _tells(phrase: str, reading: Reading) -> bool:
    """A phrase of nothing but the keyword's words does not tell this part from the others."""
    if reading.language == "ko" and not _is_noun(phrase):
        return False
    stems = set(content_stems(phrase, reading.language))
    return bool(stems - reading.keyword_stems)


def _is_noun(phrase: str) -> bool:
    """Whether the analyser sees no verb in it: 끊긴, said of roads, has the form of a term."""
    return all(tag[0] in "NXS" for _, tag, _ in morphemes(phrase))


def _worth(phrase: str, own: Counter[str], others: Counter[str]) -> float:
    return own[phrase] * len(phrase.split()) / (1 + others[phrase])


def _joined(one: str, other: str, language: Language) -> str:
    if language == "en":
        return f"{one} and {other}"
    final = (ord(one[-1]) - 0xAC00) % 28 if "가" <= one[-1] <= "힣" else 0
    return f"{one}{'과' if final else '와'} {other}"


def _phrases(facts: Sequence[Fact], language: Language) -> list[str]:
    found: list[str] = []
    for fact in facts:
        if fact.kind == "code":
            continue
        for run in _content_runs(fact.text, language):
            for length in (3, 2, 1):
                found += [" ".join(run[n : n + length]) for n in range(len(run) - length + 1)]
    fewest = _FEWEST_LETTERS[language]
    return [phrase for phrase in found if len(phrase) >= fewest]


def _content_runs(text: str, language: Language) -> list[list[str]]:
    """Return runs of neighbouring content words, in the form in which they can stand in a heading."""
    runs: list[list[str]] = [[]]
    end = 0
    pattern = _ENGLISH_WORD if language == "en" else _KOREAN_WORD
    for found in pattern.finditer(text):
        if text[end : found.start()].strip():
            runs.append([])
        end = found.end()
        if language == "en":
            opens = not runs[-1]
            noun = _english_term(found.group())
            if noun and (not opens or _NOUN_SIGNAL.search(text, 0, found.start())):
                runs[-1].append(noun)
            elif runs[-1]:
                runs.append([])
            continue
        bare = _JOSA.sub("", found.group())
        is_term = len(bare) > 1 and bare not in _EMPTY_NOUNS and not _KOREAN_ENDING.search(bare)
        if is_term:
            runs[-1].append(bare)
        if bare != found.group() or not is_term:
            runs.append([])
    return [run for run in runs if run]


def _english_term(word: str) -> str:
    if len(word) < _FEWEST_LETTERS["en"] - 1 or word.lower().endswith(("ly", "ing", "ed")):
        return ""
    if not content_stems(word, "en"):
        return ""
    return word if any(character.isupper() for character in word[1:]) else word.lower()
