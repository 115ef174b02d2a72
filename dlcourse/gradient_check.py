"""勾配の確認: 誤差逆伝播法で求めた勾配を、数値微分と比べます。

`check_gradient` はどんな関数の勾配でも、`check_network_gradient` は `network` の辞書で書いた逆伝播を確かめます。
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlcourse import functions
from dlcourse.functions import Array
from dlcourse.gradient import STEP, _shifted_value, numerical_gradient
from dlcourse.network import Activation, forward
from dlcourse.words import say

# ReLU の折れ目をまたいだかもしれないときに、もう一度確かめる幅
SMALL_STEP = 1e-6
# これより要素の多い配列は、1つずつではなく、いくつかの方向で確かめる
FULL_CHECK_SIZE = 2000
DIRECTIONS = 2


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
        right, wrong = "✓ 勾配は数値微分と一致しています。", "✗ 勾配が数値微分と一致しません。"
        lines = [say(right if self.passed else wrong)]
        for name, error in self.errors.items():
            mark = "✗" if name in self.problems else "✓"
            problem = self.problems.get(name, "")
            text = say("{name}: 相対誤差 {error:.1e} {problem}", name=name, error=error, problem=problem)
            lines.append(f"  {mark} {text}".rstrip())
            if count := self.kinks.get(name):
                left_out = "折れ目(ReLU の 0 など)の上にある {count} 個の要素は比べていません。"
                lines.append("    " + say(left_out, count=count))
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
        raise ValueError(
            say(
                "x と gradient の名前が違います。x は {points}、gradient は {gradients} です。",
                points=list(points),
                gradients=list(gradients),
            )
        )
    report = GradientReport()
    for name, point in points.items():
        if not isinstance(point, np.ndarray) or point.dtype != np.float64:
            kind = getattr(point, "dtype", type(point).__name__)
            raise TypeError(
                say("{name} は float64 の配列でなければなりません(渡されたのは {kind})。", name=name, kind=kind)
            )
        given = np.asarray(gradients[name])
        if given.shape != point.shape:
            raise ValueError(
                say(
                    "{name} の形は {shape} ですが、その勾配の形は {found} です。",
                    name=name,
                    shape=point.shape,
                    found=given.shape,
                )
            )
        _compare(report, name, lambda _: float(f(x)), point, given, tolerance, rng)
    return report


def _compare(
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
        report.problems[name] = say("勾配に nan か inf があります。")
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
    after, before = _shifted_value(f, point, place, h), _shifted_value(f, point, place, -h)
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
        return say("勾配がすべて 0 です。")
    factor = np.sum(given * expected) / np.sum(given * given)
    if np.abs(expected - factor * given).max() > 1e3 * tolerance * np.abs(expected).max():
        return ""
    if abs(factor + 1) < 1e-3:
        return say("符号が逆です。")
    if abs(factor - 1) < 1e-3:
        return say("わずかな違いです。誤差の関数と勾配が、同じ式のものかを確かめましょう(log に足す小さな数など)。")
    return say(
        "どの要素も {factor:.4g} 倍になっています。データの数での割り算や、係数を確かめましょう。", factor=1 / factor
    )


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


# --- network の辞書で書いた逆伝播 ---------------------------------------------------------------------

# 逆伝播で中間層に掛ける微分の、ありそうな書き方(総入力 u と出力 z から計算する)
WRITTEN_DERIVATIVES: dict[str, Callable[[Array, Array], Array]] = {
    "d_relu(u)": lambda u, z: functions.d_relu(u),
    "d_sigmoid(u)": lambda u, z: functions.d_sigmoid(u),
    "d_sigmoid(z)": lambda u, z: functions.d_sigmoid(z),
    "d_tanh(u)": lambda u, z: functions.d_tanh(u),
    "d_tanh(z)": lambda u, z: functions.d_tanh(z),
    "1(微分の掛け忘れ)": lambda u, z: np.ones_like(u),
}
RIGHT_DERIVATIVE: dict[Activation, str] = {
    functions.relu: "d_relu(u)",
    functions.sigmoid: "d_sigmoid(u)",
    functions.tanh: "d_tanh(u)",
}


def check_network_gradient(
    network: Mapping[str, Array],
    x: Array,
    d: ArrayLike,
    gradients: Mapping[str, ArrayLike],
    *,
    hidden: Activation = functions.relu,
    output: Activation = functions.identity,
    loss: Callable[[Any, Any], Any] = functions.mean_squared_error,
) -> GradientReport:
    """自分で書いた逆伝播の勾配を数値微分と比べ、活性化関数と微分の取り違えなら、それを指摘します。

    Parameters
    ----------
    network : dict of str to ndarray
        `init_network` と同じ名前のパラメータ(float64)。
    x : ndarray, shape (D,) または (N, D)
        入力。
    d : ndarray
        教師データ。
    gradients : dict of str to ndarray
        確かめる勾配。network と同じ名前と形。
    hidden, output : callable
        順伝播で使った、中間層と出力層の活性化関数。
    loss : callable
        誤差の関数。`loss(d, y)` と呼び出します。

    Returns
    -------
    dlcourse.gradient_check.GradientReport

    Raises
    ------
    TypeError, ValueError
        `check_gradient` と同じ。
    """

    def total_loss(parameters: Mapping[str, Array]) -> Any:
        return loss(d, forward(parameters, x, hidden=hidden, output=output)["y"])

    report = check_gradient(total_loss, network, gradients)
    last = len(network) // 2
    name = f"W{last - 1}"
    if last >= 2 and name in report.problems:
        values = forward(network, x, hidden=hidden, output=output)
        slope = numerical_gradient(
            lambda z: loss(d, output(functions.affine(z, network[f"W{last}"], network[f"b{last}"]))),
            values[f"z{last - 1}"].copy(),
        )
        used = _wrong_derivative(values, x, slope, last - 1, hidden, gradients[name])
        if used:
            right = RIGHT_DERIVATIVE.get(hidden, "活性化関数の、総入力 u についての微分")
            report.problems[name] = say(
                "順伝播の中間層は {hidden} なのに、逆伝播では {used} を掛けています。{right} を掛けましょう。",
                hidden=hidden.__name__, used=say(used), right=say(right),
            )  # fmt: skip
    return report


def _wrong_derivative(
    values: Mapping[str, Array], x: Array, slope: Array, layer: int, hidden: Activation, gradient: ArrayLike
) -> str | None:
    """中間層 layer の重みの勾配が、どの微分を掛けたものになっているか。slope は誤差の、出力 z についての勾配。"""
    u, z = values[f"u{layer}"], values[f"z{layer}"]
    before = x if layer == 1 else values[f"z{layer - 1}"]
    for written, derivative in WRITTEN_DERIVATIVES.items():
        expected = np.atleast_2d(before).T @ np.atleast_2d(slope * derivative(u, z))
        if written != RIGHT_DERIVATIVE.get(hidden) and np.allclose(expected, gradient, rtol=1e-5, atol=1e-8):
            return written
    return None
