"""Nothing that lets anybody in is logged, whatever field or sentence it comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infra.redaction import HIDDEN, hide_in_text, hide_secrets


def shown(**event: object) -> dict[str, object]:
    return dict(hide_secrets(None, "info", dict(event)))


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "api_key",
        "apiKey",
        "Authorization",
        "set-cookie",
        "SECRET_KEY",
        "token",
        "csrf_token",
        "aws_secret_access_key",
        "session_id",
        "credentials",
    ],
)
def test_what_is_named_as_a_secret_is_not_shown(name: str) -> None:
    assert shown(**{name: "hunter2hunter2"}) == {name: HIDDEN}
    assert shown(given={"deep": [{name: "hunter2hunter2"}]}) == {
        "given": {"deep": [{name: HIDDEN}]}
    }


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("cannot reach postgresql://blogger:s3cr3t-pass@db:5432/x now", "s3cr3t-pass"),
        ("redis://:s3cr3t-pass@127.0.0.1:6379/0", "s3cr3t-pass"),
        ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
        ("authorization=Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"),
        ("GET /x?token=abcd1234efgh&lang=ko", "abcd1234efgh"),
        (
            "https://s3/b/k?X-Amz-Signature=0123456789abcdef&X-Amz-Credential=AKIAABCDEFGHIJKLMNOP%2F",
            "0123456789abcdef",
        ),
        ('{"api_key": "abcdef123456"}', "abcdef123456"),
        ("Incorrect API key provided: sk-proj-abcdef1234567890", "abcdef1234567890"),
        ("key AIzaSyA1234567890abcdefghijk was refused", "SyA1234567890"),
        ("cookie eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF123", "eyJzdWIiOiIxIn0"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out_and_the_rest_stays(text: str, secret: str) -> None:
    hidden = hide_in_text(text)

    assert secret not in hidden
    assert HIDDEN in hidden
    assert hidden.split()[0][:8] == text.split(maxsplit=1)[0][:8]


@pytest.mark.parametrize(
    "text",
    [
        "The key is under the mat.",
        "https://example.org/a?lang=ko&page=2",
        "토큰 수는 120개입니다.",
        "10:30 http://127.0.0.1:8000/x?y=1",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hide_in_text(text) == text


def test_counts_are_no_secrets() -> None:
    event = {"input_tokens": 10, "output_tokens": "12", "tokens": 22, "event": "called"}
    assert shown(**event) == event


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    assert isinstance(hide_in_text(text), str)


def test_a_long_value_is_cut_and_takes_no_time() -> None:
    assert len(str(shown(text="https://" + "a" * 1_000_000)["text"])) <= 20_000
