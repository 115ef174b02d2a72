"""What the gradebook's points are made from, beside what is handed in and released now.

The gradebook alone says what is graded: it keeps, with the points of each notebook, from which file and for which
release they were given. A folder below autograded/ may be of another run, another gradebook or another course.
"""

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory

from dlcourse.grading.desk.cell_facts import in_order
from dlcourse.grading.desk.gradebook import ABSENT, Ledger, MadeFrom
from dlcourse.grading.desk.notes import Note
from dlcourse.grading.desk.reading import file_digest
from dlcourse.grading.desk.submissions import Submission, find_submissions
from dlcourse.grading.refusal import Halt

STAGING = ".unfinished"  # below autograded/; nbgrader passes by names with a dot

# Why points are not those of what is handed in now.
NEVER = Note("まだ採点していません。", "never graded")
FILE = Note("採点したものと、いま提出されているものが違います。", "another file was handed in")
RELEASE = Note("課題(点かテスト)が、採点したあとで変わりました。", "the assignment has changed")
COPY = Note("採点したノートブック(autograded)が、この採点のものではありません。", "not this grading's notebook")

LATE = Note("締め切りか提出の時刻か点が、減点を決めたあとで変わりました。", "the penalty is of other dates or points")


class AssignmentState:
    """One assignment of a course: what was released, what is graded, and whether that is still right.

    released: name of a notebook → its cells, as the gradebook has them.
    releases: … → by which another release is known.
    graded: student → name of a notebook → from what its points were given.
    """

    def __init__(self, course: CourseDirectory, ledger: Ledger, assignment: str) -> None:
        self.course, self.ledger, self.assignment = course, ledger, assignment
        try:
            released = ledger.released(assignment)
        except MissingEntry:
            raise Halt(
                f"課題「{assignment}」が成績簿にありません。先に nbgrader generate_assignment {assignment} "
                "を実行してください。 / no such assignment in the gradebook"
            ) from None
        source = Path(course.format_path(course.source_directory, ".", assignment))
        self.released = {
            name: in_order(cells, source / f"{name}.ipynb")
            for name, cells in released.items()
            if fnmatchcase(name, course.notebook_id)
        }
        if not self.released:
            raise Halt(
                f"課題「{assignment}」に「{course.notebook_id}」というノートブックはありません"
                f"(あるのは {'、'.join(released)})。 / no such notebook"
            )
        self.releases = {name: release_digest(cells) for name, cells in self.released.items()}
        self.graded = ledger.graded(assignment)
        self.enrolled = ledger.enrolled()

    def submissions(self) -> list[Submission]:
        """What the students have handed in, of those whom the command names."""
        course = self.course
        handed_in = Path(course.root, course.submitted_directory)
        students = {student: student for student in self.enrolled}
        # a Mac writes が as か and a mark: to people, and to the gradebook, this is the same name
        enrolled = {unicodedata.normalize("NFC", student): student for student in students}
        for name in sorted(folder.name for folder in handed_in.glob("[!.]*") if folder.is_dir()):
            student = enrolled.get(unicodedata.normalize("NFC", name), name)
            if not Path(handed_in, student).is_dir():
                students[student] = name
            else:
                students[name] = name
        chosen = chosen_students(students, course)
        return find_submissions(
            {
                student: Path(course.format_path(course.submitted_directory, students[student], self.assignment))
                for student in chosen
            },
            self.released,
        )

    @property
    def staging(self) -> Path:
        """The folder for what is being written."""
        return Path(self.course.root, self.course.autograded_directory, STAGING)

    def place_of(self, student: str, *, staging: bool = False) -> Path:
        """The student's folder below autograded/, or the one in which it is made."""
        step = str(Path(self.course.autograded_directory, STAGING)) if staging else self.course.autograded_directory
        return Path(self.course.format_path(step, student, self.assignment))

    def out_of_date(self, submission: Submission, *, copies: bool = True) -> Note | None:
        """Why the gradebook's points are not those of this submission; None where they are.

        copies: whether the graded notebook has to lie in autograded/, too. The points alone do not need it.
        """
        known = self.graded.get(submission.student, {})
        if not any(name in known for name in self.released):
            return NEVER
        reasons = [self.reason(name, submission, copies, known.get(name)) for name in self.released]
        return next((reason for reason in (FILE, RELEASE, COPY, LATE) if reason in reasons), None)

    def reason(self, name: str, submission: Submission, copies: bool, made_from: MadeFrom | None) -> Note | None:
        """Why the points of this notebook are not those of this submission."""
        graded = made_from.file if made_from else None
        path = submission.files.get(name)
        # Of who hands in nothing any more, the earlier result stays.
        now = file_digest(path) if path else ABSENT if submission.files or submission.handed_in else graded
        if now != graded:
            return FILE
        if made_from is None or made_from.release != self.releases[name]:
            return RELEASE
        if copies and graded != ABSENT and graded_file(self.place_of(submission.student) / f"{name}.ipynb") != graded:
            return COPY
        return None if made_from.penalty_holds else LATE


def chosen_students(names: Collection[str], course: CourseDirectory) -> list[str]:
    """Those of these students whom the command names; a name that someone has is no pattern."""
    pattern, excluded = course.student_id, course.student_id_exclude.split(",")
    chosen = [pattern] if pattern in names else [name for name in names if fnmatchcase(name, pattern)]
    return [name for name in chosen if name not in excluded]


def release_digest(cells: Mapping[str, NotebookNode]) -> str:
    """By which these released cells are known for others: all that decides what an answer is worth."""
    digest = hashlib.sha256()
    for _, cell in sorted(cells.items()):  # a database has its own order
        digest.update(repr((sorted(cell.metadata.nbgrader.items()), cell.cell_type, cell.source)).encode())
    return digest.hexdigest()


def graded_file(graded: Path) -> str | None:
    """The digest of the file from which a graded notebook was made; None when that is not known."""
    try:
        about = nbformat.read(graded, as_version=4).metadata.get("grading", {})
    except (OSError, ValueError):
        return None
    submitted = about.get("submitted")
    return submitted if isinstance(submitted, str) else None
