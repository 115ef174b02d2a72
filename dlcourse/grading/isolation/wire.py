"""The line between the student's process and the grader's: calls, and values as encoding.py has them.

A message is a JSON header with the raw bytes of arrays behind it. What is no plain data stays in its process: the
other one gets a `Remote`, a name for it, by which it can be called there.
"""

import json
import math
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dlcourse.grading.isolation.encoding import LARGEST_MESSAGE, MOST_BUFFERS, Reader, TooLate, WireError, Writer
from dlcourse.grading.isolation.line import Line

LONGEST_HEAD = 8 << 20  # bytes of its JSON, which takes far more when it is read …
HEAD_IN_MEMORY = 30  # … and that is these times
MOST_GROWTH = 256 << 20  # bytes by which this process may grow by what one notebook sends
CHECK_WORK_EVERY = 0.1  # seconds after which the other end's work is looked at


class Gone(BaseException):
    """The other process has ended. No `except Exception` in a check may take this for a wrong answer."""


class RemoteError(Exception):
    """What a call in the other process has raised: the names of its types, its text, and the line it came from.

    value: what else the other end says of it, as data.
    """

    def __init__(self, types: list[str], text: str, line: str = "", name: str = "", value: Any = None) -> None:
        super().__init__(text)
        self.types, self.text, self.line, self.name, self.value = types, text, line, name, value


@dataclass(frozen=True)
class Reference:
    """Something that stays in the other process, and by what that one knows it.

    kind: "function", "class", "object", or what the sides agree on besides.
    of: the number of an object's class; 0 for none.
    value: what an object of a class on top of int, str and the like is, as plain data.
    """

    number: int
    name: str
    kind: str
    of: int = 0
    value: Any = None


class Peer:
    """One end of the line. Both ends may call, also while they answer a call (a student's function calls ours).

    allowed: what the other end may call here: operation → function(peer, *values).
    deadline: the time (time.monotonic) by which every answer must have come; None waits. See `limit`.
    most_memory: bytes that this process may use when much has been received; None sets no limit.
    """

    def __init__(self, line: Line, allowed: dict[str, Callable[..., Any]] | None = None) -> None:
        self.line = line
        self.allowed = allowed or {}
        self.deadline: float | None = None
        self.next_check = math.inf  # when to see next how much the other end has worked
        self.most_work = math.inf
        self.most_memory: int | None = None
        self.received = 0  # bytes, as they lie in memory
        self.remote: Callable[[Peer, Reference], Any] = no_remote
        self.number_of: Callable[[Any], int | None] = no_number
        self.kind_of: Callable[[Any], tuple[str, Any]] = kind_of
        self.library_name: Callable[[Any], tuple[str, str] | None] = no_name
        self.from_library: Callable[[str, str], Any] = nothing_from_libraries
        self.base_of: Callable[[Any], type | None] = no_name
        self.describe: Callable[[BaseException], dict[str, Any]] = describe_error
        self.value_of: Callable[[BaseException], Any] = no_value
        self.folders: tuple[str, str] | None = None  # this side's current one and the other's, in texts
        self.known: Any = None  # what its owner keeps of the other end
        self.kept: dict[int, Any] = {}  # number → our own object that the other end knows by it
        self.numbers: dict[int, int] = {}  # id of such an object → its number
        self.asked = 0
        self.unread = bytearray()

    def limit(self, clock: float, work: float = math.inf, worked: Callable[[], float] = lambda: 0.0) -> None:
        """Let answers come for so many seconds by the clock, and of the other end's work.

        worked: seconds that the processors have worked for the other end.
        """
        self.deadline = time.monotonic() + clock
        self.next_check = time.monotonic() + CHECK_WORK_EVERY if work < math.inf else math.inf
        self.worked, self.most_work = worked, worked() + work

    def extend(self, seconds: float) -> None:
        """Let answers come for so many seconds more."""
        self.deadline = (self.deadline or time.monotonic()) + seconds
        self.most_work += seconds

    # --- calls ----------------------------------------------------------------------------------

    def call(self, operation: str, *values: Any) -> Any:
        """The result of the operation in the other process.

        Raises
        ------
        RemoteError
            What the call raised there.
        Gone, TooLate, WireError
            When no answer came, came too late, or was no answer.
        """
        self.asked += 1
        number = self.asked
        self._send({"call": number, "operation": operation}, list(values))
        while True:
            head, buffers = self._receive()
            if "call" in head:
                self._answer(head, buffers)
            elif head.get("answer") == number:
                if "error" in head:
                    raise RemoteError(**safe_error(head["error"]), value=self._read_or_nothing(head, buffers))
                return self._read(head, buffers)
            # else: the answer to a call that was given up

    def serve(self) -> None:
        """Answer calls until the other end closes."""
        while True:
            try:
                head, buffers = self._receive()
            except Gone:
                return
            if "call" in head:
                self._answer(head, buffers)

    def _answer(self, head: dict[str, Any], buffers: list[bytes]) -> None:
        try:
            values = self._read(head, buffers)
            result = self.allowed[str(head["operation"])](self, *values)
            self._send({"answer": head["call"]}, result)
        except (Gone, TooLate):
            raise
        except BaseException as error:
            self._send({"answer": head["call"], "error": self.describe(error)}, self.value_of(error))

    # --- messages -------------------------------------------------------------------------------

    def _send(self, head: dict[str, Any], value: Any) -> None:
        writer = Writer(self._refer, self.base_of, self.folders)
        head["value"] = writer.write(value)
        head["sizes"] = [len(buffer) for buffer in writer.buffers]
        text = json.dumps(head).encode("utf-8", "surrogatepass")
        if len(text) > LONGEST_HEAD or len(text) + sum(head["sizes"]) > LARGEST_MESSAGE:
            raise WireError("値が大きすぎます。")
        message = memoryview(struct.pack("!I", len(text)) + text + b"".join(writer.buffers))
        while message:
            self._wait_for(writing=True)
            try:
                message = message[self.line.write(message) :]
            except OSError:
                raise Gone from None

    def _receive(self) -> tuple[dict[str, Any], list[bytes]]:
        (size,) = struct.unpack("!I", self._bytes(4))
        if size > LONGEST_HEAD:
            raise Gone  # nobody knows any more where the next message begins
        self._make_room(HEAD_IN_MEMORY * size)
        try:
            head = json.loads(self._bytes(size).decode("utf-8", "surrogatepass"))
            sizes = [int(part) for part in head["sizes"]]
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            raise Gone from None
        too_much = len(sizes) > MOST_BUFFERS or sum(sizes) > LARGEST_MESSAGE
        if not isinstance(head, dict) or too_much or min(sizes, default=0) < 0:
            raise Gone  # nobody knows any more where the next message begins
        self._make_room(sum(sizes))
        return head, [self._bytes(part) for part in sizes]

    def _make_room(self, size: int) -> None:
        """End the line when what has come is kept, and too much: list(x) of an x without end, say."""
        self.received += size
        # Asked for late: what a test has loaded by itself is not to be blamed on who has sent little.
        if self.most_memory is not None and self.received > MOST_GROWTH and memory_in_use() > self.most_memory:
            raise Gone

    def _bytes(self, count: int) -> bytes:
        while len(self.unread) < count:
            self._wait_for(writing=False)
            try:
                part = self.line.read()
            except OSError:
                part = b""
            if not part:
                raise Gone
            self.unread += part
        taken = bytes(self.unread[:count])
        del self.unread[:count]
        return taken

    def _wait_for(self, *, writing: bool) -> None:
        if self.deadline is None:
            return  # reading and writing wait by themselves
        ready = False
        while not ready:
            now = time.monotonic()
            if now >= self.deadline:
                raise TooLate  # also where there is something to read: it may be a flood that never ends
            if now >= self.next_check:
                self.next_check = now + CHECK_WORK_EVERY
                if self.worked() > self.most_work:
                    raise TooLate
            left = min(self.deadline, self.next_check) - now
            try:
                ready = self.line.wait(left, writing=writing)
            except ValueError:  # this end was closed meanwhile, in another thread
                raise Gone from None

    # --- functions and objects that stay where they are -------------------------------------------

    def _read(self, head: dict[str, Any], buffers: list[bytes]) -> Any:
        return Reader(buffers, self._resolve, self.deadline, self.folders).read(head.get("value"))

    def _read_or_nothing(self, head: dict[str, Any], buffers: list[bytes]) -> Any:
        try:
            return self._read(head, buffers)
        except WireError:
            return None

    def _refer(self, value: Any) -> dict[str, Any]:
        number = self.number_of(value)
        if number is not None:
            return {"yours": number}
        if named := self.library_name(value):
            return {"library": list(named)}
        kind, owner = self.kind_of(value)
        titled = value if kind in ("function", "class") else type(value)
        name = str(getattr(titled, "__name__", type(value).__name__))[:100]
        return {"mine": [self.keep(value), name, kind, 0 if owner is None else self.keep(owner)]}

    def keep(self, value: Any) -> int:
        """The number by which the other end knows it from now on."""
        if id(value) not in self.numbers:
            number = len(self.kept) + 1
            self.kept[number], self.numbers[id(value)] = value, number
        return self.numbers[id(value)]

    def _resolve(self, kind: str, body: Any) -> Any:
        if kind == "yours":
            return self.kept[int(body)]
        if kind == "mine":
            number, name, of_kind, owner = body
            return self.remote(self, Reference(int(number), str(name)[:100], str(of_kind)[:20], int(owner)))
        if kind == "dual":
            (number, name, of_kind, owner), value = body
            return self.remote(self, Reference(int(number), str(name)[:100], str(of_kind)[:20], int(owner), value))
        if kind == "library":
            return self.from_library(str(body[0]), str(body[1]))
        raise WireError("知らない種類の値です。")


def memory_in_use() -> int:
    """Bytes of memory that this process occupies. The grader's side only: a student's process has no psutil."""
    import psutil

    size: int = psutil.Process().memory_info().rss
    return size


def no_remote(peer: Peer, reference: Reference) -> Any:
    """What stands here for a function or an object of the other end; each side says what."""
    raise WireError("関数は受け取れません。")


def no_number(value: Any) -> int | None:
    """By which the other end knows what stands here for something of its own; None of everything else."""
    return None


def no_name(value: Any) -> None:
    """Of a module, function or class that the other process has, too: its module and name."""
    return None


def nothing_from_libraries(module: str, name: str) -> Any:
    raise WireError("名前だけでは受け取れません。")


def no_value(error: BaseException) -> Any:
    """What is said of an error besides its description."""
    return None


def kind_of(value: Any) -> tuple[str, Any]:
    """What something that stays here is, and its class where the other end may ask about it."""
    return ("class" if isinstance(value, type) else "function" if callable(value) else "object"), None


def describe_error(error: BaseException) -> dict[str, Any]:
    """Only the kind, down to the built-in one: the text of one of our errors could tell what was expected."""
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return {
        "types": kinds[: kinds.index("Exception")] or ["Exception"] if "Exception" in kinds else kinds[:1],
        "text": "",
        "line": "",
        "name": "",
    }


def safe_error(given: Any) -> dict[str, Any]:
    """The parts of an error, whatever the other end has made of it."""
    given = given if isinstance(given, dict) else {}

    def part(value: Any, longest: int) -> str:
        return value[:longest] if isinstance(value, str) else ""

    types = given.get("types")
    return {
        "types": [part(name, 100) for name in types[:20]] if isinstance(types, list) and types else ["Error"],
        "text": part(given.get("text"), 2000),
        # one line: what follows it is the check's own
        "line": " ".join(part(given.get("line"), 300).split()),
        "name": part(given.get("name"), 100),
    }
