"""What of a new document breaks clients that were made from an old one.

For clients that send: an operation, a status of success or a way to say something is gone, or something more is asked.
For clients that read: something that was always there may be missing, or is of another kind.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

SUCCESS: Final = "2"
# How deep schemas are compared; those that hold themselves have no end.
DEPTH: Final = 12


class Documents:
    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._old, self._new = old, new

    def breaks(self) -> list[str]:
        return sorted(set(self._paths()))

    def _paths(self) -> Iterator[str]:
        for path, operations in self._old["paths"].items():
            for method, old in operations.items():
                at = f"{method.upper()} {path}"
                new = self._new["paths"].get(path, {}).get(method)
                if new is None:
                    yield f"{at}: gone"
                else:
                    yield from self._operation(at, old, new)

    def _operation(self, at: str, old: Any, new: Any) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{at}: is called {new['operationId']}, was {old['operationId']}"
        yield from self._parameters(at, _parameters(old), _parameters(new))
        yield from self._body(at, old.get("requestBody", {}), new.get("requestBody", {}))
        for status, answer in old["responses"].items():
            if status.startswith(SUCCESS):
                yield from self._answer(f"{at} {status}", answer, new["responses"].get(status))

    def _parameters(self, at: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[str]:
        yield from (f"{at}: no parameter {name}" for where, name in old.keys() - new.keys() if where != "path")
        for key, parameter in new.items():
            was = old.get(key, {})
            if parameter.get("required") and not was.get("required"):
                yield f"{at}: parameter {key[1]} has become required"
            if was:
                yield from self._sent(f"{at} ?{key[1]}", was["schema"], parameter["schema"], DEPTH)

    def _body(self, at: str, old: Any, new: Any) -> Iterator[str]:
        if new.get("required") and not old.get("required"):
            yield f"{at}: a body has become required"
        for media_type, content in old.get("content", {}).items():
            if media_type not in new.get("content", {}):
                yield f"{at}: takes no {media_type}"
            else:
                yield from self._sent(f"{at} body", content["schema"], new["content"][media_type]["schema"], DEPTH)

    def _answer(self, at: str, old: Any, new: Any) -> Iterator[str]:
        if new is None:
            yield f"{at}: no such answer"
            return
        yield from (f"{at}: no header {name}" for name in old.get("headers", {}).keys() - new.get("headers", {}).keys())
        for media_type, content in old.get("content", {}).items():
            if media_type not in new.get("content", {}):
                yield f"{at}: no {media_type}"
            else:
                yield from self._read(at, content["schema"], new["content"][media_type]["schema"], DEPTH)

    def _sent(self, at: str, old: Any, new: Any, depth: int) -> Iterator[str]:
        """What was good to send still is."""
        old, new = _whole(self._old, old), _whole(self._new, new)
        yield from (f"{at}: {kind} is not taken" for kind in _kinds(old) - _kinds(new) if _kinds(new))
        yield from (f"{at}: {value!r} is not taken" for value in _values(old) - _values(new) if _values(new))
        if _values(new) and not _values(old):
            yield f"{at}: only some values are taken"
        for name in set(new.get("required", [])) - set(old.get("required", [])):
            yield f"{at}.{name}: has become required"
        yield from self._inside(at, old, new, depth, is_sent=True)

    def _read(self, at: str, old: Any, new: Any, depth: int) -> Iterator[str]:
        """What was read is still there, and of the kinds that it was."""
        old, new = _whole(self._old, old), _whole(self._new, new)
        yield from (f"{at}: may be {kind}" for kind in _kinds(new) - _kinds(old) if _kinds(old))
        for name in old.get("properties", {}).keys() - new.get("properties", {}).keys():
            yield f"{at}.{name}: gone"
        for name in set(old.get("required", [])) - set(new.get("required", [])):
            yield f"{at}.{name}: may be missing"
        yield from self._inside(at, old, new, depth, is_sent=False)

    def _inside(self, at: str, old: Any, new: Any, depth: int, *, is_sent: bool) -> Iterator[str]:
        compare = self._sent if is_sent else self._read
        if not depth:
            return
        for name, inner in old.get("properties", {}).items():
            if name in new.get("properties", {}):
                yield from compare(f"{at}.{name}", inner, new["properties"][name], depth - 1)
        if "items" in old and "items" in new:
            yield from compare(f"{at}[]", old["items"], new["items"], depth - 1)


def _parameters(operation: Any) -> dict[tuple[str, str], Any]:
    return {(parameter["in"], parameter["name"]): parameter for parameter in operation.get("parameters", [])}


def _whole(document: Any, schema: Any) -> dict[str, Any]:
    """Without references, and with what all of its parts say."""
    told = dict(schema)
    if reference := told.pop("$ref", None):
        told = {**_whole(document, document["components"]["schemas"][reference.rpartition("/")[2]]), **told}
    for part in told.pop("allOf", []):
        whole = _whole(document, part)
        told["required"] = [*told.get("required", []), *whole.get("required", [])]
        told["properties"] = {**told.get("properties", {}), **whole.get("properties", {})}
        told.setdefault("type", whole.get("type"))
    choices = [_whole(document, choice) for kind in ("oneOf", "anyOf") for choice in told.pop(kind, [])]
    return {**told, **_any_of(choices)} if choices else told


def _any_of(choices: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is known of whichever it is; only what an object holds is looked at further."""
    objects = [choice for choice in choices if _kinds(choice) != {"null"}]
    required = set.intersection(*({*choice.get("required", [])} for choice in objects))
    properties = {name: inner for choice in objects for name, inner in choice.get("properties", {}).items()}
    told = objects[0] if len(objects) == 1 else {"required": sorted(required), "properties": properties}
    return {**told, "type": sorted(set().union(*(_kinds(choice) for choice in choices)))}


def _kinds(schema: Mapping[str, Any]) -> set[str]:
    kind = schema.get("type") or []
    return {kind} if isinstance(kind, str) else {*kind} - {None}


def _values(schema: Mapping[str, Any]) -> set[Any]:
    return {*schema.get("enum", [])} - {None}
