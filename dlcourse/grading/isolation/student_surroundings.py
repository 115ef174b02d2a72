"""In the student's process: its names, modules, files and whatever else a test changes around the student's code."""

import builtins
import contextlib
import doctest
import importlib
import importlib.util
import io
import os
import random
import stat
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dlcourse.grading.isolation.changes import apply_change, can_change
from dlcourse.grading.isolation.encoding import LARGEST_MESSAGE, Whole
from dlcourse.grading.isolation.wire import Peer

MOST_FILES = 1000  # that are listed
LONGEST_REPORT = 20_000  # characters
NOTHING = object()
USUAL = dict(vars(builtins))


class Surroundings:
    """names: the notebook's."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.instead: dict[str, Any] = {}  # name of a built-in function → what a test has put for it
        self.originals: dict[tuple[str, str], Any] = {}  # (module, name) → what a test has put something else for

    # --- names ----------------------------------------------------------------------------------------------

    def has(self, peer: Peer) -> list[str]:
        return [name for name in self.names if isinstance(name, str)]

    def get(self, peer: Peer, name: str) -> list[Any]:
        """The value, and by which one that can be changed is known under its other names; 0 of others.

        Of a module its name, too.
        """
        value = self.names[name]
        of_module = [value.__name__] if type(value) is types.ModuleType else []
        return [Whole(value), id(value) if can_change(value) else 0, *of_module]

    def set_name(self, peer: Peer, name: str, value: Any) -> int:
        """By which the value is known under its other names."""
        self.names[name] = value
        return id(value)

    def delete_name(self, peer: Peer, name: str) -> None:
        self.names.pop(name, None)

    def change_name(self, peer: Peer, name: str, now: Any) -> None:
        """What the name stands for has been changed in place."""
        value = self.names.get(name)
        if type(value) is type(now):
            apply_change(value, now)
        else:
            self.names[name] = now

    # --- modules, environment, random numbers -------------------------------------------------------------------

    def patch(self, peer: Peer, module: str, name: str, value: Any) -> None:
        """Put something else for an attribute of a module; for built-in functions while the student's code runs."""
        if module == "builtins":
            self.instead[name] = value
            return
        owner = importlib.import_module(module)
        self.originals.setdefault((module, name), getattr(owner, name, NOTHING))
        setattr(owner, name, value)

    @contextlib.contextmanager
    def of_the_code(self) -> Iterator[None]:
        """While the student's own code runs: this end of the line works with Python's own functions."""
        usual = self.exchanged(self.instead)
        try:
            yield
        finally:
            self.exchanged(usual)

    @contextlib.contextmanager
    def of_this_side(self) -> Iterator[None]:
        """While that code asks the tests' side for something."""
        theirs = self.exchanged({name: USUAL.get(name, NOTHING) for name in self.instead})
        try:
            yield
        finally:
            self.exchanged(theirs)

    def exchanged(self, values: dict[str, Any]) -> dict[str, Any]:
        """Put these for built-in functions; what was there."""
        names = vars(builtins)
        before = {name: names.get(name, NOTHING) for name in values}
        for name, value in values.items():
            if value is NOTHING:
                names.pop(name, None)
            else:
                names[name] = value
        return before

    def restore(self, peer: Peer, module: str, name: str) -> None:
        if module == "builtins":
            self.instead.pop(name, None)
            return
        original = self.originals.pop((module, name), NOTHING)
        owner = sys.modules[module]
        if original is NOTHING:
            if hasattr(owner, name):
                delattr(owner, name)
        else:
            setattr(owner, name, original)

    def environment(self, peer: Peer, changes: dict[str, str | None]) -> None:
        for name, value in changes.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def seed(self, peer: Peer, of: str, state: Any) -> None:
        """The state of the random numbers that `random` or `np.random` draws for everybody."""
        if of == "random":
            random.setstate(state.getstate())
        else:
            np.random.set_state(state.get_state())

    def module(self, peer: Peer, name: str) -> Whole:
        return Whole(importlib.import_module(name))

    def has_module(self, peer: Peer, name: str) -> bool:
        return importlib.util.find_spec(name) is not None

    def evaluate(self, peer: Peer, source: str, mode: str, given: dict[str, Any], alone: bool) -> list[Any]:
        """A program that a test has as a text, with names of the test's; and the notebook's, unless it is alone.

        The value, and what it has set among the given names.
        """
        code = compile(source, "<text>", "eval" if mode == "eval" else "exec")
        before = dict(given)
        value = eval(code, given) if alone else eval(code, self.names, given) if given else eval(code, self.names)
        new = {
            name: one for name, one in given.items() if name != "__builtins__" and before.get(name, NOTHING) is not one
        }
        return [Whole(value), {name: Whole(one) for name, one in new.items()}]

    def examples(self, peer: Peer, value: Any, options: int, verbose: bool) -> list[Any]:
        """The examples in the docstring of this, or of all that the notebook defines: failed, tried, and the report."""
        report = io.StringIO()
        runner = doctest.DocTestRunner(verbose=verbose, optionflags=options)
        holder = types.ModuleType("__main__")  # doctest looks for no source of a module's
        if value is None:
            own = {name: one for name, one in self.names.items() if getattr(one, "__module__", None) == "__main__"}
        else:
            own = {getattr(value, "__name__", "f"): value}
        vars(holder).update(own)
        with self.of_the_code():
            for test in doctest.DocTestFinder().find(holder, module=False, globs=self.names):
                runner.run(test, out=report.write)
        return [runner.failures, runner.tries, report.getvalue()[:LONGEST_REPORT]]

    # --- files ------------------------------------------------------------------------------------------------

    def put(self, peer: Peer, name: str, content: Any) -> None:
        """A file beside the notebook."""
        folder = os.path.dirname(name)
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(content.tobytes())

    def make_folder(self, peer: Peer, name: str) -> None:
        os.makedirs(name, exist_ok=True)

    def remove(self, peer: Peer, name: str) -> None:
        if os.path.isdir(name) and not os.path.islink(name):
            os.rmdir(name)
        elif os.path.lexists(name):
            os.remove(name)

    def files(self, peer: Peer) -> list[Any]:
        """Name, size and time of each file below the current folder, and of each folder, whose size is -1."""
        found: list[Any] = []
        for folder, folders, files in os.walk("."):
            for name in sorted(folders) + sorted(files):
                path = os.path.normpath(os.path.join(folder, name))
                about = os.lstat(path)
                if stat.S_ISDIR(about.st_mode):
                    found.append([path, -1, 0])
                elif stat.S_ISREG(about.st_mode):
                    found.append([path, about.st_size, about.st_mtime_ns])
            if len(found) > MOST_FILES:
                break
        return found[:MOST_FILES]

    def file(self, peer: Peer, name: str) -> Any:
        with open(name, "rb") as file:
            return np.frombuffer(file.read(LARGEST_MESSAGE // 2), np.uint8)

    def operations(self) -> dict[str, Callable[..., Any]]:
        """What the grader may ask."""
        return {
            "has": self.has, "get": self.get, "set name": self.set_name, "delete name": self.delete_name,
            "change name": self.change_name, "patch": self.patch, "restore": self.restore,
            "environment": self.environment, "seed": self.seed, "module": self.module, "has module": self.has_module,
            "evaluate": self.evaluate, "examples": self.examples, "put": self.put, "make folder": self.make_folder,
            "remove": self.remove, "files": self.files, "file": self.file,
        }  # fmt: skip
