"""A model answer that is changed in one small place is no longer right, and the check says so.

The same of answers that are right but for something that any calculation can go wrong by: digits that are lost, limits
that are cut off, one element, a derivative that is only approximate.
"""

import warnings

import numpy as np
import pytest

from dlcourse.checks import EXERCISES, Function
from press.exercises import source as exercise_source
from tests.helpers.mutants import APPROXIMATE, EQUIVALENT, SPOILT, accepted, mutants


def answers():
    """Each model answer, and what is defined before it."""
    for source in exercise_source.files():
        assignment = exercise_source.read(source)
        before = {}
        exec(assignment.setup, before)
        for exercise in assignment.exercises:
            for answer in exercise.answers:
                yield pytest.param(answer, dict(before), id=answer.check)
                exec(answer.solution, before)


@pytest.mark.parametrize(("answer", "before"), list(answers()))
def test_only_changes_that_leave_the_answer_right_survive(answer, before):
    check, solution = answer.check, answer.solution
    assert accepted(check, dict(before), solution)
    changed = mutants(solution, answer.written)
    survivors = {change for change, source in changed if accepted(check, dict(before), source)}
    _, equivalent = EQUIVALENT.get(check, ("", set()))
    if equivalent is None:
        assert survivors, "no longer any change survives: take it off the list"
    else:
        assert survivors == equivalent


def survivors(exercise, answers):
    """The names of the answers that pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name for name, answer in answers if exercise.judge(answer, np.random.default_rng(0)).passed}


# Where it leaves the answer right: random numbers, whole numbers and True or False as results; see SPOILT for the rest.
NO_DIGITS = {"T2-1", "X2-4", "T5-2", "X5-4"}
RANDOM = {"T1-1", "T1-2", "T1-4", "T5-4"}
DIFFERENCES = {"D1", "D2", "D3", "D5"}  # a difference quotient is off by more
OTHERS = NO_DIGITS | RANDOM | DIFFERENCES
EXACT = [id for id, one in EXERCISES.items() if isinstance(one, Function) and id not in OTHERS]


@pytest.mark.parametrize("exercise_id", EXACT)
def test_what_any_calculation_can_go_wrong_by_is_found_out(exercise_id):
    exercise = EXERCISES[exercise_id]
    right = exercise.define(exercise.variants[0])
    passed = survivors(exercise, ((name, spoil(right)) for name, (spoil, _) in SPOILT.items()))
    assert passed == {name for name, (_, harmless) in SPOILT.items() if exercise_id in harmless}


@pytest.mark.parametrize("exercise_id", APPROXIMATE)
def test_a_numerical_derivative_is_no_analytic_one(exercise_id):
    answers = {f"{step}, {order}": APPROXIMATE[exercise_id](step, order) for step, order in ((1e-5, 2), (1e-3, 4))}
    single = {f"{name}, float32": SPOILT["float32"][0](answer) for name, answer in answers.items()}
    assert not survivors(EXERCISES[exercise_id], (answers | single).items())
