"""Running one notebook: the student's cells in the student's process, the tests here, with the student's names.

Nothing here knows nbgrader, notebooks on disk or exercises: cells come in as text, outputs go out as plain data, so
that a notebook can be run in any process of any machine.
"""

import contextlib
import io
import time
import traceback
from dataclasses import asdict, dataclass, field
from typing import Any

from dlcourse.grading.proxies import Names
from dlcourse.grading.sandbox import Sandbox, StudentProcess
from dlcourse.grading.wire import Gone, TooLate

STOPPED = "このセルの実行中に Python が止まったため、このセルを飛ばして採点しました。"
TOO_LATE = "時間切れです。くり返しが終わらなくなっていないか、確かめましょう。"
NO_TIME_LEFT = "このノートブックの採点にかけられる時間を使いきったため、実行していません。"
TOO_MUCH = "このノートブックの出力が長すぎるため、ここからは残していません。"
RESTARTS = 8  # of the student's process, for one notebook
LONGEST = 5_000_000  # characters of a notebook's outputs


@dataclass
class Cell:
    """kind: "setup" (the course's own, run on both sides), "answer" (the student's) or "test" (the course's)."""

    kind: str
    source: str


@dataclass
class Run:
    """What became of a notebook: one list of outputs per cell, in nbformat's form."""

    outputs: list[list[dict[str, Any]]] = field(default_factory=list)
    restarts: int = 0
    seconds: float = 0.0

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def run(cells: list[Cell], sandbox: Sandbox, *, cell_seconds: float = 10.0, notebook_seconds: float = 120.0) -> Run:
    """Run the cells in their order.

    A cell that ends the student's process, or does not end itself, loses its own outputs only: the process is
    started again and the cells before are repeated.
    """
    result, start = Run(), time.monotonic()
    own: dict[str, Any] = {"__name__": "__main__"}
    left_to_show = LONGEST
    student = Student(sandbox, result, start + notebook_seconds)
    try:
        for cell in cells:
            left = start + notebook_seconds - time.monotonic()
            if left <= 0:
                result.outputs.append([error("OutOfTime", NO_TIME_LEFT)])
                continue
            seconds = min(cell_seconds, left)
            if cell.kind == "setup":
                exec(cell.source, own)
            if cell.kind == "test":
                result.outputs.append(student.test(cell.source, own, seconds))
            else:
                outputs = student.cell(cell.source, seconds)
                left_to_show -= len(str(outputs))
                result.outputs.append(outputs if left_to_show > 0 else [error("TooMuchOutput", TOO_MUCH)])
    finally:
        student.close()
    result.outputs = [[writable(output) for output in outputs] for outputs in result.outputs]
    result.seconds = time.monotonic() - start
    return result


def writable(value: Any) -> Any:
    """The same with every text such that a file can hold it: a lone surrogate is no character."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {key: writable(part) for key, part in value.items()}
    return [writable(part) for part in value] if isinstance(value, list) else value


class Student:
    """The student's process for one notebook, and its successors when it is ended."""

    def __init__(self, sandbox: Sandbox, result: Run, end: float) -> None:
        self.sandbox, self.result, self.end = sandbox, result, end
        self.good: list[tuple[str, float]] = []  # cells that ended, to be repeated after a restart
        self.process: StudentProcess | None = sandbox.student()

    def cell(self, source: str, seconds: float) -> list[dict[str, Any]]:
        if self.process is None:
            return [error("KernelStopped", STOPPED)]
        try:
            outputs, ended = self.process.run(source, seconds)
        except Gone:
            self.restart()
            return [error("KernelStopped", STOPPED)]
        if not ended:
            # the interrupt was ours: its traceback is not the student's
            outputs = [output for output in outputs if output.get("ename") != "KeyboardInterrupt"]
            return [*outputs, error("CellTimeoutError", TOO_LATE)]
        self.good.append((source, seconds))
        return outputs

    def test(self, source: str, own: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
        if self.process is None:
            return [error("KernelStopped", STOPPED)]
        peer = self.process.peer
        peer.deadline = time.monotonic() + seconds
        printed = io.StringIO()
        problem: list[dict[str, Any]] = []
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                exec(compile(source, "<test>", "exec"), Names(own, peer))
        except TooLate:
            problem = [error("CellTimeoutError", TOO_LATE)]
            try:
                self.process.interrupt()
            except Gone:
                self.restart()
        except Gone:
            problem = [error("KernelStopped", STOPPED)]
            self.restart()
        except (Exception, SystemExit) as raised:
            problem = [explained(raised)]
        text = printed.getvalue()
        return ([{"output_type": "stream", "name": "stdout", "text": text}] if text else []) + problem

    def restart(self) -> None:
        """A new process in which the cells so far have run."""
        self.close()
        self.result.restarts += 1
        if self.result.restarts > RESTARTS or time.monotonic() > self.end:
            return
        self.process = self.sandbox.student()
        try:
            for source, seconds in self.good:
                left = self.end - time.monotonic()
                if left <= 0:
                    break
                self.process.run(source, min(seconds, left))
        except Gone:
            self.good = []  # they do not end the same way twice: start from nothing
            self.close()
            self.process = self.sandbox.student()

    def close(self) -> None:
        if self.process is not None:
            self.process.close()
            self.process = None


def error(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": "", "traceback": [text]}


def explained(raised: Exception | SystemExit) -> dict[str, Any]:
    """A failed test, as the notebook would show it; the test's own lines stay hidden."""
    show = getattr(raised, "_render_traceback_", None)
    lines = show() if show else traceback.format_exception_only(raised)
    return {"output_type": "error", "ename": type(raised).__name__, "evalue": str(raised),
            "traceback": [str(line).rstrip() for line in lines]}
