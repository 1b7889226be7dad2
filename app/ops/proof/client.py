"""Speaks to one instance as an operator's program does."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx2

_TIMEOUT_S = 5.0


class Refused(Exception):
    """The instance answered with an error, or not at all. `status` is 0 when it did not answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Remote:
    """One instance by its address."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx2.AsyncClient(
            base_url=self.url,
            timeout=_TIMEOUT_S,
            headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"},
            trust_env=False,  # the instances themselves are asked, not a proxy in between
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The answer, whatever its status.

        Raises:
            Refused: there is none.
        """
        try:
            return await self._http.request(
                method, path, json=json, content=content, headers=headers
            )
        except httpx2.HTTPError as error:
            raise Refused(0, f"does not answer ({type(error).__name__})") from error

    async def call(
        self, method: str, path: str, *, json: Mapping[str, Any] | None = None, **more: Any
    ) -> Any:
        """The JSON of a good answer, None where there is no body.

        Raises:
            Refused: the answer is an error; says what the instance said.
        """
        answer = await self.ask(method, path, json=json, **more)
        if answer.status_code >= 400:  # noqa: PLR2004  # errors, RFC 9110
            raise Refused(answer.status_code, _detail(answer))
        return answer.json() if answer.content else None

    async def anonymous(self, path: str) -> httpx2.Response:
        """A page as a reader gets it: without the key."""
        request = self._http.build_request("GET", path)
        del request.headers["Authorization"]
        try:
            return await self._http.send(request)
        except httpx2.HTTPError as error:
            raise Refused(0, f"does not answer ({type(error).__name__})") from error

    async def first_event(self, path: str) -> bool:
        """Whether a stream of events brings one."""
        try:
            async with self._http.stream("GET", path) as answer:
                if answer.status_code >= 400:  # noqa: PLR2004  # errors, RFC 9110
                    return False
                async for line in answer.aiter_lines():
                    if line.startswith("id:"):
                        return True
        except httpx2.HTTPError as error:
            raise Refused(0, f"broke the stream off ({type(error).__name__})") from error
        return False


def _detail(answer: httpx2.Response) -> str:
    try:
        return str(answer.json().get("detail", answer.status_code))
    except (ValueError, AttributeError):
        return f"answered {answer.status_code}"
