import re
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values

from todo_project.env import values

pytestmark = pytest.mark.once

EXAMPLE = (values.BASE_DIR / ".env.example").read_text()
# Compose reads it for the database beside the service.
OTHERS = {"POSTGRES_PASSWORD"}


def load(text: str) -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text), interpolate=False).items()}


def with_every_default() -> dict[str, str]:
    return load(re.sub(r"^# ([A-Z_]+=)", r"\1", EXAMPLE, flags=re.MULTILINE))


def test_it_holds_every_setting_and_alias_and_no_other() -> None:
    assert set(with_every_default()) - OTHERS == values.names()


def test_each_name_occurs_once() -> None:
    written = re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, flags=re.MULTILINE)
    assert len(written) == len(set(written))


def test_as_it_is_it_makes_a_valid_configuration(tmp_path: Path) -> None:
    found = values.read(load(EXAMPLE), tmp_path)

    assert found == values.read({}, tmp_path)
    assert not found.warnings


def test_the_defaults_it_shows_are_the_defaults(tmp_path: Path) -> None:
    assert asdict(values.read(with_every_default(), tmp_path)) == asdict(values.read({}, tmp_path))
