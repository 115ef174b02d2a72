"""The student's process: runs the student's cells and answers the grader's calls. Nothing in here is secret.

It is started from a process that has imported what notebooks need (see sandbox.py), inside the sandbox. Whatever
it says is taken as the student's word.
"""

import builtins
import contextlib
import io
import linecache
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from dlcourse import foreign
from dlcourse.checks.spelling import text_of
from dlcourse.grading.isolation import objects_of_tests
from dlcourse.grading.isolation.encoding import Whole
from dlcourse.grading.isolation.line import Line
from dlcourse.grading.isolation.objects_of_tests import make_here, number_of
from dlcourse.grading.isolation.shell import Outputs, Shell, Stream, is_picture
from dlcourse.grading.isolation.student_objects import (
    base_of,
    from_library,
    is_students,
    kind_of,
    library_name,
    operations,
)
from dlcourse.grading.isolation.student_surroundings import Surroundings
from dlcourse.grading.isolation.wire import Gone, Peer, RemoteError
from dlcourse.words import say


class CellServer:
    """What the grader may ask of this process."""

    def __init__(self, shell: Shell) -> None:
        self.shell, self.outputs = shell, Outputs()
        sys.stdout, sys.stderr = Stream(self.outputs, "stdout"), Stream(self.outputs, "stderr")
        sys.stdin = io.StringIO()
        self.drawn: Callable[[float], None] | None = None
        self.of_the_code: Callable[[], Any] = contextlib.nullcontext
        self.interrupted = False
        formatter: Any = shell.display_formatter
        for owner, name, ours in (
            (shell.display_pub, "publish", self.display),
            (shell.display_pub, "clear_output", self.outputs.clear),
            (shell.displayhook, "write_output_prompt", lambda: None),
            (shell.displayhook, "finish_displayhook", lambda: None),
            (shell.displayhook, "write_format_data", self.result),
            (shell, "_showtraceback", self.error),
            (formatter, "format", self.timed(formatter.format)),
        ):
            foreign.patch(owner, name, ours)

    def display(
        self, data: dict[str, Any], metadata: dict[str, Any] | None = None, transient: dict[str, Any] | None = None,
        update: bool = False, **more: Any,
    ) -> None:  # fmt: skip
        self.outputs.show("display_data", data, metadata, (transient or {}).get("display_id"), update)

    def result(self, data: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        self.outputs.show("execute_result", data, metadata)

    def error(self, kind: type[BaseException], error: BaseException, lines: list[Any]) -> None:
        self.outputs.fail(kind.__name__, str(error), [str(line) for line in lines])

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True
        raise KeyboardInterrupt

    def timed(self, show: Callable[..., Any]) -> Callable[..., Any]:
        """IPython's method that makes an object into what is shown of it; says how long pictures have taken."""

        def format(*arguments: Any, **options: Any) -> Any:
            if self.interrupted:  # IPython still draws all figures that are open; nobody waits for them any more
                return {}, {}
            start = time.monotonic()
            made = show(*arguments, **options)
            if self.drawn and any(map(is_picture, made[0])) and threading.current_thread() is threading.main_thread():
                self.drawn(time.monotonic() - start)
            return made

        return format

    # --- operations -----------------------------------------------------------------------------

    def run(self, peer: Peer, source: str) -> tuple[list[dict[str, Any]], list[int]]:
        """The outputs of a cell, in which pictures are numbers, and how many bytes each of these has."""
        self.outputs.clear()

        def drawn(seconds: float) -> None:
            with contextlib.suppress(RemoteError):
                peer.call("drawn", seconds)

        self.drawn, self.interrupted = drawn, False
        signal.signal(signal.SIGINT, self.interrupt)
        try:
            with self.of_the_code():
                self.shell.run_cell(source, store_history=True)
        except KeyboardInterrupt:
            pass  # the grader has interrupted it, and says so itself
        finally:
            self.drawn = None
        # what a cell printed, but for a later one, belongs to nobody
        made, self.outputs.list = self.outputs.list, []
        return made, [len(content) for content in self.outputs.pictures]

    def picture(self, peer: Peer, number: int) -> Any:
        """One of the pictures of the cell that has run."""
        return np.frombuffer(self.outputs.pictures[number], np.uint8)

    def describe(self, error: BaseException) -> dict[str, Any]:
        """What happened in the student's code, and in which of its lines."""
        frames = traceback.extract_tb(error.__traceback__)
        cells = [frame for frame in frames if "ipykernel_" in frame.filename or "ipython-input" in frame.filename]
        line = ""
        if cells:
            source = linecache.getline(cells[-1].filename, cells[-1].lineno or 0).strip()
            line = say("{number}行目 {code}", number=cells[-1].lineno, code=source)
        types = [kind.__name__ for kind in type(error).__mro__ if vars(builtins).get(kind.__name__) is kind]
        return {
            "types": [type(error).__name__, *types],
            "text": (str(error.args[0]) if isinstance(error, KeyError) and error.args else text_of(error))[:2000],
            "line": line,
            "name": str(getattr(error, "name", "") or ""),
        }


def error_value(error: BaseException) -> Any:
    """What is said of an error in data: its arguments, itself or else its class, and the kinds of its cause."""
    arguments = Whole(error.args) if type(error).__module__ != "builtins" or len(error.args) > 1 else None
    kind = type(error)
    cause = error.__cause__
    return [
        arguments,
        error if is_students(kind) else kind if kind.__module__ != "builtins" else None,
        None if cause is None else [one.__name__ for one in type(cause).__mro__],
    ]


def serve(line: Line, shell: Shell) -> None:
    """Do what the grader asks until it closes the line."""
    server = CellServer(shell)
    around = Surroundings(shell.user_ns)
    server.of_the_code = around.of_the_code
    objects_of_tests.of_this_side = around.of_this_side
    own: dict[str, Callable[..., Any]] = {"run": server.run, "picture": server.picture}
    peer = Peer(line, own | operations(server.outputs, around.of_the_code) | around.operations())
    peer.remote, peer.number_of, peer.kind_of = make_here, number_of, kind_of
    peer.base_of, peer.library_name, peer.from_library = base_of, library_name, from_library
    peer.value_of = error_value
    peer.describe = server.describe
    while True:
        try:
            peer.serve()
            return
        except KeyboardInterrupt:
            continue  # between two calls there is nothing to interrupt
        except Gone:
            return
