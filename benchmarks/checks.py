"""The exercises and their checks, measured: `make benchmark-checks`.

One line per part of an exercise: right answers in other styles that are accepted, listed mistakes that are rejected
and get their own hint, and small changes to the model answer ("mutants") that are rejected, of those that make it
wrong. After each chapter: how long its check cells take in a running kernel.
"""

import contextlib
import io
import time
import warnings

import nbformat
import numpy as np
from jupyter_client.manager import start_new_kernel

from dlcourse.checks import EXERCISES
from press import ROOT
from press.exercises import source as exercise_source
from tests.helpers.mutants import EQUIVALENT, accepted, mutants

SEEDS = range(3)  # each judgement draws every input twice


def judged(exercise, answer):
    """The verdicts on this answer, for several draws of the inputs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [exercise.judge(exercise.define(answer), np.random.default_rng(seed)) for seed in SEEDS]


def killed(answer, before):
    """How many changed model answers were rejected, of how many that are wrong, and which were not."""
    changes = list(mutants(answer.solution, answer.written))
    with contextlib.redirect_stdout(io.StringIO()):
        alive = [change for change, source in changes if accepted(answer.check, dict(before), source)]
    reason, equivalent = EQUIVALENT.get(answer.check, ("", set()))
    wrong = [change for change, _ in changes if equivalent is not None and change not in equivalent]
    return len([change for change in wrong if change not in alive]), len(wrong), alive, reason


def measure(answer, before):
    exercise = EXERCISES[answer.check]
    right = [all(verdict.passed for verdict in judged(exercise, variant)) for variant in exercise.variants]
    verdicts = [(hint, judged(exercise, mistake)) for mistake, hint in exercise.pitfalls.items()]
    caught = sum(not any(verdict.passed for verdict in given) for _, given in verdicts)
    named = sum(all(verdict.hint == hint for verdict in given) for hint, given in verdicts)
    dead, wrong, alive, reason = killed(answer, before)
    total = len(verdicts)
    print(
        f"{answer.check:7}{type(exercise).__name__:17}{answer.points:3}{sum(right):8}/{len(right):<5}"
        f"{caught:6}/{total:<4}{named:6}/{total:<4}{dead:6}/{wrong:<4}",
        flush=True,
    )
    return np.array([sum(right), len(right), caught, named, total, dead, wrong]), alive, reason


def seconds_of_the_checks(name):
    """Wall time of the check cells that students run, in the notebook with the model answers."""
    notebook = nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", as_version=4)
    manager, client = start_new_kernel(kernel_name="python3")
    total = 0.0
    try:
        for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
            start = time.perf_counter()
            source = cell.source.split("### BEGIN HIDDEN TESTS")[0]
            reply = client.execute_interactive(source, timeout=120, output_hook=lambda message: None)
            assert reply["content"]["status"] == "ok", f"{name}: {source}"
            if cell.metadata.get("nbgrader", {}).get("grade"):
                total += time.perf_counter() - start
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return total


def main():
    survivors, everything = {}, 0
    print("part   kind           points  variants  rejected  right hint  mutants killed")
    for source in exercise_source.files():
        assignment = exercise_source.read(source)
        before, sums = {}, 0
        exec(assignment.setup, before)
        for exercise in assignment.exercises:
            for answer in exercise.answers:
                counts, *survived = measure(answer, before)
                sums += counts
                if survived[0]:
                    survivors[answer.check] = survived
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(answer.solution, before)
        everything += sums
        print(f"{assignment.name}: {summary(sums)}; {seconds_of_the_checks(source.stem):.1f} s for all its checks\n")
    print(f"all: {summary(everything)}\n\nsurvivors")
    for check, (alive, reason) in survivors.items():
        print(f"  {check}: {'; '.join(dict.fromkeys(alive))}\n      {reason}")


def summary(sums):
    right, variants, caught, named, mistakes, dead, wrong = sums
    return (
        f"{right} of {variants} variants accepted, {caught} of {mistakes} mistakes rejected, "
        f"{named} with their own hint, {dead} of {wrong} wrong mutants killed"
    )


if __name__ == "__main__":
    main()
