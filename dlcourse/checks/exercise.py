"""What an exercise is, and how a function that a student has written is judged; short_answers.py judges the rest.

An exercise is data: the name that the student defines, what is right, and the mistakes worth a
hint of their own. Mistakes (`pitfalls`) and other right answers (`variants`) are written as the
source text that a student would write, so the tests can run every one of them.
"""

import ast
import inspect
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np

from dlcourse import edition, functions, optimizers
from dlcourse.checks import common_mistakes, errors
from dlcourse.checks.compare import DOUBLE, Tolerance, difference, precision_of, short, show
from dlcourse.checks.inputs import Arguments, Draw
from dlcourse.checks.outcome import Outcome
from dlcourse.checks.values import plain
from dlcourse.checks.watch import Watched, used
from dlcourse.words import say, together

EVERY_FUNCTION = tuple(
    function
    for name, function in vars(functions).items()
    if inspect.isfunction(function) and function.__module__ == functions.__name__ and not name.startswith("_")
)
LOSS_FUNCTIONS = tuple(function for function in EVERY_FUNCTION if function.__name__.endswith(("error", "loss")))
EVERY_OPTIMIZER = tuple(
    vars(kind)["move"] for kind in vars(optimizers).values() if inspect.isclass(kind) and "move" in vars(kind)
)

NOT_DEFINED = "{name} がまだ定義されていません。"
USE_THE_GIVEN_RNG = "渡された rng を使って乱数を作りましょう。そうすれば、同じ種から同じ値を再現できます。"
RELATED_CALLS = "乱数が、別の呼び出しの乱数と関係しています。"
NO_RETURN = "関数の最後に return を書きましたか(if の中だけでは足りません)。"
CHANGED = "引数は変えずに、新しい配列や辞書を作って返しましょう。"


@dataclass(frozen=True)
class Verdict:
    """The outcome of one judgement.

    message: the whole text for the student; empty when the answer passed.
    hint: what to think about, where something is known.
    problem: the text's first sentence: what is wrong.
    answered: whether there was anything to judge.
    original: the hint, or else the problem, as it stands here, where it was said in another language.
    """

    passed: bool
    message: str = ""
    hint: str | None = None
    problem: str = ""
    answered: bool = True
    original: str = ""


RIGHT = Verdict(True)


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

    def define(self, answer: str) -> Any:
        """What the name holds after that cell has run."""
        namespace: dict[str, Any] = {"np": np, "functions": functions}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a pitfall may be written as clumsily as a student would
            exec(self.source(answer), namespace)
        return namespace[self.name]

    def judge_in(self, namespace: Mapping[str, Any], rng: np.random.Generator) -> Verdict:
        """Judge the answer that a notebook's names hold."""
        if self.name not in namespace:
            return self.wrong(
                say(NOT_DEFINED, name=self.name),
                "解答のセルを書いて実行してから、このセルをもう一度実行してください"
                "(カーネルを再起動したときは、上のセルから順に)。",
                answered=False,
            )
        return self.judge(namespace[self.name], rng)

    def judge(self, answer: Any, rng: np.random.Generator) -> Verdict:
        with np.errstate(all="ignore"):  # whatever the notebook has set
            return self._judge_value(plain(answer))

    def _judge_value(self, answer: Any) -> Verdict:
        """Judge plain data."""
        raise NotImplementedError

    def wrong(
        self, problem: str, hint: str | None = None, details: Sequence[str] = (), *, answered: bool = True
    ) -> Verdict:
        """What is told of a wrong answer. What stands in tables is said here; what has values in it already is."""
        original = hint or problem
        problem, hint = short(say(problem)), hint and say(hint)
        lines = [say("✗ {id} まだ正解ではありません。{problem}", id=self.id, problem=problem)]
        lines += [f"  {short(line)}" for line in details]
        if hint:
            lines.append("  " + say("ヒント: {hint}", hint=hint))
        read_again = say("読み返すところ: 「{section}」", section=say(self.section))
        lines.append("  " + together(read_again, edition.link(self.section)))
        return Verdict(False, "\n".join(lines), hint, problem, answered, original if say(original) != original else "")


@dataclass(frozen=True)
class Flaw:
    """What is wrong with one call: a sentence, the lines that show it, and advice for whoever made no known mistake.

    answered: whether anything was written.
    """

    problem: str
    details: Sequence[str] = ()
    advice: str | None = None
    answered: bool = True


Calls = Sequence[tuple[Arguments, Any]]  # the arguments and the result of each; each case is drawn twice


def both_draws(calls: Calls) -> list[tuple[Arguments, Any, Any]]:
    """Of each case the arguments of its first draw, and the results of both."""
    half = len(calls) // 2
    return [(given, one, other) for (given, one), (_, other) in zip(calls[:half], calls[half:], strict=True)]


@dataclass(frozen=True, kw_only=True)
class Function(Exercise):
    """The student writes a function.

    signature: as in the question, "total_input(x, W, b)".
    reference: the right function; its results are what is expected.
    together: where each result alone is acceptable, what is wrong with all of them: what only shows over many draws.
    instead_of: functions of dlcourse that the answer may not call; the reference, if it is one.
    by_means_of: functions of dlcourse, or by their names methods of the student's own, that the answer has to call.
    inputs: label → a function of rng that draws the arguments.
    tolerance: how closely the results have to agree, relatively and absolutely.
    besides: what else has to hold of a result that agrees: besides(arguments, result) gives None, or what is wrong in
        a sentence.
    accept: in place of both, for results that may differ from the reference (random ones).
    """

    overflow: ClassVar[Literal["ignore", "raise"]] = "ignore"

    name: str = field(init=False, default="")
    signature: str
    reference: Callable[..., Any]
    inputs: Mapping[str, Draw]
    tolerance: Tolerance = DOUBLE
    besides: Callable[[Arguments, Any], str | None] | None = None
    accept: Callable[[Arguments, Any], str | None] | None = None
    together: Callable[[Calls], str | None] | None = None
    instead_of: Sequence[Callable[..., Any]] = ()
    by_means_of: Sequence[Watched] = ()

    def __post_init__(self) -> None:
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

    def judge(self, answer: Any, rng: np.random.Generator) -> Verdict:
        if not callable(answer):
            return self.wrong(
                say("{name} は関数ではありません({value})。", name=self.name, value=show(answer)),
                "def で関数を書きましょう。",
            )
        # Each case is drawn twice: an answer that remembers an earlier call is wrong the second time.
        cases = [(label, self.arguments(draw, rng)) for _ in range(2) for label, draw in self.inputs.items()]
        with np.errstate(over=self.overflow, invalid=self.overflow, divide=self.overflow, under="ignore"):
            called = used(answer, [arguments for _, arguments in cases[: len(self.inputs)]], self._watched)
            outcomes: list[Outcome] = []
            for _, arguments in cases:
                outcomes.append(Outcome.of(answer, arguments))
                if isinstance(outcomes[0].error, NotImplementedError):
                    break  # left as it was, as a class has many: there is nothing more to find out
            flaw = self._borrowed(called) or self._first_flaw(cases, outcomes) or self._unused(called, outcomes)
            return flaw or RIGHT

    def arguments(self, draw: Draw, rng: np.random.Generator) -> Arguments:
        return draw(rng)

    @property
    def _watched(self) -> Sequence[Watched]:
        return (*self.instead_of, *self.by_means_of)

    def _borrowed(self, called: Sequence[Watched]) -> Verdict | None:
        # The first is what the answer itself calls, not what that calls in turn.
        for function in called:
            if not isinstance(function, str) and function in self.instead_of:
                problem = say("dlcourse の {name} を呼び出しています。", name=name_of(function))
                return self.wrong(problem, "この問題では、それを使わずに自分で書きます。")
        return None

    def _unused(self, called: Sequence[Watched], outcomes: Sequence[Outcome]) -> Verdict | None:
        for one in self.by_means_of:
            if one not in called:
                name = one if isinstance(one, str) else f"functions.{name_of(one)}"
                return self.wrong(
                    say("値は合っていますが、{name} を使っていません。", name=name), self._recognise(outcomes)
                )
        return None

    def _first_flaw(self, cases: Sequence[tuple[str, Arguments]], outcomes: Sequence[Outcome]) -> Verdict | None:
        for place, ((label, arguments), outcome) in enumerate(zip(cases, outcomes, strict=False)):
            if flaw := self._flaw(outcome):
                given = [say("入力({label}): {values}", label=say(label), values=self._show_arguments(arguments))]
                mistake = flaw.answered and (
                    self._recognise(outcomes)
                    or common_mistakes.advice(place, outcomes, self.reference, self._parameters)
                )
                hint = mistake or flaw.advice
                return self.wrong(flaw.problem, hint, [*given, *flaw.details], answered=flaw.answered)
        if self.together and (problem := self.together([(outcome.given, outcome.result) for outcome in outcomes])):
            return self.wrong(problem, self._recognise(outcomes))
        return None

    def _flaw(self, outcome: Outcome) -> Flaw | None:
        if outcome.error:
            where, advice = errors.students_line(outcome.error), errors.advice(outcome.error, self.signature)
            answered = not isinstance(outcome.error, NotImplementedError)
            return Flaw(errors.explanation(outcome.error), where, advice, answered)
        if outcome.result is None:
            return Flaw("何も返っていません(None)。", (), NO_RETURN)
        wanted = Outcome.of(self.reference, outcome.given)
        if flaw := self._not_accepted(outcome, wanted) if self.accept else _differs(outcome, wanted, self.tolerance):
            return flaw
        if self.besides and (problem := self.besides(outcome.given, outcome.result)):
            return Flaw(problem)
        if outcome.changes_its_arguments:
            return Flaw("渡されたものの中身が書き換わっています。", (), CHANGED)
        return None

    def _not_accepted(self, outcome: Outcome, wanted: Outcome) -> Flaw | None:
        assert self.accept
        if problem := self.accept(outcome.given, outcome.result):
            return Flaw(problem, [say("結果: {value}", value=show(outcome.result))])
        if wanted.draws() and not outcome.depends_on_the_generator():
            return Flaw("渡された rng が、結果に使われていません。", (), USE_THE_GIVEN_RNG)
        if wanted.draws() and not outcome.again().same_as(outcome):
            return Flaw("同じ rng を渡しても、結果が毎回変わります。", (), USE_THE_GIVEN_RNG)
        return None

    def _recognise(self, outcomes: Sequence[Outcome]) -> str | None:
        """The hint of the pitfall that behaves like this answer on every input."""
        for answer, hint in self.pitfalls.items():
            pitfall = self.define(answer)
            # Most pitfalls differ on the first input already.
            if all(outcome.same_as(Outcome.of(pitfall, outcome.given), self.tolerance) for outcome in outcomes):
                return hint
        return None

    @property
    def _parameters(self) -> list[str]:
        return [name.strip() for name in self.signature.partition("(")[2].rstrip(")").split(",")]

    def _show_arguments(self, arguments: Arguments) -> str:
        return ", ".join(f"{name} = {show(value)}" for name, value in zip(self._parameters, arguments, strict=True))


def _differs(outcome: Outcome, wanted: Outcome, exact: Tolerance) -> Flaw | None:
    """How the result differs from the expected one."""
    found = difference(wanted.result, outcome.result, tolerance=precision_of(outcome.given, exact))
    if not found:
        return None
    return Flaw(
        found.sentence,
        [say("期待: {value}", value=show(found.expected)), say("結果: {value}", value=show(found.got))],
        found.advice,
    )


def name_of(function: Callable[..., Any]) -> str:
    """As a student writes it: a function by its name, a method by its class."""
    return function.__qualname__.partition(".")[0]
