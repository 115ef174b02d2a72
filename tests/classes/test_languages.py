"""A class in which some solve the assignment in Japanese and others in another language."""

import nbformat
import nbformat.v4 as v4
import pytest
from bs4 import BeautifulSoup

from dlcourse import words
from dlcourse.checks import EXERCISES
from dlcourse.grading.isolation.session import STOPPED
from dlcourse.words import say
from press import ROOT
from press.languages import JAPANESE, languages
from rehearsal.course import ASSIGNMENT, Course
from rehearsal.sample_class import Assignment, Student, encoded
from tests.helpers.commands import nbgrader
from tests.helpers.short_assignment import SHORT, keep

CODES = ["ja", *languages()]
# What is answered wrong, whose answer ends Python, and whose test the student has changed.
MISTAKEN, STOPPING, EDITED = "K1-2", "K1-1", "K0-1"
ANSWER, HINT = next(iter(EXERCISES[MISTAKEN].pitfalls.items()))


def with_mistakes(assignment):
    """One answer wrong, one that stops, one test taken out, the rest left as it was; and no word of its language."""
    notebook = assignment.answered({MISTAKEN: EXERCISES[MISTAKEN].source(ANSWER), STOPPING: "import os\nos._exit(1)"})
    notebook.metadata.pop("dlcourse", None)
    notebook.cells.append(v4.new_code_cell(f"check({MISTAKEN!r})"))
    for cell in notebook.cells:
        if cell.id == EDITED:
            cell.source = "pass"
    return notebook


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Of each language a student with right answers and one with mistakes, graded, with their pages."""
    course = keep(Course(tmp_path_factory.mktemp("class")))
    assert nbgrader(course.folder, "generate_assignment", ASSIGNMENT).code == 0
    for code in CODES:
        released = course.released
        if code != "ja":
            released = course.folder / "exercises" / code / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            released.parent.mkdir(parents=True)
            notebook = nbformat.read(ROOT / released.relative_to(course.folder), as_version=4)
            notebook.cells = [cell for cell in notebook.cells if cell.id.startswith(SHORT)]
            nbformat.write(notebook, released)
        assignment = Assignment(released, course.solution)
        for name, notebook in (("right", assignment.notebook()), ("wrong", with_mistakes(assignment))):
            Student(f"{name}-{code}", "", encoded(notebook)).hand_in(course.folder / "submitted", ASSIGNMENT)
    course.autograde = nbgrader(course.folder, "autograde", ASSIGNMENT, "--create")
    done = nbgrader(course.folder, "generate_feedback", ASSIGNMENT)
    assert course.autograde.code == done.code == 0, course.autograde.said + done.said
    return course


def page(course, name):
    return BeautifulSoup(course.feedback(Student(name, "", None)).read_text("utf-8"), "html.parser")


def graded(course, name):
    path = course.folder / "autograded" / name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    return {
        cell.metadata.nbgrader.grade_id: cell for cell in nbformat.read(path, 4).cells if "nbgrader" in cell.metadata
    }


def test_the_same_answers_have_the_same_points(course):
    scores = course.scores()
    for code in CODES:
        assert all(points == most for points, most in scores[f"right-{code}"].values())
        assert scores[f"wrong-{code}"] == scores["wrong-ja"] and not any(
            points for points, _ in scores["wrong-ja"].values()
        )


@pytest.mark.parametrize("code", CODES)
def test_what_the_course_gives_is_put_back_in_the_language_of_the_notebook(course, code):
    cells = graded(course, f"wrong-{code}")
    with words.using(code):
        told = say("書き換えられていた答え合わせなどのセル({names})を、元に戻して採点しました。", names=EDITED)
    shown = page(course, f"wrong-{code}").find(id="grading-notes").get_text()
    assert told in shown and f"check({EDITED!r})".replace("'", '"') in cells[EDITED].source
    assert bool(JAPANESE.search("".join(cell.source for cell in cells.values()))) == (code == "ja")


@pytest.mark.parametrize("code", CODES)
def test_hints_and_page_are_in_the_language_of_the_notebook(course, code):
    made = page(course, f"wrong-{code}")
    assert made.html["lang"] == code
    with words.using(code):
        assert say(HINT) in made.get_text() and say("{cell} の答え合わせ", cell=MISTAKEN) in made.get_text()
        assert say("答えがありません。") in made.get_text(), "a written answer was left as it was"
        # from the student's own process, and from the one that runs it
        assert (
            say("{id} は、採点のときに確かめます。", id=MISTAKEN) in made.get_text() and say(STOPPED) in made.get_text()
        )
    assert bool(JAPANESE.search(made.get_text())) == (code == "ja")


def test_the_teacher_reads_of_all_in_the_same_words(course):
    lines = [line for line in course.autograde.said.splitlines() if line.strip().startswith("[")]
    assert {line.partition(": ")[2] for line in lines} == {
        "書き換えられていた答え合わせなどのセル(K0-1)を、元に戻して採点しました。 / locked cells restored"
    }
    assert len(lines) == len(CODES) and words.language() == "ja"
