"""From what a person typed or a program sent to an accepted job: sources read, defaults filled in."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from app.config import Settings
from app.generation.domain import NotEnoughFacts
from app.generation.jobs import NORMAL, Job, Request, SourceIn
from app.generation.service import LOCAL_PRINCIPAL, request_article
from app.generation.spending.schemas import Estimate
from app.generation.writers.choice import check_spec, open_prices
from app.infra.db import Database
from app.infra.durable import Enqueuer
from app.kit.errors import Invalid
from app.language.detect import detect_language
from app.language.types import Language
from app.sources.domain import Rights, Snapshot
from app.sources.readers import SourceRef, parse_source, read_source

MOST_KEYWORD = 120
"""Characters of a keyword."""


async def accept_request(
    database: Database,
    enqueuer: Enqueuer,
    settings: Settings,
    *,
    keyword: str,
    sources: Sequence[tuple[str | None, str | None, Rights | None]] = (),
    arguments: Sequence[tuple[str, Rights | None]] = (),
    language: str | None = None,
    model: str | None = None,
    publish: bool = False,
    key: str | None = None,
    principal: str = LOCAL_PRINCIPAL,
    person: str = "",
    priority: int = NORMAL,
    deadline_at: datetime | None = None,
    delay_s: float = 0.0,
    now: datetime,
) -> Job:
    """Read what is at hand, fill in defaults and accept the job in one transaction.

    `sources` are (address, text, rights), one of the first two; `arguments` are addresses or files as they
    are typed, which only the command line may give: a file is read here and now, since the process that
    will write the article may be another one.

    Raises:
        Invalid: something given cannot be used; says what to write instead.
    """
    request, snapshots = await read_request(
        settings,
        keyword=keyword,
        sources=sources,
        arguments=arguments,
        language=language,
        model=model,
        publish=publish,
        now=now,
    )
    return await accept_read(
        database,
        enqueuer,
        request,
        snapshots,
        key=key,
        principal=principal,
        person=person,
        priority=priority,
        deadline_at=deadline_at,
        delay_s=delay_s,
        now=now,
    )


async def accept_read(
    database: Database,
    enqueuer: Enqueuer,
    request: Request,
    snapshots: Sequence[Snapshot],
    *,
    key: str | None = None,
    principal: str = LOCAL_PRINCIPAL,
    person: str = "",
    priority: int = NORMAL,
    deadline_at: datetime | None = None,
    delay_s: float = 0.0,
    now: datetime,
) -> Job:
    """Accept what `read_request` has read, in one transaction.

    Raises:
        Invalid: as `request_article`.
    """
    async with database.unit() as session:
        return await request_article(
            session,
            enqueuer,
            request,
            snapshots=snapshots,
            now=now,
            key=key,
            principal=principal,
            person=person,
            priority=priority,
            deadline_at=deadline_at,
            delay_s=delay_s,
        )


async def estimate_request(
    settings: Settings,
    *,
    keyword: str,
    sources: Sequence[tuple[str | None, str | None, Rights | None]] = (),
    arguments: Sequence[tuple[str, Rights | None]] = (),
    language: str | None = None,
    model: str | None = None,
    now: datetime,
) -> Estimate:
    """What `accept_request` with the same arguments would lead to. Keeps, fetches and pays nothing.

    Raises:
        Invalid: something given cannot be used, or there is too little to write from.
    """
    # Brings in all that a model's writer needs, which whoever only accepts jobs should not pay for.
    from app.generation.judging import judge_of  # noqa: PLC0415  # as said above
    from app.generation.spending.estimate import estimate_article  # noqa: PLC0415  # as said above

    request, snapshots = await read_request(
        settings,
        keyword=keyword,
        sources=sources,
        arguments=arguments,
        language=language,
        model=model,
        now=now,
    )
    try:
        return await estimate_article(
            keyword=request.keyword,
            language=request.language,
            model=request.model,
            snapshots=snapshots,
            unread_pages=sum(source.url is not None for source in request.sources),
            prices=open_prices(settings),
            rounds=settings.writing.repair_rounds,
            judge=judge_of(request.model, settings),
        )
    except NotEnoughFacts as error:
        raise Invalid(str(error)) from error


async def read_request(
    settings: Settings,
    *,
    keyword: str,
    sources: Sequence[tuple[str | None, str | None, Rights | None]] = (),
    arguments: Sequence[tuple[str, Rights | None]] = (),
    language: str | None = None,
    model: str | None = None,
    publish: bool = False,
    now: datetime,
) -> tuple[Request, list[Snapshot]]:
    """The request that was meant, and the sources that are at hand; pages are read by the job.

    Raises:
        Invalid: something given cannot be used; says what to write instead.
    """
    keyword = unicodedata.normalize("NFC", " ".join(keyword.split()))
    if not keyword or len(keyword) > MOST_KEYWORD or not keyword.isprintable():
        raise Invalid(f"The keyword must be a line of 1 to {MOST_KEYWORD} readable characters.")
    asked = model or settings.llm_model
    check_spec(asked, settings)
    refs = [source_ref(url, text, rights) for url, text, rights in sources]
    refs += [_with_rights(parse_source(argument), rights) for argument, rights in arguments]
    accepted: list[SourceIn] = []
    snapshots: list[Snapshot] = []
    for ref in refs:
        if ref.kind == "url":
            accepted.append(SourceIn(url=ref.value, rights=ref.rights))
            continue
        snapshot = await read_source(ref, now=now)
        snapshots.append(snapshot)
        accepted.append(SourceIn(snapshot_id=snapshot.id, rights=ref.rights))
    request = Request(
        keyword=keyword,
        language=_language(language, keyword, snapshots),
        model=asked,
        sources=tuple(accepted),
        publish=publish,
    )
    return request, snapshots


def source_ref(url: str | None, text: str | None, rights: Rights | None) -> SourceRef:
    """A source as a form or the API gives it.

    Raises:
        Invalid: neither or both of address and text, or no address of a page.
    """
    if (url is None) == (text is None):
        raise Invalid('Each source has either a "url" or a "text".')
    if url is not None:
        if not url.lower().startswith(("http://", "https://")):
            raise Invalid(f"{url[:80]} is no address of a page; write http://… or https://…")
        return SourceRef("url", url, rights or Rights.THIRD_PARTY)
    return SourceRef("text", text or "", rights or Rights.OWN)


def _with_rights(ref: SourceRef, rights: Rights | None) -> SourceRef:
    return ref if rights is None else SourceRef(ref.kind, ref.value, rights)


def _language(asked: str | None, keyword: str, snapshots: Sequence[Snapshot]) -> Language:
    """What was asked for; else Korean for a Korean keyword; else what most sources are written in."""
    if asked is not None:
        return "ko" if asked == "ko" else "en"
    if detect_language(keyword) == "ko":
        return "ko"
    korean = sum(snapshot.language == "ko" for snapshot in snapshots)
    return "ko" if snapshots and korean * 2 > len(snapshots) else "en"
