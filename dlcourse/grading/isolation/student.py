"""The student's process: runs the student's cells and answers the grader's calls. Nothing in here is secret.

It is started from a process that has imported what notebooks need (see sandbox.py), inside the sandbox. Whatever
it says is taken as the student's word.
"""

import base64
import builtins
import contextlib
import functools
import inspect
import io
import itertools
import linecache
import logging
import operator
import os
import re
import shutil
import signal
import socket
import sys
import threading
import time
import traceback
import warnings

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from dlcourse.checks import overflow
from dlcourse.checks.spelling import text_of
from dlcourse.checks.values import plain
from dlcourse.checks.watch import calls, silences
from dlcourse.elsewhere import WithoutPrograms
from dlcourse.grading.isolation.wire import Gone, Peer, RemoteError, Whole, WireError, Writer

MOST_OUTPUT = 100_000  # characters of a cell's output that are kept, pictures aside …
LONGEST_ERROR = 20_000  # … those of its errors
MOST_OUTPUTS = 5_000
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


def make_ready_to_draw():
    """Matplotlib as a notebook has it, with a font for Japanese, and everything loaded that a first figure needs."""
    from importlib.util import find_spec

    from matplotlib import _mathtext, font_manager, pyplot

    fonts = font_manager.fontManager
    japanese = os.path.join(os.path.dirname(find_spec("matplotlib_fontja").origin), "fonts", "ipaexg.ttf")
    fonts.addfont(japanese)
    fonts.defaultFamily["ttf"] = "IPAexGothic"  # students ask for fonts of their own machines …
    find = fonts._find_fonts_by_props
    # Behind the fonts that a figure asks for stands this one, whatever style it has: for the letters that these lack.
    fonts._find_fonts_by_props = lambda *about, **options: [*find(*about, **options), japanese]
    glyph = _mathtext.UnicodeFonts._get_glyph

    def glyph_in_formula(formula, name, kind, letter):
        if len(letter) == 1 and letter >= "\u3000" and not formula._get_font("default").get_char_index(ord(letter)):
            return font_manager.get_font(japanese), ord(letter), False
        return glyph(formula, name, kind, letter)

    _mathtext.UnicodeFonts._get_glyph = glyph_in_formula
    # … and need not read here that these are not on this one
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    pyplot.switch_backend("module://matplotlib_inline.backend_inline")
    pyplot.uninstall_repl_displayhook()  # it draws every open figure once more, for a window
    pyplot.figure().text(0, 0, "字 1")
    pyplot.gcf().savefig(io.BytesIO(), bbox_inches="tight")
    pyplot.close()


class Stream(io.TextIOBase):
    """What is printed becomes an output of the cell."""

    encoding = "utf-8"

    def __init__(self, cell, name):
        self.cell, self.stream = cell, name

    def writable(self):
        return True

    def write(self, text):
        self.cell.write(self.stream, str(text))
        return len(text)


class Outputs:
    """The outputs of the cell that is running: text, and pictures, which the grader asks for by number."""

    def __init__(self):
        self.clear()

    def clear(self, wait=False):
        if wait:
            self.to_clear = True
            return
        self.list, self.pictures, self.by_name, self.to_clear = [], [], {}, False
        self.left, self.left_for_errors, self.is_cut = MOST_OUTPUT, LONGEST_ERROR, False

    def add(self, output):
        if self.to_clear:
            self.clear()
        if len(self.list) < MOST_OUTPUTS:
            self.list.append(output)

    def write(self, name, text):
        if self.to_clear:
            self.clear()
        if not (text := self.fitting(text)):
            return
        last = self.list[-1] if self.list else {}
        if last.get("name") == name:
            last["text"] += text
        else:
            self.add({"output_type": "stream", "name": name, "text": text})

    def show(self, kind, data, metadata, name=None, update=False):
        """Pictures stay whatever their number, and take no text's room; the grader says how many it wants."""
        if self.to_clear:
            self.clear()
        parts = {}
        for mime, part in sorted(data.items(), key=lambda item: item[0] == "text/plain"):
            if is_picture(mime):
                parts[mime] = self.keep(content_of(mime, part))
            elif mime in ("text/html", "text/markdown"):
                text = IN_TEXT.sub(lambda found: f"{found[1]}%%{self.keep(content_of('', found[2]))}%%", str(part))
                if len(text) <= self.left:
                    parts[mime] = self.fitting(text)
                else:
                    self.cut()
            else:
                parts[mime] = self.fitting(str(part))
        output = {"output_type": kind, "data": parts, "metadata": sizes(metadata or {})}
        if update:
            for shown in self.by_name.get(name, []):
                shown |= {"data": parts, "metadata": output["metadata"]}
            return
        self.by_name.setdefault(name, []).append(output)
        self.add(output)

    def fail(self, kind, text, lines):
        """The end of a traceback says most."""
        kept = []
        for line in reversed(lines):
            self.left_for_errors -= len(line)
            if self.left_for_errors < 0 and kept:
                break
            kept.insert(0, line[:LONGEST_ERROR])
        self.add({"output_type": "error", "ename": kind, "evalue": text[:LONGEST_ERROR], "traceback": kept})

    def keep(self, content):
        self.pictures.append(content)
        return len(self.pictures) - 1

    def fitting(self, text):
        """As much of the text as there is room for."""
        kept = text[: self.left]
        self.left -= len(kept)
        if len(kept) < len(text):
            kept += self.cut()
        return kept

    def cut(self):
        """What stands where the text ends, once in a cell."""
        if self.is_cut:
            return ""
        self.is_cut = True
        return CUT


IN_TEXT = re.compile(r"(data:image/[a-z0-9.+-]{1,20};base64,)([A-Za-z0-9+/=]+)", re.IGNORECASE)


def is_picture(mime):
    return mime.startswith("image/") or mime == "application/pdf"


def content_of(mime, part):
    """A picture's bytes, which IPython hands over as they are, or as text."""
    if isinstance(part, bytes):
        return part
    text = str(part)
    try:
        return text.encode("utf-8", "replace") if mime == "image/svg+xml" else base64.b64decode(text)
    except ValueError:
        return b""


def sizes(metadata):
    """At which size a picture is to be shown, for displays with twice the points say."""
    about = {
        mime: {
            name: round(value)
            for name, value in part.items()
            if name in ("width", "height") and isinstance(value, int | float)
        }
        for mime, part in metadata.items()
        if is_picture(mime) and isinstance(part, dict)
    }
    return {mime: part for mime, part in about.items() if part}


class Student:
    """What the grader may ask of this process."""

    def __init__(self, shell):
        self.shell, self.outputs = shell, Outputs()
        self.names = shell.user_ns
        sys.stdout, sys.stderr = Stream(self.outputs, "stdout"), Stream(self.outputs, "stderr")
        sys.stdin = io.StringIO()
        shell.display_pub.publish = self.display
        shell.display_pub.clear_output = self.outputs.clear
        shell.displayhook.write_output_prompt = shell.displayhook.finish_displayhook = lambda: None
        shell.displayhook.write_format_data = self.result
        shell._showtraceback = self.error
        self.drawn, self.interrupted = None, False
        shell.display_formatter.format = self.timed(shell.display_formatter.format)

    def display(self, data, metadata=None, transient=None, update=False, **more):
        self.outputs.show("display_data", data, metadata, (transient or {}).get("display_id"), update)

    def result(self, data, metadata=None):
        self.outputs.show("execute_result", data, metadata)

    def error(self, kind, error, lines):
        self.outputs.fail(kind.__name__, str(error), [str(line) for line in lines])

    def interrupt(self, number, frame):
        self.interrupted = True
        raise KeyboardInterrupt

    def timed(self, show):
        """IPython's method that makes an object into what is shown of it; says how long pictures have taken."""

        def format(*arguments, **options):
            if self.interrupted:  # IPython still draws all figures that are open; nobody waits for them any more
                return {}, {}
            start = time.monotonic()
            made = show(*arguments, **options)
            if self.drawn and any(map(is_picture, made[0])) and threading.current_thread() is threading.main_thread():
                self.drawn(time.monotonic() - start)
            return made

        return format

    # --- operations -----------------------------------------------------------------------------

    def run(self, peer, source):
        """The outputs of a cell, in which pictures are numbers, and how many bytes each of these has."""
        self.outputs.clear()

        def drawn(seconds):
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

    def picture(self, peer, number):
        """One of the pictures of the cell that has run."""
        return np.frombuffer(self.outputs.pictures[number], np.uint8)

    def get(self, peer, name):
        return Whole(self.names[name])

    def has(self, peer):
        return [name for name in self.names if isinstance(name, str)]

    def call(self, peer, function, arguments, keywords, on_overflow):
        """The result, those arguments that the call has changed in place, and what it has printed.

        on_overflow: what NumPy is to do on overflow and the like, as the test has set it.
        """
        before = [flat(argument) for argument in arguments]
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
            if before[place] is not None and flat(argument) != before[place]
        }
        printed = "".join(one["text"] for one in self.outputs.list if one.get("name") == "stdout")
        return [Whole(result), changed, printed]

    def watch(self, peer, function, arguments, places, on_overflow):
        """Which of these functions the call uses, by their places."""
        found = [place if isinstance(place, str) else named(*place) for place in places]
        with np.errstate(**on_overflow):
            return calls(function, arguments, found)

    def silences(self, peer, function, arguments):
        return silences(function, arguments)

    def plain(self, peer, value):
        """What the object stands for: see dlcourse.checks.values."""
        return plain(value)

    def attribute(self, peer, owner, name):
        return Whole(getattr(owner, name))

    def operate(self, peer, name, values):
        """What the sign or the built-in function of this name makes of these objects."""
        return Whole(OPERATIONS[name](*values))

    def following(self, peer, iterator):
        """The next value in a list, which is empty at the end."""
        return [Whole(value) for value in itertools.islice(iterator, 1)]

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
        types = [kind.__name__ for kind in type(error).__mro__ if vars(builtins).get(kind.__name__) is kind]
        return {
            "types": [type(error).__name__, *types],
            "text": (str(error.args[0]) if isinstance(error, KeyError) and error.args else text_of(error))[:2000],
            "line": line,
            "name": str(getattr(error, "name", "") or ""),
        }


def signature(function):
    """Name, kind and default of each parameter."""
    parameters = inspect.signature(function).parameters.values()
    return [[one.name, one.kind.name, [] if one.default is one.empty else [one.default]] for one in parameters]


def named(module, name):
    return functools.reduce(getattr, name.split("."), sys.modules[module])


def leave(context):
    return context.__exit__(None, None, None)


OPERATIONS = {
    name: getattr(operator, name)
    for name in ("getitem", "setitem", "eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul", "matmul", "truediv")
}
OPERATIONS |= {
    name: getattr(builtins, name)
    for name in ("len", "bool", "str", "repr", "iter", "next", "setattr", "isinstance", "issubclass")
}
OPERATIONS |= {
    "enter": lambda context: context.__enter__(),
    "exit": leave,
    "signature": signature,
    "source": inspect.getsource,
}


def flat(value):
    """What an argument is, to see whether a call has changed it; None for what cannot be changed."""
    if not isinstance(value, np.ndarray | list | dict | set | np.random.Generator):
        return None
    writer = Writer(lambda other: {"other": id(other)})
    try:
        return writer.write(value), writer.buffers
    except WireError as too_much:  # it came over, and has grown since
        return too_much


def serve(connection: socket.socket, shell) -> None:
    """Do what the grader asks until it closes the line."""
    student = Student(shell)
    operations = {
        name: getattr(student, name)
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
