"""The items of *.items, and an assignment of nbgrader's made of them.

A file is one notebook: lines of explanation, then `--- cell` for what all its items use, then the items. An item is
`=== name` and its cells, in their order in the notebook:

    --- cell      an ordinary cell, which students may change
    --- setup     a cell of the course's that they may not
    --- answer    the model answer (students get the lines outside of ### BEGIN/END SOLUTION, or nothing)
    --- wrong     … and what a student may write in its place
    --- test 3    a test of three points; of one, where no number stands

All items of a file share the notebook's names: no item may use those of another.
"""

import hashlib
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import nbformat.v4 as v4
from nbgrader.api import Gradebook

ROOM = Path(__file__).parent
ASSIGNMENT = "ordinary"
STUDENTS = ("solution", "blank", "wrong")
ABOUT = {
    "setup": {"locked": True},
    "answer": {"solution": True},
    "test": {"grade": True, "locked": True},
}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass
class Cell:
    kind: str
    source: str
    wrong: str | None = None
    points: int = 1


@dataclass
class Item:
    name: str
    cells: list[Cell] = field(default_factory=list)

    @property
    def tests(self):
        """The tests' names in the notebook."""
        return [self.cell_name(place) for place, cell in enumerate(self.cells) if cell.kind == "test"]

    def cell_name(self, place):
        return f"{self.name}-{place}"

    @property
    def fingerprint(self):
        """By which points that were kept are known to be those of this item as it is now."""
        return hashlib.sha256(repr(self.cells).encode()).hexdigest()[:8]


def kinds():
    return sorted(path.stem for path in ROOM.glob("*.items"))


def read(kind):
    """The items of a kind; the first has no name, and holds what all of them use."""
    items = [Item("")]
    parts = re.split(r"^(===|---) (.+)\n", (ROOM / f"{kind}.items").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for mark, title, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        cells = items[-1].cells
        if mark == "===":
            items.append(Item(title))
        elif title == "wrong":
            assert cells[-1].kind == "answer", f"{kind}: {items[-1].name}"
            cells[-1].wrong = text.strip()
        else:
            name, _, points = title.partition(" ")
            assert name in ("cell", *ABOUT), f"{kind}: {items[-1].name}: {title}"
            cells.append(Cell(name, text.strip(), points=int(points or 1)))
    return items


def source_notebook(kind):
    """As the teacher writes it."""
    cells = []
    for item in read(kind):
        for place, cell in enumerate(item.cells):
            source = cell.source
            if cell.kind == "answer" and BEGIN not in source:
                source = f"{BEGIN}\n{source}\n{END}"
            made = v4.new_code_cell(source)
            if cell.kind != "cell":
                known = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
                points = {"points": cell.points} if cell.kind == "test" else {}
                made.metadata["nbgrader"] = known | ABOUT[cell.kind] | points | {"grade_id": item.cell_name(place)}
            cells.append(made)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return v4.new_notebook(cells=cells, metadata=kernel)


def handed_in(kind, released, student):
    """What this student makes of the released notebook."""
    notebook = nbformat.from_dict(released)
    cells = {item.cell_name(place): cell for item in read(kind) for place, cell in enumerate(item.cells)}
    for cell in notebook.cells:
        answer = cells.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if answer and answer.kind == "answer" and student != "blank":
            text = answer.wrong if student == "wrong" and answer.wrong is not None else answer.source
            cell.source = "\n".join(line for line in text.splitlines() if line.strip() not in (BEGIN, END))
    return notebook


def write_sources(folder, which):
    """A course folder with the assignment's sources."""
    sources = Path(folder, "solutions", ASSIGNMENT)
    shutil.copytree(ROOM / "beside", sources)
    for kind in which:
        nbformat.write(source_notebook(kind), sources / f"{kind}.ipynb")


def hand_in(folder, which):
    """… and with what the students make of the released notebooks."""
    for student in STUDENTS:
        place = Path(folder, "submitted", student, ASSIGNMENT)
        shutil.copytree(ROOM / "beside", place)
        for kind in which:
            released = nbformat.read(Path(folder, "exercises", ASSIGNMENT, f"{kind}.ipynb"), as_version=4)
            nbformat.write(handed_in(kind, released, student), place / f"{kind}.ipynb")


def points_of(folder, which):
    """kind → item → student → the points of its tests, as the course's gradebook has them."""
    points = {}
    with Gradebook(f"sqlite:///{Path(folder, 'gradebook.db')}") as gradebook:
        for student in STUDENTS:
            notebooks = {one.name: one for one in gradebook.find_submission(ASSIGNMENT, student).notebooks}
            for kind in which:
                scores = {grade.name: grade.score for grade in notebooks[kind].grades}
                for item in read(kind)[1:]:
                    of_item = points.setdefault(kind, {}).setdefault(item.name, {})
                    of_item[student] = [round(scores[test], 6) for test in item.tests]
    return points
