"""Where students' code runs: processes that see and reach nothing of the course, started in milliseconds.

`Sandbox` keeps one prepared process (forkserver.py); `Sandbox.student()` forks from it a process for one notebook.
Which measures hold is asked of the system and told to the teacher; without enough of them nothing is started.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import site
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np

from dlcourse.grading.proxies import make_remote
from dlcourse.grading.wire import Gone, Peer, TooLate

PACKAGE = Path(__file__).resolve().parents[1]
# What students' notebooks may import of dlcourse; the checks stay with the grader.
FOR_STUDENTS = ["__init__.py", "functions.py", "gradient.py", "layers.py", "network.py", "optimizer.py",
                "optimizers.py", "training.py", "datasets.py", "plotting.py", "elsewhere.py", "data"]
FOR_THE_PROCESS = ["wire.py", "student.py", "confine.py", "forkserver.py"]
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
    "NPROC": 64,
    "CORE": 0,
    "CPU": 600,
}
MEMORY = 1024 * MEGABYTE
DISK = 256 * MEGABYTE
# A user that owns nothing; taken when the grader is root.
NOBODY_ELSE = 61184
PROCESSORS, WORK_AHEAD = 1.2, 3.0  # how much of the machine threads may take, and for how many seconds more
PATIENCE = 2.0  # seconds in which an interrupted cell has to stop


class NoSandbox(RuntimeError):
    """This system cannot keep students' code apart; the message says what to do."""


def strength(measures: list[str]) -> str:
    """In one line, what keeps students' code apart."""
    names = {"namespaces": "名前空間", "seccomp": "seccomp"}
    return " + ".join(names.get(measure, measure.capitalize()) for measure in measures) or "なし"


def holds(measures: list[str]) -> bool:
    """Whether files, network and processes are out of reach."""
    return any(measure.startswith("landlock") for measure in measures) and "seccomp" in measures


class Sandbox:
    """The prepared process, and the folder in which the students' files live while they run."""

    def __init__(self) -> None:
        sweep()
        self.folder, self.claim = own_folder()
        self.library = self.folder / "library"
        copy_library(self.library)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = self.environment()
        command = [sys.executable, "-I", str(self.library / "dlcourse" / "grading" / "forkserver.py")]
        self.process = subprocess.Popen(
            [*command, str(self.library), str(theirs.fileno())],
            pass_fds=[theirs.fileno()], env=environment, cwd=self.folder, stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self.control = ours
        self.control.settimeout(60)
        first = self.control.recv(1 << 16)
        if not first:
            self.close()
            raise NoSandbox("採点用のプロセスを始められませんでした(上の記録)。 / the sandbox process did not start")
        self.measures = json.loads(first)["measures"]

    def environment(self) -> dict[str, str]:
        home = str(self.folder)
        return {
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": home, "MPLCONFIGDIR": home, "IPYTHONDIR": home,
            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def student(self) -> "StudentProcess":
        """A fresh process for one notebook."""
        scratch = Path(tempfile.mkdtemp(prefix="scratch-", dir=self.folder))
        ours, theirs = socket.socketpair()
        user = None
        if os.geteuid() == 0 and all(map(others_can_reach, readable(self.library))):
            try:
                os.chown(scratch, NOBODY_ELSE, NOBODY_ELSE)
                user = NOBODY_ELSE
            except OSError:
                pass  # root of a container that has no other users
        request = {
            "scratch": str(scratch), "readable": readable(self.library), "measures": self.measures, "user": user,
            "limits": LIMITS, "memory": MEMORY, "disk": DISK, "work": [PROCESSORS, WORK_AHEAD],
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

    def run(self, source: str, seconds: float) -> tuple[list[dict], bool]:
        """The outputs of a cell, and whether it ended by itself in this time.

        Raises
        ------
        Gone
            When the cell has ended the process, or had to be ended with it.
        """
        self.peer.deadline = time.monotonic() + seconds
        try:
            return clean_outputs(self.peer.call("run", source)), True
        except TooLate:
            return self.interrupt(), False
        except Exception:  # an answer that is none: the process is not to be talked with any more
            self.kill()
            raise Gone from None

    def put(self, files: dict[str, bytes]) -> None:
        """Lay files beside the notebook."""
        self.peer.deadline = time.monotonic() + PATIENCE * (1 + len(files))
        for name, content in files.items():
            try:
                self.peer.call("put", name, np.frombuffer(content, np.uint8))
            except (TooLate, Exception):
                pass  # the cell that misses it says so

    def interrupt(self) -> list[dict]:
        """Stop what is running; what it has printed."""
        os.kill(self.process, signal.SIGINT)
        self.peer.deadline = time.monotonic() + PATIENCE
        try:
            while True:  # the answer to the interrupted call is still to come
                head, buffers = self.peer._receive()
                if head.get("answer") == self.peer.asked:
                    return clean_outputs(self.peer._read(head, buffers))
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


# A cell's, as characters; student.py cuts them far shorter, unless the student has taken it over.
LONGEST_OUTPUTS = 1_000_000
# What a notebook of this course shows; anything else a page might run or fetch.
SHOWN = {"text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg"}


def clean_outputs(outputs: object) -> list[dict]:
    """Outputs in the notebook format, rebuilt from what the student's process says they are."""
    made: list[dict] = []
    if len(str(outputs)) > LONGEST_OUTPUTS:
        return [{"output_type": "stream", "name": "stdout", "text": "… 出力が長すぎるため、残していません …\n"}]
    for output in outputs if isinstance(outputs, list) else []:
        kind = output.get("output_type")
        if kind == "stream":
            made.append({"output_type": kind, "name": "stdout", "text": str(output["text"])})
        elif kind == "error":
            lines = [str(line) for line in output["traceback"]]
            made.append({"output_type": kind, "ename": str(output["ename"]), "evalue": str(output["evalue"]),
                         "traceback": lines})
        elif kind in ("display_data", "execute_result"):
            data = {name: str(part) for name, part in output["data"].items() if name in SHOWN}
            made.append({"output_type": kind, "data": data, "metadata": {}}
                        | ({"execution_count": None} if kind == "execute_result" else {}))
    return made


def copy_library(target: Path) -> None:
    """The part of dlcourse that students' code may read."""
    package = target / "dlcourse"
    (package / "grading").mkdir(parents=True)
    (package / "checks").mkdir()
    for name in FOR_STUDENTS:
        copy = shutil.copytree if (PACKAGE / name).is_dir() else shutil.copy
        copy(PACKAGE / name, package / name)
    for name in FOR_THE_PROCESS:
        shutil.copy(PACKAGE / "grading" / name, package / "grading" / name)
    (package / "grading" / "__init__.py").touch()
    shutil.copy(PACKAGE / "checks" / "watch.py", package / "checks" / "watch.py")
    (package / "checks" / "__init__.py").write_text(CHECKS_FOR_STUDENTS, encoding="utf-8")
    for folder in (target, *target.rglob("*")):
        folder.chmod(0o755 if folder.is_dir() else 0o644)


def readable(library: Path) -> list[str]:
    """What Python needs to run: the interpreter, its libraries and the packages, but no dlcourse among them."""
    paths = [str(library), sysconfig.get_path("stdlib"), sys.base_prefix, "/usr", "/lib", "/lib64", "/bin",
             "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/dev/urandom", "/dev/random"]
    packages = [Path(folder) for folder in (*site.getsitepackages(), sysconfig.get_path("platlib"))]
    hidden = {PACKAGE, *(entry.resolve() for folder in packages for entry in folder.glob("dlcourse*"))}
    allowed = (entry for path in [*map(Path, paths), *packages] for entry in without(path.resolve(), hidden))
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


def others_can_reach(path: str) -> bool:
    """Whether another user may read this."""
    place = Path(os.path.realpath(path))
    return not place.exists() or (
        bool(place.stat().st_mode & stat.S_IROTH) and all(part.stat().st_mode & stat.S_IXOTH for part in place.parents)
    )
