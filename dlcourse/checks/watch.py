"""Seeing which functions a call goes through."""

import contextlib
import io
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any


def first_called(function: Callable[..., Any], arguments: Sequence[Any], watched: Sequence[Callable[..., Any]]) -> str:
    """The name of the first of the watched functions that the call uses, "" when it uses none."""
    names = {one.__code__: one.__name__ for one in watched if hasattr(one, "__code__")}
    called: list[str] = []

    def watch(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code in names:
            called.append(names[frame.f_code])

    nowhere = io.StringIO()
    before = sys.getprofile()
    with warnings.catch_warnings(), contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        warnings.simplefilter("ignore")
        sys.setprofile(watch)
        try:
            function(*arguments)
        except Exception:
            pass  # what is wrong with the answer is told elsewhere
        finally:
            sys.setprofile(before)
    return called[0] if called else ""
