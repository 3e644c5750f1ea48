"""Writes the client's types anew from openapi.json; with ``--check`` it only says whether that would change them."""

import json
import sys
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
DOCUMENT: Final = HERE.parent.parent / "openapi.json"
TARGET: Final = HERE / "src" / "todo_backend_client" / "schema.py"
HEAD: Final = '''"""Made of openapi.json by generate.py: not to be changed by hand."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict
'''
NAMED: Final = {
    "string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None", "object": "dict[str, Any]",
}  # fmt: skip


def written(schemas: dict[str, Any]) -> str:
    """Aliases of unions last: unlike a class, an alias needs what it names."""
    classes = [as_class(name, schema) for name, schema in schemas.items() if is_class(schema)]
    words = [name for name, schema in schemas.items() if "enum" in schema]
    others = [name for name, schema in schemas.items() if not is_class(schema) and "enum" not in schema]
    aliases = [f'{name}: TypeAlias = "{as_type(schemas[name])}"\n' for name in others]
    literals = [f"{name}: TypeAlias = {as_type(schemas[name])}\n" for name in words]
    return "\n".join([HEAD, *literals, "", *classes, *aliases])


def is_class(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "object" and bool(schema.get("properties"))


def as_class(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", ())
    lines = [f"class {name}(TypedDict):"]
    for field, part in schema["properties"].items():
        kind = as_type(part)
        lines.append(f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}")
    return "\n".join(lines) + "\n\n"


def as_type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"Literal[{', '.join(json.dumps(value) if isinstance(value, str) else repr(value) for value in values)}]"
    if parts := schema.get("oneOf") or schema.get("anyOf"):
        return " | ".join(dict.fromkeys(as_type(part) for part in parts))
    kinds = schema.get("type", "any")
    return " | ".join(as_named(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def as_named(kind: str, schema: dict[str, Any]) -> str:
    if kind == "array":
        return f"list[{as_type(schema['items'])}]"
    if kind == "object" and schema.get("additionalProperties"):
        return f"dict[str, {as_type(schema['additionalProperties'])}]"
    return NAMED.get(kind, "Any")


def main(*arguments: str) -> int:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    types = written(document["components"]["schemas"])
    if "--check" not in arguments:
        TARGET.write_text(types, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != types:
        sys.exit(f"{TARGET.name} is not what openapi.json says: make schema")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
