"""What the load is put on: a fleet with all its services, articles to read, articles and jobs to write."""

import asyncio
import hashlib
import http.client
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from app.cluster import CannotStart, Fleet, Instance
from app.config import Settings
from app.infra.db import open_database
from app.posts.repository import Posts
from app.posts.schemas import ArticleIn
from app.posts.service import publish_post, save_article
from chaos.availability.balancer import TwofoldNginx
from chaos.availability.orders import Kind
from chaos.ledger import Ledger
from tests.doors import people
from tests.limits import UNMET

HOST = "localhost"
"""Whom readers ask for: a page names the host it was asked by, so all must name the same one."""

EDITED = 40
"""Articles that are edited in turn: writers of one article wait for each other, as they must."""

DISK_MIB = 24
"""The disk of the instance that runs out of it."""

_SENTENCE = (
    "A load balancer spreads requests over servers and asks each of them whether it is well. "
)


class Town:
    """A context; everything ends with it, however it is left."""

    def __init__(
        self,
        size: int,
        *,
        policy: Settings | None = None,
        settings: Mapping[str, str] | None = None,
        files: bool = True,
        small_disk: bool = False,
    ) -> None:
        """Without `files` there is no S3. `small_disk`: the first instance has a small one."""
        self._size = size
        self._policy = policy or Settings()
        self._settings = {**UNMET, **(settings or {})}
        self._files = files
        self.disk: Path | None = None
        self._wants_disk = small_disk and os.geteuid() == 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self) -> None:
        root = Path(tempfile.mkdtemp(prefix="blogger-town-"))
        self._stack.callback(shutil.rmtree, root, ignore_errors=True)
        if os.geteuid() == 0:
            root.chmod(0o711)  # PostgreSQL is `nobody` then, and has to get to its folder
        own: list[dict[str, str]] = []
        if self._wants_disk:
            self.disk = _mount(root / "disk", self._stack)
            if self.disk:
                own = [{"DATA_DIR": str(self.disk), "TMPDIR": str(self.disk)}]
        self.fleet = Fleet(
            self._size,
            balancer=None,
            policy=self._policy,
            settings=self._settings,
            own=own,
            blob_url=None if self._files else "",
            home=root / "fleet",
        )
        self._stack.callback(self._end_fleet)
        self.fleet.start()
        addresses = [each.address for each in self.fleet.instances]
        self.nginx = TwofoldNginx(self._policy, addresses, home=root / "fleet" / "nginx")
        self.fleet.balancer = self.nginx
        self.nginx.start()
        if self.fleet.postgres is None:
            raise CannotStart("the fleet has no PostgreSQL of its own")
        url = self.database_url = self.fleet.postgres.url
        self.path, self.edited = asyncio.run(_write_articles(url))
        self.ledger = Ledger(url)
        self._stack.callback(self.ledger.close)
        owner = people.make_person(url, "owner@example.org", "owner")
        self.key = people.make_key(url, owner, ("read", "write", "publish"))
        self.page = self.same_page()

    def _end_fleet(self) -> None:
        for instance in self.fleet.instances:
            instance.kill()  # nobody waits for what still runs
        self.fleet.close()

    @property
    def instances(self) -> list[Instance]:
        """Those of the fleet."""
        return self.fleet.instances

    def same_page(self) -> str:
        """The SHA-256 of the page that every instance must answer with.

        Raises:
            CannotStart: they do not answer alike, so no body can be judged.
        """
        found = {_fetch(each.port, self.path) for each in self.instances}
        if len(found) != 1:
            raise CannotStart("the instances answer the same page with different bytes")
        return hashlib.sha256(found.pop()).hexdigest()

    def kinds(self, **shares: float) -> tuple[Kind, ...]:
        """The requests that have a share, by their names.

        `kept`: a page behind the micro-cache; `page`: the same one from the instances' own caches; `list`:
        from the database, kept by nobody; `edit` and `job` write.
        """
        key = self.key
        source = {"text": _SENTENCE * 6, "rights": "own"}
        job = json.dumps({"keyword": "{keyword}", "language": "en", "sources": [source]})
        port, plain = self.nginx.port, self.nginx.plain_port
        known = {
            "kept": Kind("kept", port, 0, "page", self.path, HOST, right=(self.page,)),
            "page": Kind("page", plain, 0, "page", self.path, HOST, right=(self.page,)),
            "list": Kind(
                "list", plain, 0, "list", "/api/v1/posts?limit=5", HOST, right=(self.path,)
            ),
            "edit": Kind(
                "edit",
                plain,
                0,
                "edit",
                "/api/v1/posts/edited-{m}/publish",
                HOST,
                method="POST",
                body='{"at": "{moment}Z"}',
                key=key,
                places=EDITED,
            ),
            "job": Kind(
                "job",
                plain,
                0,
                "job",
                "/api/v1/generate-post",
                HOST,
                method="POST",
                body=job,
                key=key,
            ),
        }
        return tuple(replace(known[name], share=share) for name, share in shares.items() if share)

    def jobs_kept(self, ids: list[str]) -> int:
        """How many of these jobs the database has."""
        found = self.ledger.rows(
            "select count(*) from jobs where id::text = any(%s)", sorted(set(ids))
        )
        return int(found[0][0])


async def _write_articles(url: str) -> tuple[str, list[str]]:
    """One article to read, a page of about 12 KB, and those that are edited; answers its path, their slugs."""
    database = open_database(url)
    now = datetime.now(UTC)
    edited = [f"edited-{n}" for n in range(EDITED)]
    try:
        async with database.unit() as session:
            posts = Posts(session)
            read = await save_article(posts, _article("Load balancing", "read", 26), now=now)
            read = await publish_post(posts, read.id, now=now, through=True)
            for slug in edited:
                await save_article(posts, _article(f"Kept back {slug}", slug, 6), now=now)
    finally:
        await database.close()
    return read.path, edited


def _article(title: str, slug: str, paragraphs: int) -> ArticleIn:
    return ArticleIn(
        language="en",
        title=title,
        slug=slug,
        meta_description="What a load balancer does.",
        keyphrase="load balancing",
        markdown="\n\n".join([_SENTENCE * 4] * paragraphs),
    )


def _fetch(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": HOST})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise CannotStart(f"{path} answers {answer.status}")
    return body


def _mount(folder: Path, stack: ExitStack) -> Path | None:
    """A file system of its own, in memory and small; None where the machine does not let us."""
    folder.mkdir()
    size = f"size={DISK_MIB}m"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        return None
    stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=False, capture_output=True)
    return folder
