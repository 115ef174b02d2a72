"""How a value is compared with what is expected, and how values are shown to a student."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

# One evaluation in another order of operations differs by a few units in the last place (about
# 1e-15 relative); these leave room for that and for nothing else.
DOUBLE = {"rtol": 1e-9, "atol": 1e-12}
SINGLE = {"rtol": 1e-5, "atol": 1e-7}


@dataclass(frozen=True)
class Difference:
    """What differs first: a sentence for the student, and the two parts it is about."""

    sentence: str
    expected: object
    got: object

    def within(self, part):
        return Difference(f"{part}: {self.sentence}", self.expected, self.got)


def difference(expected, got, *, single=False):
    """None when `got` is `expected` up to rounding, else their first Difference.

    Arrays and numbers may stand for each other and lists for arrays; shapes must agree.
    """
    if isinstance(expected, np.random.Generator) or callable(expected):
        return None  # drawing from it, or calling it, is what it is for
    if isinstance(expected, bool) and isinstance(got, np.bool_ | np.ndarray) and got.ndim == 0:
        got = got.item()
    sentence = None
    if isinstance(expected, Mapping):
        if isinstance(got, Mapping) and set(got) == set(expected):
            return _first((name, difference(expected[name], got[name], single=single)) for name in expected)
        sentence = f"{'、'.join(map(str, expected))} という名前の辞書(dict)ではありません。"
    elif isinstance(expected, tuple):
        several = isinstance(got, tuple | list) or isinstance(got, np.ndarray) and got.ndim > 0
        if several and len(got) == len(expected):
            pairs = enumerate(zip(expected, got, strict=True), start=1)
            return _first((f"{i}番目の値", difference(e, g, single=single)) for i, (e, g) in pairs)
        sentence = f"{len(expected)}個の値の組ではありません。"
    elif expected is None or isinstance(expected, str | bool):
        if type(got) is not type(expected) or got != expected:
            sentence = "値が違います。"
    else:
        sentence = _array_difference(np.asarray(expected), got, SINGLE if single else DOUBLE)
    return sentence and Difference(sentence, expected, got)


def _first(parts):
    return next((found.within(name) for name, found in parts if found), None)


def _array_difference(expected, got, tolerance):
    array = numbers(got)
    if array is None:
        return f"数値ではありません({type(got).__name__})。"
    if array.shape != expected.shape:
        return f"形が違います(期待は {expected.shape}、結果は {array.shape})。"
    if (array.dtype == bool) != (expected.dtype == bool) and array.size:
        return "True と False ではありません。" if expected.dtype == bool else "数ではなく、True と False です。"
    if not np.allclose(array, expected, **tolerance, equal_nan=True):
        # The digits that are shown would look the same.
        if np.allclose(array, expected, rtol=1e-3, atol=0):
            return f"値がわずかに違います(差は最大で {np.nanmax(np.abs(array - expected)):.0e})。"
        return "値が違います。"
    return None


def numbers(value):
    """`value` as an array of numbers, or None when it is not one (text, objects, ragged rows)."""
    if has_text(value):
        return None  # NumPy would make every element as wide as the longest text
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biufc" else None


def has_text(value):
    return isinstance(value, str | bytes) or isinstance(value, list | tuple) and any(map(has_text, value))


def short(text, length=300):
    """The beginning of a text that would drown the rest of a message."""
    return text if len(text) <= length else text[:length] + "…"


def show(value):
    """A value as a student can read it: short, with its shape where it has one."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name!r}: {show(item)}" for name, item in value.items()) + "}"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=24, separator=", ", suppress_small=True)
        return " ".join(text.split()) + f" 形{value.shape}"
    if isinstance(value, np.generic):
        return str(value)
    if isinstance(value, np.random.Generator):
        return "(乱数の生成器)"
    if callable(value) and repr(value).startswith("<"):  # it has no text of its own
        return "(関数)"
    if isinstance(value, list) and len(value) > 10 and numbers(value) is not None:
        return show(np.asarray(value))
    if isinstance(value, tuple | list) and any(isinstance(item, np.ndarray) for item in value):
        return "(" + ", ".join(map(show, value)) + ")"
    return short(repr(value), 200)
