"""A statement's levels, by PostgreSQL's own grammar: what each reads, and which owners must be the same.

A level is one SELECT, INSERT, UPDATE or DELETE. Its relations are its tables, and what sub-selects and common table
expressions give it. Two columns that hold the owner are joined where they are compared in conditions that all rows
have to meet; one is pinned where it is compared with a single value.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from pglast import ast, enums

from testing.citus.nodes import (
    STATEMENTS,
    Node,
    conjuncts,
    is_a,
    is_single,
    name_of,
    pairs,
    sources,
    targets,
    walk,
    without_sources,
)

OWNER: Final = "user_id"
Key = tuple[int, str]


@dataclass(eq=False)
class Relation:
    # A table's name, or "" of what another level gives.
    table: str
    level: "Level | None" = None


@dataclass(eq=False)
class Level:
    node: Node
    parent: Self | None = None
    # The name it has as a common table expression.
    name: str = ""
    relations: dict[str, Relation] = field(default_factory=dict)
    expressions: dict[str, "Level"] = field(default_factory=dict)
    conditions: list[Node] = field(default_factory=list)
    # In its conditions or among what it gives: those sub-selects that are no relations.
    nested: list["Level"] = field(default_factory=list)

    # Whether it may name columns of the level that it is part of.
    sees_parent: bool = True

    @property
    def around(self) -> Iterator["Level"]:
        """It and those that it is part of, from the inside."""
        level: Level | None = self
        while level is not None:
            yield level
            level = level.parent

    @property
    def seen(self) -> Iterator["Level"]:
        """Those of them whose columns it may name."""
        is_seen = True
        for level in self.around:
            if is_seen:
                yield level
            is_seen = level.sees_parent

    def tables(self) -> set[str]:
        return {relation.table for relation in self.relations.values() if relation.table}

    def keys(self, is_meant: Callable[[str], bool]) -> list[Key]:
        return [(id(self), alias) for alias, relation in self.relations.items() if is_meant(relation.table)]

    def find_expression(self, name: str) -> "Level | None":
        return next((level.expressions[name] for level in self.around if name in level.expressions), None)


class Statement:
    def __init__(self, node: Node, owned: frozenset[str], users: str) -> None:
        self.owned, self.users = owned, users
        self.levels: list[Level] = []
        self._joined: dict[Key | str, Key | str] = {}
        self.top = self._read(node, None)
        for level in self.levels:
            for condition in level.conditions:
                self._learn(condition, level)

    def is_owned(self, table: str) -> bool:
        return table in self.owned

    def is_pinned(self, key: Key) -> bool:
        return self._root(key) == self._root("")

    def are_joined(self, keys: Sequence[Key]) -> bool:
        return len({self._root(key) for key in keys}) < 2

    def _root(self, key: Key | str) -> Key | str:
        while key in self._joined:
            key = self._joined[key]
        return key

    def _join(self, one: Key | str | None, other: Key | str | None) -> None:
        if one is not None and other is not None and self._root(one) != self._root(other):
            self._joined[self._root(one)] = self._root(other)

    def _read(self, node: Node, parent: Level | None, name: str = "", *, sees_parent: bool = True) -> Level:
        level = Level(node, parent, name, sees_parent=sees_parent)
        self.levels.append(level)
        for expression in node.withClause.ctes if getattr(node, "withClause", None) else ():
            inner = self._read(expression.ctequery, level, expression.ctename, sees_parent=False)
            level.expressions[expression.ctename] = inner
        for source in sources(node):
            self._relate(source, level)
        level.conditions += conjuncts(getattr(node, "whereClause", None))
        self._nest(node, level)
        return level

    def _relate(self, source: Node, level: Level) -> None:
        if is_a(source, ast.JoinExpr):
            self._relate(source.larg, level)
            self._relate(source.rarg, level)
            level.conditions += conjuncts(source.quals)
        elif is_a(source, ast.RangeVar):
            known = None if source.schemaname else level.find_expression(source.relname)
            alias = source.alias.aliasname if source.alias else source.relname
            level.relations[alias] = Relation("" if known else source.relname, known)
        elif is_a(source, ast.RangeSubselect):
            inner = self._read(source.subquery, level, sees_parent=source.lateral)
            level.relations[source.alias.aliasname if source.alias else str(id(source))] = Relation("", inner)

    def _nest(self, node: Node, level: Level) -> None:
        """Sub-selects of its expressions, the parts of a UNION, and what an INSERT selects."""
        for child in walk(without_sources(node), into_levels=False):
            if is_a(child, STATEMENTS):
                level.nested.append(self._read(child, level))

    def _learn(self, condition: Node, level: Level) -> None:
        if is_a(condition, ast.A_Expr) and condition.name and condition.name[-1].sval == "=":
            if condition.kind == enums.A_Expr_Kind.AEXPR_OP:
                for one, other in pairs(condition.lexpr, condition.rexpr):
                    self._equate(one, other, level)
            elif condition.kind == enums.A_Expr_Kind.AEXPR_IN and len(condition.rexpr) == 1:
                self._equate(condition.lexpr, condition.rexpr[0], level)
        elif is_a(condition, ast.SubLink) and condition.testexpr is not None:
            self._learn_membership(condition, level)

    def _learn_membership(self, link: Node, level: Level) -> None:
        inner = next(found for found in self.levels if found.node is link.subselect)
        given = [target.val for target in link.subselect.targetList or ()]
        tested = link.testexpr.args if is_a(link.testexpr, ast.RowExpr) else (link.testexpr,)
        for one, other in zip(tested, given, strict=False):
            self._join(self.owner_of(one, level), self.owner_of(other, inner))

    def _equate(self, one: Node, other: Node, level: Level) -> None:
        left, right = self.owner_of(one, level), self.owner_of(other, level)
        if left and right:
            self._join(left, right)
        elif (left and is_single(other)) or (right and is_single(one)):
            self._join(left or right, "")

    def owner_of(self, node: Node, level: Level) -> Key | None:
        """Whose owner the expression is, if it is one's."""
        while is_a(node, ast.TypeCast):
            node = node.arg
        if not is_a(node, ast.ColumnRef) or not is_a(node.fields[-1], ast.String):
            return None
        *qualifier, column = [part.sval for part in node.fields]
        for outer in level.seen:
            for alias, relation in outer.relations.items():
                if qualifier and alias != qualifier[-1]:
                    continue
                if key := self._owner_in(outer, alias, relation, column, is_said=bool(qualifier)):
                    return key
        return None

    def _owner_in(self, level: Level, alias: str, relation: Relation, column: str, *, is_said: bool) -> Key | None:
        if relation.level is not None:
            return self._given(relation.level, column)
        if column == OWNER and self.is_owned(relation.table):
            return id(level), alias
        is_user = relation.table == self.users and column == "id"
        return (id(level), alias) if is_user and (is_said or len(level.relations) == 1) else None

    def _given(self, level: Level, column: str) -> Key | None:
        """The owner that a level gives by this name."""
        for target in targets(level.node):
            value = target.val
            if is_a(value, ast.ColumnRef) and is_a(value.fields[-1], ast.A_Star):
                found = level.keys(self.is_owned) if column == OWNER else []
                if len(found) == 1:
                    return found[0]
            elif target.name == column or (target.name is None and name_of(value) == column):
                return self.owner_of(value, level)
        return None
