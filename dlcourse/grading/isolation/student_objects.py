"""In the student's process: what the grader may do with the student's functions, classes and objects."""

import asyncio
import builtins
import collections
import copy
import dataclasses
import functools
import importlib
import inspect
import itertools
import math
import operator
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dlcourse.checks import overflow
from dlcourse.checks.values import BARE, THEMSELVES, bare, plain
from dlcourse.checks.watch import calls, silences
from dlcourse.grading.isolation.changes import apply_change, can_change, snapshot
from dlcourse.grading.isolation.encoding import MUTABLE, PLAINEST, Whole
from dlcourse.grading.isolation.parts import is_of_values
from dlcourse.grading.isolation.special_methods import BINARY, IN_PLACE, REFLECTED, UNARY, functions, of_class
from dlcourse.grading.isolation.wire import Peer

FUNCTIONS = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType,
    types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType, functools.partial,
    functools._lru_cache_wrapper, np.ufunc,
)  # fmt: skip
SPECIAL = [
    *UNARY, *BINARY, *REFLECTED, *IN_PLACE, "__contains__", "__iter__", "__getitem__", "__setitem__", "__delitem__",
    "__enter__", "__exit__", "__round__", "__array__", "__await__", "__aiter__", "__anext__",
]  # fmt: skip
MOST_KEPT = 1000  # members of a list and the like that an object of the student's may hold
LONGEST_DOC = 2000  # characters


def kind_of(value: Any) -> tuple[str, Any]:
    """What something that stays here is called on the other side, and its class where that one may ask about it."""
    if isinstance(value, type):
        return "class", None
    if inspect.iscoroutine(value):
        return "awaitable", None
    if isinstance(value, FUNCTIONS):
        return "function", None
    return "object", type(value)


def base_of(value: Any) -> type | None:
    """The built-in type of values under the class of a student's or of a library's; None where there is none."""
    kind: Any = type(value)
    return base_of_class(kind)


@functools.lru_cache(1000)
def base_of_class(kind: Any) -> type | None:
    if kind in THEMSELVES or not issubclass(kind, tuple(BARE)) or issubclass(kind, np.generic):
        return None
    if issubclass(kind, tuple) and hasattr(kind, "_fields") and not is_students(kind):
        return None  # its fields cross with it
    return next(base for base in kind.__mro__ if base in BARE)


def about_class(peer: Peer, number: int) -> dict[str, Any]:
    """By which a class is made on the other side: see proxies.class_here."""
    cls: Any = peer.kept[number]
    lowest: Any = object
    own = is_students(cls)
    has_hash = of_class(cls, "__hash__")
    base = next((base for base in cls.__mro__ if base in BARE), None)
    plain = base if base and base not in MUTABLE and base is not cls else lowest

    def usual(name: str) -> tuple[Any, Any]:
        return getattr(lowest, name, None), getattr(plain, name, None)

    return {
        "bases": [base for base in cls.__bases__ if is_students(base)] if own else [],
        "library": [[one.__module__, one.__qualname__] for one in cls.__mro__[:50] if not is_students(one)],
        "specials": [name for name in SPECIAL if (one := of_class(cls, name)) is not None and one not in usual(name)],
        "base": base.__name__ if base and base is not cls else None,
        "methods": [
            name
            for name, one in vars(cls).items()
            if own and isinstance(one, types.FunctionType) and (name == "__init__" or not name.startswith("__"))
        ],
        "call": any("__call__" in vars(one) for one in cls.__mro__),
        "hash": "none" if has_hash is None else "default" if has_hash is lowest.__hash__ else "own",
        "errors": [one.__name__ for one in cls.__mro__ if issubclass(one, BaseException) and not is_students(one)],
        "fields": [one.name for one in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else None,
        "named": list(getattr(cls, "_fields", ())) if issubclass(cls, tuple) else None,
        "abstract": sorted(getattr(cls, "__abstractmethods__", ())),
        "own": own,
        "doc": str(cls.__doc__)[:LONGEST_DOC] if cls.__doc__ else None,
    }


def is_students(cls: Any) -> bool:
    """Whether a class is defined in the notebook, or in a file beside it."""
    module = sys.modules.get(getattr(cls, "__module__", ""))
    file = getattr(module, "__file__", None)
    return module is None or module.__name__ == "__main__" or bool(file and str(file).startswith(os.getcwd() + os.sep))


def library_name(value: Any) -> tuple[str, str] | None:
    """Of a class of a library: the other side may have the same, or else knows it by a number."""
    if not isinstance(value, type) or is_students(value) or issubclass(value, np.generic):
        return None
    known = is_of_values(value.__module__, value.__qualname__) or issubclass(value, Exception)
    return (value.__module__, value.__qualname__) if known else None


def from_library(module: str, name: str) -> Any:
    """A module, or what it has under this name: the test's process has the same."""
    found: Any = importlib.import_module(module)
    for part in filter(None, name.split(".")):
        found = getattr(found, part)
    return found


def derive(peer: Peer, name: str, bases: list[Any], own: list[Any], keywords: dict[str, Any]) -> Whole:
    """A class of a test's that builds on one of the student's; of its methods, each calls the test's."""
    namespace: dict[str, Any] = {"__module__": "__main__"}
    for one, kind, value in own:
        namespace[one] = DERIVED[kind](*value) if kind in DERIVED else value
    return Whole(types.new_class(name, tuple(bases), keywords, lambda names: names.update(namespace)))


DERIVED: dict[str, Any] = {"property": property, "staticmethod": staticmethod, "classmethod": classmethod}


def wait_for(peer: Peer, awaitable: Any) -> Whole:
    async def waited() -> Any:
        return await awaitable

    return Whole(asyncio.new_event_loop().run_until_complete(waited()))


def wait_for_next(peer: Peer, iterator: Any) -> Whole:
    return wait_for(peer, anext(iterator))


def about_code(peer: Peer, function: Any) -> dict[str, Any]:
    """What a function's code says of it."""
    code = function.__code__
    return {
        "names": list(code.co_names), "varnames": list(code.co_varnames), "flags": code.co_flags,
        "counts": [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount],
    }  # fmt: skip


def make_call(outputs: Any, of_the_code: Callable[[], Any]) -> Callable[..., list[Any]]:
    """The operation "call". outputs: what the running cell has printed."""

    def call(
        peer: Peer, function: Callable[..., Any], arguments: list[Any], keywords: dict[str, Any],
        on_overflow: dict[str, Any], listening: bool = False, following: bool = False,
    ) -> list[Any]:  # fmt: skip
        """The result, those arguments that the call has changed in place, what it has printed, and which is the result.

        Last come the numbers of those that the result may hold: what is done to them later concerns both sides. The
        result alone where there is nothing else to say.

        on_overflow: what NumPy is to do on overflow and the like, as the test has set it.
        listening: whether the test records warnings. following: whether it may change the result.
        """
        given: dict[Any, Any] = dict(enumerate(arguments)) | keywords
        before = {place: snapshot(argument) for place, argument in given.items()}
        unused = {place: sys.getrefcount(one) for place, one in given.items()}
        outputs.clear()
        with np.errstate(**on_overflow), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always" if listening else "ignore")
            if overflow.is_to_be_seen():
                with overflow.seen(), of_the_code():
                    result = function(*map(overflow.seeing, arguments), **keywords)
            else:
                with of_the_code():
                    result = function(*arguments, **keywords)
        changed = {
            place: Whole(argument)
            for place, argument in given.items()
            if before[place] is not None and snapshot(argument) != before[place]
        }
        printed: list[Any] = [
            "".join(one["text"] for one in outputs.list if one.get("name") == stream) for stream in ("stdout", "stderr")
        ]
        kinds = [
            [kind.__name__ for kind in one.category.__mro__ if kind.__module__ == "builtins"][0] for one in warned or ()
        ]
        printed.append([[kind, str(one.message)] for kind, one in zip(kinds, warned or (), strict=True)])
        same = next((place for place, one in given.items() if one is result and before[place] is not None), None)
        retained: dict[Any, int] = (
            {}
            if type(result) in PLAINEST
            else {
                place: peer.keep(one)
                for place, one in given.items()
                if sys.getrefcount(one) - (one is result) > unused[place] and may_be_kept(one)
            }
        )
        if following and same is None and can_change(result):
            retained[-1] = peer.keep(result)
        if same is None and not (changed or retained or any(printed)):
            return [Whole(result)]  # as nearly always
        return [Whole(result) if same is None else None, changed, printed, same, retained]

    return call


def within(of_the_code: Callable[[], Any], operation: Callable[..., Any]) -> Callable[..., Any]:
    def done(*arguments: Any) -> Any:
        with of_the_code():
            return operation(*arguments)

    return done


def may_be_kept(value: Any) -> bool:
    return isinstance(value, list | dict | set | collections.deque) and len(value) <= MOST_KEPT


def changed_objects(peer: Peer, numbers: list[int]) -> list[Whole]:
    """What these objects are now."""
    return [Whole(peer.kept[number]) for number in numbers]


def change_object(peer: Peer, number: int, now: Any) -> None:
    apply_change(peer.kept[number], now)


def watch(
    peer: Peer, function: Callable[..., Any], arguments: list[Any], places: list[Any], on_overflow: dict[str, Any]
) -> list[int]:
    """Which of these functions the call uses, by their places."""
    found = [place if isinstance(place, str) else look_up(*place) for place in places]
    with np.errstate(**on_overflow):
        return calls(function, arguments, found)


def attribute(peer: Peer, owner: Any, name: str) -> Whole:
    return Whole(getattr(owner, name))


def held_attribute(peer: Peer, owner: Any, name: str) -> list[Any]:
    """The attribute, and its number where it is data that either side may change; else 0."""
    return with_number(peer, getattr(owner, name))


def held_item(peer: Peer, owner: Any, key: Any) -> list[Any]:
    return with_number(peer, owner[key])


def with_number(peer: Peer, value: Any) -> list[Any]:
    return [Whole(value), peer.keep(value) if can_change(value) else 0]


def operate(peer: Peer, name: str, values: list[Any]) -> Whole:
    """What the sign or the built-in function of this name makes of these objects."""
    return Whole(OPERATIONS[name](*values))


def following(peer: Peer, iterator: Iterator[Any]) -> list[Whole]:
    """The next value in a list, which is empty at the end."""
    return [Whole(value) for value in itertools.islice(iterator, 1)]


def signature(function: Callable[..., Any]) -> list[Any]:
    """Name, kind and default of each parameter."""
    parameters = inspect.signature(function).parameters.values()
    return [[one.name, one.kind.name, [] if one.default is one.empty else [one.default]] for one in parameters]


def look_up(module: str, name: str) -> Any:
    return functools.reduce(getattr, name.split("."), sys.modules[module])


def enter(context: Any) -> Any:
    return context.__enter__()


def leave(context: Any, error: str | None, text: str) -> Any:
    """error: the name of the built-in kind of error that the test has met within."""
    kind = getattr(builtins, error, None) if error else None
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        return context.__exit__(None, None, None)
    try:
        raise kind(text)
    except BaseException as raised:
        return context.__exit__(kind, raised, raised.__traceback__)


OPERATIONS: dict[str, Callable[..., Any]] = functions() | {
    name: getattr(builtins, name)
    for name in (
        "len", "bool", "str", "repr", "iter", "next", "setattr", "delattr", "isinstance", "issubclass", "hash", "int",
        "float", "complex", "abs", "round", "reversed", "bytes", "format",
    )
}  # fmt: skip
OPERATIONS |= {name: getattr(operator, name) for name in ("getitem", "setitem", "delitem", "contains", "index",
                                                          "neg", "pos", "invert")}  # fmt: skip
OPERATIONS |= {
    "aiter": aiter, "array": np.asarray, "bare": bare, "ceil": math.ceil, "copy": copy.copy, "deepcopy": copy.deepcopy,
    "dir": dir, "enter": enter, "exit": leave, "floor": math.floor, "signature": signature,
    "source": inspect.getsource, "trunc": math.trunc,
}  # fmt: skip


def operations(outputs: Any, of_the_code: Callable[[], Any]) -> dict[str, Callable[..., Any]]:
    """What the grader may ask. of_the_code: within it the student's own code runs."""
    return {
        "about class": about_class,
        "attribute": within(of_the_code, attribute),
        "held attribute": within(of_the_code, held_attribute),
        "held item": within(of_the_code, held_item),
        "annotations": lambda peer, function: dict(function.__annotations__),
        "await": wait_for,
        "await next": wait_for_next,
        "call": make_call(outputs, of_the_code),
        "change object": change_object,
        "code": about_code,
        "derive": derive,
        "following": following,
        "objects": changed_objects,
        "operate": within(of_the_code, operate),
        "plain": lambda peer, value: plain(value),
        "silences": lambda peer, function, arguments: silences(function, arguments),
        "vars": lambda peer, value: {name: Whole(one) for name, one in vars(value).items()},
        "watch": watch,
    }
