"""What carries the messages of wire.py between two processes: bytes in, bytes out, and a wait with an end."""

import os
import select
import socket
from typing import Protocol

PART = 1 << 16  # bytes that are read or written at once: a whole message, mostly


class Line(Protocol):
    """One end. `read` and `write` wait where nothing can be read or written; `wait` says beforehand whether they do."""

    def read(self) -> bytes:
        """What has come; nothing when the other end is closed."""

    def write(self, content: memoryview) -> int:
        """Send the beginning of the content; how many bytes of it. An OSError when the other end is closed."""

    def wait(self, seconds: float, *, writing: bool) -> bool:
        """Whether there is something to read, or room to write, before so many seconds have gone by."""

    def close(self) -> None:
        """The other end learns of it."""


class SocketLine:
    """Over a socket of this machine's."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def read(self) -> bytes:
        return os.read(self.connection.fileno(), PART)

    def write(self, content: memoryview) -> int:
        # no send(): inside the sandbox that system call is refused
        return os.write(self.connection.fileno(), content[:PART])

    def wait(self, seconds: float, *, writing: bool) -> bool:
        ends = [self.connection]
        return any(select.select([] if writing else ends, ends if writing else [], [], seconds))

    def close(self) -> None:
        self.connection.close()
