"""The figures say in words what they show, come out the same every time, and can be gone through in steps."""

import re

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.quiver import Quiver

matplotlib.use("agg")

from dlcourse import functions, plotting
from tests.helpers import ROOT


@pytest.fixture(autouse=True)
def style():
    plotting.use_style()
    yield
    matplotlib.pyplot.close("all")


def right_of_zero(x):
    return (x[:, 0] > 0).astype(int)


X = np.array([[-1.0, 0.0], [1.0, 0.0], [2.0, 1.0], [-2.0, 1.0]])
D = np.array([0, 1, 1, 1])
PATH = 2.0 * 0.5 ** np.arange(7)
GRAPH = ({"$x$": (0, 0), "×": (2, 0), "$E$": (4, 0)}, [("$x$", "×", "3", "2"), ("×", "$E$", "6", "1")])

FIGURES = {
    "lines": (
        lambda: plotting.lines({"増": [1, 2, 3], "山": [0, 5, 1]}),
        ["増は(0, 1) から (2, 3) へ増える", "x = 1 で 5"],
    ),
    "curves": (lambda: plotting.curves({"ReLU": functions.relu}), ["横軸がu", "(-5, 0) から (5, 5) へ増える"]),
    "function_and_derivative": (
        lambda: plotting.function_and_derivative("シグモイド", functions.sigmoid, functions.d_sigmoid),
        ["シグモイド の微分は", "x = 0 で 0.25"],
    ),
    "losses": (lambda: plotting.losses({"SGD": [4, 2, 0]}, smooth=2), ["SGDは(2, 3) から (3, 1) へ減る"]),
    "gradient_error": (lambda: plotting.gradient_error(np.square, lambda x: 2 * x, 1.0), ["対数目盛", "中心差分"]),
    "histograms": (lambda: plotting.histograms({"前": [0.0, 2.0], "後": [1.0, 1.0]}), ["前は平均 1、標準偏差 1"]),
    "bars": (
        lambda: plotting.bars({"前": [0.25, -1], "後": [0.5, 0]}, ["ネコ", "イヌ"], frames=True),
        ["前はネコ 0.25、イヌ -1.00", "後はネコ 0.50"],
    ),
    "data_points": (lambda: plotting.data_points(X, D, names=["赤", "白"]), ["赤が1個", "白が3個"]),
    "decision_regions": (lambda: plotting.decision_regions(right_of_zero, X, D), ["4個のうち3個"]),
    "fold_lines": (
        lambda: plotting.fold_lines(lambda x: [x, np.abs(x).sum(axis=1, keepdims=True) - 1]),
        ["1層目の線は2本", "2層目の線は1本", "8個の部分"],
    ),
    "images": (lambda: plotting.images(np.zeros((3, 64)), [7, 8, 9]), ["3枚", "7、8、9"]),
    "matrix": (lambda: plotting.matrix([[1, 0, 2], [0, 9, 0]], x_label="答え"), ["2行3列", "列が答え", "0 から 9"]),
    "contours": (
        lambda: plotting.contours(lambda w: (w**2).sum(axis=-1), paths={"SGD": np.column_stack([PATH, PATH])}),
        ["SGDは (2, 2) から 6 回で (0.0312, 0.0312) へ進む"],
    ),
    "descent": (lambda: plotting.descent(np.square, {"点": PATH}), ["w = 2 から 6 回で w = 0.0312"]),
    "computation_graph": (lambda: plotting.computation_graph(*GRAPH), ["xから×へ 3", "Eから×へ 1、×からxへ 2"]),
    "unit_diagram": (lambda: plotting.unit_diagram(3), ["x1 から x3"]),
    "network_diagram": (lambda: plotting.network_diagram([4, 3, 2]), ["4、3、2 個"]),
    "updates_over_time": (
        lambda: plotting.updates_over_time(2),
        ["w(t) から誤差 E(t)", "-ε∇E(t+1) を足して w(t+2) になる"],
    ),
    "weight_changes": (
        lambda: plotting.weight_changes([[1, 0.5], [0.2], [0.7]], [[[0.1], [-0.3]], [[0.2]]]),
        ["1層目は -0.300 から +0.100", "2層目は +0.200 から +0.200"],
    ),
    "signed_images": (
        lambda: plotting.images(np.linspace(-2, 1, 128).reshape(2, 64), signed=True),
        ["2枚の画像を8列に並べた図。正の値は橙、負の値は紫で、絶対値は 2 まで。"],
    ),
    "shape_diagram": (lambda: plotting.shape_diagram([("x", 2, 3), "×", ("b", 0, 3)]), ["2行3列のx", "長さ3のb"]),
}


def test_every_public_figure_is_tried_here():
    others = {"use_style", "alt_text", "steps", "explorer"}
    public = {name for name in plotting.__all__ if name[0].islower()}
    assert public - others == set(FIGURES) - {"signed_images"}


@pytest.mark.parametrize(("draw", "told"), FIGURES.values(), ids=FIGURES)
def test_a_figure_is_an_axes_that_says_what_it_shows(draw, told):
    ax = draw()
    assert isinstance(ax, Axes)
    for words in told:
        assert words in plotting.alt_text(ax)


@pytest.mark.parametrize(("draw", "told"), FIGURES.values(), ids=FIGURES)
def test_all_japanese_letters_have_a_glyph(draw, told, recwarn):
    draw().figure.canvas.draw()
    assert not [str(warning.message) for warning in recwarn if "Glyph" in str(warning.message)]


@pytest.mark.parametrize(("draw", "told"), FIGURES.values(), ids=FIGURES)
def test_a_figure_is_the_same_every_time(draw, told, tmp_path):
    for name in ("one", "two"):
        draw().figure.savefig(tmp_path / name, format="svg", metadata={"Date": None})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_decision_regions_take_one_output_or_one_per_class():
    columns = plotting.decision_regions(lambda x: np.column_stack([-x[:, 0], x[:, 0]]), X, D)
    single = plotting.decision_regions(lambda x: functions.sigmoid(x[:, :1]), X, D)
    for ax in (columns, single):
        assert "4個のうち3個" in plotting.alt_text(ax)


def steps_of(captions):
    ax = plotting.descent(np.square, {"点": PATH}, frames=3)
    return plotting.steps(ax, captions)


def test_steps_are_the_same_every_time():
    captions = ["はじめ", "1 < 2", "2段目", "3段目"]
    html = steps_of(captions)._repr_html_()
    assert html == steps_of(captions)._repr_html_()
    assert re.findall('data-frames="(.*?)"', html) == ["1 2 3", "2 3", "3"]
    assert "1 &lt; 2" in html


def test_steps_want_a_caption_for_each_step():
    with pytest.raises(ValueError, match="captions は 4 個.*渡された数は 2 です"):
        steps_of(["はじめ", "おわり"])


def test_a_graph_goes_forward_then_backward():
    ax = plotting.computation_graph(*GRAPH, frames=True)
    html = plotting.steps(ax, ["はじめ", "順1", "順2", "逆1", "逆2"])._repr_html_()
    assert sorted(re.findall('data-frames="(.*?)"', html)) == ["1 2 3 4", "2 3 4", "3 4", "4"]


def test_an_update_goes_in_three_steps():
    ax = plotting.updates_over_time(2, frames=True)
    captions = ["はじめ", "誤差", "動く量", "新しい重み", "誤差", "動く量", "新しい重み"]
    html = plotting.steps(ax, captions)._repr_html_()
    found = re.findall('data-frames="(.*?)"', html)
    assert [found.count(" ".join(map(str, range(first, 7)))) for first in range(1, 7)] == [3, 2, 6, 3, 2, 6]


def test_the_widest_line_is_the_largest_change():
    values, changes = [[1, 0.5], [0.2, 0.1], [0.7]], [np.array([[0.1, 0], [-0.3, 0.2]]), np.array([[0.2], [0.4]])]
    ax = plotting.weight_changes(values, changes, frames=True)
    signed = [line for line in ax.lines if line.get_color() != plotting.PALE and len(line.get_xdata())]
    widths = np.array([line.get_linewidth() for line in signed])
    np.testing.assert_allclose(widths / widths.max(), np.abs([0.1, 0, -0.3, 0.2, 0.2, 0.4]) / 0.4)
    assert [line.get_color() == plotting.ORANGE for line in signed] == [True, False, False, True, True, True]
    html = plotting.steps(ax, ["入力", "中間層", "出力", "2層目", "1層目"])._repr_html_()
    assert sorted(re.findall('data-frames="(.*?)"', html)) == 2 * ["1 2 3 4"] + ["2 3 4"] + 2 * ["3 4"] + 4 * ["4"]


# The dark theme shows figures through this filter of CSS (site.css; Filter Effects Module, 8.2 and 8.6).
INVERTED = 0.9294
GREYS = np.array([[0.213, 0.715, 0.072]] * 3)


def on_a_dark_page(colour):
    return np.clip((2 * GREYS - np.eye(3)) @ (INVERTED + (1 - 2 * INVERTED) * np.array(colour)), 0, 1)


def luminance(colour):
    linear = np.where(
        np.array(colour) <= 0.04045, np.array(colour) / 12.92, ((np.array(colour) + 0.055) / 1.055) ** 2.4
    )
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(colour, ground):
    darker, lighter = sorted([luminance(colour), luminance(ground)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colour", [*plotting.CYCLE, plotting.GRAY, plotting.PALE])
def test_every_colour_is_seen_on_light_and_dark_pages(colour):
    style = (ROOT / "press" / "look" / "static" / "site.css").read_text("utf-8")
    assert f"filter: invert({INVERTED}) hue-rotate(180deg)" in style, "what this test calculates with"
    assert contrast(to_rgb(colour), (1, 1, 1)) >= 3
    assert contrast(on_a_dark_page(to_rgb(colour)), on_a_dark_page((1, 1, 1))) >= 3


def test_arrows_point_where_they_are_told_to():
    ax = plotting.contours(lambda w: (w**2).sum(axis=-1), arrows=lambda w: -2 * w, x_range=(-3, 3), y_range=(-3, 3))
    (field,) = (part for part in ax.collections if isinstance(part, Quiver))
    points = field.get_offsets()
    assert len(points) == 81
    np.testing.assert_allclose(np.column_stack([field.U, field.V]), -2 * np.asarray(points))
    longest = np.hypot(field.U, field.V).max() / field.scale
    assert 0.5 < longest / (6 / 9) < 1, "no arrow reaches the next one"
    assert "81個の点から矢印が出る" in plotting.alt_text(ax)
    assert ax.get_legend() is None


def test_bars_are_added_one_group_at_a_time():
    ax = plotting.bars({"前": [1, 2], "中": [2, 1], "後": [1, 1]}, ["ネコ", "イヌ"], frames=True)
    html = plotting.steps(ax, ["前だけ", "中を加える", "後を加える"])._repr_html_()
    assert sorted(re.findall('data-frames="(.*?)"', html)) == 4 * ["1 2"] + 4 * ["2"]


def line(name, slope):
    ax = plotting.curves({name: lambda x: slope * x})
    ax.set_ylim(-20, 20)
    ax.legend(loc="upper left")
    return ax, f"{name}の傾きは {slope}"


def explore(**changed):
    settings = {"start": ["甲", 2], "alt": "直線のグラフ。"} | changed
    return plotting.explorer(line, {"名前": ["甲", "乙"], "傾き": [1, 2, 3]}, **settings)


def test_an_explorer_holds_every_choice_and_shows_one():
    explorer = explore()
    assert explorer.captions == [f"{name}の傾きは {slope}" for name in "甲乙" for slope in (1, 2, 3)]
    html = explorer._repr_html_()
    assert html.count("<li>") == 1 and "<li>甲の傾きは 2</li>" in html
    drawn = re.findall(r'data-frames="([\d ]+)" display="(\w+)"', html)
    assert {frames for frames, display in drawn if display == "inline"} == {"1 4", "0 1 2"}, "the line, and its name"
    assert {frames for frames, display in drawn if display == "none"} == {"0 3", "2 5", "3 4 5"}
    assert '<select data-values="[&quot;甲&quot;, &quot;乙&quot;]"><option value="0" selected>甲</option>' in html
    assert '<input type="range" min="0" max="2" value="1"' in html
    assert 'role="img" aria-label="直線のグラフ。"' in html


def test_an_explorer_keeps_once_what_does_not_change():
    html = explore()._repr_html_()
    assert html == explore()._repr_html_()
    single = plotting.explorer(lambda: line("甲", 2), {}, start=[], alt="直線のグラフ。")._repr_html_()
    assert len(html) < 1.5 * len(single)
    names = re.findall(r'\bid="(.*?)"', html)
    assert len(names) == len(set(names))
    assert set(re.findall(r'(?:href="|url\()#(.*?)["\)]', html)) == set(names)


def test_an_explorer_starts_with_one_of_its_values():
    with pytest.raises(ValueError, match="start は.*'甲', 4"):
        explore(start=["甲", 4])


@pytest.mark.parametrize("draw", [make for make, _ in FIGURES.values()], ids=list(FIGURES))
def test_a_slow_machine_is_warned_of_nothing(draw, monkeypatch, recwarn):
    """Matplotlib warns when it has looked for the legend's place for a second, unless asked to look for it."""
    clock = iter(range(0, 10**6, 10))
    monkeypatch.setattr("matplotlib.legend.time.perf_counter", lambda: next(clock))
    draw().figure.canvas.draw()
    assert not [str(warning.message) for warning in recwarn if "legend" in str(warning.message)]
