import pytest

from app.infra.llm.prices import BadPrices, Price, Prices, read_prices

TABLE = """
dated = 2026-11-01

["compatible:qwen3-32b"]
input = 0.2
output = 0.6

["openai:gpt-4o-mini"]
input = 1
output = 2
dated = "2026-11-20"
"""


def test_a_table_is_read_with_its_date(tmp_path):
    file = tmp_path / "prices.toml"
    file.write_text(TABLE)

    prices = Prices(read_prices(file))

    assert prices.cost_usd("compatible:qwen3-32b", 1_000_000, 500_000) == pytest.approx(0.5)
    assert prices.source("compatible:qwen3-32b") == "APP_PRICES__FILE of 2026-11-01"
    assert prices.source("openai:gpt-4o-mini") == "APP_PRICES__FILE of 2026-11-20"
    assert prices.own["openai:gpt-4o-mini"] == Price(1.0, 2.0, "2026-11-20")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[a]\ninput = 1\noutput = 1", "add dated"),
        ("dated = 2026-11-01\n[a]\ninput = 1", "the price of a"),
        ("dated = 2026-11-01\n[a]\ninput = -1\noutput = 1", "the price of a"),
        ("dated = 2026-11-01\n[a]\ninput = nan\noutput = 1", "the price of a"),
        ("dated = 2026-11-01\n[a]\ninput = true\noutput = 1", "the price of a"),
        ("dated = 2026-11-01\n[a]\ninput = 1\noutput = 1\ncached = 1", "the price of a"),
        ("dated = 2026-11-01\na = 3", "the price of a"),
        ("dated = ", "is no TOML"),
        ("\xff", "is no TOML"),
    ],
)
def test_a_table_that_is_none_says_what_to_write(text, says, tmp_path):
    file = tmp_path / "prices.toml"
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(BadPrices, match=says):
        read_prices(file)


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadPrices, match=r"APP_PRICES__FILE=.*prices\.toml cannot be read"):
        read_prices(tmp_path / "prices.toml")


def test_the_librarys_prices_stand_where_the_user_has_none():
    prices = Prices()

    # $0.15 a million in, $0.60 out.
    assert prices.cost_usd("openai:gpt-4o-mini", 1000, 500) == pytest.approx(0.00045)
    assert prices.source("openai:gpt-4o-mini").startswith("genai-prices ")


@pytest.mark.parametrize("spec", ["openai:house-made", "compatible:qwen", "nonsense", "azure:gpt"])
def test_a_price_that_nobody_knows_is_unknown_and_not_nothing(spec):
    prices = Prices(base_url="http://127.0.0.1:8000/v1")

    assert prices.cost_usd(spec, 1000, 500) is None
    assert prices.source(spec) == "unknown"


def test_what_runs_here_is_free():
    assert Prices().cost_usd("local:qwen2.5-coder-0.5b", 1000, 500) == 0.0
    assert Prices().cost_usd("composer", 1000, 500) == 0.0
