"""The engine for any system: each notebook has a process of Deno's, in which Pyodide runs the student's code.

Deno gives that process no permission: no file, network, program, variable of the environment or library of the
system's. Python in it is WebAssembly, whose memory ends where it is told to. From outside the process is watched for
everything that it uses besides, and ended when that is too much (watcher.py). None is used twice; the next one starts
while the last still runs.
"""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from typing import NoReturn

import psutil

from dlcourse.grading.isolation.encoding import TooLate
from dlcourse.grading.isolation.folders import claim_folder, release, remove_abandoned_folders
from dlcourse.grading.isolation.portable.guest import SCRATCH
from dlcourse.grading.isolation.portable.pipes import PipeLine
from dlcourse.grading.isolation.portable.prepare import STRENGTH, command, environment, prepared
from dlcourse.grading.isolation.portable.watcher import Watcher
from dlcourse.grading.isolation.processes import own_group, without_files
from dlcourse.grading.isolation.student_process import StudentProcess
from dlcourse.grading.isolation.wire import Gone
from dlcourse.grading.refusal import NoSandbox

STARTS_IN = 120.0  # seconds, on the slowest machine


class PortableSandbox:
    """hidden: as in the Linux engine; here no folder at all is open to students' code."""

    def __init__(self, hidden: Iterable[str] = ()) -> None:
        self.hidden = tuple(hidden)
        self.library = prepared()
        self.environment = environment(self.library)
        remove_abandoned_folders()
        self.work, self.claim = claim_folder()
        self.running: set[GuestProcess] = set()
        self.watcher = Watcher()
        # A thread that has begun before the tests are confined is not confined with them (guard.py).
        self.outside = ThreadPoolExecutor(1)
        self.next: Future[GuestProcess] = self.outside.submit(self.start)
        with closing(self.student()) as student:
            student.allow(60, 60)
            try:
                works = student.run("") == []
            except (Gone, TooLate):
                works = False
        if not works:
            self.close()
            self.refuse()

    def refuse(self) -> NoReturn:
        raise NoSandbox(
            f"この計算機では、学生のプログラムを動かすプロセス(Deno)が始まりません。採点をやめました。"
            f"{self.library} を消して、もう一度試してください。 / no process for students' code begins here"
        )

    @property
    def strength(self) -> str:
        return STRENGTH

    @property
    def lives(self) -> bool:
        return self.watcher.lives

    def start(self) -> "GuestProcess":
        process = subprocess.Popen(
            without_files(command(self.library, "serve")), env=self.environment, cwd=self.library,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            **own_group(),
        )  # fmt: skip
        self.watcher.watch(process.pid)
        made = GuestProcess(process, self)
        self.running.add(made)
        return made

    def student(self, processor_seconds: float = 600, libraries: Sequence[str] = ()) -> "GuestProcess":
        """A fresh process for one notebook.

        processor_seconds: after which it is ended, whatever it does.
        libraries: not used; those that there are have been loaded.
        """
        for _ in range(2):  # one that waits may have been ended, by the system say
            given = self.next.result()
            self.next = self.outside.submit(self.start)
            if given.begins(processor_seconds):
                return given
            given.close()
        self.refuse()

    def confine_the_tests(self) -> None:
        """On Linux, where the system can: let this process, in which tests run, see no more of the machine."""
        if sys.platform == "linux":
            from dlcourse.grading.isolation.sandbox import confine_tests, readable_paths

            confine_tests(readable_paths(self.work, self.hidden), self.hidden, self.work)

    def close(self) -> None:
        """End every process and remove every file of the tests'."""
        with suppress(OSError):  # the next one did not start
            self.next.result()
        for process in list(self.running):
            process.close()
        self.watcher.close()
        self.outside.shutdown()
        release(self.work, self.claim)

    def __enter__(self) -> "PortableSandbox":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class GuestProcess(StudentProcess):
    """One process of Deno's."""

    can_be_interrupted = False  # what runs in WebAssembly hears of nothing outside

    def __init__(self, process: subprocess.Popen[bytes], sandbox: PortableSandbox) -> None:
        super().__init__(PipeLine(process), SCRATCH)
        self.process, self.sandbox = process, sandbox
        self.statistics = psutil.Process(process.pid)

    def begins(self, processor_seconds: float) -> bool:
        """Wait for Python in it to have started; whether it has."""
        self.peer.limit(STARTS_IN)
        try:
            self.peer.call("has")
        except (Gone, TooLate, Exception):
            return False
        self.sandbox.watcher.limit(self.process.pid, processor_seconds)
        return True

    def look_up_work(self) -> float:
        try:
            times = self.statistics.cpu_times()
        except psutil.Error:  # it has ended
            return 0.0
        return times.user + times.system

    def worked(self) -> float:
        return self.sandbox.outside.submit(self.look_up_work).result()

    def interrupt(self) -> NoReturn:
        self.kill()
        raise Gone

    def kill(self) -> None:
        self.process.kill()

    def close(self) -> None:
        self.sandbox.running.discard(self)
        self.sandbox.watcher.forget(self.process.pid)
        self.kill()
        self.process.wait()
        self.peer.line.close()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            with suppress(OSError):
                pipe.close()
