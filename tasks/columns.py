"""Columns that hold what lists are sorted and searched by, in a form every database compares alike.

**Why tags are no table of their own.** A list must show them, so as JSON text on the row they cost a
copy and no join; a change to them is part of the task's one conditional UPDATE, compared as stored,
and nothing can leave the two out of step. The filter has ``tag_keys``: an inverted index over
"owner tag" pairs reads exactly this owner's tasks with this tag, as ``(user_id, tag, task_id)`` of a
child table would, without its extra row, two indexes and foreign key for each tag of each task.
"""

from typing import Any

import orjson
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from tasks.derived import fold, tag_keys


class FoldedField(models.TextField):  # type: ignore[type-arg] # not subscriptable at run time
    """Another field's text without case, compared by code point; follows that field on every ``save``.

    A statement without ``save`` has to set it too: ``derived`` says to what.
    """

    def __init__(self, *args: Any, source: str, **kwargs: Any) -> None:
        self.source = source
        super().__init__(*args, **{**kwargs, "editable": False})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"]
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        text: str | None = getattr(model_instance, self.source)
        folded = None if text is None else fold(text)
        setattr(model_instance, self.attname, folded)
        return folded

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        # Bytes of UTF-8 sort as code points. SQLite does so by itself and has no collation of that name.
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


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
    """What the ``tag`` filter looks for: an array on PostgreSQL, JSON text on SQLite."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "null": True, "editable": False})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["null"], kwargs["editable"]
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "text[]" if connection.vendor == "postgresql" else "text"

    def pre_save(self, model_instance: models.Model, add: bool) -> list[str] | None:
        keys = tag_keys(getattr(model_instance, "user_id"), getattr(model_instance, "tags"))  # noqa: B009 - of any model with these
        setattr(model_instance, self.attname, keys)
        return keys

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None or connection.vendor == "postgresql":
            return value
        return orjson.dumps(value).decode()
