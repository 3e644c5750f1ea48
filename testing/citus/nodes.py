"""The parts of a statement as PostgreSQL's own parser names them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pglast import ast, enums

# Of ``core.sql.owned``: one row, whose id is the caller's.
CALLER: Final = "caller"
Node = Any
STATEMENTS: Final = (ast.SelectStmt, ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt)


def is_a(node: Node, kind: type | tuple[type, ...]) -> bool:
    """``isinstance`` that leaves the type open: by its stubs every part of a node may be missing."""
    return isinstance(node, kind)


def children(node: Node) -> Iterator[Node]:
    if is_a(node, tuple):
        yield from node
    elif is_a(node, ast.Node):
        yield from (getattr(node, name) for name in node)


def walk(node: Node, *, into_levels: bool = True) -> Iterator[Node]:
    """The node and all below it; without ``into_levels`` no further SELECT."""
    for child in children(node):
        if is_a(child, (ast.Node, tuple)):
            if is_a(child, ast.Node):
                yield child
            if into_levels or not is_a(child, STATEMENTS):
                yield from walk(child, into_levels=into_levels)


def conjuncts(condition: Node) -> Iterator[Node]:
    if is_a(condition, ast.BoolExpr) and condition.boolop == enums.BoolExprType.AND_EXPR:
        for part in condition.args:
            yield from conjuncts(part)
    elif condition is not None:
        yield condition


def is_single(node: Node) -> bool:
    """A value that is known, or is the one caller's."""
    while is_a(node, ast.TypeCast):
        node = node.arg
    if is_a(node, ast.SubLink):
        read = getattr(node.subselect, "fromClause", None) or ()
        return [getattr(source, "relname", "") for source in read] == [CALLER]
    return is_a(node, (ast.ParamRef, ast.A_Const))


def pairs(one: Node, other: Node) -> Iterator[tuple[Node, Node]]:
    if is_a(one, ast.RowExpr) and is_a(other, ast.RowExpr):
        yield from zip(one.args, other.args, strict=False)
    else:
        yield one, other


def sources(node: Node) -> list[Node]:
    """What it reads, and changes."""
    target = getattr(node, "relation", None)
    further = getattr(node, "fromClause", None) or getattr(node, "usingClause", None) or ()
    return [*([target] if target else []), *further]


def without_sources(node: Node) -> tuple[Node, ...]:
    left = {"withClause", "relation"}
    found = [getattr(node, name) for name in node if name not in left]
    return tuple(_joins_alone(part) if part is getattr(node, "fromClause", ()) else part for part in found)


def _joins_alone(sources: Node) -> tuple[Node, ...]:
    """The conditions of joins; their tables and sub-selects are relations."""
    return tuple(child.quals for child in walk(sources, into_levels=False) if is_a(child, ast.JoinExpr))


def targets(node: Node) -> Sequence[Node]:
    returned = getattr(node, "returningClause", None)
    return (returned.exprs if returned else None) or getattr(node, "returningList", None) or node.targetList or ()


def name_of(value: Node) -> str | None:
    """Of a column."""
    last: Node = value.fields[-1] if is_a(value, ast.ColumnRef) else None
    return last.sval if is_a(last, ast.String) else None
