"""A sample class, graded once with nbgrader's own commands and the course's own settings."""

import os

import pytest

from rehearsal.course import ASSIGNMENT, Course, report_of, text_of
from rehearsal.sample_class import Assignment, encoded, sample_class


class Graded:
    """The class after grading: what was handed in and everything nbgrader made of it."""

    def __init__(self, folder):
        self.course = Course(folder)
        # as in this repository, where the released notebooks lie from the beginning
        self.course.released.parent.mkdir(parents=True)
        self.course.released.write_text("{}")
        self.runs = {"generate_assignment": self.course.nbgrader("generate_assignment", ASSIGNMENT)}
        self.exercises = Assignment(self.course.released, self.course.solution).exercises
        self.students = sample_class(self.course.released, self.course.solution)
        roster = self.course.write_roster(self.students)
        self.runs["import"] = self.course.nbgrader("db", "student", "import", str(roster))
        for student in self.students:
            student.hand_in(folder / "submitted", ASSIGNMENT)
        stranger = folder / "submitted" / "名簿にない人" / ASSIGNMENT
        stranger.mkdir(parents=True)
        (stranger / f"{ASSIGNMENT}.ipynb").write_text("{")
        self.handed_in = files_below(folder / "submitted")
        # Shorter than the course's own limit: the class contains loops without end.
        self.runs["autograde"] = self.course.nbgrader("autograde", ASSIGNMENT, "--Execute.timeout=3")
        self.runs["generate_feedback"] = self.course.nbgrader("generate_feedback", ASSIGNMENT)
        self.runs["export"] = self.course.nbgrader("export", "--to", str(folder / "grades.csv"))
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
    with pytest.MonkeyPatch.context() as patch:
        # As in a terminal where nobody has activated the environment.
        patch.setenv("PATH", os.defpath)
        return Graded(tmp_path_factory.mktemp("course"))


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


def test_everyone_loses_exactly_what_was_wrong(graded):
    unfair = []
    for student in graded.students:
        if student.graded:
            grades = graded.scores[student.name]
            lost = {exercise for exercise, (points, maximum) in grades.items() if points != maximum}
            halved = {exercise for exercise, (points, maximum) in grades.items() if points not in (0, maximum)}
            if lost != set(student.lost) or halved:
                unfair.append(graded.complaint(student))
    assert not unfair, "\n\n".join(unfair)


def test_every_listed_answer_was_handed_in(graded):
    wrong = {(exercise, hint) for student in graded.students for exercise, hint in student.lost.items() if hint}
    assert wrong == {(exercise.id, hint) for exercise in graded.exercises for hint in exercise.pitfalls.values()}
    assert len(graded.those("別の書き方で正解")) == max(len(exercise.variants) for exercise in graded.exercises)


def test_feedback_names_the_mistake(graded):
    silent = [
        f"{student.name} {exercise}: {hint}"
        for student in graded.students
        for exercise, hint in student.lost.items()
        if hint not in graded.feedback(student)
    ]
    assert not silent, "\n".join(silent)


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
