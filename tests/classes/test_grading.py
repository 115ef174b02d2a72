"""A sample class, graded once with nbgrader's own commands and the course's own settings."""

import os
from dataclasses import replace
from functools import partial

import nbformat
import pytest

from dlcourse.grading.report import message_of
from rehearsal.course import ASSIGNMENT, ROOT, Course, report_of, text_of
from rehearsal.sample_class import (
    Assignment,
    Student,
    encoded,
    grade_id,
    right_in_other_styles,
    sample_class,
    wrong_answers,
)
from tests.helpers import commands
from tests.helpers.commands import ONE_WORKER
from tests.helpers.short_assignment import REST, SHORT, keep


class Graded:
    """A class after grading: what was handed in and everything nbgrader made of it.

    students: of the paths of the released notebook and of its source.
    command: how a course's command is run.
    """

    def __init__(self, folder, exercises, students, *options, command=Course.nbgrader):
        self.course = keep(Course(folder), exercises)
        nbgrader = partial(command, self.course)
        # as in this repository, where the released notebooks lie from the beginning
        self.course.released.parent.mkdir(parents=True)
        self.course.released.write_text("{}")
        self.runs = {"generate_assignment": nbgrader("generate_assignment", ASSIGNMENT)}
        self.exercises = Assignment(self.course.released, self.course.solution).exercises
        self.students = list(students(self.course.released, self.course.solution))
        roster = self.course.write_roster(self.students)
        self.runs["import"] = nbgrader("db", "student", "import", str(roster))
        for student in self.students:
            student.hand_in(folder / "submitted", ASSIGNMENT)
        stranger = folder / "submitted" / "名簿にない人" / ASSIGNMENT
        stranger.mkdir(parents=True)
        (stranger / f"{ASSIGNMENT}.ipynb").write_text("{")
        self.handed_in = files_below(folder / "submitted")
        self.runs["autograde"] = nbgrader("autograde", ASSIGNMENT, ONE_WORKER, *options)
        self.runs["generate_feedback"] = nbgrader("generate_feedback", ASSIGNMENT)
        self.runs["export"] = nbgrader("export", "--to", str(folder / "grades.csv"))
        self.scores = self.course.scores()

    def those(self, story):
        found = [student for student in self.students if story in student.story]
        assert found, story
        return found

    def feedback(self, student):
        return text_of(self.course.feedback(student))

    def complaint(self, student):
        """What grading said to this student; it names the seed of the random inputs."""
        lines = (line for line in self.feedback(student).splitlines() if "✗" in line or "seed=" in line)
        return f"{student.name} ({student.story}): {self.scores[student.name]}\n" + "\n".join(lines)


def files_below(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Everybody, with a part of the assignment."""
    with pytest.MonkeyPatch.context() as patch:
        # As in a terminal where nobody has activated the environment.
        patch.setenv("PATH", os.defpath)
        # Shorter than the course's own limit: the class contains loops without end.
        return Graded(tmp_path_factory.mktemp("course"), SHORT, sample_class, "--RunIsolated.cell_seconds=1")


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """The listed answers to the rest of it, by commands whose programs are loaded already."""

    def command(course, *arguments):
        return commands.nbgrader(course.folder, *arguments)

    return Graded(tmp_path_factory.mktemp("course"), REST, listed_answers, command=command)


@pytest.fixture(params=["graded", "answered"])
def either(request):
    return request.getfixturevalue(request.param)


# Their checks draw thousands of random numbers.
COSTLY = ("T1-1", "T1-2", "T1-4", "T1-4b")


def listed_answers(released, solution):
    """The students of the sample class who give them; the model answers to the costly exercises only one of them."""
    assignment = Assignment(released, solution)
    blank = {grade_id(cell): cell.source for cell in assignment.released.cells}
    yield Student("正解", "すべて正解", encoded(assignment.notebook()))
    for student in (*right_in_other_styles(assignment), *wrong_answers(assignment)):
        notebook, lost = nbformat.reads(student.content.decode(), as_version=4), dict(student.lost)
        for cell in notebook.cells:
            exercise = grade_id(cell).removesuffix("-answer")
            if exercise in COSTLY and cell.source == assignment.model[exercise]:
                cell.source, lost[exercise] = blank[grade_id(cell)], ""
        yield replace(student, content=encoded(notebook), lost=lost)


def test_release_has_no_answers(graded):
    released = graded.course.released.read_text(encoding="utf-8")
    assert "ここにコードを書いてください" in released and "raise NotImplementedError()" in released
    assert "BEGIN SOLUTION" not in released and "grade(" not in released
    assert [path.name for path in graded.course.released.parent.iterdir()] == [graded.course.released.name]


def test_every_step_ends_as_it_should(graded):
    # Unreadable submissions are the only reason for an exit code other than 0: they are not graded, and the table of
    # scores has no points for what was handed in.
    codes = {step: run.returncode for step, run in graded.runs.items()}
    assert codes == {"generate_assignment": 0, "import": 0, "autograde": 1, "generate_feedback": 0, "export": 1}


def test_solution_and_blank(graded):
    (solution,), (blank,) = graded.those("すべて正解"), graded.those("白紙")[:1]
    assert all(points == maximum for points, maximum in graded.scores[solution.name].values())
    assert set(graded.scores[solution.name]) == {exercise.id for exercise in graded.exercises}
    assert sum(points for points, _ in graded.scores[blank.name].values()) == 0


def test_everyone_loses_exactly_what_was_wrong(either):
    unfair = []
    for student in either.students:
        if student.graded:
            grades = either.scores[student.name]
            lost = {exercise for exercise, (points, maximum) in grades.items() if points != maximum}
            halved = {exercise for exercise, (points, maximum) in grades.items() if points not in (0, maximum)}
            if lost != set(student.lost) or halved:
                unfair.append(either.complaint(student))
    assert not unfair, "\n\n".join(unfair)


def test_every_listed_answer_was_handed_in(either):
    wrong = {(exercise, hint) for student in either.students for exercise, hint in student.lost.items() if hint}
    assert wrong == {(exercise.id, hint) for exercise in either.exercises for hint in exercise.pitfalls.values()}
    assert len(either.those("別の書き方で正解")) == max(len(exercise.variants) for exercise in either.exercises)


def test_no_exercise_is_left_out(graded, answered):
    places = [ROOT / part / ASSIGNMENT / f"{ASSIGNMENT}.ipynb" for part in ("exercises", "solutions")]
    whole = Assignment(*places)
    assert {one.id for one in (*graded.exercises, *answered.exercises)} == {one.id for one in whole.exercises}


def test_feedback_names_the_mistake(either):
    silent = [
        f"{student.name} {exercise}: {hint}"
        for student in either.students
        for exercise, hint in student.lost.items()
        if hint not in either.feedback(student)
    ]
    assert not silent, "\n".join(silent)


def test_the_report_is_told_of_the_mistake(either):
    silent = []
    for student in either.students:
        if any(student.lost.values()):
            graded = either.course.folder / "autograded" / student.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            said = {grade_id(cell): message_of(cell) for cell in nbformat.read(graded, as_version=4).cells}
            silent += [(student.name, name) for name, hint in student.lost.items() if hint and said[name] != hint]
    assert not silent


def test_feedback_explains_a_stop(graded):
    for story, words in (("Pythonを止める", "Python が止まった"), ("終わらないくり返し", "時間切れです")):
        for student in graded.those(story):
            assert words in graded.feedback(student), student.story


def test_feedback_tells_what_was_put_right(graded):
    for student in graded.students:
        if student.graded:
            told = "採点からのお知らせ" in graded.feedback(student)
            assert told == bool(student.remark) and (student.remark or "") in graded.feedback(student), student.story


def test_feedback_is_in_japanese(graded):
    for student in graded.students:
        if student.graded:
            words = ("Score", "Top", "Test cell", "Written response", "Student", "Grade cell", "Comment", "No response")
            assert not [word for word in words if word in graded.feedback(student)], student.story


def test_feedback_leaves_hidden_tests_out(graded):
    for student in graded.students:
        if student.graded:
            assert "HIDDEN TESTS" not in graded.feedback(student), student.story


def test_teacher_sees_each_submission_that_was_not_in_order(graded):
    lines = report_of(graded.runs["autograde"])
    seen = {name: [line for line in lines if f" {name}: " in line] for name in (s.name for s in graded.students)}
    for student in graded.students:
        expected = 1 if student.remark else 0
        assert len(seen[student.name]) == expected, (student.story, lines)
        for line in seen[student.name]:
            assert student.remark in line
            assert line.startswith("[採点済]" if student.graded else "[未採点]")
    assert "Traceback" not in graded.runs["autograde"].stdout


def test_who_handed_in_what_cannot_be_read_is_in_the_gradebook(graded):
    assert "名簿にない人" in (graded.course.folder / "grades.csv").read_text("utf-8-sig")


def test_what_was_handed_in_stays_as_it_was(graded):
    assert files_below(graded.course.folder / "submitted") == graded.handed_in


def test_scores_are_exported(graded):
    exported = (graded.course.folder / "grades.csv").read_text(encoding="utf-8")
    for student in graded.students:
        assert student.name in exported


def test_points_do_not_survive_a_new_submission_without_tests(graded):
    (student,) = graded.those("すべて正解")
    assignment = Assignment(graded.course.released, graded.course.solution)
    emptied = assignment.answered({})
    emptied.cells = [cell for cell in emptied.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "setup"]
    handed_in = graded.course.folder / "submitted" / student.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    before = handed_in.read_bytes()
    handed_in.write_bytes(encoded(emptied))
    run = graded.course.nbgrader("autograde", ASSIGNMENT, "--student", student.name, "--force")
    handed_in.write_bytes(before)
    assert run.returncode == 0, run.stdout
    assert sum(points for points, _ in graded.course.scores()[student.name].values()) == 0
