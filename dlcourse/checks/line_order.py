"""Answers that put the lines of a program in order: the program that this makes is run."""

import copy
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcourse import functions
from dlcourse.checks.compare import difference, numbers, show
from dlcourse.checks.exercise import RIGHT, Exercise, Verdict
from dlcourse.checks.values import plain
from dlcourse.words import say

Names = dict[str, Any]
PROGRAM = "<lines in order>"
AS_A_LIST = "並べた順に、番号を [3, 1, 2] のように書きましょう。"
INDENTED = "字下げした行は、for の行のすぐ下から続けて並べます。for の中の行がなくなったり、外へ出たりしていませんか。"


@dataclass(frozen=True, kw_only=True)
class Order(Exercise):
    """The student gives the numbers of the lines, in the order in which they are to stand.

    Right is every order after which the same names hold the same values, so none has to be listed but one.

    lines: the lines as the question numbers them from 1; each keeps its indentation. No order of them may run forever.
    correct: a right order; a line that is not in it is in no right one.
    extra: the number of such a line → what is wrong with it.
    precede: two numbers → why the first has to stand before the second, where the error does not say it.
    begin: draws the names that there are before the first line.
    results: the names whose values count.
    """

    lines: Sequence[str]
    correct: Sequence[int]
    begin: Callable[[np.random.Generator], Names]
    results: Sequence[str]
    extra: Mapping[int, str] = field(default_factory=dict)
    precede: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        others = [str(tuple(self.correct)), f"np.array({list(self.correct)})"]
        object.__setattr__(self, "variants", [str(list(self.correct)), *others, *self.variants])

    def judge(self, answer: Any, rng: np.random.Generator) -> Verdict:
        with np.errstate(all="ignore"):
            order = in_order(answer)
            return self._not_these_lines(answer, order) or self._judge_program(order, rng)

    def _not_these_lines(self, answer: Any, order: list[int]) -> Verdict | None:
        """What is wrong before anything is run."""
        if not order:
            return self.wrong(
                say("{name} は {value} です。", name=self.name, value=show(answer)), self._hint(order) or AS_A_LIST
            )
        if unknown := [number for number in order if not 1 <= number <= len(self.lines)]:
            return self.wrong(say("{number} という番号の行はありません。", number=unknown[0]), self._hint(order))
        twice = [number for number, times in Counter(order).items() if times > 1]
        if twice:
            return self.wrong(
                say("{number} の行が2回あります。", number=twice[0]),
                self._hint(order) or "どの行も、使うのは1回だけです。",
            )
        if more := [number for number in order if number not in self.correct]:
            return self.wrong(
                say("{number} の行は使いません。", number=more[0]), self._hint(order) or self.extra.get(more[0])
            )
        if missing := [number for number in self.correct if number not in order]:
            spare = len(self.lines) - len(self.correct)
            advice = say("使わない行は{spare}つだけです。", spare=spare) if spare else "すべての行を使います。"
            return self.wrong(say("{number} の行がありません。", number=min(missing)), self._hint(order) or advice)
        return None

    def _judge_program(self, order: list[int], rng: np.random.Generator) -> Verdict:
        for _ in range(2):
            names = self.begin(rng)
            wanted, got = copy.deepcopy(names), copy.deepcopy(names)
            self.run(self.correct, wanted)
            try:
                self.run(order, got)
            except SyntaxError as error:  # of which an IndentationError is one
                line = order[min(error.lineno or 1, len(order)) - 1]
                return self.wrong(
                    say("{line} の行を、そこに置くことはできません。", line=line), self._hint(order) or INDENTED
                )
            except NameError as error:
                problem = say(
                    "{number} の行で使う {name} が、まだ作られていません。",
                    number=self._number(order, error),
                    name=error.name,
                )
                return self.wrong(
                    problem, self._hint(order) or say("{name} を作る行を、先に置きましょう。", name=error.name)
                )
            except Exception as error:
                problem = say(
                    "{number} の行でエラーが起きました({kind})。",
                    number=self._number(order, error),
                    kind=type(error).__name__,
                )
                return self.wrong(problem, self._hint(order))
            for name in self.results:
                if difference(wanted[name], got[name]):
                    return self.wrong(
                        say("並べた順に実行すると、{name} が正しい値になりません。", name=name), self._hint(order)
                    )
        return RIGHT

    def run(self, order: Sequence[int], names: Names) -> None:
        """Run the lines in this order; what they make is left in `names`."""
        program = "\n".join(self.lines[number - 1] for number in order)
        names |= {"np": np, "functions": functions}
        exec(compile(program, PROGRAM, "exec"), names)

    def _number(self, order: Sequence[int], error: Exception) -> int:
        """Of the line that was running."""
        places = [place for frame, place in traceback.walk_tb(error.__traceback__) if _is_the_program(frame)]
        return order[places[-1] - 1]

    def _hint(self, order: list[int]) -> str | None:
        for text, hint in self.pitfalls.items():
            if in_order(self.define(text)) == order:
                return hint
        places = {number: place for place, number in enumerate(order)}
        for (first, second), hint in self.precede.items():
            if first in places and second in places and places[first] > places[second]:
                return hint
        return None


def _is_the_program(frame: Any) -> bool:
    return bool(frame.f_code.co_filename == PROGRAM)


def in_order(answer: Any) -> list[int]:
    """The numbers of an answer in its order; none if it has no order or is something else."""
    answer = plain(answer)
    found = None if isinstance(answer, set | frozenset) else numbers(answer)
    if found is None or found.ndim != 1 or found.dtype.kind not in "iuf" or not np.isfinite(found).all():
        return []
    return [] if (found % 1 != 0).any() else [int(number) for number in found]
