"""The gradebook during a run: read once at its start, then written once for each student, whole or not at all."""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import nbformat.v4
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    BaseCell,
    Gradebook,
    GradedMixin,
    InvalidEntry,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Column, MetaData, String, Table, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session, sessionmaker, with_polymorphic
from tornado.log import app_log

from dlcourse.grading.desk import database
from dlcourse.grading.desk.cell_facts import untouched
from dlcourse.grading.desk.lateness import PenaltyRule
from dlcourse.grading.refusal import GO_ON, Halt

# Beside nbgrader's own tables: from which file, and for which release, the points of a submitted notebook were given,
# and for what its penalty (see `lateness_of`). Its number goes when a student or a submission is removed, and no other
# one ever has it.
made_from = Table(
    "dlcourse_made_from", MetaData(),
    Column("submitted_notebook", String(32), primary_key=True),
    Column("file", String(64), nullable=False),
    Column("release", String(64), nullable=False),
    Column("late", String(64), nullable=False),
)  # fmt: skip
T = TypeVar("T")
ABSENT = ""  # in place of a file's digest: this notebook of the assignment was not handed in


class MadeFrom(NamedTuple):
    """From what the points of a submitted notebook were given: the digests of its file and of the release.

    penalty_holds: whether the penalty is that of today's dates and points.
    """

    file: str
    release: str
    penalty_holds: bool


class OneTransaction(Session):
    """nbgrader's methods commit at each of their steps; here nothing is kept before `finish`."""

    def commit(self) -> None:
        self.flush()

    def finish(self) -> None:
        super().commit()


class Ledger(Gradebook):
    """nbgrader's gradebook with one connection for the run and one transaction per student.

    patience: seconds to wait for another program that holds the database.
    """

    def __init__(self, db_url: str, course_id: str, patience: float) -> None:
        self.patience = patience
        with explained_errors():
            url = database.address(db_url)
            # of a server that can't be reached at all the teacher hears at once
            self.retried(lambda: super(Ledger, self).__init__(url, course_id), waits_for=database.BUSY)
        self.db = scoped_session(sessionmaker(class_=OneTransaction, bind=self.engine))

    def make_table(self) -> None:
        """The one of ours, where there is none; before the first that is written."""
        with explained_errors():
            self.retried(lambda: made_from.metadata.create_all(self.engine))

    def check_course(self, *course: Any, **more: Any) -> Any:
        database.ask_again(self.engine)  # which nbgrader has just made
        return super().check_course(*course, **more)

    def released(self, assignment: str) -> dict[str, dict[str, NotebookNode]]:
        """The cells that students got, as original_cells: name of a notebook → its cells.

        Raises
        ------
        MissingEntry
            When the gradebook doesn't know the assignment.
        """

        def read() -> dict[str, dict[str, NotebookNode]]:
            return {notebook.name: original_cells(notebook) for notebook in self.find_assignment(assignment).notebooks}

        with explained_errors():
            return self.retried(read)

    def released_cells(self, assignment: str) -> list[BaseCell]:
        """The cells that nbgrader manages, asked for at once: it asks for each alone unless the session has them.

        The session has them as long as somebody holds them.
        """
        cell = with_polymorphic(BaseCell, "*")
        of_assignment = select(cell).join(cell.notebook).join(Notebook.assignment).where(Assignment.name == assignment)
        return list(self.db.scalars(of_assignment))

    def enrolled(self) -> list[str]:
        """The names of the students that the gradebook knows."""
        with explained_errors():
            return self.retried(lambda: [student.id for student in self.students])

    def graded(self, assignment: str) -> dict[str, dict[str, MadeFrom]]:
        """student → notebook → from what its points were given."""

        def read() -> dict[str, dict[str, MadeFrom]]:
            found: dict[str, dict[str, MadeFrom]] = {}
            if not inspect(self.engine).has_table(made_from.name):
                return found
            query = (
                select(SubmittedNotebook, made_from.c.file, made_from.c.release, made_from.c.late)
                .join(made_from, made_from.c.submitted_notebook == SubmittedNotebook.id)
                .join(SubmittedNotebook.assignment)
                .join(SubmittedAssignment.assignment)
                .where(Assignment.name == assignment)
            )
            for row, file, release, late in self.db.execute(query):
                of = MadeFrom(file, release, late == lateness_of(row, file))
                found.setdefault(row.assignment.student_id, {})[row.name] = of
            return found

        with explained_errors():
            return self.retried(read)

    def earlier_points(self, assignment: str, student: str) -> tuple[float, float] | None:
        """The points of what was graded before, and of how many; None when nothing was."""

        def read() -> tuple[float, float]:
            submission = self.find_submission(assignment, student)
            return submission.score, submission.max_score

        with explained_errors():
            try:
                return self.retried(read)
            except MissingEntry:
                return None

    def begin(self) -> None:
        if lock := database.WRITE_LOCK.get(self.engine.dialect.name):
            self.db.execute(text(lock))

    def enrol(self, student: str) -> None:
        """Add a student whom the gradebook may not know yet."""

        def write() -> None:
            self.begin()
            self.update_or_create_student(student)
            self.db().finish()

        with explained_errors(), errors_not_logged(app_log):
            self.retried(write)

    def record(
        self, assignment: str, student: str, notebooks: Mapping[str, NotebookNode | None], releases: Mapping[str, str],
        *, timestamp: datetime | None, create: bool, penalty: PenaltyRule, no_points_by_hand: bool,
    ) -> None:  # fmt: skip
        """Write what became of a submission.

        notebooks: name → the graded notebook, or None for one that was not handed in.
        releases: name → for which release.
        create: whether a student whom the gradebook doesn't know is added.
        penalty: what lateness costs.
        no_points_by_hand: whether a cell of no points waits for the teacher, as the others that no test judges do.
        """

        def write() -> None:
            self.begin()
            if create:
                self.update_or_create_student(student)
            handed_in = {"timestamp": timestamp} if timestamp else {}
            cells = self.released_cells(assignment)
            submission = self.update_or_create_submission(assignment, student, **handed_in)
            for row in submission.notebooks:
                if row.name in notebooks:
                    notebook = notebooks[row.name]
                    save_points(row, notebook, cells, no_points_by_hand)
                    self.db.flush()
                    self.db.refresh(row, ["score"])
                    file = notebook.metadata.grading.submitted if notebook else ABSENT
                    set_penalty(row, file, penalty)
                    self.db.execute(made_from.delete().where(made_from.c.submitted_notebook == row.id))
                    of = {
                        "submitted_notebook": row.id,
                        "file": file,
                        "release": releases[row.name],
                        "late": lateness_of(row, file),
                    }
                    self.db.execute(made_from.insert().values(of))
            self.db().finish()

        # nbgrader's methods build a submission piece by piece, and flush it themselves
        with explained_errors(), errors_not_logged(app_log), self.db.no_autoflush:
            self.retried(write)

    def update_penalties(
        self, assignment: str, penalty: PenaltyRule, timestamps: Iterable[tuple[str, datetime]] = ()
    ) -> list[str]:
        """Make every penalty for lateness that of today's due date, of the points as they stand and of these times.

        timestamps: pairs of a student and when that student has handed in.
        Returns the students whose penalty was another one.
        """

        def write() -> list[str]:
            self.begin()
            known, changed = dict(timestamps), set[str]()
            for submission in self.find_assignment(assignment).submissions:
                if submission.student_id in known:
                    submission.timestamp = known[submission.student_id]
                for row in submission.notebooks:
                    mine = made_from.c.submitted_notebook == row.id
                    of = self.db.execute(select(made_from.c.file, made_from.c.late).where(mine)).first()
                    if of is None:  # nothing of ours: graded by nbgrader itself, or not at all
                        continue
                    before, late = row.late_submission_penalty, lateness_of(row, of.file)
                    set_penalty(row, of.file, penalty)
                    if of.late != late:
                        self.db.execute(made_from.update().where(mine).values(late=late))
                    if (before or 0) != (row.late_submission_penalty or 0):
                        changed.add(submission.student_id)
            self.db().finish()
            return sorted(changed)

        with explained_errors(), errors_not_logged(app_log), self.db.no_autoflush:
            return self.retried(write)

    def retried(self, action: Callable[[], T], waits_for: tuple[str, ...] = (*database.BUSY, *database.LOST)) -> T:
        """The action's result, tried again while another program holds the database, or it can't be reached."""
        end, told = time.monotonic() + self.patience, set[bool]()
        while True:
            try:
                return action()
            except (DatabaseError, InvalidEntry) as error:
                code = database.fault(error)
                if not code.startswith(waits_for):
                    raise
                lost = code.startswith(database.LOST)
                if time.monotonic() > end:
                    if lost:
                        raise
                    raise Halt(
                        f"成績簿が{self.patience:g}秒たっても、ほかのプログラムに使われたままです"
                        f"({self.place()})。{GO_ON} / the gradebook stays locked"
                    ) from None
                if lost not in told:
                    print(OUT_OF_REACH if lost else HELD, file=sys.stderr)
                told.add(lost)
                time.sleep(0.1)
            finally:
                self.leave()

    def leave(self) -> None:
        """Give the connection back. That nothing can be undone at a server which is gone changes no result."""
        if hasattr(self, "db"):
            try:
                self.db.remove()
            except DatabaseError as error:
                if not database.fault(error).startswith(database.LOST):
                    raise
                self.db.registry.clear()

    def place(self) -> str:
        url: URL = self.engine.url
        return str(url.database) if url.get_backend_name() == "sqlite" else url.set(query={}).render_as_string()


HELD = "成績簿がほかのプログラムに使われています。空くのを待っています… / waiting for the gradebook"
OUT_OF_REACH = "成績簿のデータベースにつながりません。つながるのを待っています… / waiting for the gradebook's server"


def lateness_of(row: SubmittedNotebook, file: str) -> str:
    """What the penalty of a submitted notebook depends on, as it is now; "" where it is not late."""
    late = row.assignment.total_seconds_late if file != ABSENT else 0
    return f"{late:g} s of {row.score:g} points" if late > 0 else ""


def set_penalty(row: SubmittedNotebook, file: str, penalty: PenaltyRule) -> None:
    """Set what lateness costs."""
    points = None
    if lateness_of(row, file):
        submission = row.assignment
        points = penalty(submission.student_id, row.score, submission.total_seconds_late)
    row.late_submission_penalty = None if points is None else min(max(points, 0), row.score)


def save_points(
    row: SubmittedNotebook, notebook: NotebookNode | None, managed: Iterable[BaseCell], no_points_by_hand: bool
) -> None:
    """The points and remarks of one notebook, as nbgrader's SaveAutoGrades would have them.

    managed: the cells that nbgrader manages in this assignment.

    Where a text of no points need not be graded, it has its 0 points: else no submission would ever be done.
    """
    cells = (
        {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
        if notebook
        else {}
    )
    names = {cell.id: cell.name for cell in managed}
    most = {cell.id: cell.max_score for cell in managed if isinstance(cell, GradedMixin)}
    for grade in row.grades:
        cell = cells.get(names.get(grade.cell_id))
        if notebook is None:
            grade.auto_score, grade.needs_manual_grade = 0, False
        elif cell is not None and not most.get(grade.cell_id) and not no_points_by_hand:
            grade.auto_score, grade.needs_manual_grade = 0, False
        elif cell is not None and utils.is_grade(cell):
            try:
                grade.auto_score, _ = utils.determine_grade(cell)
            except ValueError:  # a test that ends with more than its points: the teacher's to decide
                grade.auto_score = None
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        elif cell is not None and utils.is_task(cell) and grade.manual_score is None:
            # the teacher's to grade, also where the notebook was missing before and had 0 points for it
            grade.auto_score, grade.needs_manual_grade = None, True
    for comment in row.comments if notebook else []:
        cell = cells.get(names.get(comment.cell_id))
        unanswered = cell is not None and untouched(cell) and not utils.is_task(cell)
        comment.auto_comment = "No response." if unanswered else None


def original_cells(notebook: Notebook) -> dict[str, NotebookNode]:
    """The cells that nbgrader manages, by id and in their order, as the gradebook keeps them."""
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    tasks = {cell.name for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    originals = {}
    for cell in notebook.source_cells:
        metadata = {
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": cell.name in points and cell.name not in tasks,
            "grade_id": cell.name,
            "locked": cell.locked,
            "schema_version": 3,
            "solution": cell.name in solutions,
            "task": cell.name in tasks,
        }
        if cell.name in points:
            metadata["points"] = points[cell.name]
        make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        originals[cell.name] = make(cell.source, metadata={"nbgrader": metadata})
    return originals


@contextmanager
def errors_not_logged(logger: logging.Logger) -> Iterator[None]:
    """nbgrader writes a traceback into this log before it raises what the teacher is told in one line."""

    def silent(record: logging.LogRecord) -> bool:
        return record.levelno < logging.ERROR

    logger.addFilter(silent)
    try:
        yield
    finally:
        logger.removeFilter(silent)


@contextmanager
def explained_errors() -> Iterator[None]:
    """Turns what is wrong with the database into one line."""
    try:
        yield
    except (SQLAlchemyError, ImportError, InvalidEntry) as error:
        line = database.explained(error)
        if line is None:
            raise
        raise Halt(f"{line} {GO_ON}") from error
