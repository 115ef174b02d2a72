"""Questions to a student's process, from the grader's side, and the errors that come back."""

import builtins
import contextlib
import functools
import io
from collections.abc import Callable, Sequence
from typing import Any, Protocol
from weakref import WeakValueDictionary

from dlcourse.checks import CheckError
from dlcourse.checks.values import Elsewhere
from dlcourse.grading.isolation import exposure
from dlcourse.grading.isolation.wire import Peer, RemoteError

# Errors that the student's process may raise here by their names.
ERRORS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception | SystemExit)
}


class Printed(io.StringIO):
    """What a test shows. What the student's functions print is no part of it."""


class Theirs(Elsewhere):
    """What stands on the grader's side for something of the student's."""

    _remote_peer: Peer
    _remote_number: int


class Watcher(Protocol):
    """Who is told before a question goes to the student's process, and after it: the names of a test (names.py)."""

    def before_question(self) -> None: ...

    def after_question(self, operation: str) -> None: ...

    follows: bool

    def held(self, value: Any, number: int) -> Any: ...

    def retain(self, value: Any, number: int) -> None: ...

    def may(self, operation: str, student: Theirs) -> bool: ...


class StudentSide:
    """What the tests know of one student's process."""

    def __init__(self) -> None:
        self.watcher: Watcher | None = None
        self.objects: WeakValueDictionary[int, Any] = WeakValueDictionary()  # `a.next is b` holds where it does there
        self.classes: dict[int, Any] = {}


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


def callback(errors: list[Exception], peer: Peer, number: int, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """A call of one of our functions by the student's. Of an error only the kind goes over; its text stays here."""
    try:
        return exposure.call_for_student(peer.kept[number], arguments, keywords)
    except Exception as error:
        errors[:] = [error]  # each holds what the student has sent
        raise


# --- errors -----------------------------------------------------------------------------------------------


def local_error(error: RemoteError, callbacks: Sequence[Exception] = ()) -> BaseException:
    """The error here. value: its arguments, and the object where its class is the student's (student.error_value)."""
    text, own = error.text, error.types[0]
    if not text and callbacks and type(callbacks[-1]).__name__ in error.types:
        text = str(callbacks[-1])  # it was our own function that raised it, in the midst of the student's call
    given = error.value if isinstance(error.value, list) and len(error.value) == 3 else (None, None, None)
    arguments, thrown, cause = given
    made: Any = thrown if isinstance(thrown, BaseException) else None
    kind = thrown if isinstance(thrown, type) and issubclass(thrown, Exception) else None
    if kind is not None and kind is not CheckError:
        with contextlib.suppress(Exception):
            made = kind(text)  # of a library's class, where this process has it
    if made is None:
        own = own if own != "CheckError" else "Exception"  # that name speaks for the checks
        made = made_error(own, error.types, text)
    if isinstance(arguments, tuple):
        BaseException.__dict__["args"].__set__(made, arguments)
    if isinstance(made, NameError | AttributeError):
        made.name = error.name
    if isinstance(cause, list) and cause:
        BaseException.__dict__["__cause__"].__set__(made, made_error(str(cause[0]), [str(name) for name in cause], ""))
    object.__setattr__(made, "student_line", error.line)  # read by the checks
    return made


def made_error(own: str, types: Sequence[str], text: str) -> Exception | SystemExit:
    for name in types:
        if name in ERRORS:
            try:
                return error_type(own, ERRORS[name])(text)
            except TypeError:  # UnicodeDecodeError and its kin want more than a text
                continue
    return error_type(own, Exception)(text)


def error_type(name: str, kind: type[Any]) -> type[Any]:
    """The kind of error, or one of that kind that is called so, as NumPy's AxisError is a ValueError."""
    own = name.isidentifier() and name != kind.__name__
    return type(name, (kind,), {"__module__": "__main__"}) if own else kind
