from pathlib import Path

import pytest

from todo_project.env import values
from todo_project.env.reader import EnvError
from todo_project.env.telemetry import Telemetry, find_commit

pytestmark = pytest.mark.once

SECRET = "only-for-tests-9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dS"
HASH = "0123456789abcdef0123456789abcdef01234567"


def read(**source: str) -> Telemetry:
    return values.read({"SECRET_KEY": SECRET, "ALLOWED_HOSTS": "a.example", **source}).telemetry


def test_the_log_is_for_people_in_development_and_for_programs_else() -> None:
    assert read().log_format == "text"
    assert read(ENVIRONMENT="production").log_format == "json"
    assert read(ENVIRONMENT="production", LOG_FORMAT="text").log_format == "text"


def test_there_are_metrics_where_somebody_may_read_them() -> None:
    assert not read().has_metrics
    assert read(METRICS_PORT="9100").has_metrics
    assert read(METRICS_TOKEN="a" * 16).has_metrics
    assert "a" * 16 not in repr(read(METRICS_TOKEN="a" * 16))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_FORMAT", "xml"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_PORT", "0"),
        ("METRICS_PORT", "8100"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("GIT_COMMIT", "no commit"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(EnvError, match=name):
        read(**{"PORT": "8100", name: value})


def repository(folder: Path, head: str, **files: str) -> Path:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git/HEAD").write_text(head)
    for name, text in files.items():
        place = folder / ".git" / name.replace("__", "/").replace("_", "-")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def test_a_clone_knows_its_commit(tmp_path: Path) -> None:
    assert find_commit(repository(tmp_path / "a", f"{HASH}\n")) == HASH
    assert find_commit(repository(tmp_path / "b", "ref: refs/heads/x\n", refs__heads__x=f"{HASH}\n")) == HASH
    packed = f"# pack-refs\n{'1' * 40} refs/heads/xy\n{HASH} refs/heads/x\n"
    assert find_commit(repository(tmp_path / "c", "ref: refs/heads/x\n", packed_refs=packed)) == HASH


def test_so_does_a_further_worktree(tmp_path: Path) -> None:
    main = repository(tmp_path / "main", "ref: refs/heads/main\n", refs__heads__x=f"{HASH}\n")
    own = main / ".git/worktrees/further"
    own.mkdir(parents=True)
    (own / "HEAD").write_text("ref: refs/heads/x\n")
    (own / "commondir").write_text("../..\n")
    (tmp_path / "further").mkdir()
    (tmp_path / "further/.git").write_text(f"gitdir: {own}\n")

    assert find_commit(tmp_path / "further") == HASH


def test_elsewhere_nobody_knows(tmp_path: Path) -> None:
    assert find_commit(tmp_path) is None
    assert find_commit(repository(tmp_path / "a", "ref: refs/heads/unborn\n")) is None
    assert find_commit(repository(tmp_path / "b", "nonsense")) is None
    (tmp_path / "c").mkdir()
    (tmp_path / "c/.git").write_bytes(b"\xff\xfe")
    assert find_commit(tmp_path / "c") is None
