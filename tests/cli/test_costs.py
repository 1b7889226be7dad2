"""Estimates at a terminal, and what is said of prices that cannot be used."""

import json

from tests.cli.conftest import Command
from tests.doors.conftest import ROOT

FILE = str(ROOT / "examples/en/horizontal-scaling.md")


def test_the_command_line_estimates_without_a_database(command: Command, tmp_path) -> None:
    told = command(
        *(
            "write",
            "-k",
            "horizontal scaling",
            "-s",
            FILE,
            "-m",
            "openai:gpt-4o-mini",
            "--estimate",
        ),
        OPENAI_API_KEY="k",
    )
    unknown = command(
        *(
            "write",
            "-k",
            "horizontal scaling",
            "-s",
            FILE,
            "-m",
            "openai:x",
            "--estimate",
            "--json",
        ),
        OPENAI_API_KEY="k",
    )

    assert told.returncode == 0, told.stderr
    assert "cost        $0.0" in told.stdout
    assert "genai-prices" in told.stdout
    assert json.loads(unknown.stdout)["high_usd"] is None
    assert not (tmp_path / "data" / "blog.db").exists()


def test_a_price_table_that_cannot_be_used_is_said_in_one_sentence(command: Command) -> None:
    told = command(
        *("write", "-k", "horizontal scaling", "-s", FILE, "--estimate"),
        APP_PRICES__FILE="nowhere.toml",
    )

    assert told.returncode == 2
    assert told.stderr.startswith("error: APP_PRICES__FILE=nowhere.toml cannot be read")
