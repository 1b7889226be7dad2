"""Reads an article for the index: the stems of what says its topic, samples of its text, its own links.

Pure and blocking. Only title, keyphrase, headings and lead are taken apart by morphemes (some 20 ms in
Korean); the text gives samples of its words as they are written, which needs none.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from app.language.stems import content_stems
from app.language.types import LANGUAGES, Language
from app.seo.ageing import Ageing, find_ageing
from app.seo.document import Document, parse

SCHEME = 1
"""Rises when an article would be read otherwise: the fleet then reads every one anew."""

Place = Literal["title", "keyphrase", "heading", "lead"]

PLACES: tuple[Place, ...] = ("title", "keyphrase", "heading", "lead")

SHINGLE_WORDS: Mapping[Language, int] = {"en": 5, "ko": 4}
"""Words in a row of which a sample is made. Five of English are four eojeol (0.746 per word, rounded);
so many seldom meet by chance, and one changed word takes five away, not more."""

_SAMPLED = 16
"""One run of words in so many is kept, those whose hash it divides: the same ones in every article
(Broder 1997). Some 35 of an article of 600 words."""
_MOST_SAMPLES = 1000
_MOST_AGEING = 200
"""Sentences of one article: a page of prices has more than anybody looks through."""
_MOST_HEADING_SIGNS = 4000
_LEAD_SIGNS = 400
"""About 60 words: what an article says first is what it is about."""
_LONGEST_TERM = 64
_LONGEST_SLUG = 120
_LONGEST_HOST = 255
_WORD = re.compile(r"\w+(?:['’.,:-]\w+)*")


class Address(NamedTuple):
    """An article's address as a link names it. `host` is empty where the link has none."""

    host: str
    language: str
    slug: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What the index keeps of one text. `terms` are stems with how often they stand at each place."""

    language: Language
    title_key: str
    description_key: str
    keyphrase_key: str
    terms: Mapping[Place, Mapping[str, int]]
    samples: frozenset[int]
    links: frozenset[Address]
    """What it links that may be articles of the own blog."""
    ageing: tuple[Ageing, ...] = ()
    """The sentences that age, from the day of the text on."""


def read_profile(
    *,
    title: str,
    meta_description: str,
    keyphrase: str,
    markdown: str,
    language: Language,
    written_on: date | None = None,
) -> Profile:
    """Read an article. Where it is not said when it was written, nothing is said of what ages in it."""
    return profile_of(
        parse(markdown, language),
        title=title,
        meta_description=meta_description,
        keyphrase=keyphrase,
        written_on=written_on,
    )


def profile_of(
    document: Document,
    *,
    title: str,
    meta_description: str,
    keyphrase: str,
    written_on: date | None = None,
) -> Profile:
    """As `read_profile`, of a text that is parsed already."""
    language = document.language
    headings = "\n".join(block.text for block in document.headings)[:_MOST_HEADING_SIGNS]
    lead = next((block.text for block in document.paragraphs if not block.quoted), "")
    texts: dict[Place, str] = {
        "title": title,
        "keyphrase": keyphrase,
        "heading": headings,
        "lead": lead[:_LEAD_SIGNS],
    }
    return Profile(
        language=language,
        title_key=text_key(title),
        description_key=text_key(meta_description),
        keyphrase_key=keyphrase_key(keyphrase, language),
        terms={place: _terms(text, language) for place, text in texts.items()},
        samples=samples_of(document),
        links=frozenset(
            address
            for link in document.links
            if (address := article_address(link.href)) is not None
        ),
        ageing=find_ageing(document, written_on, title)[:_MOST_AGEING] if written_on else (),
    )


def text_key(text: str) -> str:
    """Equal for texts that differ in case, blanks or the way Unicode writes them; empty for an empty one."""
    flat = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    return _digest(flat) if flat else ""


def keyphrase_key(keyphrase: str, language: Language) -> str:
    """Equal for keyphrases of the same meaningful stems in the same order; empty where there is none.

    A Korean one is compared without blanks, since `콜드브루 커피` and `콜드브루커피` are one.
    """
    stems = content_stems(keyphrase, language)
    return _digest(("" if language == "ko" else " ").join(stems)) if stems else text_key(keyphrase)


def samples_of(document: Document) -> frozenset[int]:
    """Hashes of a sixteenth of the text's runs of words; headings, code and quotations left out."""
    size = SHINGLE_WORDS[document.language]
    found: set[int] = set()
    for block in document.blocks:
        if block.quoted or block.kind == "heading":
            continue
        found.update(
            hash_ for hash_ in map(_hash, shingles(block.text, size)) if not hash_ % _SAMPLED
        )
    # The smallest ones of a huge text: which they are depends on no other part of it.
    return frozenset(sorted(found)[:_MOST_SAMPLES])


def shingles(text: str, size: int) -> Iterator[str]:
    """Every run of `size` words, small letters, one blank between."""
    words = [
        unicodedata.normalize("NFC", found.group()).casefold() for found in _WORD.finditer(text)
    ]
    for at in range(len(words) - size + 1):
        yield " ".join(words[at : at + size])


def article_address(href: str) -> Address | None:
    """What a link names if it has the form of an article's address here: `/en/slug`, with a host or without."""
    try:
        parts = urlsplit(href.strip())
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # a broken IPv6 part or port
        return None
    if parts.scheme not in {"", "http", "https"} or not parts.path.startswith("/"):
        return None
    pieces = unquote(parts.path).strip("/").split("/")
    if len(pieces) != 2 or pieces[0] not in LANGUAGES or not pieces[1]:  # noqa: PLR2004  # language, slug
        return None
    slug = unicodedata.normalize("NFC", pieces[1].removesuffix(".md")).replace("\x00", "")
    return Address((host + port)[:_LONGEST_HOST], pieces[0], slug[:_LONGEST_SLUG])


def _terms(text: str, language: Language) -> Mapping[str, int]:
    return Counter(stem for stem in content_stems(text, language) if len(stem) <= _LONGEST_TERM)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _hash(text: str) -> int:
    """63 bits, which every database keeps in a whole number."""
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
