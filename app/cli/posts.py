"""`ai-seo-blogger posts`: articles from draft to published and back."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from app.cli import upkeep
from app.cli.house import Code, open_house, run, tell

if TYPE_CHECKING:
    from app.posts.repository import Posts
    from app.posts.schemas import Post

app = typer.Typer(no_args_is_help=True)

PostId = Annotated[str, typer.Argument(help="The article's id, its first characters, or its slug.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command("list")
def list_(
    state: Annotated[
        str | None,
        typer.Option(
            "--state", help="draft, in_review, approved, scheduled, published or unpublished."
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List articles, newest first."""
    run(_list, state, limit, as_json)


@app.command()
def show(
    post: PostId,
    claims: Annotated[bool, typer.Option("--claims", help="Show the claim table too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show an article: its text, its score, what holds it back."""
    run(_show, post, claims, as_json)


@app.command()
def edit(
    post: PostId,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", "-f", help="Take the text from this Markdown file; else $EDITOR opens."
        ),
    ] = None,
    title: Annotated[str | None, typer.Option("--title")] = None,
    meta_description: Annotated[str | None, typer.Option("--meta-description")] = None,
    slug: Annotated[str | None, typer.Option("--slug")] = None,
) -> None:
    """Change an article. The text before stays as a revision."""
    markdown = file.read_text(encoding="utf-8") if file else None
    run(_edit, post, markdown, title, meta_description, slug)


@app.command()
def submit(post: PostId) -> None:
    """Hand a draft to review."""
    run(_change, post, "submit_post")


@app.command()
def publish(
    post: PostId,
    at: Annotated[
        str | None,
        typer.Option("--at", help='Publish it then, such as "2026-12-01 09:00"; read in TIMEZONE.'),
    ] = None,
) -> None:
    """Publish an article that its checks let through (a draft goes through review at once)."""
    run(_publish, post, at)


@app.command()
def unschedule(post: PostId) -> None:
    """Cancel a schedule; the article is approved again."""
    run(_unschedule, post)


@app.command()
def unpublish(post: PostId) -> None:
    """Take an article off the blog; its address answers 410 Gone."""
    run(_change, post, "unpublish_post")


@app.command()
def delete(
    post: PostId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete an article with its revisions. Unpublish it first."""
    if not yes and sys.stdin.isatty() and not typer.confirm(f"Delete {post} for good?", err=True):
        raise SystemExit(Code.INTERRUPTED)
    run(_delete, post)


@app.command()
def export(
    post: PostId,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not to the screen.")
    ] = None,
) -> None:
    """Export an article as Markdown with its data in front."""
    run(_export, post, output)
    if output is not None:
        tell(f"Wrote {output}.")


app.command("links")(upkeep.links)
app.command("upkeep")(upkeep.upkeep)


async def _with_post(
    prefix: str, act: "Callable[[Posts, Post], Awaitable[Any]]", *, writing: bool = False
) -> Any:
    from app.posts.repository import Posts

    async with open_house() as house:
        unit = house.database.unit() if writing else house.database.reading()
        async with unit as session:
            posts = Posts(session)
            return await act(posts, await posts.read(prefix))


async def _list(state: str | None, limit: int, as_json: bool) -> int:
    import json

    from app.posts.repository import Posts

    async with open_house() as house, house.database.reading() as session:
        found = await Posts(session).newest(state=state, limit=limit)
    if as_json:
        typer.echo(json.dumps([post.model_dump(mode="json") for post in found], ensure_ascii=False))
        return Code.DONE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for name in ("id", "state", "lang", "slug", "changed"):
        table.add_column(name, no_wrap=True, overflow="fold")
    table.add_column("title", overflow="ellipsis", no_wrap=True)
    for post in found:
        changed = post.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
        table.add_row(post.id, post.state, post.language, post.slug, changed, post.title)
    Console().print(table)
    return Code.DONE


async def _show(prefix: str, claims: bool, as_json: bool) -> int:
    import json

    async def look(posts: "Posts", post: "Post") -> tuple[Any, Any, Any]:
        revision = await posts.revision(post.id)
        return post, revision, await posts.claims(post.id) if claims or as_json else ()

    post, revision, rows = await _with_post(prefix, look)
    if as_json:
        shown = {
            "post": post.model_dump(mode="json"),
            "revision": revision.model_dump(mode="json"),
            "claims": [row.model_dump(mode="json") for row in rows],
        }
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return Code.DONE
    typer.echo(f"# {revision.title}\n\n{revision.markdown}")
    score: dict[str, Any] = revision.score
    scores: dict[str, Any] = score.get("scores", {})
    typer.echo(f"state {post.state} · scores {scores} · written by {revision.writer}")
    if post.state == "scheduled":
        typer.echo(f"goes out at {post.publish_at:%Y-%m-%d %H:%M:%SZ}")
    if post.held:
        typer.echo(f"was to go out at {post.publish_at:%Y-%m-%d %H:%M:%SZ}, but: {post.held}")
    for reason in revision.gate:
        typer.echo(f"held: {reason}")
    for finding in score.get("findings", []):
        if finding["level"] in {"bad", "ok"}:
            typer.echo(
                f"{finding['level']:<4} {finding['id']}: {finding['message']} {finding['hint']}"
            )
    for row in rows:
        typer.echo(f"{row.verdict:<11} {row.sentence}\n            ← {row.quote}")
    return Code.DONE


async def _edit(
    prefix: str,
    markdown: str | None,
    title: str | None,
    meta_description: str | None,
    slug: str | None,
) -> int:
    from datetime import UTC, datetime

    import click

    from app.posts.repository import Posts
    from app.posts.service import edit_post
    from app.review.assessing import Assessor, join_numbers

    async def current(posts: "Posts", post: "Post") -> tuple[Any, Any]:
        return post, await posts.revision(post.id)

    post, revision = await _with_post(prefix, current)
    if not any((markdown, title, meta_description, slug)):
        markdown = cast("str | None", click.edit(revision.markdown, extension=".md"))
        if markdown is None:
            tell("Nothing was changed.")
            return Code.DONE

    fields = {
        "title": title or revision.title,
        "markdown": markdown or revision.markdown,
        "meta_description": meta_description or revision.meta_description,
        "slug": slug or "",
        "keyphrase": revision.keyphrase,
        "own_numbers": join_numbers(revision.own_numbers),
    }
    async with open_house() as house:
        assess = Assessor(house.database, house.settings, lambda: datetime.now(UTC))
        assessed = await assess(post.id, fields)
        async with house.database.unit() as session:
            await edit_post(
                Posts(session),
                post.id,
                title=title,
                markdown=markdown,
                meta_description=meta_description,
                slug=slug,
                version=post.version,  # somebody else's change in the meantime is a conflict
                now=datetime.now(UTC),
                assessed=assessed,
            )
    tell(f"Changed {post.slug}.")
    for reason in assessed.gate if assessed else ():
        tell(f"held: {reason}")
    return Code.DONE


async def _change(prefix: str, verb: str, **options: bool) -> int:
    from datetime import UTC, datetime

    from app.posts import service

    async def act(posts: "Posts", post: "Post") -> "Post":
        changed: Post = await getattr(service, verb)(
            posts, post.id, now=datetime.now(UTC), **options
        )
        return changed

    post = await _with_post(prefix, act, writing=True)
    tell(f"{post.slug} is {post.state}.")
    return Code.DONE


async def _publish(name: str, at: str | None) -> int:
    from datetime import UTC, datetime

    from app.kit.moments import read_moment, show_moment
    from app.posts.repository import Posts
    from app.posts.scheduling import pace_of, schedule_post
    from app.posts.service import publish_post

    now = datetime.now(UTC)
    async with open_house() as house:
        zone = house.settings.timezone
        moment = read_moment(at, zone) if at is not None else None
        async with house.database.unit() as session:
            posts = Posts(session)
            post = await posts.read(name)
            if moment is not None:
                post = await schedule_post(posts, post.id, at=moment, now=now, through=True)
            else:
                pace = pace_of(house.settings)
                post = await publish_post(posts, post.id, now=now, through=True, pace=pace)
    if moment is not None:
        tell(f"{post.slug} goes out at {show_moment(moment, zone)} ({moment:%Y-%m-%dT%H:%M:%SZ}).")
    else:
        tell(f"{post.slug} is {post.state}.")
    return Code.DONE


async def _unschedule(name: str) -> int:
    from datetime import UTC, datetime

    from app.posts.scheduling import unschedule_post

    async def act(posts: "Posts", post: "Post") -> "Post":
        return await unschedule_post(posts, post.id, now=datetime.now(UTC))

    post = await _with_post(name, act, writing=True)
    tell(f"{post.slug} is {post.state}.")
    return Code.DONE


async def _delete(prefix: str) -> int:
    from datetime import UTC, datetime

    from app.posts.service import delete_post

    async def act(posts: "Posts", post: "Post") -> str:
        await delete_post(posts, post.id, now=datetime.now(UTC))
        return post.slug

    tell(f"Deleted {await _with_post(prefix, act, writing=True)}.")
    return Code.DONE


async def _export(prefix: str, output: Path | None) -> int:
    import asyncio

    from app.posts.service import export_post

    async def act(posts: "Posts", post: "Post") -> str:
        return await export_post(posts, post.id)

    text = await _with_post(prefix, act)
    if output is None:
        typer.echo(text)
    else:
        await asyncio.to_thread(output.write_text, text, encoding="utf-8")
    return Code.DONE
