"""Several teachers who share a course's folder: what one of them has written, the other can write again."""

import os
import stat

import nbformat

from rehearsal.course import ASSIGNMENT, Course
from rehearsal.sample_class import honest_class
from tests.helpers.own_assignment import TEST, managed
from tests.helpers.short_assignment import keep
from tests.helpers.users import GROUP, folder_for_users, user

SHARED = "--CourseDirectory.groupshared=True"
COMMANDS = (
    ["generate_assignment", ASSIGNMENT],
    ["autograde", ASSIGNMENT, "--create", "--force"],
    ["generate_feedback", ASSIGNMENT, "--force", f"--notebook={ASSIGNMENT}"],  # into a file that may be the other's
    ["generate_feedback", ASSIGNMENT, "--force"],
)


def hand_over(folder, uid):
    """Make this the folder of a group, as a teacher does: chgrp -R, chmod g+ws."""
    for place, _, names in os.walk(folder):
        os.chown(place, uid, GROUP)
        os.chmod(place, 0o2770)
        for name in names:
            os.chown(os.path.join(place, name), uid, GROUP)
            os.chmod(os.path.join(place, name), 0o660)


def test_teachers_of_a_group_grade_again_what_others_have_graded():
    with folder_for_users() as place:
        course = keep(Course(place / "course"))
        notebook = nbformat.read(course.solution, as_version=4)
        notebook.cells.append(managed("code", "own", "assert 1 + 1 == 2", points=1, **TEST))  # so that it is checked
        nbformat.write(notebook, course.solution)
        folder = course.folder
        (student,) = honest_class(course.solution, course.solution, 1)
        student.hand_in(folder / "submitted", ASSIGNMENT)
        hand_over(folder, os.getuid())
        for number, umask in enumerate([0o022, 0o007, 0o027]):
            teacher = user(number, place, umask=umask, groups=(GROUP,))
            for command in COMMANDS:
                done = teacher.nbgrader(folder, *command, SHARED)
                assert done.code == 0 and "Traceback" not in done.said, (oct(umask), done.said)
            written = {str(path): path.stat() for path in folder.rglob("*")}
            closed = [path for path, one in written.items() if one.st_gid != GROUP or not one.st_mode & stat.S_IWGRP]
            assert not closed and str(folder / "grading-checks.json") in written
            assert {one.st_uid for one in written.values()} >= {teacher.uid}
