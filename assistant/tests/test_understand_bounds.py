import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from assistant.tests.expected_calls import NOW
from assistant.understanding import understand

pytestmark = pytest.mark.once

LENGTH = 4000
# The slowest takes some 8 times as long as the median one, and a pattern that looks back at each place 50 times.
MOST_TIMES_THE_MEDIAN = 20
HEADS = (
    *("", "add ", "add task: ", "add tasks: ", "delete ", "complete ", "mark ", "i finished ", "show ", "find "),
    *("rename 2 to ", "change ", "tag 2 with ", "move 2 to ", "add a note to ", "add tag ", "remind me ", "don't "),
)
UNITS = (
    *("a", "a ", "add ", "delete 2 and ", "delete 2, ", "'a ", "' ", '"', "“", "’", "‘a", "#a ", "#1 ", "!high "),
    *("tomorrow ", "at 9 ", "9:00 ", "friday, ", "3 May ", "1/1/2026 ", "in 3 days ", "noon,", "2, ", "2 and ", "0"),
    *("-", "- a\n", "\n", "delete\n", ". add x", "?", ".", ", and ", "and, ", "a, and ", "to ", "then ", "please "),
    *("hey, ", "not ", "is ", "don't ", "\\", "(", "[[", "_", "a:", "task: ", "all tasks ", "high priority "),
    *("tag: a, ", "mark a as ", "rename a to ", "tag a with ", "the ", "my ", "every ", "first and ", "what ", "due "),
    *("note: x ", "\ue000 ", "👍", "é", "İ", "\x00", "\u202e", "\t \r\n"),
)
TAILS = (" is done", " as done", " to y", " @@")
WORDS = (
    *("add", "delete", "task", "2", "3", "and", "then", "'milk'", '"x', "tomorrow", "at", "9", "#home", ",", ".", ";"),
    *("\n", "show", "my", "tasks", "not", "to", "mark", "as", "done", "all"),
)


def messages() -> Iterator[str]:
    for unit in UNITS:
        for head, tail in (*((head, "") for head in HEADS), *(("mark ", tail) for tail in TAILS)):
            yield (head + unit * LENGTH)[: LENGTH - len(tail)] + tail
    chance = random.Random(5)  # noqa: S311 - the same words in every run
    for _ in range(200):
        yield " ".join(chance.choices(WORDS, k=LENGTH))[:LENGTH]


def test_no_message_takes_long_or_fails() -> None:
    """Beside the others, at the same moment: what a machine does meanwhile slows all of them down."""
    understand("call mum on 3 May", NOW)

    took = {message: _seconds(message) for message in messages()}
    bound = MOST_TIMES_THE_MEDIAN * statistics.median(took.values())

    slow = [message for message in took if took[message] > bound]
    # Once more, for a moment may be hard on one alone.
    assert [message[:40] for message in slow if min(_seconds(message) for _ in range(3)) > bound] == []


def _seconds(message: str) -> float:
    """Of this thread's own, of the processor."""
    start = time.thread_time()
    understand(message, NOW)
    return time.thread_time() - start


def test_no_more_than_twenty_things_are_done() -> None:
    twenty = "\n".join(["add tasks:", *[f"- task {n}" for n in range(20)]])

    assert len(understand(twenty, NOW).intents) == 20
    for message in (
        f"{twenty}\n- one more",
        "\n".join(f"delete {n}" for n in range(1, 30)),
        "; ".join(f"complete {n}" for n in range(1, 22)),
    ):
        understanding = understand(message, NOW)
        assert understanding.intents == ()
        assert understanding.question is not None


@pytest.mark.parametrize(
    ("message", "loaded"),
    [(None, []), ("add milk", []), ("call mum on friday", []), ("call mum on 3 May", ["dateutil.parser"])],
)
def test_the_library_of_dates_is_loaded_for_calendar_dates_only(message: str | None, loaded: list[str]) -> None:
    program = (
        "import sys, datetime, assistant.understanding as u\n"
        f"message = {message!r}\n"
        "message and u.understand(message, datetime.datetime.now(datetime.UTC))\n"
        "print([name for name in sys.modules if name == 'dateutil.parser'])"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own words

    assert output.strip() == str(loaded)
