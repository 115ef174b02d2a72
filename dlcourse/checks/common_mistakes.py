"""Mistakes that have little to do with the exercise: a result that depends on more than the arguments, or on less."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from dlcourse.checks.compare import comparable, difference, precision_of
from dlcourse.checks.outcome import Outcome
from dlcourse.words import say

CHANGES_EACH_TIME = (
    "同じ引数で呼び出しても、結果が毎回変わります。"
    "関数の外の変数や、前の呼び出しで残った値を使っていないか確かめましょう。"
)
NEVER_CHANGES = "引数が変わっても、結果が前と同じです。渡された引数を使って、呼び出すたびに計算しましょう。"
EXCHANGED = "{one} と {other} を取り違えているようです。def の行の引数の順番と、式の中の名前を確かめましょう。"


def advice(
    place: int, outcomes: Sequence[Outcome], reference: Callable[..., Any], parameters: Sequence[str]
) -> str | None:
    """What may be behind the wrong outcome at `place`; the second half of the outcomes are other draws of the first."""
    half = len(outcomes) // 2
    outcome, other_draw = outcomes[place], outcomes[place - half]
    wanted, other_wanted = (Outcome.of(reference, one.given) for one in (outcome, other_draw))
    tolerance = precision_of(outcome.given)
    wrong = (
        outcome.error or comparable(outcome.result) and difference(wanted.result, outcome.result, tolerance=tolerance)
    )
    if wanted.draws() or not wrong:
        return None
    if not outcome.again().same_as(outcome):
        return CHANGES_EACH_TIME
    if any(one.error for one in outcomes):
        return None
    draws = zip(outcomes[:half], outcomes[half:], strict=True)
    if difference(wanted.result, other_wanted.result) and all(same_results(*pair) for pair in draws):
        return NEVER_CHANGES
    for i, j in itertools.combinations(range(len(parameters)), 2):
        if all(same_results(exchanged(one, reference, i, j), one) for one in outcomes):
            return say(EXCHANGED, one=parameters[i], other=parameters[j])
    return None


def same_results(one: Outcome, other: Outcome) -> bool:
    return not (one.error or difference(one.result, other.result, tolerance=precision_of(one.given)))


def exchanged(outcome: Outcome, reference: Callable[..., Any], i: int, j: int) -> Outcome:
    """The right function called with two arguments in each other's place."""
    arguments = list(outcome.given)
    arguments[i], arguments[j] = arguments[j], arguments[i]
    return Outcome.of(reference, tuple(arguments))
