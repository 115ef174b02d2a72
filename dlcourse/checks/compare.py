"""How a result is compared with what is expected, and how values are shown to a student."""

from collections.abc import Mapping

import numpy as np

# One evaluation in another order of operations differs by a few units in the last place (about
# 1e-15 relative); these leave room for that and for nothing else.
DOUBLE = {"rtol": 1e-9, "atol": 1e-12}
SINGLE = {"rtol": 1e-5, "atol": 1e-7}


def difference(expected, got, *, single=False):
    """None when `got` is `expected` up to rounding, else what differs, as a sentence for the student.

    Arrays and numbers may stand for each other and lists for arrays; shapes must agree.
    """
    if got is None and expected is not None:
        return "何も返っていません(None)。return を書きましたか。"
    if isinstance(expected, Mapping):
        return _mapping_difference(expected, got, single)
    if isinstance(expected, tuple):
        if not isinstance(got, tuple | list) or len(got) != len(expected):
            return f"{len(expected)}個の値を、コンマで区切って返してください。"
        problems = (difference(e, g, single=single) for e, g in zip(expected, got, strict=True))
        return next((f"{i}番目の値: {p}" for i, p in enumerate(problems, start=1) if p), None)
    if isinstance(expected, np.random.Generator):
        return None  # drawing from it is what it is for
    if expected is None or isinstance(expected, str | bool):
        return None if type(got) is type(expected) and got == expected else "値が違います。"
    return _array_difference(np.asarray(expected), got, SINGLE if single else DOUBLE)


def _mapping_difference(expected, got, single):
    if not isinstance(got, Mapping):
        return f"辞書(dict)ではなく {type(got).__name__} が返りました。"
    if set(got) != set(expected):
        return f"名前は {'、'.join(map(str, expected))} です。返ったのは {'、'.join(map(str, got))} です。"
    problems = ((name, difference(expected[name], got[name], single=single)) for name in expected)
    return next((f"{name}: {problem}" for name, problem in problems if problem), None)


def numbers(value):
    """`value` as an array of numbers, or None when it is not one (text, objects, ragged rows)."""
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biufc" else None


def _array_difference(expected, got, tolerance):
    kind = type(got).__name__
    got = numbers(got)
    if got is None:
        return f"数値ではない値が返りました({kind})。"
    if got.shape != expected.shape:
        return f"形が違います(期待は {expected.shape}、結果は {got.shape})。"
    if not np.allclose(got, expected, **tolerance, equal_nan=True):
        return "値が違います。"
    return None


def show(value):
    """A value as a student can read it: short, with its shape where it has one."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name!r}: {show(item)}" for name, item in value.items()) + "}"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=24, separator=", ", suppress_small=True)
        return " ".join(text.split()) + f" 形{value.shape}"
    if isinstance(value, np.generic):
        return str(value)
    if isinstance(value, tuple) and any(isinstance(item, np.ndarray) for item in value):
        return "(" + ", ".join(map(show, value)) + ")"
    if isinstance(value, np.random.Generator):
        return "(乱数の生成器)"
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "…"
