"""One notebook's process, seen from the grader, whichever engine has started it."""

import base64
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from dlcourse.grading.display.pictures import LONGEST_DRAWING, PictureBudget
from dlcourse.grading.isolation import exposure
from dlcourse.grading.isolation.encoding import TooLate
from dlcourse.grading.isolation.line import Line
from dlcourse.grading.isolation.outputs import clean_outputs
from dlcourse.grading.isolation.proxies import StudentObject, number_of
from dlcourse.grading.isolation.questions import allowed
from dlcourse.grading.isolation.student_classes import class_of_library, make_remote
from dlcourse.grading.isolation.wire import Gone, Peer

TRANSFER = 20.0  # seconds for files and pictures, which take a hundredth of them where nothing else goes on


class StudentProcess(ABC):
    """scratch: the folder in which it works, as it calls it.

    can_be_interrupted: whether a cell can be stopped and the process go on. Else it ends with the cell.
    """

    can_be_interrupted = True

    def __init__(self, line: Line, scratch: str) -> None:
        self.peer = Peer(line)
        self.peer.remote, self.peer.number_of, self.peer.kind_of = make_remote, number_of, exposure.kind_of
        self.peer.library_name, self.peer.from_library = exposure.library_name, class_of_library
        self.peer.base_of = lambda value: object if issubclass(type(value), StudentObject) else None
        self.scratch = scratch

    # --- what each engine does in its own way -------------------------------------------------------

    @abstractmethod
    def worked(self) -> float:
        """Seconds that the processors have worked for it, all of its threads together; 0 where that is not known."""

    @abstractmethod
    def interrupt(self) -> Any:
        """Stop what is running; its answer.

        Raises
        ------
        Gone
            When the process had to be ended with it.
        """

    @abstractmethod
    def kill(self) -> None:
        """End it, whatever it does."""

    @abstractmethod
    def close(self) -> None:
        """End it, and remove what it has left."""

    # --- what they share ------------------------------------------------------------------------------

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
