"""Running notebooks side by side: on the processors of this machine, or on the workers of a Dask cluster.

nbgrader takes one submission after the other. The pool runs those that come next while the results of the last are
written down, and at most a few ahead, so that its memory does not grow with the class.
"""

import atexit
import multiprocessing
import os
import signal
import socket
import sys
import threading
import types
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from dlcourse.grading import confine
from dlcourse.grading.notebook import Around, Cell, run
from dlcourse.grading.refusal import NoSandbox, NoWorkers
from dlcourse.grading.sandbox import Sandbox, holds, strength, sweep

REACHED_IN = 10  # seconds, for the scheduler
LOST_WORKERS = 5  # that a notebook may cost before it is taken for their cause


_sandbox: Sandbox | None = None
_one_at_a_time = threading.Lock()  # a Dask worker may have several threads; what a test prints is caught per process


def isolation(without_sandbox: bool) -> str:
    """What keeps students' code apart on this machine.

    Raises
    ------
    NoSandbox
        When nothing does, and that was not asked for.
    """
    measures = confine.available()
    if not holds(measures) and not without_sandbox:
        raise NoSandbox(
            f"この計算機({socket.gethostname()})では、学生のプログラムを隔離できません"
            f"(あるのは: {strength(measures)})。採点をやめました。"
            "隔離のできる Linux かコンテナで採点してください(「採点の安全性」のページに説明があります)。"
            " / no sandbox here; --RunIsolated.without_sandbox=True grades all the same"
        )
    return strength(measures)


def run_notebook(
    cells: list[dict[str, Any]], around: dict[str, Any], cell_seconds: float, notebook_seconds: float,
    without_sandbox: bool,
) -> dict[str, Any]:  # fmt: skip
    """Run the cells in this process's sandbox, which is made on the first call."""
    global _sandbox
    with _one_at_a_time:
        if _sandbox is None or _sandbox.process.poll() is not None:
            isolation(without_sandbox)
            _sandbox = Sandbox()
            atexit.register(_sandbox.close)
        limits = {"cell_seconds": cell_seconds, "notebook_seconds": notebook_seconds}
        done = run([Cell(**cell) for cell in cells], _sandbox, Around(**around), **limits)
        return done.as_data() | {"isolation": strength(_sandbox.measures)}


class Pool:
    """Notebooks that run now or have run ahead, by a key of the caller's.

    jobs: how many run at the same time on this machine; 0 for one per processor.
    scheduler: the address of a Dask scheduler, whose workers run them instead.
    strength: what keeps students' code apart, in one line for the teacher.
    """

    def __init__(
        self, jobs: int, cell_seconds: float, notebook_seconds: float, *, scheduler: str = "",
        without_sandbox: bool = False,
    ) -> None:  # fmt: skip
        self.limits = cell_seconds, notebook_seconds, without_sandbox
        self.started: dict[Any, Future[dict[str, Any]]] = {}
        if scheduler:
            self.executor, workers = cluster(scheduler, without_sandbox)
            self.jobs = len(workers)
            self.strength = f"{'、'.join(sorted(set(workers.values())))}(Dask: {len(workers)} workers)"
        else:
            self.strength = isolation(without_sandbox)
            self.jobs = jobs or os.cpu_count() or 1
            self.executor = processes(self.jobs)
        self.ahead = 2 * self.jobs

    def start(self, key: Any, cells: list[Cell], around: Around) -> None:
        """Have a notebook run; `run` with the same key gives the result."""
        notebook = [asdict(cell) for cell in cells], asdict(around)
        self.started[key] = self.executor.submit(run_notebook, *notebook, *self.limits)

    def run(self, key: Any, cells: list[Cell], around: Around) -> dict[str, Any]:
        """The run of this notebook, started now if it was not."""
        try:
            return self._run(key, cells, around)
        except BrokenProcessPool:  # a worker was killed, and with it all that was running ahead
            self.started.clear()
            self.executor = processes(self.jobs)
            return self._run(key, cells, around)

    def _run(self, key: Any, cells: list[Cell], around: Around) -> dict[str, Any]:
        if key not in self.started:
            self.start(key, cells, around)
        return self.started.pop(key).result()

    def stop(self) -> None:
        """Give up what still runs."""
        for worker in multiprocessing.active_children():
            worker.kill()
            worker.join()
        sweep()
        self.started.clear()

    def close(self) -> None:
        for future in self.started.values():
            future.cancel()
        self.executor.shutdown()


def processes(jobs: int) -> Executor:
    """Processes of this machine, started afresh: a copy of this one would hold the gradebook's connection."""
    executor = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), end_with, (os.getpid(),))
    with main_module_hidden():
        # Ctrl-C in a terminal reaches the workers as well, and they would all report it
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        for _ in range(jobs):
            executor.submit(os.getpid)  # now, so that they start while the first submissions are read
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return executor


def end_with(grader: int) -> None:
    """When the grader is killed, nobody else would end its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    confine.libc.prctl(confine.PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != grader:
        os._exit(1)  # it was killed already


@contextmanager
def main_module_hidden() -> Iterator[None]:
    """A new process imports the main module again, which is all of nbgrader: two seconds for nothing."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def cluster(address: str, without_sandbox: bool) -> tuple[Executor, dict[str, str]]:
    """The workers of the scheduler as an executor, and what keeps students' code apart on each of them.

    Raises
    ------
    NoWorkers
        When the scheduler or its workers cannot be reached.
    NoSandbox
        When a worker has no sandbox.
    """
    try:
        from distributed import Client

        client = Client(address, timeout=REACHED_IN)
        if not client.scheduler_info()["workers"]:
            print("Dask のワーカーを待っています(60秒まで)… / waiting for a worker", file=sys.stderr)
        client.wait_for_workers(1, timeout=60)
    except ImportError:
        raise NoWorkers("Dask がありません。入れるには / to get it: pip install 'dlcourse[cluster]'") from None
    except (OSError, ValueError) as error:
        raise NoWorkers(
            f"Dask のスケジューラー({address})かワーカーに届きません({error})。アドレスと、dask scheduler と "
            "dask worker が動いていることを確かめてください。 / cannot reach the scheduler or its workers"
        ) from None
    return client.get_executor(retries=LOST_WORKERS, pure=False), client.run(isolation, without_sandbox)
