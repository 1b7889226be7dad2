"""The API against its own description: whatever is sent, the answer is one that OpenAPI names."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.doors.conftest import Server, serving

EXAMPLES = 15


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory, module_database: Callable[[str], str]) -> Any:
    folder = tmp_path_factory.mktemp("fuzzed")
    # PostgreSQL: it refuses more than SQLite does (U+0000, long text, numbers out of range).
    with serving(folder, module_database("postgresql"), ROLE="web") as server:
        yield server


def test_whatever_is_sent_is_answered_as_described(fuzzed: Server) -> None:
    schema = schemathesis.openapi.from_url(f"{fuzzed.url}/api/v1/openapi.json")
    tried: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/events"):
            continue  # a stream that ends with its job; test_api reads it

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.call_and_validate(
                headers={"Authorization": f"Bearer {fuzzed.key}"},
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ],
            )

        ask()
        tried.append(operation.label)

    assert len(tried) >= 6
