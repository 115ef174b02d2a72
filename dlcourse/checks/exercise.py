"""What an exercise is, and how an answer to it is judged.

An exercise is data: the name that the student defines, what is right, and the mistakes worth a
hint of their own. Mistakes (`pitfalls`) and other right answers (`variants`) are written as the
source text that a student would write, so the tests can run every one of them.
"""

import ast
import contextlib
import copy
import io
import linecache
import os
import textwrap
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dlcourse import functions
from dlcourse.checks.compare import difference, show

USE_THE_GIVEN_RNG = "渡された rng を使って乱数を作りましょう。そうすれば、同じ種から同じ値を再現できます。"
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@dataclass(frozen=True)
class Verdict:
    """The outcome of one judgement; `message` is empty when the answer passed."""

    passed: bool
    message: str = ""
    hint: str | None = None


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What all kinds share.

    id: the number that the notebook, the page and the grader share ("K1-2").
    name: the name that the student's cell defines.
    section: the heading of the book to read again.
    pitfalls: wrong answer (source text) → the hint it deserves.
    variants: further right answers (source text), in other styles than the model answer.
    """

    id: str
    name: str
    section: str
    pitfalls: Mapping[str, str] = field(default_factory=dict)
    variants: Sequence[str] = ()

    def source(self, answer: str) -> str:
        """The cell in which a student gives this answer."""
        return f"{self.name} = {answer}"

    def define(self, answer: str):
        """What the name holds after that cell has run."""
        namespace = {"np": np, "functions": functions}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a pitfall may be written as clumsily as a student would
            exec(self.source(answer), namespace)
        return namespace[self.name]

    def judge_in(self, namespace: Mapping, rng: np.random.Generator) -> Verdict:
        """Judge the answer that a notebook's names hold."""
        if self.name not in namespace:
            return self.wrong(
                f"{self.name} がまだ定義されていません。",
                "解答のセルを書いて実行してから、このセルをもう一度実行してください"
                "(カーネルを再起動したときは、上のセルから順に)。",
            )
        return self.judge(namespace[self.name], rng)

    def judge(self, answer, rng: np.random.Generator) -> Verdict:
        raise NotImplementedError

    def wrong(self, problem: str, hint: str | None = None, details: Sequence[str] = ()) -> Verdict:
        lines = [f"✗ {self.id} まだ正解ではありません。{problem}", *(f"  {line}" for line in details)]
        if hint:
            lines.append(f"  ヒント: {hint}")
        lines.append(f"  読み返すところ: 「{self.section}」")
        return Verdict(False, "\n".join(lines), hint)


@dataclass(frozen=True, kw_only=True)
class Function(Exercise):
    """The student writes a function.

    signature: as in the question, "total_input(x, W, b)".
    reference: the right function; its results are what is expected.
    inputs: label → a function of rng that draws the arguments.
    accept: for results that may differ from the reference (random ones): accept(arguments, result)
        gives None, or what is wrong in a sentence.
    """

    name: str = field(init=False, default="")
    signature: str
    reference: Callable
    inputs: Mapping[str, Callable]
    accept: Callable | None = None

    def __post_init__(self):
        object.__setattr__(self, "name", self.signature.partition("(")[0])

    def source(self, answer: str) -> str:
        """`answer` is the returned expression, or the body of the function."""
        try:
            ast.parse(answer, mode="eval")
            answer = f"return {answer}"
        except SyntaxError:
            pass
        return f"def {self.signature}:\n{textwrap.indent(answer, '    ')}"

    def judge(self, answer, rng):
        if not callable(answer):
            return self.wrong(f"{self.name} は関数ではありません({show(answer)})。", "def で関数を書きましょう。")
        cases = [(label, draw(rng)) for label, draw in self.inputs.items()]
        outcomes = [Outcome.of(answer, arguments) for _, arguments in cases]
        for (label, arguments), outcome in zip(cases, outcomes, strict=True):
            problem, details, advice = self._problem(arguments, outcome)
            if problem:
                given = [f"入力({label}): {self._show_arguments(arguments)}"]
                return self.wrong(problem, self._recognise(cases, outcomes) or advice, given + details)
        return Verdict(True)

    def _problem(self, arguments, outcome):
        """What is wrong with one call (None if nothing), the lines that show it, and general advice."""
        if outcome.error:
            return outcome.explanation(), outcome.student_line(), outcome.advice()
        result = outcome.result
        if self.accept:
            problem, details = self.accept(arguments, result), [f"結果: {show(result)}"]
            if not problem and difference(result, Outcome.of(outcome.function, arguments).result):
                return "同じ rng を渡しても、結果が毎回変わります。", [], USE_THE_GIVEN_RNG
        else:
            expected = self.reference(*copy.deepcopy(arguments))
            problem = difference(expected, result, single=_has_float32(arguments))
            details = [f"期待: {show(expected)}", f"結果: {show(result)}"]
        if not problem and difference(arguments, outcome.arguments):
            return "渡された配列の中身が書き換わっています。", [], "引数は変えずに、新しい配列を作って返しましょう。"
        return problem, details, None

    def _recognise(self, cases, outcomes):
        """The hint of the pitfall that behaves like this answer on every input."""
        for answer, hint in self.pitfalls.items():
            pitfall = self.define(answer)
            if all(o.same_as(Outcome.of(pitfall, args)) for (_, args), o in zip(cases, outcomes, strict=True)):
                return hint
        return None

    def _show_arguments(self, arguments):
        names = [part.partition("=")[0].strip() for part in self.signature.partition("(")[2].rstrip(")").split(",")]
        return ", ".join(f"{name} = {show(value)}" for name, value in zip(names, arguments, strict=True))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one call did: its result or error, and what it left in its arguments."""

    function: Callable
    result: object
    arguments: tuple
    error: Exception | None = None

    @classmethod
    def of(cls, function, arguments):
        arguments = copy.deepcopy(arguments)
        result = error = None
        # What an answer prints, or warns of, is not what is judged.
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            try:
                result = function(*arguments)
            except Exception as raised:
                error = raised
        return cls(function=function, result=result, arguments=arguments, error=error)

    def same_as(self, other):
        if self.error or other.error:
            return repr(self.error) == repr(other.error)
        return not difference(other.result, self.result) and not difference(other.arguments, self.arguments)

    def explanation(self):
        if isinstance(self.error, NotImplementedError):
            return "まだ書かれていないところがあります。"
        return f"実行の途中でエラーが起きました({type(self.error).__name__}: {self.error})。"

    def student_line(self):
        """The last line of the student's own code that was running."""
        frames = [f for f in traceback.extract_tb(self.error.__traceback__) if not f.filename.startswith(PACKAGE)]
        own = [f for f in frames if "site-packages" not in f.filename]
        if isinstance(self.error, NotImplementedError) or not own:
            return []
        line = linecache.getline(own[-1].filename, own[-1].lineno).strip()
        return [f"エラーが起きた行: {own[-1].lineno}行目 {line}".rstrip()]

    def advice(self):
        match self.error:
            case NotImplementedError():
                return "raise NotImplementedError() の行を消して、そこに答えを書きましょう。"
            case NameError(name=name):
                return f"{name} という名前が見つかりません。綴りと、上のセルをすべて実行したかを確かめましょう。"
            case TypeError():
                return "引数の数と順番が、問題文のとおりか確かめましょう。"
            case ValueError() | IndexError():
                return "計算している配列の形(.shape)を表示して、紙に書いた形と比べてみましょう。"
        return None


@dataclass(frozen=True, kw_only=True)
class Value(Exercise):
    """The student gives a value.

    expected: the right value.
    accept: where many values are right, in place of `expected`: accept(value) gives None, or what
        is wrong in a sentence; a pitfall that is wrong in the same way gives its hint.
    """

    expected: object = None
    accept: Callable | None = None

    def judge(self, answer, rng):
        problem = self._problem(answer)
        if not problem:
            return Verdict(True)
        hints = (hint for text, hint in self.pitfalls.items() if self._alike(self.define(text), answer))
        return self.wrong(problem, next(hints, None), [f"{self.name} = {show(answer)}"])

    def _problem(self, value):
        return self.accept(value) if self.accept else difference(self.expected, value)

    def _alike(self, pitfall, answer):
        return self._problem(pitfall) == self._problem(answer) if self.accept else not difference(pitfall, answer)


@dataclass(frozen=True, kw_only=True)
class Choice(Exercise):
    """The student chooses numbers; `reasons` says of each wrong one why it is wrong."""

    correct: frozenset
    reasons: Mapping[int, str]
    missing: str

    def __post_init__(self):
        more = {str(set(self.correct | {option})): reason for option, reason in self.reasons.items()}
        fewer = {str(set(self.correct - {option})): self.missing for option in self.correct if len(self.correct) > 1}
        object.__setattr__(self, "pitfalls", {**more, **fewer, **self.pitfalls})
        object.__setattr__(self, "variants", [str(sorted(self.correct)), str(tuple(self.correct)), *self.variants])

    def judge(self, answer, rng):
        numbers = [answer] if np.ndim(answer) == 0 and not isinstance(answer, set | frozenset) else list(answer)
        if not numbers or not all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in numbers):
            return self.wrong(f"{self.name} は {show(answer)} です。", "番号の集合を {1, 2} のように書きましょう。")
        chosen = {int(n) for n in numbers}
        unknown = chosen - self.correct - set(self.reasons)
        if unknown:
            return self.wrong(f"{min(unknown)} という選択肢はありません。")
        extra = sorted(chosen - self.correct)
        if extra:
            return self.wrong(f"{extra[0]} は当てはまりません。", self.reasons[extra[0]])
        if chosen != self.correct:
            return self.wrong("当てはまるものが、ほかにもあります。", self.missing)
        return Verdict(True)


@dataclass(frozen=True, kw_only=True)
class Line(Exercise):
    """The student copies a line of code, as a string; it is compared as a syntax tree."""

    accepted: Sequence[str]

    def __post_init__(self):
        object.__setattr__(self, "pitfalls", {repr(line): hint for line, hint in self.pitfalls.items()})
        object.__setattr__(self, "variants", [repr(line) for line in (*self.accepted, *self.variants)])

    def judge(self, answer, rng):
        if not isinstance(answer, str):
            return self.wrong(f"{self.name} は文字列ではありません。", '写した1行を "..." で囲みましょう。')
        given = _tree(answer)
        if given is None:
            return self.wrong("Python の行として読めません。", "1行を、記号まで含めてそのまま写しましょう。", [answer])
        if given in {_tree(line) for line in self.accepted}:
            return Verdict(True)
        hints = (hint for text, hint in self.pitfalls.items() if _tree(self.define(text)) == given)
        return self.wrong("その行ではありません。", next(hints, None), [f"写した行: {answer.strip()}"])


class _WithoutModule(ast.NodeTransformer):
    """functions.relu(u) and relu(u) are the same line, imported in two ways."""

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "functions":
            return ast.Name(node.attr, node.ctx)
        return node


def _tree(line):
    try:
        return ast.dump(_WithoutModule().visit(ast.parse(textwrap.dedent(line).strip())))
    except (SyntaxError, ValueError):
        return None


def _has_float32(arguments):
    return any(getattr(value, "dtype", None) == np.float32 for value in arguments)
