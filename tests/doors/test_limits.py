"""Limits and addresses of stores on a real server: the API is held to its limits, readers are not."""

from pathlib import Path

import pytest

from tests import started
from tests.doors.conftest import environment_of, serving


def test_the_api_is_limited_and_the_blog_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'blog.db'}"
    with serving(tmp_path, url, ROLE="web", APP_LIMITS__ADDRESS_PER_MINUTE="3") as server:
        with server.anybody() as client:
            asked = [client.get("/api/v1/posts") for _ in range(5)]
            read = [client.get("/en/").status_code for _ in range(10)]
            probed = [client.get("/health/liveness").status_code for _ in range(10)]

    assert [answer.status_code for answer in asked] == [200, 200, 200, 429, 429]
    assert asked[0].headers["ratelimit"].startswith('"address";r=2;t=')
    assert asked[3].headers["content-type"] == "application/problem+json"
    assert int(asked[3].headers["retry-after"]) > 0
    assert set(read) == {200}
    assert set(probed) == {200}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REDIS_URL", "redis://:hunter2@127.0.0.1:1/x", "the database is a number"),
        ("REDIS_URL", "http://:hunter2@127.0.0.1", "write redis://host:6379/0"),
        ("BLOB_URL", "s3://key:hunter2@bucket", "AWS_ACCESS_KEY_ID"),
        ("TRUSTED_PROXIES", "proxy.example", "write 10.0.0.0/8"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    environment = environment_of(f"sqlite:///{tmp_path / 'blog.db'}", tmp_path) | {name: value}

    ended = started.run("serve", "--port", "0", folder=tmp_path, environment=environment)

    assert ended.returncode == 3
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout
