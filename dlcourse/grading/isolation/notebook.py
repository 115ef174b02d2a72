"""Running one notebook: the student's cells in the student's process, the tests here, with the student's names.

Nothing here knows nbgrader, notebooks on disk or exercises: cells come in as text, outputs go out as plain data, so
that a notebook can be run in any process of any machine.
"""

import contextlib
import linecache
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcourse import words
from dlcourse.grading.display.characters import storable
from dlcourse.grading.display.pictures import EMBEDDED, KINDS
from dlcourse.grading.isolation.course_cells import error
from dlcourse.grading.isolation.session import StudentSession
from dlcourse.grading.isolation.surroundings import Main
from dlcourse.words import to_say

if TYPE_CHECKING:
    from dlcourse.grading.isolation.engines import Engine

NO_TIME_LEFT = to_say("このノートブックの採点にかけられる時間を使いきったため、実行していません。")
TOO_MUCH = to_say("このノートブックの出力が長すぎるため、ここからは残していません。")
LONGEST_NOTEBOOK = 5_000_000  # characters of a notebook's outputs, pictures aside


@dataclass
class Cell:
    """kind: "setup" and "test" (the course's own; setup runs on both sides), "answer" and "own" (the student's), and
        "test with student", for a test that its teacher wants to run where the answers are.

    order: cells with a smaller one run earlier, those with the same in their order in the notebook.
    name: by which the course knows it.
    """

    kind: str
    source: str
    order: float = 0.0
    name: str = ""


Needs = dict[str, list[list[str]]]


@dataclass
class NotebookContext:
    """What belongs to a notebook and does not stand in its managed cells.

    imports: the import statements of the course's ordinary cells, which students may change, and tests rely on.
    answers: names that the answers and the ordinary cells define; a test that uses one of them for itself must not hide
        the next answer.
    student_files: name → contents; what the student's cells find beside the notebook.
    course_files: … and what the tests find.
    shared: names that the answers and the ordinary cells define or use for all: what a test makes of them, the
        student's code finds.
    needs: name of a test → what it does with the student's objects beyond the usual, as a run of the course's own
        solution has said: see `Run.needs`. None when that is what runs here.
    libraries: modules of libraries that the course's notebook imports.
    language: in which the student is spoken to.
    """

    imports: str = ""
    answers: list[str] = field(default_factory=list)
    student_files: dict[str, bytes] = field(default_factory=dict)
    course_files: dict[str, bytes] = field(default_factory=dict)
    shared: list[str] = field(default_factory=list)
    needs: Needs | None = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    language: str = field(default_factory=words.language)


@dataclass
class Run:
    """What became of a notebook: one list of outputs per cell, in nbformat's form.

    verdicts: place of a test → what the check in it has found wrong, as course_cells.verdict_of has it.
    needs: name of a test → pairs: an operation and the name of the student's class to whose objects it hands a value of
        the test's; "name" and a name of the course's, or "file" and a file of the course's, that the answers change.
    late: kinds of the cells that did not end in their time.
    used_up: kinds whose time for the notebook was used up ("own", and "answer" for everything else).
    """

    outputs: list[list[dict[str, Any]]] = field(default_factory=list)
    verdicts: dict[int, dict[str, Any]] = field(default_factory=dict)
    needs: Needs = field(default_factory=dict)
    restarts: int = 0
    seconds: float = 0.0
    late: list[str] = field(default_factory=list)
    used_up: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def run(
    cells: list[Cell], engine: "Engine", context: NotebookContext | None = None, *,
    cell_seconds: float = 10.0, notebook_seconds: float = 120.0, alarm: Callable[[float], None] = lambda seconds: None,
) -> Run:  # fmt: skip
    """Run the cells in their order.

    A cell that ends the student's process, or does not end itself, loses its own outputs only: the process is
    started again and the cells before are repeated.

    Seconds are those of the processors' work on the student's cells; by the clock they may take longer (WAITING). The
    student's cells beside the answers have `notebook_seconds` for themselves, answers and tests have as much again.
    alarm: is told, before each cell, by when it has ended if all limits hold.
    """
    context = context or NotebookContext()
    start = time.monotonic()
    outputs: dict[int, list[dict[str, Any]]] = {}
    verdicts: dict[int, dict[str, Any]] = {}
    left_to_show = LONGEST_NOTEBOOK
    with words.using(context.language), folder_of_tests(context.course_files):
        session = StudentSession(engine, context, cell_seconds, notebook_seconds, alarm)
        try:
            for place in sorted(range(len(cells)), key=lambda place: cells[place].order):
                cell = cells[place]
                if not session.begin(cell.kind):
                    outputs[place] = [error("OutOfTime", NO_TIME_LEFT)]
                elif cell.kind == "test":
                    outputs[place], verdict = session.test(cell.source, cell.name or str(place))
                    if verdict:
                        verdicts[place] = verdict
                elif cell.kind == "test with student":
                    outputs[place] = session.test_with_student(cell.source)
                else:
                    made = session.cell(cell.source)
                    left_to_show -= text_in(made)
                    outputs[place] = made if left_to_show > 0 else [error("TooMuchOutput", TOO_MUCH)]
                    if cell.kind == "setup":
                        session.setup(cell.source)
                session.end(any(output.get("ename") == "CellTimeoutError" for output in outputs[place]))
        finally:
            session.close()
            session.surroundings.close()
    return Run(
        outputs=[storable(outputs[place]) for place in range(len(cells))], verdicts=storable(verdicts),
        needs=session.needs,
        restarts=session.restarts, seconds=time.monotonic() - start, late=session.late, used_up=session.used_up,
    )  # fmt: skip


@contextlib.contextmanager
def folder_of_tests(files: dict[str, bytes]) -> Iterator[None]:
    """A current folder with these files; nothing of it stays in this process.

    Tests import from another one: into this come the student's files, too.
    """
    with (
        tempfile.TemporaryDirectory(prefix="tests-") as folder,
        tempfile.TemporaryDirectory(prefix="course-") as course,
    ):
        for place in (folder, course):
            for name, content in files.items():
                path = Path(place, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        sys.path.append(course)
        # Where a test makes a folder of its own, the student's code can use it.
        before, tempfile.tempdir = tempfile.tempdir, folder
        try:
            with contextlib.chdir(folder):
                yield
        finally:
            tempfile.tempdir = before
            sys.path.remove(course)
            linecache.clearcache()  # it holds the student's functions
            for name, module in list(sys.modules.items()):  # the next course may have a helper.py of its own
                # A library may have kept the one that stood for the notebook, whose process is gone.
                if type(module) is Main or str(getattr(module, "__file__", None)).startswith(course):
                    del sys.modules[name]


def text_in(outputs: list[dict[str, Any]]) -> int:
    """How many characters these outputs have; of pictures there is another limit."""
    texts = [
        output | {"data": {kind: part for kind, part in output.get("data", {}).items() if kind not in KINDS}}
        for output in outputs
    ]
    return len(EMBEDDED.sub("", str(texts)))
