"""What the student's code may do with objects of a test's: call its functions, and use the objects of its own classes.

Whatever has no safe form as data stays on this side, and the student's process knows it by a number. It may ask no more
than is written here: a function is called; an object of a class that the test has defined, or a Mock, has public
attributes and operations; an iterator gives its next value. Modules, names with an underscore, and a Mock's own say in
what was called are not to be had.
"""

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import NonCallableMock

import numpy as np

from dlcourse.grading.isolation.encoding import Whole
from dlcourse.grading.isolation.special_methods import BINARY, IN_PLACE, REFLECTED, UNARY, functions, of_class
from dlcourse.grading.isolation.wire import Peer

OF_TESTS = {"__main__"}  # modules whose classes are a test's own; those of the course's files come to it
OF_MOCKS = {name for name in dir(NonCallableMock) if not name.startswith("_")} | {
    "called", "call_count", "call_args", "call_args_list", "mock_calls", "method_calls", "return_value", "side_effect",
}  # fmt: skip
LIBRARIES = {"sklearn"}  # whose objects a test hands over to be used: estimators, which compute with plain arrays
# What the student's process has, too: it is named there, not called here.
PACKAGES = {"numpy", "scipy", "matplotlib", "pandas", "sklearn", "sympy", "PIL"}
CAN_BE_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, np.ufunc)


class NotForStudents(AttributeError):
    """The student's code asks an object of a test's for what is not to be had."""


def is_exposed(value: Any) -> bool:
    """Whether its attributes and operations are for the student's code."""
    kind = type(value)
    if issubclass(kind, NonCallableMock):
        return True
    if isinstance(value, type):
        return value.__module__ in OF_TESTS
    module = str(kind.__module__)  # some compiled classes have something else for it
    return module in OF_TESTS or module.partition(".")[0] in LIBRARIES


def kind_of(value: Any) -> tuple[str, Any]:
    """What an object of ours is to the student's process."""
    return ("function" if callable(value) and not is_exposed(value) else "object"), None


def library_name(value: Any) -> tuple[str, str] | None:
    """By which the student's process has the same module, function or class of a library; None of what is our own."""
    if isinstance(value, types.ModuleType):
        return (value.__name__, "") if is_public_library(value.__name__) else None
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(value, np.ufunc):
        module, name = "numpy", value.__name__
    if not isinstance(value, CAN_BE_NAMED) or not isinstance(module, str) or not isinstance(name, str):
        return None
    if not is_public_library(module) or not all(part.isidentifier() for part in name.split(".")):
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return (module, name) if found is value else None


def is_public_library(module: str) -> bool:
    root = module.partition(".")[0]
    return root in sys.stdlib_module_names and root != "__main__" or root in PACKAGES


def exposed(peer: Peer, number: int) -> Any:
    value = peer.kept[number]
    if not is_exposed(value):
        raise NotForStudents(type(value).__name__)
    return value


def is_public(value: Any, name: str) -> bool:
    return not name.startswith("_") and not (isinstance(value, NonCallableMock) and name in OF_MOCKS)


def call_for_student(target: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    if not callable(target):
        raise TypeError(f"'{type(target).__name__}' object is not callable")
    return target(*arguments, **keywords)


def attribute(peer: Peer, number: int, name: str) -> Whole:
    value = exposed(peer, number)
    if not is_public(value, name):
        raise NotForStudents(name)
    found = getattr(value, name)
    if isinstance(found, types.ModuleType):
        raise NotForStudents(name)
    return Whole(found)


def set_attribute(peer: Peer, number: int, name: str, to: Any) -> None:
    """Of an object its own data; what the test's class or a Mock says stays what it is."""
    value = exposed(peer, number)
    of_its_class = isinstance(value, type | NonCallableMock) or callable(getattr(type(value), name, None))
    if not is_public(value, name) or of_its_class:
        raise NotForStudents(name)
    setattr(value, name, to)


def about_object(peer: Peer, number: int) -> list[str]:
    """The special methods that the object has."""
    value = peer.kept[number]
    if not is_exposed(value):
        return ["__iter__", "__next__"] if isinstance(value, Iterator) else []
    if isinstance(value, type):
        return ["__call__"]
    lowest: Any = object
    found = [name for name in OPERATIONS if of_class(type(value), name) is not of_class(lowest, name)]
    return found + ["__call__"] * callable(value)


def operate(peer: Peer, number: int, name: str, values: list[Any]) -> Whole:
    value = peer.kept[number]
    if name in ("__iter__", "__next__") and isinstance(value, Iterator) and not is_exposed(value):
        return Whole(next(value)) if name == "__next__" else Whole(value)
    return Whole(OPERATIONS[name](exposed(peer, number), *values))


OF_OPERATORS = functions()
OPERATIONS: dict[str, Callable[..., Any]] = {
    name: OF_OPERATORS[operation] for table in (BINARY, REFLECTED, IN_PLACE) for name, operation in table.items()
}
OPERATIONS |= {
    name: (lambda value, *more, name=name: getattr(type(value), name)(value, *more))
    for name in (
        *UNARY,
        "__iter__",
        "__getitem__",
        "__setitem__",
        "__delitem__",
        "__contains__",
        "__bool__",
        "__enter__",
    )
}
OPERATIONS |= {
    "__exit__": lambda value, *error: type(value).__exit__(value, None, None, None),
    "__str__": lambda value: str(value),
    "__repr__": lambda value: repr(value),
    "__hash__": lambda value: hash(value),
}

# What the student's process may ask of this one, besides "callback".
ALLOWED: dict[str, Callable[..., Any]] = {
    "attribute": attribute, "set attribute": set_attribute, "about object": about_object, "operate": operate,
}  # fmt: skip
