"""どの図にも共通の書式と、図の説明(代替テキスト)。"""

from typing import Any

import matplotlib.pyplot as plt
import matplotlib_fontja
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

Place = tuple[float, float]  # 横と縦の位置、または大きさ

# 色の見え方の違いによらず区別できる配色(Okabe and Ito, 2008)。空色だけは、白地でも見えるように濃くした。
# 暗いページでは、サイトの site.css が図の明暗を裏返す。どの色も、どちらの地とも明るさの比が 3 以上
BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#D55E00", "#009E73", "#6B7280"
PALE = "#8791A0"  # 等高線のように、後ろに控える線
CYCLE = [BLUE, ORANGE, GREEN, "#CC79A7", "#000000", "#3898D6"]
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


def prepared(ax: Axes | None, size: Place, *, plain: bool = False) -> Axes:
    """描く場所。ax がなければ新しい図を作り、plain なら軸を消して縦横の縮尺をそろえます。"""
    if ax is None:
        _, ax = plt.subplots(figsize=size)
    if plain:
        ax.set_axis_off()
        ax.set_aspect("equal")
    return ax


def describe(ax: Axes, text: str) -> Axes:
    """図の説明を Axes の名前として残します。"""
    ax.set_label(text)
    return ax


def coordinates(place: ArrayLike) -> str:
    across, up = np.asarray(place, dtype=float)
    return f"({across:.3g}, {up:.3g})"
