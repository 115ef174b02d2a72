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
import shutil
import socket
import sys
import traceback

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from dlcourse.checks.watch import calls
from dlcourse.elsewhere import WithoutPrograms
from dlcourse.grading.wire import Gone, Peer, RemoteError, Writer

MOST_OUTPUT = 100_000  # characters of a cell's output that are kept
CUT = "\n… 出力が長いため、ここで打ち切りました …\n"


class Shell(WithoutPrograms, InteractiveShell):
    """IPython as notebooks expect it, where there is no screen, no other program and no kernel."""

    place = "採点"

    def ask_exit(self):
        pass


def make_shell():
    """IPython without a terminal, a history or threads, so that the process can be forked."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    shell.db = {}  # else a file in a home that nobody has here
    # Who owns a copy, and who may read it, is not the student's to set: copying a file goes without.
    shutil.copymode = shutil.copystat = lambda source, target, **options: None
    with contextlib.redirect_stdout(io.StringIO()):
        # what IPython loads for its first traceback takes a tenth of a second; every student's process is a copy
        shell.run_cell("1 / 0", store_history=False)
    return shell


class Stream(io.TextIOBase):
    """What is printed becomes an output of the cell."""

    encoding = "utf-8"

    def __init__(self, cell, name):
        self.cell, self.stream = cell, name

    def writable(self):
        return True

    def write(self, text):
        self.cell.add({"output_type": "stream", "name": self.stream, "text": str(text)})
        return len(text)


class Outputs:
    """The outputs of the cell that is running."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.list, self.size = [], 0

    def add(self, output):
        size = 20 + len(str(output.get("text", ""))) + sum(len(str(part)) for part in output.get("data", {}).values())
        if self.size > MOST_OUTPUT:
            return
        if self.size + size > MOST_OUTPUT:
            output = {"output_type": "stream", "name": "stdout", "text": str(output.get("text", ""))[:1000] + CUT}
        self.size += size
        last = self.list[-1] if self.list else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            self.list.append(output)


class Student:
    """What the grader may ask of this process."""

    def __init__(self, shell):
        self.shell, self.outputs = shell, Outputs()
        self.names = shell.user_ns
        sys.stdout, sys.stderr = Stream(self.outputs, "stdout"), Stream(self.outputs, "stderr")
        sys.stdin = io.StringIO()
        shell.display_pub.publish = self.display
        shell.displayhook.write_output_prompt = shell.displayhook.finish_displayhook = lambda: None
        shell.displayhook.write_format_data = self.result
        shell._showtraceback = self.error

    def display(self, data, metadata=None, **more):
        self.outputs.add({"output_type": "display_data", "data": dict(data), "metadata": {}})

    def result(self, data, metadata=None):
        self.outputs.add({"output_type": "execute_result", "data": dict(data), "metadata": {}})

    def error(self, kind, error, lines):
        lines = [str(line) for line in lines]
        self.outputs.add({"output_type": "error", "ename": kind.__name__, "evalue": str(error), "traceback": lines})

    # --- operations -----------------------------------------------------------------------------

    def run(self, peer, source):
        """The outputs of a cell."""
        self.outputs.clear()
        try:
            self.shell.run_cell(source, store_history=True)
        except KeyboardInterrupt:
            pass  # the grader has interrupted it, and says so itself
        # what a cell printed, but for a later one, belongs to nobody
        made, self.outputs.list = self.outputs.list, []
        return made

    def get(self, peer, name):
        return self.names[name]

    def has(self, peer):
        return [name for name in self.names if isinstance(name, str)]

    def call(self, peer, function, arguments, keywords, on_overflow):
        """The result, those arguments that the call has changed in place, and what it has printed.

        on_overflow: what NumPy is to do on overflow and the like, as the test has set it.
        """
        before = [flat(argument) for argument in arguments]
        self.outputs.clear()
        with np.errstate(**on_overflow):
            result = function(*arguments, **keywords)
        changed = {
            place: argument
            for place, argument in enumerate(arguments)
            if before[place] is not None and flat(argument) != before[place]
        }
        printed = "".join(one["text"] for one in self.outputs.list if one.get("name") == "stdout")
        return [result, changed, printed]

    def watch(self, peer, function, arguments, places):
        """Which of these functions the call uses, by their places."""
        found = [functools.reduce(getattr, name.split("."), sys.modules[module]) for module, name in places]
        return calls(function, arguments, found)

    def attribute(self, peer, owner, name):
        return getattr(owner, name)

    def operate(self, peer, name, values):
        """What the sign or the built-in function of this name makes of these objects."""
        return OPERATIONS[name](*values)

    def following(self, peer, iterator):
        """The next value in a list, which is empty at the end."""
        return list(itertools.islice(iterator, 1))

    def put(self, peer, name, content):
        """A file beside the notebook."""
        folder = os.path.dirname(name)
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(content.tobytes())

    def describe(self, error):
        """What happened in the student's code, and in which of its lines."""
        frames = traceback.extract_tb(error.__traceback__)
        cells = [frame for frame in frames if "ipykernel_" in frame.filename or "ipython-input" in frame.filename]
        line = ""
        if cells:
            source = linecache.getline(cells[-1].filename, cells[-1].lineno).strip()
            line = f"{cells[-1].lineno}行目 {source}"
        types = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
        return {
            "types": [type(error).__name__, *types],
            "text": str(error.args[0] if isinstance(error, KeyError) and error.args else error)[:2000],
            "line": line,
            "name": str(getattr(error, "name", "") or ""),
        }


def signature(function):
    """Name, kind and default of each parameter."""
    parameters = inspect.signature(function).parameters.values()
    return [[one.name, one.kind.name, [] if one.default is one.empty else [one.default]] for one in parameters]


def leave(context):
    return context.__exit__(None, None, None)


OPERATIONS = {name: getattr(operator, name) for name in
              ("getitem", "setitem", "eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul", "matmul", "truediv")}
OPERATIONS |= {name: getattr(builtins, name) for name in
               ("len", "bool", "str", "repr", "iter", "next", "setattr", "isinstance", "issubclass")}
OPERATIONS |= {"enter": lambda context: context.__enter__(), "exit": leave, "signature": signature,
               "source": inspect.getsource}


def flat(value):
    """What an argument is, to see whether a call has changed it; None for what cannot be changed."""
    if not isinstance(value, np.ndarray | list | dict | set | np.random.Generator):
        return None
    writer = Writer(lambda other: {"other": id(other)})
    return writer.write(value), writer.buffers


def serve(connection: socket.socket, shell) -> None:
    """Do what the grader asks until it closes the line."""
    student = Student(shell)
    operations = {
        name: getattr(student, name)
        for name in ("run", "get", "has", "call", "watch", "attribute", "operate", "following", "put")
    }
    peer = Peer(connection, operations)
    peer.remote = callback
    peer.describe = student.describe
    while True:
        try:
            peer.serve()
            return
        except KeyboardInterrupt:
            continue  # between two calls there is nothing to interrupt
        except Gone:
            return


def callback(peer, number, name, can_be_called):
    """A function of the grader's that a check passes to the student's, as in numerical_gradient(f, x)."""

    def function(*arguments):
        try:
            return peer.call("callback", number, list(arguments))
        except RemoteError as error:
            known = (getattr(builtins, name, None) for name in error.types)
            raise next(filter(None, known), RuntimeError) from None

    function.__name__ = name
    return function

