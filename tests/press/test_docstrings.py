"""What book/api.md shows of docstrings in another language than Japanese."""

import doctest
import importlib
import inspect
import re

import pytest

from dlcourse import words
from press import docstrings
from press.languages import JAPANESE
from tests.helpers import ROOT

MODULES = docstrings.SHOWN.findall((ROOT / "book" / "api.md").read_text("utf-8"))
SHOWN = [one for name in MODULES for one in docstrings.shown(importlib.import_module(f"dlcourse.{name}"))]
DOCUMENTED = [(one, inspect.getdoc(one).split("\n")) for one in SHOWN if inspect.getdoc(one)]
LABEL = re.compile(r"eq-[\w-]+")


@pytest.fixture(params=words.languages()[1:])
def language(request):
    with words.using(request.param):
        yield request.param


def test_there_are_as_many_as_the_book_lists():
    assert len(MODULES) >= 9 and len(DOCUMENTED) > 90


def test_in_japanese_they_stay_as_they_are():
    for _, lines in DOCUMENTED:
        assert docstrings.translated(lines) == lines
        assert [line for part in docstrings.parts(lines) for line in part] == lines


def test_in_another_language_they_hold_no_japanese_and_the_same_headings_and_equations(language):
    for one, lines in DOCUMENTED:
        said = docstrings.translated(lines)
        assert not JAPANESE.search("\n".join(said)), one
        for text in (lines, said):
            text[:] = [line.rstrip() for line in text]
        headings = [
            [before for before, line in zip(text, text[1:], strict=False) if docstrings.UNDERLINE.fullmatch(line)]
            for text in (lines, said)
        ]
        assert headings[0] == headings[1], one
        assert LABEL.findall("\n".join(lines)) == LABEL.findall("\n".join(said)), one


def test_their_examples_give_what_they_say(language):
    examples = 0
    for one, lines in DOCUMENTED:
        said = docstrings.translated(lines)
        if inspect.ismodule(one) or said == lines or not any(line.lstrip().startswith(">>>") for line in said):
            continue
        module = ".".join(one.__module__.split(".")[:2])  # plotting, for its rooms
        names = dict(vars(importlib.import_module(module)))
        test = doctest.DocTestParser().get_doctest("\n".join(said), names, str(one), None, None)
        result = doctest.DocTestRunner(verbose=False).run(test)
        examples += result.attempted
        assert not result.failed, one
    assert examples > 10


def test_what_stands_together_is_one_text():
    lines = [
        "一行目",
        "二行目",
        "",
        "Parameters",
        "----------",
        "x : 数",
        "    説明",
        "- 項目",
        "  の続き",
        "- 次",
        "終わり",
    ]
    assert [docstrings.without_indent(part) for part in docstrings.parts(lines) if part[0].strip()] == [
        "一行目\n二行目", "Parameters", "----------", "x : 数", "説明", "- 項目\n  の続き\n- 次\n終わり",
    ]  # fmt: skip
