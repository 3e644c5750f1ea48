"""What reads alike although it is written in other code points, and what shows nothing at all."""

import pytest

from core.texts import fold, is_blank, password_forms, prepare_password

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "code",
    [
        *(0x20, 0xA0, 0x2003, 0x2028, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *(0xAD, 0x200B, 0xFEFF, 0xE0020),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *(0xE0100, 0xE0101, 0xE01EE, 0xE01EF),
    ],
    ids=hex,
)
def test_what_shows_nothing_is_blank_and_makes_no_letter_so(code: int) -> None:
    assert is_blank(chr(code))
    assert is_blank(f" {chr(code)}")
    assert not is_blank(f"{chr(code)}a")


@pytest.mark.parametrize("code", [0x61, 0x180A, 0x1810, 0xFDFD, 0xFE10, 0xE00FF, 0xE01F0, 0x115E, 0x1161], ids=hex)
def test_what_stands_beside_it_is_seen(code: int) -> None:
    assert not is_blank(chr(code))


def test_nothing_is_blank() -> None:
    assert is_blank("")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Milk", "mILK"), ("\u00e9", "E\u0301"), ("Straße", "STRASSE"), ("\u0130", "i\u0307"), ("ΣΑΣ", "σας")],
)
def test_case_and_composition_do_not_matter(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert fold("resumé") != fold("resume")


@pytest.mark.parametrize(
    ("sent", "prepared"),
    [
        ("plain words", "plain words"),
        ("e\u0301", "\u00e9"),
        ("a\u00a0b\u2003c", "a b c"),
        # Another kind of white space is none of the spaces, and case is the person's own.
        ("é\tB", "é\tB"),
    ],
)
def test_a_password_is_as_any_keyboard_writes_it(sent: str, prepared: str) -> None:
    assert prepare_password(sent) == prepared
    assert password_forms(sent) == ((prepared,) if sent == prepared else (prepared, sent))
