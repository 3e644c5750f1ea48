"""What Django's ORM cannot say, UPDATE ... RETURNING, a change and its reading back in one statement;
and what it says at a cost on every request. Each change is noted in its owner's journal (``tasks.entries``).
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts.models import User
from core import news, quotas
from core.quotas import QuotaExceeded
from core.sql import owned
from core.sql.owned import Owner, Statement
from core.sql.statements import bind
from tasks import removals
from tasks.acts import BY_API, Act
from tasks.edits import Changes, Update, Versions
from tasks.entries import TASKS, Pen, differences, first_values, hold, is_outrun, writing
from tasks.insertions import Drafts, insertion, plain_insertion
from tasks.models import Kind, Task
from tasks.rows import Form, T, columns, fetch
from tasks.single_edits import edit_at_once


def insert_tasks(user_id: str, drafts: Drafts, act: Act, form: Form[T]) -> list[T]:
    """Stores new ones with their ids and instants; a field that a draft leaves out has its default. Where there is no
    room the oldest of the trash go.

    Raises ``QuotaExceeded`` where there is none for all of them even so.
    """
    try:
        return _insert(user_id, drafts, act, form)
    except QuotaExceeded:
        with transaction.atomic():
            hold(user_id)
            if not removals.make_room(user_id, len(drafts)):
                raise
            return _insert(user_id, drafts, act, form)


def _insert(user_id: str, drafts: Drafts, act: Act, form: Form[T]) -> list[T]:
    if not quotas.is_counted_in_the_statement():
        return [form.of(task) for task in _insert_by_pen(user_id, drafts, act)]
    rows = owned.fetch(user_id, lambda owner: insertion(owner, drafts, act, form.columns))
    if not rows:
        raise quotas.exceeded(TASKS)
    made = {task.id: task for task in map(form.read, rows)}
    news.announce(user_id)
    tasks = [made[draft["id"]] for draft in drafts]
    for place, task in enumerate(reversed(tasks)):
        # Each was told the number of the last one.
        task.number = (task.number or 0) - place
    return tasks


def _insert_by_pen(user_id: str, drafts: Drafts, act: Act) -> list[Task]:
    with transaction.atomic():
        # Ahead of the pen: of an owner's first tasks it is what makes the row to be held.
        quotas.take(user_id, TASKS, len(drafts))
        return _write_new(user_id, drafts, act)


def _write_new(user_id: str, drafts: Drafts, act: Act) -> list[Task]:
    with writing(user_id, act, max(draft["updated_at"] for draft in drafts)) as pen:
        drafts = [{**draft, "updated_at": pen.at} for draft in drafts]
        made = fetch(user_id, lambda _: plain_insertion(user_id, drafts))
        for draft in drafts:
            made[draft["id"]].number = pen.note(draft["id"], Kind.CREATED, first_values(draft))
    return [made[draft["id"]] for draft in drafts]


def update_task(
    user_id: str, task_id: uuid.UUID, changes: Changes, versions: Versions, act: Act, form: Form[T]
) -> T | None:
    """As ``update_tasks`` of one, which on PostgreSQL is one statement where it changes something."""
    rows = changes and _at_once(
        user_id, lambda owner: edit_at_once(owner, task_id, changes, versions, act, form.columns)
    )
    if rows:
        return form.read(rows[0])
    task = update_tasks(user_id, {task_id: changes}, versions, act).get(task_id)
    return form.of(task) if task else None


def update_tasks(
    user_id: str, edits: Mapping[uuid.UUID, Changes], versions: Versions = None, act: Act = BY_API
) -> dict[uuid.UUID, Task]:
    """Gives each task the values of its fields in ``edits``; ``completed`` may be ``FLIPPED``.

    Returns those that exist and are at one of ``versions``, as they are now. ``version`` and
    ``updated_at`` move only where a value did.
    """
    with writing(user_id, act) as pen:
        return _update_by_pen(pen, user_id, edits, versions)


def _update_by_pen(
    pen: Pen, user_id: str, edits: Mapping[uuid.UUID, Changes], versions: Versions
) -> dict[uuid.UUID, Task]:
    update = Update(edits, pen.at)
    where = update.condition(Owner(user_id), versions)
    found = Statement(f"SELECT {columns()} FROM tasks_task WHERE {where}", update.parameters, is_frequent=False)  # noqa: S608 - columns of the model
    before = fetch(user_id, lambda _: found)
    sql = f"UPDATE tasks_task SET {update.assignments()} WHERE {where} RETURNING {columns()}"  # noqa: S608 - columns of the model, values are parameters
    after = fetch(user_id, lambda _: Statement(sql, update.parameters, is_change=True, is_frequent=len(edits) == 1))
    for task_id in edits:
        task = after.get(task_id)
        if task and task.version != before[task_id].version:
            task.number = pen.note(task_id, Kind.CHANGED, differences(before[task_id], task))
    return after


def trash_task(user_id: str, task_id: uuid.UUID, versions: Versions = None, act: Act = BY_API) -> dict[uuid.UUID, int]:
    """As ``trash_tasks`` of one, which on PostgreSQL is one statement where it is there."""
    rows = _at_once(user_id, lambda owner: removals.trash_at_once(owner, task_id, versions, act))
    return {task_id: rows[0][0]} if rows else trash_tasks(user_id, [task_id], versions, act)


def trash_tasks(
    user_id: str, task_ids: Collection[uuid.UUID], versions: Versions = None, act: Act = BY_API
) -> dict[uuid.UUID, int]:
    """Those at one of ``versions``; returns them with the numbers of their deletions."""
    if not task_ids:
        return {}
    with writing(user_id, act) as pen:
        return removals.trash(pen, user_id, task_ids, versions)


def delete_tasks(
    user_id: str,
    task_ids: Collection[uuid.UUID],
    versions: Versions = None,
    act: Act = BY_API,
    *,
    trashed_too: bool = False,
) -> dict[uuid.UUID, int]:
    """As ``trash_tasks``, for good. No row of another table hangs on a task."""
    if not task_ids:
        return {}
    with writing(user_id, act) as pen:
        return removals.delete(pen, user_id, task_ids, versions, trashed_too=trashed_too)


def restore_tasks(
    user_id: str, task_ids: Collection[uuid.UUID], versions: Versions = None, act: Act = BY_API
) -> Mapping[uuid.UUID, Task]:
    """Those in the trash, at one of ``versions``."""
    with writing(user_id, act) as pen:
        return removals.restore(pen, user_id, task_ids, versions)


def _at_once(user_id: str, build: Callable[[Owner], Statement]) -> list[Sequence[Any]]:
    """The rows of a single statement; none too where it was outrun, or the database has no such statement."""
    if not quotas.is_counted_in_the_statement():
        return []
    if connection.in_atomic_block:
        # A snapshot taken behind the lock sees all there is.
        hold(user_id)
    try:
        rows: list[Sequence[Any]] = [*owned.fetch(user_id, build)]
    except IntegrityError as error:
        if connection.in_atomic_block or not is_outrun(error):
            raise
        return []
    if rows:
        news.announce(user_id)
    return rows


@cache
def visible_sql(user_id_sql: str) -> str:
    """``TaskQuerySet.visible_to`` as a condition on ``tasks_task``, for the user whose id that text gives.

    So who may see a task is said there alone, for the ORM and for the statements that are written by hand:
    here and in ``tasks.lists``.
    """
    visible = Task.objects.visible_to(User(id="")).query
    condition, _ = visible.where.as_sql(visible.get_compiler(connection=connection), connection)
    return condition.replace("%s", user_id_sql)


def select_task(user_id: str, task_id: uuid.UUID) -> Task | None:
    """As ``filter(...).first()``, whose compilation costs four times what the database does."""

    def build(owner: Owner) -> Statement:
        sql = f"SELECT {columns()} FROM tasks_task WHERE {visible_sql(owner.sql('%s'))} AND id = %s"  # noqa: S608 - columns of the model
        return Statement(sql, [*owner.values, bind(Task, "id", task_id)])

    return fetch(user_id, build).get(task_id)
