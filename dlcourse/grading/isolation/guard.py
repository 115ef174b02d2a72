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
import importlib.machinery
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

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
EVALUATE_TEXTS = ("sympy", "pandas")
OF_PANDAS = "__pd_eval_local_"  # before the name of a variable of the test's
HEARD = {"pickle.find_class", "compile", "exec", "import", "ctypes.dlopen", "marshal.load", "marshal.loads"}
# What Python and its libraries look up about the machine.
ABOUT_THE_MACHINE = [
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system", "/sys/fs/cgroup",
    "/usr/bin", "/bin", "/etc/passwd", "/etc/mime.types", "/usr/share/mime",
]  # fmt: skip


# By their words, cells of the course's that may come to it; others are not listened to, which takes time.
RUNS_WHAT_IT_READS = re.compile(
    r"open|load|read|eval|exec|compile|query|sym|pickle|joblib|run|import_?lib|import_module|path|__"
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
            sys.meta_path.insert(0, self)
            self.listening = True
        self.folder = folder
        try:
            yield
        finally:
            self.folder = None

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder is None or event not in HEARD or self.looking:
            return
        self.looking = True
        try:
            if event == "pickle.find_class":
                self.look_at_pickle(*arguments)
            elif event == "exec":
                self.look_at_file(getattr(arguments[0], "co_filename", None))
            elif event == "import":
                self.look_at_file(arguments[1])
            elif event == "ctypes.dlopen":
                self.look_at_file(arguments[0])
            elif event.startswith("marshal"):
                self.look_at_compiled(event)
            else:
                self.look_at_file(arguments[1])
                if str(arguments[1]).startswith("<"):  # no file's
                    self.look_at_text(arguments[0])
        finally:
            self.looking = False

    def look_at_pickle(self, module: str, name: str) -> None:
        if module == "__main__" and "." not in name:  # an object of a class of the test's own
            found = getattr(sys.modules[module], name, None)
            if isinstance(found, type) and found.__module__ == module and type(found) is type:
                return
        if (module, name) not in IN_PICKLES_SET:
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

    def look_at_compiled(self, event: str) -> None:
        """What was compiled before is loaded by imports, of files that find_spec below lets pass, and by no test."""
        if event != "marshal.loads" or not is_called_by("importlib"):
            raise Refused(
                "コンパイルされたプログラムは、答え合わせの側では読めません。 / compiled code is not loaded here"
            )

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """First of sys.meta_path: a module that lies where the student's files are is not imported here."""
        if self.folder is None:
            return
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        for place in (getattr(spec, "origin", None), *(getattr(spec, "submodule_search_locations", None) or ())):
            self.look_at_file(place)

    def look_at_text(self, source: Any) -> None:
        if not isinstance(source, str | bytes) or not any(map(is_called_by, EVALUATE_TEXTS)):
            return
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return  # then nothing of it is run
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        looks_into = any(isinstance(node, ast.Attribute) and node.attr.startswith("_") for node in nodes)
        of_test = {name for name in names if name.startswith(OF_PANDAS)}  # "@name" in a text for pandas
        chains = [node for node in nodes if isinstance(node, ast.Attribute | ast.Call | ast.Subscript)]
        reaches = any(root_of(node) in of_test for node in chains)
        private = any(name.startswith("__") for name in names - of_test)
        if looks_into or reaches or private or names & NOT_IN_TEXTS:
            raise Refused("この文字列は、式として読むには危険です。 / a text that does more than to compute")


def root_of(node: ast.AST) -> str:
    """The name with which a chain of attributes, calls and subscripts begins."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_called_by(library: str) -> bool:
    """Whether what Python does now was asked for by this library's own code."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in (__name__, "ast"):
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == library


def confine_this_process(readable: Iterable[str], writable: str) -> None:
    """From now on this process opens only what Python needs, and writes below one folder.

    What it has started before is not confined with it. On Linux only.
    """
    from dlcourse.grading.isolation import confine

    confine.landlock([*readable, *ABOUT_THE_MACHINE], [writable, "/dev/null"], signals=True)


the_guard = functools.cache(Guard)  # of this process
