"""A language model's service on loopback: real HTTP, OpenAI's chat completions, answers from a script.

with ModelServer() as server:
    server.script(calls(("add_task", {"title": "Buy milk"})), says("Done."))
    ... LLM_BASE_URL=server.base_url ...
    assert server.requests[1].messages[-1]["role"] == "tool"
"""

import json
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final

from testing.model_answers import ModelAnswer, Request, Scripted, fails

MODEL: Final = "scripted-1"
REQUEST_ID: Final = "req_0123456789abcdef"


class ModelServer:
    """Answers one call after the other by the script, then always ``always``, if there is one.

    A call beyond the script is answered 400 and kept in ``unexpected``.
    """

    def __init__(self, always: Scripted | None = None) -> None:
        self.always = always
        self.requests: list[Request] = []
        self.unexpected: list[Request] = []
        # How many callers went away before their answer was over.
        self.hang_ups = 0
        self._script: deque[Scripted] = deque()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def script(self, *answers: Scripted) -> None:
        """Adds to what is left of the script."""
        with self._lock:
            self._script.extend(answers)

    @property
    def left(self) -> int:
        """How many scripted answers nobody has asked for yet."""
        return len(self._script)

    def stop(self) -> None:
        """Twice is once. Answers under way end."""
        self._stopped.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def __enter__(self) -> "ModelServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(self, request: Request) -> ModelAnswer:
        with self._lock:
            self.requests.append(request)
            scripted = self._script.popleft() if self._script else self.always
            if scripted is None:
                self.unexpected.append(request)
                return fails(400, message="The script is over.")
        return scripted if isinstance(scripted, ModelAnswer) else scripted(request)

    def note_hang_up(self) -> None:
        with self._lock:
            self.hang_ups += 1

    def sleep(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise ConnectionAbortedError("the server stops")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Each event goes at once, as from real services.
    disable_nagle_algorithm = True
    server: "_Server"

    def handle(self) -> None:
        # A kept connection may be dropped between two calls.
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        """Of the models, to whoever has a key."""
        has_key = self.headers.get("Authorization", "").startswith("Bearer sk-")
        body = json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}).encode()
        self.send_response(200 if has_key and self.path == "/v1/models" else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(headers, json.loads(body), self.client_address[1])
        known = self.path.partition("?")[0] == "/v1/chat/completions"
        try:
            self._send(self.server.model.answer(request) if known else fails(404, message="No such path."), request)
        except ConnectionError:
            self.server.model.note_hang_up()
            self.close_connection = True

    def _send(self, answer: ModelAnswer, request: Request) -> None:
        self.server.model.sleep(answer.seconds_before)
        if answer.body is None and request.body.get("stream"):
            self._stream(answer, request)
            return
        whole = json.dumps(_completion(answer)).encode() if answer.body is None else answer.body
        self._head(answer, {"Content-Type": "application/json", "Content-Length": str(len(whole))})
        self.wfile.write(whole)

    def _stream(self, answer: ModelAnswer, request: Request) -> None:
        self._head(answer, {"Content-Type": "text/event-stream; charset=utf-8", "Transfer-Encoding": "chunked"})
        for place, event in enumerate(_events(answer, request)):
            if place == answer.cut_after:
                self.close_connection = True
                return
            if place == answer.pause[0]:
                self.server.model.sleep(answer.pause[1])
            self._chunk(b'data: {"id": "chatcmpl-\n\n' if place == answer.garble_after else b"data: %s\n\n" % event)
            self.server.model.sleep(answer.seconds_between)
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _head(self, answer: ModelAnswer, headers: Mapping[str, str]) -> None:
        self.send_response(answer.status)
        for name, value in {**headers, "x-request-id": REQUEST_ID, **answer.headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Fifty may come at once.
    request_queue_size = 128

    def __init__(self, model: ModelServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = model


def _events(answer: ModelAnswer, request: Request) -> Iterator[bytes]:
    for delta in answer.deltas:
        yield _chunk(answer, delta, None)
    if answer.finish:
        yield _chunk(answer, {"role": "assistant"} if answer.is_gemini else {}, answer.finish)
    options = request.body.get("stream_options") or {}
    if answer.usage and options.get("include_usage") and not answer.is_gemini:
        yield json.dumps(_document("chat.completion.chunk") | {"choices": [], "usage": answer.usage}).encode()


def _chunk(answer: ModelAnswer, delta: Mapping[str, Any], finish: str | None) -> bytes:
    if answer.is_gemini:
        choice = {"index": 0, "delta": delta} | ({"finish_reason": finish} if finish else {})
        counted = {"usage": answer.usage} if answer.usage else {}
        return json.dumps(_document("chat.completion.chunk") | {"choices": [choice]} | counted).encode()
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return json.dumps(_document("chat.completion.chunk") | {"choices": [choice], "usage": None}).encode()


def _completion(answer: ModelAnswer) -> dict[str, Any]:
    choice = {"index": 0, "message": answer.message, "logprobs": None, "finish_reason": answer.finish}
    return _document("chat.completion") | {"choices": [choice], "usage": answer.usage}


def _document(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-0123456789", "object": kind, "created": int(time.time()), "model": MODEL}
