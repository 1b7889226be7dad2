"""What may be done with articles. Services take a repository and the time, and open no transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import yaml

from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.ids import uuid7
from app.kit.slugs import make_slug
from app.kit.speech import say
from app.posts.anchoring import anchored
from app.posts.domain import Overtaken, Pace, State, TooSoon, move
from app.posts.index.reading import make_ready, profile_post
from app.posts.repository import Posts
from app.posts.schemas import ArticleIn, Assessed, ClaimIn, Post, Revision

_TRIES = 1000

ANY_PACE = Pace()


async def save_article(posts: Posts, article: ArticleIn, *, now: datetime) -> Post:
    """Keep an article as a draft. The article of a job is kept once: a second call answers the first's."""
    if article.job_id is not None:
        known = await posts.of_job(article.job_id)
        if known is not None:
            return known
    await make_ready(article.language)
    post_id = str(uuid7())
    group = post_id
    if article.translation_of is not None:
        group = (await posts.read(article.translation_of)).translation_group
    post = Post(
        id=post_id,
        language=article.language,
        translation_group=group,
        state=State.DRAFT,
        slug=await _free_slug(posts, article.language, article.slug, post_id),
        title=article.title,
        job_id=article.job_id,
        revision=1,
        version=1,
        unlisted=article.unlisted,
        created_at=now,
        updated_at=now,
        published_at=None,
        modified_at=None,
    )
    await posts.add(post)
    revision = Revision(
        post_id=post_id,
        n=1,
        title=article.title,
        slug=post.slug,
        meta_description=article.meta_description,
        keyphrase=article.keyphrase,
        markdown=article.markdown,
        faq=article.faq,
        citations=article.citations,
        score=article.score,
        writer=article.writer,
        usage=article.usage,
        gate=article.gate,
        note="",
        created_at=now,
    )
    await _keep(posts, post, revision, article.claims)
    return post


async def _keep(posts: Posts, post: Post, revision: Revision, claims: Sequence[ClaimIn]) -> None:
    """Keep a text, its claims, and what the index says of it: together or not at all."""
    profile = await profile_post(revision, post.language)
    await posts.add_revision(revision, claims)
    await posts.index.keep(post.id, revision.n, profile)


async def edit_post(
    posts: Posts,
    post_id: str,
    *,
    now: datetime,
    title: str | None = None,
    markdown: str | None = None,
    meta_description: str | None = None,
    keyphrase: str | None = None,
    slug: str | None = None,
    version: int | None = None,
    based_on: int | None = None,
    live: bool = True,
    note: str = "",
    assessed: Assessed | None = None,
) -> Post:
    """Write a new revision. Claims follow their sentences; those whose sentence is gone or changed are stale.

    Its score and what holds it from being published are those of `assessed`; without it, those of the text
    before.

    An approved article goes back to review, since nobody has read the new words. Without `live`, one that
    readers see or that is scheduled may not be changed. When nothing would change, nothing does.

    Raises:
        NotFound: there is no such article.
        Conflict: somebody changed it since `version`; it is published or scheduled and `live` is false; or
            readers see it and the new text may not be published.
        Overtaken: its text is no longer revision `based_on`, or that which `assessed` was measured on.
        Invalid: the title or the text would be empty.
    """
    post = await posts.locked(post_id, version=version)
    _check_live(post, live=live)
    before = await posts.revision(post_id, post.revision)
    text = before.markdown if markdown is None else markdown
    heading = before.title if title is None else " ".join(title.split())
    if not text.strip() or not heading:
        raise Invalid(say("An article needs a title and a text."))
    address = post.slug
    if slug is not None and make_slug(slug) != post.slug:
        address = await _free_slug(posts, post.language, make_slug(slug), post_id)
    description = before.meta_description if meta_description is None else meta_description
    phrase = before.keyphrase if keyphrase is None else " ".join(keyphrase.split())
    same = (heading, address, description, phrase, text) == (
        before.title,
        post.slug,
        before.meta_description,
        before.keyphrase,
        before.markdown,
    )
    measured = assessed or Assessed(based_on=post.revision, score=before.score, gate=before.gate)
    if same and measured.own_numbers == before.own_numbers:
        return post
    if measured.based_on != post.revision or based_on not in {None, post.revision}:
        raise overtaken()
    _check_stays_publishable(post, before, measured.gate)
    revision = before.model_copy(
        update={
            "n": post.revision + 1,
            "title": heading,
            "slug": address,
            "meta_description": description,
            "keyphrase": phrase,
            "markdown": text,
            "score": measured.score,
            "gate": measured.gate,
            "note": note,
            "created_at": now,
        }
    )
    claims = anchored(await posts.claims(post_id, post.revision), text)
    await _keep(posts, post, revision, claims)
    published = post.state == State.PUBLISHED
    post = await posts.change(
        post,
        revision=revision.n,
        state=_after_change(post),
        title=heading,
        slug=address,
        updated_at=now,
        modified_at=now if published else post.modified_at,
    )
    if published:
        await posts.set_addresses(post, "current")
        await posts.bump(_changed_tags(post))
    return post


def overtaken() -> Overtaken:
    """What is said when the text that was worked on is no longer the article's."""
    return Overtaken(say("Somebody else saved this article meanwhile."))


def _check_live(post: Post, *, live: bool) -> None:
    if live:
        return
    if post.state == State.PUBLISHED:
        raise Conflict(say("It is published; only who may publish can change what readers see."))
    if post.state == State.SCHEDULED:
        raise Conflict(say("It is scheduled; only who may publish can change what goes out."))


def _check_stays_publishable(post: Post, before: Revision, gate: Sequence[str]) -> None:
    """What readers see does not become what may not be published; one that was held already may change."""
    if post.state == State.PUBLISHED and gate and not before.gate:
        raise Conflict(
            say(
                "Readers would see this at once, and it may not be published: {reasons} "
                "Mend the text, or take the article off the blog first.",
                reasons=" ".join(gate),
            )
        )


def _after_change(post: Post) -> str:
    """An approval is of the words that were read."""
    return State.IN_REVIEW if post.state == State.APPROVED else post.state


async def submit_post(
    posts: Posts, post_id: str, *, now: datetime, version: int | None = None
) -> Post:
    """Hand a draft to review.

    Raises:
        Conflict: it is no draft, or somebody changed it since `version`.
    """
    return await _move(posts, post_id, State.IN_REVIEW, now=now, version=version)


async def approve_post(
    posts: Posts, post_id: str, *, now: datetime, version: int | None = None
) -> Post:
    """Say that an article in review may be published as it is; somebody publishes it later.

    Raises:
        Conflict: it is not in review, or somebody changed it since `version`.
    """
    return await _move(posts, post_id, State.APPROVED, now=now, version=version)


async def return_post(
    posts: Posts, post_id: str, *, now: datetime, version: int | None = None
) -> Post:
    """Give an article in review, or an approved one, back to its writer.

    Raises:
        Conflict: it is neither, or somebody changed it since `version`.
    """
    return await _move(posts, post_id, State.DRAFT, now=now, version=version)


async def _move(
    posts: Posts, post_id: str, to: State, *, now: datetime, version: int | None
) -> Post:
    post = await posts.locked(post_id, version=version)
    state = move(State(post.state), to)
    return await posts.change(post, state=state, updated_at=now, publish_at=None, held="")


async def publish_post(
    posts: Posts,
    post_id: str,
    *,
    now: datetime,
    through: bool = False,
    version: int | None = None,
    pace: Pace = ANY_PACE,
) -> Post:
    """Publish an article in review, approved or scheduled; with `through`, a draft passes review on the way.

    Raises:
        Conflict: it is in another state, somebody changed it since `version`, or something holds it
            back; lists what.
        TooSoon: `pace` lets no other article out yet; says when it does.
    """
    post = await posts.locked(post_id, version=version)
    if post.state == State.PUBLISHED:
        return post
    state = move(reviewed(post, through=through), State.PUBLISHED)
    check_gate(await posts.revision(post_id, post.revision))
    await _check_pace(posts, post, pace, now=now)
    languages = await posts.languages()
    post = await posts.change(
        post,
        state=state,
        updated_at=now,
        published_at=post.published_at or now,
        modified_at=now,
        publish_at=None,
        held="",
    )
    await posts.set_addresses(post, "current")
    await posts.bump([*_changed_tags(post), *await _moved_languages(posts, languages)])
    return post


def reviewed(post: Post, *, through: bool) -> State:
    """The state that an article moves on from: with `through`, a draft counts as handed to review."""
    state = State(post.state)
    return move(state, State.IN_REVIEW) if through and state is State.DRAFT else state


def check_gate(revision: Revision) -> None:
    """Let through what nothing holds back.

    Raises:
        Conflict: something does; lists what.
    """
    if revision.gate:
        reasons = " ".join(revision.gate)
        raise Conflict(say("It may not be published yet: {reasons}", reasons=reasons))


async def _check_pace(posts: Posts, post: Post, pace: Pace, *, now: datetime) -> None:
    """Only first publications of what is listed are counted, and held up."""
    if not pace.most or post.unlisted or post.published_at is not None:
        return
    lately = await posts.publications(pace.most, since=now - timedelta(days=1))
    slot = pace.next_slot(lately, now)
    if slot > now:
        raise TooSoon(slot, pace.zone)


async def unpublish_post(
    posts: Posts, post_id: str, *, now: datetime, version: int | None = None
) -> Post:
    """Take an article off the blog; its addresses are gone (410).

    Raises:
        Conflict: it is not published, or somebody changed it since `version`.
    """
    post = await posts.locked(post_id, version=version)
    state = move(State(post.state), State.UNPUBLISHED)
    languages = await posts.languages()
    post = await posts.change(post, state=state, updated_at=now)
    await posts.set_addresses(post, "gone")
    moved = await _moved_languages(posts, languages)
    await posts.bump([*_changed_tags(post), f"gone:{post.id}", *moved])
    return post


async def delete_post(
    posts: Posts, post_id: str, *, now: datetime, version: int | None = None
) -> None:
    """Delete an article for good. Addresses it was published under stay gone.

    Raises:
        Conflict: it is published, or somebody changed it since `version`.
    """
    del now
    post = await posts.locked(post_id, version=version)
    if post.state == State.PUBLISHED:
        raise Conflict(say("It is published; unpublish it first."))
    await posts.remove(post)


async def restore_revision(
    posts: Posts,
    post_id: str,
    n: int,
    *,
    now: datetime,
    version: int | None = None,
    live: bool = True,
) -> Post:
    """Bring back an earlier text as a new revision, so that this can be undone as well.

    Raises:
        NotFound: there is no such revision.
        Conflict: as `edit_post`.
    """
    post = await posts.locked(post_id, version=version)
    _check_live(post, live=live)
    old = await posts.revision(post_id, n)
    _check_stays_publishable(post, await posts.revision(post_id, post.revision), old.gate)
    claims = await posts.claims(post_id, n)
    revision = old.model_copy(
        update={
            "n": post.revision + 1,
            "slug": post.slug,
            "note": f"revision {n}",
            "created_at": now,
        }
    )
    await _keep(posts, post, revision, claims)
    published = post.state == State.PUBLISHED
    post = await posts.change(
        post,
        revision=revision.n,
        state=_after_change(post),
        title=old.title,
        updated_at=now,
        modified_at=now if published else post.modified_at,
    )
    if published:
        await posts.bump(_changed_tags(post))
    return post


async def export_post(posts: Posts, post_id: str) -> str:
    """The article as Markdown with its data in front (YAML)."""
    post = await posts.find(post_id)
    if post is None:
        raise NotFound(say("There is no article {name}.", name=post_id))
    revision = await posts.revision(post_id, post.revision)

    front = {
        "title": revision.title,
        "slug": post.slug,
        "language": post.language,
        "description": revision.meta_description,
        "keyphrase": revision.keyphrase,
        "state": str(post.state),
        "published": post.published_at.isoformat() if post.published_at else None,
        "writer": revision.writer,
    }
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False)
    return f"---\n{head}---\n\n{revision.markdown}"


def _changed_tags(post: Post) -> list[str]:
    """The tags of the pages that show another text, or one article more or fewer, from now on."""
    itself, _, group = post.tags
    return [itself, group, *([] if post.unlisted else [f"lists:{post.language}"])]


async def _moved_languages(posts: Posts, before: Sequence[str]) -> list[str]:
    """The tag of the choice of languages that every page offers, if it is another than before."""
    return [] if await posts.languages() == before else ["languages"]


async def _free_slug(posts: Posts, language: str, wanted: str, post_id: str) -> str:
    """The slug, or `-2`, `-3` … after it where another article has it."""
    slug = make_slug(wanted) or post_id[:8]
    for n in range(1, _TRIES):
        candidate = slug if n == 1 else f"{slug}-{n}"
        await posts.lock_slug(language, candidate)  # two of one title may be saved at once
        if await posts.slug_is_free(language, candidate, post_id):
            return candidate
    raise Conflict(say("There are too many articles called {slug}; give another slug.", slug=slug))
