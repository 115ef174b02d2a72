"""`nbgrader autograde`: nbgrader's steps, in a loop that keeps several notebooks running and loses nothing."""

import ast
import errno
import os
import re
import shutil
import sys
import time
import traceback
from collections import deque
from concurrent.futures import CancelledError
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import nbformat
from filelock import FileLock, Timeout
from jupyter_client.kernelspec import find_kernel_specs
from nbgrader import converters, utils
from nbgrader.api import InvalidEntry
from nbgrader.apps import NbGrader
from nbgrader.converters import NbGraderException
from traitlets import Float
from traitlets.utils.importstring import import_item

from dlcourse.grading.desk import lateness, notes
from dlcourse.grading.desk.gradebook import Ledger
from dlcourse.grading.desk.progress import Progress, report
from dlcourse.grading.desk.restoring import defined, names_of
from dlcourse.grading.desk.standing import COPY, LATE, NEVER, RELEASE, Standing
from dlcourse.grading.desk.submissions import (
    BEFORE,
    GRADED,
    LOOK,
    NOT,
    UnreadableSubmission,
    files_below,
    fingerprint,
    read,
)
from dlcourse.grading.desk.times import UnreadableTime
from dlcourse.grading.execute import RunIsolated
from dlcourse.grading.isolation.notebook import Around, plain
from dlcourse.grading.refusal import GO_ON, Halt

IN_THE_BROWSER = "python"  # the kernel that JupyterLite writes into a notebook; nothing to tell the teacher
FOREIGN = (
    "この課題のセルも、点になる解答もありません。ほかの課題のノートブックではないか、確かめてください。"
    " / none of the assignment's cells"
)
UNFINISHED = ".unfinished"  # below autograded/: what is being written; nbgrader passes by names with a dot
MOST_BESIDE = 15 << 20  # bytes of the files that cells find beside their notebook: one message's room
IMPORT = re.compile(r"^(?:import .+|from \S+ import (?!\*).+)$", re.MULTILINE)
CANNOT_WRITE = {
    errno.ENOSPC: "ディスクがいっぱいです / the disk is full",
    errno.EDQUOT: "使えるディスクの量を超えました / the disk quota is used up",
    errno.EFBIG: "ファイルがここに許された大きさを超えました / the file is larger than allowed here",
    errno.EROFS: "書き込めないディスクです / the disk is read-only",
    errno.EACCES: "書き込みが許されていません / writing is not allowed",
    errno.EPERM: "書き込みが許されていません / writing is not allowed",
    errno.EIO: "ディスクがこわれているようです / the disk seems to be broken",
}


class Autograde(converters.Autograde):
    """The class behind `nbgrader autograde` and formgrader's button (see nbgrader_config.py).

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

    _writing = False
    pool = None  # none is started where there is nothing to run

    @property
    def _output_directory(self):
        folder = super()._output_directory
        return os.path.join(folder, UNFINISHED) if self._writing else folder

    def start(self):
        in_terminal = isinstance(self.parent, NbGrader)  # formgrader shows the log instead
        self.submissions, self.settled, self.ledger, began = [], [], None, time.monotonic()

        def tell(line):
            if in_terminal:
                print(line, file=sys.stderr)
            else:
                self.log.warning(line)

        def but_chatter(record):
            return record.levelname != "INFO"  # four lines per student, which would hide the progress

        if in_terminal:
            self.log.addFilter(but_chatter)
        try:
            if not self.config.get("Execute", {}).get("enabled", True):
                raise Halt("--no-execute では採点できません。動かした結果が点になります。 / cannot grade unexecuted")
            with alone(Path(self.coursedir.root)):
                super().start()
        except Halt as error:
            tell(f"\n✗ {error}")
            raise NbGraderException(str(error)) from error
        except KeyboardInterrupt:
            if self.pool:
                self.pool.close()
            tell(f"\n✗ 中断しました。{GO_ON} / interrupted")
            raise NbGraderException("中断しました。 / interrupted") from None
        finally:
            self.log.removeFilter(but_chatter)
            if self.ledger:
                self.ledger.close()
            for line in report(self.submissions, self.settled, time.monotonic() - began) if self.submissions else ():
                tell(line)
        if any(one.doubtful or one.state in (LOOK, NOT) and one.handed_in for one in self.submissions):
            raise NbGraderException("採点できなかったか、確かめてほしい提出があります。 / some submissions need a look")

    # --- what there is to grade -----------------------------------------------------------------------

    def init_notebooks(self):
        course = self.coursedir
        self.ledger = Ledger(course.db_url, course.course_id, self.gradebook_seconds)
        self.ledger.make_table()
        self.standing = Standing(course, self.ledger, course.assignment_id)
        self.released = self.standing.released
        self.submissions = self.standing.submissions()
        if not self.submissions:
            raise Halt(
                f"「{course.student_id}」にあたる学生が、名簿にも "
                f"{Path(course.root, course.submitted_directory)} にもいません。 / no such student"
            )

    def is_new(self, submission):
        """Whether there is something to grade that was not graded before."""
        reason = NEVER if self.force else self.standing.out_of_date(submission)
        if reason in (None, LATE):  # of this nothing has to run
            return False
        if reason == COPY and not submission.files:
            return False  # another teacher, who shares the gradebook, has graded it elsewhere
        if reason == RELEASE and not submission.files:
            submission.state, submission.doubtful = LOOK, True
            self.note(submission.student, reason)
            self.note(submission.student, "提出がもうないので、前の採点が残っています。 / the earlier result stays")
            return False
        submission.again = reason == RELEASE
        return True

    def place_of(self, submission):
        """The submission's folder, below autograded/ or where it is made."""
        return Path(self._format_dest(self.coursedir.assignment_id, submission.student))

    def note(self, student, message):
        """What the teacher should know about this student's submission."""
        next(one for one in self.submissions if one.student == student).note(message)

    # --- grading --------------------------------------------------------------------------------------

    def convert_notebooks(self):
        todo = []
        for submission in self.submissions:
            if self.is_new(submission):
                todo.append(submission)
            else:
                submission.state = submission.state or BEFORE
        self.make_steps()
        times = list(self.times())
        if any(submission.files for submission in todo):
            self.pool = self.runner.running_pool()
        progress = Progress(len(todo))
        try:
            self.clear_away()
            for submission, notebooks in self.ahead(todo):
                self.grade(submission, notebooks)
                progress.done(submission.student, submission.seconds)
            self.clear_away()
            self.settled = self.ledger.settle(self.coursedir.assignment_id, self.penalty, times)
        finally:
            progress.close()
            try:
                notes.keep(self.coursedir.root, self.coursedir.assignment_id, self.submissions)
            except OSError as error:
                raise Halt(cannot_write(error)) from error

    def times(self):
        """Who has handed in when, where that is known; a time that cannot be read is told."""
        self.handed_in_at = {}
        for submission in self.submissions:
            try:
                time = lateness.handed_in_at(submission.folder)
            except UnreadableTime as error:
                submission.doubtful = True
                self.note(submission.student, f"timestamp.txt の{error}")
                continue
            if time:
                self.handed_in_at[submission.student] = time
                yield submission.student, time

    def make_steps(self):
        """The steps that nbgrader_config.py names, made once for all students."""
        self.restoring, self.grading = (
            [(import_item(step) if isinstance(step, str) else step)(parent=self) for step in steps]
            for steps in (self.sanitize_preprocessors, self.autograde_preprocessors)
        )
        self.runner = next((step for step in self.grading if isinstance(step, RunIsolated)), None)
        if self.runner is None:  # else students' programs would run as the teacher, or not at all
            raise Halt(
                "コースの設定(nbgrader_config.py)が読まれていないか、隔離して動かす段階(RunIsolated)が"
                "外されています。何も動かしていません。上に出ている設定の誤りを直してください。"
                " / the course's settings are not in force; nothing was run"
            )
        self.kernels = {*find_kernel_specs(), IN_THE_BROWSER}
        self.penalty = lateness.penalty(self)
        course = self.coursedir
        self.source = Path(course.format_path(course.source_directory, ".", course.assignment_id))
        kept = {str(self.source / name) for name in self.exclude_overwriting.get(course.assignment_id, [])}
        self.course_files = [
            path for path in files_below(self.source, [*course.ignore, "*.ipynb"]) if str(path) not in kept
        ]
        self.relied_on = {name: self.find_relied_on(name) for name in self.released}
        self.answers = {name: self.find_answers(name) for name in self.released}

    def ahead(self, todo):
        """The submissions with their notebooks; those of the next few run already."""
        waiting = deque()
        for submission in todo:
            waiting.append((submission, self.begin(submission)))
            if len(waiting) > (self.pool.ahead if self.pool else 0):
                yield waiting.popleft()
        yield from waiting

    def begin(self, submission):
        """Read the notebooks, put their cells back, and have them run: name → (notebook, resources)."""
        student, notebooks = submission.student, {}
        for name, path in submission.files.items():
            try:
                notebook, repairs = read(path)
                place = Path(self._format_source(self.coursedir.assignment_id, student), f"{name}.ipynb")
                resources = self.init_single_notebook_resources(str(place))
                if path.name != f"{name}.ipynb" or path.parent != submission.folder:
                    self.note(student, f"「{path.name}」を {name}.ipynb として採点しました。 / file renamed or moved")
                for repair in repairs:
                    self.note(student, repair)
                kernel = notebook.metadata.get("kernelspec", {}).get("name", "なし")
                if kernel not in self.kernels:
                    self.note(student, f"カーネルの指定({kernel})を課題のものに直して採点しました。 / unknown kernel")
                answers = {id for id, cell in self.released[name].items() if cell.metadata.nbgrader.solution}
                if not any(answers.intersection(names_of(cell)) for cell in notebook.cells):
                    submission.foreign.add(name)
                for step in self.restoring:
                    notebook, resources = step(notebook, resources)
                notebook.metadata["grading"] = {"submitted": fingerprint(path)}
                resources["around"] = self.around(submission, name)
                resources["answers"] = self.answers[name]
                self.runner.begin(notebook, resources)
                notebooks[name] = notebook, resources
            except UnreadableSubmission as error:
                self.note(student, f"{path.name}: {error}")
                return {}
            except Exception as error:
                self.failed(submission, error)
                return {}
        return notebooks

    def around(self, submission, name):
        """What the notebook's cells find beside it."""
        own = contents(self.course_files, self.source, MOST_BESIDE)
        theirs = contents(self.beside(submission), submission.folder, MOST_BESIDE - sum(map(len, own.values())))
        imports, answers = self.relied_on[name]
        return Around(imports, answers, files=theirs | own, own_files=own)

    def source_cells(self, name):
        """The code cells of the source notebook; none where it is not here."""
        try:
            cells = nbformat.read(self.source / f"{name}.ipynb", as_version=4).cells
        except (OSError, ValueError):
            return []
        return [cell for cell in cells if cell.cell_type == "code"]

    def find_answers(self, name):
        """The names that the answers define, in the source notebook or in what students got."""
        cells = [*self.source_cells(name), *self.released[name].values()]
        return set().union(*(defined(cell.source) for cell in cells if utils.is_solution(cell)))

    def find_relied_on(self, name):
        """What the source notebook's ordinary cells import, and the names that these and its answers define."""
        code = self.source_cells(name)
        imports = [
            line
            for cell in code
            if not utils.is_locked(cell) and not utils.is_solution(cell)
            for line in IMPORT.findall(cell.source)
        ]
        answers = {name for cell in code if not utils.is_locked(cell) for name in assigned(cell.source)}
        return "\n".join(imports), sorted(answers)

    def beside(self, submission):
        """The student's files that go with the notebooks, where nothing of the course's needs their place."""
        ours = {Path(path).relative_to(self.source) for path in self.course_files}
        ours |= {Path(f"{name}.ipynb") for name in self.released}
        folders = {folder for path in ours for folder in path.parents}

        def in_the_way(path):
            own = path.relative_to(submission.folder)
            return own in folders or not ours.isdisjoint(own.parents)

        return [
            path
            for path in submission.beside
            if not any(fnmatchcase(path.name, ignored) for ignored in self.coursedir.ignore) and not in_the_way(path)
        ]

    def grade(self, submission, notebooks):
        """Write down what became of a submission, and set its state."""
        try:
            if notebooks:
                graded = self.write_files(submission, notebooks)
                if submission.foreign == graded.keys() and not any(map(points_of, graded.values())):
                    # what was handed in before does not count any more: then it is 0 points
                    if self.ledger.standing(self.coursedir.assignment_id, submission.student) is None:
                        raise UnreadableSubmission(FOREIGN)
                    self.note(submission.student, FOREIGN)
                missing = dict.fromkeys(self.released.keys() - graded.keys())
                self.ledger.record(
                    self.coursedir.assignment_id, submission.student, graded | missing, self.standing.releases,
                    timestamp=self.handed_in_at.get(submission.student), create=self.create_student,
                    penalty=self.penalty,
                )  # fmt: skip
                self.put_in_place(submission)
                submission.state = GRADED
        except UnreadableSubmission as error:
            self.note(submission.student, str(error))
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
            if self.create_student and submission.folder.is_dir():
                try:
                    self.ledger.enrol(submission.student)  # else the exports and the report would not know of it
                except InvalidEntry as error:  # a name too long for the database, say
                    self.failed(submission, error)
            standing = self.ledger.standing(self.coursedir.assignment_id, submission.student)
            submission.state = NOT if standing is None else LOOK
            if standing:
                points, most = standing
                self.note(
                    submission.student,
                    f"前の採点({points:g}/{most:g}点)がそのまま残っています。 / the earlier result stays",
                )

    def failed(self, submission, error):
        self.log.error("".join(traceback.format_exception(error)))
        self.note(
            submission.student,
            f"採点の途中で失敗しました({type(error).__name__}、くわしくは上の記録)。 / failed, see the log",
        )

    def write_files(self, submission, notebooks):
        """Write what stands in autograded/ later, aside; name → the graded notebook."""
        course, graded = self.coursedir, {}
        before = self.place_of(submission)
        with self.aside():
            folder = self.place_of(submission)
            folder.mkdir(parents=True)
            if course.notebook_id != "*" and before.is_dir():
                shutil.copytree(before, folder, dirs_exist_ok=True)
            self.copy(self.beside(submission), submission.folder, folder)
            self.copy(self.course_files, self.source, folder)
            for name, (notebook, resources) in notebooks.items():
                (folder / f"{name}.ipynb").unlink(missing_ok=True)
                for step in self.grading:
                    notebook, resources = step(notebook, resources)
                nbformat.validate(notebook, relax_add_props=True)
                resources["output_extension"] = self.exporter.file_extension
                self.write_single_notebook(nbformat.v4.writes(notebook) + "\n", resources)
                submission.seconds += notebook.metadata["grading"]["seconds"]
                graded[name] = notebook
            self.set_permissions(course.assignment_id, submission.student)
        for path in folder.rglob("*.ipynb"):
            with path.open("rb") as file:
                os.fsync(file.fileno())  # else a power failure could leave the points and an empty notebook
        return graded

    def put_in_place(self, submission):
        final = self.place_of(submission)
        with self.aside():
            written = self.place_of(submission)
        if final.is_dir():
            final.rename(written.with_name(f"{written.name}.before"))
        final.parent.mkdir(parents=True, exist_ok=True)
        written.rename(final)
        shutil.rmtree(written.parent)

    @contextmanager
    def aside(self):
        """In here nbgrader's methods write to the folder for what is unfinished."""
        self._writing = True
        try:
            yield
        finally:
            self._writing = False

    def clear_away(self):
        """Remove what a run that was killed has left unfinished."""
        course = self.coursedir
        shutil.rmtree(Path(course.root, course.autograded_directory, UNFINISHED), ignore_errors=True)

    def copy(self, files, source, target):
        for path in files:
            copied = target / Path(path).relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.unlink(missing_ok=True)
            shutil.copy(path, copied)


def assigned(source):
    """The names that a cell defines in any way, those of functions' own variables among them."""
    try:
        nodes = [node for node in ast.walk(ast.parse(plain(source))) if isinstance(node, ast.Name)]
    except SyntaxError:
        nodes = []
    return defined(source) | {node.id for node in nodes if isinstance(node.ctx, ast.Store)}


def points_of(notebook):
    return sum(utils.determine_grade(cell)[0] or 0 for cell in notebook.cells if utils.is_grade(cell))


def contents(files, folder, most):
    """name → contents of these files, as long as they are no more than so many bytes together."""
    found = {}
    for path in sorted(files, key=os.path.getsize):
        most -= os.path.getsize(path)
        if most < 0:
            break
        found[str(Path(path).relative_to(folder))] = Path(path).read_bytes()
    return found


@contextmanager
def alone(folder):
    """Keeps a second grader of the same course out; the lock ends with this process, however it ends."""
    lock = FileLock(folder / ".grading.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Halt(
            "このコースは、いま別の採点が動いています。終わってから、もう一度実行してください。"
            " / another grader is running"
        ) from None
    except OSError as error:
        raise Halt(cannot_write(error)) from error
    try:
        yield
    finally:
        lock.release()


def cannot_write(error):
    reason = CANNOT_WRITE.get(error.errno, error.strerror)
    return f"{error.filename or 'ファイル'} に書けません: {reason}。{GO_ON}"
