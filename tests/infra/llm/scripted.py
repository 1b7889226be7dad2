"""A loopback HTTP server that answers by a script: one prepared answer a request."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut: bool = False
    """Whether the connection is closed before the promised length came."""


@dataclass
class Script:
    """What is answered, in order; the last one again and again, or what `then` says. `asked` is what came in."""

    url: str
    answers: list[Answer]
    asked: list[dict[str, Any]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    then: Callable[[dict[str, Any]], Answer] | None = None
    dropped: threading.Event = field(default_factory=threading.Event)
    """Set when a client went away before its answer."""


def completion(content: str, *, finish: str = "stop", model: str = "scripted") -> Answer:
    """An answer of OpenAI's chat API."""
    message = {"role": "assistant", "content": content}
    return as_json(
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
        }
    )


def as_json(body: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(body).encode(), {"content-type": "application/json"} | named)


def failure(status: int, message: str = "no", **more: str) -> Answer:
    return as_json({"error": {"message": message, **more}}, status)


def joins_facts(asked: dict[str, Any]) -> Answer:
    """What a dull but honest model answers: the facts of the prompt; nothing usable where a shape is wanted."""
    if "response_format" in asked:
        return completion("no json")
    facts = asked["messages"][-1]["content"].rpartition("<facts>")[2].partition("</facts>")[0]
    return completion(" ".join(line.removeprefix("- ") for line in facts.strip().splitlines()))


@contextmanager
def scripted(
    *answers: Answer, then: Callable[[dict[str, Any]], Answer] | None = None
) -> Iterator[Script]:
    script = Script("", list(answers), then=then)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            script.asked.append({"path": self.path, **json.loads(body or b"{}")})
            self._answer()

        def do_GET(self) -> None:
            script.asked.append({"path": self.path})
            self._answer()

        def _answer(self) -> None:
            script.heads.append({name.lower(): value for name, value in self.headers.items()})
            if script.then and not script.answers:
                answer = script.then(script.asked[-1])
            else:
                last = len(script.answers) == 1 and script.then is None
                answer = script.answers[0] if last else script.answers.pop(0)
            end = time.monotonic() + answer.delay_s
            self.connection.settimeout(0.05)
            while time.monotonic() < end:
                try:
                    if self.connection.recv(1) == b"":
                        script.dropped.set()
                        self.close_connection = True
                        return
                except TimeoutError:
                    continue
            self.connection.settimeout(5)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            extra = 1000 if answer.cut else 0
            self.send_header("content-length", str(len(answer.body) + extra))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = answer.cut

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
