"""Matplotlib and dlcourse.plotting, which are loaded when something is drawn: a first cell only imports them.

They are half of what the browser would have to fetch for an array that is printed. Until then modules of their names
stand in their place, which pass everything on when the real ones are there. worker.js sees in a cell's text whether it
draws.
"""

import importlib
import importlib.util
import sys
import types
from typing import Any

from dlcourse.words import say

MODULES = ("matplotlib", "matplotlib.pyplot", "dlcourse.plotting")


class Later(types.ModuleType):
    """Stands for a module until it is there, and passes everything on from then."""

    styled = False  # whether a page has asked for the book's style meanwhile

    def __getattr__(self, name: str) -> Any:
        if name == "use_style" and sys.modules.get(self.__name__) is self:
            return self.ask_for_style
        return getattr(real(self.__name__), name)

    def ask_for_style(self) -> None:
        Later.styled = True


def real(name: str) -> Any:
    if isinstance(sys.modules.get(name), Later):
        message = say("図の部品({name})は、plt か plotting の名前を使うセルを実行するときに読み込まれます。", name=name)
        raise ModuleNotFoundError(message, name=name)
    return importlib.import_module(name)


def put_off() -> None:
    """Before the first cell, where Matplotlib is not there yet."""
    if importlib.util.find_spec("matplotlib") is not None:
        return
    for name in MODULES:
        later = sys.modules[name] = Later(name)
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(importlib.import_module(parent), own, later)


def prepare() -> None:
    """When Matplotlib has come."""
    for name in MODULES:
        if isinstance(sys.modules.get(name), Later):
            del sys.modules[name]
    importlib.invalidate_caches()
    for name in MODULES:
        importlib.import_module(name)
    if Later.styled:
        real("dlcourse.plotting").use_style()
        Later.styled = False
