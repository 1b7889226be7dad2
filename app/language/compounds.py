"""Parts of a Korean compound that the dictionary holds as one noun: 커피 in 커피숍, but not 위기 in 분위기.

Kiwi scores every analysis by its log-probability. A compound costs little more when its noun is forbidden and
it must be read as its parts; a word that only happens to hold the letters costs much more, or has no such
reading. The bounds were chosen on the tuning half of `tests/language/keyphrases_ko.json`.
"""

from functools import lru_cache

from app.language.korean import readings

_MOST_DEARER = 8.5
"""Nats that the reading as parts may cost beyond the whole: 커피숍 4, 김치찌개 5, 등산화 8; 분위기 11."""
_MOST_DEARER_OF_ONE = 4.0
"""Where the part is one syllable, which stands in many words by chance: 물병 3; 물가 5, 배우 8, 물건 10."""
_NEXT_BEST = 1.5
"""Nats beyond the best reading of any kind: 한국 and 어 0.7; but 전 and 시장 2.3, 이 and 바지 4.5."""
_SURE_LENGTH = 4
"""Letters that no other noun holds by chance: 콜드브루 in 수제콜드브루커피, which no dictionary knows."""
_NOMINAL = ("NN", "NR", "SL", "SN", "XR", "XSN", "XPN")


@lru_cache(maxsize=4096)
def names_part(noun: str, start: int, end: int) -> bool:
    """Whether `noun[start:end]` is a part of the compound `noun`, by its meaning as well as by its letters."""
    if end - start >= _SURE_LENGTH:
        return True
    whole = readings(noun, number=1)
    if not whole:
        return False
    bound = _MOST_DEARER_OF_ONE if end - start == 1 else _MOST_DEARER
    parted = readings(noun, number=3, without=noun)
    for morphemes, score in parted:
        if whole[0][1] - score > bound or parted[0][1] - score > _NEXT_BEST:
            return False  # the others cost more still
        if all(each.tag.startswith(_NOMINAL) for each in morphemes):
            edges = {0, *(each.span.end for each in morphemes)}
            if start in edges and end in edges:
                return True
    return False
