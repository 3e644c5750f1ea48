"""What the service tells of itself, read as its readers do: Prometheus' text, and OTLP's spans."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

SAMPLE: Final = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
LABEL: Final = re.compile(r'(\w+)="([^"]*)"')

Sample = tuple[str, dict[str, str], float]


def samples(exposition: bytes) -> list[Sample]:
    """Name, labels and value of each."""
    lines = [line for line in exposition.decode().splitlines() if not line.startswith("#")]
    found = [SAMPLE.fullmatch(line) for line in lines]
    assert all(found), lines
    return [(match[1], dict(LABEL.findall(match[2] or "")), float(match[3])) for match in found if match]


def total(exposition: bytes, name: str, **labels: str) -> float:
    """Of all samples with these labels among theirs."""
    return sum(
        value for found, theirs, value in samples(exposition) if found == name and labels.items() <= theirs.items()
    )


class Collector:
    """Keeps the spans that it is sent, each as its message of the protocol."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.resources: list[Any] = []
        self.port = 0


@contextmanager
def collecting() -> Iterator[Collector]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                sent = gzip.decompress(sent)
            assert self.path == "/v1/traces"
            for group in ExportTraceServiceRequest.FromString(sent).resource_spans:
                collector.resources.append(group.resource)
                collector.spans += [span for scope in group.scope_spans for span in scope.spans]
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a test looks at what came."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
