"""The line to a process over its standard input and output.

Pipes can't be asked on every system whether they have something, so a thread waits at either end: one holds what has
come, and no more than MOST_AHEAD of it, the other what is to leave.
"""

import os
import subprocess
import threading
from collections import deque

from dlcourse.grading.isolation.line import PART

MOST_AHEAD = 64  # parts that are read before anybody asks for them


class PipeLine:
    """The grader's end of the line to a process, which has been started with pipes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin and process.stdout
        self.stdin, self.stdout = process.stdin, process.stdout
        self.changed = threading.Condition()
        self.come: deque[bytes] = deque()
        self.leaving = b""
        self.closed = False  # … at the other end, or here
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.receive, self.send)]
        for thread in self.threads:
            thread.start()

    # --- the two threads ----------------------------------------------------------------------------

    def receive(self) -> None:
        while True:
            try:
                part = os.read(self.stdout.fileno(), PART)
            except (OSError, ValueError):  # ValueError: closed here meanwhile
                part = b""
            with self.changed:
                if not part:
                    self.closed = True
                self.come.append(part)
                self.changed.notify_all()
                if not part or not self.changed.wait_for(lambda: len(self.come) < MOST_AHEAD or self.closed):
                    return

    def send(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.leaving or self.closed)
                if self.closed:
                    return
                part = self.leaving
            try:
                sent = os.write(self.stdin.fileno(), part)
            except (OSError, ValueError):
                sent = 0
            with self.changed:
                self.leaving = self.leaving[sent:]
                self.closed = self.closed or sent == 0
                self.changed.notify_all()

    # --- a Line -------------------------------------------------------------------------------------

    def read(self) -> bytes:
        with self.changed:
            self.changed.wait_for(lambda: self.come or self.closed)
            part = self.come.popleft() if self.come else b""
            self.changed.notify_all()
            return part

    def write(self, content: memoryview) -> int:
        with self.changed:
            self.changed.wait_for(lambda: not self.leaving or self.closed)
            if self.closed:
                raise BrokenPipeError
            self.leaving = bytes(content[:PART])
            self.changed.notify_all()
            return len(self.leaving)

    def wait(self, seconds: float, *, writing: bool) -> bool:
        with self.changed:
            return self.changed.wait_for(
                lambda: self.closed or (not self.leaving if writing else bool(self.come)), seconds
            )

    def close(self) -> None:
        """The process has ended: neither thread waits for it any longer, nor uses numbers that become another's."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        for thread in self.threads:
            thread.join()
