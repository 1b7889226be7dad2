"""Words that tie a sentence to the one before: our own lists for English and Korean.

Chosen from what grammars call conjunctive adverbs and connectives (English: addition, contrast, cause,
time, example, summary; Korean: 접속 부사 and 연결 어미, 표준국어문법론). Short and common on purpose: a word
that joins words as often as sentences (`and`, `or`, 고) is not among them.
"""

import re

from app.language.english import small_letters
from app.language.korean import morphemes
from app.language.remembered import Remembered
from app.language.types import Language

ENGLISH = frozenset(
    {
        # addition
        "also", "besides", "furthermore", "moreover", "additionally", "likewise", "similarly", "equally",
        "in addition", "as well as", "not only", "what is more", "on top of that",
        # contrast
        "but", "however", "nevertheless", "nonetheless", "although", "though", "even though", "whereas",
        "while", "yet", "still", "instead", "rather than", "unlike", "in contrast", "by contrast",
        "on the other hand", "otherwise", "despite", "in spite of", "even if", "even so", "conversely",
        "alternatively", "unless", "except that",
        # cause and effect
        "because", "since", "so", "so that", "therefore", "thus", "hence", "consequently", "accordingly",
        "as a result", "for this reason", "that is why", "due to", "thanks to", "if", "provided that",
        "in order to", "in that case", "this means", "which means",
        # time and order
        "first", "firstly", "second", "secondly", "third", "thirdly", "finally", "lastly", "next", "then",
        "afterwards", "meanwhile", "when", "whenever", "once", "until", "before", "after", "as soon as",
        "at first", "at last", "later", "eventually", "in the meantime", "at the same time", "to begin with",
        "subsequently", "previously",
        # example, emphasis, summary
        "for example", "for instance", "such as", "namely", "in particular", "especially", "specifically",
        "in fact", "indeed", "above all", "in other words", "that is", "to put it simply", "in short",
        "in summary", "to sum up", "in conclusion", "overall", "in general", "generally", "in practice",
        "of course", "similar to", "compared with", "compared to", "as long as", "either", "neither",
    }
)  # fmt: skip

KOREAN_ADVERBS = (
    "그러나", "하지만", "그렇지만", "반면", "반면에", "반대로", "그런데", "다만", "오히려",
    "그럼에도", "그리고", "또한", "또", "게다가", "더욱이", "아울러", "더불어", "뿐만 아니라",
    "마찬가지로", "따라서", "그러므로", "그래서", "그러니까", "그렇기 때문에", "때문에", "덕분에",
    "결국", "그 결과", "이에 따라", "예를 들어", "예를 들면", "예컨대", "가령", "이를테면", "특히",
    "즉", "다시 말해", "요컨대", "정리하면", "먼저", "우선", "다음으로", "그다음", "이어서", "이후",
    "그 후", "마지막으로", "한편", "동시에", "그러면", "그렇다면", "만약", "만일", "대신",
    "무엇보다", "이처럼", "이렇게", "실제로", "물론", "참고로", "이때", "이를 위해", "첫째", "둘째",
    "셋째",
)  # fmt: skip
"""Connective adverbs and set phrases, found at an eojeol's start."""

KOREAN_ENDINGS = (
    "지만", "므로", "으므로", "니까", "으니까", "면", "으면", "다면", "ᆫ다면", "는다면", "라면",
    "어서", "아서", "여서", "라서", "느라", "도록", "려면", "으려면", "더라도", "어도", "아도",
    "여도", "거나", "는데", "ᆫ데", "은데", "면서", "으면서", "다가", "자마자", "기에", "길래",
    "듯이", "을수록", "ᆯ수록", "지", "나", "으나",
)  # fmt: skip
"""Connective endings (tag EC) that say how two clauses hang together. Bare 고, 어 and 게 only add or help."""

_ENGLISH = re.compile(
    r"(?<![\w'’-])(?:"
    + "|".join(re.escape(words) for words in sorted(ENGLISH, key=lambda w: (-len(w), w)))
    + r")(?![\w'’-])"
)
"""For small letters."""
_KOREAN = re.compile(
    r"(?<![가-힣])(?:"
    + "|".join(
        re.escape(words) for words in sorted(set(KOREAN_ADVERBS), key=lambda w: (-len(w), w))
    )
    + r")(?=[\s,.]|$)"
)
_NO_AUXILIARY = ("VX",)


def has_transition(sentence: str, language: Language) -> bool:
    """Whether a sentence holds a word, phrase or (in Korean) ending that ties it to what is around it."""
    return _remembered[language](sentence)


def _english(sentence: str) -> bool:
    return _ENGLISH.search(small_letters(sentence)) is not None


def _korean(sentence: str) -> bool:
    if _KOREAN.search(sentence):
        return True
    tokens = morphemes(sentence)
    for index, (form, tag, _span) in enumerate(tokens):
        if tag != "EC" or form not in KOREAN_ENDINGS:
            continue
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        # Before an auxiliary (하지 않다, 해야 하다) the ending only ties the verb to its helper.
        if following is None or not following.tag.startswith(_NO_AUXILIARY):
            return True
    return False


_remembered = {
    "en": Remembered(_english, characters=300_000),
    "ko": Remembered(_korean, characters=300_000),
}
