"""``manage.py doctor --frontend DIR`` says what of a frontend works here."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from todo_project.family.doctor import examine

CLIENT = """
const API = process.env.NEXT_PUBLIC_API_URL;
export interface Task { id: string; title: string; due_date?: string; status: "pending" | "completed"; }
export const list = (token: string) => fetch(`${API}/api/tasks?skip=0`, { headers: bearer(token) });
export const add = (task: Task) => fetch(`${API}/api/tasks`, { method: "POST", body: JSON.stringify(task) });
export const toggle = (id: string) => fetch(`${API}/api/tasks/${id}/complete`, { method: 'PATCH' });
export const remove = (user: string, id: string) => axios.delete(`/api/v1/users/${user}/tasks/${id}`);
export const login = (body) => api.post<Session>("/auth/login", body);
"""


def doctor(directory: Path) -> str:
    out = StringIO()
    call_command("doctor", "--frontend", str(directory), stdout=out, no_color=True)
    return out.getvalue()


def write(directory: Path, name: str, text: str) -> None:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def lines(printed: str) -> dict[str, list[str]]:
    """What was found -> verdict and notes."""
    rows = [line.split("  ") for line in printed.partition("\n\n")[0].splitlines()]
    return {row[0].strip(): [cell.strip() for cell in row[1:] if cell.strip()] for row in rows}


def test_each_call_and_field_is_told_with_its_place_and_setting(tmp_path: Path) -> None:
    write(tmp_path, "lib/api.ts", CLIENT)

    found = lines(doctor(tmp_path))

    assert found["GET /api/tasks"] == ["works", "(lib/api.ts:4)"]
    assert found["POST /api/tasks"] == ["works", "(lib/api.ts:5)"]
    assert found["PATCH /api/tasks/{}/complete"] == ["works", "(lib/api.ts:6)"]
    assert found["DELETE /api/v1/users/{}/tasks/{}"] == ["works", "(lib/api.ts:7)"]
    assert found["POST /api/auth/login"] == ["works", "(lib/api.ts:8)"]
    assert found["field due_date of a task"] == ["works", "TASK_ALIASES=true", "(lib/api.ts:3)"]
    assert found["field title of a task"] == ["works", "(lib/api.ts:3)"]
    assert len(found) == 9


@pytest.mark.parametrize(
    ("source", "what", "note"),
    [
        ("fetch(`${API}/api/tasks/${id}/archive`)", "GET /api/tasks/{}/archive", "no such path here"),
        ("fetch('/api/tasks', { method: 'DELETE' })", "DELETE /api/tasks", "allowed: GET, POST"),
        ("interface Task { id: string; recurrence: string }", "field recurrence of a task", "not known here"),
    ],
)
def test_what_is_missing_makes_it_fail(tmp_path: Path, source: str, what: str, note: str) -> None:
    write(tmp_path, "api.js", source)

    with pytest.raises(CommandError, match=r"^Missing here: 1 of [12]\.$"):
        doctor(tmp_path)
    missing = [finding for finding in examine(tmp_path).findings if not finding.works]
    assert [(finding.what, finding.note.partition(":")[0]) for finding in missing] == [(what, note.partition(":")[0])]


@pytest.mark.parametrize(
    ("source", "setting"),
    [
        ("const { tasks } = body.data.tasks", "LIST_ENVELOPE=data.tasks"),
        ("setTasks(body.tasks); setTotal(body.total)", "LIST_ENVELOPE=tasks"),
        ("async list(): Promise<Task[]> {}", "LIST_ENVELOPE=false"),
        ("<p>{task.status}</p>", "TASK_ALIASES=true"),
        ("const token = session.token", "BETTER_AUTH_DATABASE_URL=…"),
    ],
)
def test_what_is_read_in_answers_names_its_setting(tmp_path: Path, source: str, setting: str) -> None:
    write(tmp_path, "page.tsx", source)

    assert f"Settings: {setting}\n" in doctor(tmp_path)


def test_the_value_that_sets_them_together_is_named(tmp_path: Path) -> None:
    write(tmp_path, "page.tsx", "task.status; body.data.tasks")

    assert "Set together by: COMPATIBLE_WITH=e\n" in doctor(tmp_path)


def test_what_could_not_be_read_is_said(tmp_path: Path) -> None:
    write(tmp_path, "api.js", CLIENT)
    (tmp_path / "strange.js").write_bytes(b"\xff\xfe")
    write(tmp_path, "bundle.js", "x" * 600_000)
    write(tmp_path, "node_modules/other/index.js", "fetch('/api/tasks/1/archive')")

    printed = doctor(tmp_path)

    assert "Files read: 1." in printed
    assert "Not read: bundle.js\nNot read: strange.js\n" in printed


def test_better_auths_own_calls_are_not_ours(tmp_path: Path) -> None:
    write(tmp_path, "auth.ts", "fetch('/api/auth/sign-in/email', { method: 'POST' })")

    assert "Better Auth's own" in doctor(tmp_path)


def test_nothing_found_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No call of an API was found"):
        doctor(tmp_path)
    with pytest.raises(CommandError, match="is no directory"):
        doctor(tmp_path / "nowhere")
