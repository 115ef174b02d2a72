"""Where students' code runs: processes that see and reach nothing of the course, started in milliseconds.

`Sandbox` keeps one prepared process (forkserver.py); `Sandbox.student()` forks from it a process for one notebook.
Which measures hold is asked of the system and told to the teacher; without enough of them nothing is started.
"""

import base64
import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import site
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from dlcourse.grading.display.characters import legible, legible_markup
from dlcourse.grading.display.pictures import KINDS, LONGEST_DRAWING, NO_PICTURE, NotShown, Room, told
from dlcourse.grading.isolation import confine
from dlcourse.grading.isolation.forkserver import work_of
from dlcourse.grading.isolation.proxies import make_remote
from dlcourse.grading.isolation.wire import Gone, Peer, TooLate
from dlcourse.grading.refusal import NoSandbox

PACKAGE = Path(__file__).resolve().parents[2]
# What students' notebooks may import of dlcourse; the checks stay with the grader.
FOR_STUDENTS = [
    "__init__.py",
    "functions.py",
    "gradient.py",
    "layers.py",
    "network.py",
    "optimizer.py",
    "optimizers.py",
    "training.py",
    "datasets.py",
    "plotting.py",
    "elsewhere.py",
    "data",
]
FOR_THE_PROCESS = ["wire.py", "student.py", "confine.py", "forkserver.py"]
OF_THE_CHECKS = ["overflow.py", "spelling.py", "values.py", "watch.py"]  # the student's process; they know no exercise
CHECKS_FOR_STUDENTS = '''"""採点のときは、答え合わせは先生の側で行います。"""


def check(exercise_id, **options):
    print(f"{exercise_id} は、採点のときに確かめます。")


grade = check
'''

FOLDER = "grading-"  # how the folders of graders are called
MEGABYTE = 1 << 20
LIMITS = {
    "AS": 4096 * MEGABYTE,  # addresses; the memory in use is watched by guard() in forkserver.py
    "FSIZE": 64 * MEGABYTE,
    "NOFILE": 256,
    "NPROC": 64,  # also of the same user's other programs; see Sandbox.student
    "CORE": 0,
}
THREADS = 64  # of the student's process
MEMORY = 1024 * MEGABYTE
DISK = 256 * MEGABYTE
# A user that owns nothing; taken when the grader is root.
NOBODY_ELSE = 61184
PROCESSORS, WORK_AHEAD = 1.2, 3.0  # how much of the machine threads may take, and for how many seconds more
PATIENCE = 2.0  # seconds in which an interrupted cell has to stop
TRANSFER = 20.0  # seconds for files and pictures, which take a hundredth of them where nothing else goes on


ANOTHER_USER, STILL_ROOT = "another user", "root"


def whose_rights(library: Path) -> list[str]:
    """As whom students' code runs where root grades: as another user, if that one can read Python."""
    if os.geteuid() != 0:
        return []
    return [ANOTHER_USER if confine.may_become(NOBODY_ELSE, readable(library)) else STILL_ROOT]


def strength(measures: list[str]) -> str:
    """In one line, what keeps students' code apart."""
    names = {
        "namespaces": "名前空間",
        "seccomp": "seccomp",
        ANOTHER_USER: "別の利用者",
        STILL_ROOT: "利用者は管理者のまま(特権は捨てます)",
    }
    return " + ".join(names.get(measure, measure.capitalize()) for measure in measures) or "なし"


def holds(measures: list[str]) -> bool:
    """Whether files, network and processes are out of reach."""
    return any(measure.startswith("landlock") for measure in measures) and "seccomp" in measures


class Sandbox:
    """The prepared process, and the folder in which the students' files live while they run.

    hidden: folders of the course, which stay closed also where they lie below one that Python needs.
    """

    def __init__(self, hidden: Iterable[str] = ()) -> None:
        self.hidden = tuple(hidden)
        sweep()
        self.folder, self.claim = own_folder()
        self.library = self.folder / "library"
        copy_library(self.library)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = self.environment()
        command = [sys.executable, "-I", str(self.library / "dlcourse" / "grading" / "isolation" / "forkserver.py")]
        self.process = subprocess.Popen(
            [*command, str(self.library), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self.control = ours
        self.control.settimeout(60)
        first = self.control.recv(1 << 16)
        if not first:
            self.close()
            raise NoSandbox("採点用のプロセスを始められませんでした(上の記録)。 / the sandbox process did not start")
        self.measures = json.loads(first)["measures"] + whose_rights(self.library)
        self.readable = readable(self.library, self.hidden)

    def environment(self) -> dict[str, str]:
        home = str(self.folder)
        return {
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": home, "MPLCONFIGDIR": home, "IPYTHONDIR": home,
            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def student(self, processor_seconds: float = 600) -> "StudentProcess":
        """A fresh process for one notebook.

        processor_seconds: after which the system itself ends it, whatever it does.
        """
        scratch = Path(tempfile.mkdtemp(prefix="scratch-", dir=self.folder))
        ours, theirs = socket.socketpair()
        user = NOBODY_ELSE if ANOTHER_USER in self.measures else None
        if user:
            os.chown(scratch, user, user)
        limits = dict(LIMITS)
        if "seccomp" in self.measures:  # then there are no new processes, and guard() counts the threads
            del limits["NPROC"]
        request = {
            "scratch": str(scratch), "readable": self.readable, "measures": self.measures, "user": user,
            "limits": limits | {"CPU": int(processor_seconds) + 1}, "memory": MEMORY, "disk": DISK, "threads": THREADS,
            "work": [PROCESSORS, WORK_AHEAD],
            "environment": self.environment() | {"HOME": str(scratch), "TMPDIR": str(scratch)},
        }  # fmt: skip
        socket.send_fds(self.control, [json.dumps(request).encode()], [theirs.fileno()])
        theirs.close()
        answer = self.control.recv(1 << 16)
        if not answer:
            raise NoSandbox("採点用のプロセスが止まりました。 / the sandbox process has ended")
        return StudentProcess(ours, json.loads(answer)["pid"], scratch)

    def close(self) -> None:
        """End every process and remove every file of the students'."""
        self.control.close()
        self.process.kill()
        self.process.wait()
        remove(self.folder)
        os.close(self.claim)

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class StudentProcess:
    """One notebook's process, seen from the grader."""

    def __init__(self, connection: socket.socket, process: int, scratch: Path) -> None:
        self.peer = Peer(connection)
        self.peer.remote = make_remote
        self.process, self.scratch = process, scratch
        self.own: int | None = None  # the innermost process, in which the cells run

    def worked(self) -> float:
        """Seconds that the processors have worked for it, all of its threads together; 0 where that is not known."""
        own = self.own or innermost(self.process)
        if self.peer.received:  # it has answered, so all of the row is there
            self.own = own
        return work_of(own)[0]

    def allow(self, work: float, clock: float) -> None:
        """From now on it may make the processors work for so many seconds, and take so many by the clock."""
        self.peer.limit(clock, work, self.worked)

    def run(self, source: str, room: Room | None = None) -> list[dict]:
        """The outputs of a cell.

        room: what the notebook may still show; pictures also take the time for drawing them from it, not the cell's.

        Raises
        ------
        TooLate
            When it does not end in the time that was allowed; it runs on until `interrupt`.
        Gone
            When the cell has ended the process, or had to be ended with it.
        """
        self.room = room or Room(0, 0, 0.0)
        last = self.worked()

        def drawn(peer: Peer, took: float) -> None:
            nonlocal last
            now = self.worked()
            granted = max(0.0, min(float(took), now - last, LONGEST_DRAWING, self.room.drawing))
            last, self.room.drawing = now, self.room.drawing - granted
            peer.extend(granted)

        self.peer.allowed = {"drawn": drawn}
        try:
            answer = self.peer.call("run", source)
        except Exception:  # an answer that is none: the process is not to be talked with any more
            self.kill()
            raise Gone from None
        return self.shown(answer)

    def shown(self, answer: Any) -> list[dict]:
        """The outputs of a cell, of what the process has answered."""
        try:
            outputs, sizes = answer
            return clean_outputs(outputs, lambda number: self.picture(number, sizes[number], self.room))
        except (TooLate, Exception):
            self.kill()
            raise Gone from None

    def picture(self, number: int, size: int, room: Room) -> str:
        """One of the cell's pictures in base64.

        Raises
        ------
        NotShown
            When the notebook has no room for it.
        """
        room.take(int(size))
        self.peer.limit(TRANSFER)
        content = self.peer.call("picture", number).tobytes()
        if len(content) != size:
            raise ValueError(f"a picture of {len(content)} bytes instead of {size}")
        return base64.b64encode(content).decode()

    def put(self, files: dict[str, bytes]) -> None:
        """Lay files beside the notebook."""
        self.peer.limit(TRANSFER)
        for name, content in files.items():
            try:
                self.peer.call("put", name, np.frombuffer(content, np.uint8))
            except (TooLate, Exception):
                pass  # the cell that misses it says so

    def interrupt(self) -> Any:
        """Stop what is running; its answer."""
        self.peer.allowed = {}
        os.kill(self.process, signal.SIGINT)
        self.peer.limit(PATIENCE)
        try:
            while True:  # the answer to the interrupted call is still to come
                head, buffers = self.peer._receive()
                if head.get("answer") == self.peer.asked:
                    return self.peer._read(head, buffers)
                if "call" in head:  # it waits for an answer itself
                    self.peer._answer(head, buffers)
        except (TooLate, Exception):
            self.kill()
            raise Gone from None

    def kill(self) -> None:
        try:
            os.kill(self.process, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def close(self) -> None:
        self.kill()
        self.peer.connection.close()
        remove(self.scratch)


def innermost(process: int) -> int:
    """The last of a row of processes, each the only child of the one before."""
    with contextlib.suppress(OSError):
        while children := Path(f"/proc/{process}/task/{process}/children").read_text().split():
            process = int(children[0])
    return process


# A cell's, as characters, without its pictures; student.py cuts them far shorter, unless the student has taken it over.
LONGEST_OUTPUTS = 1_000_000
MOST_OUTPUTS = 6000
# What a notebook of this course shows beside pictures, and how; anything else a page might run or fetch.
SHOWN = {"text/plain": legible, "text/html": legible_markup, "text/markdown": legible_markup, "text/latex": legible}


def clean_outputs(outputs: object, picture: Callable[[int], str]) -> list[dict]:
    """Outputs in the notebook format, rebuilt from what the student's process says they are.

    picture: the one of this number, in base64; it may raise NotShown.
    """
    if not isinstance(outputs, list) or len(outputs) > MOST_OUTPUTS or size_of(outputs) > LONGEST_OUTPUTS:
        return [{"output_type": "stream", "name": "stdout", "text": "… 出力が長すぎるため、残していません …\n"}]
    made: list[dict] = []
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream":
            made.append({"output_type": kind, "name": "stdout", "text": legible(text_of(output["text"]))})
        elif kind == "error":
            lines = [legible(text_of(line)) for line in output["traceback"]]
            made.append(
                {
                    "output_type": kind,
                    "ename": legible(text_of(output["ename"])),
                    "evalue": legible(text_of(output["evalue"])),
                    "traceback": lines,
                }
            )
        elif kind in ("display_data", "execute_result"):
            data, metadata = clean_data(output["data"], picture), clean_sizes(output["metadata"])
            made.append(
                {"output_type": kind, "data": data, "metadata": metadata}
                | ({"execution_count": None} if kind == "execute_result" else {})
            )
    return made


def text_of(value: object) -> str:
    """A part of an output. Of what is none, the student's process would have to say what it is."""
    return value if isinstance(value, str) else str(value) if isinstance(value, bytes | int | float) else ""


def size_of(value: object) -> int:
    """Characters, without writing them all into one text."""
    if isinstance(value, dict):
        return sum(size_of(key) + size_of(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(map(size_of, value))
    return len(value) if isinstance(value, str | bytes) else 20


def clean_data(data: dict[str, Any], picture: Callable[[int], str]) -> dict[str, str]:
    """What one output shows; where its pictures are not shown and nothing else is, a sentence says why."""
    made, reasons = {}, []

    def instead(found: re.Match[str]) -> str:
        try:
            return found[1] + picture(int(found[2]))
        except NotShown as reason:
            reasons.append(told(reason))
            return "missing:"

    for name, part in data.items():
        if name in SHOWN:
            text = SHOWN[name](text_of(part))
            made[name] = IN_TEXT.sub(instead, text) if name in ("text/html", "text/markdown") else text
        elif name in KINDS:
            try:
                made[name] = picture(int(part))
            except NotShown as reason:
                reasons.append(told(reason))
        elif name.startswith("image/") or name == "application/pdf":
            reasons.append(told(NO_PICTURE))
    if reasons and set(made) <= {"text/plain"}:
        made["text/plain"] = reasons[0]
    return made


IN_TEXT = re.compile(r"(data:image/[a-z0-9.+-]{1,20};base64,)%%(\d{1,5})%%", re.IGNORECASE)


def clean_sizes(metadata: dict[str, Any]) -> dict[str, dict[str, int]]:
    """The sizes at which pictures are to be shown."""
    return {
        name: {side: min(max(1, int(size)), 5000) for side, size in part.items() if side in ("width", "height")}
        for name, part in metadata.items()
        if name in KINDS
    }


def copy_library(target: Path) -> None:
    """The part of dlcourse that students' code may read."""
    package = target / "dlcourse"
    isolation = package / "grading" / "isolation"
    isolation.mkdir(parents=True)
    (package / "checks").mkdir()
    for name in FOR_STUDENTS:
        copy = shutil.copytree if (PACKAGE / name).is_dir() else shutil.copy
        copy(PACKAGE / name, package / name)
    for name in FOR_THE_PROCESS:
        shutil.copy(PACKAGE / "grading" / "isolation" / name, isolation / name)
    for folder in (isolation, isolation.parent):
        (folder / "__init__.py").touch()
    for name in OF_THE_CHECKS:
        shutil.copy(PACKAGE / "checks" / name, package / "checks" / name)
    (package / "checks" / "__init__.py").write_text(CHECKS_FOR_STUDENTS, encoding="utf-8")
    for folder in (target, *target.rglob("*")):
        folder.chmod(0o755 if folder.is_dir() else 0o644)


# What the system keeps for all programs, by its name: libraries, fonts, time zones.
OF_THE_SYSTEM = [
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/fonts", "/usr/share/zoneinfo", "/etc/fonts",
    "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/random",
]  # fmt: skip


def readable(library: Path, hidden: Iterable[str] = ()) -> list[str]:
    """What Python needs to run: its own modules, its libraries and the packages, but no dlcourse among them.

    hidden: folders that stay closed where they lie below one of these. One of these may lie in such a folder, though:
        an environment in the course's own.
    """
    packages = [Path(folder) for folder in (*site.getsitepackages(), sysconfig.get_path("platlib"))]
    modules = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    libraries = Path(sys.base_prefix, "lib").glob("*.so*")
    paths = [Path(path).resolve() for path in (library, *modules, *libraries, *OF_THE_SYSTEM, *packages)]
    closed = {PACKAGE, *(entry.resolve() for folder in packages for entry in folder.glob("dlcourse*"))}
    named = {Path(folder).resolve() for folder in hidden}
    allowed = [
        entry for path in paths
        for entry in without(path, closed | {one for one in named if not path.is_relative_to(one)})
    ]  # fmt: skip
    return list(dict.fromkeys(map(str, allowed)))


def without(path: Path, hidden: set[Path]) -> list[Path]:
    """The path, or its entries where something hidden lies below it: a conda environment, say, holds both."""
    if any(path.is_relative_to(one) for one in hidden):
        return []
    if not any(one.is_relative_to(path) for one in hidden):
        return [path]
    entries = [entry for entry in path.iterdir() if not entry.is_symlink()]
    return [part for entry in entries for part in without(entry, hidden)]


def own_folder() -> tuple[Path, int]:
    """A folder that is ours as long as this descriptor is open: it gets its name when it is locked."""
    folder = Path(tempfile.mkdtemp(prefix=f".{FOLDER}"))
    claim = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(claim, fcntl.LOCK_EX)
    folder.chmod(0o711)
    return folder.rename(folder.with_name(folder.name[1:])), claim


def sweep() -> None:
    """Remove the folders of graders that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        try:
            claim = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # another user's, or just removed
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(claim).st_uid == os.geteuid():
                remove(folder)
        os.close(claim)


def remove(folder: Path) -> None:
    """Whatever a student has made of it."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # folders without rights, or thousands of them in one another
        subprocess.run(["chmod", "-R", "u+rwx", str(folder)], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", str(folder)], stderr=subprocess.DEVNULL)
