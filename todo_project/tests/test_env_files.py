"""Aliases, ``.env`` files and the development secret's file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from testing.callers import in_parallel
from todo_project.env import values
from todo_project.env.reader import EnvError
from todo_project.tests.test_env import OTHER_SECRET, SECRET, read, refusal

pytestmark = pytest.mark.once

Load = Callable[..., values.Env]


@pytest.mark.parametrize(
    ("first", "value", "alias", "other"),
    [
        ("SECRET_KEY", SECRET, "JWT_SECRET", OTHER_SECRET),
        ("DATABASE_URL", "sqlite:////tmp/a", "NEON_DB_URL", "postgresql://user:hidden@host/db"),
        ("ALGORITHM", "HS256", "JWT_ALGORITHM", "HS512"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "30", "JWT_EXPIRATION_DELTA", "1801"),
        ("ALLOWED_ORIGINS", "https://a.example.com", "CORS_ORIGINS", "https://b.example.com"),
        ("CORS_ORIGINS", "https://a.example.com", "CORS_ALLOWED_ORIGINS", "https://b.example.com"),
        ("GOOGLE_GEMINI_API_KEY", "first", "GEMINI_API_KEY", "second"),
    ],
)
def test_the_first_name_wins_over_its_alias_with_a_warning(first: str, value: str, alias: str, other: str) -> None:
    alone, both = read(**{first: value}), read(**{first: value, alias: other})
    assert both.warnings == (f"{alias} differs from {first}, which wins.",)
    for field in set(values.Env.__slots__) - {"warnings"}:
        assert getattr(both, field) == getattr(alone, field)


@pytest.mark.parametrize(
    ("first", "value", "alias", "same"),
    [
        ("SECRET_KEY", SECRET, "JWT_SECRET", SECRET),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "30", "JWT_EXPIRATION_DELTA", "1800"),
        ("ALGORITHM", "HS256", "JWT_ALGORITHM", "hs256"),
        ("DATABASE_URL", "postgres://u:p@h/d?sslmode=require", "NEON_DB_URL", "postgresql+asyncpg://u:p@h/d?ssl=require"),
        ("ALLOWED_ORIGINS", "https://a.example.com,http://b", "CORS_ORIGINS", '["https://A.example.com/", "http://b:80"]'),
    ],
)  # fmt: skip
def test_aliases_that_mean_the_same_do_not_differ(first: str, value: str, alias: str, same: str) -> None:
    assert read(**{first: value, alias: same}).warnings == ()


def test_a_bad_value_stops_the_start_even_where_another_name_wins() -> None:
    assert refusal({"SECRET_KEY": SECRET, "JWT_SECRET": "short"}).startswith("JWT_SECRET ")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Loads from a file of this content, under an environment of only these names."""

    def load(content: bytes | None, **environment: str) -> values.Env:
        file = tmp_path / "settings"
        if content is not None:
            file.write_bytes(content)
        for name in values.names():
            monkeypatch.delenv(name, raising=False)
        for name, value in {"ENV_FILE": str(file), "SECRET_KEY": SECRET, **environment}.items():
            monkeypatch.setenv(name, value)
        return values.load()

    return load


def test_the_environment_wins_over_the_file(load: Load) -> None:
    found = load(b"PORT=9000\nPAGE_SIZE=7\n", PORT="9001")
    assert (found.port, found.page_size) == (9001, 7)


def test_quotes_comments_and_dollars_in_the_file(load: Load) -> None:
    found = load(b"# ports\nexport PORT=\"9000\"\nLOG_LEVEL='debug' # loud\nLLM_API_KEY='a$b${PORT}'\nPAGE_SIZE=\n")
    assert (found.port, found.log_level, found.page_size) == (9000, "DEBUG", 10_000)
    assert found.language_model
    assert found.language_model.api_key == "a$b${PORT}"


def test_no_file_is_no_error_unless_it_was_named(load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load(None, ENV_FILE="").port == 8000
    with pytest.raises(SystemExit, match=r"^Configuration error: ENV_FILE .* cannot be read \(No such file"):
        load(None)
    monkeypatch.setattr(values, "BASE_DIR", tmp_path)
    monkeypatch.delenv("ENV_FILE")
    assert values.load().port == 8000
    (tmp_path / ".env").write_text("PORT=9000")
    assert values.load().port == 9000


def test_a_byte_order_mark_is_not_part_of_the_first_name(load: Load) -> None:
    assert load(b"\xef\xbb\xbfPORT=9000\r\nPAGE_SIZE=7\r\n").port == 9000


@pytest.mark.parametrize(
    "line", [b"LLM_API_KEY='hidden", b'LLM_API_KEY="hidden" twice', b"=hidden", b"LLM API_KEY=hidden"]
)
def test_a_line_that_makes_no_sense_stops_the_start(load: Load, line: bytes) -> None:
    with pytest.raises(SystemExit) as caught:
        load(b"PORT=9000\n" + line + b"\nPAGE_SIZE=7\n")
    assert str(caught.value).startswith("Configuration error: ENV_FILE ")
    assert str(caught.value).endswith(" makes no sense from line 2 on.")


def test_an_empty_value_in_the_environment_takes_a_value_of_the_file_away(load: Load) -> None:
    assert load(b"PORT=9000\n", PORT="").port == 8000


def test_a_file_that_is_not_utf8_stops_the_start_in_one_line(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        load(b"PORT=\xff\xfe\n")
    line = str(caught.value)
    assert line.startswith("Configuration error: ENV_FILE ")
    assert line.endswith("is not UTF-8 text.")
    assert line.isprintable()


def test_first_starts_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    made = in_parallel([lambda: values.read({}, tmp_path).secret_key] * 16)
    assert len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [".dev-secret"]


def test_a_directory_that_cannot_be_written_is_a_clear_line(tmp_path: Path) -> None:
    with pytest.raises(EnvError, match=r"^SECRET_KEY is not set and .* cannot be used"):
        values.read({}, tmp_path / "missing")


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40])
def test_a_damaged_secret_file_is_a_clear_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".dev-secret").write_bytes(content)
    with pytest.raises(EnvError, match=r"^SECRET_KEY is not set and .* holds no secret; delete that file\.$"):
        values.read({}, tmp_path)
