"""Lines to put in order: every order that the dependencies allow is right, and no other."""

import random

import numpy as np
import pytest

from dlcourse.checks import EXERCISES, Order
from tests.helpers.judging import judge

# Which lines have to stand before each: written down here, found by running the program there.
BEFORE = {
    "X4-11": {2: {6}, 3: {2}, 4: {3}, 7: {3}, 8: {3}, 5: {7}, 1: {8}},
    "X5-6": {7: {4}, 2: {7}, 6: {2}, 8: {6}, 1: {6}, 3: {1}, 5: {8, 1}, 9: {3}},
}
EVERY = [exercise for exercise in EXERCISES.values() if isinstance(exercise, Order)]


def allowed(before, lines):
    """Every order of these lines in which each stands behind those that it needs."""
    if not lines:
        yield []
    for last in lines:
        rest = lines - {last}
        if not any(last in before.get(other, ()) for other in rest):
            yield from ([*order, last] for order in allowed(before, rest))


def judged(exercise, order):
    return exercise.judge(order, np.random.default_rng(0))


def test_every_exercise_of_this_kind_says_here_what_its_lines_need():
    assert {exercise.id for exercise in EVERY} == set(BEFORE)


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.id)
def test_every_order_that_the_dependencies_allow_is_right(exercise):
    orders = list(allowed(BEFORE[exercise.id], set(exercise.correct)))
    assert len(orders) > 5
    for order in orders:
        verdict = judged(exercise, order)
        assert verdict.passed, (order, verdict.message)


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.id)
def test_no_other_order_is_right(exercise):
    right = {tuple(order) for order in allowed(BEFORE[exercise.id], set(exercise.correct))}
    draw, tried = random.Random(0), 0
    while tried < 300:
        order = list(exercise.correct)
        first, second = draw.sample(range(len(order)), 2)
        order[first], order[second] = order[second], order[first]  # nearly right orders are what students give
        if draw.random() < 0.5:
            draw.shuffle(order)
        if tuple(order) not in right:
            tried += 1
            verdict = judged(exercise, order)
            assert not verdict.passed and verdict.hint, (order, verdict.message)


@pytest.mark.parametrize(
    ("exercise_id", "answer", "words"),
    [
        ("X4-11", "{6, 2, 3, 4, 8, 7, 1, 5}", "並べた順に、番号を"),
        ("X4-11", "'62348715'", "並べた順に、番号を"),
        ("X4-11", "[[6, 2], [3, 4]]", "並べた順に、番号を"),
        ("X4-11", "[]", "並べた順に、番号を"),
        ("X4-11", "[6, 2.5]", "並べた順に、番号を"),
        ("X4-11", "[6, 2, 3, 4, 8, 7, 1, 12]", "12 という番号の行はありません"),
        ("X4-11", "[0, 6, 2, 3, 4, 8, 7, 1, 5]", "0 という番号の行はありません"),
        ("X4-11", "[1] * 50_000", "1 の行が2回あります"),
        ("X4-11", "[6, 2, 3, 4, 8, 7, 1]", "使わない行は1つだけ"),
        ("X4-11", "[6, 2, 3, 7, 4, 5, 8, 9]", "誤差は増えてしまいます"),
        ("X4-11", "[6, 2, 3, 4, 8, 5, 7, 1]", "5 の行で使う db が、まだ作られていません"),
        ("X4-11", "[6, 3, 2, 4, 8, 7, 1, 5]", "3 の行を、そこに置くことはできません"),
        ("X5-6", "[4, 7, 2, 6, 8, 3, 1, 5, 9]", "delta1 を作る行を、先に"),
        ("X5-6", "[4, 7, 2, 6, 8, 5, 1, 9, 3]", "dW1 が、まだ作られていません"),
    ],
)
def test_what_is_wrong_with_an_order_is_said(exercise_id, answer, words):
    assert words in judge(exercise_id, answer).message


def test_a_program_that_runs_but_is_wrong_names_what_differs_and_why():
    message = judge("X5-6", "[4, 7, 2, 6, 8, 5, 1, 3, 9]").message
    assert "W1 が正しい値になりません" in message and "更新する前の重み" in message


def test_a_line_that_fails_is_named():
    exercise = Order(
        id="X9-9", name="x9_9", section="節", lines=["a = b[0]", "b = b[1:]"], correct=[1, 2], results=["a"],
        begin=lambda rng: {"b": [1]},
    )  # fmt: skip
    assert judged(exercise, [1, 2]).passed
    assert "1 の行でエラーが起きました(IndexError)" in judged(exercise, [2, 1]).message
