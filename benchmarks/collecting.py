"""How long `nbgrader zip_collect` takes with ours and with nbgrader's own collector, on the same zip, and its memory.

    python -m benchmarks.collecting [HOW MANY SUBMISSIONS]

Only the collecting is timed, not the start of the command, which is the same for both. Best of several, as other work
goes on on most machines.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from nbgrader.api import Base, Gradebook, Student
from nbgrader.apps import NbGraderApp
from sqlalchemy import create_engine

from rehearsal.course import ASSIGNMENT, ROOT

TIMES = 5
STOCK = r"""
c.FileNameCollectorPlugin.named_regexp = r".*/(?P<student_id>s\d+) [^/]*/(?P<file_id>\w+)"
"""
OURS = """
from dlcourse.grading import install; install.into(c)
c.ZipCollectApp.collector_plugin = "dlcourse.grading.collect.Collector"
"""


def course(folder: Path, settings: str, many: int) -> None:
    """A course of so many students, all of whom have handed in their answers on Moodle."""
    archive = folder / "downloaded" / ASSIGNMENT / "archive"
    released = folder / "release" / ASSIGNMENT
    for place in (archive, released):
        place.mkdir(parents=True)
    name = f"{ASSIGNMENT}.ipynb"
    answers = (ROOT / "solutions" / ASSIGNMENT / name).read_bytes()
    (released / name).write_bytes((ROOT / "exercises" / ASSIGNMENT / name).read_bytes())
    with zipfile.ZipFile(archive / "moodle.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for one in range(many):
            made.writestr(f"s{one:05} 山田 太郎{one}_{900_000 + one}_assignsubmission_file/{name}", answers)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = 'x'\n{settings}")
    engine = create_engine(f"sqlite:///{folder / 'gradebook.db'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "x") as gradebook:
        gradebook.db.add_all(Student(id=f"s{one:05}", last_name="山田", first_name=f"太郎{one}") for one in range(many))
        gradebook.db.commit()


def collect(folder: Path) -> None:
    """One run, in a process of its own; its time, its processors' time and its largest memory as JSON."""
    os.chdir(folder)
    app = NbGraderApp.instance()
    app.initialize(["zip_collect", ASSIGNMENT])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin, worked = time.perf_counter(), time.process_time()
    try:
        app.start()
    except BaseException as end:  # nbgrader ends a command with an exception, whichever way it went
        print(repr(end), file=sys.stderr)
    seconds, processors = time.perf_counter() - begin, time.process_time() - worked
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    collected = len(list((folder / "submitted").glob(f"*/{ASSIGNMENT}/*.ipynb")))
    print(json.dumps([seconds, processors, memory, collected]))


def best(settings: str, many: int) -> tuple[float, float, float]:
    runs = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as folder:
            course(Path(folder), settings, many)
            command = [sys.executable, "-m", "benchmarks.collecting", "--one", folder]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            *numbers, collected = json.loads(done.stdout.splitlines()[-1])
            assert collected == many, done.stderr
            runs.append(numbers)
    return tuple(map(min, zip(*runs, strict=True)))  # type: ignore[return-value]  # zip forgets that a run has three numbers


def main(most: int = 1000) -> None:
    print(f"{'submissions':>12}{'':>8}{'seconds':>10}{'processor':>11}{'memory, MB':>12}")
    for many in (most // 10, most):
        for name, settings in (("nbgrader", STOCK), ("ours", OURS)):
            seconds, processors, memory = best(settings, many)
            print(f"{many:>12} {name:>8}{seconds:>9.2f}{processors:>11.2f}{memory:>12.1f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        collect(Path(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:]))
