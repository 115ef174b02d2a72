"""Grading where students' processes cannot read Python: with root, in another user's closed folder."""

import sys
from pathlib import Path

import pytest

from dlcourse.grading.isolation import sandbox
from dlcourse.grading.refusal import NoSandbox
from rehearsal.course import ASSIGNMENT, Course
from rehearsal.sample_class import honest_class
from tests.helpers.commands import Command, nbgrader
from tests.helpers.short_assignment import keep
from tests.helpers.users import AS_ROOT, folder_for_users, give_rights, user


@pytest.mark.parametrize("prefix", ["base_prefix", "prefix"])
def test_answers_run_where_python_lies_in_another_users_closed_folder(prefix):
    with folder_for_users() as place:
        course = keep(Course(place / "course"))
        assert nbgrader(course.folder, "generate_assignment", ASSIGNMENT).code == 0
        (student,) = honest_class(course.released, course.solution, 1)
        student.hand_in(course.folder / "submitted", ASSIGNMENT)
        closed, owner = Path(getattr(sys, prefix)).resolve(), user(1, place)

        def close():
            if AS_ROOT:
                give_rights(closed, f"mode=700,uid={owner.uid}")

        done = Command(course.folder, "autograde", ASSIGNMENT, "--create", prepare=close).wait()
        assert done.code == 0 and "Traceback" not in done.said, done.said
        assert "Landlock" in done.said and not (AS_ROOT and "名前空間" in done.said)
        points = course.scores()[student.name]
        assert points and all(got == most for got, most in points.values())


def test_where_no_students_process_begins_nothing_is_graded(monkeypatch):
    """Else every answer would have 0 points, and the command would end as if all were well."""
    paths = sandbox.readable_paths
    monkeypatch.setattr(sandbox, "readable_paths", lambda *arguments: [*paths(*arguments), "/dev/null/nothing"])
    with pytest.raises(NoSandbox, match="始まりません"):
        sandbox.Sandbox()
