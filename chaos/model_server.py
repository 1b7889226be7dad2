"""An OpenAI-compatible server before a scripted model: real HTTP, and a log of every call it was paid for."""

import asyncio
import contextlib
import threading
import time
from typing import Any, Self, cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.cluster import free_port
from chaos.answers import answer_to, read_prompt
from chaos.calls import Call, CallLog

_GONE = 499
_UP_S = 15.0


class ModelServer:
    """Answers on loopback after `latency_s`, which may be changed at any time; `url` is for `LLM_BASE_URL`."""

    def __init__(self, *, latency_s: float = 0.5) -> None:
        self.latency_s = latency_s
        self.log = CallLog()
        self.port = free_port()
        app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/v1/models", self._models),
            ]
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=self.port,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._server.run, name="model server", daemon=True)

    @property
    def url(self) -> str:
        """Where it is, as `LLM_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + _UP_S
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the model server did not come up")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    async def _complete(self, request: Request) -> Response:
        arrived_at = time.time()
        body = cast("dict[str, Any]", await request.json())
        asked = read_prompt(body)
        text = answer_to(asked)
        call = self.log.add(
            Call(
                caller=request.headers.get("authorization", "").removeprefix("Bearer "),
                key=asked.key,
                stage="mend" if asked.mends else asked.stage,
                keyword=asked.keyword,
                heading=asked.heading,
                arrived_at=arrived_at,
                latency_s=self.latency_s,
                idempotency_key=request.headers.get("idempotency-key", ""),
                input_tokens=_tokens(str(body.get("messages"))),
                output_tokens=_tokens(text),
            )
        )
        if call.outcome != "replayed":
            left = await _goes_away(request, self.latency_s)
            call.outcome = "cut" if left else "answered"
            call.ended_at = time.time()
            if left:
                return Response(status_code=_GONE)
        call.ended_at = call.ended_at or time.time()
        return JSONResponse(_completion(str(body.get("model")), text, call))

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": "scripted", "object": "model"}]})


async def _goes_away(request: Request, seconds: float) -> bool:
    """Wait so long; True as soon as the caller's connection is gone."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            continue

    waiting = asyncio.ensure_future(gone())
    done, _ = await asyncio.wait({waiting}, timeout=seconds)
    if not done:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
    return bool(done)


def _completion(model: str, text: str, call: Call) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{call.key}",
        "object": "chat.completion",
        "created": int(call.arrived_at),
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": call.input_tokens,
            "completion_tokens": call.output_tokens,
            "total_tokens": call.input_tokens + call.output_tokens,
        },
    }


def _tokens(text: str) -> int:
    """About four signs each, as the usual tokenisers count English."""
    return max(1, len(text) // 4)
