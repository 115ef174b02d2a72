"""The class report: known classes give known numbers, whatever stands in a name stays text, the page needs nothing."""

import json
import os
import sys
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Configurable

from dlcourse.grading.desk import notes
from dlcourse.grading.desk.notes import Kept, Note
from dlcourse.grading.desk.submissions import BEFORE, GRADED, LOOK, NOT, Submission
from dlcourse.grading.report import ClassReport

HOSTILE = "<script>ATTACK()</script>"
HINT = "行ごとに割りましょう。"
MOST = {"K1": 2.0, "K2": 1.0, "K3": 3.0}
POINTS = {  # K1, K2, K3 of each student
    "s1": (2, 1, 3), "s2": (2, 1, 0), "s3": (2, 0, 0), "s4": (0, 1, 0), "s5": (0, 0, 0), HOSTILE: (2, 0, 3),
}  # fmt: skip


def notebook(points):
    cells = []
    for (name, most), got in zip(MOST.items(), points, strict=True):
        cell = v4.new_code_cell("", metadata={"nbgrader": {"grade_id": name, "grade": True}})
        if got < most:
            hint = HINT if name == "K3" else HOSTILE
            answered = name != "K2" or any(points)  # s5 has left K2 blank
            cell.metadata["verdict"] = {"answered": answered, "problem": "値が違います。", "hint": hint}
            cell.outputs = [v4.new_output("error", ename="CheckError", evalue="✗", traceback=["✗"])]
        cells.append(cell)
    return v4.new_notebook(cells=cells)


def became(state, student, *words):
    return Submission(student, Path(student), state=state, notes=[Note(*one.split("|")) for one in words])


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of that class; two more have handed in nothing that could be graded."""
    root = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader calls `alembic` by its bare name when it makes a gradebook
        patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        gradebook = Gradebook(f"sqlite:///{root / 'gradebook.db'}", "course")
    with gradebook:
        gradebook.add_assignment("ch1")
        gradebook.add_notebook("ch1", "ch1")
        for name, most in MOST.items():
            gradebook.add_grade_cell(name, "ch1", "ch1", max_score=most, cell_type="code")
        for student in (*POINTS, "broken", "absent"):
            gradebook.update_or_create_student(student, last_name=HOSTILE)
        for student, points in POINTS.items():
            gradebook.add_submission("ch1", student)
            for grade in gradebook.find_submission_notebook("ch1", "ch1", student).grades:
                grade.auto_score = points[list(MOST).index(grade.name)]
                grade.needs_manual_grade = student == "s5"
            folder = root / "autograded" / student.replace("/", "") / "ch1"
            if student != HOSTILE:  # no folder can have this name
                folder.mkdir(parents=True)
                nbformat.write(notebook(points), folder / "ch1.ipynb")
        gradebook.db.commit()
        notes.keep(
            root,
            "ch1",
            [
                became(GRADED, "s3", f"「{HOSTILE}」を採点しました。|renamed"),
                became(NOT, "broken", "ファイルが空です。|empty"),
            ],
        )
        plugin = ClassReport()
        plugin.parent = Configurable()
        plugin.parent.coursedir = CourseDirectory(root=str(root))
        plugin.to = str(root / "report.html")
        plugin.export(gradebook)
        yield root / "report.html"


@pytest.fixture(scope="module")
def tables(report):
    """heading or label of a table → its rows, as texts."""
    page = BeautifulSoup(report.read_text("utf-8"), "html.parser")
    found = {}
    for table in page.select("table"):
        title = table.find_previous("h3").get_text()
        found[title] = [[cell.get_text().strip() for cell in row.select("th, td")] for row in table.select("tbody tr")]
    return found


def test_difficulty_and_discrimination_are_what_numpy_says(tables):
    points = np.array(list(POINTS.values()), dtype=float)
    for column, row in enumerate(tables["問題ごとの得点率と識別力"]):
        name, most, full, unanswered, power, share, _ = row
        own = points[:, column]
        assert (name, float(most)) == list(MOST.items())[column]
        assert int(unanswered) == (name == "K2")
        assert int(full) == (own == MOST[name]).sum()
        assert share == f"{100 * own.mean() / MOST[name]:.0f}%"
        assert float(power) == pytest.approx(np.corrcoef(own, points.sum(axis=1) - own)[0, 1], abs=0.005)


def test_the_distribution_counts_everyone_once(tables):
    shares = np.array(list(POINTS.values())).sum(axis=1) / sum(MOST.values())
    counts, _ = np.histogram(shares, bins=np.linspace(0, 1, 11))
    assert [int(row[1]) for row in tables["点の分布"]] == counts.tolist()


def test_mistakes_are_counted_by_question_and_hint(tables):
    rows = {(row[0], row[2]): int(row[1]) for row in tables["よくあった間違い"]}
    # of the five whose notebooks are there
    assert rows == {("K1", HOSTILE): 2, ("K2", HOSTILE): 1, ("K3", HINT): 4}


def test_who_needs_a_look_is_named_with_the_reason(tables):
    rows = {row[0]: row[1:] for row in tables["確認が必要な学生"]}
    assert rows.pop("s5") == ["採点済", "手で採点するところが残っています。"]
    assert rows == {
        "s3": ["採点済", f"「{HOSTILE}」を採点しました。"],
        "broken": ["未採点", "ファイルが空です。"],
        "absent": ["未採点", "採点されていません。"],
    }


def test_every_student_has_a_row(tables):
    rows = {row[0]: row[2:] for row in tables["学生ごとの点"]}
    assert rows[HOSTILE] == ["5", "2", "0", "3"] and rows["absent"] == ["—"] * 4
    assert set(rows) == {*POINTS, "broken", "absent"}


def test_a_new_run_replaces_its_own_notes_only(tmp_path):
    notes.keep(tmp_path, "ch1", [became(GRADED, "a", "1"), became(NOT, "b", "2"), became(LOOK, "c", "4|four")])
    notes.keep(tmp_path, "ch1", [became(BEFORE, "a"), became(GRADED, "b"), became(None, "c")])
    notes.keep(tmp_path, "ch2", [became(GRADED, "b", "3")])
    kept = {"a": Kept(True, (Note("1"),)), "c": Kept(True, (Note("4", "four"),))}
    assert notes.kept(tmp_path) == {"ch1": kept, "ch2": {"b": Kept(True, (Note("3"),))}}
    (tmp_path / notes.FILE).write_text("{")
    assert notes.kept(tmp_path) == {}


def test_notes_of_an_earlier_edition_are_read(tmp_path):
    earlier = {"ch1": {"a": {"graded": False, "notes": ["ファイルが空です。 / empty"]}}}
    (tmp_path / notes.FILE).write_text(json.dumps(earlier))
    assert notes.kept(tmp_path) == {"ch1": {"a": Kept(False, (Note("ファイルが空です。 / empty"),))}}


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_has_no_barrier_and_asks_for_nothing(chromium, report, width):
    page = chromium.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    assert page.locator("script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("async () => (await axe.run()).violations.map(one => one.id + ' ' + one.nodes[0].target)")
    page.close()
    assert found == [] and asked == [report.as_uri()]
