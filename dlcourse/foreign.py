"""Edits of what other software has made: each says what it expects, and raises where that is not found.

A newer version of the other package then stops the command that edits it, instead of passing by the edit in silence.
"""

import importlib.metadata
import re
from collections.abc import Callable

SHOWN = 200  # characters of the expected text in a message


class Changed(RuntimeError):
    """Other software is no longer as this edit expects it."""


def replace(text: str, old: str, new: str, *, where: str, times: int | None = None) -> str:
    """The text with every `old` replaced by `new`.

    where: the package and its file or template, "nbgrader: feedback.html.j2" say; for the message.
    times: how often `old` has to be there; None for at least once.

    Raises
    ------
    Changed
        When `old` is not there, or not so often.
    """
    _expect(text.count(old), times, repr(old), where)
    return text.replace(old, new)


def sub(
    pattern: re.Pattern[str] | str, new: str | Callable[[re.Match[str]], str], text: str, *, where: str,
    times: int | None = None,
) -> str:  # fmt: skip
    """As `replace`, for what matches a pattern; `new` as re.sub has it."""
    made, found = re.subn(pattern, new, text)
    _expect(found, times, pattern if isinstance(pattern, str) else pattern.pattern, where)
    return made


def patch(owner: object, name: str, value: object) -> object:
    """Set a name in another's module or class, where it exists; what was there.

    Raises
    ------
    Changed
        When the owner has no such name.
    """
    if not hasattr(owner, name):
        known = str(getattr(owner, "__qualname__", getattr(owner, "__name__", owner)))
        module = str(getattr(owner, "__module__", known))
        raise Changed(f"{known} has no {name!r} any more{_version(module)}")
    before: object = getattr(owner, name)
    setattr(owner, name, value)
    return before


def _expect(found: int, times: int | None, what: str, where: str) -> None:
    if found == times or (times is None and found):
        return
    wanted = "at least once" if times is None else f"{times} times"
    raise Changed(f"{where}: expected {wanted}, found {found} times: {what[:SHOWN]}{_version(where)}")


def _version(where: str) -> str:
    """The version of the package that this text begins with, for a message."""
    package = re.match(r"[\w-]*", where)
    try:
        return f" ({package[0]} {importlib.metadata.version(package[0])})" if package else ""
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""
