"""Marks for Canvas: its gradebook file."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, Student

from dlcourse.grading.marks.exporter import Exporter, spreadsheet_text
from dlcourse.grading.marks.forms import Form, given_file
from dlcourse.grading.platforms import known
from dlcourse.grading.platforms.names import comparable

STUDENTS = (
    "Student",
    "LastName",
    "FirstName",
    "ID",
    "SIS User ID",
    "SIS Login ID",
    "Integration ID",
    "Root Account",
    "Section",
)
WITH_ID = re.compile(r"(?P<title>.*) \(\d+\)")  # as Canvas heads an assignment's column
POSSIBLE = "Points Possible"


class Canvas(Exporter):
    """For 成績 › インポート. With the file that 成績 › エクスポート gives (`nbgrader export canvas FILE`) the column's
    exact heading and the students' numbers are Canvas's own, and a student without a mark here keeps the one there.

    Without it the students are those who have a mark, by the roster's lms_user_id and numbers, or else by their names.
    """

    default = "canvas.csv"

    def write(self, gradebook: Gradebook, target: Path) -> Iterable[str] | None:
        if self.given:
            return self.filled_in(gradebook, target)
        chosen = [one for one in self.assignments(gradebook) if one.notebooks]
        for assignment in chosen or [self.one_assignment(gradebook)]:
            place = target if len(chosen) == 1 else target.with_stem(f"{target.stem}-{assignment.name}")
            self.save(self.rows_of(gradebook, assignment), place)
        return None

    def filled_in(self, gradebook: Gradebook, target: Path) -> list[str]:
        path, content = given_file(self.given, "Canvas の成績表", "nbgrader export canvas 成績.csv")
        assignment = self.one_assignment(gradebook)
        form = Form.read(path.name, content)
        wanted = comparable(self.column or assignment.name)

        def is_wanted(heading: str) -> bool:
            match = WITH_ID.fullmatch(heading)
            return wanted in {comparable(heading), comparable(match["title"]) if match else ""}

        place = form.place(is_wanted, f"「{self.column or assignment.name}」(--Exporter.column=見出し で選べます)")
        marks = self.marks(gradebook, assignment, self.maximum or possible(form, place))
        left = form.fill(place, marks, known.people(gradebook))
        about = [one for one, heading in enumerate(form.headings) if heading.strip() in STUDENTS]
        target.write_bytes(form.content([*about, place]))
        self.log.info("Wrote %s", target)
        return left

    def rows_of(self, gradebook: Gradebook, assignment: Assignment) -> Iterator[list[Any]]:
        marks = self.marks(gradebook, assignment, self.maximum)
        yield [
            "Student",
            "ID",
            "SIS User ID",
            "SIS Login ID",
            "Section",
            spreadsheet_text(self.column or assignment.name),
        ]
        yield [f"    {POSSIBLE}", "", "", "", "", self.maximum or assignment.max_score]
        for student in self.students(gradebook):
            if student.id in marks:
                identity = [name_of(student), student.lms_user_id, student.id, student.email or student.id, ""]
                yield [*map(spreadsheet_text, identity), marks[student.id]]


def possible(form: Form, place: int) -> float:
    """Of how many points the item is, as the second line of Canvas's file says; 0 where it does not."""
    for cells in form.cells[form.table.heading + 1 :]:
        if place < len(cells) and POSSIBLE in cells[0]:
            try:
                return float(cells[place].replace(",", "."))
            except ValueError:  # "(read only)"
                return 0
    return 0


def name_of(student: Student) -> str:
    """The name as Canvas compares it: the family name first where it is written in kanji or kana."""
    names = [student.last_name or "", student.first_name or ""]
    wide = any(unicodedata.east_asian_width(one) in "WF" for one in "".join(names))
    return " ".join(filter(None, names if wide else reversed(names))) or student.id
