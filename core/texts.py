"""What reads alike although it is written in other code points."""

import unicodedata
from typing import Final

# Letters and marks that show nothing (Unicode, Default_Ignorable_Code_Point); others are of category Cf.
INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}


def is_blank(text: str) -> bool:
    """Nothing but white space and what has no width."""
    return all(
        character.isspace() or character in INVISIBLE or unicodedata.category(character) == "Cf" for character in text
    )


def fold(text: str) -> str:
    """Without case in all of Unicode, composed: a database's own ``lower`` knows its locale, SQLite's only ASCII.

    Canonical caseless matching (Unicode, section 3.13, D145), written as NFC.
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def prepare_password(password: str) -> str:
    """As keyboards write it alike: NFC, and each space the one of ASCII (RFC 8265, section 4.2.2)."""
    if password.isascii():
        return password
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in password)
    return unicodedata.normalize("NFC", spaced)


def password_forms(password: str) -> tuple[str, ...]:
    """What is compared with a hash, one after the other: hashes from before are of what was sent."""
    return tuple(dict.fromkeys((prepare_password(password), password)))
