"""Where students' code runs: processes that see and reach nothing of the course, started in milliseconds.

`Sandbox` keeps one prepared process (forkserver.py); `Sandbox.student()` forks from it a process for one notebook.
Which measures hold is asked of the system and told to the teacher; without enough of them nothing is started.
"""

import json
import os
import shutil
import site
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from dlcourse.grading.isolation import confine
from dlcourse.grading.isolation.encoding import TooLate
from dlcourse.grading.isolation.folders import claim_folder, remove_abandoned_folders, remove_tree
from dlcourse.grading.isolation.guard import confine_this_process
from dlcourse.grading.isolation.student_process import OUTSIDE, StudentProcess
from dlcourse.grading.isolation.wire import Gone
from dlcourse.grading.refusal import NoSandbox
from dlcourse.words import to_say

PACKAGE = Path(__file__).resolve().parents[2]
FOR_THE_GRADER = {"checks", "grading"}
# What students' notebooks may import of dlcourse: every other module and package, and the data that they read.
FOR_STUDENTS = ["data", "locale"] + sorted(
    path.name
    for path in PACKAGE.iterdir()
    if path.suffix == ".py" or path.joinpath("__init__.py").is_file() and path.name not in FOR_THE_GRADER
)
FOR_THE_PROCESS = [
    "changes.py", "confine.py", "encoding.py", "forkserver.py", "further_values.py", "objects_of_tests.py",
    "pandas_values.py", "parts.py", "shell.py", "special_methods.py",
    "student.py", "student_objects.py", "student_surroundings.py", "sympy_values.py",
    "wire.py",
]  # fmt: skip
OF_THE_CHECKS = ["overflow.py", "spelling.py", "values.py", "watch.py"]  # the student's process; they know no exercise
LATER = to_say("{id} は、採点のときに確かめます。")
CHECKS_FOR_STUDENTS = f'''"""採点のときは、答え合わせは先生の側で行います。"""

from dlcourse.words import say


def check(exercise_id, **options):
    print(say({LATER!r}, id=exercise_id))


grade = check
'''

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


def is_isolated(measures: list[str]) -> bool:
    """Whether files, network and processes are out of reach."""
    return any(measure.startswith("landlock") for measure in measures) and "seccomp" in measures


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
        self.measures = with_rights(json.loads(first)["measures"], self.library)
        self.readable = readable_paths(self.library, self.hidden)
        if not self.works():  # else every answer would have 0 points, and nobody would know why
            self.close()
            raise NoSandbox(
                "この計算機では、学生のプログラムを動かすプロセスが始まりません。採点をやめました。"
                f"Python({sys.base_prefix}、{sys.prefix})を誰でも読めるところに置くか、その持ち主として採点してください。"
                " / no process for students' code begins here"
            )

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
        return StudentProcess(ours, json.loads(answer)["pid"], scratch)

    def confine_the_tests(self) -> None:
        """Let this process, in which tests run, see no more of the machine than Python and what it works with here."""
        if any(measure.startswith("landlock") for measure in self.measures):
            ours = [Path(path) for path in sys.path if os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK)]
            hidden = {Path(folder).resolve() for folder in self.hidden}
            packages = [str(part) for path in ours for part in path_without(path.resolve(), hidden)]
            OUTSIDE.submit(int).result()  # it begins here
            confine_this_process([*self.readable, *packages, str(PACKAGE)], str(self.work))

    def close(self) -> None:
        """End every process and remove every file of the students'."""
        self.control.close()
        self.process.kill()
        self.process.wait()
        remove_tree(self.folder)
        os.close(self.claim)

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def copy_library(target: Path) -> None:
    """The part of dlcourse that students' code may read."""
    package = target / "dlcourse"
    isolation = package / "grading" / "isolation"
    isolation.mkdir(parents=True)
    (package / "checks").mkdir()
    for name in FOR_STUDENTS:
        for file in (PACKAGE / name, *(PACKAGE / name).rglob("*")):
            if file.is_file() and file.suffix not in {".pyc", ".po"}:  # one by one: copytree hides why it fails
                copy = package / file.relative_to(PACKAGE)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, copy)
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
