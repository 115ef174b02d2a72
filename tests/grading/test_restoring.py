"""The released cells put back around the answers, and the order in which what was handed in is run."""

import copy

import nbformat.v4 as v4
import pytest
from nbgrader import utils

from dlcourse.grading import execute
from dlcourse.grading.desk.restoring import restore


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
    return [cell.source for cell in sorted(execute.cells_of(notebook), key=lambda cell: cell.order)]


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
