"""Seeing which functions a call goes through, and what it sets."""

import contextlib
import copy
import io
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

import numpy as np

# A function, or the name of one of the student's: "MulLayer.forward".
Watched = Callable[..., Any] | str


def calls(function: Callable[..., Any], arguments: Sequence[Any], watched: Sequence[Watched]) -> list[int]:
    """Which of the watched functions the call goes through, in the order of their calls, by their places.

    A function that a watched one has made, as a decorator does, counts as that one.
    """
    made_of = [(place, one.__code__) for place, one in enumerate(watched) if hasattr(one, "__code__")]
    places = {code: place for place, own in made_of for code in (own, *own.co_consts) if isinstance(code, CodeType)}
    named = {name: place for place, name in enumerate(watched) if isinstance(name, str)}
    called: list[int] = []

    def watch(frame: Any, event: str, argument: Any) -> None:
        if event != "call" or len(called) >= 1000:
            return
        name = frame.f_code.co_qualname.rpartition("<locals>.")[2] if named else ""
        place = places.get(frame.f_code, named.get(name))
        if place is not None and not within_numpy(frame):
            called.append(place)

    run(function, arguments, watch)
    return called


def silences(function: Callable[..., Any], arguments: Sequence[Any]) -> bool:
    """Whether the call keeps NumPy from saying where a value leaves the numbers: a warning, as in threads, says it."""
    found: list[str] = []

    def watch(frame: Any, event: str, argument: Any) -> None:
        if event in ("call", "return") and not found and not within_numpy(frame):
            settings = np.geterr()
            found.extend({settings["over"], settings["divide"], settings["invalid"]} - {"raise", "warn"})

    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        run(function, arguments, watch)
    return bool(found)


def run(function: Callable[..., Any], arguments: Sequence[Any], watch: Callable[[Any, str, Any], None]) -> None:
    """The call, quietly, and with `watch` told of every function that is entered or left."""
    nowhere = io.StringIO()
    before, of_threads = sys.getprofile(), threading.getprofile()
    with (
        warnings.catch_warnings(), np.errstate(),
        contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere),
    ):  # fmt: skip
        warnings.simplefilter("ignore")
        threading.setprofile(watch)  # of those that the call starts
        sys.setprofile(watch)
        try:
            function(*arguments)
        except (Exception, SystemExit):
            pass  # what is wrong with the answer is told elsewhere
        finally:
            sys.setprofile(before)
            threading.setprofile(of_threads)


def within_numpy(frame: Any) -> bool:
    """Whether NumPy calls a function of its own, or of Python's: print(array) enters np.errstate unasked."""
    module, caller = (part and part.f_globals.get("__name__") or "" for part in (frame, frame.f_back))
    return module.partition(".")[0] in ("numpy", "warnings") and caller.partition(".")[0] == "numpy"


def used(function: Callable[..., Any], cases: Sequence[Sequence[Any]], watched: Sequence[Watched]) -> list[Watched]:
    """Those of the watched functions that the function calls in any of the cases, in the order of the calls."""
    if not watched:
        return []
    # A function in another process is watched there. Asked of the type: students may give a function any attribute.
    watch = getattr(type(function), "watched_calls", calls)
    return [watched[place] for arguments in cases for place in watch(function, copy.deepcopy(arguments), watched)]


def any_silences(function: Callable[..., Any], cases: Sequence[Sequence[Any]]) -> bool:
    """As `silences`, in any of the cases."""
    watch = getattr(type(function), "silences", silences)
    return any(watch(function, copy.deepcopy(arguments)) for arguments in cases)
