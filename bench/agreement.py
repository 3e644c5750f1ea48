"""Before anything is measured: all give the same answers, so that nobody is faster by doing less."""

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from bench.calls import Caller
from bench.columns import FIELDS
from bench.services import SERVICE, Running


class Disagreement(Exception):
    pass


def check(services: Sequence[Running], user_id: str, token: str, task_ids: Sequence[str], count: int) -> frozenset[str]:
    """Raises ``Disagreement``. Returns the contract's fields that this service does not give yet."""
    documents = {}
    for service in services:
        with closing(Caller(service.base, user_id, token)) as caller:
            try:
                documents[service.name] = _probe(caller, task_ids, count)
            except RuntimeError as error:
                # Servers answer first and write their traceback afterwards.
                time.sleep(0.5)
                raise Disagreement(f"{service.name}: {error}\n{service.log.read_text()[-2000:]}") from error
    fields = set(documents[SERVICE][0])
    for name, found in documents.items():
        for document, own in zip(found, documents[SERVICE], strict=True):
            if {field: document.get(field) for field in fields} != own or (name != SERVICE and set(document) != FIELDS):
                raise Disagreement(f"{name} gives {document}, the service {own}")
    return FIELDS - fields


def _probe(caller: Caller, task_ids: Sequence[str], count: int) -> list[dict[str, Any]]:
    """Makes every call of the load, and leaves the tasks as they were but for one more."""
    documents: list[dict[str, Any]] = [caller.send("GET", f"/{task_id}") for task_id in task_ids]
    document, task_id = documents[0], task_ids[0]
    for path, length in (("?limit=50", 50), ("", count)):
        found = _rows(caller.send("GET", path))
        if len(found) != length:
            raise RuntimeError(f"a list of {len(found)} and not of {length}")
        if set(found[0]) != set(document):
            raise RuntimeError("a task of the list has other fields than the task by itself")
    toggled = caller.send("PATCH", f"/{task_id}/toggle")
    if toggled["completed"] is document["completed"]:
        raise RuntimeError("a toggle that does not")
    caller.send("PATCH", f"/{task_id}/toggle")
    made = caller.send("POST", "", {"title": "Buy the ticket", "description": "Two seats"}, expect=201)
    if made != caller.send("GET", f"/{made['id']}"):
        raise RuntimeError("a task that is not what was created")
    return documents


def _rows(answer: Any) -> list[Any]:
    """Out of our envelope, or DRF's."""
    found: list[Any] = answer["data"] if "data" in answer else answer["results"]
    return found
