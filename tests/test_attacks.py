"""Hostile notebooks, handed in together with two honest ones and graded with the course's own settings."""

import os
import re
import socket
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from attack import SEEN, Attacked, Listener, active, in_namespaces
from dlcourse.grading.sandbox import remove
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
    assert psutil.wait_procs(orphans(), timeout=5)[1] == []


def orphans():
    """Sandboxes whose grader is gone; those of tests that run beside this one have theirs."""
    found = []
    for one in psutil.process_iter():
        with suppress(psutil.NoSuchProcess):  # it has ended while we look
            alone = (parent := one.parent()) is None or "python" not in parent.name()
            if alone and any("grading/forkserver.py" in part for part in one.cmdline()):
                found.append(one)
    return found


def test_everyone_is_graded_or_named(attacked):
    named = {line.split()[1].rstrip(":") for line in report_of(attacked.run) if line.startswith("[未採点]")}
    missing = [attack for attack, student in attacked.attackers.items() if student.name not in named and not (
        student.name in attacked.scores and (attack[0] not in SEEN or attacked.course.feedback(student)))]
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


def test_what_the_measure_looks_for_is_found():
    hostile = ["<script>ATTACK()</script>", "<img src=x onerror=ATTACK()>", '<a href=" javascript:ATTACK()">x</a>',
               "<iframe src=http://attack.example/></iframe>", "<style>.panel-heading {display: none}</style>",
               '<img src="http://attack.example/x.png">', "<base href=http://attack.example/>"]  # fmt: skip
    assert [page for page in hostile if not active(page)] == []
    assert active("<p>ATTACK <a href='https://example.org'>x</a></p><script>x()</script>") == []


def test_stock_is_run_where_it_can_change_nothing(tmp_path):
    """And where it has what nbgrader needs: a folder of its own and a network of its own."""
    here = Path(__file__)
    listener = Listener()

    def work(folder):
        tried = {}
        for name, attempt in {
            "own folder": lambda: (folder / "x").write_text("x"),
            "project": lambda: here.with_name("x").write_text("x"),
            "other folder": lambda: (tmp_path / "x").write_text("x"), "home": lambda: Path("/root/x").write_text("x"),
            "network": lambda: socket.create_connection(("127.0.0.1", listener.port), 1),
            "own network": lambda: socket.create_server(("127.0.0.1", 0)),
        }.items():  # fmt: skip
            try:
                attempt()
                tried[name] = True
            except OSError:
                tried[name] = False
        tried["processes"] = len(list(Path("/proc").glob("[0-9]*"))) > 1
        return tried

    tried = in_namespaces(work)
    assert tried is None or [name for name, done in tried.items() if done] == ["own folder", "own network"]


def test_only_plain_files_are_read(tmp_path):
    """Neither a notebook or a folder that is a link to the solution, nor what else lies in a submission's folder."""
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
    submitted = course.folder / "submitted"
    (submitted / "folder").mkdir()
    (submitted / "folder" / ASSIGNMENT).symlink_to(course.solution.parent)
    (submitted / "student").symlink_to(submitted / "folder")
    for name in ("odd", "deep", "huge"):
        (submitted / name / ASSIGNMENT).mkdir(parents=True)
        (submitted / name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_bytes(blank)
    odd = submitted / "odd" / ASSIGNMENT
    (odd / "page.html").write_text("<script>ATTACK()</script>")
    os.link(course.solution, odd / "hard.txt")
    os.mkfifo(odd / "timestamp.txt")
    os.truncate(submitted / "huge" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", 2 << 30)
    place = os.open(submitted / "deep" / ASSIGNMENT, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("a", dir_fd=place)
        inner = os.open("a", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    run = course.nbgrader("autograde", ASSIGNMENT, "--create")
    course.nbgrader("generate_feedback", ASSIGNMENT)
    remove(submitted / "deep")  # pytest could not
    lines = "\n".join(report_of(run))
    told = ["links were not followed", "the folder is a link", "folders left out", "files not used", "too large"]
    assert [lines.count(words) for words in told] == [2, 2, 1, 1, 1]
    assert sum(points for grades in course.scores().values() for points, _ in grades.values()) == 0
    names = {path.name for part in ("autograded", "feedback") for path in (course.folder / part).rglob("*")}
    assert f"{ASSIGNMENT}.html" in names and names.isdisjoint({"notes.txt", "page.html", "hard.txt"})
