"""What a tag is, and the two columns that hold a task's.

**Why tags are no table of their own.** A list must show them, so as JSON text on the row they cost a
copy and no join; a change to them is part of the task's one conditional UPDATE, compared as stored,
and nothing can leave the two out of step. The filter has ``tag_keys``, the same folded: it reads its owner's
tasks that have tags, which an index holds, without a child table's extra row, two indexes and foreign key
for each tag of each task.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from core.texts import fold, is_blank

MAX_TAGS: Final = 20
MAX_TAG_LENGTH: Final = 50


def is_tag(text: str) -> bool:
    """One word: no white space, nothing that controls a terminal or is half a character, and something to see.

    A comma is a character like any other, as tags come one by one both in bodies and in URLs.
    """
    return (
        len(text) <= MAX_TAG_LENGTH
        and not is_blank(text)
        and not any(character.isspace() or unicodedata.category(character) in ("Cc", "Cs") for character in text)
    )


def merge_tags(tags: Iterable[str]) -> list[str]:
    """Duplicates without case become one: the first spelling, in the first place."""
    kept: dict[str, str] = {}
    for tag in tags:
        kept.setdefault(fold(tag), tag)
    return list(kept.values())


def tag_keys(tags: Sequence[str]) -> list[str] | None:
    """What a filter finds them by. None without tags: such tasks then take no room in the index."""
    return [fold(tag) for tag in tags] or None


class ListField(models.Field):  # type: ignore[type-arg] # not subscriptable at run time
    """A list of texts, or its JSON wherever it has to be text."""

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.to_python(value)

    def to_python(self, value: Any) -> Any:
        return orjson.loads(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return orjson.dumps(self.value_from_object(obj)).decode()


class TagsField(ListField):
    """Words, stored as the very JSON that clients get."""

    # For django-stubs.
    _pyi_private_set_type: list[str]
    _pyi_private_get_type: list[str]

    def get_internal_type(self) -> str:
        return "TextField"

    def get_prep_value(self, value: Any) -> Any:
        return orjson.dumps(value).decode() if isinstance(value, list) else super().get_prep_value(value)


class TagKeysField(ListField):
    """What the ``tag`` filter looks for: an array on PostgreSQL, JSON text on SQLite.

    Follows the tags on every ``save``; a statement without sets it as ``tasks.edits.derived`` says.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "null": True, "editable": False})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["null"], kwargs["editable"]
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "text[]" if connection.vendor == "postgresql" else "text"

    def pre_save(self, model_instance: models.Model, add: bool) -> list[str] | None:
        keys = tag_keys(getattr(model_instance, "tags"))  # noqa: B009 - of any model with these
        setattr(model_instance, self.attname, keys)
        return keys

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None or connection.vendor == "postgresql":
            return value
        return orjson.dumps(value).decode()
