"""The student's objects as the tests see them: called, asked and computed with in their own process.

A function is a StudentFunction, an object a StudentObject, of a local class that has the special methods which the
student's class has; that class itself is a StudentClass, so that `isinstance`, `except` and `class Own(Theirs)` in a
test mean what they say. What is plain data never gets here: it has crossed as it is (encoding.py).
"""

import builtins
import contextlib
import dataclasses
import functools
import inspect
import io
import linecache
import operator
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol
from weakref import WeakValueDictionary

import numpy as np

from dlcourse.checks import CheckError
from dlcourse.checks.values import BARE, Elsewhere
from dlcourse.grading.isolation import exposure
from dlcourse.grading.isolation.changes import apply_change
from dlcourse.grading.isolation.encoding import MUTABLE
from dlcourse.grading.isolation.exposure import call_for_student
from dlcourse.grading.isolation.special_methods import BINARY, IN_PLACE, REFLECTED, UNARY
from dlcourse.grading.isolation.wire import Peer, Reference, RemoteError, WireError

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
MOST_CLASSES = 1000
BASES = {base.__name__: base for base in BARE}  # of values under a class
# Errors that the student's process may raise here by their names.
ERRORS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception | SystemExit)
}


class Printed(io.StringIO):
    """What a test shows. What the student's functions print is no part of it."""


class Watcher(Protocol):
    """Who is told before a question goes to the student's process, and after it: the names of a test (names.py)."""

    def before_question(self) -> None: ...

    def after_question(self, operation: str) -> None: ...

    def may(self, operation: str, student: "StudentObject") -> bool: ...


class StudentSide:
    """What the tests know of one student's process."""

    def __init__(self) -> None:
        self.watcher: Watcher | None = None
        self.objects: WeakValueDictionary[int, Any] = WeakValueDictionary()  # `a.next is b` holds where it does there
        self.classes: dict[int, StudentClass] = {}


def ask(peer: Peer, operation: str, *values: Any) -> Any:
    """The answer of the student's process; an error of the student's is raised as one of the same kind."""
    callbacks: list[Exception] = []
    watcher = side_of(peer).watcher
    if watcher is not None:
        watcher.before_question()
    peer.allowed = allowed(callbacks)
    try:
        answer = peer.call(operation, *values)
    except RemoteError as error:
        made = local_error(error, callbacks)
        if isinstance(made, StopIteration) and not (operation == "operate" and values[0] == "next"):
            made = RuntimeError(f"StopIteration {made}")  # `all(map(f, xs))` would take it for the end of xs
        if watcher is not None:
            watcher.after_question(operation)
        raise made from made.__cause__
    if watcher is not None:
        watcher.after_question(operation)
    return answer


def allowed(callbacks: list[Exception] | None = None) -> dict[str, Callable[..., Any]]:
    """What the student's code may ask of this process. callbacks: where the error of a function of ours is kept."""
    return exposure.ALLOWED | {"callback": functools.partial(callback, [] if callbacks is None else callbacks)}


def side_of(peer: Peer) -> StudentSide:
    """What is known of the process at the other end."""
    if not isinstance(peer.known, StudentSide):
        peer.known = StudentSide()
    return peer.known


# --- what stands here for something of the student's ---------------------------------------------------------------


class Hidden:
    """A special method of this side's: of the class itself, one sees what every class has."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, one: Any, kind: Any = None) -> Any:
        return getattr(object, self.name) if one is None else types.MethodType(self.function, one)


class StudentObject(Elsewhere):
    """Something of the student's that is no plain data. What a test does with it is done in the student's process.

    Never is one of our values handed over to be compared or computed with, unless the course's own solution needs it
    in this test: `f(x) == 3` and `f(x) - 3 < 0.1` would tell what is expected, and let the student's object say that it
    is right. Objects of the student's may meet each other.
    """

    _remote_peer: Peer
    _remote_number: int
    _remote_name: str

    def __getattr__(self, name: str) -> Any:
        # NumPy, copy and others ask objects for __array_interface__ and the like
        if name.startswith("__") or name.endswith("_") and name.startswith("_"):
            raise AttributeError(name)
        return ask(self._remote_peer, "attribute", self, name)

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
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
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
        if not isinstance(other, StudentObject | StudentClass) and not self._remote_may(operation):
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
    def __annotations__(self) -> dict[str, Any]:  # type: ignore[override]
        found: dict[str, Any] = ask(self._remote_peer, "annotations", self)
        return {name: one for name, one in found.items() if not isinstance(one, str) or ANNOTATION.fullmatch(one)}

    @property
    def __code__(self) -> types.CodeType:
        """Code that does nothing, but by which `inspect` finds the student's lines, and what it says of the function."""
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


class StudentClass(Elsewhere, type):
    """A class of the student's. Its objects are StudentObjects; what else it knows is asked of the student's process."""

    _remote_peer: Peer
    _remote_number: int

    def __new__(meta, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **keywords: Any) -> Any:
        if "_remote_number" in namespace:
            return type.__new__(meta, name, bases, namespace)
        return derived(name, bases, namespace, keywords)  # `class Own(Theirs)` in a test

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **keywords: Any) -> None:
        super().__init__(name, bases, namespace)

    def __call__(cls, *arguments: Any, **keywords: Any) -> Any:
        return call(cls, arguments, keywords)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return ask(cls._remote_peer, "attribute", cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        if name.startswith("__"):  # abc and dataclasses write there
            type.__setattr__(cls, name, value)
        else:
            ask(cls._remote_peer, "operate", "setattr", [cls, name, value])

    def __delattr__(cls, name: str) -> None:
        ask(cls._remote_peer, "operate", "delattr", [cls, name])

    @property
    def __bases__(cls) -> tuple[type, ...]:  # type: ignore[override]
        of_theirs = tuple(base for base in type.__dict__["__bases__"].__get__(cls) if type(base) is StudentClass)
        return of_theirs or (object,)

    @property
    def __dict__(cls) -> dict[str, Any]:  # type: ignore[override]
        found: dict[str, Any] = ask(cls._remote_peer, "vars", cls)
        return found

    def __dir__(cls) -> list[str]:
        return [str(name) for name in ask(cls._remote_peer, "operate", "dir", [cls])]

    def __iter__(cls) -> Iterator[Any]:  # of an Enum
        return iterate(cls)

    def __len__(cls) -> int:
        return int(ask(cls._remote_peer, "operate", "len", [cls]))

    def __bool__(cls) -> bool:
        return True

    def __getitem__(cls, key: Any) -> Any:
        return ask(cls._remote_peer, "operate", "getitem", [cls, key])

    def __contains__(cls, value: Any) -> bool:
        return any(item == value for item in cls)

    def _plain(cls) -> Any:
        return ask(cls._remote_peer, "plain", cls)

    @property
    def __signature__(cls) -> inspect.Signature:
        return signature_of(cls)

    def watched_calls(cls, arguments: Sequence[Any], watched: Sequence[Callable[..., Any] | str]) -> list[int]:
        return watched_calls(cls, arguments, watched)

    def silences(cls, arguments: Sequence[Any]) -> bool:
        return silences(cls, arguments)


# --- what is done with them ------------------------------------------------------------------------------------------


def call(function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The result of the call in the student's process; what it changes in its arguments is changed here, too."""
    listening = getattr(warnings, "_showwarnmsg_impl", USUAL_WARNINGS) is not USUAL_WARNINGS
    answer = ask(function._remote_peer, "call", function, list(arguments), keywords, np.geterr(), listening)
    if not (isinstance(answer, list) and len(answer) == 4 and isinstance(answer[1], dict)):
        raise TypeError("答えの形が違います。")
    result, changed, (printed, complained, warned), same = answer
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


# --- special methods -------------------------------------------------------------------------------------------------


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
    if isinstance(value, StudentObject | StudentClass) or self._remote_may("contains"):
        return ask(self._remote_peer, "operate", "contains", [self, value]) is True
    return any(item == value for item in self)  # here, where the value stays


def leave(self: Any, kind: Any, error: Any, trace: Any) -> bool:
    name = next((one.__name__ for one in kind.__mro__ if one.__name__ in ERRORS), None) if kind else None
    text = "" if name in (None, "AssertionError") else str(error)  # a failed test says what is expected
    return ask(self._remote_peer, "operate", "exit", [self, name, text]) is True


def rounded(self: Any, *digits: Any) -> Any:
    return ask(self._remote_peer, "operate", "round", [self, *digits])


def get_item(self: Any, key: Any) -> Any:
    return ask(self._remote_peer, "operate", "getitem", [self, key])


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
OF_ITS_OWN = ("__call__", "__hash__")  # which class_here treats by themselves
ARITHMETIC = {*BINARY, *REFLECTED}


# --- from references to objects ----------------------------------------------------------------------------------------


def make_remote(peer: Peer, reference: Reference) -> Any:
    """What stands here for the function or the object; always the same one while a test has it."""
    side = side_of(peer)
    if reference.kind == "class":
        return class_here(peer, reference.number, reference.name)
    if (known := side.objects.get(reference.number)) is not None:
        return known
    if reference.kind == "awaitable":
        return awaited(placed(StudentObject, peer, reference))
    kind: Any = StudentFunction if reference.kind == "function" else StudentObject
    if reference.kind == "object" and reference.of:
        kind = class_here(peer, reference.of, reference.name)
    made = placed(kind, peer, reference)
    if not isinstance(made, tuple(BASES.values())):  # of a number or a text there is no weak reference
        side.objects[reference.number] = made
    return made


def placed(kind: Any, peer: Peer, reference: Reference) -> Any:
    base = next((base for base in kind.__mro__ if base in BASES.values()), None)
    made = kind.__new__(kind) if base is None else base.__new__(kind, reference.value)
    for name, value in zip(OF_THIS_SIDE, (peer, reference.number, reference.name), strict=True):
        object.__setattr__(made, name, value)
    return made


def class_here(peer: Peer, number: int, name: str) -> "StudentClass":
    """The local class for one of the student's."""
    classes = side_of(peer).classes
    if number not in classes:
        if len(classes) > MOST_CLASSES:
            raise TypeError("クラスが多すぎます。")
        told = peer.call("about class", number)
        facts: dict[str, Any] = told if isinstance(told, dict) else {}
        bases = tuple(base for base in facts.get("bases", ()) if isinstance(base, StudentClass))
        specials = {one: SPECIAL[one] for one in facts.get("specials", ()) if one in SPECIAL}
        methods = {one: Method(one) for one in facts.get("methods", ()) if isinstance(one, str)}
        namespace: dict[str, Any] = methods | {
            "_remote_peer": peer, "_remote_number": number, "__module__": "__main__",
            "__doc__": harmless(facts.get("doc")), "_remote_library": libraries(facts),
            "_remote_is_of_library": facts.get("own") is False, **specials,
        }  # fmt: skip
        if specials.keys() & ARITHMETIC and "__array__" not in specials:
            namespace["__array_ufunc__"] = None  # an array leaves the operation to the object
        fields = facts.get("fields")
        if isinstance(fields, list) and all(isinstance(one, str) and one.isidentifier() for one in fields):
            alike: Any = dataclasses.make_dataclass("Fields", fields)
            namespace["__dataclass_fields__"] = alike.__dataclass_fields__
        hashed = facts.get("hash")
        namespace["__hash__"] = {"own": unary("hash"), "none": None}.get(str(hashed), object.__hash__)
        root: tuple[type, ...] = (StudentCallable if facts.get("call") is True else StudentObject,)
        base = BASES.get(str(facts.get("base")))
        if base in MUTABLE:
            namespace["_remote_is_bare"] = True
        elif base is not None:
            root = (*root, base)
            for place, one in enumerate(facts.get("named") or ()):
                namespace[str(one)] = property(operator.itemgetter(place))
            namespace |= {"_fields": tuple(map(str, facts["named"]))} if facts.get("named") else {}
        error = next((ERRORS[one] for one in facts.get("errors", ()) if one in ERRORS), None)
        if error is not None:
            root = (StudentError, error)
        name = name if name.isidentifier() else "object"
        try:
            made = StudentClass(name, bases + tuple(one for one in root if one not in bases), namespace)
        except TypeError:  # an order of classes that does not exist here
            made = StudentClass(name, root, namespace)
        if facts.get("abstract"):
            type.__setattr__(made, "__abstractmethods__", frozenset(map(str, facts["abstract"])))
        classes.setdefault(number, made)
    return classes[number]


def libraries(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """The library's classes that the student's class is one of: pairs of module and name."""
    given = facts.get("library")
    return [(str(one[0]), str(one[1])) for one in given if len(one) == 2] if isinstance(given, list) else []


def own_names(cls: type) -> Any:
    """What the local class has in itself."""
    return type.__dict__["__dict__"].__get__(cls)


class Method:
    """A method that a class of the student's defines: by it, super() in a class of a test's finds the right one."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __set_name__(self, owner: "StudentClass", name: str) -> None:
        self.owner = owner

    def __get__(self, one: Any, kind: Any = None) -> Any:
        if one is None:
            return ask(self.owner._remote_peer, "attribute", self.owner, self.name)
        if next(of for of in type(one).__mro__ if self.name in own_names(of)) is self.owner:
            return ask(self.owner._remote_peer, "attribute", one, self.name)
        return functools.partial(ask(self.owner._remote_peer, "attribute", self.owner, self.name), one)


def derived(name: str, bases: tuple[type, ...], namespace: dict[str, Any], keywords: dict[str, Any]) -> Any:
    """A class of the test's that builds on one of the student's: made there, with the test's methods called here."""
    peer = next(base._remote_peer for base in bases if isinstance(base, StudentClass))
    cell = namespace.pop("__classcell__", None)
    own = [[one, *parts_of(value)] for one, value in namespace.items() if one not in ("__module__", "__qualname__")]
    made = ask(peer, "derive", name, list(bases), own, keywords)
    if cell is not None:
        cell.cell_contents = made
    return made


def parts_of(value: Any) -> tuple[str, Any]:
    """What stands in the body of a class: its kind, and of what it is made."""
    if isinstance(value, property):
        return "property", [value.fget, value.fset, value.fdel]
    if isinstance(value, staticmethod | classmethod):
        return type(value).__name__, [value.__func__]
    return "value", value


# --- errors ------------------------------------------------------------------------------------------------------------


def class_of_library(module: str, name: str) -> Any:
    """A class of a library's that the student's process names, where this one has loaded it by itself; no functions."""
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if not isinstance(found, type):
        raise WireError("ここにないクラスです。")
    return found


def number_of(value: Any) -> int | None:
    """By which the student's process knows it, where it is one of its own."""
    kind = type(value)
    return value._remote_number if issubclass(kind, StudentObject | StudentClass) else None


class StudentError(StudentObject):
    """An exception of a class of the student's: it can be raised and caught here."""

    def __str__(self) -> str:
        return self._remote_text("str")


def callback(errors: list[Exception], peer: Peer, number: int, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """A call of one of our functions by the student's. Of an error only the kind goes over; its text stays here."""
    try:
        return call_for_student(peer.kept[number], arguments, keywords)
    except Exception as error:
        errors[:] = [error]  # each holds what the student has sent
        raise


def local_error(error: RemoteError, callbacks: Sequence[Exception] = ()) -> BaseException:
    """The error here. value: its arguments, and the object where its class is the student's (student.error_value)."""
    text, own = error.text, error.types[0]
    if not text and callbacks and type(callbacks[-1]).__name__ in error.types:
        text = str(callbacks[-1])  # it was our own function that raised it, in the midst of the student's call
    given = error.value if isinstance(error.value, list) and len(error.value) == 3 else (None, None, None)
    arguments, thrown, cause = given
    made: Any = thrown if isinstance(thrown, StudentError) else None
    kind = thrown if isinstance(thrown, type) and issubclass(thrown, Exception) else None
    if kind is not None and kind is not CheckError:
        with contextlib.suppress(Exception):
            made = kind(text)  # of a library's class, where this process has it
    if made is None:
        own = own if own != "CheckError" else "Exception"  # that name speaks for the checks
        made = made_error(own, error.types, text)
    if isinstance(arguments, tuple):
        made.args = arguments
    if isinstance(made, NameError | AttributeError):
        made.name = error.name
    if isinstance(cause, list) and cause:
        BaseException.__dict__["__cause__"].__set__(made, made_error(str(cause[0]), [str(name) for name in cause], ""))
    object.__setattr__(made, "student_line", error.line)  # read by the checks
    return made  # type: ignore[no-any-return]


def made_error(own: str, types: Sequence[str], text: str) -> Exception | SystemExit:
    for name in types:
        if name in ERRORS:
            try:
                return error_type(own, ERRORS[name])(text)  # type: ignore[no-any-return]
            except TypeError:  # UnicodeDecodeError and its kin want more than a text
                continue
    return error_type(own, Exception)(text)  # type: ignore[no-any-return]


def error_type(name: str, kind: type[Any]) -> type[Any]:
    """The kind of error, or one of that kind that is called so, as NumPy's AxisError is a ValueError."""
    own = name.isidentifier() and name != kind.__name__
    return type(name, (kind,), {"__module__": "__main__"}) if own else kind
