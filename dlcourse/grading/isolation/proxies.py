"""The student's functions and objects as the tests see them: called, asked and computed with in their own process.

A function is a StudentFunction, an object a StudentObject, of a local class of its own (student_classes.py). What is
plain data never gets here: it has crossed as it is (encoding.py).
"""

import builtins
import inspect
import linecache
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dlcourse.grading.isolation.changes import apply_change
from dlcourse.grading.isolation.encoding import MUTABLE
from dlcourse.grading.isolation.questions import ERRORS, Printed, Theirs, ask, side_of
from dlcourse.grading.isolation.special_methods import BINARY, IN_PLACE, REFLECTED, UNARY
from dlcourse.grading.isolation.wire import Peer

OF_THIS_SIDE = ("_remote_peer", "_remote_number", "_remote_name")
USUAL_WARNINGS = getattr(warnings, "_showwarnmsg_impl", None)  # another one, where a test records them
FLAGS = (
    inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
    | inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
)
EMPTY = inspect.Parameter.empty
ABOUT = {"__doc__", "__defaults__", "__kwdefaults__", "__qualname__", "__module__", "__closure__", "__wrapped__"}
# typing and inspect evaluate annotations that are texts: only names of types are given to them.
ANNOTATION = re.compile(r"[A-Za-z][\w., \[\]|]*")
LONGEST_SOURCE = 20_000  # characters; Python's parser needs minutes and gigabytes for some longer texts


class Hidden:
    """A special method of this side's: of the class itself, one sees what every class has."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, one: Any, kind: Any = None) -> Any:
        return getattr(object, self.name) if one is None else types.MethodType(self.function, one)


class StudentObject(Theirs):
    """Something of the student's that is no plain data. What a test does with it is done in the student's process.

    Never is one of our values handed over to be compared or computed with, unless the course's own solution needs it
    in this test: `f(x) == 3` and `f(x) - 3 < 0.1` would tell what is expected, and let the student's object say that it
    is right. Objects of the student's may meet each other.
    """

    _remote_name: str

    def __getattr__(self, name: str) -> Any:
        # NumPy, copy and others ask objects for __array_interface__ and the like
        if name.startswith("__") or name.endswith("_") and name.startswith("_"):
            raise AttributeError(name)
        return held(self._remote_peer, "attribute", self, name)

    @Hidden
    def __setattr__(self, name: str, value: Any) -> None:
        if name in OF_THIS_SIDE:
            object.__setattr__(self, name, value)
        else:
            ask(self._remote_peer, "operate", "setattr", [self, name, value])

    @Hidden
    def __delattr__(self, name: str) -> None:
        ask(self._remote_peer, "operate", "delattr", [self, name])

    def _plain(self) -> Any:
        """What the checks judge by: what the object stands for, said in plain data."""
        return ask(self._remote_peer, "plain", self)

    @Hidden
    def __str__(self) -> str:
        return self._remote_text("str")

    @Hidden
    def __repr__(self) -> str:
        return self._remote_text("repr")

    @Hidden
    def __format__(self, form: str) -> str:
        return str(ask(self._remote_peer, "operate", "format", [self, form]))

    def _remote_text(self, operation: str) -> str:
        text = ask(self._remote_peer, "operate", operation, [self])
        return text if isinstance(text, str) else f"<{self._remote_name}>"  # one that is too long has stayed there

    def __bool__(self) -> bool:
        return ask(self._remote_peer, "operate", "bool", [self]) is True

    @Hidden
    def __dir__(self) -> list[str]:
        return [str(name) for name in ask(self._remote_peer, "operate", "dir", [self])]

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]  # the student's object's, not this one's
        if type(self).__name__ == "module":  # it holds too much
            raise AttributeError("__dict__")
        found: dict[str, Any] = ask(self._remote_peer, "vars", self)
        return found

    def __copy__(self) -> Any:
        return ask(self._remote_peer, "operate", "copy", [self])

    def __deepcopy__(self, memo: Any) -> Any:
        return ask(self._remote_peer, "operate", "deepcopy", [self])

    @Hidden
    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"{self._remote_name}: 学生のオブジェクトは、ここでは保存できません。")

    def _remote_with(self, operation: str, other: object) -> Any:
        if not isinstance(other, Theirs) and not self._remote_may(operation):
            return NotImplemented
        return ask(self._remote_peer, "operate", operation, [self, other])

    def _remote_may(self, operation: str) -> bool:
        watcher = side_of(self._remote_peer).watcher
        return watcher is not None and watcher.may(operation, self)


class StudentCallable(StudentObject):
    """What can be called."""

    @property
    def __signature__(self) -> inspect.Signature:
        return signature_of(self)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return call(self, arguments, keywords)

    def watched_calls(self, arguments: Sequence[Any], watched: Sequence[Callable[..., Any] | str]) -> list[int]:
        """As dlcourse.checks.watch.calls, in the student's process."""
        return watched_calls(self, arguments, watched)

    def silences(self, arguments: Sequence[Any]) -> bool:
        """As dlcourse.checks.watch.silences, in the student's process."""
        return silences(self, arguments)


def harmless(text: Any) -> Any:
    """A text in which doctest finds nothing to run on this side."""
    return text.replace(">>>", "»") if isinstance(text, str) else text


class StudentFunction(StudentCallable):
    """A function of the student's."""

    # inspect takes it for a function, and so finds its lines
    __class__ = property(lambda self: types.FunctionType)

    def __getattribute__(self, name: str) -> Any:
        if name == "__name__":
            return object.__getattribute__(self, "_remote_name")
        if name in ABOUT:
            return harmless(ask(object.__getattribute__(self, "_remote_peer"), "attribute", self, name))
        return super().__getattribute__(name)

    @property
    def __annotations__(self) -> dict[str, Any]:  # type: ignore[override]  # the student's function's
        found: dict[str, Any] = ask(self._remote_peer, "annotations", self)
        return {name: one for name, one in found.items() if not isinstance(one, str) or ANNOTATION.fullmatch(one)}

    @property
    def __code__(self) -> types.CodeType:
        """Code that does nothing; `inspect` finds the student's lines by it, and what it says of the function."""
        name = f"<student {self._remote_number}>"
        text = source_of(self)
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        about = ask(self._remote_peer, "code", self)
        names, counts = (
            [tuple(map(str, about[kind])) for kind in ("names", "varnames")],
            list(map(int, about["counts"])),
        )
        empty = (lambda: None).__code__
        return empty.replace(
            co_filename=name, co_firstlineno=1, co_name=self._remote_name, co_names=names[0], co_varnames=names[1],
            co_nlocals=len(names[1]), co_argcount=counts[0], co_posonlyargcount=counts[1], co_kwonlyargcount=counts[2],
            co_flags=empty.co_flags | int(about["flags"]) & FLAGS,
        )  # fmt: skip


def number_of(value: Any) -> int | None:
    """By which the student's process knows it, where it is one of its own."""
    kind = type(value)
    return value._remote_number if issubclass(kind, Theirs) else None


# --- what is done with them -------------------------------------------------------------------------------


def call(function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The result of the call in the student's process; what it changes in its arguments is changed here, too."""
    listening = getattr(warnings, "_showwarnmsg_impl", USUAL_WARNINGS) is not USUAL_WARNINGS
    watcher = side_of(function._remote_peer).watcher
    following = watcher is not None and watcher.follows
    answer = ask(
        function._remote_peer, "call", function, list(arguments), keywords, np.geterr(), listening, following
    )  # fmt: skip
    if isinstance(answer, list) and len(answer) == 1:
        return answer[0]
    if not (isinstance(answer, list) and len(answer) == 5 and isinstance(answer[1], dict)):
        raise TypeError("答えの形が違います。")
    result, changed, (printed, complained, warned), same, retained = answer
    for place, number in retained.items() if isinstance(retained, dict) else ():
        assert watcher is not None
        if place == -1:
            result = watcher.held(result, int(number))
            continue
        watcher.retain(arguments[place] if isinstance(place, int) else keywords[place], int(number))
    for kind, text in warned if isinstance(warned, list) else ():
        category = getattr(builtins, str(kind), UserWarning)
        known = isinstance(category, type) and issubclass(category, Warning)
        warnings.warn_explicit(str(text), category if known else UserWarning, "<student>", 1)
    if not isinstance(sys.stdout, Printed):  # the test wants to see what the function prints
        sys.stdout.write(str(printed))
    if not isinstance(sys.stderr, Printed):
        sys.stderr.write(str(complained))
    for place, now in changed.items():
        if isinstance(place, int) and 0 <= place < len(arguments):
            apply_change(arguments[place], now)
        elif isinstance(place, str) and place in keywords:
            apply_change(keywords[place], now)
    if isinstance(same, int) and 0 <= same < len(arguments):
        return arguments[same]
    return keywords.get(same, result) if isinstance(same, str) else result


def held(peer: Peer, operation: str, owner: Any, key: Any) -> Any:
    """An attribute or an item; where the test may change it, the one copy that this side has of it."""
    watcher = side_of(peer).watcher
    if watcher is None or not watcher.follows:
        return (
            ask(peer, operation, owner, key)
            if operation == "attribute"
            else ask(peer, "operate", "getitem", [owner, key])
        )
    answer = ask(peer, f"held {operation}", owner, key)
    if not (isinstance(answer, list) and len(answer) == 2 and isinstance(answer[1], int)):
        raise TypeError("答えの形が違います。")
    return watcher.held(*answer)


def iterate(values: Any) -> Iterator[Any]:
    peer = values._remote_peer
    iterator = ask(peer, "operate", "iter", [values])
    while True:
        following = ask(peer, "following", iterator)
        if not (isinstance(following, list) and following):
            return
        yield following[0]


def signature_of(function: Any) -> inspect.Signature:
    given = ask(function._remote_peer, "operate", "signature", [function])
    return inspect.Signature(
        [
            inspect.Parameter(name, getattr(inspect.Parameter, str(kind)), default=default[0] if default else EMPTY)
            for name, kind, default in given
        ]
    )


def source_of(one: Any) -> str:
    text = str(ask(one._remote_peer, "operate", "source", [one]))
    if len(text) > LONGEST_SOURCE:
        raise OSError("プログラムが長すぎます。")
    return text


def watched_calls(function: Any, arguments: Sequence[Any], watched: Sequence[Callable[..., Any] | str]) -> list[int]:
    places = [one if isinstance(one, str) else [one.__module__, one.__qualname__] for one in watched]
    called = ask(function._remote_peer, "watch", function, list(arguments), places, np.geterr())
    known = called if isinstance(called, list) else []
    return [place for place in known if isinstance(place, int) and 0 <= place < len(watched)]


def silences(function: Any, arguments: Sequence[Any]) -> bool:
    return ask(function._remote_peer, "silences", function, list(arguments)) is True


# --- special methods --------------------------------------------------------------------------------------


def unary(operation: str) -> Callable[[Any], Any]:
    return lambda self: ask(self._remote_peer, "operate", operation, [self])


def binary(operation: str) -> Callable[[Any, Any], Any]:
    return lambda self, other: self._remote_with(operation, other)


def equal(self: Any, other: object) -> Any:
    if isinstance(other, tuple(MUTABLE)) and getattr(type(self), "_remote_is_bare", False):
        return bool(ask(self._remote_peer, "operate", "bare", [self]) == other)  # here, where the other stays
    return self is other or self._remote_with("eq", other)


def unequal(self: Any, other: object) -> Any:
    return self is not other and self._remote_with("ne", other)


def contains(self: Any, value: Any) -> bool:
    if isinstance(value, Theirs) or self._remote_may("contains"):
        return ask(self._remote_peer, "operate", "contains", [self, value]) is True
    return any(item == value for item in self)  # here, where the value stays


def leave(self: Any, kind: Any, error: Any, trace: Any) -> bool:
    name = next((one.__name__ for one in kind.__mro__ if one.__name__ in ERRORS), None) if kind else None
    text = "" if name in (None, "AssertionError") else str(error)  # a failed test says what is expected
    return ask(self._remote_peer, "operate", "exit", [self, name, text]) is True


def rounded(self: Any, *digits: Any) -> Any:
    return ask(self._remote_peer, "operate", "round", [self, *digits])


def get_item(self: Any, key: Any) -> Any:
    return held(self._remote_peer, "item", self, key)


def set_item(self: Any, key: Any, value: Any) -> None:
    ask(self._remote_peer, "operate", "setitem", [self, key, value])


def delete_item(self: Any, key: Any) -> None:
    ask(self._remote_peer, "operate", "delitem", [self, key])


async def awaited(self: Any) -> Any:
    return ask(self._remote_peer, "await", self)


async def following_awaited(self: Any) -> Any:
    return ask(self._remote_peer, "await next", self)


# name → what a test's use of it does
SPECIAL: dict[str, Any] = {name: unary(operation) for name, operation in UNARY.items()}
SPECIAL |= {name: binary(operation) for table in (BINARY, REFLECTED, IN_PLACE) for name, operation in table.items()}
SPECIAL |= {
    "__eq__": equal,
    "__ne__": unequal,
    "__contains__": contains,
    "__iter__": iterate,
    "__getitem__": get_item,
    "__setitem__": set_item,
    "__delitem__": delete_item,
    "__enter__": unary("enter"),
    "__exit__": leave,
    "__round__": rounded,
    "__array__": lambda self, *how, **more: np.asarray(ask(self._remote_peer, "operate", "array", [self]), *how),
    "__await__": lambda self: awaited(self).__await__(),
    "__aiter__": unary("aiter"),
    "__anext__": following_awaited,
}
