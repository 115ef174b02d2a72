"""The questions of 試験に備える, in every language: a program with blanks is judged by the check of its exercise, with
every choice.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest

from dlcourse import functions
from dlcourse.checks import EXERCISES
from press.practice import numbers
from tests.helpers import ROOT

QUESTION = re.compile(r"^(`{3,})\{question\}\n(.*?)^\1$", re.S | re.M)
CHOICE = re.compile(r"^- \[([ x])\] (.*)\n\n  (\S.*)$", re.M)
BLANK = re.compile(r"\([あい]\)|[①②]")  # letters would be those of the choices where these are A to D
CODE = re.compile(r"```python\n(.*?)```", re.S)


@dataclass
class Question:
    page: str
    chapter: int
    text: str
    choices: list  # [whether it is right, its words, its reason]

    def option(self, name):
        found = re.search(rf"^:{name}: (\S+)$", self.text, re.M)
        return found and found[1]

    def __str__(self):
        first = next(line for line in self.text.splitlines() if line and not line.startswith(":"))
        return f"{self.page}: {first[:30]}"


def questions(page):
    for section in page.read_text("utf-8").split("\n## ")[1:]:
        for _, text in QUESTION.findall(section):
            chapter = re.match(r"\D*(\d)", section)
            choices = [(mark == "x", *rest) for mark, *rest in CHOICE.findall(text)]
            yield Question(page.name, int(chapter[1]), text, choices)


PAGES = {page: list(questions(page)) for page in sorted((ROOT / "book").glob("exam*.md"))}
QUESTIONS = [one for page in PAGES.values() for one in page]
BLANKS = [one for one in QUESTIONS if one.option("check")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_there_are_enough_of_every_kind_for_every_chapter(page):
    asked = PAGES[page]
    chapters = Counter(one.chapter for one in asked)
    print(chapters, *(sum(bool(one.option(kind)) for one in asked) for kind in ("check", "numbers")))
    assert len(asked) >= 60
    assert min(chapters[chapter] for chapter in range(1, 6)) >= 7 and chapters[6]
    assert {one.option("numbers") for one in asked} - {None} == set(numbers.DRAWS), "none lies idle"


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_four_different_choices_with_a_reason_each(question):
    assert len({words for _, words, _ in question.choices}) == 4
    assert sum(right for right, _, _ in question.choices) == 1
    assert all(len(reason) >= 8 for _, _, reason in question.choices)
    assert question.text.count("\n- [") == 4


def filled(question, words):
    """The program with this choice in its blanks."""
    code = CODE.search(question.text)[1]
    blanks = sorted(set(BLANK.findall(code)))
    parts = dict(re.findall(rf"({BLANK.pattern}) `([^`]+)`", words)) or {blanks[0]: words.strip("`")}
    assert blanks == sorted(parts), words
    return BLANK.sub(lambda blank: parts[blank[0]], code)


@pytest.mark.parametrize("question", BLANKS, ids=str)
def test_the_program_with_the_right_choice_passes_and_with_no_other(question):
    check = EXERCISES[question.option("check")]
    assert f"def {check.signature}:" in question.text, "the question's function is that of the exercise"
    for right, words, _ in question.choices:
        namespace = {"np": np, "functions": functions}
        exec(filled(question, words), namespace)
        verdict = allowing_all(check).judge(namespace[check.name], np.random.default_rng(0))
        assert verdict.passed == right, f"{words}: {verdict.message or 'passed'}"


def allowing_all(check):
    """The same check, to which it is the same whether an answer calls what dlcourse has."""

    def never_called():
        raise AssertionError

    return type(check)(
        **{name: value for name, value in vars(check).items() if name != "name"} | {"instead_of": (never_called,)}
    )


def test_the_values_for_calculating_by_hand_are_right():
    """As the page writes them, read as Python."""
    rows = re.findall(r"^\| \$(.+?)\$ \| ([\d.]+) \|$", (ROOT / "book" / "formulas.md").read_text("utf-8"), re.M)
    assert len(rows) == 12
    known = {"e": math.e, "log": math.log, "sqrt": math.sqrt, "tanh": math.tanh, "sigmoid": functions.sigmoid}
    for tex, value in rows:
        text = re.sub(r"\\mathrm\{(\w+)\}", r"\1", tex).replace("\\", "").replace("^", "**")
        text = re.sub(r"^(log|sqrt) ?\{?(\d+)\}?$", r"\1(\2)", text).replace("{", "(").replace("}", ")")
        assert f"{eval(text, known):.3f}" == value, tex
