"""A class report whose numbers are known, with hostile names in it."""

from pathlib import Path

import nbformat
import nbformat.v4 as v4
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Configurable

from dlcourse.grading.desk import notes
from dlcourse.grading.desk.notes import Note
from dlcourse.grading.desk.submissions import GRADED, NOT, Submission
from dlcourse.grading.report import ClassReport
from tests.helpers.gradebooks import empty_gradebook

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


def write_report(root):
    """The report of that class; two more have handed in nothing that could be graded."""
    with empty_gradebook(root / "gradebook.db") as gradebook:
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
    return root / "report.html"
