"""What a call costs: the user's own price table first, then the library's; nobody's price is never 0."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import cast

_MILLION = 1_000_000

_EXAMPLE = '["compatible:qwen3-32b"] with input = 0.2 and output = 0.6 below it'


class BadPrices(ValueError):
    """The price table cannot be used. Says which line, and what to write."""


@dataclass(frozen=True, slots=True)
class Price:
    """USD a million tokens, as somebody looked it up on a day."""

    input_usd: float
    output_usd: float
    dated: str

    def cost_usd(self, input_tokens: int, output_tokens: int) -> float:
        """What so many tokens cost."""
        return (input_tokens * self.input_usd + output_tokens * self.output_usd) / _MILLION


@dataclass(frozen=True)
class Prices:
    """The prices of models by spec."""

    own: Mapping[str, Price] = field(default_factory=dict[str, Price])
    base_url: str = ""
    """Where `compatible:…` goes: the library knows some such services by their address."""

    def cost_usd(self, spec: str, input_tokens: int, output_tokens: int) -> float | None:
        """What a call of so many tokens costs; None where no price is known."""
        if (own := self.own.get(spec)) is not None:
            return own.cost_usd(input_tokens, output_tokens)
        prefix, _, name = spec.partition(":")
        if prefix in {"local", "composer"}:
            return 0.0
        # Loads a large table: only for who asks a hosted model.
        from genai_prices import Usage, calc_price  # noqa: PLC0415  # as said above

        usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        try:
            if prefix == "compatible":
                found = calc_price(usage, name, provider_api_url=self.base_url)
            else:
                found = calc_price(usage, name, provider_id=prefix)
        except (LookupError, ValueError):
            return None
        return float(found.total_price)

    def source(self, spec: str) -> str:
        """Where a model's price is from, with its date or version; `unknown` where there is none."""
        if (own := self.own.get(spec)) is not None:
            return f"APP_PRICES__FILE of {own.dated}"
        if spec.partition(":")[0] in {"local", "composer"}:
            return "free"
        if self.cost_usd(spec, _MILLION, 0) is None:
            return "unknown"
        return f"genai-prices {version('genai-prices')}"


def read_prices(file: Path | None) -> dict[str, Price]:
    """The user's table: a TOML file with `dated` and, by spec, `input` and `output` in USD a million tokens.

    Raises:
        BadPrices: it is not there or not that.
    """
    if file is None:
        return {}
    try:
        table = cast("dict[str, object]", tomllib.loads(file.expanduser().read_text("utf-8")))
    except OSError as error:
        raise BadPrices(
            f"APP_PRICES__FILE={file} cannot be read ({error.strerror}). Write the file, or unset it."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPrices(f"APP_PRICES__FILE={file} is no TOML: {error}") from error
    dated = table.pop("dated", None)
    if dated is None:
        raise BadPrices(f"{file} does not say of when its prices are: add dated = 2026-11-25")
    return {spec: _price(file, spec, row, str(dated)) for spec, row in table.items()}


def _price(file: Path, spec: str, row: object, dated: str) -> Price:
    given = cast("dict[str, object]", row) if isinstance(row, dict) else {}
    amounts = [given.get(name) for name in ("input", "output")]
    if set(given) - {"input", "output", "dated"} or not all(_is_amount(each) for each in amounts):
        raise BadPrices(
            f"{file}: the price of {spec} is not understood. USD a million tokens: {_EXAMPLE}."
        )
    into, out = (float(cast("float", each)) for each in amounts)
    return Price(into, out, str(given.get("dated", dated)))


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MILLION
