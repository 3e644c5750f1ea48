"""Turns of the built-in assistant: what people say to it, and how long it takes."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import cast, load
from bench.calls import Caller
from bench.cast import Person, Tasks
from bench.load import Figures, Plan, Scenario
from bench.services import Running

CONNECTIONS: Final = (1, 4)
# Bodies of each user, which take turns.
BODIES: Final = 20


@dataclass(frozen=True, slots=True)
class Kind:
    title: str
    # What is said in turn, with the tool that it has to come to.
    messages: tuple[tuple[str, str | None], ...]


KINDS: Final = (
    Kind("list", (("Show my pending tasks", "list_tasks"),)),
    Kind(
        "complete and reopen by title",
        (("Complete task '{title}'", "complete_task"), ("Reopen task '{title}'", "reopen_task")),
    ),
    Kind("add", (("Add task: Buy the ticket no. {number}", "add_task"),)),
    Kind("search", (("Search for dentist", "search_tasks"),)),
    Kind("nonsense", (("Colourless green ideas sleep furiously", None),)),
)

# By number of connections and kind, one for each round.
Measured = dict[int, dict[str, list[Figures]]]


class Misunderstanding(Exception):
    """A turn that does not do what it is measured for."""


def measure(service: Running, users: Sequence[Person], tasks: Mapping[str, Tasks], plan: Plan) -> Measured:
    """Raises ``Misunderstanding``, and as ``load.drive`` does."""
    by_kind = casts(service, users, tasks, plan.cast.parent)
    measured: Measured = {connections: {kind.title: [] for kind in KINDS} for connections in CONNECTIONS}
    for connections, kinds in measured.items():
        for title, found in kinds.items():
            scenario = Scenario("turn", title, connections)
            for number in range(1, plan.rounds + 1):
                load.drive(service, scenario, by_kind[title], plan.warm_up_seconds)
                load.settle([service])
                found.append(load.drive(service, scenario, by_kind[title], plan.seconds))
                load.settle([service])
                print(
                    f"turn: {title:>28}  round {number}  {connections} at once  {found[-1].rate:>6.0f}/s"
                    f"  p95 {found[-1].p95:5.1f} ms",
                    flush=True,
                )
    return measured


def casts(service: Running, users: Sequence[Person], tasks: Mapping[str, Tasks], directory: Path) -> dict[str, Path]:
    """For each kind, once each of its turns has been seen to do what it should. Raises ``Misunderstanding``."""
    actors: dict[str, list[cast.Actor]] = {kind.title: [] for kind in KINDS}
    for user_id, token in users:
        titles = [title for _, title in tasks[user_id]]
        with closing(Caller(service.base, user_id, token)) as caller:
            conversation_id = _begin(caller, titles)
        for kind in KINDS:
            actor = {"id": user_id, "token": token, "bodies": _bodies(kind, titles, conversation_id)}
            actors[kind.title].append(actor)
    return {
        kind.title: cast.write(directory / f"turns-{number}.lua", actors[kind.title])
        for number, kind in enumerate(KINDS)
    }


def _begin(caller: Caller, titles: Sequence[str]) -> str:
    """A turn of each kind. The id of their conversation."""
    body: dict[str, Any] = {}
    for kind in KINDS:
        for message, tool in kind.messages:
            said = message.format(title=titles[0], number=0)
            turn = caller.send("POST", body={**body, "message": said}, under="chat")
            called = [call["tool"] for call in turn["tool_calls"] if "error" not in call["result"]]
            if called != ([tool] if tool else []) or turn["pending_action"]:
                raise Misunderstanding(f"{said!r} came to {turn}")
            body["conversation_id"] = turn["conversation_id"]
    return str(body["conversation_id"])


def _bodies(kind: Kind, titles: Sequence[str], conversation_id: str) -> list[str]:
    """Half of them begin a conversation."""
    bodies = []
    for number in range(BODIES):
        turn, place = divmod(number, len(kind.messages))
        message = kind.messages[place][0].format(title=titles[turn], number=number)
        before = {"conversation_id": conversation_id} if turn % 2 else {}
        bodies.append(json.dumps({"message": message, **before}))
    return bodies
