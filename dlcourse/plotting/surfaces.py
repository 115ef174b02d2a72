"""勾配降下法: 誤差の等高線や曲線と、その上を進む点。"""

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from dlcourse.functions import Array
from dlcourse.plotting.frames import show_from
from dlcourse.plotting.style import BLUE, CYCLE, LINES, MARKERS, PALE, Place, coordinates, describe, prepared
from dlcourse.words import say, together


def contours(
    function: Callable[[Array], ArrayLike],
    *,
    paths: Mapping[str, ArrayLike] | None = None,
    x_range: Place = (-3.0, 3.0),
    y_range: Place = (-3.0, 3.0),
    minimum: Place | None = None,
    arrows: Callable[[Array], ArrayLike] | None = None,
    frames: int = 1,
    ax: Axes | None = None,
) -> Axes:
    """2変数の関数の等高線と、その上を進む点の道すじや、場所ごとの向きを描きます。

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
    arrows : callable または None
        (..., 2) の配列を受け取り、その場所から出る矢印 (..., 2) を返す関数。縦横に並べた点から矢印を描きます。
        長さの比は値の比のままで、いちばん長い矢印が、となりの点に届かないほどに縮めます。
    frames : int
        道すじを何段に分けるか。2以上なら、`steps` で1段ずつ進められます。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = prepared(ax, (6.4, 4.2))
    across, up = np.meshgrid(np.linspace(*x_range, 121), np.linspace(*y_range, 121))
    heights = np.asarray(function(np.stack([across, up], axis=-1)))
    # 谷の底が見えるように、底に近いほど等高線を密にする
    levels = heights.min() + np.ptp(heights) * np.linspace(0.02, 1, 16) ** 2
    ax.contour(across, up, heights, levels=levels, colors=PALE, linewidths=0.8)
    sentences = []
    if arrows is not None:
        sentences.append(_draw_arrows(ax, arrows, x_range, y_range))
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
            show_from(line, frame)
        begin, end = coordinates(path[0]), coordinates(path[-1])
        text = "{name}は {start} から {count} 回で {end} へ進む。"
        sentences.append(say(text, name=name, start=begin, count=len(path) - 1, end=end))
    if minimum is not None:
        ax.plot(*minimum, marker="*", markersize=14, color="black", linestyle="none", label=say("最小"))
        sentences.append(say("最小の点は {place}。", place=coordinates(minimum)))
    ax.set_xlim(x_range)
    ax.set_ylim(y_range)
    ax.set_xlabel("$w_0$")
    ax.set_ylabel("$w_1$")
    if paths or minimum is not None:
        ax.legend(loc="best", frameon=True, framealpha=0.9, fontsize=9)
    return describe(ax, together(say("横軸が w0、縦軸が w1 の等高線の図。"), *sentences))


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
    ax = prepared(ax, (6.4, 3.6))
    w = np.linspace(start, stop, 301)
    heights = np.asarray(function(w))
    ax.plot(w, heights, color=PALE)
    sentences = []
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
            show_from(line, frame)
        text = "{name}は w = {start:.3g} から {count} 回で w = {end:.3g} へ進む。"
        if len(shown) < len(path):
            text = "{name}は w = {start:.3g} から {count} 回で w = {end:.3g} へ進む(途中で図の外へ出る)。"
        sentences.append(say(text, name=name, start=path[0], count=len(path) - 1, end=path[-1]))
    ax.set_xlim(start, stop)
    ax.set_ylim(heights.min() - 0.06 * np.ptp(heights), heights.max())
    ax.set_xlabel("$w$")
    ax.set_ylabel(say("誤差 $E$"))
    ax.legend(loc="best", frameon=True, framealpha=0.9)
    return describe(ax, together(say("横軸が w、縦軸が誤差 E の曲線と、その上の点の図。"), *sentences))


def _draw_arrows(ax: Axes, arrows: Callable[[Array], ArrayLike], x_range: Place, y_range: Place, rows: int = 9) -> str:
    """縦横に並べた点から矢印を描き、その説明を返します。"""
    spacing = (y_range[1] - y_range[0]) / rows
    columns = round((x_range[1] - x_range[0]) / spacing)
    places = [
        low + (high - low) * (np.arange(count) + 0.5) / count
        for (low, high), count in ((x_range, columns), (y_range, rows))
    ]
    points = np.stack(np.meshgrid(*places), axis=-1)
    directions = np.asarray(arrows(points))
    lengths = np.hypot(directions[..., 0], directions[..., 1])
    ax.quiver(
        points[..., 0],
        points[..., 1],
        directions[..., 0],
        directions[..., 1],
        color=BLUE,
        angles="xy",
        scale_units="xy",
        scale=lengths.max() / (0.9 * spacing),
        width=0.004,
        zorder=2,
    )
    longest, shortest = (points[np.unravel_index(pick(lengths), lengths.shape)] for pick in (np.argmax, np.argmin))
    text = "縦横に並んだ{count}個の点から矢印が出る。いちばん長いのは {longest}、いちばん短いのは {shortest} のもの。"
    return say(text, count=lengths.size, longest=coordinates(longest), shortest=coordinates(shortest))
