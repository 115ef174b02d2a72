"""A model answer that is changed in one small place is no longer right, and the check says so."""

import signal
import warnings

import numpy as np
import pytest

import exercise_source
import exercises
from dlcourse.checks import EXERCISES
from mutants import mutants

SEEDS = range(5)
# Changes that leave the answer right: check → (why, the changes; None for any).
EQUIVALENT = {
    "K0-3b": ("the product is the same", {"3 * 1 → 3", "3 * 1 → 3 / 1"}),
    "K1-1": ("any numbers are features", None),
    "T1-4": ("the question leaves the first biases free", {"np.zeros → np.ones"}),
    "T1-6": ("the squared error is symmetric",
             {"functions.mean_squared_error(d, y) → functions.mean_squared_error(y, d)"}),
}


class TooLong(BaseException):
    """A changed loop may not end; no answer catches this."""


def stop(signum, frame):
    raise TooLong


def answers():
    """Each (check, what is defined before it, its model answer)."""
    for source in exercises.sources():
        assignment = exercise_source.read(source)
        before = {}
        exec(assignment.setup, before)
        for exercise in assignment.exercises:
            for answer in exercise.answers:
                yield pytest.param(answer.check, dict(before), answer.solution, id=answer.check)
                exec(answer.solution, before)


def accepted(check, namespace, source):
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(source, namespace)
            return all(
                EXERCISES[check].judge_in(namespace, np.random.default_rng(seed)).passed for seed in SEEDS
            )
    except (Exception, TooLong):
        return False
    finally:
        signal.alarm(0)


@pytest.mark.parametrize(("check", "before", "solution"), list(answers()))
def test_only_changes_that_leave_the_answer_right_survive(check, before, solution):
    assert accepted(check, dict(before), solution)
    survivors = {change for change, source in mutants(solution) if accepted(check, dict(before), source)}
    _, equivalent = EQUIVALENT.get(check, ("", set()))
    if equivalent is None:
        assert survivors, "no longer any change survives: take it off the list"
    else:
        assert survivors == equivalent
