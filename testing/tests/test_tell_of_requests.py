"""A whole run of a real server with two workers: what its log, metrics and traces tell, and what they do not."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from testing.databases import copied_database
from testing.mail_server import MailServer
from testing.model_answers import calls, fails, says
from testing.model_server import MODEL, ModelServer
from testing.service import Server, free_port, serving, wait_until
from testing.tests.telemetry import Collector, collecting, total

METRICS_TOKEN: Final = "planted-metrics-token-51aa"
MODEL_KEY: Final = "sk-planted-model-key-77cd"
PASSWORD: Final = "planted horse battery 94f1"
EMAIL: Final = "planted.carol@example.com"
# What people say, in each place where they can.
WORDS: Final = ("planted-title", "planted-search", "planted-message", "planted-agent", "planted-path", "planted-header")
CALLER: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLERS_SPAN: Final = "00f067aa0ba902b7"
TRACEPARENT: Final = f"00-{CALLER}-{CALLERS_SPAN}-01"
JSON: Final = {"Content_Type": "application/json", "User_Agent": "planted-agent"}


@dataclass
class Run:
    server: Server
    metrics_port: int
    model: ModelServer
    collector: Collector
    secrets: list[str]
    user_id: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        # Of a line under way there is half.
        return [json.loads(line) for line in self.server.log.read_text().rpartition("\n")[0].splitlines()]

    @property
    def workers(self) -> set[int]:
        """Who have answered something."""
        return {line["pid"] for line in self.lines if line["logger"] == "access"}

    def line(self, request_id: str) -> dict[str, Any]:
        """The request's, which follows its answer."""

        def find() -> list[dict[str, Any]]:
            return [line for line in self.lines if line["logger"] == "access" and line["request_id"] == request_id]

        wait_until(lambda: bool(find()))
        [line] = find()
        return line

    def metrics(self, **headers: str) -> bytes:
        elsewhere = Server(self.server.process, self.metrics_port, self.server.log)
        status, _, body = elsewhere.send("/metrics", None, **headers)
        assert status == 200
        return body


@pytest.fixture(scope="module")
def run(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("telling")
    metrics_port = free_port()
    with (
        copied_database(template, folder) as url,
        ModelServer() as model,
        MailServer() as mails,
        collecting() as collector,
    ):
        settings = {
            "DATABASE_URL": url, "WEB_CONCURRENCY": "2", "LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json",
            "METRICS_TOKEN": METRICS_TOKEN, "METRICS_PORT": str(metrics_port), "GIT_COMMIT": "abc123",
            "LLM_BASE_URL": model.base_url, "LLM_MODEL": MODEL, "LLM_API_KEY": MODEL_KEY,
            "EMAIL_URL": mails.url, "MAIL_FROM": "todo@todo.example", "PUBLIC_URL": "https://app.example.com",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
            "BETTER_AUTH_SECRET": "planted-shared-secret-0f2e9c41b7aa53d8", "AUTH_RATE_LIMIT": "8/min",
        }  # fmt: skip
        with serving(folder / "log", settings) as server:
            made = _sign_up(server)
            secrets = [made["access_token"], made["refresh_token"], METRICS_TOKEN, MODEL_KEY, PASSWORD, EMAIL, *WORDS]
            run = Run(server, metrics_port, model, collector, secrets, made["user"]["id"])
            # Which one takes a request is the kernel's to say, and one may come later than the other.
            wait_until(lambda: server.is_healthy() and len(run.workers) == 2)
            _live(run, made["access_token"])
            secrets += [word for mail in mails.wait_for(2) for word in re.findall(r"token=([\w.-]+)", str(mail))]
            yield run


def _send(server: Server, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    sent = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    status, _, content = server.send(path, sent, **{**JSON, **headers})
    return status, content


def _sign_up(server: Server) -> Any:
    status, content = _send(server, "/api/auth/signup", {"email": EMAIL, "password": PASSWORD, "name": "planted-title"})
    assert status == 201
    return json.loads(content)


def _live(run: Run, token: str) -> None:
    """Each kind of request once, faults included."""
    server, bearer = run.server, {"Authorization": f"Bearer {token}"}
    statuses: dict[str, int] = {}

    def send(path: str, body: Any = None, **headers: str) -> bytes:
        named = {"X_Request_ID": f"request-{len(statuses)}-of-many", **bearer, **headers}
        statuses[named["X_Request_ID"]], content = _send(server, path, body, **named)
        return bytes(content)

    task = json.loads(send(f"/api/{run.user_id}/tasks", {"title": "planted-title"}, X_Request_ID="makes-a-task"))
    send(f"/api/{run.user_id}/tasks?search=planted-search", X_Request_ID="lists", traceparent=TRACEPARENT)
    send(f"/api/{run.user_id}/tasks/{task['id']}", b'{"title": "planted-title', method="PATCH")
    send(f"/api/{run.user_id}/tasks", {"title": "planted-title" * 100, "due_at": "planted-title"})
    send("/api/planted-path/tasks")
    send("/planted-path?planted-path", X_Request_ID="goes-astray")
    send("/static/planted-path")
    send("/admin/login/?next=/planted-path", X_Request_ID="sees-a-page")
    send("/api/auth/login", {"email": EMAIL, "password": "planted-title"}, X_Request_ID="guesses")
    send("/api/auth/me", Authorization=f"Bearer {token}planted-header", X_Request_ID="is-refused")
    send("/api/auth/me", Authorization="Basic planted-header", Cookie="planted-header=1", Referer="planted-header")
    send("/api/auth/password/forgot", {"email": EMAIL})
    run.model.script(calls(("add_task", {"title": "planted-title"})), says("planted-message"))
    send(f"/api/{run.user_id}/chat", {"message": "planted-message"}, traceparent=TRACEPARENT, X_Request_ID="chats")
    run.model.script(fails(401, message="planted-message"))
    send("/api/chat", {"message": "planted-message"}, Accept="text/event-stream", X_Request_ID="fails")
    for _ in range(10):
        send("/api/auth/login", {"email": EMAIL, "password": "planted-title"})
    send("/api/auth/refresh", {"refresh_token": run.secrets[1]}, X_Request_ID="is-last")
    for request_id in statuses:
        run.line(request_id)
    assert {200, 201, 400, 401, 403, 404, 422, 429} <= {*statuses.values()}


def test_each_line_of_the_log_is_an_object_with_its_time_in_utc(run: Run) -> None:
    for line in run.lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line["time"])
        assert {"level", "logger", "request_id", "pid"} <= line.keys()


def test_no_line_holds_what_was_planted(run: Run) -> None:
    written = run.server.log.read_text()

    assert [secret for secret in run.secrets if secret in written] == []
    # There was much to tell.
    assert len(written.splitlines()) > 40


def test_metrics_and_traces_hold_nothing_of_it_either(run: Run) -> None:
    told = run.metrics(Authorization=f"Bearer {METRICS_TOKEN}").decode() + str(run.collector.spans)

    assert [secret for secret in run.secrets if secret in told] == []


def test_a_request_tells_its_route_caller_and_statements(run: Run) -> None:
    line = run.line("makes-a-task")

    assert (line["method"], line["route"], line["status"]) == ("POST", "/api/{user_id}/tasks", 201)
    assert (line["user_id"], line["code"], line["level"]) == (run.user_id, None, "info")
    assert line["sql"] > 0
    assert 0 < line["sql_ms"] <= line["ms"]
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", line["traceparent"])


def test_a_refusal_tells_its_code_and_nobody(run: Run) -> None:
    line = run.line("is-refused")

    assert (line["status"], line["code"], line["user_id"]) == (401, "token_invalid", None)
    astray = run.line("goes-astray")
    assert (astray["status"], astray["route"]) == (404, None)


def test_a_trace_goes_on_through_the_service_to_the_model(run: Run) -> None:
    _, trace, own, _ = run.line("chats")["traceparent"].split("-")
    asked = [request for request in run.model.requests if CALLER in request.headers.get("traceparent", "")]

    assert (trace, own != CALLERS_SPAN) == (CALLER, True)
    assert {request.headers["traceparent"] for request in asked} == {f"00-{CALLER}-{own}-01"}
    assert len(asked) == 2


def test_the_collector_gets_each_request_with_its_statements_below(run: Run) -> None:
    own = bytes.fromhex(run.line("lists")["traceparent"].split("-")[2])
    wait_until(lambda: any(span.span_id == own for span in run.collector.spans))
    [span] = [span for span in run.collector.spans if span.span_id == own]
    below = [other for other in run.collector.spans if other.parent_span_id == own]

    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == (
        "GET /api/{user_id}/tasks", CALLER, CALLERS_SPAN,
    )  # fmt: skip
    assert len(below) == run.line("lists")["sql"]
    assert all(span.start_time_unix_nano <= other.start_time_unix_nano for other in below)
    roots = [span for span in run.collector.spans if not span.parent_span_id]
    assert all(line["traceparent"] for line in run.lines if line["logger"] == "access" and line["method"])
    assert len({span.trace_id for span in roots}) == len(roots) > 5


def test_metrics_add_up_over_the_workers_on_either_port(run: Run) -> None:
    with_token = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    lines = [line for line in run.lines if line["logger"] == "access"]
    lists = [line for line in lines if line["route"] == "/api/{user_id}/tasks" and line["method"] == "GET"]
    failed = [line for line in lines if line["route"] == "/api/auth/login" and line["status"] == 401]
    labels = {"route": "/api/{user_id}/tasks", "method": "GET"}

    assert len({line["pid"] for line in lines}) == 2
    for told in (run.metrics(**with_token), run.server.send("/metrics", None, Host="10.1.2.3", **with_token)[2]):
        assert total(told, "todo_http_requests_total", **labels) == len(lists)
        assert total(told, "todo_http_request_duration_seconds_count", **labels) == len(lists)
        assert total(told, "todo_http_request_duration_seconds_bucket", le="+Inf", **labels) == len(lists)
        assert total(told, "todo_auth_events_total", kind="login_failed") == len(failed) > 0
        assert total(told, "todo_limits_hit_total") == len([line for line in lines if line["status"] == 429]) > 0
        assert total(told, "todo_chat_turns_total", outcome="answered") == 1
        assert total(told, "todo_chat_turns_total", outcome="model_failed") == 1
        assert total(told, "todo_model_failures_total") == 1
        assert total(told, "todo_model_tokens_total") > 0


@pytest.mark.parametrize("token", [None, "Bearer", "Bearer wrong", f"Basic {METRICS_TOKEN}", "Bearer \u00e9"])
def test_metrics_are_for_whoever_has_the_token(run: Run, token: str | None) -> None:
    headers = {"Authorization": token} if token else {}
    elsewhere = Server(run.server.process, run.metrics_port, run.server.log)

    assert run.server.send("/metrics", None, **headers)[0] == 401
    assert elsewhere.send("/metrics", None, **headers)[0] == 401
    assert elsewhere.send("/api/auth/me", None, **headers)[0] == 404


def test_the_probes_tell_version_and_commit_whatever_the_host(run: Run) -> None:
    for path in ("/health", "/health/ready"):
        status, _, content = run.server.send(path, Host="10.1.2.3")
        told = json.loads(content)

        assert (status, told["commit"], bool(told["version"])) == (200, "abc123", True)


def test_what_the_server_refuses_by_itself_has_a_line_too(run: Run) -> None:
    path = "/" + "planted-path" * 2000
    assert run.server.send(path, X_Request_ID="is-too-long")[0] == 414

    line = run.line("is-too-long")
    assert (line["status"], line["route"], line["sql"]) == (414, None, 0)
    assert "planted-path" not in run.server.log.read_text()


def test_without_a_token_there_are_no_metrics(template: str, tmp_path: Path) -> None:
    with copied_database(template, tmp_path) as url, serving(tmp_path / "log", {"DATABASE_URL": url}) as server:
        assert server.send("/metrics")[0] == 404
        assert server.send("/metrics", Authorization="Bearer None")[0] == 404
