"""What crosses between the student's process and the grader's: plain data, and calls. Never code, never pickle.

A message is a JSON header with the raw bytes of arrays behind it. Reading one can only make built-in values,
plain NumPy arrays and numbers, random generators, and `Remote`s: names for functions and objects that stay in
the other process and can be called there.
"""

import datetime
import json
import math
import os
import select
import socket
import struct
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from dlcourse.checks.values import CONTAINERS, MOST_AXES, MOST_MEMBERS, NoValue, bare

LARGEST = 16 << 20  # bytes of one message
LONGEST_HEAD = 8 << 20  # bytes of its JSON, which takes far more when it is read …
HEAD_IN_MEMORY = 30  # … and that is these times
MOST_GROWTH = 256 << 20  # bytes by which this process may grow by what one notebook sends
LONGEST_INTEGER = 1000  # hexadecimal digits: one operation with a longer one may take minutes
DEEPEST = 30
MOST = 200_000  # values in one message
MOST_BUFFERS = 4096
KINDS = "biufcSU"  # of NumPy's types: no objects, no records, no dates
GENERATORS = {"PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"}
LONGEST_NUMBER = 500  # digits of a Fraction or Decimal
TEXTS = {Fraction, Decimal, datetime.date, datetime.time, datetime.datetime}  # values that their text says exactly
EXACT = 2**53  # above it JSON readers may round


class WireError(Exception):
    """The message holds what may not cross."""


class Gone(BaseException):
    """The other process has ended. No `except Exception` in a check may take this for a wrong answer."""


class TooLate(BaseException):
    """The time for the call is over."""


class RemoteError(Exception):
    """What a call in the other process has raised: the names of its types, its text, and the line it came from."""

    def __init__(self, types: list[str], text: str, line: str = "", name: str = "") -> None:
        super().__init__(text)
        self.types, self.text, self.line, self.name = types, text, line, name


class Remote:
    """A function or an object of the other process."""

    def __init__(self, peer: "Peer", number: int, name: str) -> None:
        self._peer, self._number, self.__name__ = peer, number, name

    def __repr__(self) -> str:
        return f"<{self.__name__}>"


class Row(tuple[Any, ...]):
    """A named tuple: its values can be asked for by their names as well."""

    fields: list[str]

    def __getattr__(self, name: str) -> Any:
        fields = self.__dict__.get("fields", [])
        if name not in fields or name.startswith("__"):
            raise AttributeError(name)
        return self[fields.index(name)]


class Whole:
    """A value that crosses as a whole, or stays where it is, as an object, when it is too large or too deep."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Writer:
    """Makes one message: `tree` is the JSON, `buffers` the bytes behind it."""

    def __init__(self, refer: Callable[[Any], dict[str, Any]]) -> None:
        self.refer = refer
        self.buffers: list[bytes | memoryview] = []
        self.count = self.size = 0

    def charge(self, depth: int, count: int = 1, size: int = 0) -> None:
        self.count += count
        self.size += size
        if depth > DEEPEST or self.count > MOST or self.size > LARGEST:
            raise WireError("値が大きすぎるか、深すぎます。")

    def whole(self, value: Any, depth: int) -> Any:
        before = len(self.buffers), self.count, self.size
        try:
            return self.write(value, depth)
        except WireError:
            buffers, self.count, self.size = before
            del self.buffers[buffers:]
            return self.refer(value)

    def write(self, value: Any, depth: int = 0) -> Any:
        self.charge(depth)
        if type(value) is Whole:
            return self.whole(value.value, depth)
        fields = getattr(type(value), "_fields", None)
        if issubclass(type(value), tuple) and isinstance(fields, tuple):
            return {"named": [[str(name) for name in fields], [self.write(item, depth + 1) for item in bare(value)]]}
        if not callable(value):  # what is a value and a function: as the function it can be used in both ways
            value = bare(value)
        if type(value) is str:
            self.charge(depth, 0, len(value))
        if value is None or type(value) in (bool, str, float):
            return value
        if type(value) is int:
            if value.bit_length() > 4 * (LONGEST_INTEGER - 3):
                return self.refer(value)
            return value if abs(value) < EXACT else {"int": hex(value)}
        if type(value) is np.matrix:
            return {"matrix": self.write(np.asarray(value), depth)}
        if type(value) is np.ndarray:
            return self.array(value)
        if isinstance(value, np.generic) and value.dtype.kind in KINDS:
            return {"number": [value.dtype.str, value.tobytes().hex()]}
        if type(value) is np.random.Generator:
            return {"generator": state_to_json(value.bit_generator.state)}
        if type(value) is range:
            if max(map(abs, (value.start, value.stop, value.step))) >= EXACT:
                return self.refer(value)
            self.charge(depth, len(value))  # NumPy will write it out
            return {"range": [value.start, value.stop, value.step]}
        if type(value) is complex:
            return {"complex": [value.real, value.imag]}
        if type(value) is bytes:
            self.charge(depth, 0, 2 * len(value))
            return {"bytes": value.hex()}
        if type(value) is NoValue:
            return {"no value": [value.kind, value.text, value.callable, value.too_much]}
        if isinstance(value, np.dtype) and value.kind in KINDS:
            return {"dtype": value.str}
        if isinstance(value, type) and issubclass(value, np.generic) and getattr(np, value.__name__, None) is value:
            return {"scalar type": value.__name__}
        if type(value) in TEXTS and not getattr(value, "fold", 0):
            self.charge(depth, 20)  # to read one takes as long as to read so many others
            text = str(value)
            return {type(value).__name__: text} if len(text) <= LONGEST_NUMBER else self.refer(value)
        if type(value) in CONTAINERS and len(value) > (MOST if type(value) in (list, tuple) else MOST_MEMBERS):
            raise WireError("要素が多すぎます。")
        if type(value) is dict:
            return {"dict": [[self.write(key, depth + 1), self.write(item, depth + 1)] for key, item in value.items()]}
        if type(value) in CONTAINERS:
            return {type(value).__name__: [self.write(item, depth + 1) for item in value]}
        return self.refer(value)

    def array(self, array: Any) -> dict[str, Any]:
        elements = math.prod(size or 1 for size in array.shape)  # sums over an axis without any are as large
        if len(self.buffers) >= MOST_BUFFERS or array.ndim > MOST_AXES or elements > LARGEST:
            raise WireError("配列が多すぎるか、大きすぎます。")
        if array.dtype == object:
            return {"objects": [list(array.shape), [self.write(item, 1) for item in array.ravel().tolist()]]}
        if array.dtype.kind not in KINDS:
            return self.refer(array)
        self.charge(0, 1, array.nbytes)
        self.buffers.append(np.ascontiguousarray(array).tobytes())
        place = len(self.buffers) - 1
        return {"array": [array.dtype.str, list(array.shape), place, bool(array.flags.writeable)]}


class Reader:
    """Reads one message back."""

    def __init__(self, buffers: list[bytes], resolve: Callable[[str, Any], Any]) -> None:
        # Each is read once: named a thousand times, it would be copied a thousand times.
        self.buffers, self.resolve = dict(enumerate(buffers)), resolve
        self.count = 0

    def read(self, tree: Any) -> Any:
        try:
            return self._read(tree, 0)
        except WireError:
            raise
        except Exception as error:  # whatever is wrong with it, it is the message that is wrong
            raise WireError(f"読めない値です({type(error).__name__})。") from None

    def _read(self, tree: Any, depth: int) -> Any:
        self.count += 1
        self._within(tree)
        if depth > DEEPEST:
            raise WireError("値が深すぎます。")
        if tree is None or isinstance(tree, bool | str | float | int):
            return tree
        ((kind, body),) = tree.items()
        match kind:
            case "int":
                if len(body) > LONGEST_INTEGER:
                    raise WireError("整数が大きすぎます。")
                return int(body, 16)
            case "complex":
                return complex(float(body[0]), float(body[1]))
            case "bytes":
                return bytes.fromhex(body)
            case "no value":
                return NoValue(str(body[0])[:100], str(body[1])[:300], bool(body[2]), bool(body[3]))
            case "matrix":
                return self.array(*body["array"]).view(np.matrix)
            case "Fraction" | "Decimal" if len(body) <= LONGEST_NUMBER:
                number = Fraction(body) if kind == "Fraction" and "e" not in body.lower() else Decimal(body)
                if isinstance(number, Decimal) and number.is_finite() and abs(number.adjusted()) > LONGEST_NUMBER:
                    raise WireError("数が大きすぎます。")
                return number
            case "date" | "time" | "datetime":
                return getattr(datetime, kind).fromisoformat(body)
            case "range":
                made = range(*(int(part) for part in body))
                self.count += len(made)  # NumPy will write it out
                return self._within(made)
            case "number":
                return np.frombuffer(bytes.fromhex(body[1]), safe_dtype(body[0]))[0]
            case "dtype":
                return safe_dtype(body)
            case "scalar type":
                found = getattr(np, str(body))
                if not (isinstance(found, type) and issubclass(found, np.generic)):
                    raise WireError("NumPy の型ではありません。")
                return found
            case "array":
                return self.array(*body)
            case "objects":
                items = [self._read(item, depth + 1) for item in body[1]]
                array = np.empty(len(items), dtype=object)
                array[:] = items
                return array.reshape([int(size) for size in body[0]])
            case "generator":
                return generator_from_json(body)
            case "dict":
                return {self._read(key, depth + 1): self._read(item, depth + 1) for key, item in body}
            case "named":
                row = Row(self._read(item, depth + 1) for item in body[1])
                row.fields = [str(name) for name in body[0]]
                return row
            case "list" | "tuple" | "set" | "frozenset":
                make = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind]
                return make(self._read(item, depth + 1) for item in body)
        return self.resolve(kind, body)

    def _within(self, value: Any) -> Any:
        if self.count > MOST:
            raise WireError("値が大きすぎます。")
        return value

    def array(self, dtype: str, shape: list[int], place: int, writeable: bool) -> Any:
        flat = np.frombuffer(self.buffers.pop(place), safe_dtype(dtype)).copy()
        sizes = [int(size) for size in shape]
        if min(sizes, default=0) < 0 or math.prod(sizes) != flat.size:
            raise WireError("配列の形と大きさが合いません。")
        array = flat.reshape(sizes)
        array.flags.writeable = bool(writeable)
        return array


def safe_dtype(name: str) -> Any:
    dtype = np.dtype(str(name))
    if dtype.kind not in KINDS or dtype.itemsize > 4096:
        raise WireError("受け取れない型です。")
    return dtype


def state_to_json(state: Any) -> Any:
    """The numbers in a generator's state are larger than JSON's."""
    if isinstance(state, dict):
        return {key: state_to_json(value) for key, value in state.items()}
    if isinstance(state, np.ndarray):
        return {"array": [int(value) for value in state]}
    return hex(state) if isinstance(state, int) else state


def generator_from_json(state: dict[str, Any]) -> np.random.Generator:
    def back(part: Any) -> Any:
        if isinstance(part, dict):
            if set(part) == {"array"}:
                return np.array([int(value) for value in part["array"]], dtype=np.uint64)
            return {key: back(value) for key, value in part.items()}
        return int(part, 16) if isinstance(part, str) and part.startswith("0x") else part

    if state["bit_generator"] not in GENERATORS:
        raise WireError("知らない乱数です。")
    bits = getattr(np.random, state["bit_generator"])(0)
    bits.state = back(state)
    return np.random.Generator(bits)


class Peer:
    """One end of the line. Both ends may call, also while they answer a call (a student's function calls ours).

    allowed: what the other end may call here: operation → function(peer, *values).
    deadline: the time (time.monotonic) by which every answer must have come; None waits.
    most_memory: bytes that this process may use when much has been received; None sets no limit.
    """

    def __init__(self, connection: socket.socket, allowed: dict[str, Callable[..., Any]] | None = None) -> None:
        self.connection = connection
        self.allowed = allowed or {}
        self.deadline: float | None = None
        self.most_memory: int | None = None
        self.received = 0  # bytes, as they lie in memory
        self.remote: Callable[[Peer, int, str, bool], Any] = no_remote
        self.describe: Callable[[BaseException], dict[str, Any]] = describe_error
        self.kept: dict[int, Any] = {}  # number → our own object that the other end knows by it
        self.numbers: dict[int, int] = {}  # id of such an object → its number
        self.asked = 0
        self.unread = bytearray()

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
                    raise RemoteError(**safe_error(head["error"]))
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
            self._send({"answer": head["call"], "error": self.describe(error)}, None)

    # --- messages -------------------------------------------------------------------------------

    def _send(self, head: dict[str, Any], value: Any) -> None:
        writer = Writer(self._refer)
        head["value"] = writer.write(value)
        head["sizes"] = [len(buffer) for buffer in writer.buffers]
        text = json.dumps(head).encode("utf-8", "surrogatepass")
        if len(text) > LONGEST_HEAD or len(text) + sum(head["sizes"]) > LARGEST:
            raise WireError("値が大きすぎます。")
        message = memoryview(struct.pack("!I", len(text)) + text + b"".join(writer.buffers))
        while message:
            self._wait_for(writing=True)
            try:
                # no send(): inside the sandbox that system call is refused
                message = message[os.write(self.connection.fileno(), message[: 1 << 16]) :]
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
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Gone from None
        if not isinstance(head, dict) or len(sizes) > MOST_BUFFERS or min(sizes, default=0) < 0 or sum(sizes) > LARGEST:
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
                # a whole message at once, mostly: a test makes hundreds of calls
                part = os.read(self.connection.fileno(), 1 << 16)
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
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TooLate  # also where there is something to read: it may be a flood that never ends
        ends = [self.connection]
        try:
            ready = any(select.select([] if writing else ends, ends if writing else [], [], left))
        except ValueError:  # this end was closed meanwhile, in another thread
            raise Gone from None
        if not ready:
            raise TooLate

    # --- functions and objects that stay where they are -------------------------------------------

    def _read(self, head: dict[str, Any], buffers: list[bytes]) -> Any:
        return Reader(buffers, self._resolve).read(head.get("value"))

    def _refer(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Remote) and value._peer is self:
            return {"yours": value._number}
        if id(value) not in self.numbers:
            number = len(self.kept)
            self.kept[number], self.numbers[id(value)] = value, number
        name = str(getattr(value, "__name__", type(value).__name__))[:100]
        return {"mine": [self.numbers[id(value)], name, callable(value)]}

    def _resolve(self, kind: str, body: Any) -> Any:
        if kind == "yours":
            return self.kept[int(body)]
        if kind == "mine":
            return self.remote(self, int(body[0]), str(body[1])[:100], bool(body[2]))
        raise WireError("知らない種類の値です。")


def memory_in_use() -> int:
    """Bytes of memory that this process occupies."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def no_remote(peer: Peer, number: int, name: str, can_be_called: bool) -> Any:
    """What stands here for a function or an object of the other end; each side says what."""
    raise WireError("関数は受け取れません。")


def describe_error(error: BaseException) -> dict[str, Any]:
    """Only the kind, down to the built-in one: the text of one of our errors could tell what was expected."""
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return {"types": kinds[: kinds.index("Exception")] or ["Exception"] if "Exception" in kinds else kinds[:1],
            "text": "", "line": "", "name": ""}


def safe_error(given: Any) -> dict[str, Any]:
    """The parts of an error, whatever the other end has made of it."""
    given = given if isinstance(given, dict) else {}
    types = given.get("types")
    return {
        "types": [str(name)[:100] for name in types[:20]] if isinstance(types, list) and types else ["Error"],
        "text": str(given.get("text", ""))[:2000],
        "line": " ".join(str(given.get("line", ""))[:300].split()),  # one line: what follows it is the check's own
        "name": str(given.get("name", ""))[:100],
    }
