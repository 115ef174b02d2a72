"""Runs the cells of one page inside Pyodide; `post(kind, text)`, which sends something to the page, is worker.js's."""

# ruff: noqa: F821

import ast
import contextlib
import io
import linecache
import sys
import traceback

PLACES = ("セル", "解答")  # how live.js names what the reader has written
NOT_YET = "✗ {} まだ答えがありません。raise NotImplementedError() の行を消して、そこに答えを書きましょう。"
RUN_ABOVE = "上のセルで決めている名前なら、「ここまで全部実行」を押してください。"
page = {"__name__": "__main__"}


class Stream(io.TextIOBase):
    def __init__(self, kind):
        self.kind = kind

    def write(self, text):
        post(self.kind, text)
        return len(text)


def run(code, place, names=page):
    """Run a cell like a notebook does; True when it came to its end. What an answer leaves unwritten is raised."""
    linecache.cache[place] = (len(code), None, code.splitlines(True), place)
    with contextlib.redirect_stdout(Stream("stdout")), contextlib.redirect_stderr(Stream("stderr")):
        try:
            tree = ast.parse(code, place)
            shown = tree.body and isinstance(tree.body[-1], ast.Expr) and not code.rstrip().endswith(";")
            last = tree.body.pop() if shown else None
            exec(compile(tree, place, "exec"), names)
            if last:
                show(eval(compile(ast.Expression(last.value), place, "eval"), names))
        except BaseException as error:
            if names is not page and isinstance(error, NotImplementedError):
                raise
            post("error", explain(error, names))
            return False
        finally:
            show_figures()
    return True


def show(value):
    if value is None:
        return
    if hasattr(value, "_repr_html_"):
        post("html", value._repr_html_())
    else:
        post("value", repr(value))


def show_figures(*_, **__):
    pyplot = sys.modules.get("matplotlib.pyplot")
    if not pyplot:
        return
    for number in pyplot.get_fignums():
        file = io.StringIO()
        figure = pyplot.figure(number)
        figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None})
        alt = " ".join(filter(None, (ax.get_label() for ax in figure.axes)))  # where dlcourse.plotting puts it
        post("picture", file.getvalue(), alt)
    pyplot.close("all")


def prepare_figures():
    import matplotlib.pyplot as pyplot

    pyplot.show = show_figures  # there is no window to open


def explain(error, names):
    """What went wrong, by the reader's own lines; those of the packages in between say nothing to them."""
    kind = type(error).__name__
    if isinstance(error, KeyboardInterrupt):
        return "停止しました。ここまでに決めた名前は残っています。"
    if isinstance(error, SyntaxError) and str(error.filename).startswith(PLACES):
        line = (error.text or "").rstrip("\n")
        caret = " " * max((error.offset or 1) - 1, 0) + "^"
        problem = f"{error.filename}の{error.lineno}行目を Python として読めません。"
        return f"{problem}\n\n  {line}\n  {caret}\n{kind}: {error.msg}"
    lines = ["エラーが起きました。", ""]
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(PLACES):
            inside = "" if frame.name == "<module>" else f"({frame.name} の中)"
            lines += [f"{frame.filename}の{frame.lineno}行目{inside}", f"  {frame.line}"]
    lines.append(f"{kind}: {error}")
    if isinstance(error, NameError) and names is page:
        lines += ["", RUN_ABOVE]
    return "\n".join(lines)


def check(exercise, setup, answers):
    """Judge the last of an exercise's answers, which are (code, place); True when it is right."""
    from dlcourse import checks

    names = {"__name__": "__main__"}
    exec(setup, names)
    *earlier, (code, place) = answers
    with contextlib.redirect_stdout(io.StringIO()):
        for other, _ in earlier:
            with contextlib.suppress(Exception):  # judged by a button of its own
                exec(other, names)
    try:
        if not run(code, place, names):
            return False
        with contextlib.redirect_stdout(io.StringIO()):
            checks.check(exercise, namespace=names)
    except NotImplementedError:
        post("wrong", NOT_YET.format(exercise))
        return False
    except checks.CheckError as wrong:
        post("wrong", str(wrong))
        return False
    post("right", f"✓ {exercise} 正解です。")
    return True
