"""本の図を描く関数。どの図も同じ書式で、同じ引数からは同じ図ができます。

どの関数も Axes を返し、`alt_text(ax)` で、図を見ない人のための説明(代替テキスト)が得られます。
Matplotlib と matplotlib-fontja(日本語フォント)が必要です: `pip install "dlcourse[plot]"`。
"""

import hashlib
import html
import io
import itertools
import json
import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import matplotlib_fontja
import numpy as np
from cycler import cycler
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike

from dlcourse.functions import Array
from dlcourse.gradient import numerical_diff

Place = tuple[float, float]

# 色の見え方の違いによらず区別できる配色(Okabe and Ito, 2008)
BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#D55E00", "#009E73", "#6B7280"
CYCLE = [BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", "#E69F00"]
# 色のほかに、線種と印の形でも区別する
LINES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1))]
MARKERS = ["o", "s", "^", "D", "v", "P"]
HATCHES = ["", "//", "..", "xx", "\\\\", "++"]

STYLE: dict[str, Any] = {
    "axes.prop_cycle": cycler(color=CYCLE),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E5E7EB",
    "lines.linewidth": 2,
    "font.size": 11,
    "figure.figsize": (6.4, 3.6),
    "svg.hashsalt": "dlcourse",
}


def use_style() -> None:
    """本の図の書式(配色、日本語フォント、ノートブックでは SVG)に切り替えます。"""
    matplotlib_fontja.japanize()
    plt.style.use(STYLE)
    try:
        shell = get_ipython()  # type: ignore[name-defined]  # IPython が用意する名前
    except NameError:
        return
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    if getattr(shell, "kernel", None):
        set_matplotlib_formats("svg", metadata={"Date": None})  # type: ignore[no-untyped-call]  # 型のない部品


def alt_text(ax: Axes) -> str:
    """図の代替テキスト(図に何が見えるかを言葉で書いたもの)を返します。

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        この部品の関数が返したもの。

    Returns
    -------
    str
    """
    return str(ax.get_label())


# --- グラフ ---------------------------------------------------------------------------------


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
    ax = _axes(ax, (6.4, 3.4))
    told = []
    for number, (name, values) in enumerate(series.items()):
        x, y = values if isinstance(values, tuple) else (np.arange(len(np.asarray(values))), values)
        x, y = np.asarray(x), np.asarray(y)
        # 線の1本ずつに同じ色と線種が付くように、番号で選ぶ
        ax.plot(x, y, linestyle=LINES[number % len(LINES)], color=CYCLE[number % len(CYCLE)], label=name)
        told.append(f"{name}は{_course(x, y)}")
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    ax.legend(frameon=False)
    scale = f"({'と'.join({'x': '横軸', 'y': '縦軸'}[axis] for axis in log)}は対数目盛)" if log else ""
    return _tell(ax, f"横軸が{x_label}、縦軸が{y_label}の折れ線グラフ{scale}。{'。'.join(told)}。")


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
    return curves({name: function, f"{name} の微分": derivative}, start=start, stop=stop, y_label="値", ax=ax)


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
    return lines(series, x_label=x_label, y_label="誤差", log=log, ax=ax)


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

    series: dict[str, tuple[ArrayLike, ArrayLike]] = {"前進差分": (h, error(forward)), "中心差分": (h, error(central))}
    return lines(series, x_label="刻み幅 h", y_label=f"{name} の微分の誤差", log="xy", ax=ax)


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
    told = []
    for ax, (name, values), color in zip(row[0], flat.items(), CYCLE * len(flat), strict=False):
        ax.hist(values, bins=bins, range=(low, high), color=color)
        ax.set_title(name, fontsize=11)
        ax.set_xlabel(x_label)
        told.append(f"{name}は平均 {values.mean():.3g}、標準偏差 {values.std():.3g}")
    first: Axes = row[0][0]
    first.set_ylabel("個数")
    return _tell(first, f"{x_label}の分布を示す{len(flat)}つの棒グラフ。{'。'.join(told)}。")


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
    ax = _axes(ax, (6.4, 3.4))
    width = 0.8 / len(series)
    told = []
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
                _appears(artist, number)
        pairs = zip(labels, values, strict=True)
        told.append(f"{name}は{'、'.join(f'{label} {value:.2f}' for label, value in pairs)}")
    ax.axhline(0, color=GRAY, linewidth=0.8)
    ax.margins(y=0.12)
    ax.set_xticks(np.arange(len(labels)), labels)
    ax.grid(False, axis="x")
    ax.set_axisbelow(True)
    ax.set_ylabel(y_label)
    ax.legend(frameon=False)
    return _tell(ax, f"縦軸が{y_label}の棒グラフ。{'。'.join(told)}。")


# --- データと分類 -----------------------------------------------------------------------------


def data_points(x: ArrayLike, d: ArrayLike, *, names: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """2次元のデータを、ラベルごとに色と印の形を変えて描きます。

    Parameters
    ----------
    x : array_like, shape (N, 2)
        データ。
    d : array_like of int, shape (N,)
        ラベル。
    names : list of str または None
        ラベルの名前。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (4.6, 4.2))
    x, d = np.asarray(x), np.asarray(d).ravel().astype(int)
    told = []
    for number, label in enumerate(np.unique(d)):
        name = names[number] if names else f"ラベル {label}"
        own = x[d == label]
        ax.scatter(
            own[:, 0],
            own[:, 1],
            s=22,
            color=CYCLE[number],
            marker=MARKERS[number],
            edgecolor="white",
            linewidth=0.5,
            label=name,
            zorder=3,
        )
        told.append(f"{name}が{len(own)}個(中心は {_point(own.mean(axis=0))})")
    ax.set_xlabel("$x_0$")
    ax.set_ylabel("$x_1$")
    ax.legend(frameon=True, framealpha=0.9)
    return _tell(ax, f"2次元のデータの散布図。{'、'.join(told)}。")


def decision_regions(
    predict: Callable[[Array], ArrayLike],
    x: ArrayLike,
    d: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """平面のどこをどのラベルと判断するかを色で塗り、データを重ねて描きます。

    Parameters
    ----------
    predict : callable
        (M, 2) の配列を受け取り、ラベル (M,) か、種類ごとの出力 (M, K) を返す関数。
        出力が1つ (M, 1) なら、0.5 を境にします。
    x : array_like, shape (N, 2)
        データ。
    d : array_like of int, shape (N,)
        ラベル。
    names : list of str または None
        ラベルの名前。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    x, d = np.asarray(x), np.asarray(d).ravel().astype(int)
    ax = data_points(x, d, names=names, ax=ax)
    margin = 0.15 * np.ptp(x, axis=0)
    (left, bottom), (right, top) = x.min(axis=0) - margin, x.max(axis=0) + margin
    across, up = np.meshgrid(np.linspace(left, right, 160), np.linspace(bottom, top, 160))
    regions = _labels(predict(np.column_stack([across.ravel(), up.ravel()])))
    ax.imshow(
        regions.reshape(across.shape),
        extent=(left, right, bottom, top),
        origin="lower",
        aspect="auto",
        cmap=ListedColormap(CYCLE),
        vmin=0,
        vmax=len(CYCLE) - 1,
        alpha=0.22,
        zorder=0,
    )
    ax.grid(False)
    right_ones = int((_labels(predict(x)) == d).sum())
    return _tell(
        ax,
        f"{alt_text(ax)}背景は判断したラベルごとに塗り分けられ、{len(d)}個のうち{right_ones}個が"
        "同じラベルの領域にある。",
    )


def images(pixels: ArrayLike, titles: Sequence[object] = (), *, columns: int = 8) -> Axes:
    """濃淡の画像を、左上から右へ並べて描きます。

    Parameters
    ----------
    pixels : array_like, shape (N, 高さ, 幅) または (N, 64)
        画像。値が大きいほど黒く描きます。(N, 64) は 8×8 の画像とみなします。
    titles : list
        画像の上に書く言葉。
    columns : int
        横に並べる数。

    Returns
    -------
    matplotlib.axes.Axes
        左上のもの。
    """
    pixels = np.asarray(pixels)
    pixels = pixels.reshape(len(pixels), 8, 8) if pixels.ndim == 2 else pixels
    rows = -(-len(pixels) // columns)
    _, grid = plt.subplots(rows, columns, figsize=(6.4, 1.35 * rows * 6.4 / columns), squeeze=False)
    for ax in grid.flat:
        ax.set_axis_off()
    for number, (ax, image) in enumerate(zip(grid.flat, pixels, strict=False)):
        ax.imshow(image, cmap="gray_r")
        if number < len(titles):
            ax.set_title(str(titles[number]), fontsize=10)
    first: Axes = grid[0][0]
    return _tell(first, f"{len(pixels)}枚の画像を{columns}列に並べた図。{'、'.join(map(str, titles))}。")


def matrix(values: ArrayLike, *, x_label: str = "列", y_label: str = "行", ax: Axes | None = None) -> Axes:
    """行列を、要素の値を書いた濃淡のます目に描きます(混同行列など)。

    Parameters
    ----------
    values : array_like, shape (R, C)
        行列。
    x_label, y_label : str
        列と行の番号が表すもの。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (5.2, 4.6))
    values = np.asarray(values)
    ax.imshow(values, cmap="Blues")
    dark = values > (values.min() + values.max()) / 2
    for (row, column), value in np.ndenumerate(values):
        ax.text(
            column,
            row,
            f"{value:g}",
            ha="center",
            va="center",
            fontsize=9,
            color="white" if dark[row, column] else "black",
        )
    ax.set_xticks(range(values.shape[1]))
    ax.set_yticks(range(values.shape[0]))
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    ax.grid(False)
    return _tell(
        ax,
        f"{values.shape[0]}行{values.shape[1]}列のます目。行が{y_label}、列が{x_label}で、"
        f"値は {values.min():g} から {values.max():g}。",
    )


# --- 勾配降下法 -------------------------------------------------------------------------------


def contours(
    function: Callable[[Array], ArrayLike],
    *,
    paths: Mapping[str, ArrayLike] | None = None,
    x_range: Place = (-3.0, 3.0),
    y_range: Place = (-3.0, 3.0),
    minimum: Place | None = None,
    frames: int = 1,
    ax: Axes | None = None,
) -> Axes:
    """2変数の関数の等高線と、その上を進む点の道すじを描きます。

    Parameters
    ----------
    function : callable
        (..., 2) の配列を受け取り、(...) の値を返す関数。
    paths : dict of str to array_like, shape (T, 2)
        凡例の名前と、通った点。
    x_range, y_range : (float, float)
        横軸と縦軸の範囲。
    minimum : (float, float) または None
        星印を付ける場所。
    frames : int
        道すじを何段に分けるか。2以上なら、`steps` で1段ずつ進められます。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (6.4, 4.2))
    across, up = np.meshgrid(np.linspace(*x_range, 121), np.linspace(*y_range, 121))
    heights = np.asarray(function(np.stack([across, up], axis=-1)))
    # 谷の底が見えるように、底に近いほど等高線を密にする
    levels = heights.min() + np.ptp(heights) * np.linspace(0.02, 1, 16) ** 2
    ax.contour(across, up, heights, levels=levels, colors="#9AA3AF", linewidths=0.8)
    told = []
    for number, (name, path) in enumerate((paths or {}).items()):
        path = np.asarray(path, dtype=float)
        color, marker, style = CYCLE[number], MARKERS[number], LINES[number]
        ax.plot(*path[0], marker=marker, color=color, linestyle=style, label=name)  # 始点。凡例もこれで作る
        ends = np.linspace(0, len(path) - 1, frames + 1).astype(int)
        for frame, (begin, end) in enumerate(zip(ends, ends[1:], strict=False), start=1):
            piece = path[begin : end + 1]
            (line,) = ax.plot(
                piece[:, 0], piece[:, 1], marker=marker, markersize=3.5, color=color, linestyle=style, linewidth=1.5
            )
            _appears(line, frame)
        told.append(f"{name}は {_point(path[0])} から {len(path) - 1} 回で {_point(path[-1])} へ進む")
    if minimum is not None:
        ax.plot(*minimum, marker="*", markersize=14, color="black", linestyle="none", label="最小")
        told.append(f"最小の点は {_point(minimum)}")
    ax.set_xlim(x_range)
    ax.set_ylim(y_range)
    ax.set_xlabel("$w_0$")
    ax.set_ylabel("$w_1$")
    if told:
        ax.legend(frameon=True, framealpha=0.9, fontsize=9)
    return _tell(ax, f"横軸が w0、縦軸が w1 の等高線の図。{'。'.join(told)}。")


def descent(
    function: Callable[[Array], ArrayLike],
    paths: Mapping[str, ArrayLike],
    *,
    start: float = -3.0,
    stop: float = 3.0,
    frames: int = 1,
    ax: Axes | None = None,
) -> Axes:
    """1変数の関数のグラフと、その上を進む点の道すじを描きます。

    Parameters
    ----------
    function : callable
        ndarray を受け取る関数。
    paths : dict of str to array_like, shape (T,)
        凡例の名前と、通った w の値。
    start, stop : float
        横軸の範囲。
    frames : int
        道すじを何段に分けるか。2以上なら、`steps` で1段ずつ進められます。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (6.4, 3.6))
    w = np.linspace(start, stop, 301)
    heights = np.asarray(function(w))
    ax.plot(w, heights, color="#9AA3AF")
    told = []
    for number, (name, path) in enumerate(paths.items()):
        path = np.asarray(path, dtype=float)
        shown = path[(path >= start) & (path <= stop)]
        color, marker, style = CYCLE[number], MARKERS[number], LINES[number]
        ax.plot(path[:1], np.asarray(function(path[:1])), marker=marker, color=color, linestyle=style, label=name)
        ends = np.linspace(0, len(path) - 1, frames + 1).astype(int)
        for frame, (begin, end) in enumerate(zip(ends, ends[1:], strict=False), start=1):
            piece = path[begin : end + 1]
            (line,) = ax.plot(
                piece,
                np.asarray(function(piece)),
                marker=marker,
                markersize=5,
                color=color,
                linestyle=style,
                linewidth=1.2,
            )
            _appears(line, frame)
        left = "" if len(shown) == len(path) else "(途中で図の外へ出る)"
        told.append(f"{name}は w = {path[0]:.3g} から {len(path) - 1} 回で w = {path[-1]:.3g} へ進む{left}")
    ax.set_xlim(start, stop)
    ax.set_ylim(heights.min() - 0.06 * np.ptp(heights), heights.max())
    ax.set_xlabel("$w$")
    ax.set_ylabel("誤差 $E$")
    ax.legend(frameon=True, framealpha=0.9)
    return _tell(ax, f"横軸が w、縦軸が誤差 E の曲線と、その上の点の図。{'。'.join(told)}。")


# --- 仕組みの図 -------------------------------------------------------------------------------


def computation_graph(
    nodes: Mapping[str, Place],
    arrows: Sequence[tuple[str, str, str, str]],
    *,
    frames: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """計算グラフを描きます。矢印の上に順伝播の値、下に逆伝播の値を書きます。

    Parameters
    ----------
    nodes : dict of str to (float, float)
        ノードに書く言葉と、場所。入ってくる矢印のないノードが入力です。
    arrows : list of (str, str, str, str)
        (出るノード, 入るノード, 順伝播の値, 逆伝播の値)。書かない値は ""。
    frames : bool
        True なら、`steps` で、順伝播を左の列から、そのあと逆伝播を右の列から1段ずつ進められます。
        段の数は、矢印が出る列の数の2倍です。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (6.8, 3.4), plain=True)
    columns = sorted({nodes[start][0] for start, *_ in arrows})
    entered = {end for _, end, *_ in arrows}
    told_forward, told_backward = [], []
    for start, end, forward, backward in arrows:
        begin, finish = np.array(nodes[start]), np.array(nodes[end])
        _arrow(ax, nodes[start], nodes[end], GRAY)
        middle, direction = (begin + finish) / 2, (finish - begin) / np.hypot(*(finish - begin))
        above = np.array([-direction[1], direction[0]]) * 0.2
        column = columns.index(begin[0])
        for text, place, color, frame in (
            (forward, middle + above, BLUE, column + 1),
            (backward, middle - above, ORANGE, 2 * len(columns) - column),
        ):
            if text:
                shown = ax.text(
                    place[0],
                    place[1],
                    text,
                    ha="center",
                    va="center",
                    color=color,
                    fontsize=10,
                    zorder=4,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
                )
                if frames:
                    _appears(shown, frame)
        told_forward.append(f"{_plain(start)}から{_plain(end)}へ {_plain(forward)}".rstrip())
        told_backward.append(f"{_plain(end)}から{_plain(start)}へ {_plain(backward)}".rstrip())
    for name, place in nodes.items():
        _node(ax, place, name, ORANGE if name in entered else BLUE, radius=0.36)
    across, up = zip(*nodes.values(), strict=True)
    ax.set_xlim(min(across) - 0.6, max(across) + 0.6)
    ax.set_ylim(min(up) - 0.7, max(up) + 0.7)
    text = f"計算グラフ。順伝播の矢印は、{'、'.join(told_forward)}。"
    if any(backward for *_, backward in arrows):
        text += f"逆伝播は、{'、'.join(reversed(told_backward))}。"
    return _tell(ax, text)


def unit_diagram(inputs: int = 4, *, ax: Axes | None = None) -> Axes:
    """1つのユニットの計算(重み付きの和、バイアス、活性化関数)を描きます。

    Parameters
    ----------
    inputs : int
        入力の数。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (6.4, 3.2), plain=True)
    heights = np.linspace(inputs - 1, 0, inputs)
    middle = heights.mean()
    total, output, end = (3.2, middle), (5.2, middle), (6.9, middle)
    for i, height in enumerate(heights, start=1):
        _arrow(ax, (0, height), total, GRAY)
        _node(ax, (0, height), f"$x_{i}$", BLUE)
        ax.text(
            1.25,
            height + (middle - height) * 0.39,
            f"$w_{i}$",
            ha="center",
            va="center",
            color=GRAY,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    _arrow(ax, (3.2, middle - 1.5), total, GRAY)
    ax.text(3.2, middle - 1.75, "バイアス $b$", ha="center", va="center", color=GRAY)
    _arrow(ax, total, output, GRAY)
    _arrow(ax, output, end, GRAY)
    _node(ax, total, "$u$", ORANGE)
    _node(ax, output, "$f$", GREEN)
    ax.text(total[0], middle + 0.62, "総入力", ha="center", color=ORANGE)
    ax.text(output[0], middle + 0.62, "活性化関数", ha="center", color=GREEN)
    ax.text(end[0] + 0.1, middle, "$z = f(u)$", ha="left", va="center")
    ax.set_xlim(-0.6, 8.4)
    ax.set_ylim(min(-0.6, middle - 2.1), inputs - 0.4)
    return _tell(
        ax,
        f"1つのユニットの図。入力 x1 から x{inputs} の丸から、重み w1 から w{inputs} の付いた矢印が"
        "総入力 u に集まり、バイアス b も加わる。u は活性化関数 f に進み、z = f(u) が出る。",
    )


def network_diagram(
    layer_sizes: Sequence[int],
    *,
    input_labels: Sequence[str] | None = None,
    output_labels: Sequence[str] | None = None,
    layer_names: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """全結合ネットワークの図を、入力層を左にして描きます。

    Parameters
    ----------
    layer_sizes : list of int
        入力層から出力層までのノードの数。
    input_labels, output_labels : list of str または None
        入力ノードの左と、出力ノードの右に書く言葉。
    layer_names : list of str または None
        層の下に書く名前。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (6.4, 3.6), plain=True)
    last = len(layer_sizes) - 1
    places = [
        [(2.4 * column, row) for row in np.arange(size)[::-1] - (size - 1) / 2]
        for column, size in enumerate(layer_sizes)
    ]
    bottom = -max(layer_sizes) / 2 - 0.25
    for column, (left, right) in enumerate(zip(places, places[1:], strict=False), start=1):
        for start in left:
            for end in right:
                ax.plot(*zip(start, end, strict=True), color="#C4C9D1", linewidth=1, zorder=1)
        ax.text(2.4 * column - 1.2, -bottom - 0.1, f"$W^{{({column})}},\\ b^{{({column})}}$", ha="center", color=GRAY)
    for column, nodes in enumerate(places):
        color = BLUE if column == 0 else GREEN if column == last else ORANGE
        symbol = "x" if column == 0 else "y" if column == last else "z"
        for number, place in enumerate(nodes, start=1):
            _node(ax, place, f"${symbol}_{number}$", color, radius=0.34)
        if layer_names:
            ax.text(2.4 * column, bottom, layer_names[column], ha="center", va="top")
    for labels, column, shift, align in ((input_labels, 0, -0.5, "right"), (output_labels, last, 0.5, "left")):
        for (x, y), label in zip(places[column], labels or [], strict=False):
            ax.text(x + shift, y, label, ha=align, va="center")
    ax.set_xlim(-1.9 if input_labels else -0.6, 2.4 * last + (1.9 if output_labels else 0.6))
    ax.set_ylim(bottom - 0.6, -bottom + 0.4)
    sizes = "、".join(map(str, layer_sizes))
    return _tell(
        ax, f"全結合ネットワークの図。ノードは左の入力層から順に {sizes} 個で、隣り合う層の丸はすべて線で結ばれている。"
    )


def shape_diagram(terms: Sequence[tuple[str, int, int] | str], *, ax: Axes | None = None) -> Axes:
    """行列の計算を、行と列の数に合わせた長方形で描きます。

    Parameters
    ----------
    terms : list of (str, int, int) または str
        (名前, 行数, 列数) の行列と、その間の演算の記号。行数 0 は1次元の配列です。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (6.4, 2.6), plain=True)
    colors = iter(CYCLE)
    x = 0.0
    tallest = max(max(term[1], 1) for term in terms if not isinstance(term, str))
    for term in terms:
        if isinstance(term, str):
            ax.text(x + 0.5, 0, term, ha="center", va="center", fontsize=15)
            x += 1.0
            continue
        name, rows, columns = term
        height, color = max(rows, 1), next(colors)
        for row in range(height):
            for column in range(columns):
                ax.add_patch(
                    Rectangle(
                        (x + column, height / 2 - row - 1), 1, 1, facecolor=color + "26", edgecolor=color, linewidth=1.2
                    )
                )
        ax.text(x + columns / 2, height / 2 + 0.25, f"${name}$", ha="center", va="bottom", fontsize=13, color=color)
        shape = f"({rows}, {columns})" if rows else f"({columns},)"
        ax.text(x + columns / 2, -height / 2 - 0.25, shape, ha="center", va="top", color=GRAY)
        x += columns
    ax.set_xlim(-0.2, x + 0.2)
    ax.set_ylim(-tallest / 2 - 1.2, tallest / 2 + 1.2)
    return _tell(ax, f"配列の形を長方形で表した図。左から {' '.join(map(_term, terms))}。")


# --- 操作できる図 -----------------------------------------------------------------------------

_APPEARS = "appears-"
_SVG = "http://www.w3.org/2000/svg"
_PRECISE = re.compile(r"scale\([^)]*\)|-?\d+\.\d{3,}")  # 位置は 0.01 ポイントまで。字の縮尺は変えない


class Frames:
    """つまみやボタンで、あらかじめ描いた場面を切り替えられる図。ノートブックや本のページに表示されます。

    切り替えは `book/_static/figures.js` が行います。動かない場所では、1つの場面と、その説明が見えます。
    """

    def __init__(
        self, svg: str, alt: str, captions: Sequence[str], fields: Sequence[str], shown: Container[int]
    ) -> None:
        self.svg, self.alt, self.captions, self.fields, self.shown = svg, alt, list(captions), fields, shown

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li{'' if number in self.shown else ' hidden'}>{html.escape(caption)}</li>"
            for number, caption in enumerate(self.captions)
        )
        return (
            f'<div class="frames">{self.svg}<div class="frames-controls" hidden>{"".join(self.fields)}</div>'
            f'<ol class="frames-captions" aria-live="polite">{items}</ol></div>'
        )


def steps(ax: Axes, captions: Sequence[str], *, alt: str | None = None) -> Frames:
    """`frames` を指定して描いた図を、1段ずつ進められるようにします。

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        `contours`、`descent`、`computation_graph`、`bars` が返したもの。
    captions : list of str
        段ごとの説明。最初の1つは、まだ何も進んでいない図の説明です。
    alt : str または None
        図の代替テキスト。None なら `alt_text(ax)`。

    Returns
    -------
    Frames
        切り替えが動かない場所では、最後の段の図と、すべての説明が見えます。

    Raises
    ------
    ValueError
        説明の数が、段の数より1つ多い数でないとき。
    """
    figure = ax.figure
    assert isinstance(figure, Figure)  # 図から外された Axes は、この部品からは返らない
    last = max((_frame(artist) for artist in ax.get_children()), default=0)
    if len(captions) != last + 1:
        raise ValueError(f"captions は {last + 1} 個(最初の図と {last} 段)です。渡された数は {len(captions)} です。")
    drawing = _svg(figure, "tight")
    plt.close(figure)
    for frame in range(1, last + 1):
        seen = " ".join(map(str, range(frame, last + 1)))
        drawing = re.sub(rf'id="{_APPEARS}{frame}-\d+"', f'data-frames="{seen}"', drawing)
    alt = alt_text(ax) if alt is None else alt
    slider = _field("段を選ぶ", [f"{frame} / {last}" for frame in range(last + 1)], 0, ordered=True)
    fields = [_button("◀", "前の段", -1), slider, _button("▶", "次の段", 1)]
    return Frames(_inline(drawing, alt), alt, captions, fields, range(last + 1))


def explorer(
    draw: Callable[..., tuple[Axes, str]],
    controls: Mapping[str, Sequence[object]],
    *,
    start: Sequence[object],
    alt: str,
) -> Frames:
    """1つか2つの値を選んで、そのときの図を見られるようにします。どの値の組の図も、あらかじめ描いておきます。

    Parameters
    ----------
    draw : callable
        選ばれた値を `controls` の順に受け取り、図(この部品の関数が返したもの)と、その図の説明の文を返す関数。
        値によらず軸の範囲を同じにすると、図を見比べやすくなります。
    controls : dict of str to list
        選ぶものの名前と、選べる値。数ならつまみ、文字列なら選択肢の一覧になります。
    start : list
        はじめに選ばれている値。切り替えが動かない場所では、この図と説明が見えます。
    alt : str
        図の代替テキスト。何を表す図かを書きます。値ごとの違いは、説明の文が伝えます。

    Returns
    -------
    Frames

    Raises
    ------
    ValueError
        はじめの値が、選べる値の中にないとき。

    Examples
    --------
    >>> def draw(slope):
    ...     ax = curves({"直線": lambda x: slope * x})
    ...     ax.set_ylim(-10, 10)
    ...     return ax, f"傾き {slope} の直線です。"
    >>> explorer(draw, {"傾き": [-1, 0, 1]}, start=[1], alt="直線のグラフ。").captions
    ['傾き -1 の直線です。', '傾き 0 の直線です。', '傾き 1 の直線です。']
    """
    choices = list(itertools.product(*controls.values()))
    if tuple(start) not in choices:
        raise ValueError(f"start は、controls の値を1つずつ並べたものです。渡された値は {list(start)} です。")
    shown = choices.index(tuple(start))
    drawings, captions = [], []
    box: Bbox | str = "tight"
    # はじめの図を先に描き、どの図もそれと同じ範囲を切り取る
    for number in sorted(range(len(choices)), key=lambda number: number != shown):
        ax, caption = draw(*choices[number])
        figure = ax.figure
        assert isinstance(figure, Figure)
        if box == "tight":
            figure.draw_without_rendering()
            box = figure.get_tightbbox().padded(0.1)
        drawings.append((number, ElementTree.fromstring(_svg(figure, box))))
        captions.append((number, caption))
        plt.close(figure)
    merged = _merge([drawing for _, drawing in sorted(drawings, key=lambda pair: pair[0])], shown)
    fields = [
        _field(
            name,
            [f"{one:g}" if isinstance(one, int | float) else str(one) for one in values],
            list(values).index(value),
            ordered=not isinstance(values[0], str),
        )
        for (name, values), value in zip(controls.items(), start, strict=True)
    ]
    return Frames(_inline(merged, alt), alt, [text for _, text in sorted(captions)], fields, {shown})


def _merge(drawings: Sequence[ElementTree.Element], shown: int) -> str:
    """いくつもの図を、同じところは1つにまとめて、1つの SVG にします。"""
    definitions: dict[str, ElementTree.Element] = {}
    for drawing in drawings:
        for parent in list(drawing.iter()):
            for child in list(parent):
                if child.tag == f"{{{_SVG}}}defs":
                    parent.remove(child)
                    definitions.update((ElementTree.tostring(one, "unicode").strip(), one) for one in child)
                elif child.tag == f"{{{_SVG}}}g":
                    child.attrib.pop("id", None)  # 描いた順の番号で、どこからも引かれない
    (merged,) = _merged(drawings, shown)
    defs = ElementTree.Element(f"{{{_SVG}}}defs")
    defs.extend(definitions.values())
    merged.insert(0, defs)
    for element in merged.iter():
        element.tail = None  # 字下げ
        styles = {child.get("style") for child in element if child.tag == f"{{{_SVG}}}use"}
        if len(styles) == 1 and "style" not in element.attrib and all(child.get("style") for child in element):
            element.set("style", styles.pop() or "")  # 同じ印がいくつも並ぶ
            for child in element:
                del child.attrib["style"]
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return ElementTree.tostring(merged, "unicode")


def _merged(versions: Sequence[ElementTree.Element], shown: int) -> list[ElementTree.Element]:
    """図ごとの同じ場所の部品を、違うところだけ図の番号を付けて並べます。"""
    first = versions[0]
    different: dict[str, list[int]] = {}
    for number, version in enumerate(versions):
        different.setdefault(ElementTree.tostring(version, "unicode").strip(), []).append(number)
    if len(different) == 1:
        return [first]
    if all((one.tag, one.attrib, len(one)) == (first.tag, first.attrib, len(first)) for one in versions) and len(first):
        merged = ElementTree.Element(first.tag, first.attrib)
        for children in zip(*versions, strict=True):
            merged.extend(_merged(children, shown))
        return [merged]
    kept = []
    for numbers in different.values():
        element = versions[numbers[0]]
        element.set("data-frames", " ".join(map(str, numbers)))
        element.set("display", "inline" if shown in numbers else "none")
        kept.append(element)
    return kept


def _svg(figure: Figure, box: Bbox | str) -> str:
    file = io.StringIO()
    with plt.rc_context({"svg.hashsalt": "dlcourse"}):  # どの場面でも、同じ部品は同じ名前に
        figure.savefig(file, format="svg", bbox_inches=box, metadata={"Date": None})
    drawing = re.sub(r"<metadata>.*?</metadata>", "", file.getvalue(), flags=re.DOTALL)
    return _PRECISE.sub(_rounded, drawing[drawing.index("<svg") :])


def _rounded(number: re.Match[str]) -> str:
    return number[0] if number[0].startswith("scale") else f"{float(number[0]):.2f}"


def _inline(drawing: str, alt: str) -> str:
    """ページの中に置く SVG。図がいくつあっても、部品の名前は重ならない。"""
    own = "g" + hashlib.sha256((drawing + alt).encode()).hexdigest()[:6] + "-"
    drawing = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{own}", drawing)
    return drawing.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt)}" ', 1)


def _field(name: str, values: Sequence[str], chosen: int, *, ordered: bool) -> str:
    known = f'data-values="{html.escape(json.dumps(values, ensure_ascii=False))}"'
    if ordered:
        field = f'<input type="range" min="0" max="{len(values) - 1}" value="{chosen}" {known}><output></output>'
    else:
        options = "".join(
            f'<option value="{number}"{" selected" if number == chosen else ""}>{html.escape(value)}</option>'
            for number, value in enumerate(values)
        )
        field = f"<select {known}>{options}</select>"
    return f"<label><span>{html.escape(name)}</span>{field}</label>"


def _button(text: str, name: str, move: int) -> str:
    return f'<button type="button" aria-label="{name}" data-move="{move}">{text}</button>'


def _appears(artist: Artist, frame: int) -> None:
    """段 frame から見えるようにする印を付けます。"""
    assert artist.axes is not None  # 描かれたばかりの部品
    artist.set_gid(f"{_APPEARS}{frame}-{len(artist.axes.get_children())}")


def _frame(artist: Artist) -> int:
    gid = artist.get_gid() or ""
    return int(gid.split("-")[1]) if gid.startswith(_APPEARS) else 0


# --- 共通の部品 -------------------------------------------------------------------------------


def _axes(ax: Axes | None, size: Place, *, plain: bool = False) -> Axes:
    if ax is None:
        _, ax = plt.subplots(figsize=size)
    if plain:
        ax.set_axis_off()
        ax.set_aspect("equal")
    return ax


def _tell(ax: Axes, text: str) -> Axes:
    """図の説明を Axes の名前として残します。"""
    ax.set_label(text)
    return ax


def _node(ax: Axes, place: Place, text: str, color: str, radius: float = 0.4) -> None:
    ax.add_patch(Circle(place, radius, facecolor="white", edgecolor=color, linewidth=2, zorder=2))
    ax.text(*place, text, ha="center", va="center", zorder=3)


def _arrow(ax: Axes, start: Place, end: Place, color: str) -> None:
    ax.annotate(
        "",
        end,
        start,
        zorder=1,
        arrowprops={"arrowstyle": "-|>", "color": color, "shrinkA": 12, "shrinkB": 15, "linewidth": 1.2},
    )


def _labels(outputs: ArrayLike) -> Array:
    """種類ごとの出力を、ラベルにします。"""
    outputs = np.asarray(outputs)
    if outputs.ndim == 2 and outputs.shape[1] > 1:
        return outputs.argmax(axis=1)
    flat = outputs.ravel()
    return flat if flat.dtype.kind in "iu" else (flat > 0.5).astype(int)


def _point(place: ArrayLike) -> str:
    across, up = np.asarray(place, dtype=float)
    return f"({across:.3g}, {up:.3g})"


def _course(x: Array, y: Array) -> str:
    """1本の線がどう進むかを言葉にします。"""
    finite = np.isfinite(y)
    if not finite.any():
        return "有限の値がない"
    x, y = x[finite], y[finite]
    ends = f"({x[0]:.3g}, {y[0]:.3g}) から ({x[-1]:.3g}, {y[-1]:.3g}) へ"
    if np.ptp(y) == 0:
        return f"一定の値 {y[0]:.3g}"
    change = np.diff(y)
    if (change >= 0).all():
        return f"{ends}増える"
    if (change <= 0).all():
        return f"{ends}減る"
    top, bottom = y.argmax(), y.argmin()
    return f"{ends}進み、最大は x = {x[top]:.3g} で {y[top]:.3g}、最小は x = {x[bottom]:.3g} で {y[bottom]:.3g}"


def _term(term: tuple[str, int, int] | str) -> str:
    if isinstance(term, str):
        return term
    name, rows, columns = term
    return f"{rows}行{columns}列の{name}" if rows else f"長さ{columns}の{name}"


def _plain(text: str) -> str:
    """数式の記号を、声に出して読める形にします。"""
    return re.sub(r"[$\\{}]", "", text)
