"""Everything of a teacher's own assignment: pictures, several notebooks, what is graded by hand, lateness."""

import re
import shutil

import nbformat
import nbformat.v4 as v4
import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from dlcourse.grading.desk import notes
from rehearsal.course import Course, text_of
from tests.helpers.commands import nbgrader
from tests.helpers.own_assignment import SOLUTION, TASK, TEST, TEXT, illustrated, managed

NAME = "own"
PENALTY = "--LateSubmissionPlugin.penalty_method=zero"
PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
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
        nbformat.write(v4.new_notebook(cells=own, metadata=PYTHON), source / f"{name}.ipynb")
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


def book(folder):
    return Gradebook(f"sqlite:///{folder / 'gradebook.db'}")


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


def test_pictures_are_those_of_the_release_where_the_source_is_not_here(graded, tmp_path):
    folder = shutil.copytree(graded[0], tmp_path / "course")
    shutil.rmtree(folder / "solutions" / NAME)
    done = nbgrader(folder, "autograde", NAME, PENALTY, "--force", "--student=both")
    assert done.code == 0, done.said
    copy = nbformat.read(folder / "autograded" / "both" / NAME / "first.ipynb", as_version=4)
    assert sum("attachments" in cell for cell in copy.cells) == 2


def test_texts_of_no_points_leave_nobody_to_be_graded_by_hand(graded):
    with book(graded[0]) as gradebook:
        grades = gradebook.find_submission_notebook("first", NAME, "both").grades
        assert {one.name: one.needs_manual_grade for one in grades} == {
            "q": False, "text": True, "remark": False, "task": True,
        }  # fmt: skip


def test_texts_of_no_points_are_graded_by_hand_where_the_teacher_wants_it(graded):
    for wanted in (True, False):
        options = [PENALTY, "--force", "--student=both", f"--Autograde.texts_of_no_points_by_hand={wanted}"]
        assert nbgrader(graded[0], "autograde", NAME, *options).code == 0
        with book(graded[0]) as gradebook:
            assert gradebook.find_grade("remark", "first", NAME, "both").needs_manual_grade is wanted


def report(folder):
    """heading of a table → its rows by their first cell, each as heading of a column → text; and all that is told."""
    target = folder / "report.html"
    exporter = "--exporter=dlcourse.grading.report.ClassReport"
    assert nbgrader(folder, "export", exporter, "--assignment", NAME, "--to", str(target)).code == 0
    page = BeautifulSoup(target.read_text("utf-8"), "html.parser")
    found = {}
    for table in page.select("table"):
        columns = [cell.get_text() for cell in table.select("thead th")]
        rows = [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tbody tr")]
        title = table.find_previous("h3").get_text()
        found[title] = {row[0]: dict(zip(columns, row, strict=True)) for row in rows}
    return found, {one.find("dt").get_text(): one.find("dd").get_text() for one in page.select(".numbers div")}


def test_the_report_counts_what_is_graded_by_hand_and_keeps_equal_names_apart(graded, tmp_path):
    folder = shutil.copytree(graded[0], tmp_path / "course")
    tables, numbers = report(folder)
    assert numbers["手で採点する残り"] == "4 か所" and numbers["平均"] == "5.0 / 14"
    rows = tables["学生ごとの点"]
    assert [rows["both"][name] for name in ("合計", "q(first)", "text", "task", "q(second)")] == [*"64待待2"]
    assert rows["one"]["q(second)"] == "0"
    reasons = {student: row["理由"] for student, row in tables["確認が必要な学生"].items()}
    waits = "手で採点するところが残っています(text、task)。"
    assert reasons == {"both": waits, "one": NOT_HANDED_IN + waits}
    with book(folder) as gradebook:
        for name, points in (("text", 4), ("task", 3)):  # as formgrader writes it
            grade = gradebook.find_grade(name, "first", NAME, "both")
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()
    tables, numbers = report(folder)
    assert numbers["手で採点する残り"] == "2 か所"
    rows = tables["学生ごとの点"]
    assert [rows["both"][name] for name in ("合計", "text", "task")] == ["13", "4", "3"]
    text = tables["問題ごとの得点率と識別力"]["text"]
    assert (text["採点"], text["採点待ち"], text["得点率"]) == ("手", "1", "80%")
    assert tables["問題ごとの得点率と識別力"]["q(second)"]["採点"] == "自動"


def test_report_and_feedback_tell_of_lateness_and_what_it_costs(graded):
    rows = report(graded[0])[0]["学生ごとの点"]
    columns = ("合計", "遅れ", "減点", "減点後")
    assert [rows["one"][name] for name in columns] == ["4", "2日", "4", "0"]
    assert [rows["both"][name] for name in columns] == ["6", "", "", "6"]
    told = "締め切りに2日遅れたので、合計の4点から4点を引いて、0点です。"
    for student, is_told in (("one", True), ("both", False)):
        page = text_of(graded[0] / "feedback" / student / NAME / "first.html")
        assert (told in page) is is_told and "まだ採点していないところがあります(task、text)。" in page


NOT_HANDED_IN = "提出されていないノートブック(second.ipynb)は0点です。"


def test_of_several_notebooks_the_one_not_handed_in_is_named(graded):
    folder, said = graded
    assert re.findall(r"\[(.*)\] (\w+): (.*) / ", said) == [("採点済", "one", NOT_HANDED_IN)]
    assert notes.kept(folder)[NAME].keys() == {"one"}
    with book(folder) as gradebook:
        missing = gradebook.find_submission_notebook("second", NAME, "one")
        assert missing.score == 0 and not missing.needs_manual_grade
    assert NOT_HANDED_IN in text_of(folder / "feedback" / "one" / NAME / "first.html")


def test_a_task_of_a_notebook_that_comes_later_waits_to_be_graded(graded, tmp_path):
    folder = shutil.copytree(graded[0], tmp_path / "course")
    first = folder / "submitted" / "both" / NAME / "first.ipynb"
    elsewhere = tmp_path / "first.ipynb"
    for there, place, waits in ((first, elsewhere, False), (elsewhere, first, True)):
        there.rename(place)
        done = nbgrader(folder, "autograde", NAME, PENALTY)
        assert done.code == 0 and "graded 1, before 1" in done.said, done.said
        with book(folder) as gradebook:
            assert gradebook.find_grade("task", "first", NAME, "both").needs_manual_grade is waits
