"""本の図を描く関数。どの図も同じ書式で、同じ引数からは同じ図ができます。

どの関数も Axes を返し、`alt_text(ax)` で、図を見ない人のための説明(代替テキスト)が得られます。
Matplotlib と matplotlib-fontja(日本語フォント)が必要です(dlcourse の追加パッケージ `plot`)。

どのファイルに何があるか:

- graphs.py: 折れ線、関数のグラフ、分布、棒グラフ
- data.py: データとその分類(散布図、塗り分け、平面の折れ線、画像、行列)
- surfaces.py: 勾配降下法(誤差の等高線や曲線と、その上を進む点)
- diagrams.py: 仕組みの図(計算グラフ、ユニット、ネットワーク、配列の形)
- frames.py: 操作できる図。svg.py が、それをページの中に置く SVG にする
- style.py: どの図にも共通の書式と、代替テキスト
"""

from dlcourse.plotting.data import data_points, decision_regions, fold_lines, images, matrix
from dlcourse.plotting.diagrams import (
    computation_graph,
    network_diagram,
    shape_diagram,
    unit_diagram,
    updates_over_time,
    weight_changes,
)
from dlcourse.plotting.frames import Frames, explorer, steps
from dlcourse.plotting.graphs import bars, curves, function_and_derivative, gradient_error, histograms, lines, losses
from dlcourse.plotting.style import (
    BLUE,
    CYCLE,
    GRAY,
    GREEN,
    HATCHES,
    LINES,
    MARKERS,
    ORANGE,
    PALE,
    STYLE,
    alt_text,
    use_style,
)
from dlcourse.plotting.surfaces import contours, descent

# この順に「dlcourse の使い方」のページに並ぶ
__all__ = [
    "use_style",
    "alt_text",
    "lines",
    "curves",
    "function_and_derivative",
    "losses",
    "gradient_error",
    "histograms",
    "bars",
    "data_points",
    "decision_regions",
    "fold_lines",
    "images",
    "matrix",
    "contours",
    "descent",
    "computation_graph",
    "unit_diagram",
    "network_diagram",
    "shape_diagram",
    "updates_over_time",
    "weight_changes",
    "Frames",
    "steps",
    "explorer",
    "BLUE",
    "ORANGE",
    "GREEN",
    "GRAY",
    "PALE",
    "CYCLE",
    "LINES",
    "MARKERS",
    "HATCHES",
    "STYLE",
]
