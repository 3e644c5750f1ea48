"""How PostgreSQL runs the lists' own statements, at a hundred thousand tasks."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.sql.row_owner import all_rows, rows_of
from testing.callers import Answer, Caller

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.not_on_citus("reads plans of one PostgreSQL, of rows that are not inserted one by one"),
]


@pytest.fixture(autouse=True)
def _with_values_in_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """EXPLAIN takes no statement whose values come apart from it; it is the same statement."""
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", None)


# As EXPLAIN writes it, alone or behind other conditions.
POLICY = r"( AND )?\(\(\(user_id\)::text = \$\d+\) OR \(\$\d+ = '\*'::text\)\)"
OWNERS = 5
EACH = 20_000
# One in fifty has the tag; titles repeat, and so do the other keys.
INSERT = """
    INSERT INTO tasks_task (id, user_id, title, title_folded, description, description_folded, completed_at,
                            priority, due_at, tags, tag_keys, version, created_at, updated_at)
    SELECT (lpad(to_hex(1767225600000 + n * 1000), 12, '0') || '70008000' || lpad(to_hex(n * 10 + %s), 12, '0'))::uuid,
           %s, 'Task ' || n %% 5000, 'task ' || n %% 5000, CASE WHEN n %% 10 = 0 THEN 'Text ' || md5(n::text) END,
           CASE WHEN n %% 10 = 0 THEN 'text ' || md5(n::text) END, NULL,
           1 + n %% 3, CASE WHEN n %% 4 > 0 THEN made + n %% 700 * interval '1 hour' END,
           CASE WHEN n %% 50 = 0 THEN '["Work"]' ELSE '[]' END,
           CASE WHEN n %% 50 = 0 THEN ARRAY['work'] END, 1, made, made + n %% 900 * interval '1 minute'
    FROM generate_series(1, %s) n, LATERAL (SELECT '2026-01-01Z'::timestamptz + n * interval '1 second' AS made) t
"""


@pytest.fixture(scope="module")
def owners(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[list[User]]:
    with django_db_blocker.unblock(), all_rows("tests"):  # type: ignore[attr-defined] # pytest-django's, which has no public type
        if connection.vendor != "postgresql":
            pytest.skip("PostgreSQL's own behaviour")
        users = [User.objects.create(email=f"owner{number}@example.com") for number in range(OWNERS)]
        with connection.cursor() as cursor:
            for number, user in enumerate(users):
                cursor.execute(INSERT, [number, user.id, EACH])
            with rows_of(None):
                # In no transaction, as it must be.
                cursor.execute("VACUUM ANALYZE tasks_task")
        yield users
        User.objects.all().delete()


@pytest.fixture
def owner(db: None, owners: list[User]) -> Caller:
    return Caller(owners[2])


def ask(caller: Caller, query: str, *, limit: int = 50) -> tuple[Answer, str]:
    """The answer to a page, and the plan of the statement that made it."""
    with CaptureQueriesContext(connection) as queries:
        answer = caller.get(f"{caller.tasks}?limit={limit}&{query}")
    assert answer.status == 200, answer
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + queries.captured_queries[-1]["sql"])
        return answer, tasks_part("\n".join(line for (line,) in cursor.fetchall()))


def tasks_part(plan: str) -> str:
    """Without the part that finds the caller, and without the policy, which is asked of each row."""
    found = re.sub(r"  CTE caller\n.*?(?=\n  ->)", "", plan, flags=re.DOTALL)
    return re.sub(r" *Filter: *(?=\n|$)", "", re.sub(POLICY, "", found))


def plans(caller: Caller, query: str) -> tuple[str, str]:
    """Of the first page, and of the one after it."""
    answer, first = ask(caller, query)
    _, second = ask(caller, f"{query}&cursor={answer.json['meta']['next_cursor']}")
    return first, second


@pytest.mark.parametrize(
    ("ordering", "index", "condition"),
    [
        ("created_at", "tasks_task_user_id", "(id {0} "),
        ("updated_at", "tasks_task_user_updated", "(ROW(updated_at, id) {0} "),
        ("due_at", "tasks_task_user_due", "(ROW(due_at, id) {0} "),
        ("priority", "tasks_task_user_priority", "(ROW(priority, id) {0} "),
        ("title", "tasks_task_user_title", "(ROW(title_folded, id) {0} "),
    ],
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_order_is_read_from_its_index_without_a_sort(
    owner: Caller, ordering: str, index: str, condition: str, sign: str
) -> None:
    scan = f"Index Scan Backward using {index}" if sign else f"Index Scan using {index}"

    first, second = plans(owner, f"ordering={sign}{ordering}")

    for plan in (first, second):
        assert scan in plan
        assert "Sort" not in plan
        assert "Seq Scan" not in plan
        # Which tasks have no time may be looked up in the order of ids as well.
        assert "Filter" not in plan.replace("Filter: ((due_at IS NULL))", "")
    positions = re.findall(r"Index Cond: (.*)", second)
    assert condition.format("<" if sign else ">") in positions[0]


def test_the_default_list_is_the_newest_first_from_an_index(owner: Caller) -> None:
    for plan in plans(owner, ""):
        assert "Index Scan Backward using tasks_task_user_id" in plan
        assert "Sort" not in plan


@pytest.mark.parametrize("ordering", ["-created_at", "title"])
def test_a_long_page_is_not_sorted_where_most_owners_have_fewer_tasks(owner: Caller, ordering: str) -> None:
    User.objects.bulk_create(User(email=f"other{number}@example.com", password="!") for number in range(300))
    with connection.cursor() as cursor:
        for user_id in User.objects.filter(email__startswith="other").values_list("id", flat=True):
            cursor.execute(INSERT, [OWNERS, user_id, 1])
        cursor.execute("ANALYZE tasks_task")

    _, plan = ask(owner, f"ordering={ordering}", limit=1000)

    assert "Index Scan" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("query", ["tag=work", "tag=WORK&ordering=created_at", "tag=work&status=active&search=task"])
def test_a_tag_is_looked_for_among_the_owners_tagged_tasks(owner: Caller, query: str) -> None:
    for plan in plans(owner, query):
        assert "tasks_task_user_tagged" in plan
        assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    "query",
    [
        "due_after=2026-01-01T00:00:00Z",
        "updated_since=2026-01-05T00:00:00Z",
        "completed=false&priority=high",
        "search=xy",
        "tag=nowhere",
    ],
)
def test_no_other_filter_reads_other_owners_tasks(owner: Caller, query: str) -> None:
    _, plan = ask(owner, query)

    assert "Seq Scan" not in plan
    assert re.search(r"Index Cond: .*user_id", plan)


def test_changes_are_read_in_their_order_and_task_by_task(owner: Caller) -> None:
    made = owner.post(owner.tasks, {"title": "New"}).json["id"]
    for _ in range(5):
        owner.patch(f"{owner.tasks}/{made}/toggle")

    with CaptureQueriesContext(connection) as queries:
        assert len(owner.get(f"/api/{owner.id}/changes?since=2").json["data"]) == 1
    with connection.cursor() as cursor:
        # The few changes of a test may as well be sorted; what is asked is whether an index has them in order.
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + queries.captured_queries[-1]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    # None of the owner's twenty thousand but the one.
    assert "Seq Scan on tasks_task" not in plan, plan
    assert "Sort" not in plan, plan
    assert re.search(r"Index Scan using tasks_task_user_id on tasks_task \(actual rows=1 loops=1\)", plan), plan


def test_changes_cost_the_same_however_many_tasks_there_are(owner: Caller) -> None:
    few = Caller(User.objects.create(email="few@example.com"))
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [OWNERS, few.id, EACH // 100])

    def blocks_read(caller: Caller) -> int:
        """By the statement that reads a hundred changes."""
        listed = caller.get(f"{caller.tasks}?limit=100").json
        operations = [{"op": "complete", "id": task["id"]} for task in listed["data"]]
        assert caller.post(f"{caller.tasks}/bulk", {"operations": operations}).status == 200
        with CaptureQueriesContext(connection) as queries:
            page = caller.get(f"/api/{caller.id}/changes?since={listed['meta']['version']}").json
        assert len(page["data"]) == 100
        with connection.cursor() as cursor:
            # As with statistics of these very rows, which a transaction's own are not in.
            cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + queries.captured_queries[-1]["sql"])
            [[plan]] = cursor.fetchall()
        return int(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])

    assert blocks_read(owner) <= 1.2 * blocks_read(few)


@pytest.mark.parametrize("change", ["toggle", "delete"])
def test_a_change_reads_its_own_task_alone(owner: Caller, change: str) -> None:
    path = f"{owner.tasks}/{owner.post(owner.tasks, {'title': 'New'}).json['id']}"
    with CaptureQueriesContext(connection) as queries:
        answer = owner.patch(f"{path}/toggle") if change == "toggle" else owner.delete(path)
    assert answer.status in (200, 204)
    [asked] = [query["sql"] for query in queries.captured_queries if "before AS" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + asked)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    scans = re.findall(r"Scan using \w+ on tasks_task.*\n +(.*)", plan)
    assert len(scans) == 2, plan
    assert all("(id = " in scan for scan in scans), plan
