"""One notebook's process, seen from the grader."""

import base64
import contextlib
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from dlcourse.grading.display.pictures import LONGEST_DRAWING, PictureBudget
from dlcourse.grading.isolation import exposure
from dlcourse.grading.isolation.encoding import TooLate
from dlcourse.grading.isolation.folders import remove_tree
from dlcourse.grading.isolation.forkserver import statistics_of, work_in, work_of
from dlcourse.grading.isolation.outputs import clean_outputs
from dlcourse.grading.isolation.proxies import StudentObject, number_of
from dlcourse.grading.isolation.questions import allowed
from dlcourse.grading.isolation.student_classes import class_of_library, make_remote
from dlcourse.grading.isolation.wire import Gone, Peer

# A thread that is not confined with this process, when it has begun before (Sandbox.confine_the_tests): the tests
# have no say in what it does, and it looks into /proc.
OUTSIDE = ThreadPoolExecutor(1)
PATIENCE = 2.0  # seconds in which an interrupted cell has to stop
TRANSFER = 20.0  # seconds for files and pictures, which take a hundredth of them where nothing else goes on


class StudentProcess:
    """One notebook's process, seen from the grader."""

    def __init__(self, connection: socket.socket, process: int, scratch: Path) -> None:
        self.peer = Peer(connection)
        self.peer.remote, self.peer.number_of, self.peer.kind_of = make_remote, number_of, exposure.kind_of
        self.peer.library_name, self.peer.from_library = exposure.library_name, class_of_library
        self.peer.base_of = lambda value: object if issubclass(type(value), StudentObject) else None
        self.process, self.scratch = process, scratch
        self.statistics: int | None = None  # the open file on the innermost process, in which the cells run

    def worked(self) -> float:
        """Seconds that the processors have worked for it, all of its threads together; 0 where that is not known."""
        if self.statistics is None:
            return OUTSIDE.submit(self.look_up_work).result()
        try:
            return work_in(os.pread(self.statistics, 4096, 0))[0]
        except OSError:  # it has ended
            return 0.0

    def look_up_work(self) -> float:
        cells = innermost_process(self.process)
        if self.peer.received:  # it has answered, so all of the row is there
            with contextlib.suppress(OSError):  # it has ended; worked() asks again
                self.statistics = os.open(statistics_of(cells), os.O_RDONLY)
        return work_of(cells)[0]

    def allow(self, work: float, clock: float) -> None:
        """From now on it may make the processors work for so many seconds, and take so many by the clock."""
        self.peer.limit(clock, work, self.worked)

    def run(self, source: str, pictures_left: PictureBudget | None = None) -> list[dict[str, Any]]:
        """The outputs of a cell.

        pictures_left: what the notebook may still show; drawing takes its time from it, not from the cell's.

        Raises
        ------
        TooLate
            When it does not end in the time that was allowed; it runs on until `interrupt`.
        Gone
            When the cell has ended the process, or had to be ended with it.
        """
        self.pictures_left = pictures_left or PictureBudget(0, 0, 0.0)
        last = self.worked()

        def drawn(peer: Peer, took: float) -> None:
            nonlocal last
            now = self.worked()
            granted = max(0.0, min(float(took), now - last, LONGEST_DRAWING, self.pictures_left.drawing))
            last, self.pictures_left.drawing = now, self.pictures_left.drawing - granted
            peer.extend(granted)

        self.peer.allowed = allowed() | {"drawn": drawn}  # the cell may use a function that a test has defined
        try:
            answer = self.peer.call("run", source)
        except Exception:  # an answer that is none: the process is not to be talked with any more
            self.kill()
            raise Gone from None
        return self.as_outputs(answer)

    def as_outputs(self, answer: Any) -> list[dict[str, Any]]:
        """The outputs of a cell, of what the process has answered."""
        try:
            outputs, sizes = answer
            return clean_outputs(outputs, lambda number: self.picture(number, sizes[number], self.pictures_left))
        except (TooLate, Exception):
            self.kill()
            raise Gone from None

    def picture(self, number: int, size: int, pictures_left: PictureBudget) -> str:
        """One of the cell's pictures in base64.

        Raises
        ------
        NotShown
            When the notebook has no pictures_left for it.
        """
        pictures_left.take(int(size))
        self.peer.limit(TRANSFER)
        content = self.peer.call("picture", number).tobytes()
        if len(content) != size:
            raise ValueError(f"a picture of {len(content)} bytes instead of {size}")
        return base64.b64encode(content).decode()

    def put(self, files: dict[str, bytes]) -> None:
        """Lay files beside the notebook."""
        self.peer.limit(TRANSFER)
        for name, content in files.items():
            try:
                self.peer.call("put", name, np.frombuffer(content, np.uint8))
            except (TooLate, Exception):
                pass  # the cell that misses it says so

    def interrupt(self) -> Any:
        """Stop what is running; its answer."""
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
        try:
            os.kill(self.process, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def close(self) -> None:
        self.kill()
        self.peer.connection.close()
        if self.statistics is not None:
            os.close(self.statistics)
            self.statistics = None
        remove_tree(self.scratch)


def innermost_process(process: int) -> int:
    """The last of a row of processes, each the only child of the one before."""
    with contextlib.suppress(OSError):
        while children := Path(f"/proc/{process}/task/{process}/children").read_text().split():
            process = int(children[0])
    return process
