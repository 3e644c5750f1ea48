"""OpenTelemetry: each request as a span with its statements below it, sent to ``OTEL_EXPORTER_OTLP_ENDPOINT``.

Nothing of it is loaded before ``start``. The spans are made once the answer has been sent, of what the record has kept.
"""

import os
import time
from contextvars import ContextVar
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import todo_project
from core.telemetry import records
from core.telemetry.records import Record
from core.telemetry.traces import Trace

if TYPE_CHECKING:
    from opentelemetry.context import Context

NEEDED: Final = {
    "opentelemetry.sdk": "opentelemetry-sdk",
    "opentelemetry.exporter.otlp.proto.http": "opentelemetry-exporter-otlp-proto-http",
}
FLUSH_MILLISECONDS: Final = 500
# Whose ids the next span has: the log and the model's provider were told of them.
_told: Final[ContextVar[Trace | None]] = ContextVar("told", default=None)
_provider: Any = None
_tracer: Any = None


def missing() -> str:
    """What is to be installed; empty: nothing."""
    try:
        absent = [package for module, package in NEEDED.items() if find_spec(module) is None]
    except ModuleNotFoundError:
        absent = list(NEEDED.values())
    return "pip install -r requirements-otel.txt" if absent else ""


def start(endpoint: str) -> None:
    """In a worker: it sends by a thread of its own."""
    # Here: 15 MB that nobody else has a use for.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            told = _told.get()
            return int(told.trace_id, 16) if told else super().generate_trace_id()

        def generate_span_id(self) -> int:
            told = _told.get()
            return int(told.span_id, 16) if told else super().generate_span_id()

    global _provider, _tracer
    name = os.environ.get("OTEL_SERVICE_NAME", "todo-backend")
    resource = Resource.create({"service.name": name, "service.version": todo_project.__version__})
    _provider = TracerProvider(resource=resource, id_generator=Ids())
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    _tracer = _provider.get_tracer("todo_project")
    records.keep_texts()


def flush() -> None:
    """Before the worker vanishes."""
    if _provider is not None:
        _provider.force_flush(FLUSH_MILLISECONDS)


def tell(record: Record | None, method: str | None, status: int, seconds: float) -> None:
    if _tracer is None or record is None:
        return
    ended = time.time()
    attributes: dict[str, Any] = {
        "http.request.method": method,
        "http.response.status_code": status,
        "request.id": record.request_id,
        **({"http.route": record.route} if record.route else {}),
        **({"user.id": records.shown_id(record.user_id)} if record.user_id else {}),
    }
    span = _begin(record, f"{method} {record.route or ''}".strip(), attributes, ended - seconds)
    _tell_statements(record, span)
    _mark(span, status)
    span.end(_nanoseconds(ended))


def _begin(record: Record, name: str, attributes: dict[str, Any], begun: float) -> Any:
    from opentelemetry.trace import SpanKind

    token = _told.set(record.trace)
    try:
        above = _above(record.trace)
        return _tracer.start_span(name, above, SpanKind.SERVER, attributes, start_time=_nanoseconds(begun))
    finally:
        _told.reset(token)


def _above(trace: Trace) -> "Context":
    """The caller's span, or nothing."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    if not trace.parent_id:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if trace.is_sampled else TraceFlags.DEFAULT)
    above = SpanContext(int(trace.trace_id, 16), int(trace.parent_id, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(above), Context())


def _tell_statements(record: Record, span: Any) -> None:
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind, set_span_in_context

    below = set_span_in_context(span, Context())
    for text, begun, ended in record.texts or ():
        words = text.split(maxsplit=1)
        name = words[0].upper() if words else "SQL"
        child = _tracer.start_span(
            name, below, SpanKind.CLIENT, {"db.query.text": text}, start_time=_nanoseconds(begun)
        )
        child.end(_nanoseconds(ended))


def _mark(span: Any, status: int) -> None:
    from opentelemetry.trace import Status, StatusCode

    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
