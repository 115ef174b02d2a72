"""In the student's process of the portable engine, inside Pyodide: what forkserver.py is on Linux.

`prepare` runs once for all students, before the memory is written down; `serve` in each process, behind it.
"""

import asyncio
import contextlib
import gc
import os
import random
import sys
import time
from typing import Any

import numpy as np

from dlcourse import integers
from dlcourse.grading.isolation import student
from dlcourse.grading.isolation.shell import Shell, made_ready

SCRATCH = "/home/student"  # the current folder, and where everything else is written
shell: Shell


class Waiting:
    """A selector that has nothing to look at: what a cell awaits is time."""

    def select(self, timeout: float | None) -> list[Any]:
        time.sleep(1e6 if timeout is None else timeout)
        return []


class EventLoop(asyncio.BaseEventLoop):
    """Of asyncio, for cells that await: Pyodide's own needs a browser to go on with it."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = Waiting()

    def _process_events(self, events: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody waits in another thread."""


class EventLoops(asyncio.DefaultEventLoopPolicy):
    _loop_factory = EventLoop


class Device:
    """The guest's end of the line (line.Line); it never waits for so many seconds only."""

    def __init__(self, path: str) -> None:
        self.number = os.open(path, os.O_RDWR)

    def read(self) -> bytes:
        return os.read(self.number, 1 << 16)

    def write(self, content: memoryview) -> int:
        return os.write(self.number, content)

    def wait(self, seconds: float, *, writing: bool) -> bool:
        return True

    def close(self) -> None:
        os.close(self.number)


def prepare() -> None:
    global shell
    os.environ.update(
        LANG="C.UTF-8",
        HOME=SCRATCH,
        TMPDIR=SCRATCH,
        MPLCONFIGDIR="/library",
        IPYTHONDIR="/library",
        OPENBLAS_NUM_THREADS="1",
    )
    shell = made_ready()
    from matplotlib import font_manager

    fonts: Any = font_manager
    fonts._get_font.cache_clear()  # it holds open files, which are no part of the memory
    integers.begin()
    shell.ast_transformers.append(integers.Widened())
    asyncio.set_event_loop_policy(EventLoops())
    asyncio._set_running_loop(None)  # Pyodide's, which is said to run always
    gc.collect()
    gc.freeze()


def serve() -> None:
    random.seed()  # the memory holds one state for all students
    np.random.seed()
    os.makedirs(SCRATCH, exist_ok=True)
    for place in ("/home/web_user", "/dev/shm/tmp"):  # what a browser's file system has
        with contextlib.suppress(OSError):
            os.rmdir(place)
    os.chdir(SCRATCH)
    sys.path.append("")  # last: a file called numpy.py replaces nothing
    student.serve(Device("/dev/line"), shell)
