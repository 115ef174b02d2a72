"""Everything of a teacher's own assignment: pictures, several notebooks, what is graded by hand, lateness."""

import nbformat
import nbformat.v4 as v4
import pytest

from rehearsal.course import Course
from tests.helpers.commands import nbgrader
from tests.helpers.own_assignment import SOLUTION, TASK, TEST, TEXT, illustrated, managed

NAME = "own"
PENALTY = "--LateSubmissionPlugin.penalty_method=zero"
GIVEN = "図を見て答えてください。"


def cells(points):
    """The cells that both notebooks have: an answer and its test of equal names."""
    return [
        managed("code", "q-answer", SOLUTION.format("q = 1"), solution=True),
        managed("code", "q", "assert q == 1", **TEST, points=points),
    ]


FIRST = [
    *cells(4),
    illustrated("given", GIVEN, "red", locked=True),
    managed("markdown", "text", SOLUTION.format("文"), **TEXT, points=5),
    managed("markdown", "remark", SOLUTION.format("文"), **TEXT, points=0),
    illustrated("task", "図をかいてください。", "blue", **TASK, points=3),
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course of two: `both` has handed in two notebooks, `one` only the first of them, and two days late."""
    folder = tmp_path_factory.mktemp("own") / "course"
    Course(folder)
    source = folder / "solutions" / NAME
    source.mkdir()
    for name, own in (("first", FIRST), ("second", cells(2))):
        nbformat.write(v4.new_notebook(cells=own), source / f"{name}.ipynb")
    assert nbgrader(folder, "db", "assignment", "add", NAME, "--duedate=2026-11-10 12:00 UTC").code == 0
    done = nbgrader(folder, "generate_assignment", NAME)
    assert done.code == 0, done.said
    for student, names in (("both", ["first", "second"]), ("one", ["first"])):
        place = folder / "submitted" / student / NAME
        place.mkdir(parents=True)
        for name in names:
            notebook = nbformat.read(folder / "exercises" / NAME / f"{name}.ipynb", as_version=4)
            for cell in notebook.cells:
                cell.pop("attachments", None)  # as some programs save it
                if cell.metadata.nbgrader.solution:
                    cell.source = "q = 1" if cell.cell_type == "code" else "私の文"
            nbformat.write(notebook, place / f"{name}.ipynb")
        day = 10 if student == "both" else 12
        (place / "timestamp.txt").write_text(f"2026-11-{day} 12:00:00 UTC")
    done = nbgrader(folder, "autograde", NAME, "--create", PENALTY)
    assert done.code == 0, done.said
    made = nbgrader(folder, "generate_feedback", NAME)
    assert made.code == 0, made.said
    return folder, done.said


def test_attached_pictures_stay_in_the_graded_copy_and_in_the_feedback(graded):
    folder, _ = graded
    copy = nbformat.read(folder / "autograded" / "both" / NAME / "first.ipynb", as_version=4)
    page = (folder / "feedback" / "both" / NAME / "first.html").read_text("utf-8")
    for name in ("given", "task"):
        (cell,) = [cell for cell in copy.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name]
        (file,) = cell.attachments.values()
        released = next(cell for cell in FIRST if cell.metadata.nbgrader.grade_id == name)
        assert [file] == list(released.attachments.values())
        assert f"data:image/png;base64,{file['image/png']}" in page
