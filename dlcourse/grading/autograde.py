"""`nbgrader autograde`: nbgrader's steps, in a loop that keeps several notebooks running and loses nothing."""

import logging
import shutil
import sys
import time
import traceback
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_client.kernelspec import find_kernel_specs
from nbformat import NotebookNode
from nbgrader import converters, utils
from nbgrader.api import InvalidEntry
from nbgrader.apps import NbGrader
from nbgrader.converters import NbGraderException
from traitlets import Bool, Float
from traitlets.utils.importstring import import_item

from dlcourse import words
from dlcourse.grading.desk import lateness, notes
from dlcourse.grading.desk.assignment_state import COPY, LATE, NEVER, RELEASE, AssignmentState
from dlcourse.grading.desk.cell_facts import names_of
from dlcourse.grading.desk.course_material import CourseMaterial
from dlcourse.grading.desk.files import (
    CANNOT_WRITE,
    cannot_write,
    copy_files,
    exclusive_lock,
    flush_to_disk,
    put_in_place,
    set_permissions,
    shared_with_group,
)
from dlcourse.grading.desk.gradebook import Ledger
from dlcourse.grading.desk.languages import in_metadata, language_in, language_of
from dlcourse.grading.desk.progress import Progress, summary
from dlcourse.grading.desk.reading import UnreadableSubmission, file_digest, read_notebook
from dlcourse.grading.desk.solution_check import SolutionCheck
from dlcourse.grading.desk.submissions import BEFORE, GRADED, LOOK, NOT, Submission
from dlcourse.grading.desk.times import UnreadableTime
from dlcourse.grading.execute import RunIsolated
from dlcourse.grading.refusal import GO_ON, Halt

if TYPE_CHECKING:  # it needs Linux
    from dlcourse.grading.isolation.pool import Pool

IN_THE_BROWSER = "python"  # the kernel that JupyterLite writes into a notebook; nothing to tell the teacher
NO_CELL_OF_OURS = notes.Note(
    "この課題のセルも、点になる解答もありません。ほかの課題のノートブックではないか、確かめてください。",
    "none of the assignment's cells",
)
Resources = dict[str, Any]  # as nbgrader hands them from step to step
Notebooks = dict[str, tuple[NotebookNode, Resources]]  # by their names


class Autograde(converters.Autograde):
    """The class behind `nbgrader autograde` and formgrader's button (see install.py).

    A submission is written in three steps: its files to a folder of their own, its points to the gradebook in one
    transaction, the folder to its place. Until the last one the next run takes it up again, so that a run can be
    killed at any moment. What was handed in again (another file, or a later timestamp.txt) is graded again; if it
    cannot be, the earlier result stays, and is named.

    The exit code is 0 when every submission that was handed in is graded, now or before, and 1 when one is not
    (the lines at the end say which and why), or when grading had to stop.
    """

    gradebook_seconds = Float(
        600, help="Seconds to wait for a gradebook that another program holds, before grading stops."
    ).tag(config=True)

    texts_of_no_points_by_hand = Bool(
        False,
        help="Whether texts and tasks of 0 points wait to be graded by hand, too, as in nbgrader itself: "
        "then every submission of an assignment with such a cell does.",
    ).tag(config=True)

    pool: "Pool | None" = None  # none is started where there is nothing to run
    ledger: Ledger | None = None

    def start(self) -> None:
        in_terminal = isinstance(self.parent, NbGrader)
        self.submissions: list[Submission] = []
        self.changed_penalties: list[str] = []
        self.handed_in_at: dict[str, datetime] = {}
        began = time.monotonic()

        def but_chatter(record: logging.LogRecord) -> bool:
            return record.levelname != "INFO"  # four lines per student, which would hide the progress

        if in_terminal:
            self.log.addFilter(but_chatter)
        try:
            if not self.config.get("Execute", {}).get("enabled", True):
                raise Halt("--no-execute では採点できません。動かした結果が点になります。 / cannot grade unexecuted")
            with shared_with_group(self.coursedir), exclusive_lock(Path(self.coursedir.root)):
                super().start()
        except Halt as error:
            self.tell(f"\n✗ {error}")
            raise NbGraderException(str(error)) from error
        except KeyboardInterrupt:
            if self.pool:
                self.pool.close()
            self.tell(f"\n✗ 中断しました。{GO_ON} / interrupted")
            raise NbGraderException("中断しました。 / interrupted") from None
        finally:
            self.log.removeFilter(but_chatter)
            if self.ledger:
                self.ledger.close()
            if self.submissions:
                for line in summary(self.submissions, self.changed_penalties, time.monotonic() - began):
                    self.tell(line)
        if any(one.doubtful or one.state in (LOOK, NOT) and one.handed_in for one in self.submissions):
            raise NbGraderException("採点できなかったか、確かめてほしい提出があります。 / some submissions need a look")

    def tell(self, line: str) -> None:
        if isinstance(self.parent, NbGrader):
            print(line, file=sys.stderr)
        else:  # formgrader shows the log instead
            self.log.warning(line)

    # --- what there is to grade -----------------------------------------------------------------------

    def init_notebooks(self) -> None:
        course = self.coursedir
        self.ledger = Ledger(course.db_url, course.course_id, self.gradebook_seconds)
        self.ledger.make_table()
        self.state = AssignmentState(course, self.ledger, course.assignment_id)
        self.submissions = self.state.submissions()
        if not self.submissions:
            raise Halt(
                f"「{course.student_id}」にあたる学生が、名簿にも "
                f"{Path(course.root, course.submitted_directory)} にもいません。 / no such student"
            )

    def is_new(self, submission: Submission) -> bool:
        """Whether there is something to grade that was not graded before."""
        reason = NEVER if self.force else self.state.out_of_date(submission)
        if reason in (None, LATE):  # of this nothing has to run
            return False
        if reason == COPY and not submission.files:
            return False  # another teacher, who shares the gradebook, has graded it elsewhere
        if reason == RELEASE and not submission.files:
            submission.state, submission.doubtful = LOOK, True
            submission.notes.append(RELEASE)
            submission.note("提出がもうないので、前の採点が残っています。", "the earlier result stays")
            return False
        submission.again = reason == RELEASE
        return True

    # --- grading --------------------------------------------------------------------------------------

    def convert_notebooks(self) -> None:
        todo = []
        for submission in self.submissions:
            if self.is_new(submission):
                todo.append(submission)
            else:
                submission.state = submission.state or BEFORE
        self.make_steps()
        self.read_times()
        if any(submission.files for submission in todo):
            self.pool = self.runner.running_pool()
            self.check.run(self.runner.run_solution)
        for line in self.check.lines():
            self.tell(line)
        progress = Progress(len(todo))
        try:
            self.clear_staging()
            for submission, notebooks in self.prefetched(todo):
                self.grade(submission, notebooks)
                progress.done(submission.student, submission.seconds)
            self.clear_staging()
            self.changed_penalties = self.state.ledger.update_penalties(
                self.coursedir.assignment_id, self.penalty, self.handed_in_at.items()
            )
        finally:
            progress.close()
            try:
                notes.keep(self.coursedir.root, self.coursedir.assignment_id, self.submissions)
            except OSError as error:
                raise Halt(cannot_write(error)) from error

    def read_times(self) -> None:
        """Who has handed in when, where that is known; a time that cannot be read is told."""
        for submission in self.submissions:
            try:
                time = lateness.handed_in_at(submission.folder)
            except UnreadableTime as error:
                submission.doubtful = True
                submission.note("timestamp.txt の{problem}", error.note.english, problem=error.note)
                continue
            if time:
                self.handed_in_at[submission.student] = time

    def make_steps(self) -> None:
        """The steps that nbgrader_config.py names, made once for all students."""
        self.restoring, self.grading = (
            [(import_item(step) if isinstance(step, str) else step)(parent=self) for step in steps]
            for steps in (self.sanitize_preprocessors, self.autograde_preprocessors)
        )
        runner = next((step for step in self.grading if isinstance(step, RunIsolated)), None)
        if runner is None:  # else students' programs would run as the teacher, or not at all
            raise Halt(
                "コースの設定(nbgrader_config.py)が読まれていないか、隔離して動かす段階(RunIsolated)が"
                "外されています。何も動かしていません。上に出ている設定の誤りを直してください。"
                " / the course's settings are not in force; nothing was run"
            )
        self.runner = runner
        self.kernels = {*find_kernel_specs(), IN_THE_BROWSER}
        self.penalty = lateness.penalty_rule(self)
        assignment = self.coursedir.assignment_id
        not_overwritten = self.exclude_overwriting.get(assignment, [])
        self.material = CourseMaterial(self.coursedir, assignment, self.state.released, not_overwritten)
        self.check = SolutionCheck(self.state, self.material)

    def prefetched(self, todo: list[Submission]) -> Iterator[tuple[Submission, Notebooks]]:
        """The submissions with their notebooks; those of the next few run already."""
        waiting: deque[tuple[Submission, Notebooks]] = deque()
        for submission in todo:
            waiting.append((submission, self.begin(submission)))
            if len(waiting) > (self.pool.prefetched if self.pool else 0):
                yield waiting.popleft()
        yield from waiting

    def begin(self, submission: Submission) -> Notebooks:
        """Read the notebooks, put their cells back, and have them run."""
        notebooks = {}
        for name, path in submission.files.items():
            try:
                notebooks[name] = self.begin_notebook(submission, name, path)
            except UnreadableSubmission as error:
                submission.note("{file}: {problem}", error.note.english, file=path.name, problem=error.note)
                return {}
            except Exception as error:
                self.failed(submission, error)
                return {}
        return notebooks

    def begin_notebook(self, submission: Submission, name: str, path: Path) -> tuple[NotebookNode, Resources]:
        """The notebook as it is graded, which runs from now on."""
        notebook, repairs = read_notebook(path)
        place = Path(self._format_source(self.coursedir.assignment_id, submission.student), f"{name}.ipynb")
        resources: Resources = self.init_single_notebook_resources(str(place))
        submission.language = language = language_of(notebook, self.material.versions[name])
        version = self.material.version(name, language)
        if path.name != f"{name}.ipynb" or path.parent != submission.folder:
            submission.note(
                "「{file}」を {name}.ipynb として採点しました。", "file renamed or moved", file=path.name, name=name
            )
        submission.notes += repairs
        kernel = notebook.metadata.get("kernelspec", {}).get("name", "なし")
        if kernel not in self.kernels:
            submission.note(
                "カーネルの指定({kernel})を課題のものに直して採点しました。", "unknown kernel", kernel=kernel
            )
        answers = {id for id, cell in version.originals.items() if cell.metadata.nbgrader.solution}
        if not any(answers.intersection(names_of(cell)) for cell in notebook.cells):
            submission.foreign.add(name)
        resources |= {
            "submission": submission,
            "originals": version.originals,
            "source_cells": version.cells,
            "context": self.material.context(submission, name, self.check.needs(name)),
            "answers": self.material.answers[name],
        }
        for step in self.restoring:
            notebook, resources = step(notebook, resources)
        notebook.metadata["grading"] = {"submitted": file_digest(path)} | in_metadata(language)
        self.runner.begin(notebook, resources)
        return notebook, resources

    def grade(self, submission: Submission, notebooks: Notebooks) -> None:
        """Write down what became of a submission, and set its state."""
        try:
            if notebooks:
                self.write(submission, notebooks)
                submission.state = GRADED
        except UnreadableSubmission as error:
            submission.notes.append(error.note)
        except Halt:
            raise
        except CancelledError as error:
            raise Halt(f"Dask のスケジューラーとの接続が切れました。{GO_ON} / lost the scheduler") from error
        except OSError as error:
            if error.errno in CANNOT_WRITE and not str(error.filename).startswith(str(submission.folder)):
                raise Halt(cannot_write(error)) from error
            self.failed(submission, error)
        except Exception as error:
            self.failed(submission, error)
        if submission.state is None:
            self.leave_as_it_was(submission)

    def write(self, submission: Submission, notebooks: Notebooks) -> None:
        """The submission's files, its points, and then the files in their place."""
        ledger, assignment, student = self.state.ledger, self.coursedir.assignment_id, submission.student
        staging = self.state.place_of(student, staging=True)
        graded = self.write_files(submission, notebooks, staging)
        if submission.foreign == graded.keys() and not any(map(points_of, graded.values())):
            # what was handed in before does not count any more: then it is 0 points
            if ledger.earlier_points(assignment, student) is None:
                raise UnreadableSubmission(NO_CELL_OF_OURS)
            submission.notes.append(NO_CELL_OF_OURS)
        missing = dict.fromkeys(self.state.released.keys() - graded.keys())
        ledger.record(
            assignment, student, graded | missing, self.state.releases, timestamp=self.handed_in_at.get(student),
            create=self.create_student, penalty=self.penalty, no_points_by_hand=self.texts_of_no_points_by_hand,
        )  # fmt: skip
        put_in_place(staging, self.state.place_of(student))

    def leave_as_it_was(self, submission: Submission) -> None:
        """Of what could not be graded an earlier result stays, and the student is known all the same."""
        ledger = self.state.ledger
        if self.create_student and submission.folder.is_dir():
            try:
                ledger.enrol(submission.student)  # else the exports and the report would not know of it
            except InvalidEntry as error:  # a name too long for the database, say
                self.failed(submission, error)
        earlier = ledger.earlier_points(self.coursedir.assignment_id, submission.student)
        submission.state = NOT if earlier is None else LOOK
        if earlier:
            points, most = earlier
            submission.note(
                "前の採点({points:g}/{most:g}点)がそのまま残っています。",
                "the earlier result stays",
                points=points,
                most=most,
            )

    def failed(self, submission: Submission, error: Exception) -> None:
        self.log.error("".join(traceback.format_exception(error)))
        submission.note(
            "採点の途中で失敗しました({kind}、くわしくは上の記録)。", "failed, see the log", kind=type(error).__name__
        )

    def write_files(self, submission: Submission, notebooks: Notebooks, folder: Path) -> dict[str, NotebookNode]:
        """Write to this folder what stands in autograded/ later; name → the graded notebook."""
        course, graded = self.coursedir, {}
        before = self.state.place_of(submission.student)
        folder.mkdir(parents=True)
        if course.notebook_id != "*" and before.is_dir():
            shutil.copytree(before, folder, dirs_exist_ok=True)
        copy_files(self.material.extra_files(submission), submission.folder, folder)
        copy_files(self.material.files, self.material.folder, folder)
        self.writer.build_directory = str(folder)
        for name, (notebook, resources) in notebooks.items():
            (folder / f"{name}.ipynb").unlink(missing_ok=True)
            with words.using(language_in(notebook)):
                for step in self.grading:
                    notebook, resources = step(notebook, resources)
            nbformat.validate(notebook, relax_add_props=True)
            resources["output_extension"] = self.exporter.file_extension
            self.writer.write(nbformat.v4.writes(notebook) + "\n", resources, notebook_name=name)
            submission.seconds += notebook.metadata["grading"]["seconds"]
            graded[name] = notebook
        set_permissions(folder, int(str(self.permissions), 8), group_shared=course.groupshared)
        flush_to_disk(folder.rglob("*.ipynb"))
        return graded

    def clear_staging(self) -> None:
        """Remove what a run that was killed has left unfinished."""
        shutil.rmtree(self.state.staging, ignore_errors=True)


def points_of(notebook: NotebookNode) -> float:
    return sum(utils.determine_grade(cell)[0] or 0 for cell in notebook.cells if utils.is_grade(cell))
