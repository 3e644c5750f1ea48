"""The SQL that a migration sends, as the linter's patterns expect it, however it was written."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from pglast import ast, enums, parse_sql
from pglast.stream import RawStream

from testing.citus.nodes import Node, is_a

# They change no table, and their texts are no SQL to look for words in.
OF_ROWS: Final = (
    ast.SelectStmt,
    ast.InsertStmt,
    ast.UpdateStmt,
    ast.DeleteStmt,
    ast.TransactionStmt,
    ast.VariableSetStmt,
    ast.CommentStmt,
    ast.ConstraintsSetStmt,
)


class Statement(NamedTuple):
    text: str
    table: str = ""
    makes_table: bool = False


def read(sql: str) -> Iterator[Statement]:
    """Each change of one ``ALTER TABLE`` by itself."""
    raw: Node
    for raw in parse_sql(sql):
        node = raw.stmt
        relation = getattr(node, "relation", None)
        table = relation.relname if relation else ""
        if is_a(node, ast.AlterTableStmt):
            for change in node.cmds:
                node.cmds = (_in_order(change),)
                yield Statement(_written(node), table)
        elif is_a(node, ast.IndexStmt):
            # What follows the table they take for a part of its name.
            kind = "UNIQUE INDEX" if node.unique else "INDEX"
            how = "CONCURRENTLY " if node.concurrent else ""
            yield Statement(f'CREATE {kind} {how}{node.idxname or ""} ON "{table}" (...)', table)
        elif not is_a(node, OF_ROWS):
            yield Statement(_written(node), table, is_a(node, ast.CreateStmt))


def _in_order(change: Node) -> Node:
    """They look for NOT NULL after the default."""
    if is_a(change.def_, ast.ColumnDef) and change.def_.constraints:
        is_not_null = enums.ConstrType.CONSTR_NOTNULL
        change.def_.constraints = tuple(sorted(change.def_.constraints, key=lambda part: part.contype == is_not_null))
    return change


def _written(node: Node) -> str:
    return str(RawStream()(node))
