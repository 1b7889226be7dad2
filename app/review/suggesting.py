"""Keyphrases for a text of anybody's, with what speaks for each in words."""

from app.kit.speech import say, say_count, speak
from app.language.detect import detect_language
from app.language.types import Language, Span
from app.review.analysing import Text
from app.review.brief_schemas import KeyphraseOut, KeyphrasesOut
from app.review.reporting import line_starts, place_of
from app.seo.suggesting import Suggestion, suggest_keyphrases


def tell_keyphrases(text: Text, *, most: int, say_in: Language) -> KeyphrasesOut:
    """The likeliest keyphrases of a text, told in `say_in`. Blocking, as `analyse_text`."""
    speak(say_in)
    language = text.language or detect_language(f"{text.title}\n{text.body}")
    starts = line_starts(text.whole)
    return KeyphrasesOut(
        language=language,
        title=text.title,
        keyphrases=[
            KeyphraseOut(
                text=one.text,
                words=one.words,
                count=one.count,
                in_title=one.in_title,
                headings=one.headings,
                in_opening=one.in_opening,
                sections=one.sections,
                of_sections=one.of_sections,
                why=why(one),
                places=[
                    place_of(Span(span.start + text.offset, span.end + text.offset), starts)
                    for span in one.spans
                ],
            )
            for one in suggest_keyphrases(text.body, language, title=text.title, most=most)
        ],
        text=text.whole,
    )


def why(one: Suggestion) -> str:
    """What speaks for a phrase, in the language spoken now: what was counted, nothing else."""
    reasons: list[str] = []
    if one.in_title:
        reasons.append(say("in the title"))
    if one.headings:
        reasons.append(say_count("in a heading", "in {count} headings", one.headings))
    if one.in_opening:
        reasons.append(say("in the first paragraph"))
    reasons.append(say_count("once in the text", "{count} times in the text", one.count))
    if one.of_sections > 1 and one.sections > 1:
        reasons.append(
            say("in {sections} of {total} sections", sections=one.sections, total=one.of_sections)
        )
    return ", ".join(reasons)
