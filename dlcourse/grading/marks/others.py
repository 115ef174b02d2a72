"""Marks for manaba, Sakai and Blackboard: their own lists, filled in."""

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Gradebook

from dlcourse.grading.marks.exporter import Exporter
from dlcourse.grading.marks.forms import Form, given_file, whose
from dlcourse.grading.platforms import known
from dlcourse.grading.platforms.names import comparable
from dlcourse.grading.platforms.tables import read_table
from dlcourse.grading.refusal import Halt

TOTAL = re.compile(r"\[Total Pts: (?P<most>[\d.,]+)[^\]]*\]")  # as Blackboard heads a column
MARKS = {comparable(one) for one in ("grade", "成績", "評点", "点数", "score")}


class Manaba(Exporter):
    """manaba's reportlist.xlsx with 合計点 filled in: `nbgrader export manaba reportlist.xlsx`."""

    default = "manaba.xlsx"

    def write(self, gradebook: Gradebook, target: Path) -> Iterable[str]:
        import openpyxl

        path, content = given_file(self.given, "manaba の reportlist.xlsx", "nbgrader export manaba reportlist.xlsx")
        assignment = self.one_assignment(gradebook)
        table = read_table(path.name, content)
        if table is None:
            raise Halt(f"{path} に、学生の表の見出しが見つかりません。 / not a list of students")
        headings = [heading.strip() for heading in table.cells[table.heading]]
        if "合計点" not in headings:
            raise Halt(f"{path} に「合計点」の列がありません(見出しは {'、'.join(headings)})。 / no such column")
        people = known.people(gradebook)
        rest = self.marks(gradebook, assignment, self.maximum)
        book = openpyxl.load_workbook(io.BytesIO(content))
        sheet = next(
            sheet for sheet in book.worksheets if any("合計点" in row for row in sheet.iter_rows(values_only=True))
        )
        for row in table.rows():
            students = whose(row, people)
            if len(students) == 1 and (name := next(iter(students))) in rest:
                sheet.cell(row.number, headings.index("合計点") + 1).value = rest.pop(name)
        book.save(target)
        self.log.info("Wrote %s", target)
        return [f"  {people.students[name]}: {path.name} に行がありません。" for name in rest]


class Sakai(Exporter):
    """Sakai's grades.csv in a zip, for すべてアップロード: `nbgrader export sakai bulk_download.zip`."""

    default = "sakai.zip"

    def write(self, gradebook: Gradebook, target: Path) -> Iterable[str]:
        path, content = given_file(self.given, "Sakai の zip", "nbgrader export sakai bulk_download.zip")
        assignment = self.one_assignment(gradebook)
        inside = f"{assignment.name}/grades.csv"
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                found = [name for name in archive.namelist() if re.fullmatch(r"(?:[^/]+/)?grades\.csv", name)]
                if len(found) != 1:
                    words = "に grades.csv がありません。評点も含めてダウンロードしてください。"
                    raise Halt(f"{path} {words} / no grades.csv")
                inside, content = found[0], archive.read(found[0])
        form = Form.read("grades.csv", content)
        place = form.place(lambda heading: comparable(heading) in MARKS, "成績")
        left = form.fill(place, self.marks(gradebook, assignment, self.maximum), known.people(gradebook))
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr(inside, form.content())
        self.log.info("Wrote %s", target)
        return left


class Blackboard(Exporter):
    """Blackboard's list of a column, as オフラインで作業 gives it, filled in: `nbgrader export blackboard gc_….xls`."""

    default = "blackboard.csv"

    def write(self, gradebook: Gradebook, target: Path) -> Iterable[str]:
        path, content = given_file(
            self.given, "Blackboard の成績の表", "nbgrader export blackboard gc_DL101_column.csv"
        )
        assignment = self.one_assignment(gradebook)
        form = Form.read(path.name, content)
        wanted = self.column or assignment.name
        columns = [heading for heading in form.headings if TOTAL.search(heading)]
        if len(columns) > 1:
            columns = [one for one in columns if comparable(TOTAL.split(one)[0]) == comparable(wanted)]
        place = form.place(lambda heading: heading in columns, f"「{wanted} [Total Pts: …] |番号」")
        match = TOTAL.search(form.headings[place])
        most = float(match["most"].replace(",", "")) if match else 0
        left = form.fill(place, self.marks(gradebook, assignment, self.maximum or most), known.people(gradebook))
        target.write_bytes(form.content())
        self.log.info("Wrote %s", target)
        return left
