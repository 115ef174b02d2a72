"""Answers that are no functions: a value, the numbers of choices, a line of code."""

import ast
import textwrap
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcourse.checks.compare import DOUBLE, Difference, Tolerance, difference, is_single, numbers, show
from dlcourse.checks.exercise import EVERY_FUNCTION, RIGHT, Exercise, Verdict
from dlcourse.checks.values import plain
from dlcourse.words import say

FUNCTION_NAMES = {function.__name__ for function in EVERY_FUNCTION}
LONGEST_LINE = 300  # characters


@dataclass(frozen=True, kw_only=True)
class Value(Exercise):
    """The student gives a value.

    expected: the right value.
    tolerance: how closely it has to agree, relatively and absolutely, where one calculates by hand.
    accept: where many values are right, in place of `expected`: accept(value), of plain data (see values.py), gives
        None, or what is wrong in a sentence; a pitfall that is wrong in the same way gives its hint.
    read: what an answer stands for in the words of `expected` and `pitfalls`.
    """

    expected: object = None
    tolerance: Tolerance = DOUBLE
    accept: Callable[[Any], str | None] | None = None
    read: Callable[[Any], Any] | None = None

    def _judge_value(self, answer: Any) -> Verdict:
        read = self.read(answer) if self.read else answer
        found = self._difference(read)
        if not found:
            return RIGHT
        hint = self._recognise(read, found) or _how_many_are_right(found)
        return self.wrong(found.sentence, hint, [f"{self.name} = {show(answer)}"])

    def _difference(self, value: Any) -> Difference | None:
        if self.accept:
            problem = self.accept(value)
            return Difference(problem, None, None) if problem else None
        expected, array = numbers(self.expected), numbers(value)
        if expected is not None and array is not None and is_single(array):
            # What is written down by hand may be kept in single precision: it is the nearest number then.
            expected = expected.astype(array.dtype)
        return difference(self.expected if expected is None else expected, value, tolerance=self.tolerance)

    def _recognise(self, answer: Any, found: Difference) -> str | None:
        """The hint of the pitfall that is this answer, or that is wrong in the same part of it and in the same way."""
        alike = set()
        for text, hint in self.pitfalls.items():
            pitfall = plain(self.define(text))
            if not difference(pitfall, answer, tolerance=self.tolerance):
                return hint
            other = self._difference(pitfall)
            in_part = self.accept or isinstance(self.expected, dict)
            same = other and other.sentence == found.sentence and not difference(other.got, found.got)
            if in_part and same:
                alike.add(hint)
        return alike.pop() if len(alike) == 1 else None


def _how_many_are_right(found: Difference) -> str | None:
    """What the comparison says of several numbers; what it says of one, or of shapes, is about a function's result."""
    expected, got = numbers(found.expected), numbers(found.got)
    several = expected is not None and got is not None and expected.shape == got.shape and got.size > 1
    return found.advice if several else None


@dataclass(frozen=True, kw_only=True)
class Choice(Exercise):
    """The student chooses numbers; `reasons` says of each wrong one why it is wrong."""

    correct: frozenset[int]
    reasons: Mapping[int, str]
    missing: str

    def __post_init__(self) -> None:
        more = {str(set(self.correct | {option})): reason for option, reason in self.reasons.items()}
        fewer = {str(set(self.correct - {option})): self.missing for option in self.correct if len(self.correct) > 1}
        object.__setattr__(self, "pitfalls", {**more, **fewer, **self.pitfalls})
        object.__setattr__(self, "variants", [str(sorted(self.correct)), str(tuple(self.correct)), *self.variants])

    def _judge_value(self, answer: Any) -> Verdict:
        chosen = _chosen(answer)
        if not chosen:
            advice = "番号の集合を {1, 2} のように、引用符を付けずに書きましょう。"
            return self.wrong(say("{name} は {value} です。", name=self.name, value=show(answer)), advice)
        unknown = chosen - self.correct - set(self.reasons)
        if unknown:
            return self.wrong(say("{number} という選択肢はありません。", number=min(unknown)))
        extra = sorted(chosen - self.correct)
        if extra:
            return self.wrong(say("{number} は当てはまりません。", number=extra[0]), self.reasons[extra[0]])
        if chosen != self.correct:
            return self.wrong("当てはまるものが、ほかにもあります。", self.missing)
        return RIGHT


def _chosen(answer: Any) -> set[int]:
    """The chosen numbers, however they were put together; a single one may stand without brackets."""
    members = list(answer) if isinstance(answer, set | frozenset) else answer
    chosen = numbers(members)
    if chosen is None or _has_truth(members) or (chosen % 1 != 0).any():
        return set()
    return {int(number) for number in chosen.ravel()}


def _has_truth(members: Any) -> bool:
    """Whether True or False is among them, which NumPy takes for 1 and 0."""
    if isinstance(members, list | tuple):
        return any(map(_has_truth, members))
    return bool(np.asarray(members).dtype == bool)


@dataclass(frozen=True, kw_only=True)
class Line(Exercise):
    """The student copies a line of code, as a string; it is compared as a syntax tree."""

    accepted: Sequence[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pitfalls", {repr(line): hint for line, hint in self.pitfalls.items()})
        object.__setattr__(self, "variants", [repr(line) for line in (*self.accepted, *self.variants)])

    def _judge_value(self, answer: Any) -> Verdict:
        if not isinstance(answer, str):
            return self.wrong(
                say("{name} は文字列ではありません。", name=self.name), '写した1行を "..." で囲みましょう。'
            )
        if len(answer) > LONGEST_LINE:  # Python's parser needs minutes and gigabytes for some texts
            return self.wrong("1行にしては長すぎます。", "問題にあるプログラムから、1行だけを写しましょう。")
        given = _tree(answer)
        if given is None:
            wide = any(unicodedata.east_asian_width(character) == "F" for character in answer)
            advice = "全角の記号が混ざっています。" if wide else "1行を、記号まで含めてそのまま写しましょう。"
            return self.wrong("Python の行として読めません。", advice, [say("写した行: {line}", line=answer.strip())])
        if "\n" in answer.strip():
            return self.wrong("2行以上あります。", "1行だけを写しましょう。")
        if given in {_tree(line) for line in self.accepted}:
            return RIGHT
        hints = (hint for text, hint in self.pitfalls.items() if _tree(self.define(text)) == given)
        return self.wrong("その行ではありません。", next(hints, None), [say("写した行: {line}", line=answer.strip())])


class _WithoutModule(ast.NodeTransformer):
    """functions.relu(u) and relu(u) are the same line, imported in two ways."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "functions" and node.attr in FUNCTION_NAMES:
            return ast.Name(node.attr, node.ctx)
        return self.generic_visit(node)


def _tree(line: str) -> str | None:
    line = textwrap.dedent(line).strip()
    for text in (line, f"{line}\n    pass"):  # "def f(x):" reads as Python only with a body
        try:
            return ast.dump(_WithoutModule().visit(ast.parse(text)))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
    return None
