"""Analyses an article while somebody writes in it: by the site's thresholds, against its own stored sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.language.types import Language, Span
from app.posts.schemas import ClaimIn
from app.posts.service import anchored
from app.review.sourcing import judge_sentences
from app.seo.analysis import Analysis, analyse
from app.seo.document import Article, parse
from app.seo.page import GroundingInput, Site, Verdict
from app.seo.thresholds import Limits
from app.sources.domain import Rights, Snapshot


@dataclass(frozen=True, slots=True)
class Edited:
    """What is written in the editor, and of which language it is."""

    title: str
    meta_description: str
    slug: str
    keyphrase: str
    language: Language
    markdown: str
    own_numbers: tuple[str, ...] = ()
    """Numbers, as written, that no source has and the author answers for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored beside the text: its claims as they were last judged, and its sources."""

    markdown: str
    """The text that the claims' places are in."""
    claims: Sequence[ClaimIn]
    snapshots: Sequence[Snapshot]
    limits: Limits
    has_images: bool
    site: Site | None = None
    """The blog's other articles; None where nobody looked."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One claim of the text as it stands. `is_new`: judged now, since the sentence was written or changed."""

    span: Span
    sentence: str
    verdict: Verdict
    problems: tuple[str, ...]
    is_new: bool
    source: str = ""
    """The title of the source whose words are `said`."""
    said: str = ""
    """The words it was held against: what it quotes, or, judged now, the nearest clause."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The analysis of an edited text. `stale` are claims whose sentence is gone or changed."""

    edited: Edited
    analysis: Analysis
    claims: tuple[Judged, ...]
    stale: tuple[str, ...]


def check_edited(edited: Edited, kept: Kept, *, today: date) -> Checked:
    """Measure the text. Pure and blocking; what was measured before of the same words is remembered.

    A sentence that stands as it was judged keeps its verdict, by the path that made it; every other one
    that cites or states something is held against the sources anew, as somebody's own wording.
    """
    document = parse(edited.markdown, edited.language)
    # By the words as they stand in the Markdown: a claim's own may lack its backslashes.
    placed = anchored([_as_marked(claim, kept.markdown) for claim in kept.claims], edited.markdown)
    known = [claim for claim in placed if claim.verdict != "stale"]
    spans = [Span(claim.start, claim.end) for claim in known]
    titles = {snapshot.id: snapshot.title for snapshot in kept.snapshots}
    claims = [
        Judged(
            span,
            claim.sentence,
            claim.verdict,
            claim.problems,
            is_new=False,
            source=titles.get(claim.snapshot_id, ""),
            said=claim.quote,
        )
        for span, claim in zip(spans, known, strict=True)
        if claim.verdict != "stale"  # as above; here for the type
    ]
    texts = tuple(snapshot.text for snapshot in kept.snapshots)
    claims += [
        Judged(
            held.span,
            held.span.of(edited.markdown),
            held.verdict.status,
            tuple(map(str, held.verdict.problems)),
            is_new=True,
            source=kept.snapshots[held.source].title,
            said=held.said,
        )
        for held in judge_sentences(document, texts, known=spans)
    ]
    claims.sort(key=lambda claim: claim.span)
    analysis = analyse(
        Article(
            title=edited.title,
            meta_description=edited.meta_description,
            slug=edited.slug,
            keyphrase=edited.keyphrase,
            language=edited.language,
            markdown=edited.markdown,
            today=today,
        ),
        grounding=GroundingInput(
            sources=texts,
            claims=tuple((claim.span, claim.verdict) for claim in claims),
            own_numbers=frozenset(edited.own_numbers),
            others=tuple(s.text for s in kept.snapshots if s.rights is Rights.THIRD_PARTY),
        )
        if texts
        else None,
        site=kept.site,
        limits=kept.limits,
        has_images=kept.has_images,
    )
    stale = dict.fromkeys(claim.sentence for claim in placed if claim.verdict == "stale")
    return Checked(edited, analysis, tuple(claims), tuple(stale))


def _as_marked(claim: ClaimIn, markdown: str) -> ClaimIn:
    marked = markdown[claim.start : claim.end]
    if claim.verdict == "stale" or not marked.strip():
        return claim
    return claim.model_copy(update={"sentence": marked})
