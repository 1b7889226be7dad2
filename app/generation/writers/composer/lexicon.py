"""What the composer knows of a language: closed lists and patterns, as data, one value a language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The closed lists of one language. Every pattern is used as the field's comment says."""

    boilerplate: re.Pattern[str]
    """Searched in a fact: site furniture, never part of an article."""
    boilerplate_heading: re.Pattern[str]
    """Fully matched against a cleaned heading: everything below it is furniture."""
    about_the_text: re.Pattern[str]
    """Searched in a sentence: it speaks of the text it stood in, to its readers."""
    first_person: re.Pattern[str]
    """Searched in a sentence: the author speaks of themselves."""
    question: re.Pattern[str]
    """Searched in a sentence or heading: it asks."""
    needs_previous: re.Pattern[str]
    """Matched at a sentence's start: it hangs on the sentence before."""
    stands_alone: re.Pattern[str]
    """Matched at a sentence's start: looks like the above, and does not hang on anything."""
    refers_away: re.Pattern[str]
    """Searched: it points at a place of the source that the article may not have."""
    announces: re.Pattern[str]
    """Searched: it announces the list, table or code that must follow."""
    whole_sentence: re.Pattern[str]
    """Searched at a sentence's end: it is a whole one. A pattern that matches nothing but words."""
    connectives: tuple[str, ...]
    """Leading words that may be dropped where the sentence before is another's; longest first."""
    opening_headings: frozenset[str]
    """Lower-case headings that say "here it begins": folded into the introduction."""
    closing_headings: frozenset[str]
    """Lower-case headings that say "here it ends"."""
    vague_headings: frozenset[str]
    """Lower-case headings that say nothing without the heading above them."""
    definition_tail: re.Pattern[str]
    """Matched right after the keyphrase: the sentence defines it."""
    links: Mapping[str, tuple[str, ...]]
    """The closed list of linking phrases: what stands before a block that nothing introduces."""
    qualified: Mapping[str, str]
    """How a vague heading, in lower case, takes the keyword in; `*` is for all others. From
    `{keyphrase}` and `{heading}`."""
    tied: tuple[str, str]
    """How a short heading of a section that names the keyword may name it too: after a final consonant,
    and after a vowel. From `{keyphrase}` and `{heading}`."""
    overview: str
    """A heading for what opens the sources, from `{keyphrase}`."""
    closing: str
    """A heading for what closes the sources, from `{keyphrase}`."""
    more: str
    """A heading for what has none of its own, from `{keyphrase}`."""
    faq: str
    covers: str
    """The last sentence of a description too short on its own, from `{headings}`."""


def either(*alternatives: str) -> str:
    """Return the pattern of any one of `alternatives`."""
    return "(?:" + "|".join(alternatives) + ")"
