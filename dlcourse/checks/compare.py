"""How a value is compared with what is expected, and how values are shown to a student."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dlcourse.checks.values import NoValue, name_of_kind, numbers_in, plain
from dlcourse.functions import Array
from dlcourse.words import listed, say, together

# One evaluation in another order of operations differs by a few units in the last place (about
# 1e-15 relative); these leave room for that and for nothing else.
DOUBLE = (1e-9, 1e-12)
SINGLE = (1e-5, 1e-7)  # relative, absolute
# For probabilities, the smallest ones too: no sum with other signs precedes them. 0 stands for what hardly is a number.
RELATIVE_ONLY = (1e-9, 1e-200)
Tolerance = tuple[float, float]


def is_single(value: Any) -> bool:
    return getattr(value, "dtype", None) in (np.float16, np.float32)


def precision_of(arguments: Iterable[Any], exact: Tolerance = DOUBLE) -> Tolerance:
    """How closely a result has to agree: as `exact` says, unless one of the arguments is of single precision."""
    parts = (part for one in arguments for part in (one.values() if isinstance(one, Mapping) else [one]))
    return SINGLE if any(map(is_single, parts)) else exact


@dataclass(frozen=True)
class Difference:
    """What differs first: a sentence for the student, and the two parts it is about."""

    sentence: str
    expected: object
    got: object
    advice: str | None = None

    def within(self, part: object) -> "Difference":
        return replace(self, sentence=f"{part}: {say(self.sentence)}")


def difference(expected: Any, got: Any, *, tolerance: Tolerance = DOUBLE) -> Difference | None:
    """None when `got` is `expected` up to rounding, else their first Difference.

    Arrays and numbers may stand for each other and lists for arrays; shapes must agree. A result that has lost
    digits is compared as strictly as any other: only what came in with few of them (see `precision_of`) may.
    """
    return _difference(plain(expected), plain(got), tolerance)


def _difference(expected: Any, got: Any, tolerance: Tolerance) -> Difference | None:
    if isinstance(expected, np.random.Generator) or isinstance(expected, NoValue) and expected.callable:
        return None  # drawing from it, or calling it, is what it is for
    if isinstance(expected, list) and numbers_in(expected) is None and _comparable(expected):
        expected = tuple(expected)
    if isinstance(expected, bool) and isinstance(got, np.bool_):
        got = bool(got)
    sentence = advice = None
    if isinstance(expected, dict):
        if isinstance(got, dict) and set(got) == set(expected):
            return _first((name, _difference(expected[name], got[name], tolerance)) for name in expected)
        sentence = say("{names} という名前の辞書(dict)ではありません。", names=listed(expected))
        if isinstance(got, dict):
            missing, more = ([str(name) for name in a if name not in b] for a, b in ((expected, got), (got, expected)))
            advice = together(
                say("{names} がありません。", names=short(listed(missing), 50)) if missing else "",
                say("{names} は要りません。", names=short(listed(more), 50)) if more else "",
            )
    elif isinstance(expected, tuple):
        if isinstance(got, tuple | list | np.ndarray) and len(got) == len(expected):
            pairs = enumerate(zip(expected, got, strict=True), start=1)
            return _first((say("{i}番目の値", i=i), _difference(e, g, tolerance)) for i, (e, g) in pairs)
        sentence = say("{count}個の値の組ではありません。", count=len(expected))
        advice = say("値を「,」で区切って並べ、ちょうど{count}個にして return しましょう。", count=len(expected))
    elif expected is None or isinstance(expected, str | bool):
        if type(got) is not type(expected) or got != expected:
            sentence = "値が違います。"
    elif (array := numbers_in(expected)) is not None:
        sentence, advice = _array_difference(array, got, tolerance)
    elif name_of_kind(got) != name_of_kind(expected):  # both of a student's making, and nothing to calculate with
        sentence = "値が違います。"
    return Difference(sentence, expected, got, advice) if sentence else None


def _first(parts: Iterable[tuple[object, Difference | None]]) -> Difference | None:
    return next((found.within(name) for name, found in parts if found), None)


FEWER_DIGITS = "float64 の引数からは、float64 のまま計算しましょう。float32 では7桁ほどしか残りません。"
SLIGHTLY = "途中で値を丸めたり、桁の少ない定数を使ったり、小さな数を余分に足したり忘れたりしていないか確かめましょう。"


def _array_difference(expected: Array, got: Any, tolerance: Tolerance) -> tuple[str | None, str | None]:
    """A sentence and advice; None for what there is nothing to say of."""
    array = numbers(got, expected.shape)
    if array is None:
        return say("数値ではありません({kind})。", kind=name_of_kind(got)), None
    if array.shape != expected.shape:
        sentence = say("形が違います(期待は {shape}、結果は {found})。", shape=expected.shape, found=array.shape)
        return sentence, _about_shapes(expected.shape, array.shape)
    if (array.dtype == bool) != (expected.dtype == bool) and array.size:
        truth = "True と False ではありません。" if expected.dtype == bool else "数ではなく、True と False です。"
        return truth, None
    if not close(array, expected, tolerance):
        if array.dtype in (np.float16, np.float32) and close(array, expected, SINGLE):
            return say("値が {kind} に丸められて、桁が失われています。", kind=array.dtype), FEWER_DIGITS
        # The digits that are shown would look the same.
        if np.allclose(array, expected, rtol=1e-3, atol=0):
            largest = np.nanmax(np.abs(array - expected))
            return say("値がわずかに違います(差は最大で {largest:.0e})。", largest=largest), SLIGHTLY
        return "値が違います。", _about_values(expected, array, tolerance)
    return None, None


def _about_shapes(expected: tuple[int, ...], got: tuple[int, ...]) -> str | None:
    if [size for size in expected if size != 1] == [size for size in got if size != 1]:
        return "値の個数は合っています。長さ 1 の軸が、余分にあるか、足りません。"
    if not got:
        return "全体が1つの数になっています。まとめるときは、どの軸に沿ってまとめるかを確かめましょう。"
    if not expected:
        return "1つの数にまとめて返しましょう。"
    return "行と列が逆(転置)になっています。" if got == expected[::-1] else None


def _about_values(expected: Array, got: Array, tolerance: Tolerance) -> str | None:
    """What kind of difference this is, where it is a simple one."""
    if not np.isfinite(expected).all() or got.dtype == bool or not got.size:
        return None
    if not np.isfinite(got).all():
        return say(
            "結果に {what} があります。"
            "0 で割ったり、大きな数の exp や 0 の log を計算したりしていないか確かめましょう。",
            what="nan" if np.isnan(got).any() else "inf",
        )
    if close(got, -expected):
        return "符号が逆です。" if got.size > 1 else "この入力では、符号が逆です。"
    if np.count_nonzero(expected) < 2:
        return None
    if got.ndim == 2 and got.shape == got.T.shape and close(got, expected.T):
        return "行と列が逆(転置)になっています。"
    if close(np.sort(got, axis=None), np.sort(expected, axis=None)):
        return "並んでいる値は合っていますが、順番が違います。"
    factor = float(np.sum(got * expected) / np.sum(expected * expected))
    if factor and close(got, factor * expected):
        return say("どの要素も、正しい値の約 {factor:.3g} 倍です。掛ける数と割る数を確かめましょう。", factor=factor)
    right = int(np.isclose(got, expected, rtol=tolerance[0], atol=tolerance[1]).sum())
    some = "{count}個の要素のうち、{right}個は合っています。違うところを比べてみましょう。"
    return say(some, count=got.size, right=right) if right else None


def comparable(value: Any) -> bool:
    """Whether `value` is data throughout, so that two of its kind can be told apart."""
    return _comparable(plain(value))


def _comparable(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else None
    return numbers_in(value) is not None or parts is not None and all(map(_comparable, parts))


def close(a: Array, b: Array, tolerance: Tolerance = DOUBLE) -> bool:
    relative, absolute = tolerance
    return np.allclose(a, b, rtol=relative, atol=absolute, equal_nan=True)


def numbers(value: Any, shape: tuple[int, ...] | None = None) -> Array | None:
    """`value` as an array of real numbers, or None when it is not one (text, objects, ragged rows).

    shape: the shape that is asked for. np.matrix cannot have fewer than two axes; where fewer are asked for, its
    numbers count.
    """
    value = plain(value)
    array: Array | None = numbers_in(value)
    if array is not None and isinstance(value, np.matrix):
        fewer = shape is not None and len(shape) < 2 and array.size == math.prod(shape)
        return np.asarray(array).reshape(shape if fewer else array.shape)
    return array


def short(text: str, length: int = 300) -> str:
    """The beginning of a text, in one line: the rest of a message must not drown, or be taken for what follows here."""
    return " ".join(text[:length].splitlines()) + "…" * (len(text) > length)


def show(value: Any) -> str:
    """A value as a student can read it: short, with its shape where it has one."""
    return _show(plain(value))


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_show(item)}" for name, item in value.items()) + "}"
    if isinstance(value, np.ndarray):
        text = np.array2string(np.asarray(value), precision=4, threshold=24, separator=", ", suppress_small=True)
        return say("{values} 形{shape}", values=" ".join(text.split()), shape=value.shape)
    if isinstance(value, np.generic):
        return str(value)
    if isinstance(value, np.random.Generator):
        return say("(乱数の生成器)")
    if isinstance(value, NoValue) and value.callable and value.text.startswith("<"):  # it has no text of its own
        return say("(関数)")
    if isinstance(value, NoValue) and value.too_much:
        return say(value.text)
    if isinstance(value, list) and len(value) > 10 and (array := numbers_in(value)) is not None:
        return _show(array)
    if isinstance(value, set | frozenset) and value:
        return "{" + ", ".join(sorted(map(_show, value), key=lambda text: (len(text), text))) + "}"
    if isinstance(value, tuple | list) and any(isinstance(item, np.ndarray | np.generic) for item in value):
        return "(" + ", ".join(map(_show, value)) + ")"
    return short(repr(value), 200)
