"""Whether the course's own solution passes its tests here: each that it fails is named, before anybody loses a point.

nbgrader runs tests in the students' process, we run them beside it; docs: book/teachers.md lists what does not work
across the two. The solution's run also says what each test has to do with students' objects (`Run.needs`).
"""

import ast
import copy
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_notebook

import dlcourse
from dlcourse.grading.desk.assignment_state import AssignmentState, release_digest
from dlcourse.grading.desk.course_material import CourseMaterial
from dlcourse.grading.desk.notes import listed
from dlcourse.grading.desk.restoring import restore

FILE = "grading-checks.json"
OF_THIS_COURSE = {"check", "grade"}  # functions of dlcourse.checks, which has tests of its own
# The first line of a test that runs where the answers are, so that these can make what they like of it.
WITH_STUDENT = re.compile(r"\s*### RUNS WITH STUDENT\b")
LONGEST_TEXT = 300  # characters of an error
# What the error of a test says → what the teacher can do. The first that fits.
REMEDIES = [
    ("CellTimeoutError|OutOfTime", "時間が足りません。--RunIsolated.cell_seconds を大きくしてください。"),
    ("KernelStopped", "メモリーを使いすぎたか、Python が止まりました。小さな入力で確かめてください。"),
    (
        "PermissionError|BlockingIOError|Operation not permitted",
        "採点では、ほかのプログラム、ネットワーク、フォルダーの外のファイルは使えません。",
    ),
    ("ModuleNotFoundError", "採点する計算機に、このライブラリーを入れてください。"),
]
OTHERWISE = "学生の値とここの値の受け渡しでは書けない確かめ方です。「採点の安全性」のページの表を見てください。"
ACCEPT = "このまま使うなら、答え合わせの最初の行に ### RUNS WITH STUDENT と書くと、解答と同じところで動きます。"

Runner = Callable[[str, NotebookNode, Any], dict[str, Any]]  # name of a notebook, its cells, context → Run as data


@dataclass
class Failed:
    """A test that the course's own solution does not pass."""

    test: str
    error: str
    text: str

    def __str__(self) -> str:
        said = f"{self.error}: {self.text}" if self.text else self.error
        remedy = next((words for pattern, words in REMEDIES if re.search(pattern, said)), OTHERWISE)
        return f"{self.test}: 模範解答が通りません({said})。{remedy}"


@dataclass
class Checked:
    """What the run of one notebook's solution has said. of: by which it is known to be that of today's notebook."""

    of: str
    needs: dict[str, list[list[str]]]
    failed: list[Failed]


class SolutionCheck:
    """The checks of one assignment, kept beside the gradebook."""

    def __init__(self, state: AssignmentState, material: CourseMaterial) -> None:
        self.state, self.material = state, material
        self.file = Path(state.course.root, FILE)
        self.known: dict[str, Checked] = in_file(self.file).get(state.assignment, {})

    def is_needed(self, name: str) -> bool:
        """Whether a notebook's tests have not been checked as they are now."""
        if not self.material.cells[name] or all(map(is_of_this_course, tests_in(self.state.released[name]))):
            return False
        return name not in self.known or self.known[name].of != self.digest(name)

    def digest(self, name: str) -> str:
        source = repr([(cell.cell_type, cell.source) for cell in self.material.cells[name]])
        release = release_digest(self.state.released[name])
        return hashlib.sha256(f"{dlcourse.__version__} {release} {source}".encode()).hexdigest()

    def run(self, runner: Runner) -> None:
        """Check what has to be checked, and keep what was said."""
        due = [name for name in self.state.released if self.is_needed(name)]
        for name in due:
            notebook = new_notebook(cells=copy.deepcopy(self.material.cells[name]))
            restore(notebook, self.state.released[name], self.material.cells[name])
            outcome = runner(name, notebook, self.material.context_of_solution(name))
            self.known[name] = Checked(self.digest(name), outcome["needs"], failed_in(notebook, outcome["outputs"]))
        if due:
            keep(self.file, self.state.assignment, self.known)

    def needs(self, name: str) -> dict[str, list[list[str]]]:
        """What the notebook's tests do with students' objects; nothing beyond the usual where nobody has checked."""
        checked = self.known.get(name)
        return checked.needs if checked and checked.of == self.digest(name) else {}

    def lines(self) -> list[str]:
        """For the teacher."""
        found = [f"{name}.ipynb の {one}" for name in sorted(self.known) for one in self.known[name].failed]
        accepted = [
            cell.metadata.nbgrader.grade_id for cells in self.state.released.values() for cell in cells.values()
            if runs_with_student(cell.source) and cell.metadata.nbgrader.grade
        ]  # fmt: skip
        said = (
            [f"解答と同じところで動く答え合わせ: {listed(accepted)} / tests that run with the answers"]
            if accepted
            else []
        )
        if not found:
            return said
        return [
            *said,
            "この課題の模範解答が通らない答え合わせがあります。学生の正しい解答も点になりません。"
            " / tests that the assignment's own solution fails here:",
            *(f"  {line}" for line in found),
            f"  {ACCEPT}",
        ]


def runs_with_student(source: str) -> bool:
    return bool(WITH_STUDENT.match(source))


def tests_in(cells: Mapping[str, NotebookNode]) -> list[str]:
    return [
        cell.source for cell in cells.values()
        if cell.cell_type == "code" and cell.metadata.nbgrader.grade and cell.metadata.nbgrader.locked
    ]  # fmt: skip


def is_of_this_course(source: str) -> bool:
    """Whether a test only calls our checks, once it has seen that they are there."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return all(
        isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) and isinstance(one.value.func, ast.Name)
        and one.value.func.id in OF_THIS_COURSE
        or isinstance(one, ast.Assert) and ast.unparse(one.test) == "'check' in globals()"
        for one in body
    )  # fmt: skip


def failed_in(notebook: NotebookNode, outputs: Sequence[Sequence[Mapping[str, Any]]]) -> list[Failed]:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = []
    for cell, made in zip(code, outputs, strict=True):
        about = cell.metadata.get("nbgrader", {})
        error = next((output for output in made if output["output_type"] == "error"), None)
        if error and about.get("grade") and about.get("locked"):
            text = error.get("evalue") or re.sub(r"^[\w.]+(: |$)", "", str((error.get("traceback") or [""])[-1]))
            found.append(Failed(about["grade_id"], str(error["ename"]), " ".join(text.split())[:LONGEST_TEXT]))
    return found


def in_file(file: Path) -> dict[str, dict[str, Checked]]:
    try:
        known = json.loads(file.read_text("utf-8"))
        return {
            assignment: {
                name: Checked(about["of"], about["needs"], [Failed(**one) for one in about["failed"]])
                for name, about in notebooks.items()
            }
            for assignment, notebooks in known.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # they are made again


def keep(file: Path, assignment: str, checked: Mapping[str, Checked]) -> None:
    known = in_file(file) | {assignment: dict(checked)}
    data = {one: {name: asdict(about) for name, about in notebooks.items()} for one, notebooks in known.items()}
    new = file.with_suffix(".new")
    new.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, file)
