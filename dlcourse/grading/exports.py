"""Scores for spreadsheets and learning platforms: `nbgrader export`, with `--exporter` for the platforms.

Every file is UTF-8 with the mark by which Excel knows it. Names and numbers of students come from outside: a cell
that a spreadsheet would take for a formula is written with an apostrophe before it.
"""

import csv
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin

from dlcourse.grading.desk.assignment_state import NEVER, AssignmentState
from dlcourse.grading.desk.gradebook import Ledger
from dlcourse.grading.display.characters import printable

PATIENCE = 60  # seconds for another program that holds the gradebook


def spreadsheet_text(value: object) -> str:
    """A cell that is text for every spreadsheet."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(tuple("=+-@\t\r\n＝＋－＠")) else text


class Exporter(ExportPlugin):
    """What the formats share. A format is a default name and its rows."""

    default = "grades.csv"

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; exit code 1, and a line for each, when points in it are not those of what is handed in."""
        outdated = list(self.outdated(gradebook)) if self.parent else []
        target = Path(self.to or self.default)
        self.write(gradebook, target)
        self.log.info("Wrote %s", target)
        for line in outdated:
            print(line, file=sys.stderr)
        if outdated:
            print(
                f"\n✗ {target} は書きましたが、上の提出の点は、いまの提出や課題のものではありません。"
                "nbgrader autograde のあとで、もう一度書き出してください。"
                " / written, but with points of earlier submissions",
                file=sys.stderr,
            )
            sys.exit(1)

    def write(self, gradebook: Gradebook, target: Path) -> None:
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(self.rows(gradebook))

    def outdated(self, gradebook: Gradebook) -> Iterator[str]:
        """A line for each submission whose points are not those of what is handed in and released now."""
        course = self.parent.coursedir
        ledger = Ledger(course.db_url, course.course_id, PATIENCE)
        try:
            for name in [one.name for one in self.assignments(gradebook) if one.notebooks]:
                state = AssignmentState(course, ledger, name)
                for submission in state.submissions():
                    reason = state.out_of_date(submission, copies=False)
                    if reason and (reason != NEVER or submission.handed_in):
                        yield f"  {name} {printable(submission.student)}: {reason}"
        finally:
            ledger.close()

    def rows(self, gradebook: Gradebook) -> Iterator[list[Any]]:
        raise NotImplementedError

    def assignments(self, gradebook: Gradebook) -> list[Assignment]:
        chosen = [one for one in gradebook.assignments if not self.assignment or one.name in map(str, self.assignment)]
        return sorted(chosen, key=lambda one: (one.duedate or datetime.min, one.name))

    def students(self, gradebook: Gradebook) -> list[Student]:
        chosen = [one for one in gradebook.students if not self.student or one.id in map(str, self.student)]
        # databases differ in where they put those without a name, and in the order of these
        return sorted(chosen, key=lambda one: (one.last_name or "", one.first_name or "", one.id))

    def score(
        self, gradebook: Gradebook, assignment: Assignment, student: Student
    ) -> tuple[float | None, SubmittedAssignment | None]:
        """The points after the penalty for lateness, and the submission; None where nothing was handed in."""
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            return None, None
        return max(0.0, submission.score - submission.late_submission_penalty), submission


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


class Canvas(Exporter):
    """The gradebook file that Canvas imports: its own student number stands in lms_user_id, if the roster has it."""

    default = "canvas.csv"

    def rows(self, gradebook: Gradebook) -> Iterator[list[Any]]:
        assignments = self.assignments(gradebook)
        names = [spreadsheet_text(one.name) for one in assignments]
        yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *names]
        yield ["    Points Possible", "", "", "", "", *(one.max_score for one in assignments)]
        for student in self.students(gradebook):
            name = ", ".join(filter(None, [student.last_name, student.first_name])) or student.id
            scores = (self.score(gradebook, one, student)[0] for one in assignments)
            identity = [name, student.lms_user_id, student.id, student.email or student.id, ""]
            yield [*map(spreadsheet_text, identity), *("" if points is None else points for points in scores)]


class Moodle(Exporter):
    """One row per student with the columns that Moodle's grade import can map."""

    default = "moodle.csv"

    def rows(self, gradebook: Gradebook) -> Iterator[list[Any]]:
        assignments = self.assignments(gradebook)
        yield ["username", "email", "idnumber", *(spreadsheet_text(one.name) for one in assignments)]
        for student in self.students(gradebook):
            scores = (self.score(gradebook, one, student)[0] for one in assignments)
            identity = [student.id, student.email, student.lms_user_id]
            yield [*map(spreadsheet_text, identity), *("-" if points is None else points for points in scores)]
