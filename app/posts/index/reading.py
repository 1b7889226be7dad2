"""Reads a text for the index off the event loop, and before a transaction that must not wait for it."""

import asyncio

from app.language.stems import content_stems
from app.language.types import Language
from app.posts.index.profile import Profile, read_profile
from app.posts.schemas import Revision


async def profile_post(revision: Revision, language: Language) -> Profile:
    """Read a text of an article: some 5 ms in English, 20 in Korean, once `make_ready` was called."""
    return await asyncio.to_thread(
        read_profile,
        title=revision.title,
        meta_description=revision.meta_description,
        keyphrase=revision.keyphrase,
        markdown=revision.markdown,
        language=language,
        written_on=revision.created_at.date(),
    )


async def make_ready(language: Language) -> None:
    """Load what reading such a text needs: for the first Korean one of a process that takes 2 s and more.

    To be called before a unit of work: PostgreSQL ends transactions that are idle for 4 s.
    """
    if language == "ko":
        await asyncio.to_thread(content_stems, "준비", "ko")
