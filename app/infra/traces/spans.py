"""Spans as the rest of the program makes them: into nothing, unless a tracer was put here.

Knows nothing of OpenTelemetry, so that who does not trace does not load it. What passes between instances is
the `traceparent` of W3C Trace Context: `00-{trace}-{span}-{flags}`, in hexadecimal digits. Only a request and
an accepted job begin a trace; every other span stands beneath one, or is none.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Literal, Protocol

Attributes = Mapping[str, str | int | float | bool | Sequence[str]]
Kind = Literal["internal", "client"]

_PARTS = 4
_SPAN_DIGITS = 16


class Span(Protocol):
    """Something that takes time."""

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits; empty where nothing is traced."""
        ...

    def rename(self, name: str) -> None:
        """Call it by what is known by now."""
        ...

    def set(self, attributes: Attributes) -> None:
        """Say more of it. Never what people or models wrote: a collector is nobody's article store."""
        ...

    def fail(self, kind: str) -> None:
        """It went wrong; `kind` is a code or the name of an error, not its message."""
        ...

    def end(self) -> None:
        """It is over, before its block is."""
        ...


class Who(Protocol):
    """The process that tells spans."""

    @property
    def executor_id(self) -> str:
        """Its own at every boot."""
        ...

    @property
    def instance_id(self) -> str:
        """As log lines have it."""
        ...


class Tracer(Protocol):
    """What spans are told to. Nothing of it waits for a network, and nothing of it raises."""

    def request(self, name: str, headers: Mapping[str, str]) -> AbstractContextManager[Span]: ...

    def span(
        self, name: str, kind: Kind, parent: str | None, attributes: Attributes
    ) -> AbstractContextManager[Span]: ...

    def begin(self) -> str: ...

    def past(
        self,
        name: str,
        traceparent: str,
        parent: str,
        *,
        began: datetime,
        ended: datetime,
        attributes: Attributes,
        failure: str,
    ) -> None: ...

    def current(self) -> str: ...


class _NoSpan:
    """What there is where nothing is traced."""

    trace_id = ""

    def rename(self, name: str) -> None:
        pass

    def set(self, attributes: Attributes) -> None:
        pass

    def fail(self, kind: str) -> None:
        pass

    def end(self) -> None:
        pass


_NO_SPAN = _NoSpan()
_tracer: Tracer | None = None


def put_tracer(tracer: Tracer | None) -> None:
    """Tell spans to this one from here on; to nobody without one. `traced` does it."""
    global _tracer  # noqa: PLW0603  # one a process, as the log is
    _tracer = tracer


def tracing() -> bool:
    """Whether spans are told to anybody."""
    return _tracer is not None


def request_span(name: str, headers: Mapping[str, str]) -> AbstractContextManager[Span]:
    """A request's span: beneath that of its `traceparent`, if it came with a good one; else a new trace."""
    return nullcontext(_NO_SPAN) if _tracer is None else _tracer.request(name, headers)


def span(
    name: str,
    *,
    kind: Kind = "internal",
    parent: str | None = None,
    attributes: Attributes | None = None,
) -> AbstractContextManager[Span]:
    """A span beneath `parent`, a `traceparent`; None is the current one. Where there is none, it is none.

    What is raised within makes it a failure, by the name of the error alone.
    """
    if _tracer is None or not (_tracer.current() if parent is None else parent):
        return nullcontext(_NO_SPAN)
    return _tracer.span(name, kind, parent, attributes or {})


def begin_trace() -> str:
    """The trace that what is accepted now belongs to, to be kept with it: the current, or a new one.

    A new one has a span of zeros for a parent. Empty where nothing is traced.
    """
    return "" if _tracer is None else _tracer.begin()


def beneath(trace: str, name: str) -> str:
    """The `traceparent` of what is called `name` beneath `trace`: the same on every instance that works on it.

    So its spans can be told before it has ended, by whoever does a part of it.
    """
    if not trace:
        return ""
    version, trace_id, _, flags = trace.split("-")
    digest = hashlib.sha256(f"{trace_id}:{name}".encode()).hexdigest()
    return f"{version}-{trace_id}-{digest[:_SPAN_DIGITS]}-{flags}"


def tell_past(
    name: str,
    traceparent: str,
    parent: str,
    *,
    began: datetime,
    ended: datetime,
    attributes: Attributes,
    failure: str = "",
) -> None:
    """Tell a span as a whole, once it is over. `traceparent` is its own, `parent` the trace it belongs to."""
    if _tracer is not None and traceparent:
        _tracer.past(
            name,
            traceparent,
            parent,
            began=began,
            ended=ended,
            attributes=attributes,
            failure=failure,
        )


def current_traceparent() -> str:
    """What to send along with a request to somebody else; empty where nothing is traced."""
    return "" if _tracer is None else _tracer.current()


def trace_id_of(traceparent: str) -> str:
    """The trace's own id, for log lines; empty for what is no `traceparent`."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) == _PARTS else ""
