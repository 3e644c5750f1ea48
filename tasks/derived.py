import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

MAX_TAGS: Final = 20
MAX_TAG_LENGTH: Final = 50


def fold(text: str) -> str:
    """Without case in all of Unicode; a database's own ``lower`` knows its locale, SQLite's only ASCII."""
    return text.casefold()


def is_tag(text: str) -> bool:
    """One word: no white space, nothing that controls a terminal or is half a character.

    A comma is a character like any other, as tags come one by one both in bodies and in URLs.
    """
    return 1 <= len(text) <= MAX_TAG_LENGTH and not any(
        character.isspace() or unicodedata.category(character) in ("Cc", "Cs") for character in text
    )


def merge_tags(tags: Iterable[str]) -> list[str]:
    """Duplicates without case become one: the first spelling, in the first place."""
    kept: dict[str, str] = {}
    for tag in tags:
        kept.setdefault(fold(tag), tag)
    return list(kept.values())


def tag_key(user_id: str, tag: str) -> str:
    """Neither part can hold a space, so no two pairs have one key."""
    return f"{user_id} {fold(tag)}"


def tag_keys(user_id: str, tags: Sequence[str]) -> list[str] | None:
    """None without tags: such tasks then take no room in the index."""
    return [tag_key(user_id, tag) for tag in tags] or None


def derived(user_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What an INSERT or UPDATE of these has to set beside them; a ``save`` sees to it by itself."""
    columns: dict[str, Any] = {
        f"{name}_folded": None if values[name] is None else fold(values[name])
        for name in ("title", "description")
        if name in values
    }
    if "tags" in values:
        columns["tag_keys"] = tag_keys(user_id, values["tags"])
    return columns
