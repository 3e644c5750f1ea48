"""Tests that cannot hold where Citus spreads the suite's tables, each kind with why."""

from typing import Any, Final

FIXTURES: Final = {
    "database": "has a PostgreSQL of its own, with its servers",
    "own_database": "has servers of its own on a database that it makes: only a superuser brings Citus into one",
    "template": "makes a database: only a superuser brings Citus into one",
}
PLANS: Final = "reads the plan of one PostgreSQL"
OUTSIDE: Final = "who is known by an issuer's token is proven ahead, by tables of the coordinator alone"
# Of ``tasks/tests/test_prove_callers.py``.
ROUND_TRIPS: Final = ("test_a_hot_request_is_one_round_trip", "test_so_it_is_with_a_personal_token")
CHANGES: Final = ("create", "put", "patch", "toggle", "complete", "delete")
# By the beginning of their names.
TESTS: Final[dict[str, str]] = {
    "todo_project/tests/test_distribute_tables.py": "shows on plain PostgreSQL what the command does",
    "todo_project/importing/tests/": "people are moved in before the tables are spread",
    "todo_project/tests/test_make_demo.py": "a demo is made before the tables are spread",
    "accounts/tests/test_prune.py::test_a_row_that_somebody_holds_is_not": "locks no rows of several machines",
    "staff/tests/test_bound_lists.py::test_the_first_page_and_the_next_are_read_by_an_index": PLANS,
    "staff/tests/test_bound_lists.py::test_a_tasks_page_finds_it_by_an_index": PLANS,
    "staff/tests/test_show_home.py::test_the_page_reads_no_table_whole": PLANS,
    "staff/tests/test_list_users.py::test_a_page_comes_from_an_index": PLANS,
    "tasks/tests/test_follow_changes.py::test_a_change_that_lost_its_snapshot": "a change is several statements",
    "tasks/tests/test_represent_tasks.py::test_the_connections_own_settings": "sets what the machines are not told",
    "tasks/tests/test_prove_callers.py::test_what_is_done_stays_told": "sets what the machines are not told",
    "tasks/tests/test_prove_outside_callers.py::test_the_first_token_makes_its_user_and_the_next_is_one": OUTSIDE,
    "tasks/tests/test_choose_reader.py::test_a_replica_that_became_the_primary": "no spread tables have a replica",
    **{
        f"tasks/tests/test_prove_callers.py::{test}[{name}]": "a change is several statements"
        for test in ROUND_TRIPS
        for name in CHANGES
    },
}


def reason_for(item: Any) -> str | None:
    """None: it can."""
    marker = item.get_closest_marker("not_on_citus")
    if marker:
        return str(marker.args[0])
    names = getattr(item, "fixturenames", ())
    found = [reason for fixture, reason in FIXTURES.items() if fixture in names]
    found += [reason for begin, reason in TESTS.items() if item.nodeid.startswith(begin)]
    return found[0] if found else None
