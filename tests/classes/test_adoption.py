"""The isolated grading under a course of somebody else's: the one that nbgrader itself makes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

ASSIGNMENT = "ps1"
OF_THE_COURSE = '''
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import NbGraderPreprocessor


class Stamp(NbGraderPreprocessor):
    """A step of the course's own."""

    def preprocess(self, nb, resources):
        nb.cells[0].source += "\\n(stamped)"
        return nb, resources


class Half(BasePlugin):
    """The course's own rule for lateness."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2


c.Autograde.autograde_preprocessors.append(Stamp)
c.AssignLatePenalties.plugin_class = Half
'''
POINTS = {"blank": (0, 0), "late": (3, 1.5), "solved": (3, 0)}  # nbgrader's, too
OUR_LINE = "\nfrom dlcourse.grading import install; install.isolated_grading(c)\n"


# What formgrader's server does when its button is pressed.
FORMGRADERS_BUTTON = f"""
import json
from nbgrader.apps import NbGraderAPI, NbGraderApp
app = NbGraderApp.instance()
app.initialize([])
print(json.dumps(NbGraderAPI(app.coursedir, parent=app, config=app.config).autograde("{ASSIGNMENT}", "solved")))
"""


def run(folder, *arguments):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=os.environ | {"PATH": path})


def nbgrader(folder, *arguments):
    return run(folder, "-m", "nbgrader", *arguments)


def points(folder):
    """student → (points, penalty)."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "course101") as gradebook:
        found = gradebook.assignment_submissions(ASSIGNMENT)
        return {
            one.student.id: (one.score, sum(n.late_submission_penalty or 0 for n in one.notebooks)) for one in found
        }


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """As it is before anything is graded."""
    parent = tmp_path_factory.mktemp("adopted")
    assert nbgrader(parent, "quickstart", "course101").returncode == 0
    folder = parent / "course101"
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + OF_THE_COURSE)
    assert nbgrader(folder, "generate_assignment", ASSIGNMENT).returncode == 0
    assert nbgrader(folder, "db", "assignment", "add", ASSIGNMENT, "--duedate=2026-04-01 12:00:00 UTC").returncode == 0
    for student, kind in (("blank", "release"), ("solved", "source"), ("late", "source")):
        handed_in = folder / "submitted" / student / ASSIGNMENT
        shutil.copytree(folder / kind / ASSIGNMENT, handed_in)
        (handed_in / "timestamp.txt").write_text(f"2026-04-0{2 if student == 'late' else 1} 11:00:00 UTC")
    return folder


def test_one_line_isolates_it_and_without_it_all_is_as_before(course, tmp_path):
    ours = Path(shutil.copytree(course, tmp_path / "ours"))
    config = ours / "nbgrader_config.py"
    usual = config.read_text()
    config.write_text(usual + OUR_LINE)
    done = nbgrader(ours, "autograde", ASSIGNMENT)
    assert done.returncode == 0 and "isolation: " in done.stderr and "graded 3" in done.stderr, done.stderr
    assert points(ours) == POINTS
    graded = ours / "autograded" / "solved" / ASSIGNMENT / "problem1.ipynb"
    assert "(stamped)" in graded.read_text()

    pressed = json.loads(run(ours, "-c", FORMGRADERS_BUTTON).stdout.splitlines()[-1])
    assert pressed["success"] and "graded 1, before 0" in pressed["log"], pressed  # our summary
    assert points(ours) == POINTS

    config.write_text(usual)
    done = nbgrader(ours, "autograde", ASSIGNMENT, "--force")
    assert done.returncode == 0 and "isolation: " not in done.stderr
    assert points(ours) == POINTS
