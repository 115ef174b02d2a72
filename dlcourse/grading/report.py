"""What a class has understood: `nbgrader export report`.

One HTML page in the language in use that needs nothing else: no script, no other file, no network. It holds names
and points of students: it is the teacher's.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import nbformat
from jinja2 import Environment, FileSystemLoader
from nbformat import NotebookNode
from nbgrader.api import Assignment, Gradebook, Student, SubmittedNotebook

from dlcourse import words
from dlcourse.grading.desk import notes
from dlcourse.grading.desk.cell_facts import in_order
from dlcourse.grading.desk.lateness import Duration
from dlcourse.grading.desk.notes import Kept
from dlcourse.grading.marks.exporter import Exporter
from dlcourse.words import say

FEWEST = 5  # students below which a correlation says nothing


@dataclass
class Question:
    """One exercise: the points of every graded student, and what the checks have said to how many.

    name: with the notebook's, where several notebooks have cells of one name.
    waiting: students whose answer is still to be graded by hand. Who has no points for it yet has none in `points`.
    """

    name: str
    most: float
    by_hand: bool = False
    points: dict[str, float] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    hints: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unanswered: set[str] = field(default_factory=set)

    @property
    def difficulty(self) -> float | None:
        """The mean share of the points of those who have some, None for nobody."""
        return statistics.fmean(self.points.values()) / self.most if self.points else None


class Late(NamedTuple):
    """How late, in words, and the points that it costs."""

    time: str
    penalty: float


@dataclass
class AssignmentReport:
    """One assignment: its questions, its students (graded or not) and whom the teacher should look at.

    questions: those of some points.
    totals: points of each student who was graded, before the penalty.
    late: how late those are who are.
    waiting: how many answers are still to be graded by hand, those of no points among them.
    """

    name: str
    questions: list[Question]
    students: list[tuple[Student, bool]]
    to_look_at: list[tuple[str, bool, list[str]]]
    totals: dict[str, float]
    late: dict[str, Late]
    waiting: int

    @property
    def most(self) -> float:
        return sum(question.most for question in self.questions)

    @property
    def shares(self) -> list[float]:
        return [points / self.most for points in self.totals.values()]

    @property
    def distribution(self) -> list[tuple[str, int]]:
        """(tenth of the points, how many students)."""
        return [
            (
                say("{low}〜{high}%", low=10 * tenth, high=10 * tenth + (9 if tenth < 9 else 10)),
                sum(min(int(share * 10 + 1e-9), 9) == tenth for share in self.shares),
            )
            for tenth in range(10)
        ]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.totals.values())

    @property
    def median(self) -> float:
        return statistics.median(self.totals.values())

    @property
    def deviation(self) -> float:
        return statistics.pstdev(self.totals.values())

    def discrimination(self, question: Question) -> float | None:
        """Correlation of the question's points with the points of all other questions; None where there is none."""
        totals = self.totals
        own = list(question.points.values())
        rest = [totals[student] - points for student, points in question.points.items()]
        if len(own) < FEWEST or len(set(own)) < 2 or len(set(rest)) < 2:
            return None
        return statistics.correlation(own, rest)

    @property
    def pitfalls(self) -> list[tuple[Question, str, int]]:
        """(question, what the check has said, how many students), the most frequent first within each question."""
        return [
            (question, hint, len(students))
            for question in self.questions
            for hint, students in sorted(question.hints.items(), key=lambda one: (-len(one[1]), one[0]))
        ]


UNANSWERED = "答えがない"
LONGEST_MESSAGE = 200  # characters


def message_of(cell: NotebookNode) -> str | None:
    """What a test has said: the check's hint, else what it has found wrong; None where the answer was right.

    UNANSWERED where there was no answer to judge.
    """
    if verdict := cell.metadata.get("verdict"):  # put there by RunIsolated alone
        if not verdict["answered"]:
            return UNANSWERED
        return first_line(verdict["hint"] or verdict["problem"])
    for output in cell.get("outputs", []):
        if output.output_type == "error":  # a test's own words, or an error's: at times a student's
            words = output.evalue if output.ename == "CheckError" else "".join(output.traceback[-1:])
            return first_line(words) or str(output.ename)[:LONGEST_MESSAGE]
    return None


def message_for_the_teacher(cell: NotebookNode) -> str | None:
    """As `message_of`, in the language in use: those of notebooks in several languages are counted together."""
    verdict = cell.metadata.get("verdict")
    if verdict and verdict["answered"]:
        return first_line(say(verdict.get("original") or verdict["hint"] or verdict["problem"]))
    return message_of(cell)


def first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "").strip()[:LONGEST_MESSAGE]


class ClassReport(Exporter):
    """An exporter for nbgrader, as those for the platforms."""

    default = "report.html"

    def write(self, gradebook: Gradebook, target: Path) -> None:
        root = Path(self.parent.coursedir.root)
        folder = root / self.parent.coursedir.autograded_directory
        known = notes.kept(root)
        assignments = self.assignments(gradebook)
        reports = (self.report(gradebook, one, folder, known.get(one.name, {})) for one in assignments)
        target.write_text(render([one for one in reports if one]), encoding="utf-8")
        self.log.info("Wrote %s", target)

    def report(
        self, gradebook: Gradebook, assignment: Assignment, folder: Path, kept: Mapping[str, Kept]
    ) -> AssignmentReport | None:
        """What there is to say of an assignment; None where nobody has handed in."""
        questions = self.questions(assignment)
        students = {student.id: student for student in self.students(gradebook)}
        totals: dict[str, float] = {}
        late: dict[str, Late] = {}
        submissions = [one for one in gradebook.assignment_submissions(assignment.name) if one.student_id in students]
        for submission in submissions:
            name = submission.student_id
            if name in kept and not kept[name].graded:
                continue
            for notebook in submission.notebooks:
                own = questions[notebook.name]
                if count_points(own, notebook, name):
                    totals[name] = submission.score
                count_messages(own, folder / name / assignment.name / f"{notebook.name}.ipynb")
            if name in totals and submission.total_seconds_late > 0:
                late[name] = Late(
                    str(Duration(submission.total_seconds_late)), submission.late_submission_penalty or 0.0
                )
        if not submissions:
            return None
        asked = [question for own in questions.values() for question in own.values()]
        to_look_at = []
        for name in students:
            sentences = kept[name].for_the_teacher if name in kept else []
            if name not in totals and not sentences:
                sentences = [say("採点されていません。")]
            if waiting := [question.name for question in asked if name in question.waiting]:
                sentences.append(say("手で採点するところが残っています({names})。", names=notes.listed(waiting)))
            if sentences:
                to_look_at.append((name, name in totals, sentences))
        to_look_at.sort(key=lambda one: one[1])
        listed = [(student, name in totals) for name, student in students.items()]
        waits = sum(len(question.waiting) for question in asked)
        asked = [question for question in asked if question.most]
        return AssignmentReport(assignment.name, asked, listed, to_look_at, totals, late, waits)

    def questions(self, assignment: Assignment) -> dict[str, dict[str, Question]]:
        """notebook → name of a cell → what is asked there, in the order of the cells."""
        cells = {one.name: [*one.grade_cells, *one.task_cells] for one in assignment.notebooks}
        count = Counter(cell.name for own in cells.values() for cell in own)
        found = {}
        for notebook in assignment.notebooks:
            answers = {cell.name for cell in notebook.solution_cells}
            own = {
                cell.name: Question(
                    cell.name if count[cell.name] == 1 else f"{cell.name}({notebook.name})",
                    cell.max_score,
                    by_hand=cell.cell_type != "code" or cell.name in answers,
                )
                for cell in cells[notebook.name]
            }
            found[notebook.name] = in_order(own, self.source(assignment) / f"{notebook.name}.ipynb")
        return found

    def source(self, assignment: Assignment) -> Path:
        course = self.parent.coursedir
        return Path(course.format_path(course.source_directory, ".", assignment.name))


def count_points(questions: Mapping[str, Question], notebook: SubmittedNotebook, student: str) -> bool:
    """Count this student's points for a notebook; whether there is anything to have points for."""
    for grade in notebook.grades:
        question = questions[grade.name]
        if grade.needs_manual_grade:
            question.waiting.add(student)
        if not grade.needs_manual_grade or grade.auto_score is not None or grade.manual_score is not None:
            question.points[student] = grade.score or 0.0
    for comment in notebook.comments:
        if comment.auto_comment and comment.name in questions:  # an answer by hand that was left as it was
            questions[comment.name].unanswered.add(student)
    return any(question.most for question in questions.values())


def count_messages(questions: Mapping[str, Question], path: Path) -> None:
    """Count what the checks have said in this student's notebook."""
    if not path.exists():
        return
    for cell in nbformat.read(path, as_version=4).cells:
        about = cell.metadata.get("nbgrader", {})
        # in a cell that is answer and question at once, nothing comes from a check
        question = None if about.get("solution") else questions.get(about.get("grade_id"))
        message = message_for_the_teacher(cell) if question else None
        if question and message:
            students = question.unanswered if message is UNANSWERED else question.hints[message]
            students.add(path.parents[1].name)


def render(assignments: Iterable[AssignmentReport]) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["say"] = say
    template = environment.get_template("report.html.j2")
    return template.render(assignments=assignments, language=words.language())
