"""A keyphrase found in text whatever its endings: by stems in English, by morphemes in Korean.

Or, in exact mode, as it is written: what analysers without word forms do, and what scores can be compared by.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from app.language.english import FUNCTION_WORDS, stem
from app.language.korean import morphemes
from app.language.korean_phrases import find_phrase, is_verbal
from app.language.remembered import Remembered
from app.language.sentences import split_sentences
from app.language.stems import as_form, content_forms, content_stems, form_set
from app.language.types import Language, Span

_ENGLISH_WORD = re.compile(r"[A-Za-zÀ-ɏ0-9]+(?:['’][a-z]+)?")
_JOINED = re.compile(r"[-+#_]")
"""Signs that make one stem of several words (cold-brew), which the search for places parts again."""
_PARTICLES = ("J", "E", "VC", "XS", "S", "Z", "XPN")


class Keyphrase:
    """A keyphrase of one language. `content` are its meaningful stems, in order."""

    def __init__(self, text: str, language: Language, *, exact: bool = False) -> None:
        self.text = " ".join(text.split())
        self.language: Language = language
        self.exact_forms = exact

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The stems of its meaningful words; empty for a phrase of function words only."""
        return tuple(dict.fromkeys(self.stems_of(self.text)))

    @cached_property
    def typed(self) -> int:
        """How many of the words that people type carry meaning; a Korean compound written in one is one."""
        if self.language == "en" or self.exact_forms:
            return len(self.content)
        return sum(bool(content_stems(word, "ko")) for word in self.text.split())

    def stems_of(self, text: str) -> list[str]:
        """The meaningful words of `text` as this keyphrase compares them: stems, or in exact mode forms."""
        if self.exact_forms:
            return [form for form, _span in content_forms(text, self.language)]
        return content_stems(text, self.language)

    def stem_set(self, text: str) -> frozenset[str]:
        """`stems_of` without order and repetitions."""
        if self.exact_forms:
            return form_set(text, self.language)
        return frozenset(content_stems(text, self.language))

    def held_in(self, text: str) -> frozenset[str]:
        """Which of its meaningful words stand in `text`."""
        likely = self._likely_in(text)
        return self.stem_set(text).intersection(likely) if likely else frozenset()

    def _likely_in(self, text: str) -> Sequence[str]:
        """Its words without those whose letters are not even in `text`, where forms are compared by letter.

        Most sentences hold none of them, and then need not be parted into words: 0.3 µs in place of 3.3.
        """
        if not self.exact_forms or "Σ" in text:  # whose small letter depends on its neighbours
            return self.content
        lower = as_form(text)
        return [part for part in self.content if part in lower]

    def find(self, text: str) -> list[Span]:
        """Occurrences, in order, not overlapping: its words side by side, inflected or not.

        In English the words stand next to each other but for function words; in Korean the joined nouns
        match whatever the blanks between them (콜드브루커피 = 콜드브루 커피), at morpheme boundaries.
        In exact mode its words may stand in any order within a sentence, which counts as often as the
        rarest of them does there.
        """
        if not self.content:
            return []
        if self.exact_forms or (self.language == "en" and not _JOINED.search(text)):
            likely = self._likely_in(text)
            if len(likely) < len(self.content) or not self.stem_set(text).issuperset(likely):
                return []
        if self.exact_forms:
            return self._forms(text)
        return self._korean(text) if self.language == "ko" else self._english(text)

    def in_sentence(self, sentence: str) -> bool:
        """Whether all its meaningful words stand in the sentence, in any order and form."""
        if not self.content:
            return False
        stems = self.stem_set(sentence)
        return all(self._has(part, stems, sentence) for part in self.content) or bool(
            self.find(sentence)
        )

    def _has(self, part: str, stems: frozenset[str], sentence: str) -> bool:
        """Whether a word is there by itself or, in Korean, as a part of a compound."""
        if part in stems or self.exact_forms:
            return part in stems
        return self.language == "ko" and bool(find_phrase(part, sentence))

    def share_of(self, text: str) -> float:
        """The share, 0-1, of its meaningful words that stand in `text`."""
        if not self.content:
            return 0.0
        stems = self.stem_set(text)
        return sum(self._has(part, stems, text) for part in self.content) / len(self.content)

    def sentences_with(self, text: str) -> list[Span]:
        """The sentences of `text` in which it stands."""
        return [
            span for span in split_sentences(text, self.language) if self.in_sentence(span.of(text))
        ]

    def exact(self, text: str) -> list[Span]:
        """Occurrences letter by letter, but for case and blanks, as whole words (by blanks and signs)."""
        pattern = r"\s+".join(re.escape(word) for word in self.text.split())
        found = re.finditer(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
        return [Span(*match.span()) for match in found]

    def _forms(self, text: str) -> list[Span]:
        found: list[Span] = []
        for sentence in split_sentences(text, self.language):
            words = sentence.of(text)
            if len(self._likely_in(words)) < len(self.content):
                continue
            places: dict[str, list[Span]] = {form: [] for form in self.content}
            for form, (start, end) in content_forms(words, self.language):
                if form in places:
                    places[form].append(Span(start + sentence.start, end + sentence.start))
            found += [  # as often as the rarest of its words
                Span(min(together).start, max(span.end for span in together))
                for together in zip(*places.values(), strict=False)
            ]
        return found

    def _english(self, text: str) -> list[Span]:
        words = _english_words(text)
        size = len(self.content)
        found: list[Span] = []
        at = 0
        while at + size <= len(words):
            window = words[at : at + size]
            if tuple(word for word, _span in window) == self.content and self._side_by_side(
                text, window
            ):
                found.append(Span(window[0][1].start, window[-1][1].end))
                at += size
            else:
                at += 1
        return found

    def _side_by_side(self, text: str, window: Sequence[tuple[str, Span]]) -> bool:
        between = text[window[0][1].start : window[-1][1].end]
        return not re.search(r"[.!?;:\n]", between)

    def _korean(self, text: str) -> list[Span]:
        return find_phrase(self.text, text) or self._korean_by_stems(text)

    def _korean_by_stems(self, text: str) -> list[Span]:
        """By its stems one after the other: a verb in another form (담그다, 담갔다; 예쁜 카페, 예쁘던 카페)."""
        if len(self.content) == 1 and not is_verbal(self.text):
            return []
        words = _korean_words(text)
        if self.content[0] not in {form for form, _span in words}:
            return []
        size = len(self.content)
        found: list[Span] = []
        at = 0
        while at + size <= len(words):
            window = words[at : at + size]
            if tuple(form for form, _span in window) == self.content:
                found.append(Span(window[0][1].start, window[-1][1].end))
                at += size
            else:
                at += 1
        return found


def _place_words(text: str) -> tuple[tuple[str, Span], ...]:
    """The stems of an English text's meaningful words with the words' places."""
    return tuple(
        (stem(match.group().lower()), Span(*match.span()))
        for match in _ENGLISH_WORD.finditer(text)
        if match.group().lower() not in FUNCTION_WORDS
    )


_english_words = Remembered(_place_words, characters=300_000)


def _place_korean_words(text: str) -> tuple[tuple[str, Span], ...]:
    """The morphemes of a Korean text that are no particles and endings, with their places."""
    return tuple(
        (form.lower(), span)
        for form, tag, span in morphemes(text)
        if not tag.startswith(_PARTICLES)
    )


_korean_words = Remembered(_place_korean_words, characters=30_000)  # as `morphemes` are at hand
