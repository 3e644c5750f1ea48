"""The ``.env`` file."""

from collections.abc import Iterator
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from todo_project.env.reader import EnvError


def read(path: Path) -> dict[str, str]:
    """The settings in ``path``. Raises ``EnvError``: one line that names the file, and the line at fault."""
    try:
        return {binding.key: binding.value or "" for binding in _bindings(path) if binding.key}
    except UnicodeDecodeError:
        raise EnvError(f"ENV_FILE {path} is not UTF-8 text.") from None
    except OSError as error:
        raise EnvError(f"ENV_FILE {path} cannot be read ({error.strerror}).") from None


def _bindings(path: Path) -> Iterator[Binding]:
    # Some editors begin a UTF-8 file with a byte order mark.
    with path.open(encoding="utf-8-sig") as stream:
        for binding in parse_stream(stream):
            # python-dotenv itself would log this and go on without the setting.
            if binding.error:
                raise EnvError(f"ENV_FILE {path} makes no sense from line {binding.original.line} on.")
            yield binding
