"""What fits into one answer, in bytes and not in characters."""

import pytest

from tasks.lists import arrays
from tasks.lists.arrays import JsonArray


@pytest.fixture(autouse=True)
def _room_for_ten_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "MAX_BYTES", 10)


def test_nothing_is_an_array_too() -> None:
    array = JsonArray()

    assert array.add([]) == 0
    assert (array.json, array.count) == ("[]", 0)


@pytest.mark.parametrize(
    ("pieces", "fitting"),
    [
        (["1234", "6789"], 2),
        (["1234", "67890"], 1),
        (["1234567890"], 0),
        # Two bytes each.
        (["éé", "éé"], 2),
        (["ééé", "éé"], 1),
        ([b"1234", b"6789"], 2),
        ([b"1234", b"67890"], 1),
    ],
)
def test_each_takes_its_bytes_and_what_follows_it(pieces: list[str], fitting: int) -> None:
    array = JsonArray()

    assert array.add(pieces) == fitting
    assert array.count == fitting


def test_what_one_statement_found_counts_for_the_next() -> None:
    array = JsonArray()

    assert [array.add(["1", "2"]), array.add(["3"]), array.add([]), array.add(["4", "56", "7"])] == [2, 1, 0, 1]
    assert (array.json, array.count) == ("[1,2,3,4]", 4)


def test_bytes_stay_bytes() -> None:
    array = JsonArray()
    array.add([b"1"])
    array.add([b"2"])

    assert array.json == b"[1,2]"
