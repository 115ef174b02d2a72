"""The engines beside each other: the same marks, and what they cost. `python -m benchmarks.engines`

For every chapter the notebooks of the sample class (model answers, all other right ones, all listed mistakes, blank,
half done, answers that crash or never end) run in one engine after the other: each test's points, error and hint, and
the kinds of what the students' cells show, have to be the same. What differs is printed and ends with exit code 1.
Then: seconds to a process, of a call and of a notebook, and the memory of a student's process.

--chapters 1 2: only these. --quick: of each chapter only the model answers, and no comparison of the others.
--class N: also times `nbgrader autograde` of a class of N, with each engine.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import nbformat
import psutil

from dlcourse.grading.execute import cells_of
from dlcourse.grading.isolation.engines import LINUX, PORTABLE, started
from dlcourse.grading.isolation.notebook import Cell, NotebookContext, run
from press import ROOT
from rehearsal.course import Course
from rehearsal.sample_class import Assignment, crashing, honest_class, right_in_other_styles, unfinished, wrong_answers

ENGINES = (LINUX, PORTABLE)
SHARED = {"cell_seconds": 5.0, "notebook_seconds": 60.0}
CALL = """
import time
x = np.ones((10, 10))
start = time.perf_counter()
for _ in range(200):
    same(x)
print((time.perf_counter() - start) * 5)
"""


def assignments(chapters):
    """Chapter → (released notebook, solution)."""
    for chapter in chapters:
        name = next((ROOT / "solutions").glob(f"ch{chapter}_*")).name
        yield name, ROOT / "exercises" / name / f"{name}.ipynb", ROOT / "solutions" / name / f"{name}.ipynb"


def notebooks(released: Path, solution: Path, quick: bool) -> Iterator[tuple[str, nbformat.NotebookNode]]:
    assignment = Assignment(released, solution)
    students = list(unfinished(assignment))[:1]
    if not quick:
        kinds = (unfinished, right_in_other_styles, wrong_answers, crashing)
        students = [student for kind in kinds for student in kind(assignment)]
    for student in students:
        yield f"{student.name}({student.story})", nbformat.reads(student.content.decode(), as_version=4)


def judged(engine, notebook):
    """What the grading makes of each cell, and what it costs: wall, and processor time of this process."""
    cells = cells_of(notebook)
    context = NotebookContext(imports="import numpy as np")
    wall, own = time.perf_counter(), time.process_time()
    done = run(cells, engine, context, **SHARED)
    seconds = time.perf_counter() - wall, time.process_time() - own
    marks = []
    for place, (cell, outputs) in enumerate(zip(cells, done.outputs, strict=True)):
        errors = [output["ename"] for output in outputs if output["output_type"] == "error"]
        if cell.kind.startswith("test"):
            verdict = done.verdicts.get(place) or {}
            texts = [output["text"] for output in outputs if output["output_type"] == "stream"]
            points = [output["data"] for output in outputs if output["output_type"] == "execute_result"]
            marks.append((cell.name, errors, verdict.get("problem"), verdict.get("hint"), texts, points))
        else:
            marks.append((cell.name or f"cell {place}", errors, sorted(shown(outputs))))
    return marks, seconds


def shown(outputs):
    """The kinds of what a cell shows; of warnings, which are each library's own, nothing."""
    for output in outputs:
        yield from output.get("data", ())


def compare(engines, chapters, quick):
    """How many notebooks differ; seconds are printed per chapter."""
    differ = tried = 0
    for name, released, solution in assignments(chapters):
        took = {engine: [] for engine in engines}
        for title, notebook in notebooks(released, solution, quick):
            made = {}
            for engine, running in engines.items():
                made[engine], seconds = judged(running, notebook)
                took[engine].append(seconds[0])
            tried += 1
            linux, portable = made.values()
            unlike = [(one, other) for one, other in zip(linux, portable, strict=True) if one != other]
            differ += bool(unlike)
            for one, other in unlike:
                print(
                    f"  ✗ {name}: {title}: {one[0]}\n      {LINUX}: {one[1:]}\n      {PORTABLE}: {other[1:]}",
                    flush=True,
                )
        each = "   ".join(f"{engine} {statistics.median(took[engine]):5.2f} s" for engine in engines)
        print(f"{name:32} {len(took[LINUX]):3} notebooks, the median: {each}", flush=True)
    return tried, differ


def costs(engine):
    """Seconds until a process has run an empty cell, seconds of a call, and megabytes."""
    starts = []
    for _ in range(5):
        begin = time.perf_counter()
        with closing(engine.student()) as student:
            student.allow(60, 60)
            student.run("")
            starts.append(time.perf_counter() - begin)
            memory = memory_of(student)
    cells = [Cell("setup", "import numpy as np"), Cell("answer", "def same(x): return x"), Cell("test", CALL)]
    (call,) = run(cells, engine, cell_seconds=60).outputs[2]
    return statistics.median(starts), float(call["text"]) / 1000, memory


def memory_of(student):
    number = getattr(student.process, "pid", student.process)
    family = [psutil.Process(number), *psutil.Process(number).children(recursive=True)]
    return max(one.memory_info().rss for one in family) / 1e6


def grade_a_class(students, engine):
    """Seconds of the whole command: wall and processors."""
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder, "course"))
        course.nbgrader("generate_assignment", course.assignment)
        for student in honest_class(course.released, course.solution, students):
            student.hand_in(course.folder / "submitted", course.assignment)
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = course.nbgrader("autograde", course.assignment, "--create", f"--RunIsolated.engine={engine}")
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0, done.stdout[-2000:]
        points = {name: sum(got for got, _ in grades.values()) for name, grades in course.scores().items()}
        return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, points


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--chapters", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    options.add_argument("--quick", action="store_true")
    options.add_argument("--class", dest="students", type=int, default=0)
    chosen = options.parse_args()
    engines = {name: started(name) for name in ENGINES}
    try:
        tried, differ = compare(engines, chosen.chapters, chosen.quick)
        print(f"{tried} notebooks, {differ} differ\n")
        print(f"{'':10} start      call        memory")
        for name, engine in engines.items():
            start, call, memory = costs(engine)
            print(f"{name:10} {start:5.3f} s   {call * 1000:5.2f} ms   {memory:5.0f} MB", flush=True)
    finally:
        for engine in engines.values():
            engine.close()
    if chosen.students:
        print(f"\na class of {chosen.students}, the whole command")
        points = []
        for name in ENGINES:
            wall, work, given = grade_a_class(chosen.students, name)
            points.append(given)
            print(f"{name:10} {wall:6.1f} s   processors {work:6.1f} s", flush=True)
        differ += points[0] != points[1]
        print(f"the same points: {points[0] == points[1]}")
    sys.exit(bool(differ))


if __name__ == "__main__":
    main()
