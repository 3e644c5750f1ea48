from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.tests.expected_calls import NOW, calls_of

pytestmark = pytest.mark.once

DUE: list[tuple[str, str]] = [
    ("today", "2026-11-21T23:59:00+01:00"),
    ("tomorrow", "2026-11-22T23:59:00+01:00"),
    ("the day after tomorrow", "2026-11-23T23:59:00+01:00"),
    ("tomorrow at 9", "2026-11-22T09:00:00+01:00"),
    ("tomorrow at 9:30", "2026-11-22T09:30:00+01:00"),
    ("tomorrow at 5pm", "2026-11-22T17:00:00+01:00"),
    ("at 5 pm tomorrow", "2026-11-22T17:00:00+01:00"),
    ("tomorrow at 9:30 am", "2026-11-22T09:30:00+01:00"),
    ("at 2:30 PM tomorrow", "2026-11-22T14:30:00+01:00"),
    ("tomorrow at 2:30 p.m.", "2026-11-22T14:30:00+01:00"),
    ("tomorrow morning", "2026-11-22T09:00:00+01:00"),
    ("tomorrow at 8 in the evening", "2026-11-22T20:00:00+01:00"),
    ("tomorrow at noon", "2026-11-22T12:00:00+01:00"),
    ("tonight", "2026-11-21T21:00:00+01:00"),
    ("tonight at 8", "2026-11-21T20:00:00+01:00"),
    # Still to come today, and over for today.
    ("at 5pm", "2026-11-21T17:00:00+01:00"),
    ("at 9", "2026-11-22T09:00:00+01:00"),
    ("at 5", "2026-11-21T17:00:00+01:00"),
    ("at 5am", "2026-11-22T05:00:00+01:00"),
    ("in december", "2026-12-31T23:59:00+01:00"),
    ("at 14:30", "2026-11-21T14:30:00+01:00"),
    ("friday", "2026-11-27T23:59:00+01:00"),
    ("on friday", "2026-11-27T23:59:00+01:00"),
    ("by fri", "2026-11-27T23:59:00+01:00"),
    ("next friday", "2026-11-27T23:59:00+01:00"),
    ("this sunday", "2026-11-22T23:59:00+01:00"),
    ("next sunday", "2026-11-29T23:59:00+01:00"),
    # The day it is.
    ("saturday", "2026-11-28T23:59:00+01:00"),
    ("before friday", "2026-11-26T23:59:00+01:00"),
    ("monday at 14:30", "2026-11-23T14:30:00+01:00"),
    ("in 3 days", "2026-11-24T23:59:00+01:00"),
    ("in two weeks", "2026-12-05T23:59:00+01:00"),
    ("in a month", "2026-12-21T23:59:00+01:00"),
    ("in 2 hours", "2026-11-21T12:00:00+01:00"),
    ("in half an hour", "2026-11-21T10:30:00+01:00"),
    ("a week from now", "2026-11-28T23:59:00+01:00"),
    ("on 3 May", "2027-05-03T23:59:00+02:00"),
    ("on May 3rd at 7:15pm", "2027-05-03T19:15:00+02:00"),
    ("on the 3rd of May 2028", "2028-05-03T23:59:00+02:00"),
    ("on 24 December", "2026-12-24T23:59:00+01:00"),
    ("on 29 February", "2028-02-29T23:59:00+01:00"),
    ("on the 15th", "2026-12-15T23:59:00+01:00"),
    ("on the 31st", "2026-12-31T23:59:00+01:00"),
    ("on 2026-12-24", "2026-12-24T23:59:00+01:00"),
    ("on 2026-05-03", "2026-05-03T23:59:00+02:00"),
    ("on 24/12/2026", "2026-12-24T23:59:00+01:00"),
    ("on 5/3/2027", "2027-05-03T23:59:00+02:00"),
    ("on 12/24", "2026-12-24T23:59:00+01:00"),
    ("on 2026-12-24T10:00:00Z", "2026-12-24T11:00:00+01:00"),
    ("by the end of the month", "2026-11-30T23:59:00+01:00"),
    ("by the end of next month", "2026-12-31T23:59:00+01:00"),
    ("this weekend", "2026-11-22T23:59:00+01:00"),
    ("next weekend", "2026-11-29T23:59:00+01:00"),
    ("this week", "2026-11-22T23:59:00+01:00"),
    ("next week", "2026-11-29T23:59:00+01:00"),
    ("next month", "2026-12-31T23:59:00+01:00"),
]
NO_DATES = [
    "march in step",
    "buy may flowers",
    "read chapter 3",
    "visit 10 Downing Street",
    "fix the monday meeting notes",
    "buy mum's friday's cake",
    "call the 24/7 support",
    "pay on 31 February",
    "pay on 2026-02-30",
    "wait in 9999 years",
    "march to the office",
    "buy 1/2 cup of milk",
    "meet Bob at 25:00",
    "play 9-5",
]


@pytest.mark.parametrize(("words", "due_at"), DUE)
def test_words_mean_this_instant(words: str, due_at: str) -> None:
    assert calls_of(f"call mum {words}") == [("add_task", {"title": "call mum", "due_at": due_at})]
    assert calls_of(f"add task: call mum {words} #home") == [
        ("add_task", {"title": "call mum", "due_at": due_at, "tags": ["home"]})
    ]
    [(tool, arguments)] = calls_of(f"set the due date of 2 to {words}")
    # Of a task that is there a day alone leaves the time, and a time alone the day.
    day, clock = due_at[:10], due_at[11:16]
    assert tool == "update_task"
    assert arguments in (
        {"task": "2", "due_day": day},
        *([{"task": "2", "due_at": due_at}, {"task": "2", "due_time": clock}] if clock != "23:59" else []),
    )


@pytest.mark.parametrize("title", NO_DATES)
def test_words_that_are_no_date_stay_in_the_title(title: str) -> None:
    assert calls_of(f"add task: {title}") == [("add_task", {"title": title})]


def test_quoted_words_are_no_date() -> None:
    assert calls_of("add 'call mum tomorrow' on friday") == [
        ("add_task", {"title": "call mum tomorrow", "due_at": "2026-11-27T23:59:00+01:00"})
    ]


def test_next_is_the_week_after_this_one() -> None:
    monday = NOW.replace(day=23)

    assert _due("call mum friday", monday) == "2026-11-27T23:59:00+01:00"
    assert _due("call mum this friday", monday) == "2026-11-27T23:59:00+01:00"
    assert _due("call mum next friday", monday) == "2026-12-04T23:59:00+01:00"


@pytest.mark.parametrize(
    ("zone", "now", "words", "due_at"),
    [
        # Clocks go forward at 02:00: there is no 02:30.
        ("Europe/Rome", "2027-03-27T12:00", "tomorrow at 2:30am", "2027-03-28T03:30:00+02:00"),
        ("Europe/Rome", "2027-03-27T12:00", "tomorrow", "2027-03-28T23:59:00+02:00"),
        ("Europe/Rome", "2027-03-27T23:00", "in 4 hours", "2027-03-28T04:00:00+02:00"),
        # Back at 03:00: 02:30 comes twice, the first is meant.
        ("Europe/Rome", "2026-10-24T12:00", "tomorrow at 2:30am", "2026-10-25T02:30:00+02:00"),
        ("Europe/Rome", "2026-10-24T12:00", "tomorrow", "2026-10-25T23:59:00+01:00"),
        ("America/New_York", "2026-11-21T10:00", "tomorrow at 9", "2026-11-22T09:00:00-05:00"),
        ("Asia/Kolkata", "2026-11-21T10:00", "tomorrow at 9", "2026-11-22T09:00:00+05:30"),
        ("UTC", "2026-11-21T10:00", "tomorrow at 9", "2026-11-22T09:00:00+00:00"),
        # Midnight is left out: Beirut's clocks go forward then.
        ("Asia/Beirut", "2027-03-27T12:00", "today", "2027-03-27T23:59:00+02:00"),
    ],
)
def test_times_are_those_of_the_persons_clock(zone: str, now: str, words: str, due_at: str) -> None:
    assert _due(f"call mum {words}", datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))) == due_at


@pytest.mark.parametrize("words", ["on 9999-12-31", "on 0001-01-01", "in 9999 years", "before 31/12/9999"])
def test_what_is_beyond_the_calendar_is_no_date(words: str) -> None:
    assert calls_of(f"add task: call mum {words}") == [("add_task", {"title": f"call mum {words}"})]


def _due(phrase: str, now: datetime) -> Any:
    [(_, arguments)] = calls_of(phrase, now)
    return arguments["due_at"]
