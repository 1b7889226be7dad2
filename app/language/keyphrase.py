"""A keyphrase found in text whatever its endings: by stems in English, by morphemes in Korean."""

import re
from functools import cached_property

from app.language.english import FUNCTION_WORDS, stem
from app.language.korean import morphemes
from app.language.sentences import split_sentences
from app.language.stems import content_stems
from app.language.types import Language, Span

_ENGLISH_WORD = re.compile(r"[A-Za-zÀ-ɏ0-9]+(?:['’][a-z]+)?")
_PARTICLES = ("J", "E", "VC", "XS", "S", "Z", "XPN")


class Keyphrase:
    """A keyphrase of one language. `content` are its meaningful stems, in order."""

    def __init__(self, text: str, language: Language) -> None:
        self.text = " ".join(text.split())
        self.language: Language = language

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The stems of its meaningful words; empty for a phrase of function words only."""
        return tuple(dict.fromkeys(content_stems(self.text, self.language)))

    def find(self, text: str) -> list[Span]:
        """Occurrences, in order, not overlapping: its words side by side, inflected or not.

        In English the words stand next to each other but for function words; in Korean the joined nouns
        match whatever the blanks between them (콜드브루커피 = 콜드브루 커피), at morpheme boundaries.
        """
        if not self.content:
            return []
        return self._korean(text) if self.language == "ko" else self._english(text)

    def in_sentence(self, sentence: str) -> bool:
        """Whether all its meaningful words stand in the sentence, in any order and form."""
        if not self.content:
            return False
        stems = set(content_stems(sentence, self.language))
        return all(part in stems for part in self.content) or bool(self.find(sentence))

    def share_of(self, text: str) -> float:
        """The share, 0-1, of its meaningful words that stand in `text`."""
        if not self.content:
            return 0.0
        stems = set(content_stems(text, self.language))
        return sum(part in stems for part in self.content) / len(self.content)

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

    def _english(self, text: str) -> list[Span]:
        words = [
            (stem(match.group().lower()), Span(*match.span()))
            for match in _ENGLISH_WORD.finditer(text)
            if match.group().lower() not in FUNCTION_WORDS
        ]
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

    def _side_by_side(self, text: str, window: list[tuple[str, Span]]) -> bool:
        between = text[window[0][1].start : window[-1][1].end]
        return not re.search(r"[.!?;:\n]", between)

    def _korean(self, text: str) -> list[Span]:
        """Run through the morphemes and match the phrase's letters across their boundaries."""
        wanted = "".join(self.text.lower().split())
        tokens = [token for token in morphemes(text) if token.span.start < token.span.end]
        starts = {token.span.start for token in tokens}
        ends = {token.span.end for token in tokens}
        inner = r"\s*".join(re.escape(letter) for letter in wanted)
        found = [
            Span(*match.span())
            for match in re.finditer(inner, text, re.IGNORECASE)
            if match.start() in starts
            and match.end() in ends
            and self._begins_word(text, match.start())
        ]
        return found or self._korean_by_stems(text)

    @staticmethod
    def _begins_word(text: str, at: int) -> bool:
        """At a word's start, or after a noun it is joined to; never inside a syllable run of another word."""
        return (
            at == 0
            or not text[at - 1].isalnum()
            or any(
                token.span.end == at
                and token.tag.startswith(("NN", "SL", "XR", "SN", "XPN", "J", "SH"))
                for token in morphemes(text)
            )
        )

    def _korean_by_stems(self, text: str) -> list[Span]:
        words = [
            (form.lower(), span)
            for form, tag, span in morphemes(text)
            if not tag.startswith(_PARTICLES)
        ]
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
