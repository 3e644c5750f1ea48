from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.ids import parse_uuid, uuid7

# RFC 9562, appendix A.6.
INSTANT = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_an_id_begins_with_the_milliseconds_of_the_rfcs_own_example() -> None:
    made = uuid7(INSTANT)

    assert str(made).startswith("017f22e2-79b0-7")
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_ids_sort_as_their_instants_to_the_microsecond() -> None:
    ids = [uuid7(INSTANT + timedelta(microseconds=number)) for number in range(2001)]

    assert sorted(ids) == ids
    # The time alone decides: it is another one each microsecond.
    assert len({str(made)[:18] for made in ids}) == 2001


@pytest.mark.parametrize(("microseconds", "fraction"), [(0, "7000"), (1, "7004"), (500, "7800"), (999, "7ffb")])
def test_twelve_bits_hold_the_fraction_of_the_millisecond(microseconds: int, fraction: str) -> None:
    assert str(uuid7(INSTANT + timedelta(microseconds=microseconds)))[14:18] == fraction


def test_ids_of_one_instant_differ() -> None:
    assert len({uuid7(INSTANT) for _ in range(1000)}) == 1000


def test_an_id_is_of_now_unless_said_otherwise() -> None:
    before = datetime.now(UTC)
    assert uuid7(before).int >> 68 <= uuid7().int >> 68 <= uuid7(datetime.now(UTC)).int >> 68


CANONICAL = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@pytest.mark.parametrize("text", [CANONICAL, CANONICAL.upper()])
def test_the_canonical_spelling_is_an_id(text: str) -> None:
    assert parse_uuid(text) == UUID(CANONICAL)


@pytest.mark.parametrize(
    "text",
    ["", CANONICAL.replace("-", ""), f"{{{CANONICAL}}}", f"urn:uuid:{CANONICAL}", f"{CANONICAL}\n", f"{CANONICAL}0"],
)
def test_other_spellings_are_not(text: str) -> None:
    assert parse_uuid(text) is None
