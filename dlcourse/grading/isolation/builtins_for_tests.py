"""Python's built-in functions as tests see them, where the student's objects stand behind others of this process.

`isinstance`, `type`, `vars` and their kin say what is true of the student's object. An import of the student's own
file, and pyplot, whose figures are the student's, lead to the student's process; and a text that a test does not hold
itself is evaluated there, never here.
"""

import ast
import builtins
import contextlib
import doctest
import importlib
import importlib.machinery
import importlib.util
import re
import sys
import types
from collections.abc import Callable
from typing import Any

from dlcourse.grading.isolation.names import Names
from dlcourse.grading.isolation.proxies import StudentFunction
from dlcourse.grading.isolation.questions import Theirs, ask, side_of
from dlcourse.grading.isolation.student_classes import StudentClass, loaded_class
from dlcourse.grading.isolation.wire import Peer

PYPLOT = "matplotlib.pyplot"
plain_isinstance, plain_issubclass = builtins.isinstance, builtins.issubclass
Classes = type | tuple[Any, ...] | types.UnionType


def names_of_libraries(kind: Any) -> list[tuple[str, str]]:
    """The library's classes that the student's class is, or is based on."""
    return kind._remote_library if type(kind) is StudentClass else []


def each(classes: Any) -> list[Any]:
    if plain_isinstance(classes, tuple):
        return [one for part in classes for one in each(part)]
    if plain_isinstance(classes, types.UnionType):
        return [one for part in classes.__args__ for one in each(part)]
    return [type if classes is TypeOf else classes]


def is_one(kind: Any, classes: Any) -> bool:
    """By the names of its library's classes, since the local class builds on none of these."""
    known = {name for one in kind.__mro__ for name in names_of_libraries(one)}
    return any((getattr(one, "__module__", None), getattr(one, "__qualname__", None)) in known for one in each(classes))


def isinstance_of(value: Any, classes: Any) -> bool:
    if plain_isinstance(value, tuple(each(classes))):
        return True
    return type(type(value)) is StudentClass and is_one(type(value), classes)


def issubclass_of(kind: Any, classes: Any) -> bool:
    if plain_issubclass(kind, tuple(each(classes))):
        return True
    return type(kind) is StudentClass and is_one(kind, classes)


def type_of(value: Any) -> Any:
    kind = type(value)
    if kind is StudentClass:
        return type
    if kind is StudentFunction:
        return types.FunctionType
    if type(kind) is StudentClass and kind._remote_is_of_library:
        return loaded_class(*names_of_libraries(kind)[0]) or kind
    return kind


class TypeOfTypes(type):
    def __call__(cls, *arguments: Any, **keywords: Any) -> Any:
        return type_of(*arguments) if len(arguments) == 1 else type(*arguments, **keywords)

    def __instancecheck__(cls, value: Any) -> bool:
        return plain_isinstance(value, type)

    def __subclasscheck__(cls, kind: type) -> bool:
        return plain_issubclass(kind, type)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is type

    __hash__ = type.__hash__


class TypeOf(metaclass=TypeOfTypes):
    """`type`, which knows of which library's class the student's object is."""


def vars_of(*values: Any) -> Any:
    if values and plain_isinstance(values[0], Theirs):
        return ask(values[0]._remote_peer, "vars", values[0])
    return vars(*values) if values else sys._getframe(1).f_locals


class Facade(types.ModuleType):
    """matplotlib, with the pyplot of the student's process."""

    def __init__(self, real: types.ModuleType, pyplot: Callable[[], Any]) -> None:
        super().__init__(real.__name__)
        self.__dict__.update(real=real, pyplot_there=pyplot)

    def __getattr__(self, name: str) -> Any:
        if name == "pyplot":
            return self.__dict__["pyplot_there"]()
        real = self.__dict__["real"]
        if not hasattr(real, name):  # a module that pyplot would have loaded
            with contextlib.suppress(ImportError):
                return importlib.import_module(f"{real.__name__}.{name}")
        return getattr(real, name)


class Importing(types.ModuleType):
    """importlib, which finds the modules of the student's process as `import` does."""

    def __init__(self, of: "Builtins") -> None:
        super().__init__(importlib.__name__)
        self.__dict__["of"] = of

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib, name)

    def import_module(self, name: str, package: str | None = None) -> Any:
        return self.__dict__["of"].import_(importlib.util.resolve_name(name, package), fromlist=("",))

    def reload(self, module: Any) -> Any:
        there = plain_isinstance(module, Theirs)
        return (self.__dict__["of"].module(importlib.__name__) if there else importlib).reload(module)


class Finder(doctest.DocTestFinder):
    """Of examples in docstrings: those of this process."""

    def find(self, obj: Any, *arguments: Any, **options: Any) -> list[doctest.DocTest]:
        if plain_isinstance(obj, Theirs):
            raise TypeError("use doctest.testmod or run_docstring_examples for what students have written")
        return super().find(obj, *arguments, **options)


class Examples(types.ModuleType):
    """doctest. The examples in docstrings of the student's are run, and compared, in their process."""

    DocTestFinder = Finder

    def __init__(self, peer: Callable[[], Peer]) -> None:
        super().__init__(doctest.__name__)
        self.__dict__["peer"] = peer

    def __getattr__(self, name: str) -> Any:
        return getattr(doctest, name)

    def there(self, value: Any, options: int, verbose: bool | None) -> doctest.TestResults:
        answer = ask(self.__dict__["peer"](), "examples", value, options, bool(verbose))
        match answer:
            case [int(failed), int(tried), str(report)] if 0 <= failed <= tried:
                print(report, end="")
                return doctest.TestResults(failed, tried)
        raise TypeError("答えの形が違います。")

    def run_docstring_examples(
        self, f: Any, globs: Any, verbose: bool = False, name: str = "NoName", compileflags: int | None = None,
        optionflags: int = 0,
    ) -> None:  # fmt: skip
        if plain_isinstance(f, Theirs):
            self.there(f, optionflags, verbose)
        else:
            doctest.run_docstring_examples(f, globs, verbose, name, compileflags, optionflags)

    def testmod(
        self, m: Any = None, name: str | None = None, globs: Any = None, verbose: bool | None = None,
        report: bool = True, optionflags: int = 0, *others: Any, **more: Any,
    ) -> doctest.TestResults:  # fmt: skip
        if m is None or plain_isinstance(m, Theirs):
            if any(others) or any(more.values()):  # raise_on_error and the like: ignored, a failure would pass
                raise TypeError("doctest.testmod: of students' examples only verbose and optionflags can be set")
            return self.there(m, optionflags, verbose)
        return doctest.testmod(m, name, globs, verbose, report, optionflags, *others, **more)


class Builtins(dict[str, Any]):
    """For the names of a test as `__builtins__`.

    peer: gives the student's process. folder: the tests' current one. usual: where all others are looked up.
    """

    def __init__(self, peer: Callable[[], Peer], folder: str, usual: dict[str, Any]) -> None:
        super().__init__(
            isinstance=isinstance_of, issubclass=issubclass_of, type=TypeOf, vars=vars_of, eval=self.evaluate,
            exec=self.execute, __import__=self.import_, __build_class__=builtins.__build_class__,
        )  # fmt: skip
        self.peer, self.folder, self.usual = peer, folder, usual
        self.texts: set[str] = set()  # those that the cell that runs holds itself

    def __missing__(self, name: str) -> Any:
        try:
            return self.usual[name]
        except KeyError:
            raise KeyError(name) from None

    def begin(self, source: str) -> None:
        """Before a cell of the course's: the texts in it are its own."""
        self.texts = set()
        with contextlib.suppress(SyntaxError):  # the cell itself says so when it runs
            for node in ast.walk(ast.parse(source)):
                match node:
                    case ast.Constant(value=str(text)):
                        self.texts.add(text.strip())

    # --- imports --------------------------------------------------------------------------------------------

    def import_(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: tuple[str, ...] = (), level: int = 0
    ) -> Any:
        if name == PYPLOT and level == 0:
            return self.module(PYPLOT) if fromlist else Facade(builtins.__import__("matplotlib"), self.pyplot)
        if name == "matplotlib" and level == 0:
            return Facade(builtins.__import__(name), self.pyplot)
        if level == 0 and (name == "importlib" or name.startswith("importlib.") and not fromlist):
            builtins.__import__(name)
            return Importing(self)
        if name == "doctest" and level == 0:
            return Examples(self.peer)
        if level == 0 and self.is_students(name):
            found = self.module(name)
            return found if fromlist or "." not in name else self.module(name.partition(".")[0])
        return builtins.__import__(name, globals, locals, fromlist, level)

    def pyplot(self) -> Any:
        return self.module(PYPLOT)

    def module(self, name: str) -> Any:
        return ask(self.peer(), "module", name)

    def is_students(self, name: str) -> bool:
        """Whether this process has no such module, or only one in the folder where the student's files are."""
        root = name.partition(".")[0]
        if root in sys.modules:
            return False
        spec = importlib.machinery.PathFinder.find_spec(root) if root not in sys.builtin_module_names else True
        if spec is None:
            known: Any = importlib.util.find_spec(root)
            return known is None and ask(self.peer(), "has module", root) is True
        places = [getattr(spec, "origin", None), *(getattr(spec, "submodule_search_locations", None) or ())]
        return any(str(place).startswith(self.folder) for place in places if place)

    # --- texts that are programs ------------------------------------------------------------------------------

    def evaluate(self, source: Any, globals: Any = None, locals: Any = None) -> Any:
        if plain_isinstance(source, str) and source.strip() not in self.texts:
            return self.there(source, "eval", globals)
        frame = sys._getframe(1)
        return eval(source, frame.f_globals if globals is None else globals,
                    (frame.f_locals if globals is None else None) if locals is None else locals)  # fmt: skip

    def execute(self, source: Any, globals: Any = None, locals: Any = None) -> None:
        if plain_isinstance(source, str | bytes) and str(source).strip() not in self.texts:
            self.there(source, "exec", globals)
            return
        frame = sys._getframe(1)
        exec(source, frame.f_globals if globals is None else globals,
             (frame.f_locals if globals is None else None) if locals is None else locals)  # fmt: skip

    def there(self, source: Any, mode: str, globals: Any) -> Any:
        """Evaluated in the student's process, with the test's own names where the course's solution needs them."""
        watcher: Any = side_of(self.peer()).watcher
        alone = globals is not None and not plain_isinstance(globals, Names)
        if alone:
            given = {name: value for name, value in globals.items() if name != "__builtins__"}
        else:
            words = set(re.findall(r"[^\W\d]\w*", source)) if plain_isinstance(source, str) else set()
            given = watcher.needed_in_texts(words) if watcher is not None else {}
        answer = ask(self.peer(), "evaluate", source, mode, given, alone)
        if not (plain_isinstance(answer, list) and len(answer) == 2 and plain_isinstance(answer[1], dict)):
            raise TypeError("答えの形が違います。")
        if alone:
            globals.update(answer[1])
        elif watcher is not None:
            watcher.__dict__.pop("students", None)  # it may have set some
        return answer[0]
