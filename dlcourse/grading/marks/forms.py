"""A list that a platform has given, with the marks filled in: everything else stays as it is, character for character.

Its own headings, numbers and encoding are what its importer looks for; and a cell of somebody who has no mark here
keeps what stands there, so that nothing is cleared.
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlcourse.grading.platforms.lists import owner
from dlcourse.grading.platforms.people import NOBODY, People, Students
from dlcourse.grading.platforms.tables import Row, Table, decoded, read_table, separator_of
from dlcourse.grading.refusal import Halt


@dataclass
class Form:
    """A list in a text file. encoding, separator, newline: as they were."""

    name: str
    table: Table
    encoding: str
    separator: str
    newline: str
    cells: list[list[str]]

    @classmethod
    def read(cls, name: str, content: bytes) -> "Form":
        """
        Raises
        ------
        Halt
            When it is no list of people.
        """
        table = read_table(name, content)
        if table is None:
            raise Halt(f"{name} に、学生の表の見出しが見つかりません。 / not a list of students")
        marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16"}
        encoding = next((found for mark, found in marks.items() if content.startswith(mark)), "utf-8")
        text = decoded(name, content)
        if encoding == "utf-8":
            try:
                content.decode("utf-8")
            except UnicodeDecodeError:  # as Excel saves it in Japan
                encoding = "cp932"
        separator = separator_of(text)
        newline = "\r\n" if "\r\n" in text else "\n"
        cells = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]
        return cls(name, table, encoding, separator, newline, cells)

    @property
    def headings(self) -> list[str]:
        return self.cells[self.table.heading]

    def place(self, wanted: Callable[[str], bool], what: str) -> int:
        """The column whose heading is the wanted one.

        Raises
        ------
        Halt
            When there is none, or several.
        """
        places = [place for place, heading in enumerate(self.headings) if wanted(heading.strip())]
        if len(places) != 1:
            headings = "、".join(filter(None, self.headings))
            problem = "がありません" if not places else "がいくつもあります"
            raise Halt(f"{self.name} に、{what}の列{problem}(見出しは {headings})。 / no such column, or several")
        return places[0]

    def fill(self, place: int, marks: Mapping[str, float], people: People) -> list[str]:
        """Write the marks into the column; whose mark has found no line."""
        rest = dict(marks)
        for row in self.table.rows():
            students = whose(row, people)
            if len(students) == 1 and (name := next(iter(students))) in rest:
                cells = self.cells[row.number - 1]
                cells += [""] * (place + 1 - len(cells))
                cells[place] = str(rest.pop(name))
        return [f"  {people.students[name]}: {self.name} に行がありません。" for name in rest]

    def content(self, columns: list[int] | None = None) -> bytes:
        """The file, or these columns of it."""
        file = io.StringIO(newline="")
        writer = csv.writer(file, delimiter=self.separator, lineterminator=self.newline)
        for cells in self.cells:
            writer.writerow(cells if columns is None else [cells[one] if one < len(cells) else "" for one in columns])
        return file.getvalue().encode(self.encoding)


def whose(row: Row, people: People) -> Students:
    """The student whom a line of a platform's list is about: by a number, or by the name where it has none."""
    if number := row.get("participant"):
        if (known := people.participants.get(number)) in people.students:
            return frozenset({str(known)})
    if number := row.get("lms_user_id"):
        if found := people.user(number):
            return found
    has_number = any(row.get(kind) for kind in ("id", "account", "email"))
    says = {kind: text for kind, text in row.says.items() if not has_number or "name" not in kind}
    plain = Row(row.number, says)
    return owner(plain, people) if plain.says else NOBODY


def given_file(path: Path | None, what: str, example: str) -> tuple[Path, bytes]:
    """The file that the teacher has given.

    Raises
    ------
    Halt
        When there is none; with how to get one.
    """
    if path is None:
        raise Halt(f"{what}を渡してください: {example} / a file is needed")
    try:
        return path, path.read_bytes()
    except OSError as error:
        raise Halt(f"{path} を開けません({error.strerror})。 / cannot be opened") from None
