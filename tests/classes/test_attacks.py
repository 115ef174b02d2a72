"""A class of hostile students, handed in together with two honest ones and graded with the course's own settings."""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
import pytest

from dlcourse.grading.desk.reading import LARGEST_FILE, MOST_VALUES
from dlcourse.grading.desk.submissions import DEEPEST
from dlcourse.grading.desk.tidying import LONGEST_TEXT, MOST_CELLS
from rehearsal.attack import Attacked, is_seen
from rehearsal.course import ASSIGNMENT, ROOT, Course, report_of
from rehearsal.effects import acting, active, said, shown, too_much
from rehearsal.hostile_class import CLASSES, PLACED, Probe
from tests.helpers import unguarded
from tests.helpers.commands import nbgrader
from tests.helpers.short_assignment import keep

MEGABYTE = 1 << 20
pytestmark = pytest.mark.timeout(900)  # s: three hundred students, also on a machine that is busy with other things

# What does reach its aim: it shows that the measure is one.
CONTROL = [
    Probe("an answer that is right", "k0_1 = {2, 4}"),
    Probe("a decoy's word", "print('CANARY' + '_IN_COURSE')"),
    Probe("a value that is not refused", "k0_1 = 5", refused=True),
]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    folder, home = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("GRADER_TOKEN", "CANARY_IN_ENVIRONMENT")
        done = Attacked(folder, home, CLASSES | {"control": CONTROL})
        yield done
        done.decoys.clear()


@pytest.fixture(scope="module")
def reached(attacked):
    return attacked.reached()


def test_there_are_probes_of_every_class():
    assert sum(map(len, CLASSES.values())) >= 200
    for probes in CLASSES.values():
        assert len({probe.name for probe in probes}) == len({(probe.cell, probe.change) for probe in probes}) >= 20


def test_the_isolation_in_force_is_told(attacked):
    assert re.search(r"学生のプログラムの隔離 / isolation: .*Landlock.*seccomp", attacked.run.stdout)


def test_no_probe_reaches_its_aim(reached):
    """No point, no secret, nothing active in what the teacher opens."""
    assert {key: what for key, what in reached.items() if key[0] != "control"} == {}


def test_what_reaches_its_aim_is_found(reached):
    assert {name for kind, name in reached if kind == "control"} == {probe.name for probe in CONTROL}


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
            if alone and any("isolation/forkserver.py" in part for part in one.cmdline()):
                found.append(one)
    return found


def test_everyone_is_graded_or_named(attacked):
    named = {line.split()[1].rstrip(":") for line in report_of(attacked.run) if line.startswith("[未採点]")}
    for key, student in attacked.attackers.items():
        if student.name not in named:
            assert student.name in attacked.scores, key
            assert attacked.course.feedback(student) or not is_seen(key[0], attacked.probes[key]), key
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
    sizes = [
        path.stat().st_size
        for name in ("autograded", "feedback")
        for path in (attacked.course.folder / name).rglob("*")
        if path.is_file()
    ]
    assert max(sizes) < 8 * MEGABYTE


# --- a probe that could reach nothing would prove nothing ----------------------------------------------------


def test_probes_reach_their_aim_where_there_is_no_guard(tmp_path):
    """Cells that forge take points of tests in their own process; the others read, change and reach the decoys."""
    home = tmp_path / "home"
    course, answer = tmp_path / "course", tmp_path / "answer.json"
    course.mkdir()
    command = [sys.executable, unguarded.__file__, course, answer]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    around = os.environ | {"HOME": str(home), "GRADER_TOKEN": "CANARY_IN_ENVIRONMENT", "PYTHONPATH": path}
    # its keyboard is one on which nobody types
    with subprocess.Popen(command, env=around, stdin=subprocess.PIPE) as run:
        assert run.wait(120) == 0
    became = json.loads(answer.read_text())
    assert len(became) > 150
    assert [name for name, what in became.items() if not reaches(name.partition(":")[0], what)] == []


def reaches(kind, became):
    notebook = unguarded.notebook(became["outputs"])
    if kind == "forge":
        return became["passed"]
    if kind == "inject":
        return active(shown(notebook, as_it_is=True)) or acting(notebook) or too_much(notebook)
    return said(notebook) or too_much(notebook) or became["effects"] or became.get("ended")


def test_probes_of_the_line_between_the_sides_are_run_to_their_end(attacked):
    """Where the tests see only the line, nothing more can be said of a cell than that it has changed its own end."""
    for key, probe in attacked.probes.items():
        if probe.placed:
            outputs = str([cell.get("outputs") for cell in attacked.graded(attacked.attackers[key]).cells])
            assert PLACED in outputs or "KernelStopped" in outputs, key


@pytest.mark.filterwarnings("ignore")  # nbformat's, of what it puts right by itself
@pytest.mark.parametrize("kind", ["exhaust", "inject", "metadata", "encoding"])
def test_files_are_what_a_reader_without_a_guard_would_stumble_over(attacked, kind):
    released = attacked.assignment.answered({})
    blank = json.dumps(released)
    for probe in CLASSES[kind]:
        if not probe.change or probe.refused:
            continue
        content = probe.handed_in(released, attacked.decoys.places)
        try:
            notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
            json.dumps(notebook, ensure_ascii=False, allow_nan=False).encode()
            nbformat.validate(notebook)
        except Exception:
            continue  # it stops, and all students with it
        if kind == "inject":
            assert active(shown(notebook, as_it_is=True)), probe.name
        elif kind == "exhaust":
            assert too_much(notebook), probe.name
        elif kind == "metadata":
            assert json.dumps(notebook) != blank, probe.name
        else:
            assert is_too_large(notebook, content) or graded_sources(notebook) != graded_sources(released), probe.name


def is_too_large(notebook, content):
    return (
        len(content) > LARGEST_FILE
        or sum(map(content.count, b"[{,")) > MOST_VALUES
        or len(notebook.cells) > MOST_CELLS
        or sum(len(cell.source) for cell in notebook.cells) > LONGEST_TEXT
    )


def graded_sources(notebook):
    return [cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def test_what_the_measure_looks_for_is_found():
    hostile = ["<script>ATTACK()</script>", "<img src=x onerror=ATTACK()>", '<a href=" javascript:ATTACK()">x</a>',
               "<iframe src=http://attack.example/></iframe>", "<style>.panel-heading {display: none}</style>",
               '<img src="http://attack.example/x.png">', "<base href=http://attack.example/>"]  # fmt: skip
    assert [page for page in hostile if not active(page)] == []
    assert active("<p>ATTACK <a href='https://example.org'>x</a></p><script>x()</script>") == []


def test_only_plain_files_are_read(tmp_path):
    """Neither a notebook or a folder that is a link to the solution, nor what else lies in a submission's folder."""
    course = keep(Course(tmp_path / "course"))
    nbgrader(course.folder, "generate_assignment", ASSIGNMENT)
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
    os.truncate(submitted / "huge" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", LARGEST_FILE + 1)
    Path(submitted / "deep" / ASSIGNMENT, *["a"] * (DEEPEST + 1)).mkdir(parents=True)
    run = nbgrader(course.folder, "autograde", ASSIGNMENT, "--create")
    nbgrader(course.folder, "generate_feedback", ASSIGNMENT)
    lines = "\n".join(line for line in run.said.splitlines() if line.strip().startswith(("[未採点]", "[採点済]")))
    told = ["links were not followed", "the folder is a link", "folders left out", "files not used", "too large"]
    assert [lines.count(words) for words in told] == [2, 2, 1, 1, 1]
    assert sum(points for grades in course.scores().values() for points, _ in grades.values()) == 0
    names = {path.name for part in ("autograded", "feedback") for path in (course.folder / part).rglob("*")}
    assert f"{ASSIGNMENT}.html" in names and names.isdisjoint({"notes.txt", "page.html", "hard.txt"})
