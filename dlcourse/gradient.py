"""数値微分: 値を少しだけ動かして、関数の値がどれだけ変わるかを見ます。

これを使って誤差逆伝播法の勾配を確かめるのは `dlcourse.gradient_check` です。
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlcourse.functions import Array
from dlcourse.words import say

# 中心差分の誤差は、h² に比例する分と、丸めによる 1/h に比例する分の和。float64 では 1e-5 の近くで最小になる
STEP = 1e-5


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
    x = _writable_float64(x)
    gradient = np.empty_like(x)
    for place in np.ndindex(x.shape):
        gradient[place] = (_shifted_value(f, x, place, h) - _shifted_value(f, x, place, -h)) / (2 * h)
    return gradient


def _writable_float64(x: ArrayLike) -> Array:
    x = np.asarray(x)
    movable = x.dtype == np.float64 and x.flags.writeable
    return x if movable else x.astype(np.float64)


def _shifted_value(f: Callable[[Array], Any], x: Array, place: tuple[int, ...], h: float) -> float:
    """x の1つの要素だけを h 動かしたときの f の値。x は元に戻します。"""
    original = x[place]
    x[place] = original + h
    try:
        value = np.asarray(f(x))
    finally:
        x[place] = original
    if value.size != 1:
        raise ValueError(
            say("f は1つの数を返す関数でなければなりません。返ったのは形が {shape} の配列です。", shape=value.shape)
        )
    return value.item()


def __getattr__(name: str) -> Any:
    """`check_gradient` を、移る前の場所からも読み込めるようにします。配ったノートブックがそうしています。"""
    if name == "check_gradient":
        from dlcourse.gradient_check import check_gradient

        return check_gradient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
