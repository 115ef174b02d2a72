"""What a call has changed in the values that both sides have a copy of."""

import collections
import io
import random
import sys
import types
from typing import Any

import numpy as np

from dlcourse.checks.values import Elsewhere
from dlcourse.grading.isolation.encoding import WireError, Writer
from dlcourse.grading.isolation.further_values import OpenedBytes, OpenedText, change_file

# What can be changed in place, besides pandas' tables (is_table).
CHANGEABLE = (
    np.ndarray, list, dict, set, bytearray, collections.deque, np.random.Generator, np.random.RandomState,
    random.Random, io.StringIO, io.BytesIO, io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom,
    types.SimpleNamespace,
)  # fmt: skip


def is_table(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series)


def can_change(value: Any) -> bool:
    return isinstance(value, CHANGEABLE) or is_table(value)


def snapshot(value: Any) -> Any:
    """What a value is now, to see later whether it has changed; None for what cannot be changed."""
    if not can_change(value):
        return None
    writer = Writer(lambda other: {"other": id(other)}, stays)
    try:
        return writer.write(value), writer.buffers
    except WireError as too_much:  # it came over, and has grown since
        return too_much


def stays(value: Any) -> type | None:
    """Objects of the other side are only told apart."""
    return object if issubclass(type(value), Elsewhere) else None


def apply_change(value: Any, now: Any) -> None:
    """Do to this side's copy of a value what was done to the other's."""
    match value:
        case np.ndarray():
            if isinstance(now, np.ndarray):
                if now.shape != value.shape:
                    value.shape = now.shape  # of another size it has never been the same array
                if value.flags.writeable:
                    value[...] = now
        case list() | bytearray():
            value[:] = now if isinstance(now, type(value)) else [now]
        case dict() | set():
            value.clear()
            value.update(now if isinstance(now, dict if isinstance(value, dict) else set) else ())
        case types.SimpleNamespace():
            if isinstance(now, types.SimpleNamespace):
                vars(value).clear()
                vars(value).update(vars(now))
        case collections.deque():
            value.clear()
            value.extend(now if isinstance(now, collections.deque) else ())
        case np.random.Generator():
            if isinstance(now, np.random.Generator) and type(value.bit_generator) is type(now.bit_generator):
                value.bit_generator.state = now.bit_generator.state
        case np.random.RandomState():
            if isinstance(now, np.random.RandomState):
                value.set_state(now.get_state())
        case random.Random():
            if isinstance(now, random.Random):
                value.setstate(now.getstate())
        case io.TextIOWrapper() | io.BufferedReader() | io.BufferedWriter() | io.BufferedRandom():
            if isinstance(now, OpenedText | OpenedBytes):
                change_file(value, now)
        case io.StringIO() | io.BytesIO():
            if isinstance(now, type(value)) and not value.closed:
                value.seek(0)
                value.truncate()
                value.write(now.getvalue())  # type: ignore[arg-type]  # both are of one type, which mypy does not tie
                value.seek(now.tell())
        case _:
            if is_table(value) and is_table(now):
                value.__init__(now)
