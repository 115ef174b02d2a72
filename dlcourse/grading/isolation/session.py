"""The student's side while one notebook is graded: its process, the time that is left, and what the tests see."""

import ast
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcourse.grading.display.pictures import PictureBudget
from dlcourse.grading.isolation.builtins_for_tests import Builtins
from dlcourse.grading.isolation.course_cells import (
    NoShell,
    as_python,
    credit,
    error,
    evaluated,
    explained,
    shortened,
    verdict_of,
)
from dlcourse.grading.isolation.encoding import TooLate, WireError
from dlcourse.grading.isolation.guard import RUNS_WHAT_IT_READS, the_guard
from dlcourse.grading.isolation.names import IN_PLACE, Names
from dlcourse.grading.isolation.questions import Printed
from dlcourse.grading.isolation.shared_files import SharedFiles
from dlcourse.grading.isolation.surroundings import Surroundings, modules_of_a_test
from dlcourse.grading.isolation.wire import MOST_GROWTH, Gone, memory_in_use
from dlcourse.words import to_say

if TYPE_CHECKING:
    from dlcourse.grading.isolation.engines import Engine
    from dlcourse.grading.isolation.notebook import Needs, NotebookContext
    from dlcourse.grading.isolation.student_process import StudentProcess


STOPPED = to_say("このセルの実行中に Python が止まったため、このセルを飛ばして採点しました。")
TOO_LATE = to_say("時間切れです。くり返しが終わらなくなっていないか、確かめましょう。")
WAITING = 5.0  # a limit of so much work may take so many times as long: the machine may be busy with other things …
IDLE = 0.1  # … unless a cell has worked for less than this part of its time: then it waits for something else
LEAST = 1.0  # seconds that a cell beside the answers has even when its kind has used up its own
RESTARTS = 8  # of the student's process, for one notebook


@dataclass
class TimeBudget:
    """The time that is left for the cells of one kind: of the processors' work on them, and by the clock."""

    work: float
    clock: float


@contextlib.contextmanager
def answered() -> Iterator[None]:
    """Whoever answers with what is no answer is not to be talked with any more."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, LookupError, WireError) as error:
        raise Gone from error


def longest_run(notebook_seconds: float) -> float:
    """By the clock, for a whole notebook: two kinds of cells, and what is beside them."""
    return 2 * WAITING * notebook_seconds


class StudentSession:
    """The student's process for one notebook, and its successors when it is ended."""

    def __init__(
        self, engine: "Engine", context: "NotebookContext", cell_seconds: float, notebook_seconds: float,
        alarm: Callable[[float], None],
    ) -> None:  # fmt: skip
        self.engine, self.context, self.alarm = engine, context, alarm
        self.restarts, self.late, self.used_up = 0, list[str](), list[str]()  # as in notebook.Run
        self.cell_seconds, self.notebook_seconds = cell_seconds, notebook_seconds
        self.budgets = {kind: TimeBudget(notebook_seconds, WAITING * notebook_seconds) for kind in ("own", "answer")}
        self.deadline = time.monotonic() + longest_run(notebook_seconds)
        self.waits = False  # whether a cell has been seen to wait for something that does not come
        self.most_memory = memory_in_use() + MOST_GROWTH
        self.pictures_left = PictureBudget()
        # Cells that ended, to be repeated after a restart, with the time for their pictures.
        self.finished: list[tuple[str, float]] = []
        self.needs: Needs = {}
        self.names = Names(
            {"__name__": "__main__", "display": print, "get_ipython": NoShell}, context.answers, context.shared,
            context.libraries,
        )  # fmt: skip
        self.surroundings = Surroundings()
        self.is_guarded = any(name.endswith(".py") for name in context.course_files)
        self.files = SharedFiles(os.getcwd(), context.course_files)
        self.builtins = Builtins(lambda: self.names.peer, os.getcwd(), vars(self.surroundings.builtins))
        self.names.own["__builtins__"] = self.builtins
        self.process: StudentProcess | None = self.started()

    def started(self) -> "StudentProcess":
        process = self.engine.student(4 * self.notebook_seconds, self.context.libraries)
        self.names.peer = process.peer
        self.surroundings.forget_process()
        self.files.forget_process()
        process.peer.most_memory = self.most_memory
        process.peer.folders = os.getcwd(), str(process.scratch)
        if self.context.student_files:
            process.put(self.context.student_files)
        process.allow(self.cell_seconds, WAITING * self.cell_seconds)
        for line in self.context.imports.splitlines():
            with contextlib.suppress(Exception):  # the tests say whether they miss it
                exec(line, self.names.own)
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
            self.deadline - time.monotonic(),
        )
        self.alarm(max(0.0, self.clock))
        self.began, self.process_then, self.drawing_then = time.monotonic(), self.process, self.pictures_left.drawing
        self.worked_then = self.process.worked() if self.process else 0.0
        if self.budget.work <= 0 or self.budget.clock <= 0:
            self.note_used_up()
        return self.seconds > 0 and self.clock > 0

    def note_used_up(self) -> None:
        name = "own" if self.kind == "own" else "answer"
        if name not in self.used_up:
            self.used_up.append(name)

    def end(self, late: bool) -> None:
        """Take the time of the cell from what is left."""
        clock = time.monotonic() - self.began
        if self.process is None or self.process is not self.process_then:
            work = min(clock, self.seconds)  # the process has ended, and with it what we could ask
        else:
            work = self.process.worked() - self.worked_then
        self.budget.work -= work - (self.drawing_then - self.pictures_left.drawing)
        self.budget.clock -= clock
        if late:
            self.late.append(self.kind)
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
            outputs = self.process.run(source, self.pictures_left)
        except TooLate:
            # the interrupt is ours: its traceback is not the student's
            outputs = [output for output in self.interrupted(cell=True) if output.get("ename") != "KeyboardInterrupt"]
            return [*outputs, error("CellTimeoutError", TOO_LATE)]
        except Gone:
            self.restart()
            return [error("KernelStopped", STOPPED)]
        self.finished.append((source, self.drawing_then - self.pictures_left.drawing))
        return outputs

    def interrupted(self, *, cell: bool) -> list[dict[str, Any]]:
        """Stop what is running, with the process if there is no other way; what a cell has shown."""
        assert self.process
        try:
            answer = self.process.interrupt()
            return self.process.as_outputs(answer) if cell else []
        except Gone:
            self.restart(counted=self.process.can_be_interrupted)
            return []

    def setup(self, source: str) -> None:
        """Run one of the course's own cells for the tests, too: they see what it defines, whatever the student does.

        Statement by statement, since one that uses an answer may fail, and what comes behind it is still the course's.
        """
        names = self.names.for_next_cell()
        names.shared = set()  # the student's process has run it as well
        self.files.begin(source)
        # Once, and before the statements: where the student's process doesn't answer, these are run all the same. What
        # they define would else be taken from the student, the check among it.
        self.run_here("", names)
        try:
            statements = ast.parse(as_python(source)).body
        except SyntaxError:
            return
        for statement in statements:
            names.peer = self.names.peer  # another one after a restart
            self.run_here(ast.unparse(statement), names, with_files=False)
        self.names.own.update(dict.items(names))

    def test(self, source: str, name: str) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """The outputs of a test, and what a check in it has found wrong."""
        names = self.names.for_next_cell()
        names.watch()
        if self.context.needs is None:
            names.needed = self.changed_by_the_solution()
        else:
            names.permitted = {(what, of) for what, of in self.context.needs.get(name, ())}
        changed = names.permitted if names.needed is None else names.needed
        names.leave_to_student([of for what, of in changed if what == "name"])
        self.files.leave_to_student([of for what, of in changed if what == "file"])
        self.surroundings.begin(source, names)
        self.builtins.begin(source)
        names.follows = bool(IN_PLACE.search(source))
        self.files.begin(source)
        names.before = [one.push for one in (self.surroundings, self.files) if one.in_use]
        names.after = [self.files.pull] if self.files.in_use else []
        with self.surroundings.noticing_seeds():
            made = self.run_here(source, names)
        self.names.remember(names)
        if names.needed:
            self.needs[name] = sorted(map(list, names.needed))
        return made

    def test_with_student(self, source: str) -> list[dict[str, Any]]:
        """The outputs of a test that runs as nbgrader runs it, in a process in which the student's cells have run.

        That process ends with the test: no later cell learns from it what this one expects.
        """
        if self.process is None:
            return [error("KernelStopped", STOPPED)]
        usual, self.process = self.process, self.started()
        try:
            self.repeat()
            self.allow()
            return self.process.run(source)
        except TooLate:
            return [error("CellTimeoutError", TOO_LATE)]
        except Gone:
            return [error("KernelStopped", STOPPED)]
        finally:
            self.close()
            self.process, self.names.peer = usual, usual.peer
            self.files.forget_process()

    def changed_by_the_solution(self) -> set[tuple[str, str]]:
        """What the course has given and its own answers have changed."""
        if self.process is None:
            return set()
        try:
            self.allow()
            return {("name", name) for name in self.names.changed_by_answers()} | {
                ("file", name) for name in self.files.changed_by_answers(self.process.peer)
            }
        except (Gone, TooLate):
            return set()

    def run_here(
        self, source: str, names: Names, *, with_files: bool = True
    ) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """As `test`, of any code of the course's. with_files: fetches what the student's code has written before."""
        if self.process is None:
            return [error("KernelStopped", STOPPED)], None
        self.is_guarded = self.is_guarded or bool(RUNS_WHAT_IT_READS.search(source))
        self.allow()
        printed = Printed()
        problem: list[dict[str, Any]] = []
        verdict = None
        try:
            if with_files:
                with answered():
                    self.files.pull(self.process.peer)
            with (
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(printed),
                modules_of_a_test(names, self.surroundings.builtins),
                the_guard().of(os.getcwd() if self.is_guarded else None),
            ):
                try:
                    problem = credit(evaluated(source, names))
                except (Exception, SystemExit) as raised:
                    problem, verdict = [explained(raised)], verdict_of(raised)
                with answered():
                    names.settle()
        except TooLate:
            problem = [error("CellTimeoutError", TOO_LATE)]
            self.interrupted(cell=False)
        except Gone:
            problem = [error("KernelStopped", STOPPED)]
            self.restart()
        text = shortened(printed.getvalue())
        shown = [{"output_type": "stream", "name": "stdout", "text": text}] if text else []
        return shown + problem, verdict

    def restart(self, *, counted: bool = True) -> None:
        """A new process in which the cells so far have run.

        counted: not where every process ends with what is stopped in it, and so this one has done nothing out of order.
        """
        self.close()
        self.restarts += counted
        if self.restarts > RESTARTS or time.monotonic() > self.deadline:
            return
        self.process = self.started()
        try:
            self.repeat()
        except (Gone, TooLate):
            self.finished = []  # they do not end the same way twice: start from nothing
            self.close()
            self.process = self.started()

    def repeat(self) -> None:
        """Run the cells so far in the new process."""
        assert self.process
        for source, drawing in self.finished:
            left = self.deadline - time.monotonic()
            if left <= 0:
                break
            clock = min(WAITING * self.cell_seconds, left)
            self.alarm(clock)
            self.process.allow(self.cell_seconds + drawing, clock)
            self.process.run(source)

    def close(self) -> None:
        if self.process is not None:
            self.process.close()
            self.process = None
