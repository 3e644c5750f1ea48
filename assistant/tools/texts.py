import re
from typing import Any, Final

from core.texts import fold

WORD: Final = re.compile(r"\w+")


def scrub(value: Any) -> Any:
    """Without what neither a database nor UTF-8 takes: NUL, and halves of characters. Reaches into JSON."""
    if isinstance(value, str):
        # By way of UTF-16, which makes one character of two halves that belong together.
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {scrub(name): scrub(inner) for name, inner in value.items()}
    return [scrub(inner) for inner in value] if isinstance(value, list) else value


def contains_words(text: str, words: str) -> bool:
    """Whether the words occur in the text one after the other, without case and whatever is between them."""
    sought = WORD.findall(fold(words))
    return bool(sought) and f" {' '.join(sought)} " in f" {' '.join(WORD.findall(fold(text)))} "
