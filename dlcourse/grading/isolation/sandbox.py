"""Where students' code runs: processes that see and reach nothing of the course, started in milliseconds.

`Sandbox` keeps one prepared process (forkserver.py); `Sandbox.student()` forks from it a process for one notebook.
Which measures hold is asked of the system and told to the teacher; without enough of them nothing is started.
"""

import json
import os
import signal
import site
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from dlcourse.grading.isolation import confine
from dlcourse.grading.isolation.encoding import TooLate
from dlcourse.grading.isolation.folders import claim_folder, release, remove_abandoned_folders, remove_tree
from dlcourse.grading.isolation.forkserver import statistics_of, work_in, work_of
from dlcourse.grading.isolation.guard import confine_this_process
from dlcourse.grading.isolation.line import SocketLine
from dlcourse.grading.isolation.student_process import StudentProcess
from dlcourse.grading.isolation.students_library import PACKAGE, copy_library
from dlcourse.grading.isolation.wire import Gone
from dlcourse.grading.refusal import NoSandbox

# A thread that is not confined with this process, when it has begun before (Sandbox.confine_the_tests): the tests
# have no say in what it does, and it looks into /proc.
OUTSIDE = ThreadPoolExecutor(1)
PATIENCE = 2.0  # seconds in which an interrupted cell has to stop

OF_THE_ENGINE = ["confine.py", "forkserver.py"]
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
PROCESSORS, EXTRA_WORK = 1.2, 3.0  # how much of the machine threads may take, and for how many seconds more


ANOTHER_USER, STILL_ROOT = "another user", "root"


def with_rights(measures: list[str], library: Path) -> list[str]:
    """The measures and, where root grades, as whom students' code runs: as another user, if that one can read Python.

    Where Python lies in a closed folder of some third user, root itself reads it, but not in namespaces of its own.
    """
    if os.geteuid() != 0:
        return measures
    paths = readable_paths(library)
    if confine.may_become(NOBODY_ELSE, paths):
        return [*measures, ANOTHER_USER]
    usable = [one for one in measures if one != "namespaces" or confine.may_read_apart(paths)]
    return [*usable, STILL_ROOT]


def describe(measures: list[str]) -> str:
    """In one line, what keeps students' code apart."""
    names = {
        "namespaces": "名前空間",
        "seccomp": "seccomp",
        ANOTHER_USER: "別の利用者",
        STILL_ROOT: "利用者は管理者のまま(特権は捨てます)",
    }
    return " + ".join(names.get(measure, measure.capitalize()) for measure in measures) or "なし"


class Sandbox:
    """The prepared process, and the folder in which the students' files live while they run.

    hidden: folders of the course, which stay closed also where they lie below one that Python needs.
    """

    def __init__(self, hidden: Iterable[str] = ()) -> None:
        self.hidden = tuple(hidden)
        remove_abandoned_folders()
        self.folder, self.claim = claim_folder()
        self.library, self.work = self.folder / "library", self.folder / "work"
        self.work.mkdir(mode=0o711)
        copy_library(self.library, OF_THE_ENGINE)
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
        self.measures = with_rights(json.loads(first)["measures"], self.library)
        self.readable = readable_paths(self.library, self.hidden)
        if not self.works():  # else every answer would have 0 points, and nobody would know why
            self.close()
            raise NoSandbox(
                "この計算機では、学生のプログラムを動かすプロセスが始まりません。採点をやめました。"
                f"Python({sys.base_prefix}、{sys.prefix})を誰でも読めるところに置くか、その持ち主として採点してください。"
                " / no process for students' code begins here"
            )

    @property
    def strength(self) -> str:
        return describe(self.measures)

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def works(self) -> bool:
        """Whether a student's process begins and runs a cell."""
        with closing(self.student()) as student:
            student.allow(10, 60)
            try:
                return student.run("") == []
            except (Gone, TooLate):
                return False

    def environment(self) -> dict[str, str]:
        home = str(self.folder)
        return {
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": home, "MPLCONFIGDIR": home, "IPYTHONDIR": home,
            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def student(self, processor_seconds: float = 600, libraries: Sequence[str] = ()) -> "StudentProcess":
        """A fresh process for one notebook.

        processor_seconds: after which the system itself ends it, whatever it does.
        libraries: modules that the course's own notebook imports; the prepared process loads them once for all.
        """
        scratch = Path(tempfile.mkdtemp(prefix="scratch-", dir=self.work))
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
            "work": [PROCESSORS, EXTRA_WORK], "libraries": list(libraries),
            "environment": self.environment() | {"HOME": str(scratch), "TMPDIR": str(scratch)},
        }  # fmt: skip
        socket.send_fds(self.control, [json.dumps(request).encode()], [theirs.fileno()])
        theirs.close()
        answer = self.control.recv(1 << 16)
        if not answer:
            raise NoSandbox("採点用のプロセスが止まりました。 / the sandbox process has ended")
        return ForkedProcess(ours, json.loads(answer)["pid"], scratch)

    def confine_the_tests(self) -> None:
        """Let this process, in which tests run, see no more of the machine than Python and what it works with here."""
        if any(measure.startswith("landlock") for measure in self.measures):
            OUTSIDE.submit(int).result()  # it begins here
            confine_tests(self.readable, self.hidden, self.work)

    def close(self) -> None:
        """End every process and remove every file of the students'."""
        self.control.close()
        self.process.kill()
        self.process.wait()
        release(self.folder, self.claim)

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def confine_tests(readable: Iterable[str], hidden: Iterable[str], work: Path) -> None:
    """This process opens only what Python needs, its packages and this folder from now on."""
    ours = [Path(path) for path in sys.path if os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK)]
    closed = {Path(folder).resolve() for folder in hidden}
    packages = [str(part) for path in ours for part in path_without(path.resolve(), closed)]
    confine_this_process([*readable, *packages, str(PACKAGE)], str(work))


# What the system keeps for all programs, by its name: libraries, fonts, time zones.
OF_THE_SYSTEM = [
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/fonts", "/usr/share/zoneinfo", "/etc/fonts",
    "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/random",
]  # fmt: skip


def readable_paths(library: Path, hidden: Iterable[str] = ()) -> list[str]:
    """What Python needs to run: its own modules, its libraries and the packages, but no dlcourse among them.

    hidden: folders that stay closed where they lie below one of these. One of these may lie in such a folder, though:
        an environment in the course's own.
    """
    packages = [Path(folder) for folder in (*site.getsitepackages(), sysconfig.get_path("platlib"))]
    modules = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")]
    libraries = Path(sys.base_prefix, "lib").glob("*.so*")
    of_the_system = map(Path, OF_THE_SYSTEM)
    paths = [path.resolve() for path in (library, *modules, *libraries, *of_the_system, *packages)]
    closed = {PACKAGE, *(entry.resolve() for folder in packages for entry in folder.glob("dlcourse*"))}
    named = {Path(folder).resolve() for folder in hidden}
    allowed = [
        entry for path in paths
        for entry in path_without(path, closed | {one for one in named if not path.is_relative_to(one)})
    ]  # fmt: skip
    return list(dict.fromkeys(map(str, allowed)))


def path_without(path: Path, hidden: set[Path]) -> list[Path]:
    """The path, or its entries where something hidden lies below it: a conda environment, say, holds both."""
    if any(path.is_relative_to(one) for one in hidden):
        return []
    if not any(one.is_relative_to(path) for one in hidden):
        return [path]
    entries = [entry for entry in path.iterdir() if not entry.is_symlink()]
    return [part for entry in entries for part in path_without(entry, hidden)]


class ForkedProcess(StudentProcess):
    """A copy of the prepared process."""

    def __init__(self, connection: socket.socket, process: int, scratch: Path) -> None:
        super().__init__(SocketLine(connection), str(scratch))
        self.process = process
        self.statistics: int | None = None  # the open file on the innermost process, in which the cells run

    def worked(self) -> float:
        if self.statistics is None:
            return OUTSIDE.submit(self.look_up_work).result()
        try:
            return work_in(os.pread(self.statistics, 4096, 0))[0]
        except OSError:  # it has ended
            return 0.0

    def look_up_work(self) -> float:
        cells = innermost_process(self.process)
        if self.peer.received:  # it has answered, so all of the row is there
            with suppress(OSError):  # it has ended; worked() asks again
                self.statistics = os.open(statistics_of(cells), os.O_RDONLY)
        return work_of(cells)[0]

    def interrupt(self) -> Any:
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
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)

    def close(self) -> None:
        self.kill()
        self.peer.line.close()
        if self.statistics is not None:
            os.close(self.statistics)
            self.statistics = None
        remove_tree(Path(self.scratch))


def innermost_process(process: int) -> int:
    """The last of a row of processes, each the only child of the one before."""
    with suppress(OSError):
        while children := Path(f"/proc/{process}/task/{process}/children").read_text().split():
            process = int(children[0])
    return process
