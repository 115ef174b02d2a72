"""A model answer that is changed in one small place is no longer right, and the check says so.

The same of answers that are right but for something that any calculation can go wrong by: digits that are lost, limits
that are cut off, one element, a derivative that is only approximate.
"""

import signal
import warnings

import numpy as np
import pytest

from dlcourse.checks import EXERCISES, Function
from press.exercises import source as exercise_source
from tests.helpers.judging import without_hints
from tests.helpers.mutants import APPROXIMATE, SPOILT, mutants

SEEDS = range(3)  # each judgement draws every input twice
# Changes that leave the answer right: check → (why, the changes; None for any).
EQUIVALENT = {
    "K0-3b": ("the product is the same", {"3 * 1 → 3", "3 * 1 → 3 / 1"}),
    "K1-1": ("any numbers are features", None),
    "K2-1": (
        "other numbers tell the same functions apart; np.isclose and bool do not mind",
        {
            "3.0 → 4.0",
            "3.0 → -3.0",
            "-5.0 → 5.0",
            "5.0 → 6.0",
            "5.0 → -5.0",
            "-2.0 → 2.0",
            "2.0 → 3.0",
            "2.0 → -2.0",
            "np.isclose(f(x + x2), f(x) + f(x2)) → np.isclose(f(x) + f(x2), f(x + x2))",
            "np.isclose(f(k * x), k * f(x)) → np.isclose(k * f(x), f(k * x))",
            "bool(additive and homogeneous) → additive and homogeneous",
        },
    ),
    "T2-1c": ("the order does not matter", {"np.maximum(u, 0) → np.maximum(0, u)"}),
    "K3-1b": ("a list is subtracted as an array is", {"np.array([2.0, 4.0, 0.0]) → [2.0, 4.0, 0.0]"}),
    "K3-4c": ("the last axis of two is axis 1; reshape takes any negative size", {"1 → -1", "1 → 2"}),
    "X3-1": ("the last axis of two is axis 1", {"1 → -1"}),
    "D1": ("the step may go either way", {"0.0001 → -0.0001"}),
    "D2": ("the step may go either way", {"0.0001 → -0.0001"}),
    "D3": (
        "the step may go either way; every element is replaced",
        {"0.0001 → -0.0001", "np.zeros_like → np.ones_like"},
    ),
    "X5-2": ("the last axis of two is axis 1", {"1 → -1"}),
    "X5-1b": (
        "a sum has no order",
        {"add_layer.forward(apple_price, orange_price) → add_layer.forward(orange_price, apple_price)"},
    ),
    "X5-4": (
        "gradients that pass are nearly equal, and others fail with any of these sizes; bool does not matter",
        {
            "max(np.abs(numerical).max(), np.abs(gradient).max())"
            " → max(np.abs(gradient).max(), np.abs(numerical).max())",
            "bool(np.abs(numerical - gradient).max() <= 1e-05 * size)"
            " → np.abs(numerical - gradient).max() <= 1e-05 * size",
            "np.abs(numerical).max → np.abs(numerical).min",
            "np.abs(gradient).max → np.abs(gradient).min",
            "np.abs(numerical) → numerical",
            "np.abs(gradient) → gradient",
        },
    ),
    "T5-3": ("51 units, or 51 data at a time, are as good", {"50 → 51"}),
    "H2": ("the squared error is symmetric", {"functions.sum_squared_error(d, y) → functions.sum_squared_error(y, d)"}),
    "X2-1": ("both sides give 1/2 at 0", {"u >= 0 → u > 0"}),
    "X2-3": ("both sides give 0 at 0", {"u > 0 → u >= 0"}),
    "T1-4": ("the question leaves the first biases free", {"np.zeros → np.ones"}),
    "T1-6": (
        "the squared error is symmetric",
        {"functions.mean_squared_error(d, y) → functions.mean_squared_error(y, d)"},
    ),
}


class TooLong(BaseException):
    """A changed loop may not end; no answer catches this."""


def stop(signum, frame):
    raise TooLong


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


def accepted(check, namespace, source):
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(source, namespace)
            exercise = without_hints(EXERCISES[check])
            return all(exercise.judge_in(namespace, np.random.default_rng(seed)).passed for seed in SEEDS)
    except (Exception, TooLong):
        return False
    finally:
        signal.alarm(0)


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
