"""What concerns the whole OpenAPI document: hooks of drf-spectacular's ``POSTPROCESSING_HOOKS``."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from core.rest.openapi.declaring import COMPONENTS

# Of drf-spectacular's own, or of schemas that stand in answers and requests alike, as none does here.
MARKS: Final = ("x-spec-enum-id", "readOnly", "writeOnly")
METHODS: Final = ("get", "post", "put", "patch", "delete")
SCHEMAS: Final = "#/components/schemas/"


def add_components(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Those that are referred to, and what they refer to."""
    schemas = result["components"]["schemas"]
    wanted = _names(result)
    while missing := [name for name in wanted if name not in schemas and name in COMPONENTS]:
        for name in missing:
            # For who adds to it, as settings want.
            schemas[name] = deepcopy(COMPONENTS[name])
        wanted = [found for name in missing for found in _names(schemas[name])]
    return result


def tidy(result: dict[str, Any]) -> dict[str, Any]:
    """Paths in the order of the tags, components in that of their names."""
    order = [tag["name"] for tag in result["tags"]]
    places = {path: _place(path, operations, order) for path, operations in result["paths"].items()}
    paths = {
        path: dict(sorted(operations.items(), key=lambda operation: METHODS.index(operation[0])))
        for path, operations in sorted(result["paths"].items(), key=lambda entry: places[entry[0]])
    }
    kinds = {kind: dict(sorted(named.items())) for kind, named in sorted(result["components"].items())}
    return {**result, "paths": paths, "components": kinds}


def with_named_enums(result: dict[str, Any], names: Mapping[str, list[str]]) -> dict[str, Any]:
    """Each of these enumerations described once, wherever it stands; inner marks left out."""
    known = {tuple(values): name for name, values in names.items()}
    told: dict[str, Any] = _named(result, known)
    for name, values in names.items():
        told["components"]["schemas"][name] = {"type": "string", "enum": values}
    return told


def _named(part: Any, known: Mapping[tuple[str, ...], str]) -> Any:
    if isinstance(part, list):
        return [_named(inner, known) for inner in part]
    if not isinstance(part, dict):
        return part
    name = known.get(tuple(part["enum"])) if isinstance(part.get("enum"), list) else None
    left_out = {*MARKS, *(("type", "enum") if name else ())}
    told = {key: _named(value, known) for key, value in part.items() if key not in left_out}
    return {"$ref": f"{SCHEMAS}{name}", **told} if name else told


def _place(path: str, operations: dict[str, Any], order: list[str]) -> tuple[int, int, bool]:
    """Of a tag the shorter ones first; of those one thing before what is done to many."""
    tag = min(order.index(operation["tags"][0]) for operation in operations.values())
    return tag, path.count("/"), not path.endswith("}")


def _names(part: Any) -> list[str]:
    return [reference.removeprefix(SCHEMAS) for reference in _references(part)]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(SCHEMAS):
            yield reference
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)
