"""折れ線、関数のグラフ、分布、棒グラフ。"""

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from dlcourse.functions import Array
from dlcourse.gradient import numerical_diff
from dlcourse.plotting.frames import show_from
from dlcourse.plotting.style import CYCLE, GRAY, HATCHES, LINES, describe, prepared
from dlcourse.words import listed, say, together

LINE_GRAPHS = {  # by the axes whose scale is logarithmic
    "": "横軸が{x_label}、縦軸が{y_label}の折れ線グラフ。",
    "x": "横軸が{x_label}、縦軸が{y_label}の折れ線グラフ(横軸は対数目盛)。",
    "y": "横軸が{x_label}、縦軸が{y_label}の折れ線グラフ(縦軸は対数目盛)。",
    "xy": "横軸が{x_label}、縦軸が{y_label}の折れ線グラフ(横軸と縦軸は対数目盛)。",
}


def lines(
    series: Mapping[str, ArrayLike | tuple[ArrayLike, ArrayLike]],
    *,
    x_label: str = "x",
    y_label: str = "y",
    log: str = "",
    ax: Axes | None = None,
) -> Axes:
    """折れ線を重ねて描きます。

    Parameters
    ----------
    series : dict of str to array_like または (array_like, array_like)
        凡例の名前と、縦軸の値(横軸は 0 から数えた番号)、または (横軸の値, 縦軸の値)。
    x_label, y_label : str
        軸の名前。
    log : "", "x", "y" または "xy"
        対数目盛にする軸。
    ax : matplotlib.axes.Axes または None
        描く場所。None なら新しい図を作ります。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = prepared(ax, (6.4, 3.4))
    sentences = []
    for number, (name, values) in enumerate(series.items()):
        x, y = values if isinstance(values, tuple) else (np.arange(len(np.asarray(values))), values)
        x, y = np.asarray(x), np.asarray(y)
        # 線の1本ずつに同じ色と線種が付くように、番号で選ぶ
        ax.plot(x, y, linestyle=LINES[number % len(LINES)], color=CYCLE[number % len(CYCLE)], label=name)
        sentences.append(say("{name}は{trend}。", name=name, trend=_trend(x, y)))
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    ax.legend(loc="best", frameon=False)
    text = LINE_GRAPHS["".join(sorted(log))]
    return describe(ax, together(say(text, x_label=x_label, y_label=y_label), *sentences))


def curves(
    functions: Mapping[str, Callable[[Array], ArrayLike]],
    *,
    start: float = -5.0,
    stop: float = 5.0,
    x_label: str = "u",
    y_label: str = "z",
    ax: Axes | None = None,
) -> Axes:
    """関数のグラフを重ねて描きます。

    Parameters
    ----------
    functions : dict of str to callable
        凡例の名前と、ndarray を受け取る関数。
    start, stop : float
        横軸の範囲。
    x_label, y_label : str
        軸の名前。
    ax : matplotlib.axes.Axes または None
        描く場所。None なら新しい図を作ります。

    Returns
    -------
    matplotlib.axes.Axes
    """
    x = np.linspace(start, stop, 401)
    return lines({name: (x, f(x)) for name, f in functions.items()}, x_label=x_label, y_label=y_label, ax=ax)


def function_and_derivative(
    name: str,
    function: Callable[[Array], ArrayLike],
    derivative: Callable[[Array], ArrayLike],
    *,
    start: float = -5.0,
    stop: float = 5.0,
    ax: Axes | None = None,
) -> Axes:
    """関数とその微分を、同じ座標に重ねて描きます。

    Parameters
    ----------
    name : str
        関数の名前。
    function, derivative : callable
        ndarray を受け取る関数と、その微分。
    start, stop : float
        横軸の範囲。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    of = {name: function, say("{name} の微分", name=name): derivative}
    return curves(of, start=start, stop=stop, y_label=say("値"), ax=ax)


def losses(
    histories: Mapping[str, ArrayLike],
    *,
    x_label: str = "更新の回数",
    smooth: int = 1,
    log: str = "",
    ax: Axes | None = None,
) -> Axes:
    """学習中の誤差の移り変わりを描きます。

    Parameters
    ----------
    histories : dict of str to array_like
        凡例の名前と、誤差の列(`dlcourse.training.History` の losses や epochs)。
    x_label : str
        横軸の名前。
    smooth : int
        ならす幅。各点を、そこまでの smooth 個の平均にします。1 ならそのまま。
    log : "", "x", "y" または "xy"
        対数目盛にする軸。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    series: dict[str, tuple[ArrayLike, ArrayLike]] = {}
    for name, history in histories.items():
        values = np.asarray(history, dtype=float)
        means = np.convolve(values, np.full(smooth, 1 / smooth), mode="valid")
        series[name] = np.arange(smooth, len(values) + 1), means
    return lines(series, x_label=say(x_label), y_label=say("誤差"), log=log, ax=ax)


def gradient_error(
    function: Callable[[Array], ArrayLike],
    derivative: Callable[[Array], ArrayLike],
    x: float,
    *,
    name: str = "f",
    ax: Axes | None = None,
) -> Axes:
    """数値微分の誤差が、刻み幅 h によってどう変わるかを、両対数のグラフに描きます。

    Parameters
    ----------
    function, derivative : callable
        関数と、その正しい微分。
    x : float
        微分する場所。
    name : str
        関数の名前。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    h = np.logspace(-15, 0, 151)
    place = np.asarray(x, dtype=np.float64)
    exact = np.asarray(derivative(place))
    forward = [(np.asarray(function(place + step)) - np.asarray(function(place))) / step for step in h]
    central = [numerical_diff(function, place, h=step) for step in h]

    def error(values: Sequence[ArrayLike]) -> Array:
        return np.maximum(np.abs(np.asarray(values) - exact), np.finfo(float).eps * 1e-2)

    series: dict[str, tuple[ArrayLike, ArrayLike]] = {
        say("前進差分"): (h, error(forward)),
        say("中心差分"): (h, error(central)),
    }
    return lines(series, x_label=say("刻み幅 h"), y_label=say("{name} の微分の誤差", name=name), log="xy", ax=ax)


def histograms(groups: Mapping[str, ArrayLike], *, bins: int = 30, x_label: str = "値") -> Axes:
    """値の分布を、同じ横軸で左右に並べて描きます。

    Parameters
    ----------
    groups : dict of str to array_like
        題名と、値。
    bins : int
        区間の数。
    x_label : str
        横軸の名前。

    Returns
    -------
    matplotlib.axes.Axes
        左端のもの。
    """
    _, row = plt.subplots(1, len(groups), figsize=(6.4, 2.6), sharex=True, sharey=True, squeeze=False)
    flat = {name: np.asarray(values).ravel() for name, values in groups.items()}
    low, high = min(v.min() for v in flat.values()), max(v.max() for v in flat.values())
    x_label, sentences = say(x_label), []
    for ax, (name, values), color in zip(row[0], flat.items(), CYCLE * len(flat), strict=False):
        ax.hist(values, bins=bins, range=(low, high), color=color)
        ax.set_title(name, fontsize=11)
        ax.set_xlabel(x_label)
        text = "{name}は平均 {mean:.3g}、標準偏差 {deviation:.3g}。"
        sentences.append(say(text, name=name, mean=values.mean(), deviation=values.std()))
    first: Axes = row[0][0]
    first.set_ylabel(say("個数"))
    text = say("{x_label}の分布を示す{count}つの棒グラフ。", x_label=x_label, count=len(flat))
    return describe(first, together(text, *sentences))


def bars(
    series: Mapping[str, ArrayLike],
    labels: Sequence[str],
    *,
    y_label: str = "値",
    frames: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """いくつかの値の組を、項目ごとに隣り合う棒で描きます。棒の先に値を書きます。

    Parameters
    ----------
    series : dict of str to array_like
        凡例の名前と、項目ごとの値。
    labels : list of str
        項目の名前。
    y_label : str
        縦軸の名前。
    frames : bool
        True なら、`steps` で、2つ目からの組を1つずつ加えられます。
    ax : matplotlib.axes.Axes または None
        描く場所。None なら新しい図を作ります。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = prepared(ax, (6.4, 3.4))
    width = 0.8 / len(series)
    y_label, sentences = say(y_label), []
    for number, (name, values) in enumerate(series.items()):
        values = np.asarray(values, dtype=float)
        places = np.arange(len(labels)) + (number - (len(series) - 1) / 2) * width
        # 色が見分けられなくても区別できるように、模様も変える
        drawn = ax.bar(
            places,
            values,
            0.9 * width,
            color=CYCLE[number % len(CYCLE)],
            edgecolor="white",
            hatch=HATCHES[number % len(HATCHES)],
            label=name,
        )
        written = ax.bar_label(drawn, [f"{value:.2f}" for value in values], padding=2, fontsize=8)
        if frames and number:
            for artist in (*drawn, *written):
                show_from(artist, number)
        pairs = listed(f"{label} {value:.2f}" for label, value in zip(labels, values, strict=True))
        sentences.append(say("{name}は{pairs}。", name=name, pairs=pairs))
    ax.axhline(0, color=GRAY, linewidth=0.8)
    ax.margins(y=0.12)
    ax.set_xticks(np.arange(len(labels)), labels)
    ax.grid(False, axis="x")
    ax.set_axisbelow(True)
    ax.set_ylabel(y_label)
    ax.legend(loc="best", frameon=False)
    return describe(ax, together(say("縦軸が{y_label}の棒グラフ。", y_label=y_label), *sentences))


def _trend(x: Array, y: Array) -> str:
    """1本の線がどう進むかを言葉にします。"""
    finite = np.isfinite(y)
    if not finite.any():
        return say("有限の値がない")
    x, y = x[finite], y[finite]
    start, end = (f"({x[place]:.3g}, {y[place]:.3g})" for place in (0, -1))
    if np.ptp(y) == 0:
        return say("一定の値 {value:.3g}", value=y[0])
    change = np.diff(y)
    if (change >= 0).all():
        return say("{start} から {end} へ増える", start=start, end=end)
    if (change <= 0).all():
        return say("{start} から {end} へ減る", start=start, end=end)
    top, bottom = y.argmax(), y.argmin()
    return say(
        "{start} から {end} へ進み、最大は x = {top:.3g} で {most:.3g}、最小は x = {bottom:.3g} で {least:.3g}",
        start=start, end=end, top=x[top], most=y[top], bottom=x[bottom], least=y[bottom],
    )  # fmt: skip
