"""The student's names as the tests see them: data as it is, functions and objects called in their own process."""

import builtins
import functools
import inspect
import io
import linecache
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dlcourse.checks.values import Elsewhere
from dlcourse.grading.isolation.wire import Peer, Remote, RemoteError

OF_THIS_SIDE = {"_peer", "_number", "__name__"}
EMPTY = inspect.Parameter.empty
# No annotations: typing and inspect evaluate those that are texts, which would run the student's code on this side.
ABOUT = {"__doc__", "__defaults__", "__kwdefaults__", "__qualname__", "__module__"}
LONGEST_SOURCE = 20_000  # characters; Python's parser needs minutes and gigabytes for some longer texts


class Printed(io.StringIO):
    """What a test shows. What the student's functions print is no part of it."""


class StudentObject(Remote, Elsewhere):
    """Something of the student's that is no plain data. What a test does with it is done in the student's process.

    Never is one of our values handed over to be compared or computed with: `f(x) == 3` and `f(x) - 3 < 0.1` would
    tell what is expected, and let the student's object say that it is right. Objects of the student's may meet each
    other.
    """

    def __getattribute__(self, name: str) -> Any:
        if name in ABOUT:
            value = ask(object.__getattribute__(self, "_peer"), "attribute", self, name)
            # doctest would run the student's examples on this side
            return value.replace(">>>", "»") if isinstance(value, str) else value
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        # NumPy, copy and others ask objects for __array_interface__ and the like
        if name.startswith("__") or name.endswith("_") and name.startswith("_"):
            raise AttributeError(name)
        return ask(self._peer, "attribute", self, name)

    def _plain(self) -> Any:
        """What the checks judge by: what the object stands for, said in plain data."""
        return ask(self._peer, "plain", self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in OF_THIS_SIDE:
            object.__setattr__(self, name, value)
        else:
            ask(self._peer, "operate", "setattr", [self, name, value])

    def __len__(self) -> int:
        return int(ask(self._peer, "operate", "len", [self]))

    def __bool__(self) -> bool:
        return ask(self._peer, "operate", "bool", [self]) is True

    def __str__(self) -> str:
        return self._text("str")

    def __repr__(self) -> str:
        return self._text("repr")

    def _text(self, operation: str) -> str:
        text = ask(self._peer, "operate", operation, [self])
        return text if isinstance(text, str) else super().__repr__()  # one that is too long has stayed there

    def __getitem__(self, key: Any) -> Any:
        return ask(self._peer, "operate", "getitem", [self, key])

    def __setitem__(self, key: Any, value: Any) -> None:
        ask(self._peer, "operate", "setitem", [self, key, value])

    def __iter__(self) -> Iterator[Any]:
        values = ask(self._peer, "operate", "iter", [self])
        while True:
            following = ask(self._peer, "following", values)
            if not (isinstance(following, list) and following):
                return
            yield following[0]

    def __next__(self) -> Any:
        return ask(self._peer, "operate", "next", [self])

    def __contains__(self, value: Any) -> bool:
        return any(item == value for item in self)  # here, where the value stays

    def __enter__(self) -> Any:
        return ask(self._peer, "operate", "enter", [self])

    def __exit__(self, *error: object) -> None:
        ask(self._peer, "operate", "exit", [self])

    def _with(self, operation: str, other: object) -> Any:
        if not isinstance(other, StudentObject):
            return NotImplemented
        return ask(self._peer, "operate", operation, [self, other])

    def __eq__(self, other: object) -> Any:
        return self is other or self._with("eq", other)

    def __ne__(self, other: object) -> Any:
        return self is not other and self._with("ne", other)

    __hash__ = object.__hash__

    def __lt__(self, other: object) -> Any:
        return self._with("lt", other)

    def __le__(self, other: object) -> Any:
        return self._with("le", other)

    def __gt__(self, other: object) -> Any:
        return self._with("gt", other)

    def __ge__(self, other: object) -> Any:
        return self._with("ge", other)

    def __add__(self, other: object) -> Any:
        return self._with("add", other)

    def __sub__(self, other: object) -> Any:
        return self._with("sub", other)

    def __mul__(self, other: object) -> Any:
        return self._with("mul", other)

    def __matmul__(self, other: object) -> Any:
        return self._with("matmul", other)

    def __truediv__(self, other: object) -> Any:
        return self._with("truediv", other)


class StudentFunction(StudentObject):
    """A function or a class of the student's."""

    # inspect takes it for a function, and so finds the two below
    __class__ = property(lambda self: types.FunctionType)

    @property
    def __signature__(self) -> inspect.Signature:
        given = ask(self._peer, "operate", "signature", [self])
        return inspect.Signature(
            [
                inspect.Parameter(name, getattr(inspect.Parameter, str(kind)), default=default[0] if default else EMPTY)
                for name, kind, default in given
            ]
        )

    @property
    def __code__(self) -> types.CodeType:
        """Code that does nothing, but by which `inspect` finds the student's lines."""
        text = str(ask(self._peer, "operate", "source", [self]))
        if len(text) > LONGEST_SOURCE:
            raise OSError("プログラムが長すぎます。")
        name = f"<student {self._number}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        return (lambda: None).__code__.replace(co_filename=name, co_firstlineno=1, co_name=self.__name__)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, StudentObject) and ask(self._peer, "operate", "isinstance", [value, self]) is True

    def __subclasscheck__(self, value: object) -> bool:
        return isinstance(value, StudentObject) and ask(self._peer, "operate", "issubclass", [value, self]) is True

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        answer = ask(self._peer, "call", self, list(arguments), keywords, np.geterr())
        if not (isinstance(answer, list) and len(answer) == 3 and isinstance(answer[1], dict)):
            raise TypeError("答えの形が違います。")
        result, changed, printed = answer
        if not isinstance(sys.stdout, Printed):  # the test wants to see what the function prints
            sys.stdout.write(str(printed))
        for place, now in changed.items():
            if isinstance(place, int) and 0 <= place < len(arguments):
                apply_change(arguments[place], now)
        return result

    def watched_calls(self, arguments: Sequence[Any], watched: Sequence[Callable[..., Any] | str]) -> list[int]:
        """As dlcourse.checks.watch.calls, in the student's process."""
        places = [one if isinstance(one, str) else [one.__module__, one.__qualname__] for one in watched]
        called = ask(self._peer, "watch", self, list(arguments), places, np.geterr())
        known = called if isinstance(called, list) else []
        return [place for place in known if isinstance(place, int) and 0 <= place < len(watched)]

    def silences(self, arguments: Sequence[Any]) -> bool:
        """As dlcourse.checks.watch.silences, in the student's process."""
        return ask(self._peer, "silences", self, list(arguments)) is True


def apply_change(argument: Any, now: Any) -> None:
    """Do to our copy of an argument what the call has done to the student's."""
    if isinstance(argument, np.ndarray) and isinstance(now, np.ndarray):
        if now.shape != argument.shape:
            argument.shape = now.shape  # of another size it has never been the same array
        if argument.flags.writeable:
            argument[...] = now
    elif isinstance(argument, list):
        argument[:] = now if isinstance(now, list) else [now]
    elif isinstance(argument, dict | set):
        argument.clear()
        argument.update(now if isinstance(now, type(argument)) else ())
    elif isinstance(argument, np.random.Generator) and isinstance(now, np.random.Generator):
        if type(argument.bit_generator) is type(now.bit_generator):
            argument.bit_generator.state = now.bit_generator.state


def ask(peer: Peer, operation: str, *values: Any) -> Any:
    """The answer of the student's process; an error of the student's is raised as one of the same kind."""
    callbacks: list[Exception] = []
    peer.allowed = {"callback": functools.partial(callback, callbacks)}
    try:
        return peer.call(operation, *values)
    except RemoteError as error:
        made = local_error(error, callbacks)
        if isinstance(made, StopIteration) and not (operation == "operate" and values[0] == "next"):
            made = RuntimeError(f"StopIteration {made}")  # `all(map(f, xs))` would take it for the end of xs
        raise made from None


def callback(errors: list[Exception], peer: Peer, number: int, arguments: list[Any]) -> Any:
    """A call of one of our functions by the student's. Of an error only the kind goes over; its text stays here."""
    try:
        return peer.kept[number](*arguments)
    except Exception as error:
        errors[:] = [error]  # each holds what the student has sent
        raise


def local_error(error: RemoteError, callbacks: Sequence[Exception] = ()) -> Exception | SystemExit:
    text = error.text
    if not text and callbacks and type(callbacks[-1]).__name__ in error.types:
        text = str(callbacks[-1])  # it was our own function that raised it, in the midst of the student's call
    own = error.types[0] if error.types[0] != "CheckError" else "Exception"  # that name speaks for the checks
    for name in error.types:
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception | SystemExit):
            try:
                made = error_type(own, kind)(text)
            except TypeError:  # UnicodeDecodeError and its kin want more than a text
                continue
            break
    else:
        made = error_type(own, Exception)(text)
    if isinstance(made, NameError | AttributeError):
        made.name = error.name
    made.student_line = error.line  # read by the checks
    return made


def error_type(name: str, kind: type[Any]) -> type[Any]:
    """The kind of error, or one of that kind that is called so, as NumPy's AxisError is a ValueError."""
    own = name.isidentifier() and name != kind.__name__
    return type(name, (kind,), {"__module__": "__main__"}) if own else kind


DEFINED = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type)


class Names(dict[str, Any]):
    """The names that a test cell sees: those of the course's own cells, then the student's.

    own: what the course's own cells have defined, and the functions of earlier tests.
    values_left: what earlier tests have left besides; the student's come behind, lest `expected` be theirs.
    answers: names that are the student's, whoever defines them.
    """

    def __init__(self, own: dict[str, Any], answers: Sequence[str] = ()) -> None:
        super().__init__(own)
        self.own, self.answers = own, set(answers)
        self.values_left: dict[str, Any] = {}
        self.functions: dict[str, StudentObject] = {}
        self.peer: Peer  # of the student's process, once there is one

    def for_next_cell(self) -> "Names":
        """For one more cell."""
        names = Names(self.own, tuple(self.answers))
        names.values_left, names.peer = self.values_left, self.peer
        return names

    def remember(self, names: "Names") -> None:
        """What a test has defined, for those that come behind it."""
        for name, value in names.items():
            if name in self.answers or name in self.own:
                continue
            kept = self.own if issubclass(type(value), DEFINED) else self.values_left
            kept[name] = value

    @functools.cached_property
    def students(self) -> set[object]:
        names = ask(self.peer, "has")
        return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.students

    def __missing__(self, name: str) -> Any:
        # builtins are looked up when this raises KeyError; a student's `all` is not what a test means by it
        if name.startswith("__") or hasattr(builtins, name):
            raise KeyError(name)
        if name in self.values_left and not (name in self.answers and name in self.students):
            return self.values_left[name]
        if name not in self.students:
            raise KeyError(name)
        if name in self.functions:
            return self.functions[name]
        value = ask(self.peer, "get", name)
        if isinstance(value, StudentObject):
            self.functions[name] = value  # data, though, comes anew: a test may change its copy
        return value


def make_remote(peer: Peer, number: int, name: str, can_be_called: bool) -> StudentObject:
    kind = StudentFunction if can_be_called else StudentObject
    return kind(peer, number, name)
