"""The build itself: what must fail it, and what it must notice. Each book here is one short page."""

import re
import subprocess
import sys
import threading

import psutil
import pytest

from press import ROOT
from press.commands import build

CELL = "```{{code-cell}} ipython3\n{}\n```"


def test_a_failing_cell_fails_the_build_and_is_named(tiny_book):
    book = tiny_book(CELL.format("one = 1\none / 0"))
    status, output = book.build()
    assert status != 0
    last = output.splitlines()[-1]
    page = (book.folder / "book" / "index.md").read_text("utf-8")
    place = page[: page.index("one / 0")].count("\n") + 1
    assert f"book/index.md:{place}: " in last and "one / 0" in last and "ZeroDivisionError" in last


def test_a_python_warning_fails_the_build(tiny_book):
    status, output = tiny_book(CELL.format("import warnings\nwarnings.warn('注意')")).build()
    assert status != 0
    assert "book/index.md" in output.splitlines()[-1] and "stderr" in output.splitlines()[-1]


def test_a_dead_reference_fails_the_build_every_time(tiny_book):
    """Sphinx itself forgets the warnings of pages that it has read before."""
    book = tiny_book("{ref}`nowhere`")
    for _ in range(2):
        status, output = book.build()
        assert status != 0
        assert "nowhere" in output.splitlines()[-1]
        first = book.html / "index.html"
        assert not first.exists() or first.stat().st_mtime == 0, "make would take the site for finished"


def test_what_ends_the_build_comes_before_other_mistakes(tiny_book):
    book = tiny_book("```{code-cell} ipythn3\none = 1\n```\n\n+++ {half\n\n文です。")
    status, output = book.build()
    assert status != 0
    place = (book.folder / "book" / "index.md").read_text("utf-8").partition("+++")[0].count("\n") + 1
    last = output.splitlines()[-1]
    assert f": book/index.md:{place}: " in last and "→" in last and "ほか 1 件" in last


def test_a_change_in_dlcourse_runs_the_pages_again(tiny_book):
    """jupyter-cache looks at the text of the cells alone. The first build also meets the traces of a killed one."""
    book = tiny_book(CELL.format("from dlcourse.answer import ANSWER\n\nprint(ANSWER)"))
    broken = book.folder / "_build" / ".jupyter_cache" / "broken"
    broken.mkdir(parents=True)
    (broken / "global.db").write_text("half a database")
    (book.folder / "_build" / "state").write_text("building")

    for answer in ("最初の答え", "新しい答え"):
        (book.folder / "dlcourse" / "answer.py").write_text(f"ANSWER = {answer!r}\n", "utf-8")
        status, output = book.build()
        assert status == 0, output
        assert answer in (book.html / "book" / "index.html").read_text("utf-8")
        assert ("前回のビルドが途中で終わっていました" in output) == (answer == "最初の答え")
    assert "実行" not in book.build()[1], "nothing has changed, so nothing runs"


def test_a_build_waits_for_what_a_killed_one_has_left_at_work(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(build, "STATE", tmp_path / "state")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"]) as left:
        began = psutil.Process(left.pid).create_time()
        for it in (began, began + 1):  # the second one has only got its number
            build.STATE.write_text(f"building {left.pid} {it}", "utf-8")
            with build.alone():
                assert not psutil.pid_exists(left.pid) or psutil.Process(left.pid).status() == psutil.STATUS_ZOMBIE
            assert (build.WAITING in capsys.readouterr().out) == (it == began)
    assert build.STATE.read_text("utf-8") == ""


def test_only_one_build_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(build, "STATE", tmp_path / "state")
    with build.alone():
        other = threading.Thread(target=lambda: build.alone().__enter__())
        other.start()
        other.join(0.5)
        assert other.is_alive() and build.WAITING in capsys.readouterr().out
    other.join(10)
    assert not other.is_alive()


def test_the_bibliography_follows_what_the_pages_cite(tiny_book):
    book = tiny_book("{cite:p}`he2015delving`")
    (book.folder / "_toc.yml").write_text("format: jb-book\nroot: book/index\nchapters:\n- file: book/references\n")
    index = book.folder / "book" / "index.md"
    he, kingma = ("he2015delving", "Kaiming He"), ("kingma2015adam", "Kingma")
    for (key, listed), (_, left_out) in ((he, kingma), (kingma, he)):
        index.write_text(index.read_text("utf-8").replace("he2015delving", key), "utf-8")
        status, output = book.build()
        assert status == 0, output
        page = (book.html / "book" / "references.html").read_text("utf-8")
        assert listed in page and left_out not in page


SLOWLY = CELL.format("import time\nprint('前半', end='', flush=True)\ntime.sleep(0.5)\nprint('後半')")
JAPANESE = "これは**「重要」**です。改行は\n空白になりません。NumPy\nは空白になります。"
LONG = "\n".join(f"- **{number}** と `{number}`" for number in range(2500))


@pytest.fixture(scope="module")
def sound(tiny_book):
    """One page with all that has to come out well."""
    book = tiny_book(f"{SLOWLY}\n\n{JAPANESE}\n\n{LONG}")
    status, output = book.build()
    assert status == 0, output
    return (book.html / "book" / "index.html").read_text("utf-8")


def test_a_line_that_is_printed_slowly_stays_one_line(sound):
    assert "前半後半" in sound


def test_japanese_is_typeset_as_written(sound):
    assert "これは<strong>「重要」</strong>です。改行は空白になりません。NumPy\nは" in sound


def test_a_long_page_needs_no_sections(sound):
    assert "<strong>2499</strong>" in sound and not re.search("<h2", sound.partition("</article>")[0])


def test_a_build_with_formulas_comes_to_its_end():
    """With Python 3.13 the engine that draws them would keep the process for ever."""
    program = "from press.look import formulas; print(formulas.mathjax.draw('x', False, None))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "mjx" in done.stdout, done.stderr


def test_a_notebook_is_linked_only_where_it_can_be_opened(tiny_book):
    """First without Pyodide, as on a machine that could not fetch it; then with it."""
    book = tiny_book("```{only} lite\n{lite}`ブラウザーで開く <ch1_input_to_hidden>`\n```", lite=True)
    tool = book.folder / "press" / "live" / "pyodide.py"
    complete = tool.read_text("utf-8")
    without = complete.replace('Path(sys.prefix) / "pyodide"', 'Path("nowhere")')
    tool.write_text(without + "\n\ndef fetch():\n    sys.exit('no network')\n", "utf-8")
    for linked in (False, True):
        status, output = book.build()
        assert status == 0, output
        page = (book.html / "book" / "index.html").read_text("utf-8")
        assert ("ブラウザーで開く" in page) == linked == (book.html / "lite" / "notebooks" / "index.html").exists()
        tool.write_text(complete, "utf-8")
    assert '"../lite/notebooks/index.html?path=ch1_input_to_hidden.ipynb"' in page
    assert (book.html / "lite" / "files" / "ch1_input_to_hidden.ipynb").exists()
