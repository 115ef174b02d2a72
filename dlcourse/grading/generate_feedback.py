"""`nbgrader generate_feedback`: a page is made again when anything on it has changed."""

import functools
import hashlib
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import converters, utils
from nbgrader.api import SubmittedNotebook
from nbgrader.apps import NbGrader
from nbgrader.converters import NbGraderException
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor

from dlcourse.grading.desk import notes
from dlcourse.grading.desk.assignment_state import NEVER, AssignmentState, chosen_students
from dlcourse.grading.desk.files import copy_files, set_permissions, shared_with_group
from dlcourse.grading.desk.gradebook import Ledger
from dlcourse.grading.desk.lateness import Duration
from dlcourse.grading.desk.notes import Note
from dlcourse.grading.desk.submissions import files_below
from dlcourse.grading.display.characters import printable
from dlcourse.grading.refusal import Halt

PATIENCE = 60  # seconds for another program that holds the gradebook
STAMP = "\n<!-- made from {} -->\n"  # a page's last line; one that was cut off has none


class PutPoints(NbGraderPreprocessor):
    """In the place of nbgrader's GetGrades, which asks the gradebook for each cell alone; here it was asked once."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        for cell in nb.cells:
            if utils.is_solution(cell) or utils.is_task(cell):
                cell.metadata.nbgrader["comment"] = about["comments"][cell.metadata.nbgrader.grade_id]
            if utils.is_grade(cell) or utils.is_task(cell):
                score, points = about["grades"][cell.metadata.nbgrader.grade_id]
                cell.metadata.nbgrader.update(score=score, points=points)
        return nb, resources


class GenerateFeedback(converters.GenerateFeedback):
    """The class behind `nbgrader generate_feedback` and formgrader's button (see install.py)."""

    ledger: Ledger | None = None
    preprocessors: list[Any]

    def start(self) -> None:
        self.outdated: dict[str, Note] = {}
        self.made: list[str] = []
        given = GetGrades, "nbgrader.preprocessors.GetGrades"  # as courses' settings name it
        self.preprocessors = [PutPoints if step in given else step for step in self.preprocessors]
        try:
            with shared_with_group(self.coursedir):
                super().start()
        except Halt as error:
            self.tell(f"\n✗ {error}")
            raise NbGraderException(str(error)) from error
        finally:
            if self.ledger:
                self.ledger.close()
        self.tell(
            f"\n返却する資料: {len(self.made)}名分を作りました。{len(self.assignments) - len(self.made)}名分は"
            "前のままで、いまの点と同じです。 / feedback made, the rest unchanged"
        )
        if self.outdated:
            self.tell(
                "\nいまの提出や課題の点ではありません。nbgrader autograde のあとで、もう一度実行してください"
                " / not the points of what is handed in now:"
            )
            for student, reason in sorted(self.outdated.items()):
                self.tell(f"  {printable(student)}: {reason}")
            raise NbGraderException("いまの提出の点ではない資料があります。 / feedback of earlier points")

    def tell(self, line: str) -> None:
        if isinstance(self.parent, NbGrader):
            print(line, file=sys.stderr)
        else:  # formgrader shows the log
            self.log.warning(line.strip())

    def init_notebooks(self) -> None:
        course = self.coursedir
        self.ledger = Ledger(course.db_url, course.course_id, PATIENCE)
        state = AssignmentState(course, self.ledger, course.assignment_id)
        folders = Path(course.root, course.autograded_directory).glob("[!.]*")
        graded = [folder.name for folder in folders if state.place_of(folder.name).is_dir()]
        chosen = set(chosen_students(graded, course))
        if not chosen:
            raise Halt(
                f"採点した提出がありません。先に nbgrader autograde {course.assignment_id} を実行してください。"
                " / nothing is graded"
            )
        for submission in state.submissions():
            reason = state.out_of_date(submission)
            if reason and submission.student in chosen:
                self.outdated[submission.student] = reason
        # without points there is nothing to put on a page
        chosen -= {student for student, reason in self.outdated.items() if reason == NEVER}
        self.assignments = {
            str(state.place_of(student)): [
                str(state.place_of(student) / f"{name}.ipynb")
                for name in sorted(state.graded.get(student, ()))
                if name in state.released and (state.place_of(student) / f"{name}.ipynb").is_file()
            ]
            for student in sorted(chosen)
        }

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Whether there is a page to be made."""
        folder = Path(self._format_dest(assignment_id, student_id))
        self.stamps = {Path(path).stem: self.stamp(Path(path), assignment_id, student_id) for path in self.notebooks}
        if not self.force and all(stamp in end_of(folder / f"{name}.html") for name, stamp in self.stamps.items()):
            return False
        if self.coursedir.notebook_id == "*" and folder.is_dir():
            shutil.rmtree(folder)  # files beside it, too: the student may have taken them out
        self.made.append(student_id)
        return True

    def stamp(self, path: Path, assignment: str, student: str) -> str:
        """What everything on this page comes from."""
        assert self.ledger
        row = self.ledger.find_submission_notebook(path.stem, assignment, student)
        points = sorted((one.name, one.score, one.max_score, one.needs_manual_grade) for one in row.grades)
        comments = sorted((one.name, one.comment or "") for one in row.comments)
        told = notes.kept(self.coursedir.root).get(assignment, {}).get(student)
        about = points, comments, row.late_submission_penalty, why_lower(row), told, programs()
        return STAMP.format(hashlib.sha256(path.read_bytes() + repr(about).encode()).hexdigest())

    def init_single_notebook_resources(self, notebook_filename: str) -> dict[str, Any]:
        """As nbgrader's, with the points and comments on the page, and what it says of its total."""
        resources: dict[str, Any] = super().init_single_notebook_resources(notebook_filename)
        about = resources["nbgrader"]
        assert self.ledger
        row = self.ledger.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
        penalty = row.late_submission_penalty or 0
        about |= {
            "grades": {one.name: (one.score, one.max_score) for one in row.grades},
            "comments": {one.name: one.comment for one in row.comments},
            "score": row.score - penalty,
            "max_score": row.max_score,
            "late_penalty": penalty,
            "why_lower": why_lower(row),
        }
        return resources

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy what lies beside the notebooks; nbgrader's own takes a name like s[1] for a pattern."""
        source, target = (Path(form(assignment_id, student_id)) for form in (self._format_source, self._format_dest))
        copy_files(files_below(source, [*self.coursedir.ignore, "*.ipynb"]), source, target)

    def set_permissions(self, assignment_id: str, student_id: str) -> None:
        folder = Path(self._format_dest(assignment_id, student_id))
        set_permissions(folder, int(str(self.permissions), 8), group_shared=self.coursedir.groupshared)

    def write_single_notebook(self, output: str, resources: dict[str, Any]) -> None:
        super().write_single_notebook(output + self.stamps[resources["nbgrader"]["notebook"]], resources)


def why_lower(row: SubmittedNotebook) -> list[Note]:
    """Why the total of a page is lower than one would think: what the student reads above the points."""
    told = []
    if penalty := row.late_submission_penalty:
        about = {
            "late": Duration(row.assignment.total_seconds_late),
            "points": row.score,
            "penalty": penalty,
            "left": row.score - penalty,
        }
        told.append(
            Note(
                "締め切りに{late}遅れたので、合計の{points:g}点から{penalty:g}点を引いて、{left:g}点です。",
                values=about,
            )
        )
    waiting = [one.name for one in row.grades if one.max_score and one.auto_score is None and one.manual_score is None]
    if waiting:
        names = {"names": notes.listed(sorted(waiting))}
        told.append(Note("まだ採点していないところがあります({names})。合計には入っていません。", values=names))
    return told


def end_of(page: Path) -> str:
    try:
        with page.open("rb") as file:
            file.seek(-min(200, page.stat().st_size), 2)
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


@functools.cache
def programs() -> tuple[str, str, str]:
    """What makes pages of notebooks, and its words, in the state in which it is installed."""
    here = Path(__file__).parent
    files = sorted([*here.rglob("*.py"), *here.with_name("locale").rglob("*.mo")])
    ours = (path.read_bytes() for path in files)
    return version("nbgrader"), version("nbconvert"), hashlib.sha256(b"".join(ours)).hexdigest()
