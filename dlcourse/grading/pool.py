"""Running notebooks side by side, on the processors of this machine.

nbgrader takes one submission after the other. The pool starts on those that come next while nbgrader writes down
the results of the last, and at most a few ahead, so that its memory does not grow with the class.
"""

import atexit
import hashlib
import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from typing import Any

from dlcourse.grading.notebook import Cell, run
from dlcourse.grading.sandbox import Sandbox

_sandbox: Sandbox | None = None


def run_notebook(cells: list[dict[str, str]], cell_seconds: float, notebook_seconds: float) -> dict[str, Any]:
    """Run the cells in this process's sandbox, which is made on the first call."""
    global _sandbox
    if _sandbox is None:
        _sandbox = Sandbox()
        atexit.register(_sandbox.close)
    done = run([Cell(**cell) for cell in cells], _sandbox, cell_seconds=cell_seconds, notebook_seconds=notebook_seconds)
    return done.as_data()


class Pool:
    """Notebooks that run now, and what has become of those that ran ahead."""

    def __init__(self, jobs: int, cell_seconds: float, notebook_seconds: float, strength: str) -> None:
        self.strength = strength
        self.limits = cell_seconds, notebook_seconds
        self.started: dict[str, Future[dict[str, Any]]] = {}  # key of a notebook → its future
        self.jobs = jobs or os.cpu_count() or 1
        self.executor = self.processes()
        self.ahead = 2 * self.jobs

    def processes(self) -> ProcessPoolExecutor:
        # started afresh: a copy of this process would hold the gradebook's connection
        return ProcessPoolExecutor(self.jobs, mp_context=multiprocessing.get_context("spawn"))

    def run(self, cells: list[Cell], upcoming: Iterator[list[Cell]]) -> dict[str, Any]:
        """The run of this notebook. `upcoming` gives the notebooks that come after it."""
        try:
            return self._run(cells, upcoming)
        except BrokenProcessPool:  # a worker was killed, and with it all that was running ahead
            self.started.clear()
            self.executor = self.processes()
            return self._run(cells, upcoming)

    def _run(self, cells: list[Cell], upcoming: Iterator[list[Cell]]) -> dict[str, Any]:
        future = self.start(cells)
        while len(self.started) < self.ahead and (following := next(upcoming, None)) is not None:
            self.start(following)
        self.started.pop(key_of(cells), None)
        return future.result()

    def start(self, cells: list[Cell]) -> Future[dict[str, Any]]:
        key = key_of(cells)
        if key not in self.started:
            data = [asdict(cell) for cell in cells]
            self.started[key] = self.executor.submit(run_notebook, data, *self.limits)
        return self.started[key]

    def close(self) -> None:
        self.executor.shutdown(cancel_futures=True)


def key_of(cells: list[Cell]) -> str:
    return hashlib.sha256(json.dumps([asdict(cell) for cell in cells]).encode("utf-8", "surrogatepass")).hexdigest()
