"""A job whose article may not go out yet is scheduled by itself, on a real server."""

from datetime import datetime, timedelta
from pathlib import Path

from tests.doors.conftest import COPIES, serving
from tests.doors.test_api import REQUEST, ended


def test_over_the_pace_a_finished_article_waits_for_its_slot(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'blog.db'}"
    with (
        serving(tmp_path, url, APP_PUBLISHING__PER_DAY="1", **COPIES) as server,
        server.operator() as client,
    ):
        jobs = [
            ended(client, client.post("/api/v1/generate-post", json=REQUEST).json()["job_id"])
            for _ in range(2)
        ]
        posts = [client.get(f"/api/v1/posts/{job['post_id']}").json() for job in jobs]
        by_hand = client.post(f"/api/v1/posts/{posts[1]['id']}/publish")

    assert [job["result"]["state"] for job in jobs] == ["published", "scheduled"]
    assert [job["result"]["held"] for job in jobs] == [[], []]
    first = datetime.fromisoformat(posts[0]["published_at"])
    assert datetime.fromisoformat(posts[1]["publish_at"]) == first + timedelta(days=1)
    assert by_hand.status_code == 409
