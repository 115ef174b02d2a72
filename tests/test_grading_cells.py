"""Cells as they are graded and as the teacher sees them, without running anything."""

import nbformat.v4 as v4
import pytest

from dlcourse.grading.cells import Inert, restore


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
    step = Inert()
    step.tags, step.attributes = ["b", "table", "tbody", "tr", "td"], {}
    return step.preprocess_cell(cell, {}, 0)[0]


@pytest.mark.parametrize("text", [
    "<script>ATTACK()</script>", "<img src=x onerror=ATTACK()>", "![x](http://attack.example/)", "![x][far]",
    r"$\href{javascript:ATTACK()}{x}$", "<iframe src=http://attack.example/></iframe>",
])
def test_nothing_in_a_text_reaches_out(text):
    for made in (seen(v4.new_markdown_cell(text)).source,
                 seen(code_with({"text/markdown": text})).outputs[0].data["text/markdown"]):
        assert "<script" not in made and "<img" not in made and "<iframe" not in made
        assert "![" not in made and r"\href" not in made


def code_with(data):
    return v4.new_code_cell("", outputs=[v4.new_output("display_data", data=data)])


def test_tables_formulas_and_pictures_stay():
    table = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    shown = {"text/html": table, "text/latex": r"$\frac{a}{b}$", "image/png": "iVBORw0K"}
    assert seen(code_with(dict(shown))).outputs[0].data == shown
    assert seen(v4.new_markdown_cell("**太字** $a^2$ ![図](attachment:a.png)")).source == (
        "**太字** $a^2$ ![図](attachment:a.png)"
    )
    assert "image/png" not in seen(code_with({"image/png": '"><script>'})).outputs[0].data
