"""What a student's nbgrader does with the course's settings: validate, and the assignment list of JupyterLab."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.server_extensions.assignment_list.handlers import AssignmentList

from rehearsal.course import ASSIGNMENT, ROOT, Course
from rehearsal.sample_class import Assignment, encoded
from tests.helpers.commands import nbgrader
from tests.helpers.short_assignment import keep

ONLY_A_TEACHERS = ["filelock", "latex2mathml", "tqdm", "PIL", "matplotlib", "jupytext"]
WITHOUT = f"""
import sys
sys.modules |= dict.fromkeys({ONLY_A_TEACHERS})
from nbgrader.apps import NbGraderApp
NbGraderApp.launch_instance(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = keep(Course(tmp_path_factory.mktemp("class") / "course"))
    assert nbgrader(course.folder, "generate_assignment", ASSIGNMENT).code == 0
    return course


def without_the_teachers_packages(place, *arguments):
    """The command in a folder with the settings, in an environment as a student has it."""
    shutil.copy(ROOT / "nbgrader_config.py", place)
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments],
        cwd=place,
        text=True,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(place), "JUPYTER_DATA_DIR": str(place / "data")},
    )


def test_validate_says_what_is_right_and_what_is_not(course, tmp_path):
    """It runs the notebook in a kernel of the student's own, as nbgrader itself does."""
    solved = tmp_path / "solved.ipynb"
    assignment = Assignment(course.released, course.solution)
    solved.write_bytes(encoded(assignment.notebook(assignment.model)))
    done = without_the_teachers_packages(tmp_path, "validate", str(solved))
    assert done.returncode == 0 and "Success! Your notebook passes all the tests." in done.stdout, done.stderr
    done = without_the_teachers_packages(tmp_path, "validate", str(course.released))
    failed = done.stdout.count("The following cell failed")
    assert done.returncode == 0 and failed == len(assignment.exercises) and "ヒント" in done.stdout, done.stderr
    assert "grade(" not in done.stdout
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".db"] == []


@pytest.fixture
def student(course, tmp_path, monkeypatch):
    """The assignment list of a JupyterLab that was started in a student's folder, with an exchange."""
    folder, exchange = tmp_path / "work", tmp_path / "exchange"
    folder.mkdir()
    exchange.mkdir()
    exchange.chmod(0o777)
    settings = (ROOT / "nbgrader_config.py").read_text("utf-8")
    (folder / "nbgrader_config.py").write_text(f"{settings}\nc.Exchange.root = {str(exchange)!r}\n", "utf-8")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))  # what was handed in is kept there, too
    done = nbgrader(course.folder, "release_assignment", ASSIGNMENT, f"--Exchange.root={exchange}")
    assert done.code == 0, done.said
    monkeypatch.chdir(folder)
    listed = AssignmentList()
    listed.root_dir = str(folder)
    return listed


def test_the_assignment_list_fetches_and_submits(student):
    def states():
        listed = student.list_assignments("dlcourse")
        assert listed["success"], listed
        return [(one["assignment_id"], one["status"]) for one in listed["value"]]

    assert student.list_courses() == {"success": True, "value": ["dlcourse"]}
    assert states() == [(ASSIGNMENT, "released")]
    assert student.fetch_assignment("dlcourse", ASSIGNMENT) == {"success": True}
    assert states() == [(ASSIGNMENT, "fetched")]
    assert Path(student.root_dir, ASSIGNMENT, f"{ASSIGNMENT}.ipynb").exists()
    for _ in range(2):
        assert student.submit_assignment("dlcourse", ASSIGNMENT) == {"success": True}
    assert states() == [(ASSIGNMENT, "fetched"), (ASSIGNMENT, "submitted")]
    (handed_in,) = [one for one in student.list_assignments("dlcourse")["value"] if one["status"] == "submitted"]
    assert len(handed_in["submissions"]) == 2


def test_grading_without_its_packages_grades_nobody_and_says_what_it_needs(course, tmp_path):
    for command in ("autograde", "generate_feedback"):
        done = without_the_teachers_packages(tmp_path, command, ASSIGNMENT, f"--CourseDirectory.root={course.folder}")
        (line,) = [line for line in done.stderr.splitlines() if line.startswith("✗")]
        assert done.returncode == 1 and "pip install '.[grading]'" in line and "Traceback" not in done.stderr
