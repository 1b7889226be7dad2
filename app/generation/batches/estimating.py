"""What a batch is thought to cost before it is run."""

from collections.abc import Sequence

from app.config import Settings
from app.generation.batches.schemas import PlannedRow


def estimate_cost(
    rows: Sequence[PlannedRow], model: str, settings: Settings
) -> tuple[float, float] | None:
    """The least and the most that these rows are thought to cost, in US dollars; None: unknown.

    Unknown for every model until there are prices and measured sizes of articles to reckon from.
    """
    del rows, model, settings
    return None
