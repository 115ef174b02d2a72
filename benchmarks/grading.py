"""Time the grading of a class beside stock nbgrader: `make benchmark-grading`.

The same honest notebooks (right, half done, blank, one wrong answer) are graded in one run by stock nbgrader and by the
course's settings with isolation: wall time and CPU time of the whole command, for the class and for one student. What
one student takes is the start-up; what is left, divided by the others, is the steady state.

--growth prints seconds and memory as a class grows; --otter PYTHON times `otter run` of that interpreter, which needs
otter-grader, ipykernel and dlcourse, on one submission.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from press import ROOT
from rehearsal import stock_nbgrader
from rehearsal.course import ASSIGNMENT, Course
from rehearsal.sample_class import Assignment, honest_class

JOBS = 2


def ours(folder):
    """The usual command, with the course's settings."""
    command = [
        sys.executable,
        "-m",
        "nbgrader",
        "autograde",
        ASSIGNMENT,
        f"--CourseDirectory.root={folder}",
        f"--RunIsolated.jobs={JOBS}",
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def stock(folder):
    return stock_nbgrader.autograde(folder, ASSIGNMENT)


def timed(grade, course, students):
    """Seconds (wall, CPU) of one command that grades so many students in a fresh copy of the course."""
    with tempfile.TemporaryDirectory() as place:
        copy = shutil.copytree(course.folder, Path(place, "course"))
        for student in sorted((copy / "submitted").iterdir())[students:]:
            shutil.rmtree(student)
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = grade(copy)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        assert len(list((copy / "autograded").iterdir())) == students, done.stderr[-2000:]
        return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(course, students):
    print(
        f"{students} submissions, {JOBS} processes: seconds of the command, and per student without its start-up",
        flush=True,
    )
    measured = {}
    for grade in (ours, stock):
        (wall, cpu), (first, first_cpu) = timed(grade, course, students), timed(grade, course, 1)
        steady = (wall - first) / (students - 1), (cpu - first_cpu) / (students - 1)
        measured[grade] = wall, cpu, *steady
        name = "dlcourse" if grade is ours else "nbgrader"
        print(
            f"{name}  {wall:6.1f} s  CPU {cpu:6.1f} s   start-up {first:4.1f} s   per student {steady[0]:.3f} s"
            f"  CPU {steady[1]:.3f} s",
            flush=True,
        )
    ratio = [theirs / mine for theirs, mine in zip(measured[stock], measured[ours], strict=True)]
    print(
        f"nbgrader / dlcourse: {ratio[0]:.1f} end to end, {ratio[2]:.1f} steady (wall); "
        f"{ratio[1]:.1f} end to end, {ratio[3]:.1f} steady (CPU)"
    )


def one_more(course):
    """Grading and feedback of one submission in a process that has graded before, as behind formgrader's buttons."""
    program = f"""
import time
from nbgrader.apps import NbGraderAPI, NbGraderApp
app = NbGraderApp.instance()
app.initialize(["--CourseDirectory.root={course.folder}"])
api = NbGraderAPI(app.coursedir, parent=app, config=app.config)
for student in ["student0000", "student0001", "student0002", "student0003"] * 2:
    start = time.perf_counter()
    assert api.autograde("{ASSIGNMENT}", student)["success"]
    graded = time.perf_counter()
    assert api.generate_feedback("{ASSIGNMENT}", student)["success"]
    print(graded - start, time.perf_counter() - graded)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    warm = [tuple(map(float, line.split())) for line in done.stdout.splitlines()][4:]
    grading, feedback = (sum(part) / len(warm) for part in zip(*warm, strict=True))
    print(f"one submission in a warm process: {grading:.2f} s grading + {feedback:.2f} s feedback")


def memory_of(process):
    """Megabytes of a process and of all its descendants."""
    own, children = 0.0, []
    try:
        own = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        for task in Path(f"/proc/{process}/task").iterdir():
            children += (task / "children").read_text().split()
    except (OSError, IndexError):
        pass
    return own, own + sum(memory_of(child)[1] for child in children)


def growth(course, students):
    print(f"{students} submissions: graded, seconds, MB of the coordinator, MB of all processes")
    command = [
        sys.executable,
        "-m",
        "nbgrader",
        "autograde",
        ASSIGNMENT,
        f"--CourseDirectory.root={course.folder}",
        f"--RunIsolated.jobs={JOBS}",
    ]
    start, steps = time.perf_counter(), [students * part // 4 for part in (1, 2, 3, 4)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        place, largest = course.folder / "autograded", (0.0, 0.0)
        while process.poll() is None:
            time.sleep(0.05)
            largest = max(largest, memory_of(process.pid))
            if steps and place.is_dir() and len(list(place.glob("student*"))) >= steps[0]:
                print(
                    f"{steps.pop(0):6} {time.perf_counter() - start:8.1f} s {largest[0]:8.0f} {largest[1]:8.0f}",
                    flush=True,
                )
                largest = (0.0, 0.0)


def otter(course, python):
    """`otter run` on one submission, with one test per exercise that asks the same check."""
    assignment = Assignment(course.released, course.solution)
    with tempfile.TemporaryDirectory() as place:
        with zipfile.ZipFile(Path(place, "autograder.zip"), "w") as archive:
            archive.writestr("otter_config.json", json.dumps({"lang": "python"}))
            for exercise in assignment.exercises:
                case = {"code": f">>> from dlcourse.checks import grade\n>>> grade({exercise.id!r})\n", "hidden": False}
                suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
                name = exercise.id.replace("-", "_")
                test = {"name": name, "points": 1, "suites": [suite]}
                archive.writestr(f"tests/{name}.py", f"OK_FORMAT = True\ntest = {test!r}\n")
        shutil.copy(course.folder / "submitted" / "student0000" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", place)
        start = time.perf_counter()
        command = [python, "-m", "otter", "run", "-a", "autograder.zip", f"{ASSIGNMENT}.ipynb"]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True)
        seconds = time.perf_counter() - start
        results = Path(place, "results.json")
        assert results.exists(), done.stdout[-2000:] + done.stderr[-2000:]
        tests = json.loads(results.read_text())["tests"]
        points = sum(test.get("score") or 0 for test in tests)
        print(f"otter run, one submission: {seconds:.1f} s ({points:g} of {len(assignment.exercises)} tests passed)")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--students", type=int, default=37)
    options.add_argument("--growth", type=int, metavar="STUDENTS", help="only: seconds and memory as it grows")
    options.add_argument("--otter", metavar="PYTHON", help="also: a Python with otter-grader, ipykernel, dlcourse")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder, "course"))
        course.nbgrader("generate_assignment", ASSIGNMENT)
        for student in honest_class(course.released, course.solution, chosen.growth or chosen.students):
            student.hand_in(course.folder / "submitted", ASSIGNMENT)
        if chosen.growth:
            growth(course, chosen.growth)
            return
        compare(course, chosen.students)
        one_more(course)
        if chosen.otter:
            otter(course, chosen.otter)


if __name__ == "__main__":
    main()
