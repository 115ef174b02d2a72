"""Hostile notebooks, handed in together with two honest ones and graded with the course's own settings."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import attack
from attack import Attacked
from grade_demo import ASSIGNMENT, Course, report_of
from hostile_class import CLASSES

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    folder, home = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("GRADER_TOKEN", "CANARY_IN_ENVIRONMENT")
        done = Attacked(folder, home)
        yield done
        done.marker.unlink(missing_ok=True)


def test_there_are_attacks_of_every_class():
    assert sum(map(len, CLASSES.values())) >= 60


def test_the_isolation_in_force_is_told(attacked):
    assert re.search(r"学生のプログラムの隔離 / isolation: .*Landlock.*seccomp", attacked.run.stdout)


def test_no_attack_reaches_its_aim(attacked):
    """No point, no secret, nothing active in what the teacher opens."""
    assert attacked.reached() == {}


def test_nobody_else_is_harmed(attacked):
    """The honest ones have their points; nothing is changed or left behind; nothing has reached the network."""
    assert attacked.effects() == []
    left = subprocess.run(["pgrep", "-f", "dlcourse/grading/forkserver.py"], capture_output=True, text=True).stdout
    assert not left


def test_everyone_is_graded_or_named(attacked):
    named = {line.split()[1].rstrip(":") for line in report_of(attacked.run) if line.startswith("[未採点]")}
    students = attacked.attackers.values()
    missing = [student for student in students if student.name not in named
               and not (student.name in attacked.scores and attacked.course.feedback(student))]
    assert not missing
    unexplained = [line for line in report_of(attacked.run) if "failed, see the log" in line]
    assert not unexplained
    assert attacked.feedback.returncode == 0
    # what can be run is graded: only files that are no notebooks are handed back
    kinds = {kind for (kind, _), student in attacked.attackers.items() if student.name in named}
    assert kinds <= {"encoding", "metadata"}


def test_the_report_writes_nothing_but_text_to_the_terminal(attacked):
    assert all(character.isprintable() or character == "\n" for line in report_of(attacked.run) for character in line)


def test_the_grader_uses_little(attacked):
    assert attacked.memory.most < 700 * MEGABYTE
    sizes = [path.stat().st_size for name in ("autograded", "feedback")
             for path in (attacked.course.folder / name).rglob("*") if path.is_file()]
    assert max(sizes) < 8 * MEGABYTE


def test_attacks_on_stock_reach_their_aim():
    """The measure measures: run as stock nbgrader runs them, attacks of every class are noticed."""
    chosen = {"forge": ["empty every later cell"], "leak": ["read the source notebook", "read the environment"],
              "inject": ["script in HTML"], "destroy": ["change the gradebook"]}
    few = {kind: {name: CLASSES[kind][name] for name in names} for kind, names in chosen.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attack, "CLASSES", few)
        patch.setattr(attack, "TOGETHER", ["forge", "leak", "inject"])
        patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        found = attack.in_namespaces(attack.stock)
    assert found is None or {name.partition("\t")[0] for name in found} == set(few)


def test_links_are_not_followed(tmp_path):
    """Neither a notebook that is a link to the solution, nor a link to the gradebook beside an honest one."""
    course = Course(tmp_path / "course")
    course.nbgrader("generate_assignment", ASSIGNMENT)
    blank = course.released.read_bytes()
    for name in ("linked", "beside"):
        (course.folder / "submitted" / name / ASSIGNMENT).mkdir(parents=True)
    linked = course.folder / "submitted" / "linked" / ASSIGNMENT
    beside = course.folder / "submitted" / "beside" / ASSIGNMENT
    (linked / f"{ASSIGNMENT}.ipynb").symlink_to(course.solution)
    (beside / f"{ASSIGNMENT}.ipynb").write_bytes(blank)
    (beside / "notes.txt").symlink_to(course.folder / "gradebook.db")
    run = course.nbgrader("autograde", ASSIGNMENT, "--create")
    course.nbgrader("generate_feedback", ASSIGNMENT)
    assert len([line for line in report_of(run) if "links were not followed" in line]) == 2
    assert sum(points for grades in course.scores().values() for points, _ in grades.values()) == 0
    made = [*(course.folder / "autograded").rglob("notes.txt"), *(course.folder / "feedback").rglob("notes.txt")]
    assert made == []
