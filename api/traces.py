"""Traces of requests with OpenTelemetry: off, unless an endpoint for them is set.

The framework makes a span of each request, which goes on with the trace of whoever asked; within
it is one for each stage of an upload.
"""

import time

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider

NANOSECONDS = 1_000_000_000
NAMING = ("url.path", "url.query")
"""Attributes with the names of creators and works; `http.route` says what was asked."""


class Traces:
    """Makes spans, and hands them to what exports them.

    Attributes:
        provider: Of the spans of requests.
    """

    def __init__(self, exporting: SpanProcessor) -> None:
        """Take what exports.

        Args:
            exporting: Is handed every span.
        """
        self.provider = TracerProvider(resource=Resource.create({"service.name": "rakkan"}))
        self.provider.add_span_processor(_Nameless())
        self.provider.add_span_processor(exporting)
        self._tracer = self.provider.get_tracer("rakkan")

    @classmethod
    def exported(cls) -> "Traces":
        """Export as OpenTelemetry's own variables say."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        return cls(BatchSpanProcessor(OTLPSpanExporter()))

    def stage(self, stage: str, seconds: float) -> None:
        """Make the span of a stage that has ended just now, if its request is traced."""
        if trace.get_current_span().get_span_context().is_valid:
            now = time.time_ns()
            span = self._tracer.start_span(stage, start_time=now - int(seconds * NANOSECONDS))
            span.end(now)

    def close(self) -> None:
        """Export what is left."""
        self.provider.shutdown()


class _Nameless(SpanProcessor):
    """Takes out of spans what names people and their works."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """A span begins; its attributes cannot be changed any more when it has ended."""
        for name in NAMING:
            if name in (span.attributes or {}):
                span.set_attribute(name, "REDACTED")
