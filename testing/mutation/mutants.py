"""The small changes that a module's tests should notice, made in its syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import TypeVar

T = TypeVar("T")

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div}
LOOKUPS = {"filter", "exclude", "get"}

# Fields of the tree that hold no behaviour.
TYPES = {"annotation", "returns", "type_comment", "bases"}
# How much is remembered, or what the type checker and the reader are told; as are the arguments of extend_schema.
TELLING = {"maxsize", "frozen", "slots", "strict", "kw_only"}
# The run is on SQLite.
NOT_HERE = {"TYPE_CHECKING", "connection.vendor == 'postgresql'"}


@dataclass(frozen=True)
class Mutant:
    path: str
    number: int
    line: int
    # The statement's own lines: a test that runs one of them may notice.
    lines: tuple[int, int]
    is_in_function: bool
    change: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.change}"


@dataclass
class _Change:
    parent: ast.AST
    field: str
    position: int | None
    old: ast.expr | ast.stmt
    new: ast.expr | ast.stmt
    statement: ast.stmt
    is_in_function: bool

    def make(self) -> None:
        ast.fix_missing_locations(ast.copy_location(self.new, self.old))
        if self.position is None:
            setattr(self.parent, self.field, self.new)
        else:
            getattr(self.parent, self.field)[self.position] = self.new

    def __str__(self) -> str:
        if isinstance(self.new, ast.Pass):
            return f"without: {_short(self.old)}"
        return f"{_short(self.old)}  ->  {_short(self.new)}"


def mutants_of(path: str) -> list[Mutant]:
    return [
        Mutant(path, number, change.old.lineno, _own_lines(change.statement), change.is_in_function, str(change))
        for number, change in enumerate(_changes(ast.parse(Path(path).read_bytes())))
    ]


def changed_code(path: str, number: int, filename: str) -> CodeType:
    """The module at ``path`` with one change, its lines where they were."""
    tree = ast.parse(Path(path).read_bytes())
    list(_changes(tree))[number].make()
    return compile(tree, filename, "exec", dont_inherit=True)


def _changes(tree: ast.Module) -> Iterator[_Change]:
    for statement in tree.body:
        yield from _below(statement, statement, is_in_function=False)


def _below(parent: ast.AST, statement: ast.stmt, *, is_in_function: bool) -> Iterator[_Change]:
    for field, position, child in _children(parent):
        inside = is_in_function or (isinstance(parent, ast.FunctionDef) and field == "body")
        nearest = child if isinstance(child, ast.stmt) else statement
        if isinstance(child, ast.expr | ast.stmt):
            for new in _variants(child, is_condition=field in {"test", "ifs"}):
                yield _Change(parent, field, position, child, new, nearest, inside)
        yield from _below(child, nearest, is_in_function=inside)


def _children(parent: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(parent):
        if field in _fields_for_others(parent):
            continue
        for position, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield field, position, child


def _fields_for_others(node: ast.AST) -> set[str]:
    """What only PostgreSQL runs, the type checker reads, or a log says."""
    if isinstance(node, ast.If | ast.IfExp) and ast.unparse(node.test) in NOT_HERE:
        return {"test", "body"}
    if isinstance(node, ast.Assert) or _is_log(node) or _is_telling(node):
        return set(node._fields)
    return TYPES


def _is_telling(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).startswith("extend_schema")
    return isinstance(node, ast.keyword) and node.arg in TELLING


def _is_log(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and ast.unparse(node).startswith("logger.")


def _variants(node: ast.expr | ast.stmt, *, is_condition: bool) -> Iterator[ast.expr | ast.stmt]:
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
        case ast.Raise() | ast.Expr(ast.Call()) if not _is_log(node):
            yield ast.Pass()


def _is_text(*operands: ast.expr) -> bool:
    return any(isinstance(each, ast.JoinedStr | ast.List | ast.Tuple) or _is_string(each) for each in operands)


def _is_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _own_lines(statement: ast.stmt) -> tuple[int, int]:
    """Without the statements inside it, which have their own."""
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if body is None:
        return statement.lineno, statement.end_lineno or statement.lineno
    first = body[0].pattern.lineno if isinstance(body[0], ast.match_case) else body[0].lineno
    return statement.lineno, max(statement.lineno, first - 1)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}..."
