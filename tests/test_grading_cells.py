"""Cells as they are graded and as the teacher sees them, without running anything."""

import base64
import copy
import html
import io
import re

import nbformat.v4 as v4
import pytest
from nbgrader import utils
from PIL import Image

from dlcourse.grading import execute
from dlcourse.grading.cells import (
    CUT,
    LONGEST_LINE,
    LONGEST_SHOWN,
    MOST_PIXELS,
    MOST_SHOWN,
    MOST_TAGS,
    Inert,
    restore,
)


def managed(name, source, *, grade):
    about = {"grade_id": name, "grade": grade, "locked": grade, "solution": not grade}
    return v4.new_code_cell(source, id=name, metadata={"nbgrader": about})


ORIGINALS = {
    "A-answer": managed("A-answer", "stub", grade=False), "A": managed("A", "test A", grade=True),
    "B-answer": managed("B-answer", "stub", grade=False), "B": managed("B", "test B", grade=True),
}  # fmt: skip


def graded(*names):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(f"handed in {name}", id=name) for name in names])
    restore(notebook, ORIGINALS)
    return [cell.source for cell in notebook.cells]


def test_a_test_that_was_moved_before_its_answer_goes_back_behind_it():
    expected = ["handed in A-answer", "test A", "handed in B-answer", "test B"]
    assert graded("A", "A-answer", "B-answer", "B") == expected
    assert graded("B", "A-answer", "A", "B-answer") == expected
    assert graded("A-answer", "A", "B-answer", "B") == expected


def test_tests_may_stand_further_behind():
    order = ["A-answer", "B-answer", "A", "B"]
    assert graded(*order) == ["handed in A-answer", "handed in B-answer", "test A", "test B"]


def seen(cell):
    step = Inert(enabled=True)
    step.tags, step.attributes = ["b", "table", "tbody", "tr", "td"], {}
    return step.preprocess(v4.new_notebook(cells=[cell]), {})[0].cells[0]


@pytest.mark.parametrize("text", [
    "<script>ATTACK()</script>", "<img src=x onerror=ATTACK()>", "![x](http://attack.example/)", "![x][far]",
    r"$\href{javascript:ATTACK()}{x}$", "<iframe src=http://attack.example/></iframe>",
    "![x](attachment:missing.png)", "[x](javascript:ATTACK())", "[x][y]\n\n[y]: javascript:ATTACK()",
    "![x](attachment:a.png)![x](http://attack.example/)", r"\renewenvironment{x}{y}{z}",
])
def test_nothing_in_a_text_reaches_out(text):
    for made in (seen(v4.new_markdown_cell(text)).source,
                 seen(code_with({"text/markdown": text})).outputs[0].data["text/markdown"]):
        assert "<script" not in made and "<img" not in made and "<iframe" not in made
        assert "![" not in made and r"\href" not in made and r"\renew" not in made
        assert not re.search(r"\]\(\s*javascript|\]:", made)


@pytest.mark.parametrize("command", [
    r"\Rule{60em}{8em}{8em}", r"\rule{9em}{9em}", r"\raise 10em{x}", r"\lower9em{x}", r"\kern-5em", r"\kern5em x",
    r"\rlap{x}", r"\llap x", r"\smash{x}", r"\hspace{-9em}", r"\hspace*{-9em}", r"\\[-40em]", r"\\ [ -40em]",
    r"\class{a}{x}", r"\moveleft 9em{x}",
])
def test_a_formula_stays_in_its_place(command):
    """With MathJax, as formgrader shows it, these paint over the points of another cell."""
    made = seen(v4.new_markdown_cell(f"$$a {command} b$$")).source
    assert command not in made and not re.search(r"\\[Rrklsmh]|\\class|\[\s*-", made)


def test_ordinary_formulas_are_as_they_were_written():
    text = r"$$\begin{aligned} a &= \left[-x\right] \\ b &= \mathrm{relu}(x) \\[4pt] &\quad \rho \end{aligned}$$"
    made = seen(v4.new_markdown_cell(text)).source
    assert html.unescape(made) == text


def code_with(data):
    return v4.new_code_cell("", outputs=[v4.new_output("display_data", data=data)])


def test_tables_formulas_and_pictures_stay():
    table = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    shown = {"text/html": table, "text/latex": r"$\frac{a}{b}$", "image/png": picture_of(3, 2)}
    assert seen(code_with(dict(shown))).outputs[0].data == shown
    text = "**太字** $a^2$ ![図](attachment:a.png) [頁](https://example.org/)"
    picture = {"a.png": {"image/png": picture_of(3, 2)}}
    made = seen(v4.new_markdown_cell(text, attachments=picture | {"b.svg": {"image/svg+xml": "PHN2Zz4="}}))
    assert made.source == text and made.attachments == picture
    assert "image/png" not in seen(code_with({"image/png": '"><script>'})).outputs[0].data


def picture_of(width, height):
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_pictures_have_room_in_a_browser():
    """A few kilobytes may take hundreds of megabytes there."""
    side = int(MOST_PIXELS**0.5)
    assert seen(code_with({"image/png": picture_of(side + 1, side + 1)})).outputs[0].data == {}
    fair = picture_of(side, side // 3)
    outputs = [v4.new_output("display_data", data={"image/png": fair}) for _ in range(5)]
    shown = [output for output in seen(v4.new_code_cell("", outputs=outputs)).outputs if output.data]
    assert len(shown) == 3


@pytest.mark.parametrize("make", [v4.new_markdown_cell, v4.new_code_cell, v4.new_raw_cell])
def test_a_page_is_made_of_no_long_text(make):
    """Some texts take the libraries time by the square of their length."""
    assert all(len(line) <= LONGEST_LINE + 1 for line in seen(make("x" * (LONGEST_LINE + 2))).source.splitlines())
    long = "word\n" * (LONGEST_SHOWN // 4)
    assert len(seen(make(long)).source) < LONGEST_SHOWN + 2 * len(CUT)
    several = v4.new_notebook(cells=[make(long) for _ in range(MOST_SHOWN // LONGEST_SHOWN + 3)])
    made = Inert(enabled=True).preprocess(several, {})[0]
    assert sum(len(cell.source) for cell in made.cells) < MOST_SHOWN + 2 * len(CUT) * len(made.cells)


def test_of_an_output_no_more_is_shown_than_of_a_cell():
    for kind in ("text/latex", "text/markdown"):
        made = seen(code_with({kind: "word\n" * LONGEST_SHOWN})).outputs[0].data[kind]
        assert len(made) < LONGEST_SHOWN + 2 * len(CUT) and CUT in made


def test_a_test_is_never_cut():
    test = managed("A", "x" * 200_000, grade=True)
    assert seen(test).source == test.source


def test_crowds_of_tags_are_shown_as_text():
    fair = MOST_TAGS // 5 // 2
    assert "&lt;" not in seen(v4.new_markdown_cell("<b>x</b>\n" * fair)).source
    assert "&lt;" in seen(v4.new_markdown_cell("<b>x</b>\n" * (fair + 1))).source
    step = Inert(enabled=True)
    step.tags = ["b"]
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("<b>x</b>\n" * fair) for _ in range(6)])
    made = step.preprocess(notebook, {})[0]
    assert ["&lt;" in cell.source for cell in made.cells] == [False] * 5 + [True]


@pytest.mark.parametrize("about", [5, None, [1], "x", {"grade_id": ["A"]}, {"grade_id": None}, {"grade_id": {}}])
def test_metadata_may_be_anything(about):
    cell = v4.new_code_cell("handed in", id="A-answer")
    cell.metadata["nbgrader"] = about
    notebook = v4.new_notebook(cells=[cell])
    restore(notebook, ORIGINALS)
    assert notebook.cells[0].source == "handed in"


# --- answers that do not stand where they belong ---------------------------------------------------------


def run_order(*cells, stub="stub"):
    """What is run of a notebook with these cells (their names and sources), in its order."""
    originals = copy.deepcopy(ORIGINALS)
    for cell in originals.values():
        if cell.metadata.nbgrader.solution:
            cell.source = stub
        else:
            cell.metadata.nbgrader.points = 1
        cell.metadata.nbgrader.checksum = utils.compute_checksum(cell)
    notebook = v4.new_notebook()
    for name, source in cells:
        notebook.cells.append(v4.new_code_cell(source, metadata={"nbgrader": {"grade_id": name}}))
    restore(notebook, originals)
    return [cell.source for cell in sorted(execute.cells_of(notebook), key=lambda cell: cell.turn)]


STUB = "def f():\n    raise NotImplementedError()"
ANSWER = "def f():\n    return 1"


def test_an_answer_below_its_test_is_waited_for():
    order = run_order(("A-answer", STUB), ("A", ""), ("own", ANSWER), ("B-answer", "x = 1"), ("B", ""), stub=STUB)
    assert order == [STUB, ANSWER, "x = 1", "test B", "test A"]


def test_an_answer_above_its_empty_cell_is_not_undone():
    order = run_order(("own", ANSWER), ("A-answer", STUB), ("A", ""), ("B-answer", "x = 1"), ("B", ""), stub=STUB)
    assert order == [STUB, ANSWER, "x = 1", "test B", "test A"]


@pytest.mark.parametrize("cell", ["A", "B"])
def test_an_answer_in_a_locked_cell_is_kept(cell):
    changed = {"A": "", "B": ""} | {cell: f"{ANSWER}\ntest {cell}"}
    order = run_order(("A-answer", STUB), ("A", changed["A"]), ("B-answer", "x = 1"), ("B", changed["B"]), stub=STUB)
    assert f"{ANSWER}\ntest {cell}" in order and order[-1] == "test A"
    assert sorted(order).count("test A") == sorted(order).count("test B") == 1


@pytest.mark.parametrize("added", ["import math", "from numpy import pi", "a, b = 1, 2", "import math as m; n = 1"])
def test_what_was_added_to_a_locked_cell_is_kept(added):
    edited = f"import numpy\n{added}\ntest A"
    order = run_order(("A", edited), ("A-answer", "x"), ("B-answer", "y"), ("B", ""), stub=STUB)
    assert edited in order and "test A" in order


def test_weakened_tests_are_put_back_and_nothing_of_them_is_kept():
    order = run_order(("A-answer", "x"), ("A", "pass"), ("B-answer", "y"), ("B", "assert True"), stub=STUB)
    assert order == ["x", "test A", "y", "test B"]


def test_an_empty_copy_is_no_answer():
    order = run_order(("A-answer", ANSWER), ("A", ""), ("A-answer", STUB), ("B-answer", "x = 1"), ("B", ""), stub=STUB)
    assert order == [ANSWER, "test A", "x = 1", "test B"]


def test_tests_of_answers_in_another_order_come_last():
    order = run_order(("B-answer", "y"), ("B", ""), ("A-answer", "x"), ("A", ""), stub=STUB)
    assert order == ["y", "x", "test B", "test A"]


def test_what_the_course_gives_stands_before_its_use():
    setup = v4.new_code_cell("setup", metadata={"nbgrader": {"grade_id": "S", "grade": False, "locked": True,
                                                              "solution": False}})  # fmt: skip
    notebook = v4.new_notebook(cells=[v4.new_code_cell(name, id=name) for name in ("A-answer", "A", "S")])
    restore(notebook, {"S": setup} | ORIGINALS)
    assert [cell.source for cell in notebook.cells][:3] == ["setup", "A-answer", "test A"]
