"""What an expression or a statement could have been by mistake."""

import ast
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div}
LOOKUPS = {"filter", "exclude", "get"}
LOGS = ("logger.", "outages.")


def variants(node: ast.expr | ast.stmt, *, is_condition: bool) -> Iterator[ast.expr | ast.stmt]:
    if isinstance(node, ast.stmt):
        yield from _statements(node)
        return
    found = list(_expressions(node))
    yield from found
    if is_condition and not found:
        yield ast.UnaryOp(ast.Not(), node)


def _expressions(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(left, operators, values):
            for index, operator in enumerate(operators):
                yield ast.Compare(left, _with(operators, index, COMPARISONS[type(operator)]()), values)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            shorter = [_with(values, index) for index in range(len(values))]
            yield from (ast.BoolOp(operator, rest) if len(rest) > 1 else rest[0] for rest in shorter)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.Constant(bool() | int() as value):
            others = [not value] if isinstance(value, bool) else [value + 1, value - 1]
            yield from (ast.Constant(other) for other in others)
        case _:
            yield from _calculations(node)


def _calculations(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left, operator, right) if type(operator) in ARITHMETIC and not _is_text(left, right):
            yield ast.BinOp(left, ARITHMETIC[type(operator)](), right)
        case ast.Call(ast.Attribute(attr=name), arguments, keywords) if name in LOOKUPS and len(keywords) > 1:
            shorter = [_with(keywords, index) for index in range(len(keywords))]
            yield from (ast.Call(node.func, arguments, rest) for rest in shorter)


def _with(parts: list[T], index: int, *new: T) -> list[T]:
    return [*parts[:index], *new, *parts[index + 1 :]]


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    match node:
        # Callers take None for False.
        case ast.Return(ast.expr() as value) if ast.unparse(value) not in {"None", "False"}:
            yield ast.Return(ast.Constant(None))
            if isinstance(value, ast.Compare | ast.BoolOp):
                yield ast.Return(ast.UnaryOp(ast.Not(), value))
        case ast.AugAssign(target, operator, value) if type(operator) in ARITHMETIC and not _is_text(value):
            yield ast.AugAssign(target, ARITHMETIC[type(operator)](), value)
        case ast.Raise() | ast.Expr(ast.Call()) if not is_log(node) and not _is_for_a_traceback(node):
            yield ast.Pass()


def _is_text(*operands: ast.expr) -> bool:
    return any(isinstance(each, ast.JoinedStr | ast.List | ast.Tuple) or _is_string(each) for each in operands)


def _is_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _is_for_a_traceback(node: ast.stmt) -> bool:
    """The sentence of an exception that is always caught."""
    match node:
        case ast.Expr(ast.Call(ast.Attribute(ast.Call(ast.Name("super")), "__init__"), [argument], [])):
            return _is_string(argument)
    return False


def is_log(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and ast.unparse(node).startswith(LOGS)
