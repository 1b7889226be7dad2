"""Analyses a text of anybody's: Markdown, HTML or a page of the web, alone or held against sources."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import unquote, urlsplit

from app.infra.http.fetch import HTML, PDF, Fetcher
from app.kit.errors import Invalid
from app.language.detect import detect_language
from app.language.types import Language, Span
from app.review.sourcing import Held, judge_sentences
from app.seo.analysis import Analysis, analyse
from app.seo.document import Article, parse
from app.seo.page import GroundingInput, Site
from app.seo.thresholds import SiteLimits
from app.sources.decoding import decode_text
from app.sources.documents import Document, iso_date
from app.sources.extraction import extract
from app.sources.markdown import split_front_matter

MOST_SYNONYMS = 10
"""Of one keyphrase: each is looked for in the whole text."""

_LINE_ENDS = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Text:
    """What is analysed, in Markdown, and what is known of it.

    `whole` is the text as it was given and `body` what of it is judged, without front matter.
    """

    whole: str
    body: str
    title: str = ""
    meta_description: str = ""
    slug: str = ""
    keyphrase: str = ""
    synonyms: tuple[str, ...] = ()
    language: Language | None = None
    url: str = ""
    author: str | None = None
    published_on: date | None = None
    updated_on: date | None = None
    exact: bool = False
    """The keyphrase counts only as it is written."""
    name: str = ""
    """What reports call it: a file's name or an address."""

    @property
    def offset(self) -> int:
        """Where `body` begins in `whole`."""
        return len(self.whole) - len(self.body)


@dataclass(frozen=True, slots=True)
class Sources:
    """Texts that the article is held against; `others` are those that are somebody else's words."""

    texts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysed:
    """An analysis with the text that its places are in, after `offset`."""

    text: Text
    article: Article
    analysis: Analysis
    places: Mapping[str, tuple[Span, ...]] = field(default_factory=dict[str, tuple[Span, ...]])
    """Per check id, in `text.whole`."""
    claims: tuple[Held, ...] = ()
    """What was held against the sources; spans in `text.whole`."""


def read_text(given: str, *, name: str = "") -> Text:
    """A Markdown text with what its front matter says; every line end is made a line feed."""
    whole = _LINE_ENDS.sub("\n", given)
    fields, body = split_front_matter(whole)
    language = fields.get("lang", fields.get("language", ""))[:2].lower()
    known: Language | None = "ko" if language == "ko" else "en" if language == "en" else None

    def first(*names: str) -> str:
        return next((fields[one] for one in names if fields.get(one)), "")

    return Text(
        whole=whole,
        body=body,
        title=first("title") or _opening_heading(body),
        meta_description=first("meta_description", "description", "summary"),
        slug=first("slug"),
        keyphrase=first("keyphrase", "keyword"),
        synonyms=_listed(first("synonyms", "synonym")),
        language=known,
        url=first("url", "canonical"),
        author=first("author") if fields else None,
        published_on=_day(first("date", "published")),
        updated_on=_day(first("updated", "lastmod", "modified")),
        name=name,
    )


def _listed(field: str) -> tuple[str, ...]:
    """The parts of a list in one line, in brackets and quotation marks or without: `[a, "b c"]`, `a, b c`."""
    parts = (part.strip().strip("\"'").strip() for part in field.strip().strip("[]").split(","))
    return tuple(part for part in parts if part)[:MOST_SYNONYMS]


def _opening_heading(body: str) -> str:
    """The words of the H1 that a text begins with: how a file says its title."""
    found = re.match(r"\s*# +(\S.*?)[ #]*(?:\n|$)", body)
    return found[1] if found else ""


async def read_markup(body: bytes, *, charset: str | None = None, name: str) -> Text:
    """An article in HTML, a page or a piece of one; parsed by a child process.

    Raises:
        Invalid: there is no text in it, or it cannot be parsed within the limits.
    """
    return of_document(
        await extract(body, kind="article", charset=charset, url=None, name=name), name
    )


def of_document(document: Document, name: str) -> Text:
    """An article that was read of HTML. Its own words on author and dates are kept, a slug it has none."""
    return Text(
        whole=document.text,
        body=document.text,
        title=document.title,
        meta_description=document.description or "",
        author=document.author or "",
        published_on=_day(document.published_on or ""),
        updated_on=_day(document.updated_on or ""),
        name=name,
    )


async def fetch_text(url: str, fetcher: Fetcher) -> Text:
    """The article at an address, with the slug that the address gives it.

    Raises:
        FetchRefused, FetchFailed: it may not or could not be fetched.
        Invalid: it holds no text that can be analysed.
    """
    page = await fetcher.fetch(url)
    if page.content_type == PDF:
        raise Invalid(f"{page.final_url} is a PDF file; the analysis reads HTML and Markdown.")
    name = page.final_url
    if page.content_type in HTML:
        text = await read_markup(page.body, charset=page.charset, name=name)
    else:
        text = read_text(decode_text(page.body, page.charset, name=name), name=name)
    slug = unquote(urlsplit(name).path.rstrip("/").rpartition("/")[2]).rpartition(".")
    return replace(text, url=name, slug=text.slug or slug[0] or slug[2])


def _day(text: str) -> date | None:
    day = iso_date(text)
    return date.fromisoformat(day) if day else None


def language_of(text: Text) -> Language:
    """The language it says it is in, else that of its script."""
    return text.language or detect_language(f"{text.title}\n{text.body}")


def analyse_text(
    text: Text, sources: Sources, limits: SiteLimits, *, today: date, site: Site | None = None
) -> Analysed:
    """Measure a text. Pure and blocking (1,000 words: English 0.05 s, Korean 0.3 s); call it in a thread.

    Claims are judged where there are sources in the text's language, and whether it collides with other
    articles where `site` is given.
    """
    language = language_of(text)
    article = Article(
        title=text.title,
        meta_description=text.meta_description,
        slug=text.slug,
        keyphrase=text.keyphrase,
        synonyms=text.synonyms,
        language=language,
        markdown=text.body,
        url=text.url,
        author=text.author,
        published_on=text.published_on,
        updated_on=text.updated_on,
        today=today,
        exact=text.exact,
    )
    grounding = None
    held: list[Held] = []
    if sources.texts:
        held = judge_sentences(parse(text.body, language), sources.texts)
        grounding = GroundingInput(
            sources.texts,
            tuple((each.span, each.verdict.status) for each in held),
            others=sources.others,
        )
    analysis = analyse(article, grounding=grounding, site=site, limits=limits.of(language))
    return Analysed(
        text,
        article,
        analysis,
        {finding.check_id: _moved(finding.spans, text.offset) for finding in analysis.findings},
        tuple(replace(each, span=_moved([each.span], text.offset)[0]) for each in held),
    )


def _moved(spans: Sequence[Span], offset: int) -> tuple[Span, ...]:
    return tuple(Span(span.start + offset, span.end + offset) for span in spans)
