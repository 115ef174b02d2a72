"""What the formats of marks share: which assignments and students, their points, and that they are those of today.

Every file is UTF-8 with the mark by which Excel knows it. Names and numbers of students come from outside: a cell
that a spreadsheet would take for a formula is written with an apostrophe before it.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Float, Unicode

from dlcourse.grading.desk.assignment_state import NEVER, AssignmentState
from dlcourse.grading.desk.gradebook import Ledger
from dlcourse.grading.display.characters import printable
from dlcourse.grading.refusal import Halt

PATIENCE = 60  # seconds for another program that holds the gradebook


def spreadsheet_text(value: object) -> str:
    """A cell that is text for every spreadsheet."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(tuple("=+-@\t\r\n＝＋－＠")) else text


def shown(points: float) -> float:
    """With five decimals, which is what Moodle keeps; a whole number without any."""
    rounded = round(points, 5)
    return int(rounded) if rounded == int(rounded) else rounded


class Exporter(ExportPlugin):
    """What the formats share. A format is a default name and its rows."""

    default = "grades.csv"
    maximum = Float(0, help="of how many points the item on the platform is; 0: what the format says").tag(config=True)
    column = Unicode("", help="the heading on the platform, where it is not the assignment's name").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; exit code 1, and a line for each, when points in it are not those of what is handed in.

        Raises
        ------
        Halt
            When something is missing that the format needs.
        """
        outdated = list(self.outdated(gradebook)) if self.parent else []
        target = Path(self.to or self.default)
        left = list(self.write(gradebook, target) or ())
        for line in [*outdated, *left]:
            print(line, file=sys.stderr)
        if outdated:
            print(
                f"\n✗ {target} は書きましたが、上の提出の点は、いまの提出や課題のものではありません。"
                "nbgrader autograde のあとで、もう一度書き出してください。"
                " / written, but with points of earlier submissions",
                file=sys.stderr,
            )
        if left:
            print(f"\n✗ 上の学生の点は、{target} に入っていません。 / left out", file=sys.stderr)
        if outdated or left:
            sys.exit(1)

    def write(self, gradebook: Gradebook, target: Path) -> Iterable[str] | None:
        """Write the file; a line for each student whose mark is not in it, though there is one."""
        self.save(self.rows(gradebook), target)
        return None

    def save(self, rows: Iterable[Sequence[Any]], target: Path) -> None:
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        self.log.info("Wrote %s", target)

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

    @property
    def given(self) -> Path | None:
        """The file that the teacher has given to be filled in: `nbgrader export NAME FILE`."""
        files = getattr(self.parent, "extra_args", None) or []
        return Path(files[1]) if len(files) > 1 else None

    def one_assignment(self, gradebook: Gradebook) -> Assignment:
        """The assignment, of which there can be one in a file of this format.

        Raises
        ------
        Halt
            When it is not said which.
        """
        chosen = [one for one in self.assignments(gradebook) if one.notebooks]
        if len(chosen) != 1:
            names = "、".join(one.name for one in chosen) or "なし"
            raise Halt(f"課題を1つ選んでください: --assignment=課題の名前(成績簿にあるもの: {names})。 / name one")
        return chosen[0]

    def marks(self, gradebook: Gradebook, assignment: Assignment, of: float) -> dict[str, float]:
        """The points of those students who have some, scaled to an item of so many (0: as they are)."""
        scale = of / assignment.max_score if of and assignment.max_score else 1
        found = {one.id: self.score(gradebook, assignment, one)[0] for one in self.students(gradebook)}
        return {student: shown(points * scale) for student, points in found.items() if points is not None}

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
        except MissingEntry:  # who has handed in nothing has no mark
            return None, None
        return max(0.0, submission.score - submission.late_submission_penalty), submission
