"""Answers kept pages where uvicorn would start a task for the application: one look-up, one write.

uvicorn spends two thirds of a kept page's time on the task, its messages and on writing the same headers
again (docs/decisions/0009). `_start_asgi_task` is its own seam, not a public one: if it moves, requests go
the usual way to the same answers, and a test says so.
"""

from typing import TYPE_CHECKING, cast

from starlette.types import Scope
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.web.page_cache import Pages
from app.web.request_log import request_name

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application


def readers_protocol(pages: Pages) -> type[HttpToolsProtocol]:
    """The protocol of uvicorn for HTTP/1.1, with a shortcut for what `pages` knows."""

    class ReadersProtocol(HttpToolsProtocol):
        answered = 0
        """Requests answered by the shortcut, over all connections."""

        @override
        def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
            # What is last on its connection, still has others before it, is slow to be read or is sent
            # with a body that must be asked for goes the usual way, which knows how.
            served: object = self.app  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # untyped there
            usual = (
                not cycle.keep_alive
                or self.pipeline
                or self.flow.write_paused
                or self.expect_100_continue
                or app is not served
            )
            found = None if usual else pages.known(cast("Scope", cycle.scope))
            if found is None:
                super()._start_asgi_task(cycle, app)
                return
            head = [found.head]
            for name, value in self.server_state.default_headers:
                head += (name, b": ", value, b"\r\n")
            head += (b"x-request-id: ", request_name(cycle.scope["headers"]), b"\r\n\r\n")
            if cycle.scope["method"] == "GET":
                head.append(found.body)
            cycle.response_started = cycle.response_complete = True
            self.transport.write(b"".join(head))
            ReadersProtocol.answered += 1
            self.on_response_complete()

    return ReadersProtocol
