"""What a test may not do with what students have written: run it. Besides, where the process of the tests may look.

A test reads the student's files, texts and objects as data. Some libraries make programs of data: pickle calls what a
file names, sympy evaluates a text, an import runs a file. While a test runs, Python's audit events tell of each, and
what could be the student's is refused with an error that says so. The process itself sees nothing but Python, its
libraries and its own folder (`confine_this_process`), so that a student's "../../grades.csv" leads nowhere.
"""

import ast
import builtins
import contextlib
import functools
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from dlcourse.grading.isolation import confine

# Classes and functions that a pickle may name: they make values, and do nothing else.
IN_PICKLES = {
    "builtins": "set frozenset complex bytearray range slice object list dict tuple int float str bytes bool",
    "collections": "OrderedDict Counter defaultdict deque",
    "copyreg": "_reconstructor",
    "_codecs": "encode",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "pathlib": "PosixPath PurePosixPath Path",
    "uuid": "UUID",
    "numpy": "ndarray dtype",
    "numpy._core.multiarray": "_reconstruct scalar",
    "numpy.core.multiarray": "_reconstruct scalar",
    "numpy._core.numeric": "_frombuffer",
    "numpy.core.numeric": "_frombuffer",
    "pandas": "DataFrame Series Index RangeIndex",
    "pandas.core.frame": "DataFrame",
    "pandas.core.series": "Series",
    "pandas.core.indexes.base": "Index _new_Index",
    "pandas.core.indexes.range": "RangeIndex",
    "pandas.core.internals.managers": "BlockManager SingleBlockManager",
    "pandas._libs.internals": "_unpickle_block",
    "pandas.core.arrays.string_": "StringArray StringDtype",
}
IN_PICKLES_SET = {(module, name) for module, names in IN_PICKLES.items() for name in names.split()}
# A text that sympy evaluates may call its functions, but none of these, and look into nothing.
NOT_IN_TEXTS = {
    name for name in dir(builtins) if name not in ("abs", "max", "min", "round", "sum", "True", "False", "None")
}
NOT_IN_TEXTS |= {"lambdify", "preview", "parse_expr", "sympify", "S", "test", "doctest", "init_session", "plot"}
EVALUATES_TEXTS = "sympy"
# What Python and its libraries look up about the machine.
ABOUT_THE_MACHINE = [
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system", "/sys/fs/cgroup",
    "/usr/bin", "/bin", "/etc/passwd", "/etc/mime.types", "/usr/share/mime",
]  # fmt: skip


# By their words, cells of the course's that may come to it; others are not listened to, which takes time.
RUNS_WHAT_IT_READS = re.compile(
    r"open|load|read|eval|exec|compile|sym|pickle|joblib|run|import_?lib|import_module|path|__"
)


class Refused(RuntimeError):
    """A test would run what may be the student's."""


class Guard:
    """Of a process that runs tests; it can't be taken away again.

    folder: where a test runs, with the student's files; None while none runs.
    """

    def __init__(self) -> None:
        self.folder: str | None = None
        self.looking = False
        self.listening = False

    @contextlib.contextmanager
    def of(self, folder: str | None) -> Iterator[None]:
        """While a test runs in this folder; of None nothing is guarded."""
        if folder is not None and not self.listening:
            sys.addaudithook(self.hear)
            self.listening = True
        self.folder = folder
        try:
            yield
        finally:
            self.folder = None

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder is None or event not in ("pickle.find_class", "compile", "exec") or self.looking:
            return
        self.looking = True
        try:
            if event == "pickle.find_class":
                self.look_at_pickle(*arguments)
            elif event == "exec":
                self.look_at_file(getattr(arguments[0], "co_filename", None))
            else:
                self.look_at_file(arguments[1])
                self.look_at_text(arguments[0])
        finally:
            self.looking = False

    def look_at_pickle(self, module: str, name: str) -> None:
        if (module, name) not in IN_PICKLES_SET and module != "__main__":
            raise Refused(
                f"pickle の中の {module}.{name} は、答え合わせの側では使えません。 / not loaded from a pickle here"
            )

    def look_at_file(self, name: Any) -> None:
        if isinstance(name, str | bytes | os.PathLike) and not str(name).startswith("<"):
            path = os.path.realpath(os.fsdecode(name))
            if self.folder is not None and path.startswith(os.path.realpath(self.folder) + os.sep):
                raise Refused(
                    f"{os.path.basename(path)} は、答え合わせの側では動かせません。 / a student's file is not run here"
                )

    def look_at_text(self, source: Any) -> None:
        if not isinstance(source, str | bytes) or not is_called_by(EVALUATES_TEXTS):
            return
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return  # then nothing of it is run
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        looks_into = any(isinstance(node, ast.Attribute) and node.attr.startswith("_") for node in nodes)
        if looks_into or names & NOT_IN_TEXTS or any(name.startswith("__") for name in names):
            raise Refused("この文字列は、式として読むには危険です。 / a text that does more than to compute")


def is_called_by(library: str) -> bool:
    """Whether this library's code is what compiles a text right now."""
    frame: Any = sys._getframe(3)
    for _ in range(4):
        if frame is None:
            return False
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] == library:
            return True
        frame = frame.f_back
    return False


def confine_this_process(readable: Iterable[str], writable: str) -> None:
    """From now on this process opens only what Python needs, and writes below one folder.

    What it has started before is not confined with it.
    """
    confine.landlock([*readable, *ABOUT_THE_MACHINE], [writable, "/dev/null"], signals=True)


the_guard = functools.cache(Guard)  # of this process
