"""Whether slow turns of a model stand in the way of those who just want their tasks."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Final

from bench import load
from bench.cast import Person
from bench.crowd import Counts, SlowModel, crowd
from bench.load import Figures, Plan, Scenario, Spoilt
from bench.services import THE_SERVICE, WORKERS, Running, Service, running
from bench.watching import Held, watching
from testing.model_server import MODEL, ModelServer
from todo_project.env.values import WORKER_THREADS

TURNS: Final = 50
LOAD: Final = Scenario("beside", "lists of 50, reads, toggles", 16)
# Contract of the assistant: at most half of a worker's threads are in chat.
SEATS: Final = WORKER_THREADS // 2


@dataclass(slots=True)
class Measured:
    """One of each for every round."""

    alone: list[Figures] = field(default_factory=list)
    beside: list[Figures] = field(default_factory=list)
    held_alone: list[Held] = field(default_factory=list)
    held_beside: list[Held] = field(default_factory=list)
    turns: list[Counts] = field(default_factory=list)
    # In the model, over all rounds and workers.
    most_at_once: int = 0
    worker_megabytes: float = 0

    def ratio(self) -> float:
        """How many times the p95 alone it is beside the turns; the median of the rounds' own ratios."""
        return median(beside.p95 / alone.p95 for alone, beside in zip(self.alone, self.beside, strict=True))


def measure(url: str, users: Sequence[Person], plan: Plan, logs: Path) -> Measured:
    """Raises ``Spoilt`` where the model was not as busy as it could have been, and as ``load.drive`` does."""
    measured, model = Measured(), SlowModel()
    with ExitStack() as stack:
        server = stack.enter_context(ModelServer(always=model))
        service = stack.enter_context(running(with_model(server.base_url), url, logs))
        with crowd(service.base, users[:TURNS], plan.warm_up_seconds):
            load.drive(service, LOAD, plan.cast, plan.warm_up_seconds)
        for number in range(1, plan.rounds + 1):
            load.drive(service, LOAD, plan.cast, plan.warm_up_seconds)
            _measure_alone(service, url, plan, measured)
            _measure_beside(service, url, users[:TURNS], plan, measured)
            print(
                f"beside {TURNS} slow turns  round {number}  p95 {measured.beside[-1].p95:6.1f} ms,"
                f" alone {measured.alone[-1].p95:6.1f} ms",
                flush=True,
            )
        measured.worker_megabytes = service.peak_megabytes()
    measured.most_at_once = model.most_at_once
    if model.most_at_once < SEATS * WORKERS:
        raise Spoilt(f"The model had {model.most_at_once} calls at once, and there was room for {SEATS * WORKERS}.")
    return measured


def with_model(base_url: str) -> Service:
    settings = {"LLM_BASE_URL": base_url, "LLM_MODEL": MODEL, "LLM_API_KEY": "sk-only-for-the-bench"}
    return replace(THE_SERVICE, settings=settings)


def _measure_alone(service: Running, url: str, plan: Plan, measured: Measured) -> None:
    load.settle([service])
    with watching(service, url) as held:
        measured.alone.append(load.drive(service, LOAD, plan.cast, plan.seconds))
    measured.held_alone.append(held)


def _measure_beside(service: Running, url: str, people: Sequence[Person], plan: Plan, measured: Measured) -> None:
    load.settle([service])
    with watching(service, url) as held, crowd(service.base, people, plan.seconds) as counts:
        measured.beside.append(load.drive(service, LOAD, plan.cast, plan.seconds))
    measured.held_beside.append(held)
    measured.turns.append(counts)
