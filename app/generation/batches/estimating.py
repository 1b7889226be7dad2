"""What a batch is thought to cost before it is run: as articles are, of pages that nobody has fetched yet."""

from collections import Counter
from collections.abc import Sequence

from app.config import Settings
from app.generation.batches.schemas import PlannedRow
from app.generation.writers.choice import open_prices
from app.language.types import Language


async def estimate_cost(
    rows: Sequence[PlannedRow], model: str, settings: Settings
) -> tuple[float, float] | None:
    """The least and the most that these rows are thought to cost, in US dollars; None: the price is unknown."""
    # Brings in all that a model's writer needs, which whoever only accepts rows should not pay for.
    from app.generation.judging import judge_of  # noqa: PLC0415  # as said above
    from app.generation.spending.estimate import estimate_article  # noqa: PLC0415  # as said above

    prices = open_prices(settings)
    alike = Counter((row.language, len(row.sources)) for row in rows)
    low = high = 0.0
    for (language, pages), count in alike.items():
        known: Language = "ko" if language == "ko" else "en"
        estimate = await estimate_article(
            keyword="",
            language=known,
            model=model,
            snapshots=(),
            unread_pages=pages,
            prices=prices,
            rounds=settings.writing.repair_rounds,
            judge=judge_of(model, settings),
        )
        if estimate.low_usd is None or estimate.high_usd is None:
            return None
        low += estimate.low_usd * count
        high += estimate.high_usd * count
    return low, high
