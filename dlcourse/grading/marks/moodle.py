"""Marks for Moodle: its grade import, its grading worksheet, and its zip of feedback files."""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook

from dlcourse.grading.marks.exporter import Exporter, spreadsheet_text
from dlcourse.grading.marks.forms import Form, given_file
from dlcourse.grading.platforms import known
from dlcourse.grading.platforms.names import comparable
from dlcourse.grading.refusal import Halt

USUAL = 100  # points of an item that Moodle makes, and the most that it imports
GRADE = {comparable(one) for one in ("grade", "評点", "評定")}
MOST = {comparable(one) for one in ("maximum grade", "最大評点", "最高評点", "評点の最大値")}


class Moodle(Exporter):
    """For 評定 › インポート › CSV: one item in a file, scaled to its points, and only students who have a mark.

    An empty cell would take the place of a mark that stands there, and more points than the item has stop the import.
    """

    default = "moodle.csv"

    def write(self, gradebook: Gradebook, target: Path) -> None:
        chosen = [one for one in self.assignments(gradebook) if one.notebooks]
        for assignment in chosen or [self.one_assignment(gradebook)]:
            place = target if len(chosen) == 1 else target.with_stem(f"{target.stem}-{assignment.name}")
            self.save(self.rows_of(gradebook, assignment), place)

    def rows_of(self, gradebook: Gradebook, assignment: Assignment) -> Iterator[list[Any]]:
        most = self.maximum or USUAL
        if most > USUAL:
            self.log.warning("Moodle は、サイトの設定を変えていなければ 100 点までを受け取ります。 / more than 100")
        marks = self.marks(gradebook, assignment, most)
        yield ["学籍番号", "メールアドレス", "氏名", spreadsheet_text(self.column or assignment.name)]
        for student in self.students(gradebook):
            if student.id in marks:
                name = " ".join(filter(None, [student.last_name, student.first_name]))
                yield [*map(spreadsheet_text, [student.id, student.email, name]), marks[student.id]]


class Worksheet(Exporter):
    """Moodle's own grading worksheet, filled in: it knows the students by the numbers of this assignment.

    `nbgrader export moodle-worksheet FILE`. Its headings are in the teacher's language, and its times say what has
    changed since, so that it is the one file that Moodle takes back.
    """

    default = "moodle-worksheet.csv"

    def write(self, gradebook: Gradebook, target: Path) -> Iterable[str]:
        path, content = given_file(self.given, "Moodle の評定ワークシート", "nbgrader export moodle-worksheet 評点.csv")
        assignment = self.one_assignment(gradebook)
        form = Form.read(path.name, content)
        place = form.place(lambda heading: comparable(heading) in GRADE, "評点")
        people = known.people(gradebook, assignment.name)
        marks = self.marks(gradebook, assignment, self.maximum or self.most_in(form))
        left = form.fill(place, marks, people)
        target.write_bytes(form.content())
        self.log.info("Wrote %s", target)
        return left

    def most_in(self, form: Form) -> float:
        """Of how many points the item is, as the worksheet says."""
        places = [place for place, heading in enumerate(form.headings) if comparable(heading) in MOST]
        values = [
            cells[place] for cells in form.cells[form.table.heading + 1 :] for place in places if place < len(cells)
        ]
        try:
            return max((float(value) for value in values if value.strip()), default=USUAL)
        except ValueError:
            raise Halt(f"{form.name} の最大評点が数ではありません。 / the maximum is no number") from None


class Feedback(Exporter):
    """The feedback pages as a zip for 課題 › 複数のフィードバックファイルをZIPでアップロードする.

    Moodle reads the second part of a name, which is the student's number in this assignment: it is kept by zip_collect.
    """

    default = "moodle-feedback.zip"

    def write(self, gradebook: Gradebook, target: Path) -> Iterator[str]:
        assignment = self.one_assignment(gradebook)
        people = known.people(gradebook, assignment.name)
        numbers = {student: number for number, student in people.participants.items()}
        course = self.parent.coursedir
        left = []
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for student in self.students(gradebook):
                folder = Path(course.format_path(course.feedback_directory, student.id, assignment.name))
                pages = sorted(folder.glob("*.html"))
                if pages and student.id not in numbers:
                    left.append(
                        f"  {people.students[student.id]}: Moodle での番号が分かりません(集めたときに控えます)。"
                    )
                    continue
                for page in pages:
                    # a folder instead of the last _ is understood, too, but kept as a folder named "/"
                    called = f"{student.id.replace('_', '-')}_{numbers[student.id]}_assignfeedback_file_{page.name}"
                    archive.write(page, called)
        self.log.info("Wrote %s", target)
        return iter(left)
