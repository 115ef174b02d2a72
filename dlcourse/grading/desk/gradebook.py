"""The gradebook during a run: read once at its start, then written once for each student, whole or not at all."""

import logging
import sys
import time
from contextlib import contextmanager

import nbformat.v4
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Column, MetaData, String, Table, inspect, select, text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from tornado.log import app_log

from dlcourse.grading.desk import database
from dlcourse.grading.desk.restoring import untouched
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
ABSENT = ""  # in place of a file's fingerprint: this notebook of the assignment was not handed in


class OneTransaction(Session):
    """nbgrader's methods commit at each of their steps; here nothing is kept before `finish`."""

    def commit(self):
        self.flush()

    def finish(self):
        super().commit()


class Ledger(Gradebook):
    """nbgrader's gradebook with one connection for the run and one transaction per student.

    patience: seconds to wait for another program that holds the database.
    """

    def __init__(self, db_url, course_id, patience):
        self.patience = patience
        with storage():
            url = database.address(db_url)
            # of a server that can't be reached at all the teacher hears at once
            self.patiently(lambda: super(Ledger, self).__init__(url, course_id), waits_for=database.BUSY)
        self.db = scoped_session(sessionmaker(class_=OneTransaction, bind=self.engine))

    def make_table(self):
        """The one of ours, where there is none; before the first that is written."""
        with storage():
            self.patiently(lambda: made_from.metadata.create_all(self.engine))

    def check_course(self, *course, **more):
        database.ask_again(self.engine)  # which nbgrader has just made
        return super().check_course(*course, **more)

    def released(self, assignment):
        """The cells that students got, as original_cells: name of a notebook → its cells.

        Raises
        ------
        MissingEntry
            When the gradebook doesn't know the assignment.
        """

        def read():
            return {notebook.name: original_cells(notebook) for notebook in self.find_assignment(assignment).notebooks}

        with storage():
            return self.patiently(read)

    def enrolled(self):
        """The names of the students that the gradebook knows."""
        with storage():
            return self.patiently(lambda: [student.id for student in self.students])

    def graded(self, assignment):
        """From what points were given: student → notebook → (fingerprint of the file, release, is lateness valid)."""

        def read():
            found = {}
            if not inspect(self.engine).has_table(made_from.name):
                return found
            query = (
                select(SubmittedNotebook, made_from.c.file, made_from.c.release, made_from.c.late)
                .join(made_from, made_from.c.submitted_notebook == SubmittedNotebook.id)
                .join(SubmittedNotebook.assignment)
                .join(SubmittedAssignment.assignment)
                .where(Assignment.name == assignment)
            )
            for written, file, release, late in self.db.execute(query):
                of = file, release, late == lateness_of(written, file)
                found.setdefault(written.assignment.student_id, {})[written.name] = of
            return found

        with storage():
            return self.patiently(read)

    def standing(self, assignment, student):
        """The points of what was graded before, and of how many; None when nothing was."""

        def read():
            submission = self.find_submission(assignment, student)
            return submission.score, submission.max_score

        with storage():
            try:
                return self.patiently(read)
            except MissingEntry:
                return None

    def begin(self):
        if alone := database.ALONE.get(self.engine.dialect.name):
            self.db.execute(text(alone))

    def enrol(self, student):
        """Add a student whom the gradebook may not know yet."""

        def write():
            self.begin()
            self.update_or_create_student(student)
            self.db().finish()

        with storage(), quiet(app_log):
            self.patiently(write)

    def record(self, assignment, student, notebooks, releases, *, timestamp, create, penalty):
        """Write what became of a submission.

        notebooks: name → the graded notebook, or None for one that was not handed in.
        releases: name → for which release.
        create: whether a student whom the gradebook doesn't know is added.
        penalty: as LateSubmissionPlugin.late_submission_penalty.
        """

        def write():
            self.begin()
            if create:
                self.update_or_create_student(student)
            handed_in = {"timestamp": timestamp} if timestamp else {}
            submission = self.update_or_create_submission(assignment, student, **handed_in)
            for written in submission.notebooks:
                if written.name in notebooks:
                    notebook = notebooks[written.name]
                    save(written, notebook)
                    self.db.flush()
                    self.db.refresh(written, ["score"])
                    file = notebook.metadata.grading.submitted if notebook else ABSENT
                    penalise(written, file, penalty)
                    self.db.execute(made_from.delete().where(made_from.c.submitted_notebook == written.id))
                    of = {
                        "submitted_notebook": written.id,
                        "file": file,
                        "release": releases[written.name],
                        "late": lateness_of(written, file),
                    }
                    self.db.execute(made_from.insert().values(of))
            self.db().finish()

        # nbgrader's methods build a submission piece by piece, and flush it themselves
        with storage(), quiet(app_log), self.db.no_autoflush:
            self.patiently(write)

    def settle(self, assignment, penalty, timestamps=()):
        """Make every penalty for lateness that of today's due date, of the points as they stand and of these times.

        timestamps: pairs of a student and when that student has handed in.
        The students whose penalty was another one.
        """

        def write():
            self.begin()
            known, changed = dict(timestamps), []
            for submission in self.find_assignment(assignment).submissions:
                if submission.student_id in known:
                    submission.timestamp = known[submission.student_id]
                for written in submission.notebooks:
                    mine = made_from.c.submitted_notebook == written.id
                    of = self.db.execute(select(made_from.c.file, made_from.c.late).where(mine)).first()
                    if of is None:  # nothing of ours: graded by nbgrader itself, or not at all
                        continue
                    before, late = written.late_submission_penalty, lateness_of(written, of.file)
                    penalise(written, of.file, penalty)
                    if of.late != late:
                        self.db.execute(made_from.update().where(mine).values(late=late))
                    if (before or 0) != (written.late_submission_penalty or 0):
                        changed.append(submission.student_id)
            self.db().finish()
            return sorted(set(changed))

        with storage(), quiet(app_log), self.db.no_autoflush:
            return self.patiently(write)

    def patiently(self, action, waits_for=(*database.BUSY, *database.LOST)):
        """The action's result, tried again while another program holds the database, or it can't be reached."""
        end, told = time.monotonic() + self.patience, set()
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
                if hasattr(self, "db"):
                    self.db.remove()

    def place(self):
        url = self.engine.url
        return url.database if url.get_backend_name() == "sqlite" else url.set(query={}).render_as_string()


HELD = "成績簿がほかのプログラムに使われています。空くのを待っています… / waiting for the gradebook"
OUT_OF_REACH = "成績簿のデータベースにつながりません。つながるのを待っています… / waiting for the gradebook's server"


def lateness_of(written, file):
    """What the penalty of a submitted notebook depends on, as it is now; "" where it is not late."""
    late = written.assignment.total_seconds_late if file != ABSENT else 0
    return f"{late:g} s of {written.score:g} points" if late > 0 else ""


def penalise(written, file, penalty):
    """Set what lateness costs. penalty: as LateSubmissionPlugin.late_submission_penalty."""
    points = None
    if lateness_of(written, file):
        submission = written.assignment
        points = penalty(submission.student_id, written.score, submission.total_seconds_late)
    written.late_submission_penalty = None if points is None else min(max(points, 0), written.score)


def save(written, notebook):
    """The points and remarks of one notebook, as nbgrader's SaveAutoGrades would have them."""
    cells = (
        {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
        if notebook
        else {}
    )
    released = written.notebook
    names = {cell.id: cell.name for cell in (*released.grade_cells, *released.solution_cells, *released.task_cells)}
    for grade in written.grades:
        cell = cells.get(names.get(grade.cell_id))
        if notebook is None:
            grade.auto_score, grade.needs_manual_grade = 0, False
        elif cell is not None and utils.is_grade(cell):
            try:
                grade.auto_score, _ = utils.determine_grade(cell)
            except ValueError:  # a test that ends with more than its points: the teacher's to decide
                grade.auto_score = None
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
    for comment in written.comments if notebook else []:
        cell = cells.get(names.get(comment.cell_id))
        unanswered = cell is not None and untouched(cell) and not utils.is_task(cell)
        comment.auto_comment = "No response." if unanswered else None


def original_cells(notebook):
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
def quiet(logger):
    """nbgrader writes a traceback into this log before it raises what the teacher is told in one line."""

    def silent(record):
        return record.levelno < logging.ERROR

    logger.addFilter(silent)
    try:
        yield
    finally:
        logger.removeFilter(silent)


@contextmanager
def storage():
    """Turns what is wrong with the database into one line."""
    try:
        yield
    except (SQLAlchemyError, ImportError, InvalidEntry) as error:
        line = database.explained(error)
        if line is None:
            raise
        raise Halt(f"{line} {GO_ON}") from error
