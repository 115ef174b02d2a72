"""A cell of the course's own, run in the grader's process: what it shows, and what it is worth."""

import ast
import asyncio
import contextlib
import inspect
import math
import numbers
import traceback
from types import CodeType
from typing import Any

from dlcourse.checks import CheckError
from dlcourse.grading.display.characters import legible
from dlcourse.grading.isolation.names import Names
from dlcourse.grading.isolation.questions import Theirs
from dlcourse.words import say

LONGEST_MESSAGE = 20_000  # characters of each text that a test shows; it may be the student's


class NoShell:
    """For tests that speak to IPython: nothing here has a screen, and `%matplotlib inline` asks for one."""

    @staticmethod
    def nothing(*arguments: Any, **more: Any) -> None:
        pass

    run_line_magic = system = nothing

    @staticmethod
    def getoutput(command: str, **more: Any) -> list[str]:
        return []


TIMED = ("%%time", "%%timeit", "%%capture")  # cell magics that leave the cell what it is


def as_python(source: str) -> str:
    """Python, also where the cell is written in IPython's."""
    try:
        compile(source, "<test>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        return source
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager  # most notebooks go without

        first, _, rest = source.lstrip().partition("\n")
        made: str = TransformerManager().transform_cell(rest if first.split()[0] in TIMED else source)
        return made


def evaluated(source: str, names: Names) -> Any:
    """Run the cell; the value of its last expression, None where it ends with something else."""
    tree = ast.parse(as_python(source), "<test>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    run(compile(tree, "<test>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if not isinstance(last, ast.Expr):
        return None
    return run(compile(ast.Expression(last.value), "<test>", "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)


def run(code: CodeType, names: Names) -> Any:
    """Its value; a cell may await, as in a notebook."""
    made = eval(code, names)
    if code.co_flags & inspect.CO_COROUTINE:
        with contextlib.closing(asyncio.new_event_loop()) as loop:
            return loop.run_until_complete(made)
    return made


def credit(value: Any) -> list[dict[str, Any]]:
    """The output by which nbgrader gives a part of the points: a number with which a test ends."""
    if isinstance(value, Theirs) or not isinstance(value, numbers.Real) or isinstance(value, bool):
        return []
    points = float(value)
    points = max(points, 0.0) if math.isfinite(points) else 0.0
    return [{"output_type": "execute_result", "data": {"text/plain": repr(points)}, "metadata": {}}]


def error(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": "", "traceback": [say(text)]}


def explained(raised: Exception | SystemExit) -> dict[str, Any]:
    """A failed test, as the notebook would show it; the test's own lines stay hidden."""
    show = getattr(raised, "_render_traceback_", None)
    try:
        text = str(raised)
    except Exception as no_text:  # `assert f(x) == 3, f(x)`: it holds an object of the student's
        text = type(no_text).__name__
    lines = show() if show else traceback.format_exception_only(raised)
    return {
        "output_type": "error",
        "ename": type(raised).__name__,
        "evalue": shortened(text),
        "traceback": [shortened(str(line).rstrip()) for line in lines],
    }


def verdict_of(raised: Exception | SystemExit) -> dict[str, Any] | None:
    """What a check has found wrong, as data; None of any other error.

    Only a check in this process raises a CheckError: an error of the student's gets no more than a name here, and
    never this one (proxies.local_error).
    """
    if not isinstance(raised, CheckError):
        return None
    verdict = raised.verdict
    found = {
        "answered": verdict.answered,
        "problem": shortened(verdict.problem),
        "hint": shortened(verdict.hint or ""),
    }
    return found | ({"original": shortened(verdict.original)} if verdict.original else {})


def shortened(text: str) -> str:
    return legible(text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…\n")
