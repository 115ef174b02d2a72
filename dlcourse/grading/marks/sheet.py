"""Marks for people: an .xlsx with everybody's points, and a sheet of what to look at."""

from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from dlcourse.grading.desk import notes
from dlcourse.grading.report import ClassReport


class Sheet(ClassReport):
    """Two sheets: the points, and what the class report says of students to look at, with who was late and how late."""

    default = "grades.xlsx"

    def write(self, gradebook: Gradebook, target: Path) -> None:
        import openpyxl
        from openpyxl.styles import Font

        assignments, students = self.assignments(gradebook), self.students(gradebook)
        book = openpyxl.Workbook()
        points, look = book.active, book.create_sheet("見るもの")
        points.title = "点"
        add(points, ["学籍番号", "氏名", "メールアドレス", *(one.name for one in assignments)])
        add(points, ["", "満点", "", *(one.max_score for one in assignments)])
        for student in students:
            scores = [self.score(gradebook, one, student)[0] for one in assignments]
            name = " ".join(filter(None, [student.last_name, student.first_name]))
            add(points, [student.id, name, student.email or "", *scores])
        add(look, ["課題", "学籍番号", "氏名", "何を", "減点"])
        root = Path(self.parent.coursedir.root)
        known = notes.kept(root)
        names = {one.id: " ".join(filter(None, [one.last_name, one.first_name])) for one in students}
        for assignment in assignments:
            folder = root / self.parent.coursedir.autograded_directory
            report = self.report(gradebook, assignment, folder, known.get(assignment.name, {}))
            if report is None:
                continue
            for student, _, sentences in report.to_look_at:
                add(look, [assignment.name, student, names[student], " ".join(sentences), None])
            for student, late in report.late.items():
                add(look, [assignment.name, student, names[student], f"{late.time}の遅れ", late.penalty])
        for sheet in (points, look):
            sheet.freeze_panes = "A2"
            for cell in sheet[1]:
                cell.font = Font(bold=True)
            for column, width in zip("ABCD", (14, 20, 28, 40), strict=True):
                sheet.column_dimensions[column].width = width
        book.save(target)
        self.log.info("Wrote %s", target)


def add(sheet: Any, values: list[Any]) -> None:
    """A line; text stays text, though it begins as a formula does or looks like a number."""
    row = sheet.max_row + 1 if sheet.max_row > 1 or sheet["A1"].value is not None else 1
    for place, value in enumerate(values, 1):
        cell = sheet.cell(row, place)
        cell.value = value
        if isinstance(value, str):
            cell.data_type, cell.number_format = "s", "@"
