"""Measures a text of the editor when it is saved: its score, and whether anything holds it from readers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.infra.db import Database
from app.kit.errors import NotFound
from app.kit.speech import say
from app.posts.media.repository import MediaFiles
from app.posts.repository import Posts
from app.posts.schemas import Assessed, Post, Revision
from app.posts.upkeep.service import host_of
from app.review.editing import Checked, Edited, Kept, check_edited
from app.review.scoring import scored, unsupported
from app.review.siting import Placed, site_of
from app.review.thresholds.service import limits_in_force
from app.seo.messages import render
from app.seo.thresholds import read_limits
from app.sources.repository import Snapshots

LONGEST = 100_000
"""Characters of a text that is measured; as the API's limit for an analysis."""


async def read_kept(
    session: AsyncSession, post: Post, revision: Revision, settings: Settings
) -> Kept:
    """What a text of the article is judged by beside itself."""
    posts = Posts(session)
    claims = await posts.claims(post.id, revision.n)
    ids = dict.fromkeys(
        [claim.snapshot_id for claim in claims]
        + [citation.snapshot_id for citation in revision.citations]
    )
    limits = await limits_in_force(session, read_limits(settings.seo.thresholds))
    return Kept(
        markdown=revision.markdown,
        claims=claims,
        snapshots=await Snapshots(session).known(list(ids)),
        # One cap on what is copied of others, as for the pipeline's articles.
        limits=replace(limits.of(post.language), overlap_share=settings.writing.third_party_share),
        has_images=await MediaFiles(session).has_images(),
    )


async def with_site(
    database: Database, post: Post, edited: Edited, kept: Kept, settings: Settings
) -> Kept:
    """`kept`, with what the edited text is among on the blog; drafts count: who may write may read them."""
    text = Placed(
        title=edited.title,
        meta_description=edited.meta_description,
        keyphrase=edited.keyphrase,
        markdown=edited.markdown,
        language=edited.language,
        id=post.id,
        group=post.translation_group,
    )
    return replace(kept, site=await site_of(database, text, host=host_of(settings.public_url)))


def edited_text(post: Post, fields: Mapping[str, str]) -> Edited:
    """The editor's fields as a text to be measured."""
    return Edited(
        title=fields["title"],
        meta_description=fields["meta_description"],
        slug=fields["slug"] or post.slug,
        keyphrase=fields["keyphrase"],
        language=post.language,
        markdown=fields["markdown"],
        own_numbers=split_numbers(fields.get("own_numbers", "")),
    )


def split_numbers(line: str) -> tuple[str, ...]:
    """The numbers of a line in which semicolons part them: commas stand in numbers (30,000)."""
    return tuple(dict.fromkeys(part for each in line.split(";") if (part := each.strip())))


def join_numbers(numbers: Iterable[str]) -> str:
    """The line that `split_numbers` reads."""
    return "; ".join(numbers)


class Assessor:
    """Measures what is to be saved, before it is: no transaction waits for an analysis."""

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime]) -> None:
        self._database = database
        self._settings = settings
        self._now = now

    async def __call__(self, post_id: str, fields: Mapping[str, str]) -> Assessed | None:
        """The fields' score and gate; None where the text is too long to be measured.

        Raises:
            NotFound: there is no such article.
        """
        if len(fields["markdown"]) > LONGEST:
            return None
        async with self._database.reading() as session:
            posts = Posts(session)
            post = await posts.find(post_id)
            if post is None:
                raise NotFound(say("There is no article {name}.", name=post_id))
            revision = await posts.revision(post.id, post.revision)
            kept = await read_kept(session, post, revision, self._settings)
        edited = edited_text(post, fields)
        kept = await with_site(self._database, post, edited, kept, self._settings)
        checked = await asyncio.to_thread(check_edited, edited, kept, today=self._now().date())
        return await asyncio.to_thread(assess, checked, revision)


def assess(checked: Checked, before: Revision) -> Assessed:
    """The score and the gate of a text that replaces `before`.

    Held by the analyser's gate, by each claim of before that stands and is not borne out, and by what held
    the article for how it was composed (how much of one source it repeats), which an edit does not undo.
    Sentences that somebody wrote himself are scored; only their numbers and copied words hold.
    """
    language = checked.edited.language
    score = scored(checked.analysis, language)
    doubted = [
        unsupported(claim.sentence)
        for claim in checked.claims
        if not claim.is_new and claim.verdict != "supported"
    ]
    told = {finding["message"] for finding in before.score.get("findings", ())}
    composed = [
        reason
        for reason in before.gate
        if reason not in told and not reason.startswith(unsupported(""))
    ]
    held = [render(finding, language).message for finding in checked.analysis.gate]
    held = list(dict.fromkeys([*held, *composed, *doubted]))
    own = list(checked.edited.own_numbers)
    return Assessed(
        based_on=before.n,
        score={**score, "held": held, **({"own_numbers": own} if own else {})},
        gate=tuple(held),
    )
