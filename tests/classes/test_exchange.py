"""nbgrader's exchange between a teacher and a student, two users of one machine, with the course's settings."""

import os
import pwd
import shutil

import pytest

from rehearsal.course import ASSIGNMENT, ROOT, Course, text_of
from rehearsal.sample_class import Assignment, encoded
from tests.helpers.short_assignment import keep
from tests.helpers.users import folder_for_users, users_with_names


@pytest.fixture(scope="module")
def exchanged():
    """After all commands: the teacher's course, the student's folder and name, and what each command has said."""
    with folder_for_users() as place:
        course = keep(Course(place / "course"))
        users = users_with_names(place)
        teacher, student = next(users), next(users)
        own = student.folder / "work"
        own.mkdir()
        shutil.copy(ROOT / "nbgrader_config.py", own)
        for folder, one in ((course.folder, teacher), (own, student)):
            for path in (folder, *folder.rglob("*")):
                os.chown(path, one.uid, -1)
        exchange = place / "exchange"
        exchange.mkdir()
        exchange.chmod(0o777)
        told = []

        def run(one, *arguments):
            home, where = (course.folder, ROOT) if one is teacher else (own, own)
            done = one.nbgrader(home, *arguments, f"--Exchange.root={exchange}", place=where)
            assert done.code == 0 and "Traceback" not in done.said, (arguments, done.said)
            told.append(done.said)

        def hand_in(answers):
            path = own / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            path.write_bytes(encoded(assignment.notebook(answers)))
            run(student, "submit", ASSIGNMENT)

        run(teacher, "generate_assignment", ASSIGNMENT)
        run(teacher, "release_assignment", ASSIGNMENT)
        assignment = Assignment(course.released, course.solution)
        run(student, "fetch_assignment", ASSIGNMENT)
        hand_in({})
        run(teacher, "collect", ASSIGNMENT)
        run(teacher, "autograde", ASSIGNMENT, "--create")
        hand_in(assignment.model)
        run(teacher, "collect", ASSIGNMENT, "--update")
        run(teacher, "autograde", ASSIGNMENT)
        run(teacher, "generate_feedback", ASSIGNMENT)
        run(teacher, "release_feedback", ASSIGNMENT)
        run(student, "fetch_feedback", ASSIGNMENT)
        run(student, "list", "--cached")
        yield course, own, pwd.getpwuid(student.uid).pw_name, told


def test_the_student_gets_what_was_released(exchanged):
    _, own, _, _ = exchanged
    assert [path.name for path in (own / ASSIGNMENT).iterdir() if path.is_file()] == [f"{ASSIGNMENT}.ipynb"]


def test_the_second_submission_counts(exchanged):
    course, _, name, told = exchanged
    points = course.scores()[name]
    assert points and all(got == most for got, most in points.values())
    assert not any("cheating" in said for said in told)


def test_feedback_comes_back_to_the_student(exchanged):
    _, own, _, told = exchanged
    pages = list((own / ASSIGNMENT / "feedback").rglob("*.html"))
    assert len(pages) == 1 and "得点" in text_of(pages[0])
    assert told[-1].count(ASSIGNMENT) == 2
