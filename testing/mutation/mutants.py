"""The small changes that a module's tests should notice, made in its syntax tree.

The run is on SQLite, where no test can notice what only PostgreSQL runs: that is left as it is.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from testing.mutation import on_sqlite
from testing.mutation.variants import is_log, variants

# Fields of the tree that hold no behaviour.
TYPES = {"annotation", "returns", "type_comment", "bases"}
# How much is remembered, as the argument of lru_cache says too, or what the type checker and the reader are told; as
# are the arguments of extend_schema and operation. What is only read is ``write_only`` for the API's document alone.
TELLING = {"maxsize", "frozen", "slots", "strict", "kw_only", "write_only"}
CACHES = ("cache", "lru_cache")
# A byte more or less of what is drawn by chance is guessed no sooner.
TELLING_CALLS = ("extend_schema", "secrets.token_")
# What a class says of itself for the API's document.
DESCRIPTIONS = {"refuses"}
# Methods that the API's document is made by.
DESCRIBING = {"get_schema_operation_parameters", "get_paginated_response_schema", "get_security_definition"}


@dataclass(frozen=True)
class Mutant:
    path: str
    number: int
    line: int
    # The statement's own lines: a test that runs one of them may notice.
    lines: tuple[int, int]
    is_in_function: bool
    # In one whose results are kept: most tests that depend on it do not run it.
    is_remembered: bool
    # Of the class, function or constant at the module's top level that it is in; empty for none.
    name: str
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
    is_remembered: bool

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
    tree = ast.parse(Path(path).read_bytes())
    names = {line: _name(each) for each in tree.body for line in range(_first_line(each), (each.end_lineno or 0) + 1)}
    return [
        Mutant(
            path,
            number,
            line := change.old.lineno,
            _own_lines(change.statement),
            change.is_in_function,
            change.is_remembered,
            names[line],
            str(change),
        )
        for number, change in enumerate(_changes(tree))
    ]


def _first_line(statement: ast.stmt) -> int:
    """That of its first decorator, where it has one."""
    decorators = statement.decorator_list if isinstance(statement, ast.ClassDef | ast.FunctionDef) else []
    return min(statement.lineno, *(decorator.lineno for decorator in decorators), statement.lineno)


def _name(statement: ast.stmt) -> str:
    match statement:
        case ast.ClassDef(name) | ast.FunctionDef(name) | ast.AnnAssign(ast.Name(name)) | ast.Assign([ast.Name(name)]):
            return name
    return ""


def changed_code(path: str, number: int, filename: str) -> CodeType:
    """The module at ``path`` with one change, its lines where they were."""
    tree = ast.parse(Path(path).read_bytes())
    list(_changes(tree))[number].make()
    return compile(tree, filename, "exec", dont_inherit=True)


def _changes(tree: ast.Module) -> Iterator[_Change]:
    for statement in tree.body:
        yield from _below(statement, statement, is_in_function=False, is_remembered=False)


def _below(parent: ast.AST, statement: ast.stmt, *, is_in_function: bool, is_remembered: bool) -> Iterator[_Change]:
    kept = is_remembered or (isinstance(parent, ast.FunctionDef) and any(map(_is_cache, parent.decorator_list)))
    for field, position, child in _children(parent):
        inside = is_in_function or (isinstance(parent, ast.FunctionDef) and field == "body")
        nearest = child if isinstance(child, ast.stmt) else statement
        if isinstance(child, ast.expr | ast.stmt) and not on_sqlite.is_lock(child):
            for new in variants(child, is_condition=field in {"test", "ifs"}):
                if not on_sqlite.is_the_same(child, new):
                    yield _Change(parent, field, position, child, new, nearest, inside, kept)
        yield from _below(child, nearest, is_in_function=inside, is_remembered=kept)


def _is_cache(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).startswith(CACHES)


def _children(parent: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(parent):
        if field in _fields_for_others(parent):
            continue
        for position, child in (
            enumerate(on_sqlite.reached(parent, value)) if isinstance(value, list) else [(None, value)]
        ):
            if isinstance(child, ast.AST):
                yield field, position, child


def _fields_for_others(node: ast.AST) -> set[str]:
    """What only PostgreSQL runs, the type checker reads, or a log or a traceback says."""
    if isinstance(node, ast.FunctionDef) and node.name in DESCRIBING:
        return set(node._fields)
    if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases):
        return set(node._fields)
    if isinstance(node, ast.Assert) or is_log(node) or _is_telling(node):
        return set(node._fields)
    return on_sqlite.fields_not_run(node) | TYPES


def _is_telling(node: ast.AST) -> bool:
    match node:
        case ast.Call(function):
            return (name := ast.unparse(function)) in {"operation", "lru_cache"} or name.startswith(TELLING_CALLS)
        case ast.AnnAssign(ast.Name(name)) | ast.Assign([ast.Name(name)]):
            return name in DESCRIPTIONS
        case ast.keyword(arg=str(name)):
            return name in TELLING
    return False


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
