"""What happens to a class when grading is killed, blocked or starved, beside an undisturbed run of the same class.

Each run is the usual command, `nbgrader autograde`, in a process forked from this one, which has nbgrader imported.
FAULT_MOMENTS=20 tries more moments for the kill.
"""

import ctypes
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

import psutil
import pytest

from dlcourse.grading.isolation import pool
from rehearsal import stock_nbgrader
from rehearsal.course import ASSIGNMENT, ROOT, Course
from rehearsal.sample_class import honest_class
from tests.helpers.commands import Command, nbgrader
from tests.helpers.short_assignment import keep

MOMENTS = int(os.environ.get("FAULT_MOMENTS", "4"))
SEED = 6


class Run(Command):
    """`nbgrader autograde` in a course folder, running."""

    def __init__(self, folder, *options, **more):
        super().__init__(folder, "autograde", ASSIGNMENT, *options, **more)


def grade(folder, *options, **more):
    return Run(folder, *options, **more).wait()


def rows(folder):
    """What the gradebook says about every student's cells and submissions, without its running numbers."""
    with sqlite3.connect(folder / "gradebook.db") as book:
        grades = book.execute(
            "SELECT s.student_id, b.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade "
            "FROM grade g JOIN base_cell b ON b.id = g.cell_id JOIN submitted_notebook n ON n.id = g.notebook_id "
            "JOIN submitted_assignment s ON s.id = n.assignment_id"
        ).fetchall()
        comments = book.execute(
            "SELECT s.student_id, b.name, c.auto_comment, c.manual_comment FROM comment c "
            "JOIN base_cell b ON b.id = c.cell_id JOIN submitted_notebook n ON n.id = c.notebook_id "
            "JOIN submitted_assignment s ON s.id = n.assignment_id"
        ).fetchall()
        handed_in = book.execute(
            "SELECT s.student_id, s.timestamp, s.extension, n.flagged, n.late_submission_penalty "
            "FROM submitted_assignment s JOIN submitted_notebook n ON s.id = n.assignment_id"
        ).fetchall()
    book.close()
    return [sorted(part, key=repr) for part in (grades, comments, handed_in)]


def notebooks(folder):
    return sorted(str(path.relative_to(folder)) for path in (folder / "autograded").rglob("*") if path.is_file())


def path_of(folder, student):
    return folder / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A class of eight that waits to be graded."""
    course = keep(Course(tmp_path_factory.mktemp("class") / "course"))
    assert nbgrader(course.folder, "generate_assignment", ASSIGNMENT).code == 0
    for student in honest_class(course.released, course.solution, 8):
        student.hand_in(course.folder / "submitted", ASSIGNMENT)
    return course.folder


@pytest.fixture(scope="module")
def undisturbed(handed_in, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "course"
    shutil.copytree(handed_in, folder)
    began = time.monotonic()
    run = grade(folder)
    assert run.code == 0, run.said
    return {
        "folder": folder,
        "rows": rows(folder),
        "files": notebooks(folder),
        "seconds": time.monotonic() - began,
        "said": run.said,
    }


@pytest.fixture
def course(handed_in, tmp_path):
    return shutil.copytree(handed_in, tmp_path / "course")


def ends_as_undisturbed(folder, undisturbed):
    run = grade(folder)
    assert run.code == 0, run.said
    assert rows(folder) == undisturbed["rows"] and notebooks(folder) == undisturbed["files"]


def test_the_gradebook_is_the_one_that_nbgrader_writes(handed_in, undisturbed, tmp_path):
    folder = shutil.copytree(handed_in, tmp_path / "stock")
    two = {"student0001", "student0003"}  # between them: right answers, a wrong one, and blanks
    for student in (folder / "submitted").iterdir():
        if student.name not in two:
            shutil.rmtree(student)
    done = stock_nbgrader.autograde(folder, ASSIGNMENT)
    assert done.returncode == 0, done.stderr
    ours = [[row for row in part if row[0] in two] for part in undisturbed["rows"]]
    assert {row[2] == 0 for row in ours[0]} == {True, False} and rows(folder) == ours


def test_it_ends_with_how_many_were_graded(undisturbed):
    *_, last = undisturbed["said"].strip().splitlines()
    assert "採点 8名" in last and "graded 8, before 0, to look at 0, not graded 0" in last
    assert "採点 / grading 8/8" in undisturbed["said"]


def test_a_second_run_changes_nothing(undisturbed):
    before = (undisturbed["folder"] / "gradebook.db").read_bytes()
    run = grade(undisturbed["folder"])
    assert run.code == 0 and "graded 0, before 8" in run.said
    assert (undisturbed["folder"] / "gradebook.db").read_bytes() == before


def test_killed_at_any_moment_it_goes_on(course, undisturbed):
    moments = [random.Random(SEED + number).uniform(0, undisturbed["seconds"]) for number in range(MOMENTS)]
    print("killed after", [f"{moment:.2f}s" for moment in moments], f"of {undisturbed['seconds']:.2f}s, seed {SEED}")
    everything, started = undisturbed["rows"][0], set()
    for moment in moments:
        run = Run(course)
        run.process.join(moment)
        if run.process.is_alive():
            started.update(psutil.Process(run.process.pid).children(recursive=True))
            os.kill(run.process.pid, signal.SIGKILL)
            run.process.join()
        grades = rows(course)[0]
        assert set(grades) <= set(everything)
        assert len(grades) == len({grade[0] for grade in grades}) * len(everything) / 8, "somebody is half graded"
        if run.process.exitcode == 0:  # faster than before: there was nothing left to disturb, so begin anew
            shutil.rmtree(course / "autograded")
    assert started and psutil.wait_procs(started, timeout=5)[1] == [], "workers and sandboxes end with the grader"
    ends_as_undisturbed(course, undisturbed)


@pytest.mark.parametrize("room", [None, 30_000])
def test_a_full_disk_loses_nothing(course, undisturbed, room):
    """A file may not grow beyond `room`; None: the gradebook not beyond a few more students."""
    size = room or (course / "gradebook.db").stat().st_size + 20_000

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    run = grade(course, prepare=full)
    assert run.code == 1 and "に書けません" in run.problem and "続きから採点できます" in run.problem
    ends_as_undisturbed(course, undisturbed)


def test_a_read_only_course_is_named(course, undisturbed):
    def without_root():
        for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: root as well keeps to the permissions
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
        os.execv(sys.executable, [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT, f"--course-dir={course}"])

    course.chmod(0o555)
    run = grade(course, prepare=without_root, log="../run.log")
    course.chmod(0o755)
    assert run.code == 1 and str(course) in run.problem and "書き込みが許されていません" in run.problem
    ends_as_undisturbed(course, undisturbed)


def test_of_two_graders_one_steps_back(course, undisturbed):
    runs = [Run(course, log=f"run-{number}.log") for number in range(2)]
    first, second = sorted((run.wait() for run in runs), key=lambda run: run.code)
    assert (first.code, second.code) == (0, 1) and "graded 8, before 0" in first.said
    assert "別の採点が動いています" in second.problem
    assert rows(course) == undisturbed["rows"]


@contextmanager
def locked(folder, how):
    """Another process has the gradebook to itself (EXCLUSIVE), or to itself for writing (IMMEDIATE)."""
    program = f"""
import sqlite3
book = sqlite3.connect({str(folder / "gradebook.db")!r})
book.execute("BEGIN {how}")
print("locked", flush=True)
input()
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "locked\n"
        yield
        other.communicate("\n")


def test_a_locked_gradebook_is_waited_for(course, undisturbed):
    with locked(course, "EXCLUSIVE"):
        run = Run(course)
        while "空くのを待っています" not in run.said:
            assert run.process.is_alive(), run.said
            time.sleep(0.1)
    assert run.wait().code == 0, run.said
    assert rows(course) == undisturbed["rows"]
    with locked(course, "IMMEDIATE"):
        run = grade(course, "--force", "--Autograde.gradebook_seconds=1")
    assert run.code == 1 and "ほかのプログラムに使われたままです" in run.problem
    assert rows(course) == undisturbed["rows"]


def test_what_was_handed_in_again(undisturbed, tmp_path):
    """Another file is graded again; one that cannot be read leaves the earlier result, which is named as such."""
    folder = shutil.copytree(undisturbed["folder"], tmp_path / "course")
    right, blank = path_of(folder, "student0000"), path_of(folder, "student0002")
    right.write_bytes(right.read_bytes()[:1000])
    blank.write_bytes(path_of(folder, "student0001").read_bytes())
    run = grade(folder)
    assert run.code == 1 and "graded 1, before 6, to look at 1, not graded 0" in run.said
    (line,) = [line for line in run.said.splitlines() if "[要確認]" in line]
    assert "student0000" in line and "JSONが壊れています" in line and "前の採点(" in line

    def of(student, grades):
        return sorted(row[1:] for row in grades if row[0] == student)

    before, after = undisturbed["rows"][0], rows(folder)[0]
    assert of("student0000", after) == of("student0000", before)
    assert of("student0002", after) == of("student0001", before) != of("student0002", before)


def test_one_student_is_found_under_any_file_name(course, undisturbed):
    renamed = path_of(course, "student0001")
    renamed.rename(renamed.with_name("演習 (1).ipynb"))
    run = grade(course, "--student=student0001")
    assert run.code == 0 and "graded 1" in run.said and "演習 (1).ipynb" in run.said
    assert rows(course)[0] == [row for row in undisturbed["rows"][0] if row[0] == "student0001"]
    run = grade(course, "--student=nobody")
    assert run.code == 1 and "nobody" in run.problem


def test_without_running_nothing_is_graded(course):
    assert "--no-execute" in grade(course, "--no-execute").problem


def test_ctrl_c_ends_it_in_one_line(course, undisturbed, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def prepare():
        os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)

    run = Run(course, prepare=prepare)
    while "isolation" not in run.said:
        time.sleep(0.05)
    started = psutil.Process(run.process.pid).children(recursive=True)
    os.killpg(run.process.pid, signal.SIGINT)
    assert "中断しました" in run.wait().problem
    assert psutil.wait_procs(started, timeout=5)[1] == []
    assert not list(temporary.iterdir())
    ends_as_undisturbed(course, undisturbed)


def test_a_broken_gradebook_is_named(course):
    (course / "gradebook.db").write_bytes(b"no database" * 100)
    assert "こわれています" in grade(course).problem


def test_where_there_is_nothing_to_run(course):
    run = grade(course, "--notebook=nope")
    assert run.code == 1 and "nope" in run.problem and ASSIGNMENT in run.problem
    for student in (course / "submitted").iterdir():
        shutil.rmtree(student / ASSIGNMENT)
    path_of(course, "student0000").parent.mkdir()
    path_of(course, "student0000").with_name("a.py").write_text("x = 1")
    run = grade(course)
    assert run.code == 1 and "not graded 8 (nothing handed in 7)" in run.said and "Traceback" not in run.said


def test_formgraders_button_grades_the_same_way(course):
    """In a server there is no command to end: what happened is in the log that formgrader shows."""
    program = f"""
import json
from nbgrader.apps import NbGraderAPI, NbGraderApp
app = NbGraderApp.instance()
app.initialize(["--CourseDirectory.root={course}"])
api = NbGraderAPI(app.coursedir, parent=app, config=app.config)
results = [api.autograde("{ASSIGNMENT}", student) for student in ("student0000", "student0003", "student0000")]
print(json.dumps(results))
"""
    path_of(course, "student0003").write_text("{")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, broken, again = json.loads(done.stdout.splitlines()[-1])
    assert first["success"] and again["success"] and not broken["success"]
    assert "JSONが壊れています" in broken["log"]


# --- several machines -----------------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path):
    """A Dask scheduler and two workers: the scheduler's address, and the workers' processes."""
    address = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": (tmp_path / "dask.log").open("w")}
    dask = [sys.executable, "-m", "dask"]
    at = ["--scheduler-file", str(address), "--no-dashboard"]
    scheduler = subprocess.Popen([*dask, "scheduler", *at, "--host", "127.0.0.1", "--port", "0"], **quiet)
    worker = [*dask, "worker", *at, "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path)]
    workers = [subprocess.Popen(worker, **quiet) for _ in range(2)]
    for _ in range(300):
        if address.exists() and (text := address.read_text()):
            break
        time.sleep(0.1)
    yield json.loads(text)["address"], workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def test_the_workers_of_a_cluster_may_be_lost(course, undisturbed, cluster):
    address, workers = cluster
    run = Run(course, "--scheduler", address)
    graded = course / "autograded"
    while len(list(graded.glob("[!.]*"))) < 2:
        assert run.process.is_alive(), run.said
        time.sleep(0.02)
    workers[0].kill()
    done = run.wait()
    assert done.code == 0 and "workers)" in done.said and "graded 8" in done.said, done.said
    assert rows(course) == undisturbed["rows"] and notebooks(course) == undisturbed["files"]


def test_a_scheduler_that_does_not_answer_is_named(course, monkeypatch):
    monkeypatch.setattr(pool, "REACHED_IN", 1)
    run = grade(course, "--RunIsolated.scheduler=tcp://127.0.0.1:1")
    assert run.code == 1 and "tcp://127.0.0.1:1" in run.problem
