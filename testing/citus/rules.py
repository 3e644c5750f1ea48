"""What Citus 13 refuses of PostgreSQL's statements, where users are a reference table and owned tables are spread by
``user_id``. Each rule yields what a statement breaks it with; a statement of one owner runs whole on one machine, so
most bind only those that name none.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

import psycopg
from django.db import connection
from pglast import ast, enums, parse_sql

from testing.citus.levels import OWNER, Level, Statement
from testing.citus.nodes import Node, is_a, walk

# Of every argument, but for what an operator or a cast calls.
MUTABLE: Final = """
    SELECT proname, bool_or(provolatile = 'v') FROM pg_proc GROUP BY proname HAVING bool_and(provolatile <> 'i')
"""
CHANGES: Final = (ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt)
DEFERRABLE: Final = (enums.ConstrType.CONSTR_ATTR_DEFERRABLE, enums.ConstrType.CONSTR_ATTR_DEFERRED)
KEYS: Final = (
    enums.ConstrType.CONSTR_PRIMARY,
    enums.ConstrType.CONSTR_UNIQUE,
    enums.ConstrType.CONSTR_EXCLUSION,
    enums.ConstrType.CONSTR_FOREIGN,
)


@cache
def mutable_functions() -> dict[str, bool]:
    """Those that are not immutable, and whether they are volatile, from the server's own catalog."""
    # Not the watched one, whose transaction may have failed.
    with psycopg.connect(**connection.get_connection_params()) as database:
        return dict(database.execute(MUTABLE).fetchall())


def breaches(sql: str, owned: frozenset[str], protected: frozenset[str], users: str) -> list[str]:
    """Of one statement with ``$1`` for its values. ``protected``: those of the owned tables that have a policy."""
    found: list[str] = []
    raw: Node
    for raw in parse_sql(sql):
        if is_a(raw.stmt, (ast.SelectStmt, *CHANGES)):
            statement = Statement(raw.stmt, owned, users)
            found += [problem for rule in RULES for problem in rule(statement)]
            found += _mixed_insertions(statement, protected)
        else:
            found += _keys(raw.stmt, owned, users)
    return list(dict.fromkeys(found))


def _changes(statement: Statement) -> Iterator[tuple[Level, str]]:
    """Of tables that are on the machines."""
    for level in statement.levels:
        if is_a(level.node, CHANGES):
            table = level.node.relation.relname
            if statement.is_owned(table) or table == statement.users:
                yield level, table


def _loose(statement: Statement, level: Level) -> list[str]:
    keys = level.keys(statement.is_owned)
    return [level.relations[key[1]].table for key in keys if not statement.is_pinned(key)]


def joins(statement: Statement) -> Iterator[str]:
    for level in statement.levels:
        loose = [key for key in level.keys(statement.is_owned) if not statement.is_pinned(key)]
        if not statement.are_joined(loose) or (loose and len(level.keys(statement.is_owned)) > len(loose)):
            yield f"joins {', '.join(sorted(level.tables()))} by other columns than their owner"


def correlations(statement: Statement) -> Iterator[str]:
    """A sub-select that asks about each row of users, or of an owned table without being of the same owner."""
    for level in statement.levels:
        loose = [key for key in level.keys(statement.is_owned) if not statement.is_pinned(key)]
        for outer in _asked_about(level) if loose else ():
            around = outer.keys(statement.is_owned)
            if not around and statement.users in outer.tables():
                yield f"asks {level.relations[loose[0][1]].table} about each row of {statement.users}"
            elif around and not any(statement.are_joined([loose[0], key]) for key in around):
                yield f"asks {level.relations[loose[0][1]].table} about rows of others than its own owner"


def _asked_about(level: Level) -> Iterator[Level]:
    """The levels around it whose columns it names."""
    named = {node.fields[0].sval for node in walk(level.node) if is_a(node, ast.ColumnRef) and len(node.fields) > 1}
    for outer in level.seen:
        if outer is not level and named & (outer.relations.keys() - level.relations.keys()):
            yield outer


def locks(statement: Statement) -> Iterator[str]:
    for level in statement.levels:
        if getattr(level.node, "lockingClause", None) and (loose := _loose(statement, level)):
            yield f"locks rows of {', '.join(loose)} without one owner"


def limits(statement: Statement) -> Iterator[str]:
    for level in statement.levels:
        bounds = (getattr(level.node, "limitCount", None), getattr(level.node, "limitOffset", None))
        if (loose := _loose(statement, level)) and any(is_a(node, ast.SubLink) for node in walk(bounds)):
            yield f"bounds rows of {', '.join(loose)} without one owner by a sub-select"


def upserts(statement: Statement) -> Iterator[str]:
    for level, table in _changes(statement):
        clause = getattr(level.node, "onConflictClause", None)
        if clause is None or not statement.is_owned(table):
            continue
        if clause.infer and OWNER not in {element.name for element in clause.infer.indexElems or ()}:
            yield f"has a conflict on {table} by other columns than its owner"
        if any(target.name == OWNER for target in clause.targetList or ()):
            yield f"changes the owner of rows of {table}"
        if any(_is_mutable(node) for node in walk(clause)):
            yield f"calls a function that is not immutable where rows of {table} conflict"


def insertions(statement: Statement) -> Iterator[str]:
    for level, table in _changes(statement):
        selected = getattr(level.node, "selectStmt", None)
        values = getattr(selected, "valuesLists", None)
        if any(is_a(node, ast.SubLink) for node in walk(values)):
            yield f"has a sub-select among the values for {table}"


def _mixed_insertions(statement: Statement, protected: frozenset[str]) -> Iterator[str]:
    """What is selected elsewhere than where it belongs goes by COPY, which row security refuses."""
    for level, table in _changes(statement):
        selected = getattr(level.node, "selectStmt", None)
        if selected is None or selected.valuesLists or not statement.is_owned(table):
            continue
        source = next(found for found in level.nested if found.node is selected)
        is_together = _owner_selected(statement, level, source)
        if not is_together and (table in protected or source.keys(statement.is_owned)):
            yield f"selects what is inserted into {table} from elsewhere than its owner's rows"


def _owner_selected(statement: Statement, level: Level, source: Level) -> bool:
    names = [column.name for column in level.node.cols or ()]
    targets = source.node.targetList or ()
    if OWNER not in names or len(targets) < len(names):
        return False
    key = statement.owner_of(targets[names.index(OWNER)].val, source)
    return key is not None and key in source.keys(statement.is_owned)


def changes_of_several(statement: Statement) -> Iterator[str]:
    """As a part of a statement; one that stands alone may go to all machines."""
    for level, table in _changes(statement):
        is_insertion = is_a(level.node, ast.InsertStmt)
        if level.name and statement.is_owned(table) and not is_insertion and _loose(statement, level):
            yield f"changes rows of {table} without one owner within another statement"


def functions(statement: Statement) -> Iterator[str]:
    for level, table in _changes(statement):
        parts = (getattr(level.node, "targetList", None), getattr(level.node, "whereClause", None))
        for node in walk(parts):
            if is_a(node, ast.CaseExpr) and node.arg is not None and not is_a(level.node, ast.InsertStmt):
                yield f"compares within CASE … WHEN of a change of {table}, which the machines are told otherwise"
            if is_a(node, (ast.CaseExpr, ast.CoalesceExpr)) and any(map(_is_mutable, walk(node))):
                yield f"calls a function that is not immutable within CASE or COALESCE of a change of {table}"
            elif _is_volatile(node) and not is_a(level.node, ast.InsertStmt):
                yield f"calls a volatile function in a change of {table}"
            elif _is_mutable(node) and any(is_a(below, ast.ColumnRef) for below in walk(node)):
                yield f"calls a function that is not immutable with a column in a change of {table}"
        if any(map(_is_mutable, walk(_returned(level.node)))):
            yield f"calls a function that is not immutable where a change of {table} returns"


def owners(statement: Statement) -> Iterator[str]:
    for level, table in _changes(statement):
        if is_a(level.node, ast.UpdateStmt) and statement.is_owned(table):
            for target in level.node.targetList:
                if target.name == OWNER:
                    yield f"changes the owner of rows of {table}"


def _returned(node: Node) -> Any:
    return getattr(node, "returningClause", None) or getattr(node, "returningList", None) or ()


def _is_mutable(node: Node) -> bool:
    if is_a(node, ast.SQLValueFunction):
        return True
    return is_a(node, ast.FuncCall) and node.funcname[-1].sval in mutable_functions()


def _is_volatile(node: Node) -> bool:
    return is_a(node, ast.FuncCall) and mutable_functions().get(node.funcname[-1].sval, False)


def _keys(node: Node, owned: frozenset[str], users: str) -> Iterator[str]:
    """Of a statement that makes or changes a table."""
    table = getattr(getattr(node, "relation", None), "relname", "")
    if table not in owned:
        return
    for constraint in walk(node):
        if is_a(constraint, ast.Constraint):
            yield from _key(constraint, table, owned)
    if is_a(node, ast.IndexStmt) and node.unique and OWNER not in {part.name for part in node.indexParams}:
        yield f"makes what is unique in {table} without its owner"


def _key(key: Node, table: str, owned: frozenset[str]) -> Iterator[str]:
    if key.contype in DEFERRABLE or (key.contype in KEYS and (key.deferrable or key.initdeferred)):
        yield f"gives {table} a key that is deferrable"
    columns = {column.sval for column in key.fk_attrs or key.keys or ()}
    if key.contype == enums.ConstrType.CONSTR_FOREIGN and key.pktable.relname in owned and OWNER not in columns:
        yield f"has {table} refer to {key.pktable.relname} without its owner"
    if key.contype in KEYS[:2] and columns and OWNER not in columns:
        yield f"makes what is unique in {table} without its owner"


RULES: Final[tuple[Callable[[Statement], Iterator[str]], ...]] = (
    joins,
    correlations,
    locks,
    limits,
    upserts,
    insertions,
    changes_of_several,
    functions,
    owners,
)
