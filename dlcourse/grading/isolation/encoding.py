"""Values as they cross between the student's process and the grader's: a JSON tree with the raw bytes of arrays.

Reading one can only make built-in values, plain NumPy arrays and numbers, random generators, and what `resolve` makes
of names for functions and objects that stay in the other process. Never code, never pickle.
"""

import datetime
import math
import re
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from dlcourse.checks.values import BARE, CONTAINERS, MOST_AXES, MOST_MEMBERS, NoValue, bare
from dlcourse.grading.isolation.further_values import MADE, taken_apart

LARGEST_MESSAGE = 16 << 20  # bytes of one message
LONGEST_INTEGER = 1000  # hexadecimal digits: one operation with a longer one may take minutes
DEEPEST = 30
MOST_VALUES = 200_000  # values in one message
MOST_ALIKE = 10  # members of a set, or keys, with the same hash: each is compared with all others
LARGEST_ARRAY = LARGEST_MESSAGE  # elements, where an axis without any counts as one: sums over it are as large
LONGEST_LABEL = 100  # characters of a type's, an operation's or a date's text
MOST_BUFFERS = 4096
CHECK_TIME_EVERY = 1000  # values after which the time is looked at
KINDS = "biufcSUmM"  # of NumPy's types: no objects, no records
TYPE = re.compile(
    r"[<>|=]?(?:[biufcSU][0-9]{1,4}|[mM]8(?:\[[0-9]{0,4}[A-Za-z]{1,2}\])?)"
)  # NumPy reads much more, some of it slowly
SCALAR_TYPES = {name for name, kind in vars(np).items() if isinstance(kind, type) and issubclass(kind, np.generic)}
GENERATORS = {"PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"}
LONGEST_NUMBER = 500  # digits of a Fraction or Decimal
TEXTS = {Fraction, Decimal, datetime.date, datetime.time, datetime.datetime}  # values that their text says exactly
PLAINEST = {bool, int, float, str, list, dict, tuple, type(None), np.ndarray}  # most values; no others are looked up
# As the kinds of values are called in a message.
CONTAINER_KINDS = {"array", "matrix", "objects", "dict", "named", "list", "tuple", "set", "frozenset"}
MUTABLE = (list, dict, set)
EXACT = 2**53  # above it JSON readers may round


class WireError(Exception):
    """The message holds what may not cross."""


class TooLate(BaseException):
    """The time for the call is over."""


class NamedRow(tuple[Any, ...]):
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
    """Makes one message: `tree` is the JSON, `buffers` the bytes behind it.

    folders: this side's current folder and the other's, which stands for it in texts.
    """

    def __init__(
        self, refer: Callable[[Any], dict[str, Any]], base_of: Callable[[Any], type | None] = lambda value: None,
        folders: tuple[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.refer, self.base_of, self.folders = refer, base_of, folders
        self.buffers: list[bytes | memoryview] = []
        self.count = self.size = 0
        # Lists and dictionaries that are written, with how many values each has: what stands in two places of a message
        # is one thing on the other side, too.
        self.written: list[tuple[Any, int]] = []
        self.places: dict[int, int] = {}  # id → place in that list

    def charge(self, depth: int, count: int = 1, size: int = 0) -> None:
        self.count += count
        self.size += size
        if depth > DEEPEST or self.count > MOST_VALUES or self.size > LARGEST_MESSAGE:
            raise WireError("値が大きすぎるか、深すぎます。")

    def whole(self, value: Any, depth: int) -> Any:
        before = len(self.buffers), self.count, self.size
        written = len(self.written)
        try:
            return self.write(value, depth)
        except WireError:
            buffers, self.count, self.size = before
            del self.buffers[buffers:]
            for one, _ in self.written[written:]:
                self.places.pop(id(one), None)
            del self.written[written:]
            return self.refer(value)

    def write(self, value: Any, depth: int = 0) -> Any:
        self.charge(depth)
        # First what nearly all messages are made of.
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is np.ndarray:
            return self.array(value)
        if (kind is list and len(value) <= MOST_VALUES) or (kind is dict and len(value) <= MOST_MEMBERS):
            return self.shared(value, depth)
        if kind is Whole:
            return self.whole(value.value, depth)
        if type(value) not in PLAINEST and (further := taken_apart(value)):
            name, parts = further
            return {name: self.write(parts, depth + 1)}
        if type(value) not in PLAINEST and (base := self.base_of(value)):
            referred = self.refer(value)
            if base in MUTABLE or "mine" not in referred:
                return referred
            return {"dual": [referred["mine"], self.write(BARE[base](value), depth + 1)]}
        fields = getattr(type(value), "_fields", None)
        if issubclass(type(value), tuple) and isinstance(fields, tuple):
            return {"named": [[str(name) for name in fields], [self.write(item, depth + 1) for item in bare(value)]]}
        if not callable(value):  # what is a value and a function: as the function it can be used in both ways
            value = bare(value)
        if type(value) is str:
            self.charge(depth, 0, len(value))
            if self.folders and self.folders[0] in value:
                return value.replace(*self.folders)
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
        if isinstance(value, type) and issubclass(value, np.generic):
            name = str(value.__name__)
            return {"scalar type": name} if getattr(np, name, None) is value else self.refer(value)
        if type(value) in TEXTS and not getattr(value, "fold", 0):
            self.charge(depth, 20)  # to read one takes as long as to read so many others
            text = str(value)
            return {type(value).__name__: text} if len(text) <= LONGEST_NUMBER else self.refer(value)
        if type(value) in CONTAINERS and len(value) > (MOST_VALUES if type(value) in (list, tuple) else MOST_MEMBERS):
            raise WireError("要素が多すぎます。")
        if type(value) in (dict, list):
            return self.shared(value, depth)
        if type(value) in CONTAINERS:
            return {type(value).__name__: [self.write(item, depth + 1) for item in value]}
        return self.refer(value)

    def shared(self, value: Any, depth: int) -> dict[str, Any]:
        """A list or a dictionary, which may stand in the message already."""
        if id(value) in self.places:
            place = self.places[id(value)]
            self.charge(depth, self.written[place][1])
            return {"again": place}
        before = self.count
        made: Any = (
            [[self.write(key, depth + 1), self.write(item, depth + 1)] for key, item in value.items()]
            if type(value) is dict
            else [self.write(item, depth + 1) for item in value]
        )
        self.places[id(value)] = len(self.written)
        self.written.append((value, self.count - before))
        return {type(value).__name__: made}

    def array(self, array: Any) -> dict[str, Any]:
        elements = math.prod(size or 1 for size in array.shape)  # sums over an axis without any are as large
        if len(self.buffers) >= MOST_BUFFERS or array.ndim > MOST_AXES or elements > LARGEST_MESSAGE:
            raise WireError("配列が多すぎるか、大きすぎます。")
        if array.dtype == object:
            return {"objects": [list(array.shape), [self.write(item, 1) for item in array.ravel().tolist()]]}
        if array.dtype.kind not in KINDS:
            return self.refer(array)
        self.charge(0, 1, array.nbytes)
        columns_first = array.flags.f_contiguous and not array.flags.c_contiguous
        self.buffers.append(array.tobytes("F" if columns_first else "C"))
        place = len(self.buffers) - 1
        about = [array.dtype.str, list(array.shape), place, bool(array.flags.writeable)]
        return {"array": [*about, "F"] if columns_first else about}


class Reader:
    """Reads one message back. What it costs is bounded before it is done; the other end may be a student's.

    deadline: the time (time.monotonic) by which it must be read; None sets no limit.
    folders: as the Writer's.
    """

    def __init__(
        self, buffers: list[bytes], resolve: Callable[[str, Any], Any], deadline: float | None = None,
        folders: tuple[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.folders = folders
        # Each is read once: named a thousand times, it would be copied a thousand times.
        self.buffers, self.resolve, self.deadline = dict(enumerate(buffers)), resolve, deadline
        self.count = 0
        self.made: list[tuple[Any, int]] = []  # lists and dictionaries, as the Writer counts them
        self.next_check = CHECK_TIME_EVERY  # the count at which the time is looked at

    def read(self, tree: Any) -> Any:
        try:
            return self._read(tree, 0)
        except WireError:
            raise
        except Exception as error:  # whatever is wrong with it, it is the message that is wrong
            raise WireError(f"読めない値です({type(error).__name__})。") from None

    def _read(self, tree: Any, depth: int) -> Any:
        self._charge(1)
        if depth > DEEPEST:
            raise WireError("値が深すぎます。")
        if isinstance(tree, str) and self.folders and self.folders[1] in tree:
            return tree.replace(self.folders[1], self.folders[0])
        if tree is None or isinstance(tree, bool | str | float):
            return tree
        if isinstance(tree, int):
            return small(tree)
        ((kind, body),) = tree.items()
        if kind in MADE:
            return MADE[kind](self._read(body, depth + 1))
        if kind == "dual":
            return self.resolve(kind, [body[0], self._read(body[1], depth + 1)])
        if kind in ("list", "dict"):
            before = self.count
            made = self._container(kind, body, depth)
            self.made.append((made, self.count - before))
            return made
        return self._container(kind, body, depth) if kind in CONTAINER_KINDS else self._single(kind, body)

    def _single(self, kind: str, body: Any) -> Any:
        """A value that holds no others."""
        match kind:
            case "int":
                if len(body) > LONGEST_INTEGER:
                    raise WireError("整数が大きすぎます。")
                return int(body, 16)
            case "complex":
                real, imaginary = body
                return complex(*(part if isinstance(part, float) else small(part) for part in (real, imaginary)))
            case "bytes":
                return bytes.fromhex(body)
            case "again":
                known, count = self.made[small(body)]
                self._charge(count)  # whoever goes through the whole comes by here again
                return known
            case "no value":
                return NoValue(str(body[0])[:100], str(body[1])[:300], bool(body[2]), bool(body[3]))
            case "Fraction" | "Decimal" if len(body) <= LONGEST_NUMBER:
                self._charge(20)  # to read one, and to hash it, takes so much longer
                number = Fraction(body) if kind == "Fraction" and "e" not in body.lower() else Decimal(body)
                if isinstance(number, Decimal) and number.is_finite() and abs(number.adjusted()) > LONGEST_NUMBER:
                    raise WireError("数が大きすぎます。")
                return number
            case "date" | "time" | "datetime":
                return getattr(datetime, kind).fromisoformat(short_text(body))
            case "range":
                made = range(*map(small, body))
                self._charge(len(made))  # NumPy will write it out
                return made
            case "number":
                dtype, digits = safe_dtype(body[0]), body[1]
                if len(digits) != 2 * dtype.itemsize:
                    raise WireError("数の長さが違います。")
                return np.frombuffer(bytes.fromhex(digits), dtype)[0]
            case "dtype":
                return safe_dtype(body)
            case "scalar type":
                if short_text(body) not in SCALAR_TYPES:
                    raise WireError("NumPy の型ではありません。")
                return getattr(np, body)
            case "generator":
                return generator_from_json(body)
        return self.resolve(kind, body)

    def _container(self, kind: str, body: Any, depth: int) -> Any:
        """A value that holds others, or an array."""
        match kind:
            case "matrix":
                return self.array(*body["array"]).view(np.matrix)
            case "array":
                return self.array(*body)
            case "objects":
                sizes, items = body
                if math.prod(safe_sizes(sizes)) != len(items):
                    raise WireError("配列の形と大きさが合いません。")
                array = np.empty(len(items), dtype=object)
                for place, item in enumerate(items):  # at once, NumPy would look into lists for further axes
                    array[place] = self._read(item, depth + 1)
                return array.reshape(sizes)
            case "dict":
                self._charge(len(body))
                pairs = [(self._read(key, depth + 1), self._read(item, depth + 1)) for key, item in body]
                self._members([key for key, _ in pairs])
                return dict(pairs)
            case "named":
                names, items = body
                if len(names) != len(items):
                    raise WireError("名前と値の数が合いません。")
                row = NamedRow(self._read(item, depth + 1) for item in items)
                row.fields = [short_text(name) for name in names]
                return row
        values = [self._read(item, depth + 1) for item in body]
        if kind in ("set", "frozenset"):
            self._members(values)
        return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](values)

    def _charge(self, count: int) -> None:
        """Count values before they are made; now and then look at the time."""
        self.count += count
        if self.count > MOST_VALUES:
            raise WireError("値が大きすぎます。")
        if self.count >= self.next_check:
            self.next_check = self.count + CHECK_TIME_EVERY
            if self.deadline is not None and time.monotonic() > self.deadline:
                raise TooLate

    def _members(self, values: list[Any]) -> list[Any]:
        """The same values, when a set or a dict can be made of them in little time.

        With the same hash, each is compared with all that are there: numbers can be chosen so.
        """
        if len(values) > MOST_MEMBERS:
            raise WireError("要素が多すぎます。")
        alike = Counter(map(hash, values))
        if alike and max(alike.values()) > MOST_ALIKE:
            raise WireError("集合や辞書にできない値です。")
        return values

    def array(self, dtype: str, shape: list[int], place: int, writeable: bool, order: str = "C") -> Any:
        sizes = safe_sizes(shape)
        flat = np.frombuffer(self.buffers.pop(place), safe_dtype(dtype)).copy()
        if math.prod(sizes) != flat.size:
            raise WireError("配列の形と大きさが合いません。")
        array = flat.reshape(sizes, order="F" if order == "F" else "C")
        array.flags.writeable = bool(writeable)
        return array


def small(number: Any) -> int:
    """A whole number as JSON has it; the larger ones come as text."""
    if not isinstance(number, int) or abs(number) > EXACT:
        raise WireError("整数が大きすぎます。")
    return number


def short_text(text: Any) -> str:
    if not isinstance(text, str) or len(text) > LONGEST_LABEL:
        raise WireError("名前が長すぎます。")
    return text


def safe_sizes(shape: Any) -> list[int]:
    """The sizes of an array's axes."""
    if not isinstance(shape, list) or len(shape) > MOST_AXES:
        raise WireError("軸が多すぎます。")
    sizes = [small(size) for size in shape]
    if min(sizes, default=0) < 0 or math.prod(max(size, 1) for size in sizes) > LARGEST_ARRAY:
        raise WireError("配列が大きすぎます。")
    return sizes


def safe_dtype(name: Any) -> Any:
    if not isinstance(name, str) or not TYPE.fullmatch(name):
        raise WireError("受け取れない型です。")
    dtype = np.dtype(name)
    if dtype.itemsize > 4096:
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
    def back(part: Any, depth: int = 0) -> Any:
        if depth > 3:
            raise WireError("知らない乱数です。")
        if isinstance(part, dict):
            if set(part) == {"array"}:
                return np.array([int(value) for value in part["array"][:1000]], dtype=np.uint64)
            return {key: back(value, depth + 1) for key, value in part.items()}
        return int(short_text(part), 16) if isinstance(part, str) and part.startswith("0x") else part

    if state["bit_generator"] not in GENERATORS:
        raise WireError("知らない乱数です。")
    bits = getattr(np.random, state["bit_generator"])(0)
    bits.state = back(state)
    return np.random.Generator(bits)
