"""The Python of the pages' cells, run here: what it tells the reader, and what it passes by."""

import ast
import importlib
import linecache
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from dlcourse import edition, integers, words
from press.languages import JAPANESE
from press.live.browser_python import kernel, magics


@pytest.fixture
def tell(monkeypatch):
    """`tell(code)`: whether the cell came to its end, and what it showed, by kind."""
    monkeypatch.setattr(sys, "stdin", sys.stdin)
    monkeypatch.setattr(sys, "breakpointhook", sys.breakpointhook)
    said = []
    kernel.begin(lambda kind, text, alt="": said.append((kind, text)))
    names = {"__name__": "__main__"}
    monkeypatch.setattr(kernel, "page", names)

    def run(code):
        said.clear()
        ended = kernel.run(code, "セル1", names)
        shown = {}
        for kind, text in said:
            shown[kind] = shown.get(kind, "") + text
        return ended, shown

    yield run
    linecache.cache.pop("セル1")


def error_of(outcome):
    ended, shown = outcome
    assert ended is False and len(shown["error"]) <= 4000
    return shown["error"]


@pytest.mark.parametrize(
    "code, line, shown",
    [
        ("x = 1\nreturn x", 2, "return x"),
        ("x = 1\nif x:\n    break", 3, "    break"),
        ("continue", 1, "continue"),
        ("1\nawait f()", 2, "await f()"),
        ("yield 1", 1, "yield 1"),
        ("nonlocal x", 1, "nonlocal x"),
        ("def f(a, a):\n    pass", 1, "def f(a, a):"),
        ("None = 1", 1, "None = 1"),
        ("def f():\n    print(g)\n    global g", 3, "    global g"),
        ("if True:\nprint(1)", 2, "print(1)"),
        ("if True:\n        a = 1\n    b = 2", 3, "    b = 2"),
        ("if True:\n\ta = 1\n        b = 2", 3, "        b = 2"),
        ("x = (1,\ny = 2", 1, "x = (1,"),
        ("for i in range(3):\n", 1, "for i in range(3):"),
        ("あ = 'いろ'; return あ", 1, "あ = 'いろ'; return あ"),
    ],
)
def test_what_cannot_be_read_shows_the_readers_line(tell, code, line, shown):
    text = error_of(tell(code))
    assert text.startswith(f"セル1の{line}行目を Python として読めません。\n\n  {shown}\n  "), text
    assert text.splitlines()[3].strip(" \t　") == "^" and "Error: " in text.splitlines()[4]


def test_the_mark_stands_below_the_word_whatever_is_before_it(tell):
    text = error_of(tell("あ = 'いろ'; return あ"))
    assert text.splitlines()[3] == "  　    　　   ^", "a wide letter takes a wide space"


def test_a_cell_that_cannot_be_read_to_its_end_runs_none_of_its_lines(tell):
    assert "stdout" not in tell("print('始め')\nyield 1")[1]


@pytest.mark.parametrize(
    "code, folded",
    [
        ("def f(n): return f(n + 1)\nf(0)", "上の呼び出しが、あと"),
        ("def f(n): return g(n)\ndef g(n): return f(n)\nf(0)", "上の 2 個の呼び出しが、あと"),
        ("def f(n):\n    if n % 3:\n        return f(n + 1)\n    return f(n + 1)\nf(0)", "上の 3 個の呼び出しが、あと"),
        (
            "import random\ndef f():\n    if random.random() < .5:\n        return f()\n    return f()\nf()",
            "個の呼び出しは省き",
        ),
    ],
)
def test_calls_that_repeat_are_folded(tell, code, folded):
    text = error_of(tell(code))
    assert folded in text and text.count("\n") < 50
    assert text.splitlines()[-1].startswith("RecursionError: maximum recursion depth exceeded")


def test_calls_that_do_not_repeat_all_stand_there(tell):
    text = error_of(tell("def f(n): return 1 / n if n < 1 else f(n - 1)\nf(1)"))
    assert text.count("(f の中)") == 2 and "続きます" not in text


@pytest.mark.parametrize("method", ["__str__", "__repr__"])
@pytest.mark.parametrize(
    "does", ["return 1 / 0", "return self.gone", "return 5", "raise SystemExit", "return f'{self}'"]
)
def test_an_exception_that_cannot_be_told_is_still_named(tell, method, does):
    text = error_of(tell(f"class Own(Exception):\n    def {method}(self):\n        {does}\nraise Own"))
    assert "セル1の4行目\n  raise Own" in text
    assert text.splitlines()[-1].startswith("Own: ")


def test_long_errors_are_cut(tell):
    assert "ValueError: aaa" in error_of(tell("raise ValueError('a' * 100_000)"))
    assert error_of(tell("x = '" + "a" * 100_000 + "'; return"))


def test_a_class_may_break_any_rule(tell):
    assert error_of(tell("class Own(SyntaxError):\n    filename = property(lambda self: 1 / 0)\nraise Own"))
    assert "ZeroDivisionError" in error_of(tell("class Own:\n    def __repr__(self):\n        return 1 / 0\nOwn()"))
    assert "Own" in tell("class Own:\n    def _repr_html_(self):\n        return 5\nOwn()")[1]["value"]
    assert "Own" in tell("class Own:\n    def __getattr__(self, name):\n        return lambda: 5\nOwn()")[1]["value"]


@pytest.mark.parametrize(
    "code", ["print('a' * 2_000_000)", "for _ in range(200):\n    print('a' * 9_999)", "'a' * 1_999_998"]
)
def test_long_output_is_cut_and_how_much_is_told(tell, code):
    ended, shown = tell(code)
    kept = "".join(shown.values())
    assert ended and kept.count("a") > 99_000 and len(kept) < 101_000
    assert kept.count("ここから先は表示しません") == 1 and "あと 1,900,00" in kept


@pytest.mark.parametrize("code", ["name = input('名前は? ')", "breakpoint()", "import sys\nsys.stdin.readline()"])
def test_what_waits_for_a_keyboard_says_what_to_do(tell, code):
    assert "値はコードに直接書き" in error_of(tell(code))


def test_a_library_that_is_not_there_is_named(tell):
    advice = error_of(tell("import pandaz.core")).splitlines()[-1]
    assert advice.startswith("pandaz という名前のライブラリーは、ページの Python にありません")
    assert "ライブラリー" not in error_of(tell("import numpy.nothing"))


@pytest.mark.parametrize("code", ["exit()", "import sys\nsys.exit(1)", "raise SystemExit"])
def test_exit_ends_python(tell, code):
    with pytest.raises(SystemExit):
        tell(code)


@pytest.mark.parametrize(
    "code, python, passed_by",
    [
        ("%matplotlib inline\n1", "pass\n1", []),
        ("  !pip install x\n1", "  pass\n1", ["!pip install x"]),
        ("files = !ls *.txt\nx = %who_ls\n", "files = []\nx = None\n", ["!ls *.txt", "%who_ls"]),
        ("%time x = f(1)\n%timeit -n 10 -r3 g()", "x = f(1)\ng()", ["%time", "%timeit"]),
        ("x?\n?np.dot\nnp.dot??", "pass\npass\npass", ["x?", "?np.dot", "np.dot??"]),
        ("\n%%time\nx = 1\nx", "\n\nx = 1\nx", ["%%time"]),
        ("%%bash\nls\nrm x", "\n\n", ["%%bash"]),
        ("!a \\\n  b\nx = 1", "pass\n\nx = 1", ["!a \\"]),
    ],
)
def test_magics_are_passed_by_line_for_line(code, python, passed_by):
    assert magics.translate(code) == (python, passed_by)


@pytest.mark.parametrize(
    "code",
    [
        'text = """\n%time\n!ls\nx?\n"""',
        "y = (7\n  % 3)",
        "y = 7 \\\n % 3",
        "a != b",
        "x = 5 % 3",
        "f(a=1,\n  b='!')",
        "'what?'",
        "# really?",
        "s = '%d!' % 3",
        "d = {'a': 1,\n'b': '%'}",
    ],
)
def test_python_stays_as_it_is(code):
    assert magics.translate(code) == (code, [])


def test_a_cell_with_magics_says_so_and_runs(tell):
    assert tell("!pip install x\n%matplotlib inline\n6 * 7") == (
        True,
        {"stdout": "ページの中では実行しません: !pip install x\n", "value": "42"},
    )
    assert "セル1の2行目を Python" in error_of(tell("!ls\nx = = 1")), "the lines keep their numbers"


def test_integers_are_as_wide_as_elsewhere(monkeypatch):
    """With np.int32 for the browser's integer; test_live_python.py asks the browser itself."""
    monkeypatch.setattr(integers, "HERE", np.int32)
    integers.begin()
    code = """
a = np.array([100_000], dtype="l").astype(small)
b = a ** 2
c = np.multiply([100_000], 100_000)
d = np.repeat(a, np.array([2])), np.bincount(np.array([1, 1])), a.take(np.array([0]))
view = a.view()
kept = np.multiply(np.float32(1), 2)
"""
    names = {"np": np, "small": np.int32}
    exec(compile(integers.Widened().visit(ast.parse(code)), "セル1", "exec"), names)
    assert names["a"].dtype == names["c"].dtype == np.int64 and names["b"] == names["c"] == 10**10
    assert [part.tolist() for part in names["d"]] == [[100_000] * 2, [0, 2], [100_000]]
    assert names["view"].base is names["a"] and names["kept"].dtype == np.float32
    asked = ast.parse("np.array([1], dtype=np.int32)")
    assert "wide" not in ast.unparse(integers.Widened().visit(asked)), "who asks for 32 bits gets them"


IN_A_BROWSER = """
import importlib.util, sys
usual = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "matplotlib" else usual(name, *more)
from press.live.browser_python import kernel
kernel.begin(lambda kind, text, alt="": print(kind, text[:300], file=sys.__stdout__))
importlib.util.find_spec = usual
first = "import matplotlib.pyplot as plt\\nfrom dlcourse import functions, plotting\\nplotting.use_style()\\n1 + 1"
assert kernel.run(first, "1")
assert not any(name.startswith("matplotlib.") and name != "matplotlib.pyplot" for name in sys.modules)
assert not kernel.run("plt.plot([1, 2])", "2")
kernel.prepare_figures()
assert kernel.run("plt.plot([1, 2]); plotting.lines({'a': [0, 1]}); plt.show()", "3")
import matplotlib
from dlcourse.plotting import STYLE
assert matplotlib.rcParams["figure.figsize"] == list(STYLE["figure.figsize"])
"""


def test_what_draws_is_loaded_when_something_is_drawn():
    done = subprocess.run([sys.executable, "-c", IN_A_BROWSER], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        done.stdout.startswith("value 2") and "実行するときに読み込まれます" in done.stdout and "picture" in done.stdout
    )


@pytest.mark.parametrize("language", words.languages())
def test_the_reader_is_told_in_the_language_of_the_page(monkeypatch, language):
    said = []
    monkeypatch.setattr(sys, "stdin", sys.stdin)
    monkeypatch.setattr(sys, "breakpointhook", sys.breakpointhook)
    kernel.begin(lambda kind, text, alt="": said.append(text))
    with words.using(language):
        names, place = {"__name__": "__main__"}, words.say("セル") + " 1"
        for code in (
            "1 +",
            "def f():\n    f()\nf()",
            "input()",
            "import no_such_library",
            "!ls",
            "print('a' * 200000)",
        ):
            kernel.run(code, place, names)
        kernel.check("K1-2", "", [("raise NotImplementedError()", words.say("解答") + " K1-2")])
        right = "def total_input(x, W, b):\n    return x @ W + b"
        kernel.check("K1-2", "import numpy as np", [(right, words.say("解答") + " K1-2")])
    text = "\n".join(said)
    assert text.count(place) == 5 and "✓ K1-2" in text  # the line that cannot be read, and those that were running
    assert (language == "ja") == bool(JAPANESE.search(text))


@pytest.mark.parametrize(
    ("language", "address", "pages", "site"),
    [
        ("ja", "https://x.org/course/lite/lab/", "https://x.org/course/", "https://x.org/course/"),
        ("en", "https://x.org/course/en/lite/lab/", "https://x.org/course/en/", "https://x.org/course/"),
        ("en", "http://localhost/lite/lab/", "http://localhost/", "http://localhost/"),
        ("en", "https://elsewhere.org/", "", ""),
    ],
)
def test_notebooks_in_the_browser_know_the_book_around_them(monkeypatch, language, address, pages, site):
    monkeypatch.setitem(sys.modules, "js", SimpleNamespace(location=SimpleNamespace(href=address)))
    notebook = importlib.import_module("press.live.browser_python.notebook")
    monkeypatch.setattr(notebook, "location", SimpleNamespace(href=address))
    monkeypatch.setattr(edition, "SITE", "")
    monkeypatch.setattr(edition, "PAGES", "")
    monkeypatch.setattr(notebook.integers, "begin", lambda: None)
    with words.using(language):
        notebook.load_ipython_extension(Shell())
        assert (edition.PAGES, edition.SITE) == (pages, site)


class Shell:
    """As much of IPython's as the extension touches."""

    def __init__(self):
        self.kernel = SimpleNamespace(lite_transform_manager=SimpleNamespace(line_transforms=["%pip"]))
        self.ast_transformers = []

    def set_custom_exc(self, kinds, handler):
        assert kinds == (ModuleNotFoundError,)
