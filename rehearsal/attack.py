"""Let a hostile class hand in, and say which probes reached their aim: `make attack`.

--engine portable has the portable engine run them, and some more; else it is the strongest of this machine.
"""

import argparse
import os
import re
import socket
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import nbformat
from nbformat import NotebookNode

from dlcourse.grading.isolation import confine, engines
from dlcourse.grading.isolation.engines import LINUX, PORTABLE
from rehearsal.course import ASSIGNMENT, ROOT, Course
from rehearsal.effects import acting, active, is_refused, said, shown, too_much
from rehearsal.hostile_class import CELL_SECONDS, CLASSES, OF_PORTABLE, Probe
from rehearsal.sample_class import Assignment, Student, encoded

LIMITS = [f"--RunIsolated.cell_seconds={CELL_SECONDS}", "--RunIsolated.notebook_seconds=20"]

STUDENTS = "forkserver.py", "process.js"  # in the commands of the students' processes
Place = Path | None
Key = tuple[str, str]  # a class, and a probe of it

# A teacher's own tests, as nbgrader's manual teaches them, beside those of the course: answer, then test by test.
OWN_ANSWER = """\
### BEGIN SOLUTION
total = 3
def twice(x):
    return 2 * x
def members():
    return {1, 2, 3}
### END SOLUTION"""
OWN_TESTS = [
    "def near(one, other):\n    return abs(one - other) < 1e-9\nassert total == 3",
    "result = twice(2)\nassert near(result, 4)",
    "expected = 2 * np.arange(3.0)\nassert (twice(np.arange(3.0)) == expected).all()",
    "assert 3 in members()",
    "assert len(list(members())) == 3",
    "assert all(map(lambda i: twice(i) == 2 * i, range(1, 4)))",
    "import statistics\nassert statistics.mean([total, 3]) == 3",
    "score = 0\nscore += total == 3\nscore",
]


LEFT_OUT = ("K1-1", "T1-3", "T1-4", "T1-5", "T1-6", "T1-7", "X1-1")  # more of the same kinds would only take time


def make_assignment(path: Path) -> None:
    """The class's own assignment, of a source notebook: some of its exercises without their words, and own tests."""
    notebook = nbformat.read(path, as_version=4)
    asked = [cell for cell in notebook.cells if not cell.id.startswith(LEFT_OUT)]
    notebook.cells = [cell for cell in asked if cell.cell_type == "code" or "nbgrader" in cell.metadata]
    made = [(OWN_ANSWER, {"grade_id": "own-answer", "solution": True, "grade": False, "locked": False})]
    made += [
        (test, {"grade_id": f"own-{number}", "solution": False, "grade": True, "locked": True, "points": 1})
        for number, test in enumerate(OWN_TESTS, start=1)
    ]
    own = [nbformat.v4.new_code_cell(source, id=about["grade_id"],
                                     metadata={"nbgrader": about | {"schema_version": 3, "task": False}})
           for source, about in made]  # fmt: skip
    setup = next(place for place, cell in enumerate(notebook.cells) if cell.id == "setup")
    notebook.cells[setup + 1 : setup + 1] = own
    nbformat.write(notebook, path)


def is_seen(kind: str, probe: Probe) -> bool:
    """Whether what it does may show in the feedback: that is then made."""
    return kind == "inject" or probe.change is not None


class Listener:
    """Counts what reaches this machine's network."""

    def __init__(self) -> None:
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.named = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.named.bind(f"\0attack-{self.port}")
        self.reached: list[object] = []
        for take in (self.tcp.accept, lambda: self.udp.recv(10), lambda: self.named.recv(10)):
            threading.Thread(target=self.count, args=(take,), daemon=True).start()

    def count(self, take: Callable[[], object]) -> None:
        while True:
            self.reached.append(take())


class Memory:
    """The most memory that a process of the grader has held: nbgrader and its workers, not the students'."""

    def __init__(self, folder: Path) -> None:
        self.mark, self.most, self.ended = f"--CourseDirectory.root={folder}", 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self.thread.join()

    def watch(self) -> None:
        # the system itself keeps the most that each process has held, so that a look now and then is enough
        while not self.ended.wait(0.5):
            command: dict[int, str] = {}
            parent: dict[int, int] = {}
            held: dict[int, int] = {}
            for status in Path("/proc").glob("[0-9]*/status"):
                try:
                    number, text = int(status.parent.name), status.read_text()
                    command[number] = (status.parent / "cmdline").read_text()
                    facts = dict(re.findall(r"^(PPid|VmHWM):\s*(\d+)", text, re.MULTILINE))
                    parent[number] = int(facts["PPid"])
                    held[number] = int(facts["VmHWM"]) << 10
                except (OSError, KeyError):  # gone, or a process of the kernel's
                    continue
            for number in held:
                line: list[str] = []
                place: int | None = number
                while place in command:
                    line.append(command[place])
                    place = parent.get(place)
                if any(self.mark in one for one in line) and not any(mark in one for one in line for mark in STUDENTS):
                    self.most = max(self.most, held[number])


class Decoys:
    """What there is for the probes to read, to change and to reach.

    course, home: folders of the test's own. Others in which a probe may leave a marker are the project's, that of the
    packages and the one for all.
    """

    def __init__(
        self, course: Path, home: Path, *, project: Path = ROOT, packages: Place = None, outside: Place = None
    ) -> None:
        self.course, self.home, self.exchange, self.listener = course, home, home / "exchange", Listener()
        self.project = Path(project)
        self.packages = Path(packages or sysconfig.get_path("platlib"))
        self.outside = Path(outside or tempfile.gettempdir())
        self.places = {"course": str(course), "assignment": ASSIGNMENT, "home": str(home), "project": str(project),
                       "packages": str(self.packages), "outside": str(self.outside), "exchange": str(self.exchange),
                       "port": self.listener.port}  # fmt: skip

    def lay(self) -> None:
        self.exchange.mkdir(exist_ok=True)
        (self.course / "empty").mkdir(exist_ok=True)
        for place in ("course", "home", "exchange"):
            getattr(self, place).joinpath("canary").write_text(f"CANARY_IN_{place.upper()}\n")
        self.before = self.files()

    def files(self) -> dict[Path, tuple[int, object]]:
        """What belongs to the teacher or to other students: contents, rights and, of what no grading touches, time."""
        course = self.course
        watched = [course / part for part in ("solutions", "submitted", "exercises", "canary", "empty")]
        paths = [path for part in (*watched, self.home) for path in (part, *part.rglob("*"))]
        known = [path for path in paths if not {".ipython", ".jupyter", ".local", ".cache"} & {*path.parts}]
        return {path: (about.st_mode, path.is_file() and (about.st_mtime, path.read_bytes()))
                for path in known if path.exists() and (about := path.stat())}  # fmt: skip

    def markers(self) -> list[Path]:
        """The markers that were left behind."""
        flat = [self.project, self.packages, self.outside]
        deep = [path for part in (self.home, self.course) for path in part.rglob("attack-marker")]
        return deep + [path for folder in flat if os.path.lexists(path := folder / "attack-marker")]

    def effects(self) -> list[str]:
        """What has happened to them."""
        after = self.files()
        found = [f"変わった: {path.name}" for path in self.before if after.get(path) != self.before[path]]
        found += ["印が残った"] if self.markers() else []
        return found + (["ネットワークに届いた"] if self.listener.reached else [])

    def clear(self) -> None:
        """Take back what was left behind."""
        for marker in self.markers():
            marker.rmdir() if marker.is_dir() and not marker.is_symlink() else marker.unlink()
        self.listener.reached.clear()


class Attacked:
    """A course in `folder` after a hostile class and two honest students were graded.

    home: a home folder with a secret in it. engine: as RunIsolated's.
    """

    def __init__(self, folder: Path, home: Path, classes: dict[str, list[Probe]] = CLASSES, engine: str = "") -> None:
        self.decoys = Decoys(folder, home)
        self.course = Course(folder)
        make_assignment(self.course.solution)
        self.course.nbgrader("generate_assignment", ASSIGNMENT)
        self.assignment = Assignment(self.course.released, self.course.solution)
        blank = self.assignment.answered({})
        own = {"own": "\n".join(OWN_ANSWER.splitlines()[1:-1]), "K0-2": "k0_2 = {3, 4}  # CANARY_IN_SUBMISSION"}
        honest = encoded(self.assignment.notebook(own))
        self.probes = {(kind, probe.name): probe for kind, probes in classes.items() for probe in probes}
        on_linux = engines.chosen(engine) == LINUX
        available = ["the Linux engine", *confine.available()] if on_linux else []
        self.not_tried = [key for key, probe in self.probes.items() if probe.needs and probe.needs not in available]
        self.attackers: dict[Key, Student] = {}
        for kind, name in self.probes.keys() - set(self.not_tried):
            probe = self.probes[kind, name]
            number = f"{'seen' if is_seen(kind, probe) else 'attack'}-{list(self.probes).index((kind, name)):03}"
            content = probe.handed_in(blank, self.decoys.places)
            self.attackers[kind, name] = Student(number, name, content)
        self.attackers = dict(sorted(self.attackers.items(), key=lambda one: one[1].name))
        for student in (Student("honest", "", honest), Student("zhonest", "", honest), *self.attackers.values()):
            student.hand_in(folder / "submitted", ASSIGNMENT)
        self.decoys.lay()
        start = time.monotonic()
        with Memory(folder) as self.memory:
            self.run = self.course.nbgrader(
                "autograde", ASSIGNMENT, "--create", *LIMITS, f"--RunIsolated.engine={engine}"
            )
        self.seconds = time.monotonic() - start
        self.feedback = self.course.nbgrader("generate_feedback", ASSIGNMENT, "--student", "seen-*")
        self.scores = self.course.scores()

    def graded(self, student: Student) -> NotebookNode | None:
        """The notebook as the teacher sees it, None where there is none."""
        path = self.course.folder / "autograded" / student.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        return nbformat.read(path, as_version=4) if path.exists() else None

    def reached(self) -> dict[Key, str]:
        """(class, probe) → what it has reached, for those that reached anything."""
        found = {}
        for key, student in self.attackers.items():
            notebook, what = self.graded(student), []
            if notebook:
                what += said(notebook) + active(shown(notebook)) + acting(notebook) + too_much(notebook)
                if self.probes[key].refused and not is_refused(notebook):
                    what.append("断られなかった")
            if points := sum(points for points, _ in self.scores.get(student.name, {}).values()):
                what.append(f"{points:g} 点")
            page = self.course.feedback(student)
            what += active(page.read_text("utf-8")) if page else []
            if what:
                found[key] = "、".join(dict.fromkeys(what))[:100]
        return found

    def effects(self) -> list[str]:
        """What has happened outside the attackers' own submissions."""
        found = self.decoys.effects()
        for name in ("honest", "zhonest"):
            grades = self.scores.get(name, {})
            if not grades or any(points != most for points, most in grades.values()):
                found.append(f"{name} の点が {sum(points for points, _ in grades.values()):g} になった")
        return found


# --- what has a probe reached, by its graded notebook ------------------------------------------------------------


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--engine", choices=[LINUX, PORTABLE], default="")
    options.add_argument("--classes", nargs="+", help="only these: forge, leak, …")
    chosen = options.parse_args()
    engine = chosen.engine
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with tempfile.TemporaryDirectory() as place:
        home = Path(place, "home")
        home.mkdir()
        os.environ.update(HOME=str(home), GRADER_TOKEN="CANARY_IN_ENVIRONMENT")
        classes = CLASSES | (OF_PORTABLE if engine == PORTABLE else {})
        chosen_classes = {kind: probes for kind, probes in classes.items() if kind in (chosen.classes or classes)}
        done = Attacked(Path(place, "course"), home, chosen_classes, engine)
        reached, effects = done.reached(), done.effects()
        done.decoys.clear()
        print(next(line for line in done.run.stdout.splitlines() if "isolation" in line))
        print(f"\n目的を果たしたもの / what reached its aim\n{'':10}{'probes':>8}{'reached':>9}")
        for kind in chosen_classes:
            tried = sum(one == kind for one, _ in done.attackers)
            print(f"{kind:10}{tried:>8}{sum(one == kind for one, _ in reached):>9}")
        print(f"{'':10}{len(done.attackers):>8}{len(reached):>9}")
        print("\n".join(f"  {kind}: {name} — {what}" for (kind, name), what in reached.items()))
        for kind, name in done.not_tried:
            needs = done.probes[kind, name].needs
            print(f"試していません / not tried: {kind}: {name}({needs} がこの計算機にありません / not here)")
        print(f"ほかの人や先生のファイルへの影響 / effects on others: {'、'.join(effects) or 'なし / none'}")
        print(
            f"採点する側のメモリーの最大 / peak memory of the grader: {done.memory.most >> 20} MB"
            f"({len(done.attackers)} 件を {done.seconds:.0f} 秒で / in {done.seconds:.0f} s)"
        )
    sys.exit(bool(reached or effects))


if __name__ == "__main__":
    main()
