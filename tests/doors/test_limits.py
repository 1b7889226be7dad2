"""Limits on a real server: the API is held to them, readers are not."""

from pathlib import Path

from tests.doors.conftest import serving


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
