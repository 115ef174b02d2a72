"""A teacher's own assignment, from the source notebook to the gradebook."""

from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest
from nbgrader.api import Gradebook

from rehearsal.course import Course
from tests.helpers.commands import nbgrader
from tests.helpers.own_assignment import SOLUTION, TASK, TEST, TEXT, managed


@pytest.fixture(scope="module")
def points(tmp_path_factory):
    """What the gradebook says of each of the assignment's cells: (points, to be graded by hand)."""
    folder = tmp_path_factory.mktemp("own") / "course"
    Course(folder)
    own = folder / "solutions" / "own"
    own.mkdir()
    test = TEST | {"points": 4}
    nbformat.write(v4.new_notebook(cells=[
        v4.new_code_cell("import numpy as np"),
        managed("code", "a", SOLUTION.format("y = np.loadtxt('data.csv')"), solution=True),
        managed("code", "part", "score = 0\nscore += np.sum(y) == 3\nscore + 0.5", **test),
        managed("code", "hidden", "assert y[0] == 1\n### BEGIN HIDDEN TESTS\nassert y[1] == 2\n### END HIDDEN TESTS",
                **test),
        managed("code", "much", "100", **test),
        managed("markdown", "text", SOLUTION.format("文"), **TEXT, points=5),
        managed("markdown", "task", "図を描いてください。", **TASK, points=3),
    ]), own / "own.ipynb")  # fmt: skip
    (own / "data.csv").write_text("1\n2\n")
    (own / "more").mkdir()
    (own / "more" / "more.csv").write_text("1\n")
    done = nbgrader(folder, "generate_assignment", "own", "--create")
    assert done.code == 0, done.said
    notebook = nbformat.read(folder / "exercises" / "own" / "own.ipynb", as_version=4)
    notebook.cells[1].source = "y = np.loadtxt('data.csv') + np.loadtxt('more/more.csv') - 1"
    notebook.cells[5].source = "私の文"
    handed_in = Path(folder, "submitted", "s1", "own")
    handed_in.mkdir(parents=True)
    nbformat.write(notebook, handed_in / "own.ipynb")
    # left there by accident: where the course has a file, a folder, and the other way round
    (handed_in / "data.csv").mkdir()
    (handed_in / "data.csv" / "data.csv").write_text("1\n")
    (handed_in / "more").write_text("")
    (handed_in / "numpy.py").write_text("raise ImportError")
    done = nbgrader(folder, "autograde", "own")
    assert done.code == 0, done.said
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission("own", "s1").notebooks
        return {grade.name: (grade.score, grade.needs_manual_grade) for grade in notebook.grades}


def test_points_in_part_hidden_tests_and_what_is_graded_by_hand(points):
    assert points["part"] == (1.5, False) and points["hidden"] == (4, False)
    assert points["text"] == (0, True) and points["much"] == (0, True)
    assert points["task"][0] == 0


def source_notebook(folder, *cells):
    own = folder / "solutions" / "own"
    own.mkdir(parents=True, exist_ok=True)
    nbformat.write(v4.new_notebook(cells=list(cells)), own / "own.ipynb")


def test_a_test_that_the_solution_fails_is_named_until_it_is_mended(tmp_path):
    folder = tmp_path / "course"
    Course(folder)
    test = {"grade": True, "locked": True, "points": 2}
    answer = managed(
        "code", "a", "### BEGIN SOLUTION\ndef grow(array): return array[:2]\n### END SOLUTION", solution=True
    )
    shared = "import numpy as np\nx = np.zeros(4)\ny = grow(x)\ny[0] = 5\nassert x[0] == 5"
    plain = managed("code", "plain", "assert grow([1, 2, 3]) == [1, 2]", **test)
    source_notebook(folder, answer, managed("code", "view", shared, **test), plain)
    done = nbgrader(folder, "generate_assignment", "own", "--create")
    assert done.code == 0 and "own.ipynb の view: 模範解答が通りません(AssertionError)" in done.said
    assert "plain: " not in done.said and "RUNS WITH STUDENT" in done.said

    solved = folder / "submitted" / "s1" / "own" / "own.ipynb"
    solved.parent.mkdir(parents=True)
    solved.write_bytes((folder / "solutions" / "own" / "own.ipynb").read_bytes())
    done = nbgrader(folder, "autograde", "own", "--create")
    assert "view: 模範解答が通りません" in done.said and points_in(folder) == {"view": 0, "plain": 2}

    accepted = managed("code", "view", f"### RUNS WITH STUDENT\n{shared}", **test)
    source_notebook(folder, answer, accepted, plain)
    done = nbgrader(folder, "generate_assignment", "own")
    assert done.code == 0 and "模範解答が通りません" not in done.said
    assert "### RUNS WITH STUDENT" in (folder / "exercises" / "own" / "own.ipynb").read_text()
    done = nbgrader(folder, "autograde", "own")
    assert "模範解答が通りません" not in done.said and points_in(folder) == {"view": 2, "plain": 2}
    assert "view" in done.said, "that it runs with the answers is said"


def points_in(folder):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission("own", "s1").notebooks
        return {grade.name: grade.score for grade in notebook.grades}
