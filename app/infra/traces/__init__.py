"""Traces: what came of a request, span by span, told to a collector if there is one (OpenTelemetry)."""

from app.infra.traces.opening import traced as traced
from app.infra.traces.spans import Attributes as Attributes
from app.infra.traces.spans import Span as Span
from app.infra.traces.spans import begin_trace as begin_trace
from app.infra.traces.spans import beneath as beneath
from app.infra.traces.spans import current_traceparent as current_traceparent
from app.infra.traces.spans import request_span as request_span
from app.infra.traces.spans import span as span
from app.infra.traces.spans import tell_past as tell_past
from app.infra.traces.spans import trace_id_of as trace_id_of
from app.infra.traces.spans import tracing as tracing
