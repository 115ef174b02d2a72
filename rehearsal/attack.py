"""Let a hostile class hand in, and say which probes reached their aim: `make attack`."""

import base64
import io
import os
import re
import socket
import sys
import sysconfig
import tempfile
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any, Self

import nbformat
from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from PIL import Image

from dlcourse.grading import report
from dlcourse.grading.desk import inert, markup
from dlcourse.grading.display import pictures
from dlcourse.grading.isolation import confine
from rehearsal.course import ASSIGNMENT, ROOT, Course
from rehearsal.hostile_class import CELL_SECONDS, CLASSES, HINT, REACHED, SECRETS, Probe
from rehearsal.sample_class import Assignment, Student, encoded

LIMITS = [f"--RunIsolated.cell_seconds={CELL_SECONDS}", "--RunIsolated.notebook_seconds=20"]

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
        while not self.ended.wait(0.2):
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
                if any(self.mark in one for one in line) and not any("forkserver.py" in one for one in line):
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

    home: a home folder with a secret in it.
    """

    def __init__(self, folder: Path, home: Path, classes: dict[str, list[Probe]] = CLASSES) -> None:
        self.decoys = Decoys(folder, home)
        self.course = Course(folder)
        make_assignment(self.course.solution)
        self.course.nbgrader("generate_assignment", ASSIGNMENT)
        self.assignment = Assignment(self.course.released, self.course.solution)
        blank = self.assignment.answered({})
        own = {"own": "\n".join(OWN_ANSWER.splitlines()[1:-1]), "K0-2": "k0_2 = {3, 4}  # CANARY_IN_SUBMISSION"}
        honest = encoded(self.assignment.notebook(own))
        self.probes = {(kind, probe.name): probe for kind, probes in classes.items() for probe in probes}
        available = confine.available()
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
            self.run = self.course.nbgrader("autograde", ASSIGNMENT, "--create", *LIMITS)
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


def said(notebook: NotebookNode) -> list[str]:
    """The secrets, and the word of success, in what was shown."""
    outputs = "\n".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    hints = "\n".join(report.message_of(cell) or "" for cell in notebook.cells)
    return [word for word in (*SECRETS, REACHED) if word in outputs] + [word for word in [HINT] if word in hints]


REFUSAL = re.compile(r"WireError|KernelStopped|CellTimeoutError|TooMuchOutput|長すぎ|大きすぎ")


def is_refused(notebook: NotebookNode) -> bool:
    """Whether the guard has said no to something that the tests were sent."""
    return any(REFUSAL.search(str(output)) for cell in notebook.cells for output in cell.get("outputs", []))


def shown(notebook: NotebookNode, as_it_is: bool = False) -> str:
    """The page that a teacher opens; as_it_is: one in which even plain text is not escaped."""
    escaped: Callable[[str], str] = str if as_it_is else escape
    parts = []
    for cell in notebook.cells:
        attached = cell.get("attachments", {})
        if cell.cell_type == "code":
            parts.append(f"<pre>{escape(cell.source)}</pre>")
        else:
            parts.append(rendered(cell.source, attached) if cell.cell_type == "markdown" else cell.source)
        for output in cell.get("outputs", []):
            for kind, data in output.get("data", {}).items():
                parts.append(f"<object>{data} ATTACK</object>" if kind in RUNS else SHOWS.get(kind, escaped)(data))
            lines = [output.get("text", ""), output.get("ename", ""), output.get("evalue", ""),
                     *output.get("traceback", [])]  # fmt: skip
            parts += map(escaped, lines)
    return "\n".join(parts)


def rendered(text: str, attached: dict[str, Any] | None = None) -> str:
    return MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=attached or {})).render(text)


SHOWS: dict[str, Callable[[str], str]] = {"text/html": str, "text/markdown": rendered, "image/svg+xml": str}
RUNS = {"application/javascript", "application/vnd.jupyter.widget-view+json"}
HOSTILE = ["ATTACK", "attack.example", ".panel-heading {display"]
ACTIVE = {"script", "iframe", "object", "embed", "base", "form", "link", "style", "meta", "svg", "audio"}
BEYOND_FORMULA = re.compile(r"\\(?:href|style|raise|rule|newcommand)(?![A-Za-z])")


def active(page: str) -> list[str]:
    """What would run, fetch something or cover the points in the browser of whoever opens this page."""
    found = []
    soup = BeautifulSoup(page, "html.parser")
    for part in soup.find_all(True):
        if part.name in ACTIVE and any(word in str(part) for word in HOSTILE):
            found.append(f"<{part.name}>")
        for name, value in part.attrs.items():
            text = str(value).strip().lower()
            if (
                name.startswith("on")
                or re.match(r"(?:javascript|vbscript):", text)
                or (
                    name in ("src", "srcset", "srcdoc", "action", "background", "poster", "data")
                    and ("attack" in text or b"ATTACK" in drawn(str(value)))
                )
                or (name == "style" and "fixed" in text)
            ):
                found.append(f"{part.name} {name}")
    for part in soup.select("code, pre, math"):  # there they are the names of commands
        part.decompose()
    return found + BEYOND_FORMULA.findall(soup.get_text())


def acting(notebook: NotebookNode) -> list[str]:
    """Characters that act on a screen, or cannot be seen there, in what was shown."""
    texts = strings([cell.get("outputs", []) for cell in notebook.cells])
    found = {
        character
        for text in texts
        for character in unescape(text)
        if unicodedata.category(character) in ("Cc", "Cf") and character not in "\n\t"
    }
    return [f"U+{ord(character):04X}" for character in sorted(found)]


def strings(value: Any) -> Iterator[str]:
    """All texts in a value as JSON has it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def drawn(address: str) -> bytes:
    """The drawing that stands in a picture's address itself."""
    kind, _, text = address.partition(";base64,")
    try:
        return base64.b64decode(text) if kind == "data:image/svg+xml" else b""
    except ValueError:
        return b""


def too_much(notebook: NotebookNode) -> list[str]:
    """What it would take long to make a page of."""
    texts = [unescape(cell.source) for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("locked")]
    found = []
    if any(len(line) > inert.LONGEST_LINE + 1 for text in texts for line in text.split("\n")):
        found.append("長い行")
    if any(len(text) > inert.LONGEST_SHOWN + 2 * len(inert.CUT) for text in texts):
        found.append("長い文")
    if sum(map(len, texts)) > inert.MOST_SHOWN + 2 * len(inert.CUT) * len(texts):
        found.append("長い文の集まり")
    if any(cell.source.count("<") > markup.MOST_TAGS for cell in notebook.cells if cell.cell_type != "code"):
        found.append("多くのタグ")
    if any(depth(text) > markup.DEEPEST for text in strings([cell.get("outputs", []) for cell in notebook.cells])):
        found.append("深い入れ子")
    sizes = list(map(pixels, on_the_page(notebook)))
    if len(sizes) > pictures.MOST_PICTURES:
        found.append("多くの図")
    if max(sizes, default=0) > pictures.MOST_PIXELS or sum(sizes) > pictures.PIXELS_TOGETHER:
        found.append("大きな図")
    return found


def depth(text: str) -> int:
    """How many tags stand in one another."""
    tags = BeautifulSoup(text, "html.parser").find_all(True) if text.count("<") > markup.DEEPEST else []
    return max((len(list(tag.parents)) for tag in tags), default=0)


def on_the_page(notebook: NotebookNode) -> Iterator[str]:
    """The pictures on its page."""
    for cell in notebook.cells:
        files = [*cell.get("attachments", {}).values(), *(output.get("data", {}) for output in cell.get("outputs", []))]
        yield from (data for file in files for kind, data in file.items() if kind.startswith("image/"))


def pixels(picture: str) -> int:
    try:
        with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
            return image.width * image.height
    except (ValueError, OSError):
        return 0  # it is none


def main() -> None:
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with tempfile.TemporaryDirectory() as place:
        home = Path(place, "home")
        home.mkdir()
        os.environ.update(HOME=str(home), GRADER_TOKEN="CANARY_IN_ENVIRONMENT")
        done = Attacked(Path(place, "course"), home)
        reached, effects = done.reached(), done.effects()
        done.decoys.clear()
        print(next(line for line in done.run.stdout.splitlines() if "isolation" in line))
        print(f"\n目的を果たしたもの / what reached its aim\n{'':10}{'probes':>8}{'reached':>9}")
        for kind in CLASSES:
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
