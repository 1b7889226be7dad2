"""What each threshold is about, in the reader's language, and numbers as a person types them."""

import re
from typing import Any, cast

from app.kit.speech import say
from app.seo.thresholds import BadThreshold

_BETWEEN = re.compile(r"\s*[,;/]\s*|\s+")


def about() -> dict[str, str]:
    """A line for each name. What has several numbers says what each is, in their order."""
    return {
        "keyphrase_words": say("Content words of the keyphrase: good up to, fair up to"),
        "density": say("Keyphrase density in %: from, up to, far too much from"),
        "density_exact": say("The same for a keyphrase that counts only as it is written"),
        "meta_matches": say("Times the description holds the keyphrase: from, up to"),
        "heading_share": say("Share of headings with the keyphrase: from, up to"),
        "distribution": say(
            "Longest stretch without the topic, as a share: good up to, fair up to"
        ),
        "distribution_sentences": say("Sentences from which that stretch is judged"),
        "title_px": say("Width of the title in pixels, at most"),
        "meta_characters": say("Characters of the description: from, up to"),
        "section_words": say("Words under one heading: good up to, fair up to"),
        "paragraph_words": say("Words of a paragraph: good up to, fair up to"),
        "text_words": say("Words of the text: good from, fair from, poor from, very poor from"),
        "text_signs": say("Characters but spaces that are long enough whatever the words"),
        "sentence_words": say("Words from which on a sentence is long"),
        "long_share": say("Share of long sentences: good up to, fair up to"),
        "same_beginnings": say("Sentences in a row with one beginning that are too many"),
        "citation_share": say("Share of factual sentences with a citation: good from, fair from"),
        "quotation_words": say("Words from which on quoted words are a quotation"),
        "transition_share": say("Share of sentences with a transition: good from, fair from"),
        "transition_words_from": say("Words of a text from which on it needs transitions"),
        "passive_share": say("Share of sentences in the passive: good up to, fair up to"),
        "ending_run": say("Korean sentences in a row with one ending that are too many"),
        "register_share": say(
            "Share of Korean sentences in another register: good up to, fair up to"
        ),
        "links_least": say("Links to the own site and to others, each, at least"),
        "support_share": say("Share of claims that their sources support: good from, fair from"),
        "source_sites": say("Different sites that are cited, at least"),
        "stuffing_words": say("Words of the stretches in which density is measured too"),
        "answer_words": say("Words of an answer under a question, at most"),
        "overlap_words": say("Words in a row that count as copied from a source"),
        "topic_share": say(
            "Share of topic words that another article has too: told from, too many from"
        ),
        "duplicate_share": say("Share that may stand in another article of the site, at most"),
        "overlap_share": say("Share that may be copied from one source of others, at most"),
    }


def shown(value: Any) -> str:
    """A value as it is shown and typed: numbers parted by commas."""
    several = cast("list[Any]", value) if isinstance(value, list) else [value]
    return ", ".join("" if each is None else f"{each:g}" for each in several)


def typed(name: str, text: str) -> Any:
    """What a person typed: a number, or several parted by commas or blanks.

    Raises:
        BadThreshold: there is something else in it.
    """
    parts = [part for part in _BETWEEN.split(text.strip()) if part]
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        raise BadThreshold(
            say("{name}: write numbers, several parted by commas: 0.3, 0.75.", name=name)
        ) from None
    return numbers[0] if len(numbers) == 1 else numbers


def _number(part: str) -> int | float:
    number = float(part[:40])
    return int(part) if re.fullmatch(r"[+-]?\d{1,9}", part) else number
