"""本の図を描く関数。どの図も同じ書式で、同じ引数からは同じ図ができます。

Matplotlib と matplotlib-fontja(日本語フォント)が必要です: `pip install "dlcourse[plot]"`。
"""

import matplotlib.pyplot as plt
import matplotlib_fontja
import numpy as np
from matplotlib.patches import Circle, Rectangle

# 色の見え方の違いによらず区別できる配色(Okabe and Ito, 2008)
BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#D55E00", "#009E73", "#6B7280"
CYCLE = [BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", "#E69F00"]

STYLE = {
    "axes.prop_cycle": plt.cycler(color=CYCLE),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E5E7EB",
    "lines.linewidth": 2,
    "font.size": 11,
    "figure.figsize": (6.4, 3.6),
    "svg.hashsalt": "dlcourse",
}


def use_style():
    """本の図の書式(配色、日本語フォント、ノートブックでは SVG)に切り替えます。"""
    matplotlib_fontja.japanize()
    plt.rcParams.update(STYLE)
    try:
        shell = get_ipython()
    except NameError:
        return
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    if shell.kernel:
        set_matplotlib_formats("svg", metadata={"Date": None})


def curves(functions, *, start=-5.0, stop=5.0, x_label="u", y_label="z", ax=None):
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
    ax = _axes(ax, (6.4, 3.4))
    x = np.linspace(start, stop, 401)
    for (name, function), line in zip(functions.items(), ["-", "--", "-.", ":"] * len(functions), strict=False):
        ax.plot(x, function(x), line, label=name)
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    ax.legend(frameon=False)
    return ax


def unit_diagram(inputs=4, *, ax=None):
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
        ax.text(1.25, height + (middle - height) * 0.39, f"$w_{i}$", ha="center", va="center", color=GRAY,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
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
    return ax


def network_diagram(layer_sizes, *, input_labels=None, output_labels=None, layer_names=None, ax=None):
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
    places = [[(2.4 * column, row) for row in np.arange(size)[::-1] - (size - 1) / 2]
              for column, size in enumerate(layer_sizes)]
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
    return ax


def shape_diagram(terms, *, ax=None):
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
                ax.add_patch(Rectangle((x + column, height / 2 - row - 1), 1, 1, facecolor=color + "26",
                                       edgecolor=color, linewidth=1.2))
        ax.text(x + columns / 2, height / 2 + 0.25, f"${name}$", ha="center", va="bottom", fontsize=13, color=color)
        shape = f"({rows}, {columns})" if rows else f"({columns},)"
        ax.text(x + columns / 2, -height / 2 - 0.25, shape, ha="center", va="top", color=GRAY)
        x += columns
    ax.set_xlim(-0.2, x + 0.2)
    ax.set_ylim(-tallest / 2 - 1.2, tallest / 2 + 1.2)
    return ax


def _axes(ax, size, *, plain=False):
    if ax is None:
        _, ax = plt.subplots(figsize=size)
    if plain:
        ax.set_axis_off()
        ax.set_aspect("equal")
    return ax


def _node(ax, place, text, color, radius=0.4):
    ax.add_patch(Circle(place, radius, facecolor="white", edgecolor=color, linewidth=2, zorder=2))
    ax.text(*place, text, ha="center", va="center", zorder=3)


def _arrow(ax, start, end, color):
    ax.annotate("", end, start, zorder=1,
                arrowprops={"arrowstyle": "-|>", "color": color, "shrinkA": 12, "shrinkB": 15, "linewidth": 1.2})
