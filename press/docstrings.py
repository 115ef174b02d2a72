"""The docstrings that book/api.md shows, in the language of the edition: Japanese in the code, else a catalogue's.

The catalogue (locale/LANGUAGE/LC_MESSAGES/docstrings.po, see catalogues.py) is keyed by what stands together: a
paragraph, a list, what is said of a parameter. Headings ("Parameters" and its line) are Sphinx's to translate.
"""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from dlcourse import words
from press import ROOT
from press.languages import JAPANESE
from press.words import FOLDER

SHOWN = re.compile(r"^```\{api\} (\w+)$", re.MULTILINE)
UNDERLINE = re.compile(r" *-{3,}$")


def say(text: str) -> str:
    return words.catalogue(words.language(), FOLDER, "docstrings").gettext(text)


def translated(lines: list[str]) -> list[str]:
    """A docstring in the language of this edition."""
    said: list[str] = []
    for part in parts(lines):
        text = "\n".join(part)
        indent = len(part[0]) - len(part[0].lstrip())
        if JAPANESE.search(text):
            text = "\n".join(" " * indent + line for line in say(without_indent(part)).split("\n"))
        said += text.split("\n")
    return said


def parts(lines: list[str]) -> Iterator[list[str]]:
    """What stands together, in order; empty lines, and headings with the line below, alone."""
    part: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        alone = not line.strip() or UNDERLINE.fullmatch(line) or UNDERLINE.fullmatch(following)
        if part and (alone or not continues(part[0], line)):
            yield part
            part = []
        part.append(line)
        if alone:
            yield part
            part = []
    if part:
        yield part


def continues(first: str, line: str) -> bool:
    """Whether the line belongs to the part that begins with `first`: as far to the right, or within a list's item."""
    further = (len(line) - len(line.lstrip())) - (len(first) - len(first.lstrip()))
    return further == 0 or further == 2 and first.lstrip().startswith("- ")


def without_indent(part: list[str]) -> str:
    """The key of a part in the catalogue."""
    return inspect.cleandoc("\n".join(part))


def texts() -> Iterator[tuple[Path, str]]:
    """All that can be said in another language, with the file in which it stands."""
    for name in SHOWN.findall((ROOT / "book" / "api.md").read_text("utf-8")):
        for one in shown(importlib.import_module(f"dlcourse.{name}")):
            for part in parts((inspect.getdoc(one) or "").split("\n")):
                if JAPANESE.search(text := without_indent(part)):
                    yield file_of(one), text


def shown(module: ModuleType) -> Iterator[Any]:
    """What autodoc shows of a module: itself, its classes and functions, and their methods."""
    yield module
    chosen = getattr(module, "__all__", None)
    for name, one in vars(module).items():
        public = name in chosen if chosen else not name.startswith("_") and of_module(one, module)
        if public and (inspect.isfunction(one) or inspect.isclass(one)):
            yield one
            for member, method in vars(one).items() if inspect.isclass(one) else ():
                if not member.startswith("_") and (inspect.isfunction(method) or isinstance(method, property)):
                    yield method


def of_module(one: Any, module: ModuleType) -> bool:
    return getattr(one, "__module__", None) == module.__name__


def file_of(one: Any) -> Path:
    function: Any = one.fget if isinstance(one, property) else one
    return Path(inspect.getsourcefile(function) or "")
