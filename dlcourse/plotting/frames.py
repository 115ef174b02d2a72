"""操作できる図: あらかじめ描いた場面を、つまみやボタンで切り替えます。"""

import html
import itertools
import json
import re
from collections.abc import Callable, Container, Mapping, Sequence
from xml.etree import ElementTree

import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from dlcourse.plotting.style import alt_text
from dlcourse.plotting.svg import for_page, merge_drawings, svg_of
from dlcourse.words import say

SHOWN_FROM = "appears-"  # 段の番号と組にして、部品の名前にする


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
    last = max((first_frame(artist) for artist in ax.get_children()), default=0)
    if len(captions) != last + 1:
        raise ValueError(
            say(
                "captions は {wanted} 個(最初の図と {last} 段)です。渡された数は {found} です。",
                wanted=last + 1,
                last=last,
                found=len(captions),
            )
        )
    drawing = svg_of(figure, "tight")
    plt.close(figure)
    for frame in range(1, last + 1):
        seen = " ".join(map(str, range(frame, last + 1)))
        drawing = re.sub(rf'id="{SHOWN_FROM}{frame}-\d+"', f'data-frames="{seen}"', drawing)
    alt = alt_text(ax) if alt is None else alt
    slider = _field(say("段を選ぶ"), [f"{frame} / {last}" for frame in range(last + 1)], 0, ordered=True)
    fields = [_button("◀", say("前の段"), -1), slider, _button("▶", say("次の段"), 1)]
    return Frames(for_page(drawing, alt), alt, captions, fields, range(last + 1))


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
        raise ValueError(
            say("start は、controls の値を1つずつ並べたものです。渡された値は {start} です。", start=list(start))
        )
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
        drawings.append((number, ElementTree.fromstring(svg_of(figure, box))))
        captions.append((number, caption))
        plt.close(figure)
    merged = merge_drawings([drawing for _, drawing in sorted(drawings, key=lambda pair: pair[0])], shown)
    fields = [
        _field(
            name,
            [f"{one:g}" if isinstance(one, int | float) else str(one) for one in values],
            list(values).index(value),
            ordered=not isinstance(values[0], str),
        )
        for (name, values), value in zip(controls.items(), start, strict=True)
    ]
    return Frames(for_page(merged, alt), alt, [text for _, text in sorted(captions)], fields, {shown})


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


def show_from(artist: Artist, frame: int) -> None:
    """段 frame から見えるようにする印を付けます。"""
    assert artist.axes is not None  # 描かれたばかりの部品
    artist.set_gid(f"{SHOWN_FROM}{frame}-{len(artist.axes.get_children())}")


def first_frame(artist: Artist) -> int:
    gid = artist.get_gid() or ""
    return int(gid.split("-")[1]) if gid.startswith(SHOWN_FROM) else 0
