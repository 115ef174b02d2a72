"""A process that watches those of students from outside, and ends them when they use too much or the grader is gone.

It is a process of its own, as a thread stands still while the tests compute. It is told over its standard input, a
line at a time: `watch PID`, `limit PID SECONDS`, `forget PID`. When that ends, so do all that it watches.
"""

import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil

from dlcourse.grading.isolation.processes import own_group

MEMORY = 1536 << 20  # bytes of a process: 1 GB of them Python's (prepare.FLAGS), the rest JavaScript's
PROCESSORS, EXTRA_WORK = 1.5, 10.0  # how much of the machine it may take, and for how many seconds more: it compiles
LOOK_EVERY = 0.05  # seconds


class Watcher:
    """The grader's side: the process is told which others to watch."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "dlcourse.grading.isolation.portable.watcher"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0,
            **own_group(),
        )  # fmt: skip
        self.lock = threading.Lock()

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def tell(self, *words: object) -> None:
        assert self.process.stdin
        with self.lock, suppress(OSError):  # it has ended: `lives` says so
            self.process.stdin.write(" ".join(map(str, words)).encode() + b"\n")

    def watch(self, pid: int) -> None:
        self.tell("watch", pid)

    def limit(self, pid: int, processor_seconds: float) -> None:
        """A notebook's work begins: the process ends after so much of it."""
        self.tell("limit", pid, processor_seconds)

    def forget(self, pid: int) -> None:
        """The process ends now, and its number may be another's soon."""
        self.tell("forget", pid)

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


class Watched:
    def __init__(self, pid: int) -> None:
        self.process = psutil.Process(pid)
        self.limit(float("inf"))

    def limit(self, processor_seconds: float) -> None:
        self.began, self.before, self.most = time.monotonic(), self.work(), processor_seconds

    def work(self) -> float:
        """Seconds of a processor so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    def uses_too_much(self) -> bool:
        memory = self.process.memory_info()
        work = self.work() - self.before
        taken = max(memory.rss, getattr(memory, "private", 0))  # on Windows, what it has not touched yet, too
        return taken > MEMORY or work > min(self.most, PROCESSORS * (time.monotonic() - self.began) + EXTRA_WORK)


def end(one: Watched) -> None:
    with suppress(psutil.Error):
        one.process.kill()


def main() -> None:
    told: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            told.put(line.split())
        told.put(None)

    threading.Thread(target=listen, daemon=True).start()
    watched: dict[int, Watched] = {}
    while True:
        with suppress(queue.Empty):
            while True:
                words = told.get(block=not watched)
                if words is None:
                    for one in watched.values():
                        end(one)
                    return
                follow(watched, words)
        for pid, one in list(watched.items()):
            try:
                if one.uses_too_much():
                    end(one)
            except psutil.NoSuchProcess:
                del watched[pid]
            except Exception:  # what can't be watched has no limits
                end(one)
        if watched:
            time.sleep(LOOK_EVERY)


def follow(watched: dict[int, Watched], words: list[str]) -> None:
    match words:
        case ["watch", pid]:
            with suppress(psutil.NoSuchProcess):
                watched[int(pid)] = Watched(int(pid))
        case ["limit", pid, seconds] if int(pid) in watched:
            with suppress(psutil.NoSuchProcess):
                watched[int(pid)].limit(float(seconds))
        case ["forget", pid]:
            watched.pop(int(pid), None)


if __name__ == "__main__":
    main()
