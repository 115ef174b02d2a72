"""データと、その分類: 散布図、塗り分け、平面の折れ線、画像、行列。"""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import ArrayLike

from dlcourse.functions import Array
from dlcourse.plotting.style import CYCLE, LINES, MARKERS, Place, alt_text, coordinates, describe, prepared
from dlcourse.words import listed, say, together


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
    ax = prepared(ax, (4.6, 4.2))
    x, d = np.asarray(x), np.asarray(d).ravel().astype(int)
    words = []
    for number, label in enumerate(np.unique(d)):
        name = names[number] if names else say("ラベル {label}", label=label)
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
        middle = coordinates(own.mean(axis=0))
        words.append(say("{name}が{count}個(中心は {middle})", name=name, count=len(own), middle=middle))
    ax.set_xlabel("$x_0$")
    ax.set_ylabel("$x_1$")
    ax.legend(loc="best", frameon=True, framealpha=0.9)
    return describe(ax, say("2次元のデータの散布図。{groups}。", groups=listed(words)))


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
    regions = _class_labels(predict(np.column_stack([across.ravel(), up.ravel()])))
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
    right_ones = int((_class_labels(predict(x)) == d).sum())
    text = "背景は判断したラベルごとに塗り分けられ、{count}個のうち{right}個が同じラベルの領域にある。"
    return describe(ax, together(alt_text(ax), say(text, count=len(d), right=right_ones)))


def fold_lines(
    total_inputs: Callable[[Array], Sequence[ArrayLike]],
    *,
    x_range: Place = (-3.0, 3.0),
    y_range: Place = (-3.0, 3.0),
    ax: Axes | None = None,
) -> Axes:
    """2つの入力の平面に、ReLU のユニットが折れる線(総入力が 0 になる線)を、層ごとに描きます。

    Parameters
    ----------
    total_inputs : callable
        (M, 2) の配列を受け取り、中間層の総入力 (M, ユニットの数) を、1層目から順に並べて返す関数。
    x_range, y_range : (float, float)
        横軸と縦軸の範囲。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = prepared(ax, (4.6, 4.2))
    across, up = np.meshgrid(np.linspace(*x_range, 201), np.linspace(*y_range, 201))
    layers = [np.asarray(u) for u in total_inputs(np.column_stack([across.ravel(), up.ravel()]))]
    words = []
    for number, u in enumerate(layers):
        color, style = CYCLE[number], LINES[number]
        crossing = u[:, (u.min(axis=0) < 0) & (u.max(axis=0) > 0)].T
        for heights in crossing:
            level = ax.contour(across, up, heights.reshape(across.shape), levels=[0.0])
            for segment in level.allsegs[0]:
                ax.plot(*segment.T, color=color, linestyle=style, linewidth=1.3)
            level.remove()
        ax.plot([], [], color=color, linestyle=style, linewidth=1.3, label=say("{number}層目", number=number + 1))
        words.append(say("{number}層目の線は{count}本", number=number + 1, count=len(crossing)))
    ax.set(xlim=x_range, ylim=y_range, xlabel="$x_1$", ylabel="$x_2$")
    ax.grid(False)
    ax.legend(loc="upper right", frameon=True, framealpha=0.9, fontsize=9)
    regions = len(np.unique(np.concatenate(layers, axis=1) > 0, axis=0))
    text = "2つの入力の平面に、ユニットが折れる線を描いた図。{layers}で、{regions}個の部分に分かれる。"
    return describe(ax, say(text, layers=listed(words), regions=regions))


def images(pixels: ArrayLike, titles: Sequence[object] = (), *, columns: int = 8, signed: bool = False) -> Axes:
    """濃淡の画像を、左上から右へ並べて描きます。

    Parameters
    ----------
    pixels : array_like, shape (N, 高さ, 幅) または (N, 64)
        画像。値が大きいほど、地との差をつけて(白い紙の上なら黒く)描きます。(N, 64) は 8×8 の画像とみなします。
    titles : list
        画像の上に書く言葉。
    columns : int
        横に並べる数。
    signed : bool
        True なら、正の値を橙、負の値を紫で描きます。0 は地の色で、どの画像でも同じ値は同じ色です。

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
    largest = np.abs(pixels).max(initial=0) or 1
    look = {"cmap": "PuOr_r", "vmin": -largest, "vmax": largest} if signed else {"cmap": "gray_r"}
    for number, (ax, image) in enumerate(zip(grid.flat, pixels, strict=False)):
        ax.imshow(image, **look)
        if number < len(titles):
            ax.set_title(str(titles[number]), fontsize=10)
    first: Axes = grid[0][0]
    text = say("{count}枚の画像を{columns}列に並べた図。", count=len(pixels), columns=columns)
    named = say("{titles}。", titles=listed(titles)) if len(titles) else ""
    colours = say("正の値は橙、負の値は紫で、絶対値は {largest:.3g} まで。", largest=largest) if signed else ""
    return describe(first, together(text, named, colours))


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
    ax = prepared(ax, (5.2, 4.6))
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
    x_label, y_label = say(x_label), say(y_label)
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    ax.grid(False)
    text = "{rows}行{columns}列のます目。行が{y_label}、列が{x_label}で、値は {least:g} から {most:g}。"
    rows, columns = values.shape
    shown = {"rows": rows, "columns": columns, "least": values.min(), "most": values.max()}
    return describe(ax, say(text, x_label=x_label, y_label=y_label, **shown))


def _class_labels(outputs: ArrayLike) -> Array:
    """種類ごとの出力を、ラベルにします。"""
    outputs = np.asarray(outputs)
    if outputs.ndim == 2 and outputs.shape[1] > 1:
        return outputs.argmax(axis=1)
    flat = outputs.ravel()
    return flat if flat.dtype.kind in "iu" else (flat > 0.5).astype(int)
