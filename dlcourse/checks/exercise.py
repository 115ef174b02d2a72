"""What an exercise is, and how an answer to it is judged.

An exercise is data: the name that the student defines, what is right, and the mistakes worth a
hint of their own. Mistakes (`pitfalls`) and other right answers (`variants`) are written as the
source text that a student would write, so the tests can run every one of them.
"""

import ast
import contextlib
import copy
import functools
import inspect
import io
import linecache
import textwrap
import traceback
import unicodedata
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dlcourse import functions
from dlcourse.checks.compare import difference, short, show
from dlcourse.checks.watch import calls

EVERY_FUNCTION = tuple(
    function for name, function in vars(functions).items() if inspect.isfunction(function) and not name.startswith("_")
)
LOSS_FUNCTIONS = tuple(function for function in EVERY_FUNCTION if function.__name__.endswith(("error", "loss")))

# By these a report tells no answer from a wrong one.
NOT_DEFINED, NOT_WRITTEN = "がまだ定義されていません。", "まだ書かれていないところがあります。"
USE_THE_GIVEN_RNG = "渡された rng を使って乱数を作りましょう。そうすれば、同じ種から同じ値を再現できます。"


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
                f"{self.name} {NOT_DEFINED}",
                "解答のセルを書いて実行してから、このセルをもう一度実行してください"
                "(カーネルを再起動したときは、上のセルから順に)。",
            )
        return self.judge(namespace[self.name], rng)

    def judge(self, answer, rng: np.random.Generator) -> Verdict:
        raise NotImplementedError

    def wrong(self, problem: str, hint: str | None = None, details: Sequence[str] = ()) -> Verdict:
        lines = [f"✗ {self.id} まだ正解ではありません。{short(problem)}", *(f"  {short(line)}" for line in details)]
        if hint:
            lines.append(f"  ヒント: {hint}")
        lines.append(f"  読み返すところ: 「{self.section}」")
        return Verdict(False, "\n".join(lines), hint)


@dataclass(frozen=True, kw_only=True)
class Function(Exercise):
    """The student writes a function.

    signature: as in the question, "total_input(x, W, b)".
    reference: the right function; its results are what is expected.
    instead_of: functions of dlcourse that the answer may not call; the reference, if it is one.
    by_means_of: functions of dlcourse that the answer has to call.
    inputs: label → a function of rng that draws the arguments.
    accept: for results that may differ from the reference (random ones): accept(arguments, result)
        gives None, or what is wrong in a sentence.
    """

    name: str = field(init=False, default="")
    signature: str
    reference: Callable
    inputs: Mapping[str, Callable]
    accept: Callable | None = None
    instead_of: Sequence[Callable] = ()
    by_means_of: Sequence[Callable] = ()

    def __post_init__(self):
        object.__setattr__(self, "name", self.signature.partition("(")[0])
        module = self.reference.__module__
        if not self.instead_of and module.startswith("dlcourse.") and not module.startswith("dlcourse.checks"):
            object.__setattr__(self, "instead_of", (self.reference,))

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
        called = functions_called(answer, [arguments for _, arguments in cases], (*self.instead_of, *self.by_means_of))
        # The first is what the answer itself calls, not what that calls in turn.
        borrowed = next((function for function in called if function in self.instead_of), None)
        if borrowed:
            problem = f"dlcourse の {name_of(borrowed)} を呼び出しています。"
            return self.wrong(problem, "この問題では、それを使わずに自分で書きます。")
        for (label, arguments), outcome in zip(cases, outcomes, strict=True):
            problem, details, advice = self._problem(arguments, outcome)
            if problem:
                given = [f"入力({label}): {self._show_arguments(arguments)}"]
                return self.wrong(problem, self._recognise(cases, outcomes) or advice, given + details)
        missing = [name_of(function) for function in self.by_means_of if function not in called]
        if missing:
            return self.wrong(f"値は合っていますが、functions.{missing[0]} を使っていません。")
        return Verdict(True)

    def _problem(self, arguments, outcome):
        """What is wrong with one call (None if nothing), the lines that show it, and general advice."""
        if outcome.error:
            return outcome.explanation(), outcome.student_line(), outcome.advice()
        if outcome.result is None:
            return "何も返っていません(None)。", [], "関数の最後に return を書きましたか(if の中だけでは足りません)。"
        wanted = Outcome.of(self.reference, arguments)
        if self.accept:
            problem = self.accept(arguments, outcome.result)
            details = [f"結果: {show(outcome.result)}"]
            if not problem and wanted.draws(arguments) and not outcome.depends_on_the_generator(arguments):
                return "渡された rng が、結果に使われていません。", [], USE_THE_GIVEN_RNG
            if not problem and difference(outcome.result, Outcome.of(outcome.function, arguments).result):
                return "同じ rng を渡しても、結果が毎回変わります。", [], USE_THE_GIVEN_RNG
        else:
            found = difference(wanted.result, outcome.result, single=_has_float32(arguments))
            problem = found and found.sentence
            details = found and [f"期待: {show(found.expected)}", f"結果: {show(found.got)}"]
        if not problem and difference(arguments, outcome.arguments):
            return "渡された配列の中身が書き換わっています。", [], "引数は変えずに、新しい配列を作って返しましょう。"
        return problem, details, None

    def _recognise(self, cases, outcomes):
        """The hint of the pitfall that behaves like this answer on every input."""
        for answer, hint in self.pitfalls.items():
            pitfall = self.define(answer)
            # Most pitfalls differ on the first input already.
            if all(
                ours.same_as(Outcome.of(pitfall, arguments))
                for ours, (_, arguments) in zip(outcomes, cases, strict=True)
            ):
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
    error: Exception | SystemExit | None = None

    @classmethod
    def of(cls, function, arguments):
        arguments = copy.deepcopy(arguments)
        result = error = None
        # What an answer prints, or warns of, is not what is judged.
        nowhere = io.StringIO()
        with warnings.catch_warnings(), contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            warnings.simplefilter("ignore")
            try:
                result = function(*arguments)
            except (Exception, SystemExit) as raised:  # exit() ends the answer, not the check
                error = raised
        return cls(function=function, result=result, arguments=arguments, error=error)

    def same_as(self, other):
        if self.error or other.error:
            return _nature(self.error) == _nature(other.error)
        return not difference(other.result, self.result) and not difference(other.arguments, self.arguments)

    def explanation(self):
        if isinstance(self.error, NotImplementedError):
            return NOT_WRITTEN
        text = short(" ".join(str(self.error).split()), 150)
        return f"実行の途中でエラーが起きました({type(self.error).__name__}{text and f': {text}'})。"

    def draws(self, arguments):
        """Whether the call has drawn from a random generator among its arguments."""
        pairs = zip(arguments, self.arguments, strict=True)
        return any(
            before.bit_generator.state != after.bit_generator.state
            for before, after in pairs
            if isinstance(before, np.random.Generator)
        )

    def depends_on_the_generator(self, arguments):
        others = [np.random.default_rng(0) if isinstance(a, np.random.Generator) else a for a in arguments]
        return difference(self.result, Outcome.of(self.function, others).result) is not None

    def student_line(self):
        """The last line of the student's own code that was running."""
        if isinstance(self.error, NotImplementedError):
            return []
        if line := getattr(self.error, "student_line", ""):  # from another process
            return [f"エラーが起きた行: {line}"]
        code = getattr(self.function, "__code__", None)
        frames = [f for f in traceback.extract_tb(self.error.__traceback__) if code and f.filename == code.co_filename]
        if not frames:
            return []
        line = linecache.getline(frames[-1].filename, frames[-1].lineno).strip()
        return [f"エラーが起きた行: {frames[-1].lineno}行目 {line}".rstrip()]

    def advice(self):
        text = str(self.error)
        match self.error:
            case NotImplementedError():
                return "raise NotImplementedError() の行を消して、そこに答えを書きましょう。"
            case UnboundLocalError():
                return "代入する前に使っている変数があります。if の一方だけで代入していないか確かめましょう。"
            case NameError(name=name):
                return (
                    f"{name} という名前が見つかりません。綴りと、この関数の引数にあるか、先に代入したか、"
                    f"functions.{name} のように書くものかを確かめましょう。"
                )
            case AttributeError(name=str(name)):
                return f"{name} という機能が見つかりません。綴りと、「.」の前にあるものが何かを確かめましょう。"
            case ImportError():
                return "読み込もうとしたものが見つかりません。準備のセルで読み込んだものだけで書けます。"
            case KeyError():
                return "辞書にその名前がありません。大文字と小文字、番号を確かめましょう。"
            case IndexError():
                return "番号が並びの長さを超えています。くり返しの回数と、軸の数を確かめましょう。"
            case RecursionError():
                return "関数が自分自身を呼び続けています。くり返しが終わる条件を確かめましょう。"
            case FloatingPointError():
                return "値が大きすぎて溢れたか、0 で割っています。エラーが起きた行の途中の値を確かめましょう。"
            case ArithmeticError():
                return "0 で割っているか、数が大きくなりすぎています。エラーが起きた行の途中の値を確かめましょう。"
            case SystemExit():
                return "exit() や quit() は、プログラム全体を終わらせます。関数を終えて値を返すのは return です。"
            case TypeError() if "positional argument" in text or "as a data type" in text:
                return "関数に渡す引数の数と順番を確かめましょう。配列の形は (2, 3) のように1つにまとめて渡します。"
            case TypeError():
                return "エラーが起きた行で、数、配列、関数を取り違えていないか確かめましょう。"
            case ValueError() if "truth value" in text:
                return "配列は if や max では比べられません。要素ごとの計算には np.where や np.maximum を使いましょう。"
            case ValueError() if "shape" in text or "dimension" in text or "形" in text:
                return "計算している配列の形(.shape)を表示して、紙に書いた形と比べてみましょう。"
        return "エラーが起きた行の途中の値を print で表示して、思ったとおりか確かめましょう。"


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
        return self.wrong(problem, self._recognise(answer, problem), [f"{self.name} = {show(answer)}"])

    def _problem(self, value):
        if self.accept:
            return self.accept(value)
        found = difference(self.expected, value)
        return found and found.sentence

    def _recognise(self, answer, problem):
        alike = set()
        for text, hint in self.pitfalls.items():
            pitfall = self.define(text)
            if not difference(pitfall, answer):
                return hint
            if self.accept and self._problem(pitfall) == problem:
                alike.add(hint)
        return alike.pop() if len(alike) == 1 else None


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
        row = isinstance(answer, np.ndarray) and answer.ndim == 1 and answer.size <= 100
        members = list(answer) if row or isinstance(answer, set | frozenset | list | tuple) else [answer]
        if not members or not all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in members):
            advice = "番号の集合を {1, 2} のように、引用符を付けずに書きましょう。"
            return self.wrong(f"{self.name} は {show(answer)} です。", advice)
        chosen = {int(n) for n in members}
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
            wide = any(unicodedata.east_asian_width(character) == "F" for character in answer)
            advice = "全角の記号が混ざっています。" if wide else "1行を、記号まで含めてそのまま写しましょう。"
            return self.wrong("Python の行として読めません。", advice, [f"写した行: {answer.strip()}"])
        if "\n" in answer.strip():
            return self.wrong("2行以上あります。", "1行だけを写しましょう。")
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
    line = textwrap.dedent(line).strip()
    for text in (line, f"{line}\n    pass"):  # "def f(x):" reads as Python only with a body
        try:
            return ast.dump(_WithoutModule().visit(ast.parse(text)))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
    return None


def functions_called(answer, cases, watched):
    """Those of the watched functions that the answer calls in any of the cases, in the order of the calls."""
    if not watched:
        return []
    # an answer in another process is watched there
    watch = getattr(answer, "calls", None) or functools.partial(calls, answer)
    return [watched[place] for arguments in cases for place in watch(copy.deepcopy(arguments), watched)]


def name_of(function):
    """As a student writes it: a function by its name, a method by its class."""
    return function.__qualname__.partition(".")[0]


def _nature(error):
    """What an error is: the built-in kind that it belongs to, and its text."""
    kinds = (kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")
    return next(kinds), str(error)


def _has_float32(arguments):
    return any(getattr(value, "dtype", None) == np.float32 for value in arguments)
