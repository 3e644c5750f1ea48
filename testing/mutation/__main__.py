"""``make mutate``: changes the code in small ways, and lists the changes that no test notices."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from testing.mutation.areas import AREAS, TESTS_OF_PROCESSES, Area, modules_of, mutants_in
from testing.mutation.jobs import OPTIONS, VARIABLE, Job, Outcome
from testing.mutation.mutants import Mutant

Sample = list[tuple[Area, Mutant]]
Results = list[tuple[Mutant, Outcome]]


def main(arguments: list[str]) -> int:
    options = _options().parse_args(arguments)
    sample = _sample(options)
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(options.workers) as workers:
        by_area = list(workers.map(partial(_run, sample, Path(directory)), AREAS))
    results = [result for each in by_area for result in each]
    if not results:
        sys.exit("Nothing to change there.")
    noticed = score(results)
    late = sum(outcome is Outcome.TIMED_OUT for _, outcome in results)
    print(f"\n{noticed:.1f} % of {len(results)} changes noticed; {late} took too long and count as neither")
    print(f"At least {options.at_least} % should be.")
    return 0 if noticed >= options.at_least else 1


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("--sample", type=int, default=120, help="how many changes to try (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample (%(default)s)")
    parser.add_argument("--all", action="store_true", help="try every change")
    parser.add_argument("--only", action="append", default=[], metavar="PATH", help="a file or folder; repeatable")
    parser.add_argument("--workers", type=int, default=2, help="areas at a time (%(default)s)")
    parser.add_argument("--at-least", type=int, default=90, metavar="PERCENT", help="fail below it (%(default)s)")
    return parser


def _sample(options: argparse.Namespace) -> Sample:
    every = [(area, mutant) for area in AREAS for mutant in mutants_in(area, options.only)]
    if options.all or options.sample >= len(every):
        return every
    chosen = random.Random(options.seed).sample(range(len(every)), options.sample)  # noqa: S311 - a sample, no secret
    # In the order they were drawn: what a run that is broken off has done is a sample too.
    return [every[index] for index in chosen]


def _run(sample: Sample, directory: Path, area: Area) -> Results:
    mutants = [mutant for of, mutant in sample if of is area]
    if not mutants:
        return []
    job, results = directory / f"{area.name}.json", directory / f"{area.name}.jsonl"
    results.touch()
    Job(mutants, modules_of(area), str(results)).write(job)
    command = [sys.executable, "-m", "pytest", "-p", "testing.mutation.warm", *OPTIONS, *area.tests]
    command += [f"--ignore-glob={pattern}" for pattern in [*TESTS_OF_PROCESSES, *area.apart]]
    environment = {**os.environ, "TEST_DATABASE_URL": "sqlite:///:memory:", VARIABLE: str(job)}
    with (directory / f"{area.name}.log").open("w+") as log:
        subprocess.run(command, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
        log.seek(0)
        return _results(area, len(mutants), results.read_text(), log.read())


def _results(area: Area, expected: int, lines: str, log: str) -> Results:
    stored = [json.loads(line) for line in lines.splitlines()]
    results = [(Mutant(**each["mutant"]), Outcome(each["outcome"])) for each in stored if "mutant" in each]
    if len(results) != expected:
        raise RuntimeError(f"{area.name}: the run broke off after {len(results)} of {expected}\n{log[-4000:]}")
    print(_summary(area, results, [each["left_out"] for each in stored if "left_out" in each]), flush=True)
    return results


def _summary(area: Area, results: Results, left_out: list[str]) -> str:
    counts = Counter(outcome for _, outcome in results)
    lines = [f"\n{area.name}: {score(results):.1f} % of {len(results)} noticed"]
    lines += [f"  {count} {outcome}" for outcome, count in counts.most_common()]
    lines += [f"  left out, as it fails on the code as it is: {test}" for test in left_out]
    lines += [f"  {outcome}: {mutant}" for mutant, outcome in results if outcome is not Outcome.KILLED]
    return "\n".join(lines)


def score(results: Results) -> float:
    """Of those that tests came to an end with: on a busy machine what nobody notices takes too long as well."""
    decided = [outcome for _, outcome in results if outcome is not Outcome.TIMED_OUT]
    return 100 * decided.count(Outcome.KILLED) / len(decided) if decided else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
