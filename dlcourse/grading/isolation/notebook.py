"""Running one notebook: the student's cells in the student's process, the tests here, with the student's names.

Nothing here knows nbgrader, notebooks on disk or exercises: cells come in as text, outputs go out as plain data, so
that a notebook can be run in any process of any machine.
"""

import ast
import contextlib
import linecache
import math
import numbers
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcourse.grading.display.characters import legible
from dlcourse.grading.display.pictures import IN_TEXT, KINDS, Room
from dlcourse.grading.isolation.proxies import Names, Printed, StudentObject
from dlcourse.grading.isolation.wire import MOST_GROWTH, Gone, TooLate, memory_in_use

if TYPE_CHECKING:  # it needs Linux; what nbgrader's other commands need of this module needs none
    from dlcourse.grading.isolation.sandbox import Sandbox, StudentProcess

STOPPED = "このセルの実行中に Python が止まったため、このセルを飛ばして採点しました。"
TOO_LATE = "時間切れです。くり返しが終わらなくなっていないか、確かめましょう。"
NO_TIME_LEFT = "このノートブックの採点にかけられる時間を使いきったため、実行していません。"
WAITING = 5.0  # a limit of so much work may take so many times as long: the machine may be busy with other things …
IDLE = 0.1  # … unless a cell has worked for less than this part of its time: then it waits for something else
LEAST = 1.0  # seconds that a cell beside the answers has even when its kind has used up its own
TOO_MUCH = "このノートブックの出力が長すぎるため、ここからは残していません。"
RESTARTS = 8  # of the student's process, for one notebook
LONGEST = 5_000_000  # characters of a notebook's outputs, pictures aside
LONGEST_TOLD = 20_000  # characters of each text that a test shows; it may be the student's


@dataclass
class Cell:
    """kind: "setup" and "test" (the course's own; setup runs on both sides), "answer" and "own" (the student's).

    turn: cells with a smaller one run earlier, those with the same in their order.
    """

    kind: str
    source: str
    turn: float = 0.0


@dataclass
class Around:
    """What belongs to a notebook and does not stand in its managed cells.

    imports: the import statements of the course's ordinary cells, which students may change, and tests rely on.
    answers: names that the answers and the ordinary cells define; a test that uses one of them for itself must not hide
        the next answer.
    files: name → contents; what the student's cells find beside the notebook.
    own_files: … and what the tests find.
    """

    imports: str = ""
    answers: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    own_files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Run:
    """What became of a notebook: one list of outputs per cell, in nbformat's form.

    late: kinds of the cells that did not end in their time.
    used_up: kinds whose time for the notebook was used up ("own", and "answer" for everything else).
    """

    outputs: list[list[dict[str, Any]]] = field(default_factory=list)
    restarts: int = 0
    seconds: float = 0.0
    late: list[str] = field(default_factory=list)
    used_up: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Budget:
    """The time that is left for the cells of one kind: of the processors' work on them, and by the clock."""

    work: float
    clock: float


def most_seconds(notebook_seconds: float) -> float:
    """By the clock, for a whole notebook: two kinds of cells, and what is beside them."""
    return 2 * WAITING * notebook_seconds


def run(
    cells: list[Cell], sandbox: "Sandbox", around: Around | None = None, *,
    cell_seconds: float = 10.0, notebook_seconds: float = 120.0, alarm: Callable[[float], None] = lambda seconds: None,
) -> Run:  # fmt: skip
    """Run the cells by their turns.

    A cell that ends the student's process, or does not end itself, loses its own outputs only: the process is
    started again and the cells before are repeated.

    Seconds are those of the processors' work on the student's cells; by the clock they may take longer (WAITING). The
    student's cells beside the answers have `notebook_seconds` for themselves, answers and tests have as much again.
    alarm: is told, before each cell, by when it has ended if all limits hold.
    """
    around = around or Around()
    result, start = Run(), time.monotonic()
    made: dict[int, list[dict[str, Any]]] = {}
    left_to_show = LONGEST
    with tempfile.TemporaryDirectory(prefix="tests-") as folder, contextlib.chdir(folder):
        put(around.own_files)
        sys.path.append(folder)
        student = Student(sandbox, result, around, cell_seconds, notebook_seconds, alarm)
        try:
            for place in sorted(range(len(cells)), key=lambda place: cells[place].turn):
                cell = cells[place]
                if not student.begin(cell.kind):
                    made[place] = [error("OutOfTime", NO_TIME_LEFT)]
                elif cell.kind == "test":
                    made[place] = student.test(cell.source)
                else:
                    outputs = student.cell(cell.source)
                    left_to_show -= text_in(outputs)
                    made[place] = outputs if left_to_show > 0 else [error("TooMuchOutput", TOO_MUCH)]
                    if cell.kind == "setup":
                        student.setup(cell.source)
                student.end(any(output.get("ename") == "CellTimeoutError" for output in made[place]))
        finally:
            student.close()
            sys.path.remove(folder)
            linecache.clearcache()  # it holds the student's functions
            for name, module in list(sys.modules.items()):  # the next course may have a helper.py of its own
                if str(getattr(module, "__file__", None)).startswith(folder):
                    del sys.modules[name]
    result.outputs = [[writable(output) for output in made[place]] for place in range(len(cells))]
    result.seconds = time.monotonic() - start
    return result


def put(files: dict[str, bytes]) -> None:
    """Write the files into the current folder."""
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def text_in(outputs: list[dict[str, Any]]) -> int:
    """How many characters these outputs have; of pictures there is another limit."""
    texts = [
        output | {"data": {kind: part for kind, part in output.get("data", {}).items() if kind not in KINDS}}
        for output in outputs
    ]
    return len(IN_TEXT.sub("", str(texts)))


def writable(value: Any) -> Any:
    """The same with every text such that a file can hold it: a lone surrogate is no character."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {key: writable(part) for key, part in value.items()}
    return [writable(part) for part in value] if isinstance(value, list) else value


class Student:
    """The student's process for one notebook, and its successors when it is ended."""

    def __init__(
        self, sandbox: "Sandbox", result: Run, around: Around, cell_seconds: float, notebook_seconds: float,
        alarm: Callable[[float], None],
    ) -> None:  # fmt: skip
        self.sandbox, self.result, self.around, self.alarm = sandbox, result, around, alarm
        self.cell_seconds, self.notebook_seconds = cell_seconds, notebook_seconds
        self.budgets = {kind: Budget(notebook_seconds, WAITING * notebook_seconds) for kind in ("own", "answer")}
        self.last = time.monotonic() + most_seconds(notebook_seconds)
        self.waits = False  # whether a cell has been seen to wait for something that does not come
        self.most_memory = memory_in_use() + MOST_GROWTH
        self.room = Room()
        self.good: list[tuple[str, float]] = []  # cells that ended, to be repeated after a restart; time for pictures
        self.names = Names({"__name__": "__main__", "display": print, "get_ipython": NoShell}, around.answers)
        for line in around.imports.splitlines():
            with contextlib.suppress(Exception):  # the tests say whether they miss it
                exec(line, self.names.own)
        self.process: StudentProcess | None = self.started()

    def started(self) -> "StudentProcess":
        process = self.sandbox.student(processor_seconds=4 * self.notebook_seconds)
        self.names.peer = process.peer
        process.peer.most_memory = self.most_memory
        if self.around.files:
            process.put(self.around.files)
        return process

    # --- time -------------------------------------------------------------------------------------

    def begin(self, kind: str) -> bool:
        """Give the next cell its time; whether there is any left."""
        self.kind, self.budget = kind, self.budgets["own" if kind == "own" else "answer"]
        self.seconds = min(self.cell_seconds, self.budget.work)
        if kind == "own" and self.budget.work > -self.notebook_seconds:
            self.seconds = max(self.seconds, min(LEAST, self.cell_seconds))  # it may hold an import
        self.clock = min(
            self.cell_seconds if self.waits else WAITING * self.cell_seconds,
            self.budget.clock,
            self.last - time.monotonic(),
        )
        self.alarm(max(0.0, self.clock))
        self.began, self.process_then, self.drawing_then = time.monotonic(), self.process, self.room.drawing
        self.worked_then = self.process.worked() if self.process else 0.0
        if self.budget.work <= 0 or self.budget.clock <= 0:
            self.used_up()
        return self.seconds > 0 and self.clock > 0

    def used_up(self) -> None:
        name = "own" if self.kind == "own" else "answer"
        if name not in self.result.used_up:
            self.result.used_up.append(name)

    def end(self, late: bool) -> None:
        """Take the time of the cell from what is left."""
        clock = time.monotonic() - self.began
        if self.process is None or self.process is not self.process_then:
            work = min(clock, self.seconds)  # the process has ended, and with it what we could ask
        else:
            work = self.process.worked() - self.worked_then
        self.budget.work -= work - (self.drawing_then - self.room.drawing)
        self.budget.clock -= clock
        if late:
            self.result.late.append(self.kind)
            self.waits = self.waits or work < IDLE * clock

    def allow(self) -> None:
        """Let the student's process use what is left of this cell's time."""
        assert self.process
        spent = self.process.worked() - self.worked_then if self.process is self.process_then else 0.0
        self.process.allow(self.seconds - spent, self.began + self.clock - time.monotonic())

    # --- cells ------------------------------------------------------------------------------------

    def cell(self, source: str) -> list[dict[str, Any]]:
        if self.process is None:
            return [error("KernelStopped", STOPPED)]
        self.allow()
        try:
            outputs = self.process.run(source, self.room)
        except TooLate:
            # the interrupt is ours: its traceback is not the student's
            outputs = [output for output in self.interrupted(cell=True) if output.get("ename") != "KeyboardInterrupt"]
            return [*outputs, error("CellTimeoutError", TOO_LATE)]
        except Gone:
            self.restart()
            return [error("KernelStopped", STOPPED)]
        self.good.append((source, self.drawing_then - self.room.drawing))
        return outputs

    def interrupted(self, *, cell: bool) -> list[dict[str, Any]]:
        """Stop what is running, with the process if there is no other way; what a cell has shown."""
        assert self.process
        try:
            answer = self.process.interrupt()
            return self.process.shown(answer) if cell else []
        except Gone:
            self.restart()
            return []

    def setup(self, source: str) -> None:
        """Run one of the course's own cells for the tests, too: they see what it defines, whatever the student does.

        Statement by statement, since one that uses an answer may fail, and what comes behind it is still the course's.
        """
        names = self.names.afresh()
        try:
            statements = ast.parse(plain(source)).body
        except SyntaxError:
            return
        for statement in statements:
            names.peer = self.names.peer  # another one after a restart
            self.course(ast.unparse(statement), names)
        self.names.own.update(names)

    def test(self, source: str) -> list[dict[str, Any]]:
        names = self.names.afresh()
        outputs = self.course(source, names)
        self.names.remember(names)
        return outputs

    def course(self, source: str, names: Names) -> list[dict[str, Any]]:
        """The outputs of a cell of the course's that is run on this side."""
        if self.process is None:
            return [error("KernelStopped", STOPPED)]
        self.allow()
        printed = Printed()
        problem: list[dict[str, Any]] = []
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                try:
                    problem = credit(evaluated(source, names))
                except (Exception, SystemExit) as raised:
                    problem = [explained(raised)]
        except TooLate:
            problem = [error("CellTimeoutError", TOO_LATE)]
            self.interrupted(cell=False)
        except Gone:
            problem = [error("KernelStopped", STOPPED)]
            self.restart()
        text = shortened(printed.getvalue())
        return ([{"output_type": "stream", "name": "stdout", "text": text}] if text else []) + problem

    def restart(self) -> None:
        """A new process in which the cells so far have run."""
        self.close()
        self.result.restarts += 1
        if self.result.restarts > RESTARTS or time.monotonic() > self.last:
            return
        self.process = self.started()
        try:
            for source, drawing in self.good:
                left = self.last - time.monotonic()
                if left <= 0:
                    break
                clock = min(WAITING * self.cell_seconds, left)
                self.alarm(clock)
                self.process.allow(self.cell_seconds + drawing, clock)
                self.process.run(source)
        except (Gone, TooLate):
            self.good = []  # they do not end the same way twice: start from nothing
            self.close()
            self.process = self.started()

    def close(self) -> None:
        if self.process is not None:
            self.process.close()
            self.process = None


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


def plain(source: str) -> str:
    """Python, also where the cell is written in IPython's."""
    try:
        ast.parse(source)
        return source
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager  # most notebooks go without

        first, _, rest = source.lstrip().partition("\n")
        made: str = TransformerManager().transform_cell(rest if first.split()[0] in TIMED else source)
        return made


def evaluated(source: str, names: Names) -> Any:
    """Run the cell; the value of its last expression, None where it ends with something else."""
    tree = ast.parse(plain(source), "<test>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<test>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<test>", "eval"), names) if isinstance(last, ast.Expr) else None


def credit(value: Any) -> list[dict[str, Any]]:
    """The output by which nbgrader gives a part of the points: a number with which a test ends."""
    if isinstance(value, StudentObject) or not isinstance(value, numbers.Real) or isinstance(value, bool):
        return []
    points = float(value)
    points = max(points, 0.0) if math.isfinite(points) else 0.0
    return [{"output_type": "execute_result", "data": {"text/plain": repr(points)}, "metadata": {}}]


def error(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": "", "traceback": [text]}


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


def shortened(text: str) -> str:
    return legible(text if len(text) <= LONGEST_TOLD else f"{text[:LONGEST_TOLD]}…\n")
