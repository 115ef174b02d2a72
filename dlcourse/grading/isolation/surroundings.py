"""What a test changes around the student's code, told to the student's process: modules, environment, random numbers.

A test that puts something else for `builtins.input`, sets an environment variable or seeds `random` does so in its own
process. Before the student's code runs again, the same is done there, and undone when the test has undone it. At the
end of a notebook this process is again what it was before.
"""

import ast
import builtins
import contextlib
import decimal
import functools
import importlib
import importlib.util
import os
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from dlcourse.grading.isolation.encoding import WireError
from dlcourse.grading.isolation.wire import Peer, RemoteError

# By their words, tests that may change something; most change nothing, and need not be watched.
PATCHES = re.compile(r"patch|setattr|delattr|\.\w+\s*=(?!=)|\bdel \w+\.")
ENVIRONMENT = re.compile(r"environ|putenv|monkeypatch")
SEEDS = re.compile(r"seed\(|set_?state\(")
OF_EVERYBODY = ("builtins", "sys")  # modules that a test need not import
# What IPython, Python and a test's own prints put there by themselves; what a test captures is captured here.
OF_THIS_PROCESS = (
    "stdout stderr path modules last_value last_exc last_type last_traceback meta_path path_hooks displayhook"
)
NOT_FOR_STUDENTS = {("sys", name) for name in OF_THIS_PROCESS.split()}
SEEDING = [(random, "seed"), (random, "setstate"), (np.random, "seed"), (np.random, "set_state")]
NOT_FOR_STUDENTS |= {(owner.__name__, name) for owner, name in SEEDING}
NOTHING = object()
# What can't cross stays as it is there; a test that needs it fails, and the run of the solution names it.
NOT_SENT = (RemoteError, WireError)


class Surroundings:
    """Those of one notebook's tests."""

    def __init__(self) -> None:
        self.modules: dict[str, dict[str, Any]] = {}  # module → its attributes as they were
        self.sent: dict[tuple[str, str], Any] = {}  # (module, name) → what the student's process has for it
        self.variables: dict[str, str] | None = None  # the environment as it was …
        self.variables_sent: dict[str, str | None] = {}
        self.states: dict[str, Any] = {}  # of random numbers, as the student's process has them
        self.seeded: set[str] = set()  # of these the test has set the state anew, perhaps to what it was
        self.builtins = copy_of_builtins()
        self.modules["builtins"] = dict(vars(self.builtins))
        self.path, self.settings = list(sys.path), Settings()
        self.watches_modules = self.watches_variables = self.watches_states = False

    def begin(self, source: str, names: dict[str, Any]) -> None:
        """Watch what this test may change. names: the notebook's, modules among them."""
        self.watches_modules = bool(PATCHES.search(source)) or bool(self.sent)
        self.watches_variables = bool(ENVIRONMENT.search(source)) or bool(self.variables_sent)
        self.watches_states = bool(SEEDS.search(source))
        if self.watches_modules:
            for name in modules_in(source, names):
                with contextlib.suppress(Exception):  # the test itself says so
                    if name != "builtins" and importlib.util.find_spec(name):
                        self.modules.setdefault(name, dict(vars(importlib.import_module(name))))
        if self.watches_variables and self.variables is None:
            self.variables = dict(os.environ)
        if self.watches_states:
            self.states = {}  # what the test draws from, the student's code draws from
            self.seeded.clear()

    @property
    def in_use(self) -> bool:
        """Whether there may be something to tell while this test runs."""
        return self.watches_modules or self.watches_variables or self.watches_states

    @contextlib.contextmanager
    def noticing_seeds(self) -> Iterator[None]:
        """While a test runs, be told when it seeds."""
        if not self.watches_states:
            yield
            return
        originals = [(owner, name, getattr(owner, name)) for owner, name in SEEDING]
        for owner, name, original in originals:
            setattr(owner, name, self.noticed("random" if owner is random else "numpy", original))
        try:
            yield
        finally:
            for owner, name, original in originals:
                setattr(owner, name, original)

    def noticed(self, of: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def seed(*arguments: Any, **keywords: Any) -> Any:
            self.seeded.add(of)
            return original(*arguments, **keywords)

        return seed

    def push(self, peer: Peer) -> None:
        """Tell the student's process what is not as it was."""
        if self.watches_modules:
            self.push_modules(peer)
        if self.watches_variables:
            self.push_variables(peer)
        if self.watches_states:
            for of, state in random_states().items():
                if of in self.seeded or of not in self.states or not same_state(state, self.states[of]):
                    self.seeded.discard(of)
                    with contextlib.suppress(*NOT_SENT):
                        peer.call("seed", of, generator_with(of, state))
                    self.states[of] = state

    def push_modules(self, peer: Peer) -> None:
        changed = {
            (module, name): value for module in self.modules for name, value in self.changed_in(module).items()
            if (module, name) not in NOT_FOR_STUDENTS
        }  # fmt: skip
        for place in [place for place in self.sent if place not in changed]:
            del self.sent[place]
            with contextlib.suppress(*NOT_SENT):
                peer.call("restore", *place)
        for place, value in changed.items():
            if self.sent.get(place, NOTHING) is not value:
                self.sent[place] = value
                with contextlib.suppress(*NOT_SENT):
                    peer.call("patch", *place, value)

    def changed_in(self, module: str) -> dict[str, Any]:
        before = self.modules[module]
        now = vars(self.module(module))
        return {
            name: value for name, value in now.items()
            if before.get(name, NOTHING) is not value and not name.startswith("_") and not isinstance(value, ModuleType)
        }  # fmt: skip

    def module(self, name: str) -> ModuleType:
        return self.builtins if name == "builtins" else sys.modules[name]

    def push_variables(self, peer: Peer) -> None:
        assert self.variables is not None
        names = self.variables.keys() | os.environ.keys()
        differ = {name: os.environ.get(name) for name in names if os.environ.get(name) != self.variables.get(name)}
        undone = {name: None for name in self.variables_sent if name not in differ}  # the teacher's are not theirs
        changes = undone | {
            name: value for name, value in differ.items() if self.variables_sent.get(name, NOTHING) != value
        }
        if changes:
            with contextlib.suppress(*NOT_SENT):
                peer.call("environment", changes)
        self.variables_sent = dict(differ)

    def forget_process(self) -> None:
        """Another process of the student's has nothing of it yet."""
        self.sent, self.variables_sent = {}, {}

    def close(self) -> None:
        """Undo what the tests have left changed in this process."""
        for module in self.modules:
            now = vars(self.module(module))
            for name in self.changed_in(module):
                before = self.modules[module].get(name, NOTHING)
                if (module, name) not in NOT_FOR_STUDENTS:
                    now.pop(name) if before is NOTHING else now.update({name: before})
            for name, before in self.modules[module].items():
                if name not in now:
                    now[name] = before
        if self.variables is not None:
            os.environ.clear()
            os.environ.update(self.variables)
        sys.path[:] = self.path
        self.settings.restore()


def modules_in(source: str, known: dict[str, Any]) -> list[str]:
    """Modules that a test imports, uses, or names in a text, as in patch("random.randint")."""
    names, nodes = [*OF_EVERYBODY], list[ast.AST]()
    with contextlib.suppress(SyntaxError):  # the test itself says so when it runs
        nodes = list(ast.walk(ast.parse(source)))
    imported = {alias.asname: alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        match node:
            case ast.Import():
                names += [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module)):
                names.append(module)
            case ast.Attribute():
                names += module_of(node.value, imported, known)
            case ast.Constant(value=str(text)):
                parts = text.split(".")
                if len(parts) > 1 and all(part.isidentifier() for part in parts) and parts[0] != "__main__":
                    names += [".".join(parts[:end]) for end in range(1, len(parts))]
    return list(dict.fromkeys(names))


def module_of(node: ast.AST, imported: dict[str | None, str], known: dict[str, Any]) -> list[str]:
    """The module that this part of a program stands for: `np.linalg`, where np is imported or a known name."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return []
    module = dict.get(known, node.id)
    first = module.__name__ if type(module) is ModuleType else imported.get(node.id, node.id)
    return [".".join([first, *reversed(attributes)])]


class Settings:
    """What a test may set for everybody in this process, and a test that stops halfway does not set back."""

    def __init__(self) -> None:
        self.recursion, self.decimals, self.floats = sys.getrecursionlimit(), decimal.getcontext().copy(), np.geterr()
        self.shown, self.filters, self.states = np.get_printoptions(), warnings.filters[:], random_states()
        self.options = {name: dict(sys.modules[name].rcParams) for name in ("matplotlib",) if name in sys.modules}

    def restore(self) -> None:
        sys.setrecursionlimit(self.recursion)
        decimal.setcontext(self.decimals)
        np.seterr(**self.floats)
        np.set_printoptions(**self.shown)
        warnings.filters[:] = self.filters  # type: ignore[index]  # a list, in the stubs a Sequence
        random.setstate(self.states["random"])
        np.random.set_state(self.states["numpy"])
        for name, options in self.options.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sys.modules[name].rcParams.update(options)
        if pandas := sys.modules.get("pandas"):
            pandas.reset_option("^display")


def random_states() -> dict[str, Any]:
    return {"random": random.getstate(), "numpy": np.random.get_state()}


def same_state(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def generator_with(of: str, state: Any) -> random.Random | np.random.RandomState:
    """A generator of its own in this state, which crosses as data."""
    made: Any = random.Random() if of == "random" else np.random.RandomState(0)
    made.setstate(state) if of == "random" else made.set_state(state)
    return made


class Main(ModuleType):
    """`__main__` for a test: the notebook's names, so that patch("__main__.helper") reaches them."""

    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__("__main__")
        object.__setattr__(self, "_names", names)

    def __getattr__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, "_names")[name]
        except KeyError:
            raise AttributeError(f"module '__main__' has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        object.__getattribute__(self, "_names")[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del object.__getattribute__(self, "_names")[name]
        except KeyError:
            raise AttributeError(name) from None


@contextlib.contextmanager
def modules_of_a_test(names: dict[str, Any], of_tests: ModuleType) -> Iterator[None]:
    """While a test runs, `__main__` is the notebook, and `builtins` a copy: a test that puts something else for `sum`
    does not do so for this process, which goes on to work with it.
    """
    usual = {name: sys.modules[name] for name in ("__main__", "builtins")}
    sys.modules |= {"__main__": Main(names), "builtins": of_tests}
    try:
        yield
    finally:
        sys.modules |= usual


def copy_of_builtins() -> ModuleType:
    made = ModuleType("builtins")
    vars(made).update(vars(builtins))
    return made
