"""A pattern run over small letters answers as one that looks past case; without it most texts are parted in vain."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.language.english import small_letters
from app.language.inclusive import WORDS, find_exclusive
from app.language.keyphrase import Keyphrase
from app.language.passive import has_passive
from app.language.transitions import ENGLISH, has_transition

WORDS_WITH_TRAPS = st.sampled_from(
    "ıS ſo İf IN ADDİTİON in addition ﬁrst K Kept WAS was KEPT ſince Iſ İs ΑΣ ας Éone one _so so- re-so "
    "CRAZY craZy DUMMY mankınd ſanity check hıve's hive’s HIVE Σ node.js 3.5".split()
)
TEXTS = st.lists(WORDS_WITH_TRAPS | st.text(max_size=4), max_size=12).map(" ".join)


@given(st.text())
@example("İı ſ K ΑΣ ẞ")
def test_small_letters_stand_where_the_letters_stood(text: str):
    assert len(small_letters(text)) == len(text)


@given(TEXTS)
def test_transitions_are_found_whatever_their_case(text: str):
    words = "|".join(sorted(map(re.escape, ENGLISH), key=len, reverse=True))
    whatever = re.compile(rf"(?<![\w'’-])(?:{words})(?![\w'’-])", re.IGNORECASE)

    assert has_transition(text, "en") == (whatever.search(text) is not None)


@given(TEXTS)
def test_words_that_exclude_are_found_whatever_their_case(text: str):
    found = sorted(hit.span() for word in WORDS["en"] for hit in word.pattern.finditer(text))

    assert [tuple(span) for _, span in find_exclusive(text, "en")] == found


@pytest.mark.parametrize("said", ["It WAS KEPT.", "It wAſ kept.", "It ıs kept.", "It İs Kept."])
def test_a_passive_is_one_whatever_its_case(said: str):
    assert has_passive(said)


@given(TEXTS, TEXTS)
@example("ΑΣ", "ΑΣ, said he")
@example("ας", "ΑΣΒ ΑΣ")
@example("HIVE's", "the hive’s wall")
def test_a_look_at_the_letters_first_hides_no_word_of_the_keyphrase(phrase: str, text: str):
    keyphrase = Keyphrase(phrase, "en", exact=True)
    stems = set(keyphrase.stems_of(text))

    assert keyphrase.held_in(text) == stems & set(keyphrase.content)
    assert bool(keyphrase.find(text)) <= stems.issuperset(keyphrase.content)


@given(TEXTS)
def test_the_words_without_their_places_are_those_with_them(text: str):
    for exact in (False, True):
        keyphrase = Keyphrase("hive", "en", exact=exact)

        assert keyphrase.stem_set(text) == set(keyphrase.stems_of(text))
