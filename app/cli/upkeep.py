"""`ai-seo-blogger posts links` and `posts upkeep`: links between articles, and what wants mending."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.house import Code, open_house, run, tell

if TYPE_CHECKING:
    from app.posts.upkeep.schemas import Linking
    from app.seo.linking import Suggestion

PostId = Annotated[str, typer.Argument(help="The article's id, its first characters, or its slug.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def links(
    post: PostId,
    insert: Annotated[
        bool, typer.Option("--insert", help="Set the suggested links, as a new revision.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the links that an article should have, and which articles should link to it."""
    run(_links, post, insert, as_json)


def upkeep(
    topic: Annotated[
        str,
        typer.Option(
            "--topic", help="ageing, links, orphans, keyphrases, titles or descriptions; all: each."
        ),
    ] = "all",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what of the whole blog wants mending: orphans, broken links, duplicates, what goes out of date."""
    run(_upkeep, topic, limit, as_json)


async def _links(name: str, insert: bool, as_json: bool) -> int:
    from datetime import UTC, datetime

    from app.posts.repository import Posts
    from app.posts.upkeep.linking import insert_suggested, linkers_of, suggest_for
    from app.posts.upkeep.repository import Upkeep
    from app.posts.upkeep.service import host_of

    async with open_house() as house:
        host = host_of(house.settings.public_url)
        if insert:
            post, chosen = await insert_suggested(house.database, name, now=datetime.now(UTC))
            if as_json:
                _print({"revision": post.revision, "inserted": [_told(each) for each in chosen]})
            elif chosen:
                for each in chosen:
                    typer.echo(f"“{each.anchor}” → {each.target.address}")
                tell(
                    f"{post.slug} is revision {post.revision} now; the one before brings the old text back."
                )
            else:
                tell(f"{post.slug} names no published article that it does not link to already.")
            return Code.DONE
        async with house.database.reading() as session:
            posts = Posts(session)
            post = await posts.read(name)
            revision = await posts.revision(post.id, post.revision)
            orphan = await Upkeep(session, host).is_orphan(post.id)
        suggested = await suggest_for(house.database, post, revision)
        linkers = await linkers_of(house.database, post, revision, host=host)
    if as_json:
        _print(
            {
                "revision": revision.n,
                "orphan": orphan,
                "suggested": [_told(each) for each in suggested],
                "linkers": [
                    {"slug": each.post.slug, "id": each.post.id, **_told(each.suggestion)}
                    for each in linkers
                ],
            }
        )
        return Code.DONE
    _show_links(post.slug, suggested, linkers, orphan=orphan)
    return Code.DONE


def _show_links(
    slug: str, suggested: "list[Suggestion]", linkers: "list[Linking]", *, orphan: bool
) -> None:
    if suggested:
        typer.echo(f"{slug} should link:")
        for each in suggested:
            why = "its keyphrase" if each.why == "keyphrase" else "words of its subject"
            typer.echo(f"  “{each.anchor}” → {each.target.address}  {each.target.title} ({why})")
        tell(f"Set them with: ai-seo-blogger posts links {slug} --insert")
    else:
        typer.echo(f"{slug} names no published article that it does not link to already.")
    if orphan:
        typer.echo("No other published article links to it.")
    if linkers:
        typer.echo("These could link to it:")
        for each in linkers:
            typer.echo(f"  {each.post.slug}: “{each.suggestion.anchor}”")


def _told(each: "Suggestion") -> dict[str, Any]:
    return {
        "to": each.target.id,
        "title": each.target.title,
        "path": each.target.address,
        "anchor": each.anchor,
        "start": each.span.start,
        "end": each.span.end,
        "why": each.why,
        "shared": list(each.shared),
        "score": each.score,
    }


async def _upkeep(topic: str, limit: int, as_json: bool) -> int:
    from datetime import UTC, datetime

    from app.kit.errors import Invalid
    from app.posts.upkeep.api import row_out
    from app.posts.upkeep.repository import Upkeep
    from app.posts.upkeep.schemas import TOPIC, TOPICS
    from app.posts.upkeep.service import host_of, list_topic

    named = TOPIC.get(topic)
    wanted = (named,) if named else TOPICS
    if not named and topic != "all":
        raise Invalid(f"There is no topic {topic}. Topics: {', '.join(TOPICS)}, all.")
    today = datetime.now(UTC).date()
    async with open_house() as house, house.database.reading() as session:
        found = Upkeep(session, host_of(house.settings.public_url))
        counts = await found.counts(today)
        pages = {
            each: await list_topic(found, each, today=today, limit=limit)
            for each in wanted
            if counts[each]
        }
    rows = {each: [row_out(row) for row in page.rows] for each, page in pages.items()}
    if as_json:
        told = {each: [row.model_dump(mode="json") for row in some] for each, some in rows.items()}
        _print({"counts": counts, **told})
        return Code.DONE
    if not rows:
        typer.echo("Nothing wants mending.")
        return Code.DONE
    for each, some in rows.items():
        typer.echo(f"{_TITLES[each]}: {counts[each]}")
        for row in some:
            typer.echo("  " + _line(each, row))
        typer.echo(f"  → {_ADVICE[each]}")
    return Code.DONE


_TITLES = {
    "ageing": "Sentences that may no longer be true",
    "links": "Links that lead nowhere, or elsewhere by now",
    "orphans": "Articles that no other one links to",
    "keyphrases": "Articles that share a keyphrase",
    "titles": "Articles that share a title",
    "descriptions": "Articles that share a description",
}
_ADVICE = {
    "ageing": "correct them: ai-seo-blogger posts edit SLUG; or say at /desk/site that they hold",
    "links": "correct them: ai-seo-blogger posts edit SLUG",
    "orphans": "see who could link: ai-seo-blogger posts links SLUG",
    "keyphrases": "merge them and unpublish one, or narrow one's subject: ai-seo-blogger posts edit SLUG",
    "titles": "give each its own: ai-seo-blogger posts edit SLUG --title TITLE",
    "descriptions": "give each its own: ai-seo-blogger posts edit SLUG --meta-description TEXT",
}


def _line(topic: str, row: Any) -> str:
    slugs = ", ".join(each.slug for each in row.articles)
    match topic:
        case "ageing":
            return f"{row.due_on}  {slugs}: “{row.said}”"
        case "links":
            leads = f" to {row.leads_to}" if row.leads_to else ""
            return f"{slugs}: {row.path} ({row.why}{leads})"
        case "orphans":
            return slugs
        case _:
            return f"“{row.said}”: {slugs}"


def _print(told: dict[str, Any]) -> None:
    import json

    typer.echo(json.dumps(told, ensure_ascii=False))
