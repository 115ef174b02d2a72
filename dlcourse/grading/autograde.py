"""`nbgrader autograde`: nbgrader's steps, in a loop that keeps several notebooks running and loses nothing."""

import ast
import errno
import fcntl
import os
import re
import shutil
import sys
import time
import traceback
import unicodedata
from collections import deque
from concurrent.futures import CancelledError
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import find_kernel_specs
from nbgrader import converters, utils
from nbgrader.api import InvalidEntry, MissingEntry
from nbgrader.apps import NbGrader
from nbgrader.converters import NbGraderException
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Float
from traitlets.utils.importstring import import_item

from dlcourse.grading import notes
from dlcourse.grading.cells import defined, in_order, names_of
from dlcourse.grading.execute import RunIsolated
from dlcourse.grading.gradebook import GO_ON, Halt, Ledger
from dlcourse.grading.notebook import Around, plain
from dlcourse.grading.pool import NoWorkers
from dlcourse.grading.progress import Progress, report
from dlcourse.grading.sandbox import NoSandbox
from dlcourse.grading.submissions import BEFORE, GRADED, LOOK, NOT, UnreadableSubmission, find, fingerprint, read

IN_THE_BROWSER = "python"  # the kernel that JupyterLite writes into a notebook; nothing to tell the teacher
FOREIGN = ("この課題のセルも、点になる解答もありません。ほかの課題のノートブックではないか、確かめてください。"
           " / none of the assignment's cells")
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
        self.submissions, self.ledger, began = [], None, time.monotonic()

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
        except (Halt, NoSandbox, NoWorkers) as error:
            tell(f"\n✗ {error}")
            raise NbGraderException(str(error)) from error
        except KeyboardInterrupt:
            if self.pool:
                self.pool.stop()
            tell(f"\n✗ 中断しました。{GO_ON} / interrupted")
            raise NbGraderException("中断しました。 / interrupted") from None
        finally:
            self.log.removeFilter(but_chatter)
            if self.ledger:
                self.ledger.close()
            for line in report(self.submissions, time.monotonic() - began) if self.submissions else ():
                tell(line)
        if any(one.state in (LOOK, NOT) and one.handed_in for one in self.submissions):
            raise NbGraderException("採点できなかった提出があります。 / some submissions were not graded")

    # --- what there is to grade -----------------------------------------------------------------------

    def init_notebooks(self):
        course = self.coursedir
        self.ledger = Ledger(course.db_url, course.course_id, self.gradebook_seconds)
        try:
            released = self.ledger.released(course.assignment_id)
        except MissingEntry:
            raise Halt(f"課題「{course.assignment_id}」が成績簿にありません。先に nbgrader generate_assignment "
                       f"{course.assignment_id} を実行してください。 / no such assignment in the gradebook") from None
        source = Path(course.format_path(course.source_directory, ".", course.assignment_id))
        self.released = {name: in_order(cells, source / f"{name}.ipynb") for name, cells in released.items()
                         if fnmatchcase(name, course.notebook_id)}
        if not self.released:
            raise Halt(f"課題「{course.assignment_id}」に「{course.notebook_id}」というノートブックはありません"
                       f"(あるのは {'、'.join(released)})。 / no such notebook")
        handed_in = Path(course.root, course.submitted_directory)
        students = {student: student for student in self.ledger.enrolled()}
        # a Mac writes が as か and a mark: to people, and to the gradebook, this is the same name
        enrolled = {unicodedata.normalize("NFC", student): student for student in students}
        for name in sorted(folder.name for folder in handed_in.glob("[!.]*") if folder.is_dir()):
            student = enrolled.get(unicodedata.normalize("NFC", name), name)
            if not Path(handed_in, student).is_dir():
                students[student] = name
            else:
                students[name] = name
        folders = {
            student: Path(self._format_source(course.assignment_id, folder))
            for student, folder in students.items()
            if fnmatchcase(student, course.student_id) and student not in course.student_id_exclude.split(",")
        }
        if not folders:
            raise Halt(f"「{course.student_id}」にあたる学生が、名簿にも {handed_in} にもいません。 / no such student")
        self.submissions = find(folders, self.released)

    def is_new(self, submission):
        """Whether there is something to grade that was not graded before."""
        graded = self.place_of(submission)
        if self.force or not graded.is_dir():
            return True
        if not submission.files:
            return submission.handed_in  # something, but no notebook, was handed in again
        now, then = timestamp(submission.folder), timestamp(graded)
        if now and then and now > then:
            return True
        return any(
            fingerprint_in(graded / f"{name}.ipynb") not in (None, fingerprint(path))
            for name, path in submission.files.items()
        )

    def place_of(self, submission):
        """The submission's folder below autograded/."""
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
                submission.state = BEFORE
        self.make_steps()
        if any(submission.files for submission in todo):
            self.pool = self.runner.running_pool()
        progress = Progress(len(todo))
        try:
            self.clear_away()
            for submission, notebooks in self.ahead(todo):
                self.grade(submission, notebooks)
                progress.done(submission.student, submission.seconds)
            self.clear_away()
        finally:
            progress.close()
            try:
                notes.keep(self.coursedir.root, self.coursedir.assignment_id, self.submissions)
            except OSError as error:
                raise Halt(cannot_write(error)) from error

    def make_steps(self):
        """The steps that nbgrader_config.py names, made once for all students."""
        self.restoring, self.grading = (
            [(import_item(step) if isinstance(step, str) else step)(parent=self) for step in steps]
            for steps in (self.sanitize_preprocessors, self.autograde_preprocessors)
        )
        self.runner = next(step for step in self.grading if isinstance(step, RunIsolated))
        self.kernels = {*find_kernel_specs(), IN_THE_BROWSER}
        # settled by the course's AssignLatePenalties.plugin_class, as in nbgrader
        late = AssignLatePenalties(parent=self)
        late.init_plugin()
        self.penalty = late.plugin_inst.late_submission_penalty
        course = self.coursedir
        self.source = Path(course.format_path(course.source_directory, ".", course.assignment_id))
        kept = {str(self.source / name) for name in self.exclude_overwriting.get(course.assignment_id, [])}
        self.course_files = [
            path for path in utils.find_all_files(str(self.source), [*course.ignore, "*.ipynb"]) if path not in kept
        ]
        self.relied_on = {name: self.find_relied_on(name) for name in self.released}

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

    def find_relied_on(self, name):
        """What the source notebook's ordinary cells import, and the names that these and its answers define."""
        try:
            cells = nbformat.read(self.source / f"{name}.ipynb", as_version=4).cells
        except (OSError, ValueError):
            return "", []
        code = [cell for cell in cells if cell.cell_type == "code"]
        imports = [line for cell in code if not utils.is_locked(cell) and not utils.is_solution(cell)
                   for line in IMPORT.findall(cell.source)]
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

        return [path for path in submission.beside
                if not utils.is_ignored(str(path), self.coursedir.ignore) and not in_the_way(path)]

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
                    self.coursedir.assignment_id, submission.student, graded | missing,
                    timestamp=timestamp(submission.folder), create=self.create_student, penalty=self.penalty,
                )  # fmt: skip
                self.put_in_place(submission)
                submission.state = GRADED
        except UnreadableSubmission as error:
            self.note(submission.student, str(error))
        except (Halt, NoSandbox):
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
                self.note(submission.student,
                          f"前の採点({points:g}/{most:g}点)がそのまま残っています。 / the earlier result stays")

    def failed(self, submission, error):
        self.log.error("".join(traceback.format_exception(error)))
        self.note(submission.student,
                  f"採点の途中で失敗しました({type(error).__name__}、くわしくは上の記録)。 / failed, see the log")

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
    path = folder / ".grading.lock"
    try:
        file = path.open("a+")
    except OSError as error:
        raise Halt(cannot_write(error)) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Halt(f"このコースは、いま別の採点が動いています(プロセス {file.read().strip()})。"
                       "終わってから、もう一度実行してください。 / another grader is running") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def cannot_write(error):
    reason = CANNOT_WRITE.get(error.errno, error.strerror)
    return f"{error.filename or 'ファイル'} に書けません: {reason}。{GO_ON}"


def timestamp(folder):
    """The time in timestamp.txt, as nbgrader's `collect` writes it; None when there is no readable one."""
    try:
        path = Path(folder, "timestamp.txt")
        if path.is_symlink() or not path.is_file():  # of another kind it may never end
            return None
        with path.open(encoding="utf-8") as file:
            return utils.parse_utc(file.read(100).strip() or None)
    except (OSError, ValueError, OverflowError):
        return None


def fingerprint_in(path):
    """Of the file from which this graded notebook was made: None when nobody has noted it, "" without a notebook."""
    try:
        return nbformat.read(path, as_version=4).metadata.get("grading", {}).get("submitted")
    except (OSError, ValueError):
        return ""
