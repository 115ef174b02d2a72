"""Running notebooks side by side: on the processors of this machine, or on the workers of a Dask cluster.

nbgrader takes one submission after the other. The pool runs those that come next while the results of the last are
written down, and at most a few ahead, so that its memory does not grow with the class.
"""

import atexit
import faulthandler
import os
import sys
import tempfile
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from dlcourse import words
from dlcourse.edition import requirement
from dlcourse.grading.isolation import engines
from dlcourse.grading.isolation.course_cells import error
from dlcourse.grading.isolation.folders import remove_abandoned_folders
from dlcourse.grading.isolation.notebook import NO_TIME_LEFT, Cell, NotebookContext, Run, run
from dlcourse.grading.isolation.session import longest_run
from dlcourse.grading.isolation.worker import Overran, WorkerLost, Workers
from dlcourse.grading.refusal import NoWorkers

REACHED_IN = 10  # seconds, for the scheduler
LOST_WORKERS = 5  # that a notebook may cost before it is taken for their cause
OTHER_FOLDERS = 4  # with which a worker ends that has a sandbox for another course
GRACE = 30.0  # seconds beyond a cell's own, after which the worker is ended

WORKERS = Workers()  # of this process, be it the grader or a worker of Dask's
_engine: engines.Engine | None = None  # of this process, when it is one of those


def isolation(engine: str, without_sandbox: bool) -> str:
    """What keeps students' code apart on this machine.

    Raises
    ------
    NoSandbox
        When nothing does, and that was not asked for.
    """
    return engines.strength(engines.chosen(engine, without_sandbox))


def run_notebook(
    cells: list[dict[str, Any]], context: dict[str, Any], cell_seconds: float, notebook_seconds: float,
    engine: str, without_sandbox: bool, hidden: tuple[str, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    """What became of a notebook, and in which isolation; whatever it does, it does not take longer than it may."""
    limits, most = (cell_seconds, notebook_seconds, engine, without_sandbox, hidden), longest_run(notebook_seconds)
    try:
        while True:
            try:
                result: dict[str, Any] = WORKERS.run(most + GRACE, run_here, cells, context, *limits)
                break
            except WorkerLost as lost:
                if lost.code != OTHER_FOLDERS:
                    raise
    except Overran:
        told = words.catalogue(context["language"]).gettext(NO_TIME_LEFT)  # this is a thread; `say` is the process's
        outputs = [[error("OutOfTime", told)] for _ in cells]
        result = Run(outputs, seconds=most).as_data() | {
            "isolation": isolation(engine, without_sandbox),
            "overran": True,
        }
    return result


def run_here(
    cells: list[dict[str, Any]], context: dict[str, Any], cell_seconds: float, notebook_seconds: float,
    engine: str, without_sandbox: bool, hidden: tuple[str, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    """Run the cells in this process's engine, which is started on the first call."""
    global _engine
    if _engine and (not _engine.lives or _engine.hidden != hidden):
        os._exit(OTHER_FOLDERS)  # this process can no longer make another
    if _engine is None:
        _engine = engines.started(engines.chosen(engine, without_sandbox), hidden)
        atexit.register(_engine.close)
        tempfile.tempdir = str(_engine.work)  # what is left there when this process is ended, the next one removes
        _engine.confine_the_tests()
    limits = {"cell_seconds": cell_seconds, "notebook_seconds": notebook_seconds}
    try:
        done = run([Cell(**cell) for cell in cells], _engine, NotebookContext(**context), **limits, alarm=end_after)
    finally:
        faulthandler.cancel_dump_traceback_later()
    return done.as_data() | {"isolation": _engine.strength}


def end_after(seconds: float) -> None:
    """End this worker unless the cell ends in its time: not even a step in C that takes for ever keeps it then."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=nowhere)


class Pool:
    """Notebooks that run now or have run ahead, by a key of the caller's.

    jobs: how many run at the same time on this machine; 0 for one per processor.
    scheduler: the address of a Dask scheduler, whose workers run them instead.
    engine: the name of the one that runs students' code (engines.py); "" for the strongest.
    hidden: folders that no student's code may read, wherever they are.
    strength: what keeps students' code apart, in one line for the teacher.
    """

    def __init__(
        self, jobs: int, cell_seconds: float, notebook_seconds: float, *, scheduler: str = "",
        engine: str = "", without_sandbox: bool = False, hidden: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.limits = cell_seconds, notebook_seconds, engine, without_sandbox, hidden
        self.started: dict[Any, Future[dict[str, Any]]] = {}
        if scheduler:
            self.executor, workers = cluster(scheduler, engine, without_sandbox)
            self.jobs = len(workers)
            self.strength = f"{'、'.join(sorted(set(workers.values())))}(Dask: {len(workers)} workers)"
        else:
            self.strength = isolation(engine, without_sandbox)
            self.jobs = jobs or os.cpu_count() or 1
            self.executor = ThreadPoolExecutor(self.jobs)  # each waits for a worker
            WORKERS.start(self.jobs)
        self.prefetched = 2 * self.jobs

    def start(self, key: Any, cells: list[Cell], context: NotebookContext) -> None:
        """Have a notebook run; `run` with the same key gives the result."""
        self.started[key] = self.executor.submit(
            run_notebook, [asdict(cell) for cell in cells], asdict(context), *self.limits
        )

    def run(self, key: Any, cells: list[Cell], context: NotebookContext) -> dict[str, Any]:
        """The run of this notebook, started now if it was not."""
        try:
            return self._run(key, cells, context)
        except WorkerLost:  # perhaps by no fault of the notebook's
            return self._run(key, cells, context)

    def _run(self, key: Any, cells: list[Cell], context: NotebookContext) -> dict[str, Any]:
        if key not in self.started:
            self.start(key, cells, context)
        return self.started.pop(key).result()

    def close(self) -> None:
        """Give up what still runs."""
        for future in self.started.values():
            future.cancel()
        self.started.clear()
        WORKERS.close()
        self.executor.shutdown(wait=False)  # nothing of it runs any more
        remove_abandoned_folders()


def cluster(address: str, engine: str, without_sandbox: bool) -> tuple[Executor, dict[str, str]]:
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
        raise NoWorkers(f"Dask がありません。入れるには / to get it: pip install {requirement('cluster')}") from None
    except (OSError, ValueError) as error:
        raise NoWorkers(
            f"Dask のスケジューラー({address})かワーカーに届きません({error})。アドレスと、dask scheduler と "
            "dask worker が動いていることを確かめてください。 / cannot reach the scheduler or its workers"
        ) from None
    return client.get_executor(retries=LOST_WORKERS, pure=False), client.run(isolation, engine, without_sandbox)
