"""Tests that cannot hold through two instances, each kind with why."""

from typing import Final

import pytest

CONNECTION: Final = "sets its own connection to the database, which no instance has"
ROWS: Final = "looks at a limit in the database; with Redis it is there"
BY_ROLLBACK: Final = "changes what only a rollback gives back"
LEARNT: Final = "has a process learn of its model what it keeps"
# By the beginning of their names.
TESTS: Final[dict[str, str]] = {
    "accounts/tests/test_limit_logins.py::test_a_second_step_is_closed_from_the_last_wrong_code_on": ROWS,
    "accounts/tests/test_limit_logins.py::test_five_mails_go_to_one_address_in_an_hour": ROWS,
    "accounts/tests/test_limit_logins.py::test_who_failed_too_often_waits_from_the_last_failure_on": ROWS,
    "assistant/tests/test_bound_turns.py::test_half_of_the_threads_may_wait": "each process has as many threads",
    # By its end the others would be asked in another way.
    "assistant/tests/test_bound_turns.py::test_what_is_asked_again_counts": LEARNT,
    "tasks/tests/test_prove_callers.py::test_what_is_done_stays_told_where_the_session": CONNECTION,
    "todo_project/tests/test_distribute_tables.py": BY_ROLLBACK,
    "todo_project/tests/test_general.py::test_not_ready_before_the_migrations": BY_ROLLBACK,
}


def reason_for(item: pytest.Item) -> str | None:
    """None: it can."""
    if item.get_closest_marker("real_rounds"):
        return "hashes passwords as slowly as the service does"
    return next((reason for begin, reason in TESTS.items() if item.nodeid.startswith(begin)), None)
