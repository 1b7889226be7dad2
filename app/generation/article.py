"""The finishing: sections become one Markdown article with its claims, measured, then kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings, WritingSettings
from app.generation.markdown import Placed, Rendered, render_article, unescape
from app.generation.schemas import Brief, Fact, Section, Snippet, Usage
from app.generation.verifying import NO_OBJECTIONS, Key, verdict_on
from app.generation.writers.composer.caps import Caps, check_caps
from app.kit.errors import Conflict
from app.language.stems import character_count, words
from app.language.types import Span
from app.posts.domain import TooSoon
from app.posts.repository import Posts
from app.posts.scheduling import pace_of, schedule_post
from app.posts.schemas import ArticleIn, CitationIn, ClaimIn, QuestionIn
from app.posts.service import publish_post, save_article
from app.review.claims import Claim, Counts, count_claims
from app.review.judging import Objection
from app.review.scoring import scored, unsupported
from app.seo.analysis import Analysis, analyse
from app.seo.document import Article
from app.seo.messages import render
from app.seo.page import GroundingInput, Site
from app.seo.thresholds import SiteLimits
from app.sources.domain import Rights, Snapshot

Json = dict[str, Any]

_LISTEN_DEFAULT = "http://127.0.0.1:8000"
"""Where `serve` listens unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """A whole article before it is kept."""

    brief: Brief
    publish: bool
    snippet: Snippet
    rendered: Rendered
    sections: tuple[Section, ...]
    questions: tuple[Section, ...]
    facts: Mapping[str, Fact]
    snapshots: tuple[Snapshot, ...]
    claims: tuple[Claim, ...]
    flagged: tuple[str, ...]
    usage: Usage

    @property
    def counts(self) -> Counts:
        """How its claims stand."""
        return count_claims(self.claims)

    @property
    def writer(self) -> str:
        """Who worded it: the models that wrote a part of it, or the composer."""
        names = [part.writer for part in (*self.sections, *self.questions)]
        models = dict.fromkeys(name for name in names if name != "composer")
        return ", ".join(models) or "composer"


def assemble(
    *,
    brief: Brief,
    publish: bool,
    snippet: Snippet,
    sections: Sequence[Section],
    questions: Sequence[Section],
    facts: Mapping[str, Fact],
    snapshots: Sequence[Snapshot],
    flagged: tuple[str, ...],
    spent: Usage,
    objections: Mapping[Key, Objection] = NO_OBJECTIONS,
) -> Assembled:
    """Lay the sections out and tie every sentence to the words of its sources. Pure and repeatable."""
    rendered = render_article(
        sections,
        questions,
        facts,
        {snapshot.id: snapshot for snapshot in snapshots},
        brief.language,
    )
    claims = [
        claim
        for placed in rendered.placed
        for claim in _claims(placed, rendered, facts, brief, objections)
    ]
    return Assembled(
        brief=brief,
        publish=publish,
        snippet=snippet,
        rendered=rendered,
        sections=tuple(sections),
        questions=tuple(questions),
        facts=facts,
        snapshots=tuple(snapshots),
        claims=tuple(claims),
        flagged=flagged,
        usage=spent + snippet.usage,
    )


def _claims(
    placed: Placed,
    rendered: Rendered,
    facts: Mapping[str, Fact],
    brief: Brief,
    objections: Mapping[Key, Objection],
) -> list[Claim]:
    """One row for each fact that a sentence stands on; none for a linking phrase."""
    sentence = placed.sentence
    verdict = verdict_on(sentence, facts, brief.language, objections)
    if verdict is None:
        return []
    shown = rendered.markdown[placed.start : placed.end]
    return [
        Claim(
            sentence=unescape(shown),
            start=placed.start,
            end=placed.end,
            snapshot_id=fact.snapshot_id,
            passage_id=fact.passage_id,
            quote=fact.text,
            quote_start=fact.start,
            quote_end=fact.end,
            verdict=verdict.status,
            rules=sentence.rules,
            problems=verdict.reasons,
        )
        for fact in (facts[each] for each in sentence.fact_ids if each in facts)
    ]


@dataclass(frozen=True, slots=True)
class Ground:
    """What an article is measured against beside itself."""

    limits: SiteLimits
    site: Site | None = None
    """The blog's other articles; None where nobody looked."""
    has_images: bool = True
    """The blog has an image to offer."""


def analyse_assembled(assembled: Assembled, writing: WritingSettings, ground: Ground) -> Analysis:
    """What the analyser says of the article. Blocking."""
    brief, snippet = assembled.brief, assembled.snippet
    # One cap on what is copied of others, counted by sentences while composing and by words here.
    own = replace(ground.limits.of(brief.language), overlap_share=writing.third_party_share)
    return analyse(
        Article(
            title=snippet.title,
            meta_description=snippet.meta_description,
            slug=snippet.slug,
            keyphrase=brief.keyword,
            language=brief.language,
            markdown=assembled.rendered.markdown,
        ),
        grounding=GroundingInput(
            sources=tuple(snapshot.text for snapshot in assembled.snapshots),
            claims=tuple(
                (Span(claim.start, claim.end), claim.verdict) for claim in assembled.claims
            ),
            others=tuple(
                snapshot.text
                for snapshot in assembled.snapshots
                if snapshot.rights is Rights.THIRD_PARTY
            ),
        ),
        site=ground.site,
        limits=own,
        has_images=ground.has_images,
    )


def measure(assembled: Assembled, writing: WritingSettings, ground: Ground) -> Json:
    """The analyser's findings, the three scores, and why the article may not be published, if so."""
    return describe(assembled, analyse_assembled(assembled, writing, ground), writing)


def describe(assembled: Assembled, analysis: Analysis, writing: WritingSettings) -> Json:
    """An analysis as it is kept with its article."""
    brief = assembled.brief
    held = [render(finding, brief.language).message for finding in analysis.gate]
    held += check_caps(
        [*assembled.sections, *assembled.questions],
        assembled.facts,
        caps=Caps(share=writing.third_party_share, consecutive=writing.third_party_run),
        titles={snapshot.id: snapshot.title for snapshot in assembled.snapshots},
    )
    held += [unsupported(flag) for flag in assembled.flagged]
    return {**scored(analysis, brief.language), "held": held}


async def save(
    session: AsyncSession,
    job_id: str,
    assembled: Assembled,
    score: Json,
    settings: Settings,
    *,
    now: datetime,
) -> Json:
    """Keep the article once for its job, and publish it if that was asked and nothing holds it.

    Where as many as may be were published lately, it is scheduled for when the next can be.

    Answers what `write --json` prints, but for the seconds, and with `state` and `held` beside.
    """
    posts = Posts(session)
    post = await save_article(posts, _article(job_id, assembled, score), now=now)
    held = list(score["held"])
    if assembled.publish and not held:
        try:
            pace = pace_of(settings)
            post = await publish_post(posts, post.id, now=now, through=True, pace=pace)
        except TooSoon as wait:
            post = await schedule_post(posts, post.id, at=wait.at, now=now, through=True)
        except Conflict as conflict:
            held.append(str(conflict))
    counts, usage = assembled.counts, assembled.usage
    language = assembled.brief.language
    text = " ".join(placed.sentence.text for placed in assembled.rendered.placed)
    return {
        "job_id": job_id,
        "post_id": post.id,
        "slug": post.slug,
        "url": (settings.public_url.rstrip("/") or _LISTEN_DEFAULT) + post.path,
        "title": assembled.snippet.title,
        "meta_description": assembled.snippet.meta_description,
        "language": language,
        "words": len(words(text, language)),
        "characters": character_count(text),
        "score": score["scores"]["overall"],
        "claims_total": counts.total,
        "claims_supported": counts.supported,
        "sources": [_source(snapshot) for snapshot in assembled.snapshots],
        "model": assembled.writer,
        "llm_calls": usage.calls,
        "tokens": usage.input_tokens + usage.output_tokens,
        "cost_usd": usage.cost_usd,
        "state": post.state,
        "held": held,
    }


def _source(snapshot: Snapshot) -> Json:
    return {
        "title": snapshot.title,
        "origin": snapshot.origin,
        "url": snapshot.url,
        "rights": snapshot.rights.value,
    }


def _article(job_id: str, assembled: Assembled, score: Json) -> ArticleIn:
    kept = {snapshot.id: snapshot for snapshot in assembled.snapshots}
    return ArticleIn(
        job_id=job_id,
        language=assembled.brief.language,
        title=assembled.snippet.title,
        slug=assembled.snippet.slug,
        meta_description=assembled.snippet.meta_description,
        keyphrase=assembled.brief.keyword,
        markdown=assembled.rendered.markdown,
        faq=tuple(_question(section) for section in assembled.questions),
        citations=tuple(
            _citation(number, kept[snapshot_id])
            for number, snapshot_id in enumerate(assembled.rendered.cited, 1)
        ),
        claims=tuple(_claim(claim) for claim in assembled.claims),
        score=score,
        writer=assembled.writer,
        usage=assembled.usage.model_dump(mode="json"),
        gate=tuple(score["held"]),
    )


def _question(section: Section) -> QuestionIn:
    answer = " ".join(sentence.text for block in section.blocks for sentence in block.sentences)
    return QuestionIn(question=section.heading, answer=answer)


def _citation(number: int, snapshot: Snapshot) -> CitationIn:
    return CitationIn(
        number=number,
        snapshot_id=snapshot.id,
        title=snapshot.title,
        url=snapshot.url,
        author=snapshot.author,
        site=snapshot.site,
        published_on=snapshot.published_on,
        accessed_at=snapshot.fetched_at,
    )


def _claim(claim: Claim) -> ClaimIn:
    return ClaimIn(
        start=claim.start,
        end=claim.end,
        sentence=claim.sentence,
        snapshot_id=claim.snapshot_id,
        passage_id=claim.passage_id,
        quote=claim.quote,
        quote_start=claim.quote_start,
        quote_end=claim.quote_end,
        verdict=claim.verdict,
        rules=claim.rules,
        problems=claim.problems,
    )
