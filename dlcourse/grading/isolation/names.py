"""The names that a test cell sees: those of the course's own cells, then the student's, which stay where they are.

What a test does to a name that the answers use, it does to the student's: `RATE = 1.0`, `del helper`, `items.append(3)`
reach the student's process before its code runs again. Other names of a test's, `expected` say, never go there: the
course's own solution says which ones answers use.
"""

import builtins
import contextlib
import functools
import importlib
import re
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dlcourse.grading.isolation.changes import apply_change, can_change, snapshot
from dlcourse.grading.isolation.encoding import WireError
from dlcourse.grading.isolation.questions import Theirs, allowed, ask, side_of
from dlcourse.grading.isolation.wire import Peer, RemoteError

DEFINED = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type)
MOST_RETAINED = 50  # arguments, for one test
# By its words, whether a test changes something in place, or keeps something that may be changed behind it.
IN_PLACE = re.compile(
    r"^\s*[\w, ]+=(?!=)|"
    r"\]\s*(?:[-+*/%&|^@]|//|\*\*)?=(?!=)|\.\w+\s*(?:[-+*/%]|//)=|\bdel\b"
    r"|\.(?:append|add|insert|extend|pop|remove|update|clear|sort|reverse|setdefault|discard|fill|popleft|appendleft)\(",
    re.MULTILINE,
)
VALUES = (bool, int, float, complex, str, bytes, tuple, frozenset, type(None), np.generic)
OF_EVERY_MODULE = {"__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtins__", "__builtin__"}
FOR_QUESTIONS = (RemoteError, WireError)  # what keeps a name from being sent; then the student's stays as it is


class Names(dict[str, Any]):
    """The names of one cell of the course's.

    own: what the course's own cells have defined, and the functions of earlier tests.
    values_left: what earlier tests have left besides; the student's come behind, lest `expected` be theirs.
    answers: names that are the student's, whoever defines them.
    shared: names that the course's solution uses: what a test makes of them, the student's code finds.
    libraries: modules that the course's notebook imports: where a name of the student's stands for one, a test has its
        own. Matplotlib's stay the student's, with their figures.
    """

    def __init__(
        self, own: dict[str, Any], answers: Sequence[str] = (), shared: Sequence[str] = (),
        libraries: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.own, self.answers, self.shared = own, set(answers), set(shared)
        self.libraries = [name for name in libraries if name.partition(".")[0] != "matplotlib"]
        # A class of the course's on which answers build is the one of the student's process, where its objects are.
        theirs = {name for name, value in own.items() if isinstance(value, type) and name in self.shared}
        super().__init__({name: value for name, value in own.items() if name not in theirs})
        self.values_left: dict[str, Any] = {}
        self.remotes: dict[str, Any] = {}
        self.copies: dict[str, Copy] = {}
        self.retained: dict[int, Copy] = {}
        self.unsent: dict[str, bool] = {}  # shared names that the test has set (True) or deleted
        self.asking = False
        self.follows = False  # whether the test changes what it gets of the student's in place
        self.peer: Peer  # of the student's process, once there is one
        # What else is told before the student's code runs, and asked behind it.
        self.before: list[Callable[[Peer], None]] = []
        self.after: list[Callable[[Peer], None]] = []
        self.permitted: set[tuple[str, str]] = set()
        self.needed: set[tuple[str, str]] | None = None

    def for_next_cell(self) -> "Names":
        """For one more cell."""
        names = Names(self.own, tuple(self.answers), tuple(self.shared), self.libraries)
        names.values_left, names.peer, names.needed = self.values_left, self.peer, self.needed
        return names

    def remember(self, names: "Names") -> None:
        """What a test has defined, for those that come behind it."""
        for name, value in dict.items(names):
            if name in self.own or name in self.shared:
                continue
            # Also of a name that some answer's function has for itself; a name of the student's own goes before it.
            kept = self.own if issubclass(type(value), DEFINED) and name not in self.answers else self.values_left
            kept[name] = value

    def leave_to_student(self, names: Sequence[str]) -> None:
        """Take these of the course's names for the student's, whose answers are to change what they stand for."""
        for name in names:
            dict.pop(self, name, None)

    def changed_by_answers(self) -> list[str]:
        """The names of the course's own data for which the student's process has something else."""
        self.__dict__.pop("students", None)  # cells have run since
        changed = []
        for name, value in self.own.items():
            if name in self.shared and name in self.students and (can_change(value) or isinstance(value, VALUES)):
                now, _ = self.get_from_student(name)
                if type(now) is not type(value) or not same(now, value):
                    changed.append(name)
        return changed

    # --- looking up -----------------------------------------------------------------------------------------

    @functools.cached_property
    def students(self) -> set[object]:
        names = ask(self.peer, "has")
        return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()

    def is_students(self, name: object) -> bool:
        """Whether the name, which is none of the test's own, is one of the student's here."""
        if not isinstance(name, str) or name in OF_EVERY_MODULE:
            return False
        # a student's `all` is not what a test means by it, unless the exercise asks for one
        if hasattr(builtins, name) and name not in self.answers:
            return False
        return self.unsent.get(name, True) and name in self.students

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self.is_students(name) or name in self.values_left

    def __missing__(self, name: str) -> Any:
        running = side_of(self.peer).watcher if hasattr(self, "peer") else None
        if isinstance(running, Names) and running is not self and dict.__contains__(running, name):
            return dict.__getitem__(running, name)  # a function of an earlier cell's asks for what this test has set
        if name in self.values_left and not (name in self.answers and name in self.students):
            return self.values_left[name]
        if not self.is_students(name):
            raise KeyError(name)  # builtins are looked up then
        if name in self.remotes:
            return self.remotes[name]
        copy = self.copies.get(name)
        if copy is not None and not copy.is_old:
            return copy.value
        value, identity = self.get_from_student(name)
        if isinstance(value, Theirs):
            self.remotes[name] = value  # data, though, comes anew: the student's code may have changed it
        elif identity and can_change(value):
            return self.copy_of(name, value, identity)
        return value

    def get_from_student(self, name: str) -> tuple[Any, int]:
        answer = ask(self.peer, "get", name)
        match answer:
            case [_, int(), str(module)] if module in self.libraries:
                return importlib.import_module(module), 0
            case [value, int(identity), *_]:
                return value, identity
        raise TypeError("答えの形が違います。")

    def copy_of(self, name: str, value: Any, identity: int) -> Any:
        """This side's copy of what the name stands for, which is the one of its other names, too."""
        known = [copy for copy in self.copies.values() if copy.identity == identity]
        copy = known[0] if known else Copy("change name", name, value, identity)
        copy.refresh(value)
        self.copies[name] = copy
        return copy.value

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def keys(self) -> Any:
        found = dict.fromkeys(dict.keys(self)) | dict.fromkeys(self.values_left)
        return (found | {name: None for name in self.students if self.is_students(name)}).keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def values(self) -> Any:
        return [self[name] for name in self]

    def items(self) -> Any:
        return [(name, self[name]) for name in self]

    def copy(self) -> dict[str, Any]:
        return dict(self.items())

    # --- changing -------------------------------------------------------------------------------------------

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        if name in self.shared:
            self.unsent[name] = True

    def __delitem__(self, name: str) -> None:
        if super().__contains__(name):
            super().__delitem__(name)
            if name not in self.shared:
                return
        elif name not in self.shared or not self.is_students(name):
            raise KeyError(name)
        self.remotes.pop(name, None)
        self.copies.pop(name, None)
        self.unsent[name] = False

    def update(self, *others: Any, **more: Any) -> None:
        for name, value in dict(*others, **more).items():
            self[name] = value

    def pop(self, name: str, *default: Any) -> Any:
        try:
            value = self[name]
        except KeyError:
            if default:
                return default[0]
            raise
        del self[name]
        return value

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    # --- what the student's process is told -------------------------------------------------------------------

    def before_question(self) -> None:
        """Send what the test has changed since the last one."""
        if self.asking or not (self.unsent or self.copies or self.retained or self.before):
            return
        self.asking = True
        self.peer.allowed = allowed()
        try:
            for name, set_by_test in list(self.unsent.items()):
                self.send(name, set_by_test)
            self.unsent.clear()
            for copy in self.copies.values():
                copy.send_changes(self.peer)
            for argument in self.retained.values():
                argument.send_changes(self.peer)
            for tell in self.before:
                tell(self.peer)
        finally:
            self.asking = False

    def after_question(self, operation: str) -> None:
        if operation in ("has", "get") or self.asking:
            return  # nothing of the student's has run
        for copy in self.copies.values():
            copy.is_old = True
        if not (self.after or self.retained or self.follows):
            return
        self.asking = True
        try:
            for look in self.after:
                look(self.peer)
            self.look_at_retained()
        finally:
            self.asking = False

    def retain(self, value: Any, number: int) -> None:
        """Keep an argument like the student's process does, an object of which may hold it."""
        if len(self.retained) < MOST_RETAINED and can_change(value):
            self.retained[number] = Copy("change object", number, value)

    def held(self, value: Any, number: int) -> Any:
        """This side's one copy of what an object of the student's holds. number: 0 for what can't be changed."""
        known = self.retained.get(number)
        if known is not None and type(known.value) is type(value):
            known.refresh(value)
            return known.value
        if number and can_change(value) and len(self.retained) < MOST_RETAINED:
            self.retained[number] = Copy("change object", number, value)
        return value

    def look_at_retained(self) -> None:
        for name, copy in self.copies.items() if self.follows else ():
            with contextlib.suppress(*FOR_QUESTIONS, TypeError, ValueError):
                now, identity = self.peer.call("get", name)
                if identity == copy.identity:
                    copy.refresh(now)
        if self.retained:
            with contextlib.suppress(*FOR_QUESTIONS):
                found = self.peer.call("objects", list(self.retained))
                for argument, now in zip(list(self.retained.values()), found, strict=True):
                    argument.refresh(now)

    def send(self, name: str, set_by_test: bool) -> None:
        self.__dict__.pop("students", None)
        if not set_by_test:
            with contextlib.suppress(*FOR_QUESTIONS):
                self.peer.call("delete name", name)
            return
        value = dict.__getitem__(self, name)
        try:
            identity = self.peer.call("set name", name, value)
        except FOR_QUESTIONS:
            return
        if hasattr(builtins, name):  # the test goes on with its own
            return
        # From here on the student's code may change it, so that it is asked for like all that is the student's.
        if isinstance(value, Theirs):
            self.remotes[name] = value
        elif can_change(value):
            self.copies[name] = Copy("change name", name, value, identity if isinstance(identity, int) else 0)
        elif not isinstance(value, VALUES):
            return
        dict.__delitem__(self, name)

    def may(self, operation: str, student: Theirs) -> bool:
        """Whether a value of the test's may be handed to an operation of the student's object."""
        need = operation, type(student).__name__
        if self.needed is not None:  # the course's own solution runs: whatever it needs is written down
            self.needed.add(need)
            return True
        return need in self.permitted

    def needed_in_texts(self, words: set[str]) -> dict[str, Any]:
        """The test's own names among these words of a text of the student's, as far as the solution's text has them."""
        own = {word for word in words if dict.__contains__(self, word) and word not in self.own}
        if self.needed is not None:
            self.needed |= {("text", word) for word in own}
            return {word: self[word] for word in own}
        return {word: self[word] for word in own if ("text", word) in self.permitted}

    def watch(self) -> None:
        """Be told of every question, until another one is."""
        side_of(self.peer).watcher = self

    def settle(self) -> None:
        """Send what is left at the end of a test: later cells of the student's find it."""
        self.before_question()
        side_of(self.peer).watcher = None


def same(one: Any, other: Any) -> bool:
    """Whether two values cross as the same; what cannot be compared counts as changed, and is asked for anew."""
    try:
        return bool(snapshot([one]) == snapshot([other]))
    except Exception:
        return False


class Copy:
    """This side's copy of a value that either side may change in place: behind one of the student's names, or one that
    an object of the student's may hold.

    change, key: the operation that changes it there, and by what it is known to it.
    identity: by which the student's process knows what its name stands for.
    """

    def __init__(self, change: str, key: str | int, value: Any, identity: int = 0) -> None:
        self.change, self.key, self.value, self.identity = change, key, value, identity
        self.known = snapshot(value)  # as the student's process has it
        self.is_old = False

    def send_changes(self, peer: Peer) -> None:
        now = snapshot(self.value)
        if now != self.known:
            with contextlib.suppress(*FOR_QUESTIONS):
                peer.call(self.change, self.key, self.value)
            self.known = now

    def refresh(self, value: Any) -> None:
        """The student's process has this for it now."""
        self.is_old = False
        now = snapshot(value)
        if now != self.known:
            self.known = now
            with contextlib.suppress(ValueError, TypeError, AttributeError):
                apply_change(self.value, value)
            if snapshot(self.value) != now:
                self.value = value
