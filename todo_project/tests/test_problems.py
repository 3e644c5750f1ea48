import logging
import re
import uuid
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError, transaction

from accounts.models import User
from core.errors import SENTENCES, Conflict
from tasks import services
from tasks.models import Task
from testing.callers import Caller


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"{'title': 'x'}", 400, "malformed_json"),
        (b'{"title": "x"} trailing', 400, "malformed_json"),
        (b'{"title": NaN}', 400, "malformed_json"),
        (b'{"title": -Infinity}', 400, "malformed_json"),
        (b"   ", 400, "malformed_json"),
        (b'\xef\xbb\xbf{"title": "x"}', 400, "malformed_json"),
        (b'{"title": ' + b"9" * 10_000 + b"}", 400, "malformed_json"),
        (b'{"title": "\xff"}', 400, "malformed_encoding"),
        (b'{"title": "\xed\xa0\x80"}', 400, "malformed_encoding"),
        ('{"title": "x"}'.encode("utf-16"), 400, "malformed_encoding"),
        (b"[" * 100_000, 400, "nesting_too_deep"),
        (b'{"a":' * 100_000, 400, "nesting_too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, 400, "nesting_too_deep"),
        (b'{"title": "x", "y": ' + b"[" * 100 + b"]" * 100 + b"}", 400, "nesting_too_deep"),
        (b'{"title": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}", 400, "nesting_too_deep"),
        (b'{"tags": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400, "nesting_too_deep"),
        (b"[]", 422, "not_an_object"),
        (b'"title"', 422, "not_an_object"),
        (b"null", 422, "not_an_object"),
        (b"5", 422, "not_an_object"),
    ],
)
def test_a_body_that_is_no_json_object_is_a_clear_problem(alice: Caller, body: bytes, status: int, code: str) -> None:
    assert alice.post(alice.tasks, body).is_problem(status, code)

    assert not Task.objects.visible_to(alice.user).exists()


@pytest.mark.parametrize(
    "rest",
    [
        b"[" * 99 + b"]" * 99,
        b'{"a":' * 99 + b"1" + b"}" * 99,
        b"[" + b"[],{}," * 200 + b"[]]",
        b'"' + b"[" * 900 + b'"',
    ],
)
def test_what_is_nested_less_is_a_body(alice: Caller, rest: bytes) -> None:
    assert alice.post(alice.tasks, b'{"title": "x", "y": ' + rest + b"}").status == 201


@pytest.mark.parametrize("key", [b"\\ud800", b"\\u0000", b"x" * 10_000, b""])
def test_unknown_keys_are_ignored_however_odd(alice: Caller, key: bytes) -> None:
    assert alice.post(alice.tasks, b'{"title": "x", "' + key + b'": 1}').status == 201


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "x", "a/b/c"],
)
def test_another_content_type_is_415(alice: Caller, content_type: str) -> None:
    answer = alice.send("POST", alice.tasks, b'{"title": "x"}', content_type=content_type)

    assert answer.is_problem(415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_by_other_spellings_is_taken(alice: Caller, content_type: str) -> None:
    assert alice.send("POST", alice.tasks, b'{"title": "x"}', content_type=content_type).status == 201


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_an_empty_body_counts_as_an_empty_object_whatever_its_type(alice: Caller, content_type: str) -> None:
    answer = alice.send("POST", alice.tasks, b"", content_type=content_type)

    assert answer.is_problem(422, "invalid")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*"])
def test_another_accept_is_406(alice: Caller, accept: str) -> None:
    assert alice.get(alice.tasks, Accept=accept).is_problem(406, "not_acceptable")


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json", "text/html, */*;q=0.1"])
def test_json_by_any_accept_that_admits_it(alice: Caller, accept: str) -> None:
    answer = alice.get(alice.tasks, Accept=accept)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("path", ["/nothing", "/api/", "/api/auth/nothing", "/docs/nothing", "/%00", "/%ff"])
def test_an_unknown_path_is_a_404_problem(anonymous: Caller, path: str) -> None:
    assert anonymous.get(path).is_problem(404, "not_found")


def test_a_host_that_is_not_ours_is_a_400_problem(anonymous: Caller) -> None:
    assert anonymous.get("/", Host="evil.example.com").is_problem(400, "bad_request")


def test_djangos_own_suspicions_are_400_problems(alice: Caller) -> None:
    with patch.object(services, "create_written", side_effect=SuspiciousOperation("x")):
        assert alice.post(alice.tasks, {"title": "x"}).is_problem(400, "bad_request")


def test_a_surprise_is_a_500_problem_whose_log_line_tells_no_contents(
    alice: Caller, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(services, "create_written", side_effect=RuntimeError("Buy a secret present")):
        answer = alice.post(alice.tasks, {"title": "Buy a secret present"})

    assert answer.is_problem(500, "server_error")
    assert b"secret" not in answer.content
    record = next(record for record in caplog.records if record.levelno == logging.ERROR)
    formatter = logging.getLogger().handlers[0].formatter
    assert formatter
    line = formatter.format(_with_request_id(record))
    assert "RuntimeError" in line
    assert "create" in line
    assert "secret" not in line


def _with_request_id(record: logging.LogRecord) -> logging.LogRecord:
    record.request_id = "x"
    return record


@pytest.mark.postgresql
def test_a_broken_constraints_log_line_does_not_quote_the_row(make_user: Any) -> None:
    email = "taken@example.com"
    make_user(email)
    formatter = logging.getLogger().handlers[0].formatter
    assert formatter

    with transaction.atomic(), pytest.raises(Exception, match="taken@example") as caught:
        User(email=email).save(force_insert=True)

    text = formatter.formatException((caught.type, caught.value, caught.tb))
    assert "SQLSTATE 23505" in text
    assert email not in text


def test_the_database_away_is_503_with_retry_after(alice: Caller) -> None:
    with patch.object(services, "create_written", side_effect=OperationalError("connection refused")):
        answer = alice.post(alice.tasks, {"title": "x"})

    assert answer.is_problem(503, "unavailable")
    assert answer.headers["Retry-After"] == "5"


def test_a_domain_error_in_a_transaction_rolls_it_back(alice: Caller, make_task: Callable[..., Task]) -> None:
    task = make_task(alice)

    def write_then_refuse(user_id: str, task_id: uuid.UUID, changes: object, *, versions: object) -> Task:
        with transaction.atomic():
            Task.objects.filter(user_id=user_id, id=task_id).update(title="Half done")
            raise Conflict("email_taken", "No.")

    with patch.object(services, "edit_written", write_then_refuse):
        assert alice.patch(f"{alice.tasks}/{task.id}", {"title": "x"}).is_problem(409)

    assert Task.objects.visible_to(alice.user).get().title == "Buy groceries"


@pytest.mark.parametrize("sent", ["abc", "A.b_c-9", "x" * 64])
def test_the_callers_request_id_comes_back(anonymous: Caller, sent: str) -> None:
    assert anonymous.get("/", X_Request_ID=sent).headers["X-Request-ID"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "a\nb", "é", "<script>"])
def test_an_odd_request_id_is_replaced(anonymous: Caller, sent: str) -> None:
    given = anonymous.get("/nothing", X_Request_ID=sent).headers["X-Request-ID"]

    assert re.fullmatch(r"[0-9a-f]{32}", given)


def test_every_code_a_problem_may_carry_is_documented(anonymous: Caller) -> None:
    described = anonymous.get("/openapi.json").json["components"]["schemas"]["ProblemCode"]

    assert described["enum"] == sorted(SENTENCES)
    assert all(f"`{code}`" in described["description"] for code in SENTENCES)


def test_each_sentence_of_a_problem_stands_once() -> None:
    rooms = ("core", "accounts", "tasks", "staff", "assistant", "todo_project")
    paths = [path for room in rooms for path in (settings.BASE_DIR / room).rglob("*.py") if "tests" not in path.parts]
    texts = [path.read_text() for path in paths]

    assert {code: sum(text.count(f'"{sentence}"') for text in texts) for code, sentence in SENTENCES.items()} == (
        dict.fromkeys(SENTENCES, 1)
    )


@pytest.mark.parametrize("name", ["json", "api", "xml"])
def test_a_format_in_the_query_changes_nothing(alice: Caller, anonymous: Caller, name: str) -> None:
    assert alice.get(f"{alice.tasks}?format={name}").status == 200
    assert anonymous.get(f"{alice.tasks}?format={name}").is_problem(401, "not_authenticated")
