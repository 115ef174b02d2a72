"""仕組みの図: 計算グラフ、ユニット、ネットワーク、配列の形。"""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle
from numpy.typing import ArrayLike

from dlcourse.plotting.frames import show_from
from dlcourse.plotting.style import BLUE, CYCLE, GRAY, GREEN, ORANGE, PALE, Place, describe, prepared
from dlcourse.words import listed, say, together


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
    ax = prepared(ax, (6.8, 3.4), plain=True)
    columns = sorted({nodes[start][0] for start, *_ in arrows})
    entered = {end for _, end, *_ in arrows}
    forward_words, backward_words = [], []
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
                    show_from(shown, frame)
        forward_words.append(_arrow_in_words(start, end, forward))
        backward_words.append(_arrow_in_words(end, start, backward))
    for name, place in nodes.items():
        _node(ax, place, name, ORANGE if name in entered else BLUE, radius=0.36)
    across, up = zip(*nodes.values(), strict=True)
    ax.set_xlim(min(across) - 0.6, max(across) + 0.6)
    ax.set_ylim(min(up) - 0.7, max(up) + 0.7)
    text = say("計算グラフ。順伝播の矢印は、{arrows}。", arrows=listed(forward_words))
    if any(backward for *_, backward in arrows):
        text = together(text, say("逆伝播は、{arrows}。", arrows=listed(reversed(backward_words))))
    return describe(ax, text)


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
    ax = prepared(ax, (6.4, 3.2), plain=True)
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
    ax.text(3.2, middle - 1.75, say("バイアス $b$"), ha="center", va="center", color=GRAY)
    _arrow(ax, total, output, GRAY)
    _arrow(ax, output, end, GRAY)
    _node(ax, total, "$u$", ORANGE)
    _node(ax, output, "$f$", GREEN)
    ax.text(total[0], middle + 0.62, say("総入力"), ha="center", color=ORANGE)
    ax.text(output[0], middle + 0.62, say("活性化関数"), ha="center", color=GREEN)
    ax.text(end[0] + 0.1, middle, "$z = f(u)$", ha="left", va="center")
    ax.set_xlim(-0.6, 8.4)
    ax.set_ylim(min(-0.6, middle - 2.1), inputs - 0.4)
    text = (
        "1つのユニットの図。入力 x1 から x{inputs} の丸から、重み w1 から w{inputs} の付いた矢印が"
        "総入力 u に集まり、バイアス b も加わる。u は活性化関数 f に進み、z = f(u) が出る。"
    )
    return describe(ax, say(text, inputs=inputs))


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
    ax = prepared(ax, (6.4, 3.6), plain=True)
    last = len(layer_sizes) - 1
    places = _places_of_nodes(layer_sizes)
    bottom = -max(layer_sizes) / 2 - 0.25
    for column, (left, right) in enumerate(zip(places, places[1:], strict=False), start=1):
        for start in left:
            for end in right:
                ax.plot(*zip(start, end, strict=True), color=PALE, linewidth=1, zorder=1)
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
    text = "全結合ネットワークの図。ノードは左の入力層から順に {sizes} 個で、隣り合う層の丸はすべて線で結ばれている。"
    return describe(ax, say(text, sizes=listed(layer_sizes)))


def weight_changes(
    values: Sequence[ArrayLike], changes: Sequence[ArrayLike], *, frames: bool = False, ax: Axes | None = None
) -> Axes:
    """1回の更新で、それぞれの重みがどれだけ変わるかを、線の太さと色で描きます。

    Parameters
    ----------
    values : list of array_like, shape (層のノードの数,)
        入力層から出力層までの、ノードの中に書く値。
    changes : list of array_like, shape (入るノードの数, 出るノードの数)
        層ごとの重みの変化。増える重みは橙の実線、減る重みは青の破線で、いちばん大きい変化がいちばん太い線です。
    frames : bool
        True なら、`steps` で、順伝播を左の層から、そのあと重みの変化を右の層から1段ずつ進められます。
        段の数は、重みの層の数の2倍です。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = prepared(ax, (6.4, 3.6), plain=True)
    nodes, moves = [np.asarray(layer) for layer in values], [np.asarray(layer) for layer in changes]
    places = _places_of_nodes([len(layer) for layer in nodes], width=3.0)
    largest = max(np.abs(layer).max() for layer in moves)
    words = []
    for number, layer in enumerate(moves):
        for (i, j), change in np.ndenumerate(layer):
            ends = list(zip(places[number][i], places[number + 1][j], strict=True))
            ax.plot(*ends, color=PALE, linewidth=0.8, zorder=1)
            color, style = (ORANGE, "-") if change > 0 else (BLUE, (0, (2, 1)))
            (line,) = ax.plot(*ends, color=color, linestyle=style, linewidth=7 * abs(change) / largest, zorder=1.5)
            if frames:
                show_from(line, 2 * len(moves) - number)
        spoken = "{number}層目は {least:+.3f} から {most:+.3f}"
        words.append(say(spoken, number=number + 1, least=layer.min(), most=layer.max()))
    for number, layer in enumerate(nodes):
        color = BLUE if number == 0 else GREEN if number == len(moves) else ORANGE
        for place, value in zip(places[number], layer, strict=True):
            _, text = _node(ax, place, f"{value:.2f}", color, radius=0.4)
            if frames and number:
                show_from(text, number)
    for name, color, style in (("増える重み", ORANGE, "-"), ("減る重み", BLUE, (0, (2, 1)))):
        ax.plot([], [], color=color, linestyle=style, linewidth=3, label=say(name))
    half = max(len(layer) for layer in nodes) / 2
    ax.legend(loc="upper center", ncols=2, frameon=False, bbox_to_anchor=(0.5, 1.02))
    ax.set_xlim(-0.6, 3.0 * len(moves) + 0.6)
    ax.set_ylim(-half - 0.1, half + 0.5)
    spoken = "ネットワークの図。線の太さが、1回の更新での重みの変化の大きさを表す。{layers}。"
    return describe(ax, say(spoken, layers=listed(words)))


def updates_over_time(count: int = 2, *, frames: bool = False, ax: Axes | None = None) -> Axes:
    """勾配降下法の更新(本書の式 eq-gradient-descent)を、時刻の順に左から右へ描きます。

    Parameters
    ----------
    count : int
        更新の回数。1 以上。
    frames : bool
        True なら、`steps` で、1回の更新を3段(誤差、動く量、新しいパラメータ)に分けて進められます。
    ax : matplotlib.axes.Axes または None
        描く場所。

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = prepared(ax, (6.8, 2.6), plain=True)
    width, height = 3.2, 1.9
    large, middle, small = 0.62, 0.5, 0.28  # 円の半径
    sentences = []
    _node(ax, (0, 0), f"${_at('w', 0)}$", BLUE, large)
    for t in range(count):
        before, error, after = (t * width, 0), ((t + 0.5) * width, height), ((t + 1) * width, 0)
        plus = (error[0], 0)
        move = f"$-\\varepsilon \\nabla E_{{{_time(t)}}}$"
        drawn = [
            [
                _arrow(ax, before, error, GRAY, (large, middle)),
                *_node(ax, error, f"$E_{{{_time(t)}}}$", ORANGE, middle),
            ],
            [
                _arrow(ax, error, plus, ORANGE, (middle, small)),
                ax.text(error[0] + 0.12, height / 2 - 0.1, move, color=ORANGE, va="center"),
            ],
            [
                _arrow(ax, before, plus, GRAY, (large, small)),
                *_node(ax, plus, "+", GREEN, small),
                _arrow(ax, plus, after, GRAY, (small, large)),
                *_node(ax, after, f"${_at('w', t + 1)}$", BLUE, large),
            ],
        ]
        if frames:
            for part, artists in enumerate(drawn, start=1):
                for artist in artists:
                    show_from(artist, 3 * t + part)
        text = "w({now}) から誤差 E({now}) を求め、-ε∇E({now}) を足して w({then}) になる。"
        sentences.append(say(text, now=_time(t), then=_time(t + 1)))
    ax.set_xlim(-0.8, count * width + 0.8)
    ax.set_ylim(-0.8, height + 0.65)
    return describe(ax, together(say("左から右へ時刻が進む図。"), *sentences))


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
    ax = prepared(ax, (6.4, 2.6), plain=True)
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
    shown = " ".join(map(_term_in_words, terms))
    return describe(ax, say("配列の形を長方形で表した図。左から {terms}。", terms=shown))


def _places_of_nodes(layer_sizes: Sequence[int], width: float = 2.4) -> list[list[Place]]:
    """層ごとの、上から順のノードの場所。入力層が左。"""
    return [
        [(width * column, row) for row in np.arange(size)[::-1] - (size - 1) / 2]
        for column, size in enumerate(layer_sizes)
    ]


def _node(ax: Axes, place: Place, text: str, color: str, radius: float = 0.4) -> tuple[Artist, Artist]:
    circle = ax.add_patch(Circle(place, radius, facecolor="white", edgecolor=color, linewidth=2, zorder=2))
    return circle, ax.text(*place, text, ha="center", va="center", zorder=3)


def _arrow(ax: Axes, start: Place, end: Place, color: str, radii: Place | None = None) -> Artist:
    """矢印。両端の円の半径を渡せば、円の縁から縁まで。"""
    shrink = (12.0, 15.0)
    if radii:
        begin, finish = np.array(start), np.array(end)
        toward = (finish - begin) / np.hypot(*(finish - begin))
        start, end = tuple(begin + radii[0] * toward), tuple(finish - (radii[1] + 0.04) * toward)
        shrink = (0.0, 0.0)
    return ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=11,
            color=color,
            shrinkA=shrink[0],
            shrinkB=shrink[1],
            linewidth=1.2,
            zorder=1,
        )
    )


def _time(t: int) -> str:
    return f"t+{t}" if t else "t"


def _at(symbol: str, t: int) -> str:
    """時刻 t の記号。"""
    return f"{symbol}^{{({_time(t)})}}"


def _term_in_words(term: tuple[str, int, int] | str) -> str:
    if isinstance(term, str):
        return term
    name, rows, columns = term
    text = "{rows}行{columns}列の{name}" if rows else "長さ{columns}の{name}"
    return say(text, name=name, rows=rows, columns=columns)


def _arrow_in_words(start: str, end: str, value: str) -> str:
    text = "{start}から{end}へ {value}" if value else "{start}から{end}へ"
    return say(text, start=_spoken(start), end=_spoken(end), value=_spoken(value))


def _spoken(text: str) -> str:
    """数式の記号を、声に出して読める形にします。"""
    return re.sub(r"[$\\{}]", "", text)
