"""`ai-seo-blogger quickstart`: the main job at once, from the example sources to a served article."""

from typing import Annotated, Any

import typer

from app.cli.house import Code, open_house, tell
from app.cli.serve import listen, port_is_free, tell_address
from app.kit.shipped import shipped

_PORT = 8000
_PORTS_TRIED = 20

_KEYWORDS = {"en": "horizontal scaling", "ko": "수평 확장"}

EXAMPLES = shipped("examples")


def quickstart(
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the blog afterwards, until Ctrl-C.")
    ] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output.")
    ] = False,
) -> None:
    """Write an article from the example sources, publish it, and serve the blog.

    ARTICLE_LANG=ko writes in Korean; LLM_MODEL chooses who writes. A second run reuses the article.
    """
    import asyncio
    import logging

    from app.cli.write import report
    from app.config import get_settings

    _have_model()
    port = next((p for p in range(_PORT, _PORT + _PORTS_TRIED) if port_is_free("127.0.0.1", p)), 0)
    address = f"http://127.0.0.1:{port or _PORT}"
    code, result, error = asyncio.run(_write(as_json, address))
    if result or error:
        report(result, as_json=as_json, failed=error)
    if code or not serve:
        raise SystemExit(code)
    if not port:
        tell(f"error: ports {_PORT} to {_PORT + _PORTS_TRIED - 1} are in use; stop one of them.")
        raise SystemExit(Code.USAGE)
    if port != _PORT:
        tell(f"Port {_PORT} is in use, so the blog is on {port}.")
    logs = get_settings().logs
    # Who tries the program reads what it says. Lines for machines are for whoever asks: APP_LOGS__REQUESTS=true
    asked = logs.requests and "requests" in logs.model_fields_set
    served = f"\nThe blog is served on {address} until Ctrl-C."
    listen(
        "127.0.0.1",
        port,
        lambda: tell_address(get_settings(), served),
        least=logging.INFO if asked else logging.WARNING,
    )


def _have_model() -> None:
    """Pull the local model if it is what should write and is not there yet."""
    from app.cli.model import pull_model
    from app.config import get_settings
    from app.infra.llm.catalogue import DEFAULT, find

    settings = get_settings()
    prefix, _, name = settings.llm_model.partition(":")
    if prefix != "local" or settings.models.path is not None:
        return
    name = name or DEFAULT
    if not find(name).path_in(settings.models.cache_dir.expanduser()).exists():
        code = pull_model(settings, name, allow_packages=True)
        if code:
            raise SystemExit(code)


async def _write(as_json: bool, address: str) -> tuple[int, dict[str, Any], str | None]:
    """Write the example article, or find it: its key is its language, its model and its sources."""
    from datetime import UTC, datetime

    from app.cli.runner import exit_code, follow, running
    from app.cli.write import outcome
    from app.generation.intake import accept_request
    from app.generation.service import find_written

    async with open_house() as house:
        language = house.settings.article_lang
        model = house.settings.llm_model
        keyword = _KEYWORDS[language]
        async with house.database.reading() as session:
            known = await find_written(session, keyword=keyword, language=language, model=model)
        if known is not None:
            tell("The example article is there already; writing it again is not needed.")
            return 0, {**known, "url": _readdress(known["url"], address)}, None
        sources = sorted((EXAMPLES / language).glob("*.md"))
        tell(f"Writing “{keyword}” from {len(sources)} example sources with {model} …")
        async with running(house) as runner:
            job = await accept_request(
                house.database,
                house.enqueuer,
                house.settings,
                keyword=keyword,
                arguments=[(str(source), None) for source in sources],
                language=language,
                publish=True,
                now=datetime.now(UTC),
            )
            ended = await follow(runner, job.id, quiet=as_json)
        result = dict(outcome(ended, job.id))
        if ended is None:
            return Code.INTERRUPTED, result, None
        if "url" in result:
            result["url"] = _readdress(result["url"], address)
        return exit_code(ended), result, ended.error


def _readdress(url: str, address: str) -> str:
    """The article's address on the port that is really served, unless PUBLIC_URL says another."""
    default = f"http://127.0.0.1:{_PORT}"
    return address + url.removeprefix(default) if url.startswith(default) else url
