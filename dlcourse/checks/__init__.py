"""確認テストと試してみようの、答え合わせです。

ノートブックでは、解答のセルを実行したあとに

    check("K1-2")

と書きます。答えは、その場所で定義されている名前(関数や変数)から探します。
"""

import importlib
import pkgutil
import secrets
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcourse.checks.exercise import Exercise, Function, Verdict
from dlcourse.checks.line_order import Order
from dlcourse.checks.short_answers import Choice, Line, Value
from dlcourse.words import listed, say

__all__ = [
    "EXERCISES",
    "CheckError",
    "Choice",
    "Exercise",
    "Function",
    "Line",
    "Order",
    "Value",
    "Verdict",
    "check",
    "grade",
]

# chapter1, chapter2, … : one package per chapter
_CHAPTERS = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name.startswith("chapter"))
EXERCISES: dict[str, Exercise] = {
    exercise.id: exercise
    for chapter in _CHAPTERS
    for exercise in importlib.import_module(f"dlcourse.checks.{chapter}").EXERCISES
}

# Enough draws that an answer which is right by luck on one input is not right on all; a function is called for two
# draws in each round.
GRADING_ROUNDS = 3


class CheckError(AssertionError):
    """答えが正解ではないときに送出します。文面は、学ぶ人に向けた説明です。

    verdict: 同じ判定を、プログラムのためのデータとして。
    """

    def __init__(self, verdict: Verdict, more: str = "") -> None:
        super().__init__(verdict.message + more)
        self.verdict = verdict

    def _render_traceback_(self) -> list[str]:
        # IPython shows these lines in place of a traceback: the message is for the student, the stack is not.
        return str(self).splitlines()


def check(exercise_id: str, *, seed: int = 0, namespace: Mapping[str, Any] | None = None) -> None:
    """自分の答えを確かめます。正解なら一言表示し、そうでなければ何が違うかを説明します。

    Parameters
    ----------
    exercise_id : str
        問題の番号("K1-2" など)。
    seed : int
        確かめに使う乱数の種。同じ種なら、いつも同じ入力で確かめます。
    namespace : dict, 省略可
        答えを探す場所。省略すると、呼び出したノートブックの名前から探します。

    Raises
    ------
    CheckError
        答えがまだないか、正解ではないとき。
    ValueError
        その番号の問題がないとき。
    """
    if namespace is None:
        namespace = sys._getframe(1).f_globals
    _examine(exercise_id, namespace, [seed])
    print(say("✓ {id} 正解です。", id=exercise_id))


def grade(exercise_id: str, *, namespace: Mapping[str, Any] | None = None) -> None:
    """採点のための確認です。毎回新しい乱数で、くり返し確かめます。

    Parameters
    ----------
    exercise_id : str
        問題の番号。
    namespace : dict, 省略可
        答えを探す場所。

    Raises
    ------
    CheckError
        正解ではないとき。そのとき使った乱数の種も伝えるので、同じ確認を check で再現できます。
    ValueError
        その番号の問題がないとき。
    """
    if namespace is None:
        namespace = sys._getframe(1).f_globals
    _examine(exercise_id, namespace, [secrets.randbits(32) for _ in range(GRADING_ROUNDS)])


def _examine(exercise_id: str, namespace: Mapping[str, Any], seeds: Sequence[int]) -> None:
    if exercise_id not in EXERCISES:
        unknown = "{id} という問題はありません。あるのは {known} です。"
        raise ValueError(say(unknown, id=exercise_id, known=listed(EXERCISES)))
    exercise = EXERCISES[exercise_id]
    for seed in seeds:
        verdict = exercise.judge_in(namespace, np.random.default_rng(seed))
        if not verdict.passed:
            again = 'もう一度同じ入力で確かめるには check("{id}", seed={seed})'
            raise CheckError(verdict, "\n  " + say(again, id=exercise_id, seed=seed) if seed else "")
