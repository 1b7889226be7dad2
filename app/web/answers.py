"""Whole answers as a cache keeps them: status, headers and the body in every form, ready to be sent."""

import json
import struct
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, TypeAdapter
from starlette.types import Send

from app.web.encodings import FORMS, accepted, compress

Headers = list[tuple[bytes, bytes]]

_OURS = {b"content-length", b"content-encoding", b"vary"}
_UNCHANGED = {b"etag", b"cache-control", b"vary", b"link", b"content-location", b"expires"}
"""What a 304 repeats (RFC 9110, 15.4.5)."""

_NOT_MODIFIED = 304


@dataclass(slots=True, eq=False)
class Answer:
    """One answer to everybody who asks the same."""

    status: int
    headers: Headers
    """Without those of a form."""
    forms: dict[str, bytes]
    starts: dict[str, Headers]
    """The headers of each form, complete."""
    etag: bytes
    """Its opaque part; empty without one."""
    unchanged: Headers
    """The headers of a 304."""

    def form(self, accept_encoding: bytes) -> str:
        """The form to send; the body as it is where nothing acceptable is there."""
        for form in accepted(accept_encoding):
            if form in self.forms:
                return form
        return ""


def make_answer(status: int, headers: Headers, forms: dict[str, bytes]) -> Answer:
    """An answer from what an application sent; its strong tag turns weak where there are several forms."""
    kept = [(name.lower(), value) for name, value in headers if name.lower() not in _OURS]
    etag = b""
    for at, (name, value) in enumerate(kept):
        if name == b"etag":
            etag = value.removeprefix(b"W/")
            kept[at] = (name, b"W/" + etag)
    others = [value for name, value in headers if name.lower() == b"vary"]
    others = [value for value in others if value.strip().lower() != b"accept-encoding"]
    vary = [(b"vary", b", ".join([*others, b"Accept-Encoding"]))]
    starts: dict[str, Headers] = {}
    for form, body in forms.items():
        encoding = [(b"content-encoding", form.encode())] if form else []
        length = [(b"content-length", b"%d" % len(body))]
        starts[form] = [*kept, *vary, *encoding, *length]
    unchanged = [(name, value) for name, value in (*kept, *vary) if name in _UNCHANGED]
    return Answer(status, kept, forms, starts, etag, unchanged)


def finish_answer(status: int, headers: Headers, body: bytes) -> Answer:
    """An answer with every form of its body."""
    return make_answer(status, headers, compress(body))


def has_already(answer: Answer, if_none_match: bytes) -> bool:
    """Whether the reader holds this very answer (weak comparison, RFC 9110, 13.1.2)."""
    if not answer.etag or answer.status != 200:  # noqa: PLR2004  # only what was found can be unchanged
        return False
    given = (part.strip().removeprefix(b"W/") for part in if_none_match.split(b","))
    return any(tag in {b"*", answer.etag} for tag in given)


async def send_answer(
    answer: Answer, send: Send, *, method: str, accept_encoding: bytes, if_none_match: bytes | None
) -> None:
    """Send it in the form that the reader accepts; 304 where it has it, no body for HEAD."""
    if if_none_match is not None and has_already(answer, if_none_match):
        start = {"type": "http.response.start", "status": _NOT_MODIFIED}
        await send({**start, "headers": list(answer.unchanged)})
        await send({"type": "http.response.body", "body": b""})
        return
    form = answer.form(accept_encoding)
    start = {"type": "http.response.start", "status": answer.status}
    await send({**start, "headers": list(answer.starts[form])})
    body = b"" if method == "HEAD" else answer.forms[form]
    await send({"type": "http.response.body", "body": body})


_HEAD = TypeAdapter(
    tuple[
        Annotated[int, Field(ge=200, le=499)],
        list[tuple[str, str]],
        list[tuple[str, Annotated[int, Field(ge=0)]]],
    ]
)


class AnswerCodec:
    """Answers as bytes: the length of a line of JSON, the line, the bodies. Nothing in it is run."""

    def size(self, value: Answer) -> int:
        """Bytes of its bodies and headers."""
        headers = sum(len(name) + len(text) for name, text in value.headers)
        return sum(map(len, value.forms.values())) + headers * (len(value.forms) + 1)

    def encode(self, value: Answer) -> bytes:
        """The answer as bytes."""
        headers = [(name.decode("latin-1"), text.decode("latin-1")) for name, text in value.headers]
        lengths = [(form, len(body)) for form, body in value.forms.items()]
        head = json.dumps([value.status, headers, lengths]).encode()
        return struct.pack(">I", len(head)) + head + b"".join(value.forms.values())

    def decode(self, data: bytes) -> Answer:
        """The answer of bytes.

        Raises:
            ValueError: they are something else, or an answer that is for one person alone.
        """
        if len(data) < 4:  # noqa: PLR2004  # the length of the length
            raise ValueError("not an answer")
        (length,) = struct.unpack_from(">I", data)
        at = 4 + length
        status, headers, lengths = _HEAD.validate_json(data[4:at])
        forms: dict[str, bytes] = {}
        for form, size in lengths:
            forms[form] = data[at : at + size]
            at += size
        if at != len(data) or "" not in forms or not forms.keys() <= set(FORMS):
            raise ValueError("not a whole answer")
        if any(name == "set-cookie" for name, _ in headers):
            raise ValueError("an answer for one person")
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return make_answer(status, raw, forms)
