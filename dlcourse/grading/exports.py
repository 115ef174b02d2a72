"""Scores for spreadsheets and learning platforms: `nbgrader export`, or `nbgrader export NAME` for one of NAMES."""

from collections.abc import Iterator
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets.utils.importstring import import_item

from dlcourse.grading.marks.canvas import Canvas
from dlcourse.grading.marks.exporter import Exporter, spreadsheet_text
from dlcourse.grading.marks.moodle import Moodle
from dlcourse.grading.refusal import Halt

__all__ = ["NAMES", "Canvas", "Csv", "Exporter", "Moodle", "named"]

# What `nbgrader export NAME` writes. What --exporter names nbgrader imports before it reads a course's settings, so
# that a short name can only be a word of its own.
NAMES = {
    "csv": "dlcourse.grading.exports.Csv",
    "moodle": "dlcourse.grading.marks.moodle.Moodle",
    "moodle-worksheet": "dlcourse.grading.marks.moodle.Worksheet",
    "moodle-feedback": "dlcourse.grading.marks.moodle.Feedback",
    "canvas": "dlcourse.grading.marks.canvas.Canvas",
    "manaba": "dlcourse.grading.marks.others.Manaba",
    "sakai": "dlcourse.grading.marks.others.Sakai",
    "blackboard": "dlcourse.grading.marks.others.Blackboard",
    "xlsx": "dlcourse.grading.marks.sheet.Sheet",
    "report": "dlcourse.grading.report.ClassReport",
}


def named(name: str) -> type[ExportPlugin]:
    """The exporter of this short name.

    Raises
    ------
    Halt
        When there is none.
    """
    if name not in NAMES:
        raise Halt(f"「{name}」という書き出し方はありません。あるのは {'、'.join(NAMES)} です。 / unknown exporter")
    found: type[ExportPlugin] = import_item(NAMES[name])
    return found


class Csv(Exporter):
    """The columns of nbgrader's own export."""

    def rows(self, gradebook: Gradebook) -> Iterator[list[Any]]:
        yield ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
               "late_submission_penalty", "score", "max_score"]  # fmt: skip
        for assignment in self.assignments(gradebook):
            for student in self.students(gradebook):
                points, submission = self.score(gradebook, assignment, student)
                handed_in = (
                    [submission.timestamp, submission.score, submission.late_submission_penalty, points]
                    if submission
                    else ["", 0.0, 0.0, 0.0]
                )
                time, *numbers = handed_in
                names = [student.id, student.last_name, student.first_name, student.email]
                yield [
                    spreadsheet_text(assignment.name),
                    assignment.duedate or "",
                    time or "",
                    *map(spreadsheet_text, names),
                    *numbers,
                    assignment.max_score,
                ]
