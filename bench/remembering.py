"""Makes the process forget what it has worked out of texts, so that the next one is new to it."""

import sys
from collections.abc import Callable
from typing import cast


def forget() -> None:
    """Empty every cache of the rooms that an analysis uses; what is loaded (Kiwi, patterns) stays."""
    for name, module in list(sys.modules.items()):
        if not name.startswith(("app.language", "app.seo")):
            continue
        for value in list(vars(module).values()):
            for one in (
                cast("dict[str, object]", value).values() if isinstance(value, dict) else (value,)
            ):
                clear = getattr(one, "cache_clear", None)
                if callable(clear) and not isinstance(one, type):
                    cast("Callable[[], None]", clear)()
