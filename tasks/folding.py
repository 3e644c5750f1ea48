"""Texts without case: how titles, descriptions and tags are compared, sorted and searched."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from core.texts import fold


class FoldedField(models.TextField):  # type: ignore[type-arg] # not subscriptable at run time
    """Another field's text without case, compared by code point; follows that field on every ``save``.

    A statement without ``save`` has to set it too: ``tasks.edits.derived`` says to what.
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
