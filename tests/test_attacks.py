"""Hostile notebooks, handed in together with an honest one and graded with the course's own settings."""

import re
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from attacks import CLASSES, REACHED, SECRETS, TELL
from grade_demo import ASSIGNMENT, ROOT, Course, report_of
from sample_class import Assignment, Student, encoded

# A folder that everyone may write to, and what the attacks would leave in it.
OUTSIDE = tempfile.gettempdir()
MARKER = Path(OUTSIDE, "attack-marker")


class Listener:
    """Counts what reaches this machine's network."""

    def __init__(self):
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.reached = []
        for take in (self.tcp.accept, lambda: self.udp.recv(10)):
            threading.Thread(target=self.count, args=(take,), daemon=True).start()

    def count(self, take):
        while True:
            self.reached.append(take())


class Attacked:
    """The class after grading."""

    def __init__(self, folder, home):
        self.home, self.listener = home, Listener()
        self.course = Course(folder)
        self.course.nbgrader("generate_assignment", ASSIGNMENT)
        self.assignment = Assignment(self.course.released, self.course.solution)
        (folder / "canary").write_text("CANARY_IN_COURSE")
        (home / "canary").write_text("CANARY_IN_HOME")
        self.attackers = dict(self.hostile())
        answers = self.assignment.notebook({"K0-2": "k0_2 = {3, 4}  # CANARY_IN_SUBMISSION"})
        honest = Student("honest", "", encoded(answers))
        for student in (honest, *self.attackers.values()):
            student.hand_in(folder / "submitted", ASSIGNMENT)
        self.before = self.files()
        self.run = self.course.nbgrader(
            "autograde", ASSIGNMENT, "--create", "--RunIsolated.cell_seconds=1", "--RunIsolated.notebook_seconds=20"
        )
        self.feedback = self.course.nbgrader("generate_feedback", ASSIGNMENT)
        self.scores = self.course.scores()

    def hostile(self):
        places = {"course": self.course.folder, "name": ASSIGNMENT, "home": self.home, "project": ROOT,
                  "port": self.listener.port, "outside": OUTSIDE}
        number = 0
        for kind, attacks in CLASSES.items():
            for name, cell in attacks.items():
                for place, value in places.items():
                    cell = cell.replace(f"{{{place}}}", str(value))
                notebook = self.assignment.answered({})
                first = next(i for i, c in enumerate(notebook.cells) if c.id == "setup") + 1
                notebook.cells.insert(first, nbformat.v4.new_code_cell(TELL + cell))
                number += 1
                yield f"{kind}: {name}", Student(f"attack-{number:02}", name, encoded(notebook))

    def files(self):
        """What belongs to the teacher or to other students, with its contents."""
        watched = [self.course.folder / part for part in ("solutions", "submitted", "exercises", "canary")]
        paths = [path for part in watched for path in ([part] if part.is_file() else part.rglob("*"))]
        paths += [*self.home.rglob("*"), ROOT / "dlcourse" / "functions.py", ROOT / "nbgrader_config.py"]
        return {path: path.read_bytes() for path in paths if path.is_file()}

    def outputs(self, student):
        """All that the teacher sees of the student's run."""
        path = self.course.folder / "autograded" / student.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        return "\n".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    folder, home = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("GRADER_TOKEN", "CANARY_IN_ENVIRONMENT")
        assert not MARKER.exists(), f"{MARKER} is left from another run: remove it"
        return Attacked(folder, home)


def test_there_are_attacks_of_every_class():
    assert sum(map(len, CLASSES.values())) >= 60


def test_the_isolation_in_force_is_told(attacked):
    assert re.search(r"学生のプログラムの隔離 / isolation: .*Landlock.*seccomp", attacked.run.stdout)


def test_no_attack_earns_a_point(attacked):
    earned = {
        name: sum(points for points, _ in attacked.scores.get(student.name, {}).values())
        for name, student in attacked.attackers.items()
    }
    assert not {name: points for name, points in earned.items() if points}


def test_everyone_is_graded(attacked):
    assert attacked.run.returncode == 0, attacked.run.stdout[-3000:]
    assert all(points == most for points, most in attacked.scores["honest"].values())
    assert {student.name for student in attacked.attackers.values()} <= set(attacked.scores)


def test_no_secret_is_read(attacked):
    for name, student in attacked.attackers.items():
        seen = attacked.outputs(student)
        assert not [secret for secret in (*SECRETS, REACHED) if secret in seen], name


def test_nothing_is_changed_or_left_behind(attacked):
    after = attacked.files()
    assert {path: after.get(path) for path in attacked.before} == attacked.before
    assert not MARKER.exists()
    assert not list(attacked.home.rglob("attack-marker"))
    left = subprocess.run(["pgrep", "-f", "dlcourse/grading/forkserver.py"], capture_output=True, text=True).stdout
    assert not left


def test_nothing_reaches_the_network(attacked):
    assert attacked.listener.reached == []


def test_what_the_teacher_opens_is_inert(attacked):
    active = {}
    for name, student in attacked.attackers.items():
        path = attacked.course.folder / "feedback" / student.name / ASSIGNMENT / f"{ASSIGNMENT}.html"
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        found = [str(part)[:80] for part in page.select("script, iframe, object, embed") if "ATTACK" in str(part)]
        for part in page.find_all(True):
            found += [f"{key}={value}" for key, value in part.attrs.items()
                      if key.startswith("on") or str(value).strip().lower().startswith("javascript:")]
        if found:
            active[name] = found
        assert path.stat().st_size < 3_000_000, name
    assert not active


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
