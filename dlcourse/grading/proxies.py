"""The student's names as the tests see them: data as it is, functions and objects called in their own process."""

import builtins
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcourse.grading.wire import Peer, Remote, RemoteError


class StudentObject(Remote):
    """Something of the student's that is no plain data; its public attributes can be asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return asked(self._peer, "attribute", self, name)


class StudentFunction(StudentObject):
    """A function or a class of the student's."""

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        answer = asked(self._peer, "call", self, list(arguments), keywords, np.geterr())
        if not (isinstance(answer, list) and len(answer) == 2 and isinstance(answer[1], dict)):
            raise TypeError("答えの形が違います。")
        result, changed = answer
        for place, now in changed.items():
            if isinstance(place, int) and 0 <= place < len(arguments):
                change(arguments[place], now)
        return result

    def watched_calls(self, arguments: Sequence[Any], watched: Sequence[Callable[..., Any]]) -> list[int]:
        """As dlcourse.checks.watch.calls, in the student's process."""
        places = [[one.__module__, one.__qualname__] for one in watched]
        called = asked(self._peer, "watch", self, list(arguments), places)
        known = called if isinstance(called, list) else []
        return [place for place in known if isinstance(place, int) and 0 <= place < len(watched)]


def change(argument: Any, now: Any) -> None:
    """Do to our copy of an argument what the call has done to the student's."""
    if isinstance(argument, np.ndarray) and isinstance(now, np.ndarray):
        if now.shape == argument.shape and argument.flags.writeable:
            argument[...] = now
    elif isinstance(argument, list) and isinstance(now, list):
        argument[:] = now
    elif isinstance(argument, dict) and isinstance(now, dict):
        argument.clear()
        argument.update(now)
    elif isinstance(argument, np.random.Generator) and isinstance(now, np.random.Generator):
        if type(argument.bit_generator) is type(now.bit_generator):
            argument.bit_generator.state = now.bit_generator.state


def asked(peer: Peer, operation: str, *values: Any) -> Any:
    """The answer of the student's process; an error of the student's is raised as one of the same kind."""
    callbacks: list[Exception] = []
    peer.allowed = {"callback": functools.partial(callback, callbacks)}
    try:
        return peer.call(operation, *values)
    except RemoteError as error:
        raise local_error(error, callbacks) from None


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
    for name in error.types:
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception | SystemExit):
            try:
                made = kind(text)
            except TypeError:  # UnicodeDecodeError and its kin want more than a text
                continue
            break
    else:
        made = type(error.types[0], (Exception,), {})(text)
    if isinstance(made, NameError):
        made.name = error.name
    made.student_line = error.line  # type: ignore[attr-defined]  # read by the checks
    return made


class Names(dict[str, Any]):
    """The names that a test cell sees: those of the course's own cells, then the student's."""

    def __init__(self, own: dict[str, Any], peer: Peer) -> None:
        super().__init__(own)
        self.peer = peer
        self.functions: dict[str, StudentObject] = {}

    @functools.cached_property
    def students(self) -> set[object]:
        return set(asked(self.peer, "has"))

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.students

    def __missing__(self, name: str) -> Any:
        # builtins are looked up when this raises KeyError; a student's `all` is not what a test means by it
        if name.startswith("__") or hasattr(builtins, name) or name not in self.students:
            raise KeyError(name)
        if name in self.functions:
            return self.functions[name]
        value = asked(self.peer, "get", name)
        if isinstance(value, StudentObject):
            self.functions[name] = value  # data, though, comes anew: a test may change its copy
        return value


def make_remote(peer: Peer, number: int, name: str, can_be_called: bool) -> StudentObject:
    kind = StudentFunction if can_be_called else StudentObject
    return kind(peer, number, name)
