"""数値微分と、勾配の確認。

誤差逆伝播法で求めた勾配が正しいかどうかは、値を少しだけ動かして誤差の変化を見れば確かめられます。
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlcourse.functions import Array

# 中心差分の誤差は、h² に比例する分と、丸めによる 1/h に比例する分の和。float64 では 1e-5 の近くで最小になる
STEP = 1e-5
# ReLU の折れ目をまたいだかもしれないときに、もう一度確かめる幅
SMALL_STEP = 1e-6
# これより要素の多い配列は、1つずつではなく、いくつかの方向で確かめる
FULL_CHECK_SIZE = 2000
DIRECTIONS = 2


def numerical_diff(f: Callable[[Any], Any], x: ArrayLike, h: float = STEP) -> Any:
    """関数 f の x での微分を、中心差分 (f(x + h) - f(x - h)) / 2h で求めます。

    Parameters
    ----------
    f : callable
        数を受け取って数を返す関数。配列の要素ごとに働く関数でもかまいません。
    x : array_like
        微分を求める点。整数や float32 は float64 にして計算します。
    h : float
        動かす幅。大きすぎると曲がりを拾い、小さすぎると桁が失われます。

    Returns
    -------
    float または ndarray, x と同じ形

    Examples
    --------
    >>> float(numerical_diff(lambda x: x**2, 3).round(6))
    6.0
    """
    x = np.asarray(x, dtype=np.float64)
    return (f(x + h) - f(x - h)) / (2 * h)


def numerical_gradient(f: Callable[[Any], Any], x: ArrayLike, h: float = STEP) -> Array:
    """1つの数を返す関数 f の、x の各要素についての偏微分を中心差分で求めます。

    Parameters
    ----------
    f : callable
        x を受け取って1つの数を返す関数。
    x : array_like, 任意の形
        勾配を求める点。float64 の配列なら、その要素を1つずつ動かして元に戻します(f が例外を出しても戻します)。
        ですから、f が引数ではなく同じ配列を別の名前で見ていても正しく求められます。
        整数や float32 は float64 の写しにして、それを f に渡します。
    h : float
        動かす幅。

    Returns
    -------
    ndarray of float64, x と同じ形

    Raises
    ------
    ValueError
        f の返す値が1つの数でないとき。

    Examples
    --------
    >>> numerical_gradient(lambda x: np.sum(x**2), [3, 4]).round(6)
    array([6., 8.])
    """
    x = _movable(x)
    gradient = np.empty_like(x)
    for place in np.ndindex(x.shape):
        gradient[place] = (_moved(f, x, place, h) - _moved(f, x, place, -h)) / (2 * h)
    return gradient


@dataclass
class GradientReport:
    """勾配の確認の結果。`print` すると、説明を読めます。

    errors : パラメータの名前 → 相対誤差
    kinks : パラメータの名前 → 折れ目のために比べられなかった要素の数
    problems : パラメータの名前 → どう違うか
    """

    errors: dict[str, float] = field(default_factory=dict)
    kinks: dict[str, int] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """すべての勾配が数値微分と一致したかどうか。"""
        return not self.problems

    def __str__(self) -> str:
        lines = ["✓ 勾配は数値微分と一致しています。" if self.passed else "✗ 勾配が数値微分と一致しません。"]
        for name, error in self.errors.items():
            mark = "✗" if name in self.problems else "✓"
            lines.append(f"  {mark} {name}: 相対誤差 {error:.1e} {self.problems.get(name, '')}".rstrip())
            if self.kinks.get(name):
                lines.append(f"    折れ目(ReLU の 0 など)の上にある {self.kinks[name]} 個の要素は比べていません。")
        return "\n".join(lines)


def check_gradient(
    f: Callable[[Any], Any],
    x: Array | Mapping[str, Array],
    gradient: ArrayLike | Mapping[str, ArrayLike],
    *,
    tolerance: float = 1e-6,
    rng: np.random.Generator | int | None = 0,
) -> GradientReport:
    """求めた勾配が正しいかどうかを、数値微分と比べて確かめます。

    要素が2000個までの配列は要素ごとに、それより大きい配列は乱数で選んだ方向の微分で比べます。

    Parameters
    ----------
    f : callable
        x を受け取って1つの数を返す関数。
    x : ndarray または 名前から ndarray への辞書
        勾配を求めた点。float64 でなければなりません。要素を動かして、元に戻します。
    gradient : x と同じ構造
        確かめる勾配。
    tolerance : float
        許す相対誤差。正しいプログラムでは 1e-7 より小さく、間違いがあるとふつう 1e-2 より大きくなります。
    rng : numpy.random.Generator, int または None
        方向を選ぶ乱数。

    Returns
    -------
    GradientReport

    Raises
    ------
    TypeError
        x が float64 の配列でないとき(float32 では桁が足りません)。
    ValueError
        x と gradient の名前か形が違うとき。

    Examples
    --------
    >>> x = np.array([1.0, 2.0])
    >>> print(check_gradient(lambda x: np.sum(x**2), x, -2 * x))
    ✗ 勾配が数値微分と一致しません。
      ✗ x: 相対誤差 2.0e+00 符号が逆です。
    """
    rng = np.random.default_rng(rng)
    points: Mapping[str, Array] = x if isinstance(x, Mapping) else {"x": x}
    gradients: Mapping[str, Any] = gradient if isinstance(gradient, Mapping) else {"x": gradient}
    if set(points) != set(gradients):
        raise ValueError(f"x と gradient の名前が違います。x は {list(points)}、gradient は {list(gradients)} です。")
    report = GradientReport()
    for name, point in points.items():
        if not isinstance(point, np.ndarray) or point.dtype != np.float64:
            kind = getattr(point, "dtype", type(point).__name__)
            raise TypeError(f"{name} は float64 の配列でなければなりません(渡されたのは {kind})。")
        given = np.asarray(gradients[name])
        if given.shape != point.shape:
            raise ValueError(f"{name} の形は {point.shape} ですが、その勾配の形は {given.shape} です。")
        _check_one(report, name, lambda _: float(f(x)), point, given, tolerance, rng)
    return report


def _check_one(
    report: GradientReport,
    name: str,
    f: Callable[[Array], float],
    point: Array,
    given: Array,
    tolerance: float,
    rng: np.random.Generator,
) -> None:
    if not np.isfinite(given).all():
        report.errors[name] = np.inf
        report.problems[name] = "勾配に nan か inf があります。"
        return
    if point.size > FULL_CHECK_SIZE:
        directions = [rng.standard_normal(point.shape) for _ in range(DIRECTIONS)]
        expected = np.array([_directional(f, point, v, STEP) for v in directions])
        given = np.array([np.sum(given * v) for v in directions])
        errors = _relative_errors(f(point), expected, given, STEP)
    else:
        expected = numerical_gradient(f, point)
        errors = _relative_errors(f(point), expected, given, STEP)
        for place in map(tuple, np.argwhere(errors > tolerance)):
            if _repeat_at_kink(f, point, given, place, expected, errors, tolerance):
                report.kinks[name] = report.kinks.get(name, 0) + 1
    report.errors[name] = float(errors.max(initial=0))
    if report.errors[name] > tolerance:
        report.problems[name] = _describe(expected, given, tolerance)


def _repeat_at_kink(
    f: Callable[[Array], float],
    point: Array,
    given: Array,
    place: tuple[int, ...],
    expected: Array,
    errors: Array,
    tolerance: float,
) -> bool:
    """合わなかった要素を狭い幅で確かめ直します。その点が折れ目の上なら True。"""
    value, h = f(point), SMALL_STEP
    after, before = _moved(f, point, place, h), _moved(f, point, place, -h)
    left, right = (value - before) / h, (after - value) / h
    scale = np.abs(expected).max()
    expected[place] = (after - before) / (2 * h)
    errors[place] = _relative_errors(value, expected[place], given[place], h, scale)
    if errors[place] <= tolerance:
        return False
    # 折れ目では左右の傾きが違い、その間のどの値も「微分」として選べる
    low, high = min(left, right) - tolerance * scale, max(left, right) + tolerance * scale
    if high - low > 1e-3 * max(scale, abs(left), abs(right)) and low <= given[place] <= high:
        errors[place] = 0
        return True
    return False


def _relative_errors(value: float, expected: Any, given: Any, h: float, scale: float | None = None) -> Array:
    """違いを、勾配の大きさに対する割合にします。差分で避けられない丸めの分は差し引きます。"""
    scale = np.abs(expected).max(initial=0) if scale is None else scale
    rounding = 8 * np.finfo(np.float64).eps * abs(value) / h
    size = np.maximum(np.abs(expected), np.abs(given)) + 1e-3 * scale
    wrong = np.maximum(np.abs(expected - given) - rounding, 0)
    return np.divide(wrong, size, out=np.zeros_like(wrong, dtype=np.float64), where=size > 0)


def _describe(expected: Array, given: Array, tolerance: float) -> str:
    """よくある間違いなら、その名前を。"""
    if not given.any():
        return "勾配がすべて 0 です。"
    factor = np.sum(given * expected) / np.sum(given * given)
    if np.abs(expected - factor * given).max() > 1e3 * tolerance * np.abs(expected).max():
        return ""
    if abs(factor + 1) < 1e-3:
        return "符号が逆です。"
    if abs(factor - 1) < 1e-3:
        return "わずかな違いです。誤差の関数と勾配が、同じ式のものかを確かめましょう(log に足す小さな数など)。"
    return f"どの要素も {1 / factor:.4g} 倍になっています。データの数での割り算や、係数を確かめましょう。"


def _movable(x: ArrayLike) -> Array:
    x = np.asarray(x)
    movable = x.dtype == np.float64 and x.flags.writeable
    return x if movable else x.astype(np.float64)


def _moved(f: Callable[[Array], Any], x: Array, place: tuple[int, ...], h: float) -> float:
    """x の1つの要素だけを h 動かしたときの f の値。x は元に戻します。"""
    original = x[place]
    x[place] = original + h
    try:
        value = np.asarray(f(x))
    finally:
        x[place] = original
    if value.size != 1:
        raise ValueError(f"f は1つの数を返す関数でなければなりません。返ったのは形が {value.shape} の配列です。")
    return value.item()


def _directional(f: Callable[[Array], float], x: Array, direction: Array, h: float) -> float:
    original = x.copy()
    try:
        x[...] = original + h * direction
        after = f(x)
        x[...] = original - h * direction
        before = f(x)
    finally:
        x[...] = original
    return (after - before) / (2 * h)
