"""Moves a backend's people here, one transaction a person: all that fits of somebody's rows, or none of them."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Final

from django.db import DataError, IntegrityError, transaction

from accounts.models import User
from core.quotas import QuotaExceeded
from todo_project.importing import people, talks, tasks
from todo_project.importing.merging import Follower
from todo_project.importing.report import Report
from todo_project.importing.shapes import Table, messages_sql, people_sql
from todo_project.importing.source import Row, Source
from todo_project.importing.values import Misfit

FOLLOWING: Final = ("tasks", "conversations", "messages")


@dataclass(frozen=True, slots=True)
class Belongings:
    tasks: Sequence[Row]
    conversations: Sequence[Row]
    messages: Sequence[Row]

    def __len__(self) -> int:
        return len(self.tasks) + len(self.conversations) + len(self.messages)


@dataclass(frozen=True, slots=True)
class Move:
    letter: str
    # Of whom the people are; empty: our own.
    issuer: str
    is_dry: bool
    with_roles: bool
    report: Report
    # Of a dry run, which leaves nobody behind whom the next could collide with: emails, and whose they are.
    claimed: dict[str, str] = field(default_factory=dict)

    def run(self, source: Source, tables: dict[str, Table], tell: Callable[[int], None]) -> None:
        """``tell`` is told how many rows have been read since the last time."""
        with ExitStack() as streams:

            def opened(rows: Generator[Row, None, None]) -> Generator[Row, None, None]:
                return streams.enter_context(closing(rows))

            followers = {kind: self._follow(kind, opened(_rows(kind, source, tables))) for kind in FOLLOWING}
            for row in opened(source.stream(people_sql(source, tables["users"]))):
                mine = Belongings(**{kind: list(each.take(row["id"] or "")) for kind, each in followers.items()})
                self._move(row, mine)
                tell(1 + len(mine))
            for each in followers.values():
                each.end()
        self._count_unreached(source, tables)
        self.report.tell()

    def _follow(self, kind: str, rows: Iterator[Row]) -> Follower:
        def orphan(row: Row) -> None:
            self.report.read[kind] += 1
            self.report.misfit(kind, row["id"], "its owner is not among the users")

        return Follower(rows, orphan)

    def _count_unreached(self, source: Source, tables: dict[str, Table]) -> None:
        """Messages whose conversation is gone come along with none."""
        if "messages" in tables and "conversations" in tables:
            beyond = source.count(tables["messages"].name) - self.report.read["messages"]
            if beyond > 0:
                self.report.read["messages"] += beyond
                self.report.unfit["messages"] += beyond
                self.report.say(f"{beyond} messages were left out: they belong to no conversation.")

    def _move(self, row: Row, mine: Belongings) -> None:
        try:
            try:
                report = self._moved(row, mine)
            except IntegrityError:
                # Another run, or a signup, has stored the same meanwhile: now it is seen.
                report = self._moved(row, mine)
        except Misfit as why:
            report = self._left_out(row, mine, str(why))
        except QuotaExceeded:
            report = self._left_out(
                row, mine, "there are more of its rows than the quotas allow (MAX_TASKS, MAX_CONVERSATIONS)"
            )
        except (DataError, IntegrityError) as error:
            report = self._left_out(row, mine, f"the database refused its rows ({type(error).__name__})")
        self.report.add(report)

    def _moved(self, row: Row, mine: Belongings) -> Report:
        report = self.report.part()
        with transaction.atomic():
            self._store(row, mine, report)
            transaction.set_rollback(self.is_dry)
        return report

    def _store(self, row: Row, mine: Belongings, report: Report) -> None:
        report.read["users"] += 1
        moved = people.move(row, self.issuer, report, with_roles=self.with_roles)
        if moved.is_new:
            report.stored["users"] += 1
            report.wanted["users"] += people.digest(moved.user)
            report.found["users"] += people.digest(User.objects.get(id=moved.user.id))
        else:
            report.there["users"] += 1
        tasks.move(moved.user, mine.tasks, self.letter, report)
        talks.move(moved.user, mine.conversations, mine.messages, self.letter, report)
        if self.is_dry and moved.is_new and not self.issuer:
            self._claim_email(moved.user)

    def _claim_email(self, user: User) -> None:
        if (by := self.claimed.setdefault(user.email, user.id)) != user.id:
            raise people.email_taken(by)

    def _left_out(self, row: Row, mine: Belongings, why: str) -> Report:
        report = self.report.part()
        counts = {"users": 1, "tasks": len(mine.tasks), "conversations": len(mine.conversations)}
        for kind, count in {**counts, "messages": len(mine.messages)}.items():
            report.read[kind] += count
            report.unfit[kind] += count
        report.unfit["users"] -= 1
        report.misfit("users", row["id"], f"{why}; so were its {len(mine)} rows")
        return report


def _rows(kind: str, source: Source, tables: dict[str, Table]) -> Generator[Row, None, None]:
    if kind not in tables or (kind == "messages" and "conversations" not in tables):
        return
    if kind == "tasks":
        yield from source.stream(tables[kind].ordered(source, "owner"))
    elif kind == "conversations":
        yield from source.stream(tables[kind].ordered(source, "owner", "id"))
    else:
        yield from source.stream(messages_sql(source, tables[kind], tables["conversations"]))
