"""Label eq-NAME on a page ↔ test_eq_NAME in the file of that page here: book/ch2_….md ↔ test_ch2.py."""

import ast
import re
from pathlib import Path

import pytest

from tests.helpers import ROOT

BOOK = ROOT / "book"
PAGES = sorted(BOOK.glob("*.md"))
LABEL = re.compile(r"^\$\$ \((eq-[\w-]+)\)$|^:label: (eq-[\w-]+)$", re.MULTILINE)

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def labels(page):
    return [a or b for a, b in LABEL.findall(page.read_text(encoding="utf-8"))]


def names_tested(page):
    file = Path(__file__).with_name(f"test_{page.stem.partition('_')[0]}.py")
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
    names = [node.name.removeprefix("test_") for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name for name in names if name.startswith("eq_")]


@pages
def test_every_labelled_equation_has_a_test(page):
    assert sorted(label.replace("-", "_") for label in labels(page)) == sorted(names_tested(page))


def test_labels_are_used_once():
    found = [label for page in PAGES for label in labels(page)]
    assert found, "no labelled equation found in book/"
    assert len(found) == len(set(found))
