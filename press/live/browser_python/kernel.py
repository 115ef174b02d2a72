"""Runs the cells of one page. `post(kind, text)`, which sends something to the page, is worker.js's."""

import ast
import contextlib
import io
import linecache
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from dlcourse import integers
from dlcourse.words import listed, say

from . import drawing, magics, messages

NOT_YET = "✗ {id} まだ答えがありません。raise NotImplementedError() の行を消して、そこに答えを書きましょう。"
NO_KEYBOARD = (
    "ページの中では、入力を待つこと(input() や breakpoint())はできません。"
    '値はコードに直接書き(name = "太郎" など)、途中の値は print で表示しましょう。'
)
LONGEST_OUTPUT = 100_000  # characters
CUT = "\n(出力が長いので、ここから先は表示しません)\n"
LEFT_OUT = "(表示しなかったのは、あと {count:,} 文字です)\n"
Names = dict[str, Any]
page: Names = {"__name__": "__main__"}
post: Callable[..., object]  # set by `begin`


def begin(send: Callable[..., object]) -> None:
    """Before the first cell: where everything is sent to, and what answers in place of a keyboard."""
    global post
    post = send
    sys.stdin, sys.breakpointhook = Keyboard(), no_keyboard
    integers.begin()
    drawing.put_off()


def no_keyboard(*_: object, **__: object) -> NoReturn:
    raise RuntimeError(say(NO_KEYBOARD))


class Keyboard(io.TextIOBase):
    read = readline = no_keyboard


class Room:
    """How much of a run's output is still shown."""

    def __init__(self) -> None:
        self.left, self.left_out = LONGEST_OUTPUT, 0

    def cut(self, text: str) -> str:
        shown, self.left = text[: self.left], max(self.left - len(text), 0)
        left_out = len(text) - len(shown)
        if left_out and not self.left_out:
            shown += say(CUT)
        self.left_out += left_out
        return shown


class Stream(io.TextIOBase):
    def __init__(self, kind: str, room: Room) -> None:
        self.kind, self.room = kind, room

    def write(self, text: str) -> int:
        if shown := self.room.cut(text):
            post(self.kind, shown)
        return len(text)


def prepared(code: str, place: str) -> tuple[ast.Module, list[str]]:
    """The code as a syntax tree, and the magics in it that are passed by."""
    linecache.cache[place] = (len(code), None, code.splitlines(True), place)
    code, passed_by = magics.translate(code)
    return integers.Widened().visit(ast.parse(code, place)), passed_by


@contextlib.contextmanager
def told(names: Names) -> Iterator[None]:
    """Tell the reader of the error that ends the code within; what an answer leaves unwritten, and exit(), go on."""
    try:
        yield
    except SystemExit:
        raise
    except BaseException as error:
        if names is not page and isinstance(error, NotImplementedError):
            raise
        post("error", messages.explain(error, in_page=names is page))


def run(code: str, place: str, names: Names = page) -> bool:
    """Run a cell like a notebook does; True when it came to its end. What an answer leaves unwritten is raised."""
    ended, room = False, Room()
    with contextlib.redirect_stdout(Stream("stdout", room)), contextlib.redirect_stderr(Stream("stderr", room)):
        with told(names):
            tree, passed_by = prepared(code, place)
            last = None
            if tree.body and isinstance(end := tree.body[-1], ast.Expr) and not code.rstrip().endswith(";"):
                last = compile(ast.Expression(end.value), place, "eval")
                tree.body.pop()
            body = compile(tree, place, "exec")
            if passed_by:
                print(say("ページの中では実行しません: {names}", names=listed(passed_by)))
            exec(body, names)
            if last:
                show(eval(last, names), room)
            ended = True
        with told(names):
            show_figures()
            if room.left_out:
                post("stdout", say(LEFT_OUT, count=room.left_out))
            return ended
    return False


def show(value: object, room: Room) -> None:
    if value is None:
        return
    html = getattr(type(value), "_repr_html_", None)
    table = html(value) if html else None
    if isinstance(table, str) and len(table) <= room.left:
        post("html", messages.plain(table))
    elif shown := room.cut(messages.plain(repr(value))):
        post("value", shown)


def show_figures(*_: object, **__: object) -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if not pyplot or isinstance(pyplot, drawing.Later):
        return
    try:
        for number in pyplot.get_fignums():
            file = io.StringIO()
            figure = pyplot.figure(number)
            figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None})
            alt = " ".join(filter(None, (ax.get_label() for ax in figure.axes)))  # where dlcourse.plotting puts it
            post("picture", file.getvalue(), alt)
    finally:
        pyplot.close("all")


def prepare_figures() -> None:
    drawing.prepare()
    import matplotlib.pyplot as pyplot

    pyplot.show = show_figures  # there is no window to open


def check(exercise: str, setup: str, answers: list[tuple[str, str]]) -> bool:
    """Judge the last of an exercise's answers, which are (code, place); True when it is right."""
    from dlcourse import checks

    names: Names = {"__name__": "__main__"}
    exec(setup, names)
    *earlier, (code, place) = answers
    with contextlib.redirect_stdout(io.StringIO()):
        for other, other_place in earlier:
            with contextlib.suppress(Exception):  # judged by a button of its own
                exec(compile(prepared(other, other_place)[0], other_place, "exec"), names)
    try:
        if not run(code, place, names):
            return False
        with told(names), contextlib.redirect_stdout(io.StringIO()):
            try:
                checks.check(exercise, namespace=names)
            except checks.CheckError as wrong:
                post("wrong", str(wrong))
            else:
                post("right", say("✓ {id} 正解です。", id=exercise))
                return True
    except NotImplementedError:
        post("wrong", say(NOT_YET, id=exercise))
    return False
