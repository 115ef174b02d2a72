"""In the student's process: a test's functions and objects, which stay on the grader's side and are asked there."""

import builtins
import contextlib
from collections.abc import Callable
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from dlcourse.grading.isolation.wire import Peer, Reference, RemoteError

# Python's own functions under their names again, when a test has put others for them (student_surroundings.py).
of_this_side: Callable[[], Any] = contextlib.nullcontext


def ask(peer: Peer, operation: str, *values: Any) -> Any:
    """The answer of the grader's side; an error is raised as one of the same built-in kind, without its text."""
    try:
        with of_this_side():
            return peer.call(operation, *values)
    except RemoteError as error:
        known = (getattr(builtins, name, None) for name in error.types)
        raise next((kind for kind in known if isinstance(kind, type)), RuntimeError) from None


class TestObject:
    """An object of a test's."""

    _test_peer: Peer
    _test_number: int

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return ask(self._test_peer, "attribute", self._test_number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        ask(self._test_peer, "set attribute", self._test_number, name, value)


def operation(name: str) -> Callable[..., Any]:
    def asked(self: Any, *values: Any) -> Any:
        return ask(self._test_peer, "operate", self._test_number, name, list(values))

    return asked


def leave(self: Any, *error: object) -> Any:
    return ask(self._test_peer, "operate", self._test_number, "__exit__", [])


def call(self: Any, *arguments: Any, **keywords: Any) -> Any:
    return ask(self._test_peer, "callback", self._test_number, list(arguments), keywords)


def number_of(value: Any) -> int | None:
    """By which the grader's side knows it, where it is one of its own."""
    if isinstance(value, TestObject):
        return value._test_number
    return FUNCTIONS.get(value) if type(value) is FunctionType else None


# A function of a test's → its number. Not an attribute of it: functools.wraps would copy that one.
FUNCTIONS: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def make_here(peer: Peer, reference: Reference) -> Any:
    """What stands here for it."""
    if reference.kind != "object":
        return function_here(peer, reference)
    specials = [str(name) for name in ask(peer, "about object", reference.number)]
    namespace: dict[str, Any] = {name: operation(name) for name in specials}
    if "__exit__" in specials:
        namespace["__exit__"] = leave
    if "__call__" in specials:
        namespace["__call__"] = call
    made = type(reference.name, (TestObject,), namespace)()
    made.__dict__.update(_test_peer=peer, _test_number=reference.number)
    return made


def function_here(peer: Peer, reference: Reference) -> Callable[..., Any]:
    """A function of the grader's that a test passes to the student's, as in numerical_gradient(f, x)."""

    def function(*arguments: Any, **keywords: Any) -> Any:
        return ask(peer, "callback", reference.number, list(arguments), keywords)

    function.__name__ = reference.name
    FUNCTIONS[function] = reference.number
    return function
