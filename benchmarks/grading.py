"""Time the grading of a class beside stock nbgrader: `make benchmark-grading`.

The same honest notebooks (model answers, other right answers, wrong ones, blanks) are graded twice in one run, by
stock nbgrader and by the course's settings with isolation; wall time and CPU time of the whole command.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from grade_demo import ASSIGNMENT, Course  # noqa: E402 - tools/ is no package
from sample_class import Assignment, encoded  # noqa: E402 - as above

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "dlcourse"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.Execute.timeout = 10
"""


def hand_in(course, students):
    """The same few notebooks in turn: right, half done, blank, with one wrong answer."""
    assignment = Assignment(course.released, course.solution)
    answers = list(assignment.model.items())
    wrong = next(exercise for exercise in assignment.exercises if hasattr(exercise, "signature"))
    kinds = [
        encoded(assignment.notebook()),
        encoded(assignment.answered(dict(answers[: len(answers) // 2]))),
        encoded(assignment.answered({})),
        encoded(assignment.notebook({wrong.id: wrong.source(next(iter(wrong.pitfalls)))})),
    ]
    for number in range(students):
        folder = course.folder / "submitted" / f"student{number:04}" / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / f"{ASSIGNMENT}.ipynb").write_bytes(kinds[number % len(kinds)])


def grade(folder, where, students, *options):
    """Seconds (wall, CPU) of one `nbgrader autograde` in a fresh copy of the course."""
    with tempfile.TemporaryDirectory() as copy:
        course = Path(copy, "course")
        shutil.copytree(folder, course)
        command = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT, "--create",
                   f"--CourseDirectory.root={course}", *options]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, cwd=where or course, capture_output=True, text=True)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        graded = len(list((course / "autograded").iterdir()))
        assert graded == students, done.stderr[-2000:]
        return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--students", type=int, default=37)
    options.add_argument("--without-stock", action="store_true", help="only our own time, for large classes")
    chosen = options.parse_args()
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder, "course"))
        course.nbgrader("generate_assignment", ASSIGNMENT)
        hand_in(course, chosen.students)
        (course.folder / "nbgrader_config.py").write_text(STOCK)
        ours = grade(course.folder, ROOT, chosen.students)
        print(f"dlcourse  {ours[0]:6.1f} s  CPU {ours[1]:6.1f} s  {chosen.students / ours[0]:.1f} /s")
        if not chosen.without_stock:
            stock = grade(course.folder, None, chosen.students)
            print(f"nbgrader  {stock[0]:6.1f} s  CPU {stock[1]:6.1f} s  {chosen.students / stock[0]:.1f} /s")
            print(f"stock / ours: {stock[0] / ours[0]:.1f} (wall)  {stock[1] / ours[1]:.1f} (CPU)")


if __name__ == "__main__":
    main()
