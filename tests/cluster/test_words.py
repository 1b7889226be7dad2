"""Numbers have the forms of the language that is spoken."""

import contextvars

import pytest

from app.cluster.running import starting
from app.kit.speech import speak


@pytest.mark.parametrize(
    ("language", "balancer", "one", "three"),
    [
        ("en", "nginx", "S3, 1 instance and a balancer …", "S3, 3 instances and a balancer …"),
        ("en", None, "S3 and 1 instance …", "S3 and 3 instances …"),
        ("ko", "nginx", "인스턴스 1개, 로드 밸런서를", "인스턴스 3개, 로드 밸런서를"),
        ("ko", None, "인스턴스 1개를", "인스턴스 3개를"),
    ],
)
def test_a_count_is_said_as_the_language_counts(
    language: str, balancer: str | None, one: str, three: str
) -> None:
    def said(count: int) -> str:
        speak(language)
        return starting(count, balancer)

    # In a context of its own: the next test shall not be spoken to in Korean.
    assert one in contextvars.copy_context().run(said, 1)
    assert three in contextvars.copy_context().run(said, 3)
