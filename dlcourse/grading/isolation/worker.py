"""Processes that do the grader's work on what students have sent: each can be ended, and another takes its place.

`Workers.run` calls a function in one of them, for so many seconds at most. Started as a program, this file is such a
process: it reads calls from its input and writes what they return to its output. Both ends are the grader's own.
"""

import contextlib
import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

from dlcourse.grading.isolation.processes import end_with_parent, own_group

BY_ITSELF = 1  # exit code of a worker that has seen that it takes too long (faulthandler's)


class Overran(Exception):
    """The call did not end in its time; its process was ended."""


class WorkerLost(Exception):
    """The process has ended during the call: the system may have needed its memory. code: with which it has."""

    code: int | None = None


class Worker:
    """One such process, seen from the other side."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", __name__, str(os.getpid())]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, **own_group()
        )

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def run(self, seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
        assert self.process.stdin and self.process.stdout
        overran = threading.Event()

        def end() -> None:
            overran.set()
            self.process.kill()  # its output closes with it

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            pickle.dump((function, arguments), self.process.stdin)
            self.process.stdin.flush()
            works, result = pickle.load(self.process.stdout)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
            self.close(patience=1)
            if overran.is_set() or self.process.returncode == BY_ITSELF:
                raise Overran(f"{seconds:g}秒を過ぎても終わらないので、止めました。 / overran") from error
            lost = WorkerLost(f"採点用のプロセスが止まりました({self.process.returncode})。 / a worker has ended")
            lost.code = self.process.returncode
            raise lost from error
        except BaseException:  # half of the answer may still be on its way
            self.close()
            raise
        finally:
            timer.cancel()
        if not works:
            raise result
        return result

    def close(self, patience: float = 0.0) -> None:
        """End it; a process that has nothing to do removes its files first, in these seconds."""
        assert self.process.stdin and self.process.stdout
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Workers:
    """The workers of this process: as many as there are calls at the same time."""

    def __init__(self) -> None:
        self.free: list[Worker] = []
        self.busy: set[Worker] = set()
        self.closed = False
        self.lock = threading.Lock()

    def start(self, number: int) -> None:
        """Have so many ready, so that they start while the first submissions are read."""
        self.closed = False
        with self.lock:
            self.free += [Worker() for _ in range(number - len(self.free))]

    def run(self, seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the function returns, or raises.

        Raises
        ------
        Overran, WorkerLost
            When it did not come to its end. The worker is gone then; the next call gets another.
        """
        worker = self._take()
        try:
            return worker.run(seconds, function, *arguments)
        finally:
            with self.lock:
                self.busy.discard(worker)
                if self.closed:
                    worker.close()
                elif worker.lives:
                    self.free.append(worker)

    def _take(self) -> Worker:
        with self.lock:
            if self.closed:
                raise WorkerLost("採点を終えるところです。 / grading is ending")
            self.free = [worker for worker in self.free if worker.lives]
            worker = self.free.pop() if self.free else Worker()
            self.busy.add(worker)
            return worker

    def close(self) -> None:
        """End them all, also those that still work."""
        with self.lock:
            self.closed = True
            free, self.free = self.free, []
            busy = list(self.busy)
        for worker in busy:
            worker.process.kill()  # its call raises then, and closes it
        for worker in free:
            assert worker.process.stdin
            worker.process.stdin.close()  # all at once: each has files to remove
        for worker in free:
            worker.close(patience=5)
        for worker in busy:
            worker.process.wait()


def main() -> None:
    # When the grader is killed, nobody else would end its workers.
    end_with_parent()
    if sys.platform == "linux" and os.getppid() != int(sys.argv[1]):
        return  # it was killed already (on Windows, a program between them starts the environment's Python)
    calls, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a test reads or prints goes elsewhere.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    while True:
        try:
            function, arguments = pickle.load(calls)
        except EOFError:
            return
        try:
            result = True, function(*arguments)
        except BaseException as error:
            problem = error if isinstance(error, Exception) else RuntimeError(repr(error))
            problem.add_note(traceback.format_exc())  # where it happened does not cross by itself
            result = False, problem
        pickle.dump(result, results)
        results.flush()


if __name__ == "__main__":
    main()
