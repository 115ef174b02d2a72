"""Label eq-NAME on the pages of a chapter ↔ test_eq_NAME in its file here: book/ch4_….md ↔ test_ch4.py."""

import ast
import re
from pathlib import Path

import pytest

from press.languages import sources
from tests.helpers import ROOT

BOOK = ROOT / "book"
PAGES = sources("book/*.md")
LABEL = re.compile(r"^\$\$ \((eq-[\w-]+)\)$|^:label: (eq-[\w-]+)$", re.MULTILINE)

CHAPTERS = sorted({page.stem.partition("_")[0] for page in PAGES})


def labels(page):
    return [a or b for a, b in LABEL.findall(page.read_text(encoding="utf-8"))]


def names_tested(chapter):
    file = Path(__file__).with_name(f"test_{chapter}.py")
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
    names = [node.name.removeprefix("test_") for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name for name in names if name.startswith("eq_")]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_labelled_equation_has_a_test(chapter):
    found = [label for page in PAGES if page.stem.partition("_")[0] == chapter for label in labels(page)]
    assert sorted(label.replace("-", "_") for label in found) == sorted(names_tested(chapter))


def test_labels_are_used_once():
    found = [label for page in PAGES for label in labels(page)]
    assert found, "no labelled equation found in book/"
    assert len(found) == len(set(found))
