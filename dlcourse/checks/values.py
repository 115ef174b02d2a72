"""What counts as a value: whatever a student's answer is, the checks see the plain data that it stands for.

The notebook's check, the page's and the grader's all ask `plain`. When a notebook is graded it runs in the student's
process, where the student's objects are; only what it returns goes over. The rule, the first line that fits:

- Python's and NumPy's own values are themselves, without the student's class around them: numbers, texts, lists,
  tuples, sets, dictionaries, arrays of numbers (an array of objects is the list of them), random generators.
- What offers itself to NumPy as an array (`__array__`) is that array; an array without axes is a number.
- A Mapping is a dictionary.
- What `int` or `float` can take as a number (`__index__`, `__float__`) is that number.
- What has a buffer is an array.
- What has a length and can be gone through is a list, or a set if it is one.
- Everything else is no value: functions, iterators (looking uses them up), objects; and what is too large or too deep.
"""

import collections
import copy
import functools
import itertools
import math
import operator
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

# Of one answer. What is right is far smaller, and can cross to the grader's process (grading/isolation/encoding.py).
MOST_VALUES = 100_000  # values
MOST_BYTES = 8 << 20  # bytes of texts and arrays
DEEPEST = 20
MOST_MEMBERS = 50_000  # of a set, or names in a dictionary
MOST_AXES = 32  # of an array
MOST_ARRAYS = 4000
LONGEST_INTEGER = 3000  # bits
LONGEST_CHARACTER = 6  # bytes, as it crosses

NUMERIC = "biufc"  # kinds of NumPy's types
SCALARS = frozenset(kind for kind in np.sctypeDict.values() if np.dtype(kind).kind in NUMERIC)
ARRAY = ("__array__", "__array_interface__", "__array_struct__")


@dataclass(frozen=True)
class NoValue:
    """Stands for what is no value: the name of its class, and how it shows."""

    kind: str
    text: str
    callable: bool = False
    too_much: bool = False

    def __repr__(self) -> str:
        return self.text


class Elsewhere:
    """An object of another process, where it can be asked for the plain data that it stands for."""

    def _plain(self) -> Any:
        raise NotImplementedError


class TooMuch(Exception):
    """The value is too large or too deep."""


def plain(value: Any) -> Any:
    """The plain data that `value` stands for, as it is now: nothing in it is the student's object any more."""
    kind = type(value)
    if kind is float or kind is bool:
        return value
    if kind is np.ndarray and value.dtype.kind in NUMERIC:
        if 0 < value.nbytes <= MOST_BYTES and 0 < value.ndim <= MOST_AXES:
            return value.copy()  # what most answers are, and Reader would find the same
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Reader().read(value, 0)
        except TooMuch:
            return NoValue(name_of_kind(value), "(大きすぎるか深すぎる値)", too_much=True)


# Their own methods, since a student's class may have others of these names.
BARE: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: complex.__complex__,
    str: str.__str__,
    bytes: bytes.__bytes__,
    dict: dict.copy,
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
}
CONTAINERS = (dict, list, tuple, set, frozenset)
THEMSELVES = SCALARS | set(BARE) | {bool, type(None), np.random.Generator, NoValue}


def bare(value: Any) -> Any:
    """One of Python's or NumPy's values without the class that a student has put around it; all else as it is."""
    kind = type(value)
    if kind in THEMSELVES:
        return value
    if issubclass(kind, np.ndarray):
        array = np.asarray(value)
        if issubclass(kind, np.ma.MaskedArray):
            return without_masked(array, np.ma.getmask(value))
        return array.view(np.matrix) if issubclass(kind, np.matrix) else array
    for base in kind.__mro__:
        if base in SCALARS:
            return np.frombuffer(np.generic.tobytes(value), base)[0]
        if base in BARE:
            return BARE[base](value)
    return value


def without_masked(array: Any, mask: Any) -> Any:
    """What is masked out is no number: what lies there may be anything."""
    if array.dtype.kind not in NUMERIC or not np.any(mask):
        return array
    nothing = np.array(np.nan, array.dtype if array.dtype.kind in "fc" else np.float64)
    return np.where(np.array(mask, subok=False), nothing, array)


class Reader:
    """The reading of one value, of which only so much is looked at."""

    def __init__(self) -> None:
        self.count = self.size = self.arrays = 0

    def spend(self, depth: int, size: int = 0, arrays: int = 0) -> None:
        self.count += 1
        self.size += size
        self.arrays += arrays
        if depth > DEEPEST or self.count > MOST_VALUES or self.size > MOST_BYTES or self.arrays > MOST_ARRAYS:
            raise TooMuch

    def read(self, value: Any, depth: int) -> Any:
        """What is in the value may be the student's, and looking at it may do anything."""
        self.spend(depth)
        if type(value) in (float, bool, type(None)):
            return value
        try:
            found = self.read_known(bare(value), depth)
        except TooMuch:
            raise
        except (Exception, SystemExit):
            found = no_value(value)
        if type(found) is NoValue:
            self.spend(depth, LONGEST_CHARACTER * len(found.text))
        return found

    def read_known(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is int and value.bit_length() > LONGEST_INTEGER:
            return no_value(value)
        if kind in (str, bytes):
            self.spend(depth, LONGEST_CHARACTER * len(value))
        if kind is NoValue and value.too_much and depth:  # then the whole is too much, too
            raise TooMuch
        if kind is np.random.Generator:
            return copy.deepcopy(value)
        if kind in (np.ndarray, np.matrix):
            return self.array(value, depth)
        if kind in CONTAINERS and len(value) > (MOST_VALUES if kind in (list, tuple) else MOST_MEMBERS):
            raise TooMuch
        if kind is dict:
            return {self.read(key, depth + 1): self.read(item, depth + 1) for key, item in value.items()}
        if kind in CONTAINERS:
            return kind(self.read(item, depth + 1) for item in value)
        if kind in THEMSELVES:
            return value
        # asked of its class: what stands for a class of the student's has objects with a method of that name
        found = kind._plain(value) if issubclass(kind, Elsewhere) else stands_for(value)
        return no_value(value) if found is value else self.read(found, depth)

    def array(self, array: Any, depth: int) -> Any:
        self.spend(depth, max(array.nbytes, math.prod(size or 1 for size in array.shape)), array.ndim > 0)
        if array.ndim > MOST_AXES:
            raise TooMuch
        if array.dtype.kind in NUMERIC:
            return array.copy() if array.ndim else array[()]
        if array.dtype.kind not in "OSU":  # records and dates
            return no_value(array)
        items = self.read(array.tolist() if array.ndim else [array.item()], depth)
        found = numbers_in(items) if array.dtype == object else None
        if found is not None and (found.shape == (array.shape or (1,)) or array.size == 0):
            return self.array(found.reshape(array.shape), depth)
        return items if array.ndim else items[0]


def stands_for(value: Any) -> Any:
    """One step from an object to plain data; the object itself where it stands for none."""
    kind: Any = type(value)
    if conversion := conversion_of(kind):
        return conversion(value)
    if has_buffer(value):
        return as_array(value)
    if hasattr(kind, "__len__") and (hasattr(kind, "__iter__") or hasattr(kind, "__getitem__")):
        return (set if issubclass(kind, Set) else list)(at_most_allowed(value))
    return value


@functools.lru_cache(256)  # an array may be of ten thousand Fractions
def conversion_of(kind: Any) -> Callable[[Any], Any] | None:
    """How objects of this class become plain data, where the class says it."""
    if issubclass(kind, type):
        return lambda value: value
    if issubclass(kind, collections.UserString):
        return lambda value: bare(value.data) if isinstance(value.data, str) else value
    if any(hasattr(kind, name) for name in ARRAY):
        return as_array
    if issubclass(kind, Mapping):
        return lambda value: {key: value[key] for key in at_most_allowed(value)}
    return operator.index if hasattr(kind, "__index__") else float if hasattr(kind, "__float__") else None


def as_array(value: Any) -> Any:
    array = np.asarray(value)
    return value if array.shape == () and array.dtype == object else array  # NumPy has found nothing in it


def has_buffer(value: Any) -> bool:
    try:
        return memoryview(value) is not None
    except TypeError:
        return False


def at_most_allowed(values: Iterable[Any]) -> Iterable[Any]:
    """As many as there may be, and one more: nobody waits for the end of what has none."""
    return itertools.islice(values, MOST_VALUES + 1)


def numbers_in(value: Any) -> Any:
    """Plain data as an array of real numbers, or None when it is none (text, no values, ragged rows)."""
    if not only_numbers(value):
        return None
    try:
        array = np.asarray(value)
        if array.dtype == object:  # of integers that are too large for NumPy's
            array = array.astype(np.float64)
    except (ValueError, OverflowError):
        return None
    return array if array.dtype.kind in "biuf" else None


def only_numbers(value: Any, depth: int = 10) -> bool:
    """Whether NumPy may see it: it makes a number of None, and each element as wide as the longest text."""
    if isinstance(value, list | tuple):
        return depth > 0 and all(only_numbers(part, depth - 1) for part in value)
    return isinstance(value, bool | int | float | np.generic | np.ndarray)


def no_value(value: Any) -> NoValue:
    try:
        text = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))[:300]
    except (Exception, SystemExit):
        text = f"({name_of_kind(value)})"
    return NoValue(name_of_kind(value), text, callable(value))


def name_of_kind(value: Any) -> str:
    """Of plain data, and of what stands for it."""
    if type(value) is NoValue:
        return value.kind
    try:
        return str(type(value).__name__)[:100]
    except (Exception, SystemExit):  # a student's metaclass
        return "object"
