"""The student's classes as the tests see them: local ones, so that `isinstance`, `except` and `class Own(Theirs)` hold.

A local class has the special methods that the student's has; what else it knows is asked of the student's process.
"""

import dataclasses
import functools
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from inspect import Signature
from types import ModuleType
from typing import Any

from dlcourse.checks.values import BARE
from dlcourse.grading.isolation.encoding import MUTABLE, WireError
from dlcourse.grading.isolation.parts import is_of_values
from dlcourse.grading.isolation.proxies import (
    OF_THIS_SIDE,
    SPECIAL,
    StudentCallable,
    StudentFunction,
    StudentObject,
    awaited,
    call,
    harmless,
    iterate,
    signature_of,
    silences,
    unary,
    watched_calls,
)  # fmt: skip
from dlcourse.grading.isolation.questions import ERRORS, Theirs, ask, side_of
from dlcourse.grading.isolation.special_methods import BINARY, REFLECTED
from dlcourse.grading.isolation.wire import Peer, Reference

MOST_CLASSES = 1000
BASES = {base.__name__: base for base in BARE}  # of values under a class
ARITHMETIC = {*BINARY, *REFLECTED}


class StudentClass(Theirs, type):
    """A class of the student's. Its objects are StudentObjects; what else it knows is asked there."""

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
    def __bases__(cls) -> tuple[type, ...]:  # type: ignore[override]  # as the student's class has them
        of_theirs = tuple(base for base in type.__dict__["__bases__"].__get__(cls) if type(base) is StudentClass)
        return of_theirs or (object,)

    @property  # type: ignore[misc]  # final in the stubs; a test asks for that of the student's class
    def __dict__(cls) -> dict[str, Any]:  # type: ignore[override]  # as above
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
    def __signature__(cls) -> Signature:
        return signature_of(cls)

    def watched_calls(cls, arguments: Sequence[Any], watched: Sequence[Callable[..., Any] | str]) -> list[int]:
        return watched_calls(cls, arguments, watched)

    def silences(cls, arguments: Sequence[Any]) -> bool:
        return silences(cls, arguments)


class StudentError(StudentObject):
    """An exception of a class of the student's: it can be raised and caught here."""

    def __str__(self) -> str:
        return self._remote_text("str")


# --- from references to objects ---------------------------------------------------------------------------


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


def class_here(peer: Peer, number: int, name: str) -> StudentClass:
    """The local class for one of the student's."""
    classes = side_of(peer).classes
    if number not in classes:
        if len(classes) > MOST_CLASSES:
            raise TypeError("クラスが多すぎます。")
        told = peer.call("about class", number)
        facts: dict[str, Any] = told if isinstance(told, dict) else {}
        bases = tuple(base for base in facts.get("bases", ()) if isinstance(base, StudentClass))
        specials = {one: SPECIAL[one] for one in facts.get("specials", ()) if one in SPECIAL}
        methods = {one: Method(one) for one in facts.get("methods", ()) if is_free(one, StudentCallable)}
        namespace: dict[str, Any] = methods | {
            "_remote_peer": peer, "_remote_number": number, "__module__": "__main__",
            "__doc__": harmless(facts.get("doc")), "_remote_library": libraries(facts),
            "_remote_is_of_library": facts.get("own") is False, **specials,
        }  # fmt: skip
        if facts.get("own") is False and namespace["_remote_library"] and facts.get("base") is None:
            # `x.__class__ == Rectangle`, where this process has the class; what is a dict is looked into as one
            namespace["__class__"] = property(lambda one: loaded_class(*type(one)._remote_library[0]) or type(one))
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
            named = [one for one in facts.get("named") or () if is_free(one, base)]
            namespace |= {one: property(operator.itemgetter(place)) for place, one in enumerate(named)}
            namespace |= {"_fields": tuple(named)} if named else {}
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


def is_free(name: Any, base: type) -> bool:
    """Whether a method or a field may be called so here: no name by which Python or this side would find another."""
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("_remote"):
        return False
    return name == "__init__" or not (name.startswith("__") or hasattr(base, name))


def libraries(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """The library's classes that the student's class is one of: pairs of module and name."""
    given = facts.get("library")
    return [(str(one[0]), str(one[1])) for one in given if len(one) == 2] if isinstance(given, list) else []


def loaded_class(module: str, name: str) -> type | None:
    """A class of a library that this process has loaded by itself."""
    known = sys.modules.get(module)
    found = vars(known).get(name) if type(known) is ModuleType and module != "__main__" else None
    return found if isinstance(found, type) else None


def class_of_library(module: str, name: str) -> Any:
    """A class of values, or of errors, that the student's process names, where this one has loaded it by itself.

    That process may name what it likes.
    """
    found = loaded_class(module, name)
    root = module.partition(".")[0]
    if found is not None and root != "dlcourse":
        if is_of_values(module, name) or issubclass(found, Exception):
            return found
    raise WireError("名前だけでは受け取れないクラスです。")


# --- classes of tests that build on them --------------------------------------------------------------------


def own_names(cls: type) -> Any:
    """What the local class has in itself."""
    return type.__dict__["__dict__"].__get__(cls)


class Method:
    """A method that a class of the student's defines: by it, super() in a class of a test's finds the right one."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __set_name__(self, owner: StudentClass, name: str) -> None:
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
