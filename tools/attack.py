"""Let a hostile class hand in, and say which attacks reached their aim: `make attack`, `python tools/attack.py`.

The same notebooks are graded by the course's settings and by stock nbgrader, which runs them as the teacher. Stock
is therefore run in namespaces of its own, where nothing but a throw-away copy can be written and no network is
reached; without namespaces, and for the attacks that use up the machine, it is not run.
"""

import argparse
import ctypes
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

from dlcourse.grading import confine
from grade_demo import ASSIGNMENT, ROOT, Course
from hostile_class import CLASSES, REACHED, SECRETS, handed_in
from sample_class import Assignment, Student, encoded

# What stock nbgrader needs to know; all else is as it comes.
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "dlcourse"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.Execute.timeout = 4
"""
LIMITS = ["--RunIsolated.cell_seconds=1", "--RunIsolated.notebook_seconds=20"]
NOT_FOR_STOCK = {"exhaust": "これらの攻撃は計算機を使い尽くします"}
SEEN = {"inject", "metadata", "encoding", "exhaust"}  # what these do may show in the feedback
TOGETHER = ["forge", "leak", "inject", "encoding"]  # of stock: an attack of the other classes ends the whole run


class Listener:
    """Counts what reaches this machine's network."""

    def __init__(self):
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.reached = []
        for take in (self.tcp.accept, lambda: self.udp.recv(10)):
            threading.Thread(target=self.count, args=(take,), daemon=True).start()

    def count(self, take):
        while True:
            self.reached.append(take())


class Memory:
    """The most memory that a process of the grader has held: nbgrader and its workers, not the students'."""

    def __init__(self, folder):
        self.mark, self.most, self.ended = f"--CourseDirectory.root={folder}", 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.ended.set()
        self.thread.join()

    def watch(self):
        while not self.ended.wait(0.2):
            command, parent, held = {}, {}, {}
            for status in Path("/proc").glob("[0-9]*/status"):
                try:
                    number, text = int(status.parent.name), status.read_text()
                    command[number] = (status.parent / "cmdline").read_text()
                    parent[number] = int(re.search(r"PPid:\s*(\d+)", text)[1])
                    held[number] = int(re.search(r"VmHWM:\s*(\d+)", text)[1]) << 10
                except (OSError, TypeError):  # gone, or a process of the kernel's
                    continue
            for number in held:
                line, place = [], number
                while place in command:
                    line.append(command[place])
                    place = parent.get(place)
                if any(self.mark in one for one in line) and not any("forkserver.py" in one for one in line):
                    self.most = max(self.most, held[number])


class Attacked:
    """A course in `folder` after a hostile class and an honest student were graded.

    home: a home folder with a secret in it.
    project: the programs of the course, as {project} in an attack.
    outside: a folder that everyone may write to.
    released: a course folder in which the assignment has been released with nbgrader's own settings, which are then
        also those of the grading; None for the course's.
    """

    def __init__(self, folder, home, *, classes=CLASSES, project=ROOT, outside=None, released=None):
        self.home, self.project, self.listener = home, project, Listener()
        self.marker = Path(outside or tempfile.gettempdir(), "attack-marker")
        self.course = Course(folder, config=folder if released else ROOT)
        if released:
            shutil.copytree(released, folder, dirs_exist_ok=True)
        else:
            self.course.nbgrader("generate_assignment", ASSIGNMENT)
        assignment = Assignment(self.course.released, self.course.solution)
        (folder / "canary").write_text("CANARY_IN_COURSE")
        (home / "canary").write_text("CANARY_IN_HOME")
        places = {"course": folder, "name": ASSIGNMENT, "home": home, "project": project,
                  "port": self.listener.port, "outside": self.marker.parent}
        blank = assignment.answered({})
        self.attackers = {}
        for kind, attacks in classes.items():
            for name, attack in attacks.items():
                number = f"{'seen' if kind in SEEN else 'attack'}-{len(self.attackers):03}"
                self.attackers[kind, name] = Student(number, name, handed_in(attack, blank, places))
        honest = Student("honest", "", encoded(assignment.notebook({"K0-2": "k0_2 = {3, 4}  # CANARY_IN_SUBMISSION"})))
        last = Student("zhonest", "", honest.content)
        for student in (honest, last, *self.attackers.values()):
            student.hand_in(folder / "submitted", ASSIGNMENT)
        self.before = self.files()
        start = time.monotonic()
        with Memory(folder) as self.memory:
            # Stock nbgrader would wait for ever once a student's program has stopped it.
            limits = {"seconds": 60 + 5 * len(self.attackers)} if released else {}
            options = [] if released else LIMITS
            self.run = self.course.nbgrader("autograde", ASSIGNMENT, "--create", *options, **limits)
        self.seconds = time.monotonic() - start
        if SEEN & set(classes):
            self.feedback = self.course.nbgrader("generate_feedback", ASSIGNMENT, "--student", "seen-*")
        try:
            self.scores = self.course.scores()
        except Exception as error:  # stock: the gradebook itself may have been the aim
            self.scores = {"gradebook": str(error)}

    def files(self):
        """What belongs to the teacher or to other students, with its contents and its rights."""
        folder = self.course.folder
        watched = [folder / part for part in ("solutions", "submitted", "exercises", "canary", "nbgrader_config.py")]
        watched += [self.home, self.project / "dlcourse" / "functions.py", self.project / "nbgrader_config.py"]
        paths = [path for part in watched for path in ([part] if part.is_file() else part.rglob("*"))]
        known = [path for path in paths if path.is_file() and not {".ipython", ".jupyter", ".local", ".cache"} & {
            part for part in path.relative_to(path.anchor).parts if path.is_relative_to(self.home)}]
        return {path: (path.stat().st_mode, path.read_bytes()) for path in known}

    def outputs(self, student):
        """All that the teacher sees of the student's run."""
        path = self.course.folder / "autograded" / student.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        if not path.exists():
            return ""
        notebook = nbformat.read(path, as_version=4)
        return "\n".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))

    def points(self, student):
        return sum(points for points, _ in self.scores.get(student.name, {}).values())

    def reached(self):
        """(class, attack) → what it has reached, for those that reached anything."""
        found = {}
        for attack, student in self.attackers.items():
            seen = self.outputs(student)
            what = [secret for secret in (*SECRETS, REACHED) if secret in seen]
            if points := self.points(student):
                what.append(f"{points:g} 点")
            page = self.course.feedback(student)
            what += active(page.read_text("utf-8")) if page else []
            if what:
                found[attack] = "、".join(dict.fromkeys(what))[:100]
        return found

    def effects(self):
        """What has happened outside the attackers' own submissions."""
        found, after = [], self.files()
        for name in ("honest", "zhonest"):
            grades = self.scores.get(name, {})
            if not grades or any(points != most for points, most in grades.values()):
                found.append(f"{name} の点が {sum(points for points, _ in grades.values()):g} になった")
        found += [f"変わった: {path.name}" for path in self.before if after.get(path) != self.before[path]]
        found += ["印が残った"] if self.marker.exists() or list(self.home.rglob("attack-marker")) else []
        found += ["ネットワークに届いた"] if self.listener.reached else []
        return found


HOSTILE = ["ATTACK", "attack.example", ".panel-heading {display"]
ACTIVE = {"script", "iframe", "object", "embed", "base", "form", "link", "style", "meta"}


def active(page):
    """What would run, or fetch something, in the browser of whoever opens this page."""
    found = []
    for part in BeautifulSoup(page, "html.parser").find_all(True):
        if part.name in ACTIVE and any(word in str(part) for word in HOSTILE):
            found.append(f"<{part.name}>")
        for name, value in part.attrs.items():
            text = str(value).strip().lower()
            if name.startswith("on") or re.match(r"(?:javascript|vbscript):", text) or (
                name in ("src", "srcset", "action", "background", "poster") and "attack.example" in text
            ) or (name == "style" and "fixed" in text):
                found.append(f"{part.name} {name}")
    return found


# --- stock nbgrader, kept from this machine ---------------------------------------------------------------


def in_namespaces(work):
    """What work(folder) returns (plain data), run where only `folder` can be written; None where that can't be had."""
    if "namespaces" not in confine.available():
        return None
    folder = Path(tempfile.mkdtemp(prefix="attack-"))
    come, go = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            confine.unshare()
            first = os.fork()  # the first process of the namespace: no attack can end it
            if first == 0:
                confine.libc.prctl(confine.PDEATHSIG, 9, 0, 0, 0)
                close_in(folder)
                os.write(go, json.dumps(work(folder)).encode())
                status = 0
            else:
                while (ended := os.waitpid(first, os.WNOHANG))[0] == 0:
                    os.kill(first, signal.SIGCONT)  # one of the attacks stops what it reaches
                    time.sleep(1)
                status = os.waitstatus_to_exitcode(ended[1])
        finally:
            os._exit(status & 0xFF)
    os.close(go)
    with open(come, "rb") as answer:
        text = answer.read()
    os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    if not text:
        sys.exit("✗ nbgrader そのままの採点が途中で止まりました(上の記録)。 / the run of stock nbgrader has failed")
    return json.loads(text)


READ_ONLY, RECURSIVE, MOUNT_SETATTR = 1, 0x8000, 442
INTERFACE_UP, SET_FLAGS = 0x41, 0x8914


def close_in(folder):
    attributes = struct.pack("=QQQQ", READ_ONLY, 0, 0, 0)
    if confine.libc.syscall(ctypes.c_long(MOUNT_SETATTR), -100, b"/", RECURSIVE, attributes, ctypes.c_size_t(32)) != 0:
        raise OSError(ctypes.get_errno(), "mount_setattr")
    confine.mount_scratch(str(folder), 4 << 30)
    confine.mount_proc()
    with socket.socket() as some:  # the kernels of nbgrader talk over this machine's own network
        fcntl.ioctl(some, SET_FLAGS, struct.pack("16sh14x", b"lo", INTERFACE_UP))
    confine.limit({"AS": 6 << 30, "FSIZE": 1 << 30, "CORE": 0})
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    os.environ.update(HOME=str(folder / "home"), TMPDIR=str(folder / "tmp"), GRADER_TOKEN="CANARY_IN_ENVIRONMENT")
    tempfile.tempdir = None


def stock(folder):
    """As Attacked.reached, of stock nbgrader."""
    project = folder / "project"
    shutil.copytree(ROOT / "dlcourse", project / "dlcourse")
    shutil.copy(ROOT / "nbgrader_config.py", project)
    released = Course(folder / "released", config=folder / "released")
    (released.folder / "nbgrader_config.py").write_text(STOCK)
    released.nbgrader("generate_assignment", ASSIGNMENT)
    groups = [{kind: CLASSES[kind]} for kind in TOGETHER]
    groups += [{kind: {name: attack}} for kind, attacks in CLASSES.items()
               if kind not in TOGETHER and kind not in NOT_FOR_STOCK for name, attack in attacks.items()]
    found = {}
    for number, group in enumerate(groups, start=1):
        tell(f"nbgrader そのまま {number}/{len(groups)}")
        course, home = folder / f"course{number}", folder / f"home{number}"
        home.mkdir()
        os.environ["HOME"] = str(home)
        done = Attacked(course, home, classes=group, project=project, outside=folder / "tmp", released=released.folder)
        reached = done.reached()
        if len(done.attackers) == 1 and (effects := done.effects()):
            attack = next(iter(done.attackers))
            reached[attack] = "、".join(filter(None, [reached.get(attack), *effects]))[:100]
        elif effects := done.effects():
            reached[next(iter(group)), "(この種類のどれか)"] = "、".join(effects)[:100]
        found |= {"\t".join(attack): what for attack, what in reached.items()}
        done.marker.unlink(missing_ok=True)
        shutil.rmtree(course, ignore_errors=True)
    return found


# --- the table ----------------------------------------------------------------------------------------------


def tell(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--without-stock", action="store_true", help="do not run stock nbgrader beside it")
    chosen = options.parse_args()
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    beside = None if chosen.without_stock else in_namespaces(stock)
    tell("この教材の設定")
    with tempfile.TemporaryDirectory() as place:
        home = Path(place, "home")
        home.mkdir()
        os.environ.update(HOME=str(home), GRADER_TOKEN="CANARY_IN_ENVIRONMENT")
        done = Attacked(Path(place, "course"), home)
        reached, effects = done.reached(), done.effects()
        print(next(line for line in done.run.stdout.splitlines() if "isolation" in line))
        print(f"\n目的を果たした攻撃の数 / attacks that reached their aim\n"
              f"{'':10}{'attacks':>9}{'stock nbgrader':>16}{'dlcourse':>10}")
        for kind, attacks in CLASSES.items():
            theirs = "not run" if beside is None or kind in NOT_FOR_STOCK else \
                sum(f"{kind}\t{name}" in beside for name in attacks)
            print(f"{kind:10}{len(attacks):>9}{theirs:>16}{sum(k == kind for k, _ in reached):>10}")
        print(f"\nほかの人や先生のファイルへの影響 / effects on others: {'、'.join(effects) or 'なし / none'}")
        print(f"採点する側のメモリーの最大 / peak memory of the grader: {done.memory.most >> 20} MB"
              f"({len(done.attackers)} 件を {done.seconds:.0f} 秒で / in {done.seconds:.0f} s)")
    for title, found in (("stock nbgrader", {tuple(name.split("\t")): what for name, what in (beside or {}).items()}),
                         ("dlcourse", reached)):
        print(f"\n目的を果たした攻撃 / reached their aim: {title}")
        print("\n".join(f"  {kind}: {name} — {what}" for (kind, name), what in found.items()) or "  なし / none")
    if beside is None:
        print("\nstock nbgrader: not run —", "--without-stock" if chosen.without_stock else
              "名前空間のない計算機では、先生のファイルを守れません / no namespaces here to keep it from this machine")
    else:
        for kind, why in NOT_FOR_STOCK.items():
            print(f"\nstock nbgrader, {kind}: not run — {why} / would use up this machine")
    sys.exit(bool(reached or effects))


if __name__ == "__main__":
    main()
