"""What of the code the run, which is on SQLite, does not get to: no test can notice a change of that."""

import ast
from typing import Any

# Conditions, as they are written.
NEVER = {
    "TYPE_CHECKING",
    "connection.vendor == 'postgresql'",
    "is_postgresql()",
    "is_distributed()",
    "quotas.is_counted_in_the_statement()",
    "owner.proof",
    "owner.sql('')",
    "self.proof",
    "statement.before",
}
ALWAYS = {
    "connection.vendor != 'postgresql'",
    "connection.vendor == 'sqlite'",
    "not is_postgresql()",
    "not is_distributed()",
    "not quotas.is_counted_in_the_statement()",
}
# Whether a statement is prepared, what becomes of it beside the proof of its caller, and how it writes JSON.
ABOUT_STATEMENTS = {"is_frequent", "is_change", "is_bare"}
# Whoever is in a transaction there is alone; and a connection is given back to no pool.
LOCKS = (
    "hold(", "hold_tasks(", "wait_briefly(", "limit_waits(", "count_messages(user_id, conversation_id, 0)",
    "let_connection_go(",
)  # fmt: skip


def fields_not_run(node: ast.AST) -> set[str]:
    if isinstance(node, ast.If | ast.IfExp) and ast.unparse(node.test) in NEVER:
        return {"test", "body"}
    if isinstance(node, ast.If | ast.IfExp) and is_always_so(node.test):
        return {"test", "orelse"}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "select_for_update":
        return {"args", "keywords"}
    return set(node._fields) if _is_about_statements(node) else set()


def reached(parent: ast.AST, nodes: list[Any]) -> list[Any]:
    """Without the statements, and the parts of a condition, that only PostgreSQL gets to."""
    for place, node in enumerate(nodes):
        if isinstance(node, ast.If) and is_always_so(node.test) and isinstance(node.body[-1], ast.Return | ast.Raise):
            return nodes[: place + 1]
        if isinstance(parent, ast.BoolOp) and _decides(parent.op, node):
            return nodes[: place + 1]
    return nodes


def is_the_same(old: ast.AST, new: ast.AST) -> bool:
    """Of a condition that has lost a part which could not matter."""
    if not isinstance(old, ast.BoolOp) or (isinstance(new, ast.BoolOp) and type(new.op) is not type(old.op)):
        return False
    left = new.values if isinstance(new, ast.BoolOp) else [new]
    of_no_matter = ALWAYS if isinstance(old.op, ast.And) else NEVER
    return any(
        ast.unparse(part) in of_no_matter or any(_decides(old.op, earlier) for earlier in old.values[:place])
        for place, part in enumerate(old.values)
        if part not in left
    )


def is_always_so(test: ast.expr) -> bool:
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else [test]
    return any(ast.unparse(part) in ALWAYS for part in parts)


def is_lock(node: ast.AST) -> bool:
    """A statement that does nothing else."""
    if not isinstance(node, ast.Expr):
        return False
    text = ast.unparse(node)
    return text.startswith(LOCKS) or (text.startswith("list(") and ".select_for_update(" in text)


def _decides(operator: ast.boolop, part: ast.AST) -> bool:
    """Whether the parts after it are never looked at."""
    return ast.unparse(part) in (NEVER if isinstance(operator, ast.And) else ALWAYS)


def _is_about_statements(node: ast.AST) -> bool:
    match node:
        case (
            ast.keyword(arg=name)
            | ast.Assign(targets=[ast.Name(id=name)])
            | ast.AnnAssign(target=ast.Name(id=name))
            | ast.IfExp(test=ast.Attribute(attr=name))
        ):
            return name in ABOUT_STATEMENTS
    return False
