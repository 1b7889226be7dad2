"""English words: which carry no meaning of their own, and what the others' stems are."""

import re
from functools import lru_cache

FUNCTION_WORDS = frozenset(
    """
    a an the this that these those such same other another each every either neither both all any some
    many much few little more most less least several enough no none i you he she it we they me him her
    us them my your his its our their mine yours hers ours theirs myself yourself himself herself itself
    ourselves themselves who whom whose which what whoever whatever someone anyone everyone something
    anything everything nothing there here am is are was were be been being do does did doing done have
    has had having will would shall should can could may might must ought need cannot can't won't don't
    doesn't didn't isn't aren't wasn't weren't hasn't haven't hadn't not nor and or but so yet if then
    else than as because since although though while whereas unless until when whenever where wherever
    why how whether once of in on at by for with without within into onto from to up down out off over
    under above below between among through during before after about against across along around behind
    beside besides beyond near per via toward towards upon also just only even still again too very
    quite rather really already ever never always often sometimes usually however therefore thus hence
    moreover furthermore instead meanwhile otherwise let lets get gets got make makes made
    """.split()
)

_LOOKALIKES = str.maketrans("ſıİ", "siI")


def plain_letters(text: str) -> str:
    """The text with s and i for the letters that a pattern without regard to case takes for them (aprıl)."""
    return text if text.isascii() else text.translate(_LOOKALIKES)


def small_letters(text: str) -> str:
    """The text in small letters, as long as before.

    A pattern of small ASCII letters finds in it what it finds in `text` without regard to case, in a third to
    a tenth of the time: without regard to case `re` tries every alternative at every place (measured: 21 µs
    for a paragraph and the words of `inclusive`, 2.4 in small letters).
    """
    return plain_letters(text).lower()


_VOWEL = re.compile(r"[aeiouy]")
_IRREGULAR = {
    "ran": "run", "running": "run", "wrote": "write", "written": "write", "writing": "write", "kept": "keep",
    "held": "hold", "sent": "send", "built": "build", "took": "take", "taken": "take", "gave": "give",
    "given": "give", "went": "go", "gone": "go", "goes": "go", "began": "begin", "begun": "begin",
    "chose": "choose", "chosen": "choose", "grew": "grow", "grown": "grow", "lost": "lose", "found": "find",
    "broke": "break", "broken": "break", "children": "child", "people": "person", "indices": "index",
    "data": "data", "news": "news", "series": "series", "process": "process", "analysis": "analysis",
    "analyses": "analysis", "caches": "cache", "status": "status", "bus": "bus", "https": "https", "dns": "dns",
}  # fmt: skip


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Take inflection off a lower-case word: plural, past, -ing, -ly, and the commonest nouns of verbs.

    Light on purpose, after the first steps of Porter (1980): words that mean different things must stay
    apart (`universe`, `university`), and a keyphrase must meet its plural and its participle.
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and _VOWEL.search(base):
            return _repaired(base)
    if word.endswith("ly") and len(word) > 5:
        word = word[:-2]
    return _final(word)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _repaired(base: str) -> str:
    """`runn` → `run`, `scal` → `scale` (as the infinitive ends up): both end without the final e."""
    if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
        return base[:-1]
    return _final(base)


def _final(word: str) -> str:
    """Without a final e, so that `scale`, `scaled` and `scaling` meet; y and i are one."""
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word
