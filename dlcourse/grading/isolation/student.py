"""The student's process: runs the student's cells and answers the grader's calls. Nothing in here is secret.

It is started from a process that has imported what notebooks need (see sandbox.py), inside the sandbox. Whatever
it says is taken as the student's word.
"""

import builtins
import contextlib
import functools
import inspect
import io
import itertools
import linecache
import operator
import os
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import numpy as np

from dlcourse import foreign
from dlcourse.checks import overflow
from dlcourse.checks.spelling import text_of
from dlcourse.checks.values import plain
from dlcourse.checks.watch import calls, silences
from dlcourse.grading.isolation.encoding import Whole, WireError, Writer
from dlcourse.grading.isolation.shell import Outputs, Shell, Stream, is_picture
from dlcourse.grading.isolation.wire import Gone, Peer, RemoteError


class CellServer:
    """What the grader may ask of this process."""

    def __init__(self, shell: Shell) -> None:
        self.shell, self.outputs = shell, Outputs()
        self.names: dict[str, Any] = shell.user_ns
        sys.stdout, sys.stderr = Stream(self.outputs, "stdout"), Stream(self.outputs, "stderr")
        sys.stdin = io.StringIO()
        self.drawn: Callable[[float], None] | None = None
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

    def get(self, peer: Peer, name: str) -> Whole:
        return Whole(self.names[name])

    def has(self, peer: Peer) -> list[str]:
        return [name for name in self.names if isinstance(name, str)]

    def call(
        self, peer: Peer, function: Callable[..., Any], arguments: list[Any], keywords: dict[str, Any],
        on_overflow: dict[str, Any],
    ) -> list[Any]:  # fmt: skip
        """The result, those arguments that the call has changed in place, and what it has printed.

        on_overflow: what NumPy is to do on overflow and the like, as the test has set it.
        """
        before = [snapshot(argument) for argument in arguments]
        self.outputs.clear()
        with np.errstate(**on_overflow), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if overflow.is_to_be_seen():
                with overflow.seen():
                    result = function(*map(overflow.seeing, arguments), **keywords)
            else:
                result = function(*arguments, **keywords)
        changed = {
            place: Whole(argument)
            for place, argument in enumerate(arguments)
            if before[place] is not None and snapshot(argument) != before[place]
        }
        printed = "".join(one["text"] for one in self.outputs.list if one.get("name") == "stdout")
        return [Whole(result), changed, printed]

    def watch(
        self, peer: Peer, function: Callable[..., Any], arguments: list[Any], places: list[Any],
        on_overflow: dict[str, Any],
    ) -> list[int]:  # fmt: skip
        """Which of these functions the call uses, by their places."""
        found = [place if isinstance(place, str) else look_up(*place) for place in places]
        with np.errstate(**on_overflow):
            return calls(function, arguments, found)

    def silences(self, peer: Peer, function: Callable[..., Any], arguments: list[Any]) -> bool:
        return silences(function, arguments)

    def plain(self, peer: Peer, value: Any) -> Any:
        """What the object stands for: see dlcourse.checks.values."""
        return plain(value)

    def attribute(self, peer: Peer, owner: Any, name: str) -> Whole:
        return Whole(getattr(owner, name))

    def operate(self, peer: Peer, name: str, values: list[Any]) -> Whole:
        """What the sign or the built-in function of this name makes of these objects."""
        return Whole(OPERATIONS[name](*values))

    def following(self, peer: Peer, iterator: Iterator[Any]) -> list[Whole]:
        """The next value in a list, which is empty at the end."""
        return [Whole(value) for value in itertools.islice(iterator, 1)]

    def put(self, peer: Peer, name: str, content: Any) -> None:
        """A file beside the notebook."""
        folder = os.path.dirname(name)
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(content.tobytes())

    def describe(self, error: BaseException) -> dict[str, Any]:
        """What happened in the student's code, and in which of its lines."""
        frames = traceback.extract_tb(error.__traceback__)
        cells = [frame for frame in frames if "ipykernel_" in frame.filename or "ipython-input" in frame.filename]
        line = ""
        if cells:
            source = linecache.getline(cells[-1].filename, cells[-1].lineno or 0).strip()
            line = f"{cells[-1].lineno}行目 {source}"
        types = [kind.__name__ for kind in type(error).__mro__ if vars(builtins).get(kind.__name__) is kind]
        return {
            "types": [type(error).__name__, *types],
            "text": (str(error.args[0]) if isinstance(error, KeyError) and error.args else text_of(error))[:2000],
            "line": line,
            "name": str(getattr(error, "name", "") or ""),
        }


def signature(function: Callable[..., Any]) -> list[Any]:
    """Name, kind and default of each parameter."""
    parameters = inspect.signature(function).parameters.values()
    return [[one.name, one.kind.name, [] if one.default is one.empty else [one.default]] for one in parameters]


def look_up(module: str, name: str) -> Any:
    return functools.reduce(getattr, name.split("."), sys.modules[module])


def enter(context: Any) -> Any:
    return context.__enter__()


def leave(context: Any) -> Any:
    return context.__exit__(None, None, None)


OPERATIONS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in ("getitem", "setitem", "eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul", "matmul", "truediv")
}
OPERATIONS |= {
    name: getattr(builtins, name)
    for name in ("len", "bool", "str", "repr", "iter", "next", "setattr", "isinstance", "issubclass")
}
OPERATIONS |= {
    "enter": enter,
    "exit": leave,
    "signature": signature,
    "source": inspect.getsource,
}


def snapshot(value: Any) -> Any:
    """What an argument is, to see whether a call has changed it; None for what cannot be changed."""
    if not isinstance(value, np.ndarray | list | dict | set | np.random.Generator):
        return None
    writer = Writer(lambda other: {"other": id(other)})
    try:
        return writer.write(value), writer.buffers
    except WireError as too_much:  # it came over, and has grown since
        return too_much


def serve(connection: socket.socket, shell: Shell) -> None:
    """Do what the grader asks until it closes the line."""
    server = CellServer(shell)
    operations = {
        name: getattr(server, name)
        for name in (
            "run",
            "picture",
            "get",
            "has",
            "call",
            "watch",
            "silences",
            "plain",
            "attribute",
            "operate",
            "following",
            "put",
        )
    }
    peer = Peer(connection, operations)
    peer.remote = callback
    peer.describe = server.describe
    while True:
        try:
            peer.serve()
            return
        except KeyboardInterrupt:
            continue  # between two calls there is nothing to interrupt
        except Gone:
            return


def callback(peer: Peer, number: int, name: str, can_be_called: bool) -> Callable[..., Any]:
    """A function of the grader's that a check passes to the student's, as in numerical_gradient(f, x)."""

    def function(*arguments: Any) -> Any:
        try:
            return peer.call("callback", number, list(arguments))
        except RemoteError as error:
            known = (getattr(builtins, name, None) for name in error.types)
            raise next(filter(None, known), RuntimeError) from None

    function.__name__ = name
    return function
