"""dlcourse as a package: what it needs, what its documentation promises, what the lock holds."""

import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dlcourse
from dlcourse import layers
from press.languages import sources
from tests.helpers import ROOT

# the floors of the package, lowest first: each imports only from those before it
FLOORS = [
    "words",
    "edition",
    "foreign",
    "integers",
    "functions",
    "gradient",
    "layers",
    "network",
    "gradient_check",
    "optimizers",
    "training",
    "datasets",
    "plotting",
    "checks",
    "grading",
]
# Names that have moved up, where notebooks that students already hold look for them.
MOVED = {"gradient": {"gradient_check"}}
CORE = ["dlcourse", *(f"dlcourse.{name}" for name in FLOORS if name not in ("plotting", "grading"))]
UNSEEN = "words", "edition", "foreign", "integers", "grading"  # by readers: what lies below the course
DOCUMENTED = [f"dlcourse.{name}" for name in FLOORS if name not in UNSEEN]


def functions_of(name):
    module = importlib.import_module(name)
    return [
        value
        for key, value in vars(module).items()
        if inspect.isfunction(value) and f"{value.__module__}.".startswith(f"{name}.") and not key.startswith("_")
    ]


PUBLIC = [function for name in DOCUMENTED for function in functions_of(name)]


def test_every_module_has_a_floor_and_a_place_in_the_book():
    modules = {module.name for module in pkgutil.iter_modules(dlcourse.__path__)}
    assert modules - {"optimizer", "magics"} == set(FLOORS)  # the course's name of optimizers; what notebooks ask of
    shown = re.findall(r"^```\{api\} (\w+)$", (ROOT / "book" / "api.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(shown) == sorted(set(FLOORS) - {*UNSEEN, "checks"})


def test_what_has_moved_is_found_where_notebooks_look_for_it():
    from dlcourse import gradient, gradient_check

    assert gradient.check_gradient is gradient_check.check_gradient
    assert not hasattr(gradient, "no_such_name")


def test_the_core_needs_numpy_alone():
    code = f"""
import sys, numpy.random
before = set(sys.modules)
import {", ".join(CORE)}
print(*sorted({{name.partition(".")[0] for name in set(sys.modules) - before}}))
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    foreign = set(loaded) - {"dlcourse"} - sys.stdlib_module_names
    assert foreign <= {"numpy"}


def test_each_floor_imports_only_from_below():
    for number, name in enumerate(FLOORS):
        module = ROOT / "dlcourse" / name
        files = module.rglob("*.py") if module.is_dir() else [module.with_suffix(".py")]
        for file in files:
            text = file.read_text("utf-8")
            used = re.findall(r"^ *(?:from|import) dlcourse(?:\.(\w+)| import (\w+))", text, re.MULTILINE)
            above = {a or b for a, b in used} & set(FLOORS[number + 1 :]) - MOVED.get(name, set())
            assert not above, f"{file.name} imports {above}"


@pytest.mark.parametrize("name", [name for name in CORE if name != "dlcourse.checks"])
def test_examples_in_docstrings_run(name):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0
    assert outcome.attempted == Path(importlib.import_module(name).__file__).read_text("utf-8").count(">>> ")


@pytest.mark.parametrize("function", PUBLIC, ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_public_functions_document_every_argument(function):
    text = inspect.getdoc(function) or ""
    for argument in inspect.signature(function).parameters:
        assert re.search(rf"^(\w+, )*{argument}(, \w+)* : ", text, re.MULTILINE), f"{argument} is not described"
    if function.__module__ in ("dlcourse.functions", "dlcourse.network", "dlcourse.gradient_check"):
        assert "Returns\n" in text and ("shape" in text or "形" in text)


def test_formulas_name_equations_that_exist():
    labels = set(re.findall(r"\((eq-[\w-]+)\)", "".join(p.read_text(encoding="utf-8") for p in sources("book/*.md"))))
    for file in sorted((ROOT / "dlcourse").rglob("*.py")):
        for label in re.findall(r"\beq-[\w-]+", file.read_text("utf-8")):
            assert label in labels, f"{file.name} names {label}"


LAYERS = [layer for layer in vars(layers).values() if getattr(layer, "__module__", "") == layers.__name__]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
def test_every_layer_derives_its_backward_pass(layer):
    text = inspect.getdoc(layer)
    assert "式 eq-" in text and ("∂" in text or "微分" in text)


def test_the_lock_pins_every_direct_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    names = {re.match(r"[\w.-]+", dependency)[0].lower() for dependency in wanted} - {"dlcourse"}
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert names <= set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    assert "-e ." in lock.splitlines()
    assert not re.search(r"file:|https?:|--index|--find-links", lock)
