"""Run the cells of the hostile class without any guard, in one process with the tests: `unguarded.py COURSE ANSWER`.

All that a cell can reach are decoys below the folder of COURSE, a listener, and this process, which does nothing else
(test_attacks.py starts it). What each has reached goes as JSON to the file ANSWER: a probe that reaches nothing here
would tell nothing about the guard there.
"""

import base64
import gc
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import nbformat
from IPython.core.interactiveshell import InteractiveShell

from dlcourse.checks import EXERCISES  # noqa: F401 - for the probes to find
from dlcourse.grading.isolation import shell as shells
from dlcourse.grading.isolation.student import CellServer
from rehearsal import attack, effects
from rehearsal.course import ASSIGNMENT, ROOT
from rehearsal.hostile_class import CLASSES

# In place of what is more than the limits: it is the cells that are tried here.
SMALL = {"work": 0.2, "wait": 0.2, "threads": 20, "memory": 1 << 20, "file_size": 1000, "disk": 2500, "files": 20}
NOBODY = SimpleNamespace(call=lambda *question: None)  # in place of the grader, who may be told something
PATIENCE = 0.7  # seconds after which a cell that wants to stop everything has done so


def lay_out(course):
    """A course with its gradebook, and a project and packages to write to."""
    target = course / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    handed_in = course / "submitted" / "honest" / ASSIGNMENT / target.name
    for path in (target, handed_in):
        path.parent.mkdir(parents=True)
        shutil.copy(ROOT / target.relative_to(course), path)
    attack.make_assignment(target)
    sqlite3.connect(course / "gradebook.db").execute("create table grade (score)").connection.close()
    (course.parent / "packages").mkdir()
    checks = course.parent / "project" / "dlcourse" / "checks" / "chapter1"
    checks.mkdir(parents=True)
    shutil.copy(ROOT / "dlcourse" / "checks" / "chapter1" / "K.py", checks)
    shutil.copy(ROOT / "nbgrader_config.py", checks.parents[2])
    return nbformat.read(target, as_version=4).cells


def without_guards():
    """The shell in which students' cells run, with what it keeps from them."""
    shell = shells.make_shell()
    shells.MOST_OUTPUT = shells.MOST_OUTPUTS = shells.LONGEST_ERROR = 1 << 30
    shells.Shell.system = InteractiveShell.system
    shell.InteractiveTB.set_mode("Minimal")  # of most cells that fail nobody reads more, and the lines take their time
    return shell


def points(outputs):
    """Whether a test with these outputs gives any."""
    results = [output["data"]["text/plain"] for output in outputs if output["output_type"] == "execute_result"]
    return not any(output["output_type"] == "error" for output in outputs) and results[-1:] not in (["0"], ["0.0"])


def run(shell, cells, work):
    """In a process of its own: the first cell is the course's, the second the probe's, the others are tests.

    After the first test that gives points there is nothing more to see.
    """
    os.mkdir(work)
    os.chdir(work)
    sys.path.insert(0, "")
    keyboard, runner = sys.stdin, CellServer(shell)
    sys.stdin = keyboard  # a kernel's cell can ask for something, too
    ran(runner, cells[0])
    outputs, passed = ran(runner, cells[1]), False
    for test in cells[2:]:
        outputs += (made := ran(runner, test))
        if passed := points(made):
            break
    Path(work, "answer").write_text(json.dumps({"outputs": outputs, "passed": passed}))


def ran(runner, cell):
    """The outputs of a cell, with their pictures."""
    outputs, _ = runner.run(NOBODY, cell)
    for output in outputs:
        for kind, part in output.get("data", {}).items():
            if isinstance(part, int):
                content = runner.outputs.pictures[part]
                output["data"][kind] = content.decode() if b"<" in content else base64.b64encode(content).decode()
    return outputs


def reached(shell, cells, decoys, ends, work):
    """What became of a probe; nothing at all where it has ended its process, or never came to an end."""
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            run(shell, cells, work)
        os._exit(0)
    end = time.monotonic() + (PATIENCE if ends else 20)
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            end += 20
        time.sleep(0.002)
    answer = work / "answer"
    found = json.loads(answer.read_text()) if answer.exists() else {"outputs": [], "passed": False, "ended": True}
    if not effects.said(notebook(found["outputs"])):
        time.sleep(0.02)  # the listener is another thread
    return found | {"effects": decoys.effects()}


def is_run(probe):
    return probe.cell and not probe.placed and not probe.refused


def notebook(outputs):
    return nbformat.from_dict({"cells": [{"cell_type": "code", "metadata": {}, "source": "", "outputs": outputs}]})


def main(course, answer):
    here = course.parent
    kept, home = here / "kept", here / "home"
    home.mkdir()
    cells = lay_out(course)
    course.rename(kept)
    setup = next(cell.source for cell in cells if cell.id == "setup")
    graded = {cell.id: cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")}
    own = [source for name, source in graded.items() if name.startswith("own-")]
    tests = {
        "forge": [*own, graded["K0-1"], graded["K0-3b"], graded["X1-2"]],
        "inject": [graded["K0-1"], graded["K1-2"]],
    }
    decoys = attack.Decoys(course, home, project=here / "project", packages=here / "packages", outside=here)
    shell, became = without_guards(), {}
    gc.freeze()  # every probe's process is a copy
    for kind in ("forge", "leak", "destroy", "exhaust", "inject"):
        for number, probe in enumerate(filter(is_run, CLASSES[kind])):
            shutil.copytree(kept, course)
            decoys.lay()
            open_file = os.open(course / "canary", os.O_RDONLY)
            sources = [setup, probe.source(decoys.places | SMALL), *tests.get(kind, [])]
            began = time.monotonic()
            became[f"{kind}: {probe.name}"] = reached(shell, sources, decoys, probe.ends, here / f"{kind}{number}")
            os.close(open_file)
            became[f"{kind}: {probe.name}"]["seconds"] = time.monotonic() - began
            decoys.clear()
            shutil.rmtree(course)
    answer.write_text(json.dumps(became))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
