"""A teacher's own assignment, with the tests that nbgrader's manual teaches: judged across the two sides as in one."""

import ctypes
import gc
import sys

import pytest

from dlcourse.grading.isolation.course_cells import LONGEST_MESSAGE
from dlcourse.grading.isolation.notebook import Cell, NotebookContext, run
from dlcourse.grading.isolation.proxies import LONGEST_SOURCE
from dlcourse.grading.isolation.wire import memory_in_use

STACK = """class Stack:
    def __init__(self): self.items = []
    def push(self, x): {push}
    def __len__(self): return len(self.items)
    def __getitem__(self, i): return self.items[i]
    def __str__(self): return f"{{len(self.items)}}個"
    def __eq__(self, other): return self.items == other.items"""

# a right answer, a wrong one, the test
ORDINARY = {
    "an assert": ("x = 3", "x = 4", "assert x == 3"),
    "a helper and an import": (
        "def cube(x): return x**3", "def cube(x): return x",
        "import math\ndef near(a, b): return math.isclose(a, b)\nassert all(near(cube(i), i**3) for i in range(3))",
    ),
    "NumPy's own": (
        "def relu(x): return np.maximum(0, x)", "def relu(x): return x",
        "np.testing.assert_allclose(relu(np.array([-1., 2.])), [0, 2])",
    ),
    "the source": (
        "def total(n):\n    return sum(range(n))",
        "def total(n):\n    t = 0\n    for i in range(n): t += i\n    return t",
        "import inspect\nassert 'for' not in inspect.getsource(total)\nassert total(4) == 6",
    ),
    "the documentation": (
        'def f(x):\n    """二乗を返します。"""', "def f(x):\n    pass", "assert f.__doc__ and '二乗' in f.__doc__",
    ),
    "the signature": (
        "def f(a, b=2): pass", "def f(a): pass",
        "import inspect\nassert str(inspect.signature(f)) == '(a, b=2)' and f.__defaults__ == (2,)",
    ),
    "a class": (
        STACK.format(push="self.items.append(x)"), STACK.format(push="pass"),
        "s, t = Stack(), Stack()\ns.push(1); t.push(1); s.push(2); t.push(2)\nassert isinstance(s, Stack) and s == t\n"
        "assert len(s) == 2 and s[0] == 1 and s.items == [1, 2] and list(s) == [1, 2] and 2 in s\n"
        "assert str(s) == '2個'",
    ),
    "attributes that the test sets": (
        "class Box:\n    def twice(self): return 2 * self.v", "class Box:\n    def twice(self): return 0",
        "b = Box()\nb.v = 5\nassert b.twice() == 10",
    ),
    "a generator": (
        "def squares(n):\n    for i in range(n): yield i * i", "def squares(n): yield 1",
        "assert list(squares(3)) == [0, 1, 4] and next(squares(2)) == 0",
    ),
    "a view": (
        "def names(d): return d.keys()", "def names(d): return d.values()", "assert set(names({'a': 1})) == {'a'}",
    ),
    "an exact number": (
        "from fractions import Fraction\ndef half(x): return Fraction(x, 2)", "def half(x): return 1",
        "from fractions import Fraction\nassert half(1) == Fraction(1, 2)",
    ),
    "a named tuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(1, 2)",
        "def f(): return 2, 1",
        "assert f() == (1, 2) and f().x == 1",
    ),
    "an object that NumPy could take for an array": (
        "class Tensor:\n    def __init__(self, v): self.v = v\n"
        "    def __array__(self, *a, **k): return np.array(self.v)\n"
        "    def twice(self): return Tensor([2 * v for v in self.v])\ndef f(): return Tensor([1, 2])",
        "def f(): return np.array([1, 2])", "assert isinstance(f(), Tensor) and f().twice().v == [2, 4]",
    ),
    "a matrix": (
        "def f(): return np.eye(2).view(np.matrix)", "def f(): return np.ones((2, 2)).view(np.matrix)",
        "assert (f() * f() == np.eye(2)).all()",
    ),
    "a list that is too large to be sent": (
        "def f(): return list(range(300_000))", "def f(): return list(range(300_001))",
        "assert len(f()) == 300_000 and f()[7] == 7",
    ),
    "what is printed": (
        "def hello(): print('こんにちは')", "def hello(): print('x')",
        "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    hello()\n"
        "assert out.getvalue() == 'こんにちは\\n'",
    ),
    "IPython's": ("y = 1", "y = 2", "%matplotlib inline\ndisplay(y)\nassert y == 1"),
    "a figure": (
        "import matplotlib.pyplot as plt\ndef draw():\n    ax = plt.subplots()[1]\n    ax.plot([1, 4])\n    return ax",
        "import matplotlib.pyplot as plt\ndef draw(): return plt.subplots()[1]",
        "ax = draw()\nassert len(ax.lines) == 1 and list(ax.lines[0].get_ydata()) == [1, 4]",
    ),
    "a file of the course": (
        "d = np.loadtxt('data.csv', delimiter=',')", "d = None",
        "assert d.sum() == np.loadtxt('data.csv', delimiter=',').sum()",
    ),
    "a cell of the course that uses an answer": ("k = doubled", "k = 0", "assert k == 2 * 3"),
}  # fmt: skip
SETUP = "%matplotlib inline\nbase = 3"
AROUND = NotebookContext("import numpy as np", [], *[{"data.csv": b"1,2\n3,4\n"}] * 2)


def passed(answer, test, sandbox):
    cells = [
        Cell("setup", SETUP),
        Cell("answer", "import numpy as np\ndef double(x): return 2 * x"),
        Cell("setup", "doubled = double(base)\nprint(nobody_knows)"),
        Cell("answer", answer),
        Cell("test", test),
    ]
    return not any(output["output_type"] == "error" for output in run(cells, sandbox, AROUND).outputs[-1])


@pytest.mark.parametrize("kind", ORDINARY)
def test_a_right_answer_passes_and_a_wrong_one_fails(kind, sandbox):
    right, wrong, test = ORDINARY[kind]
    assert [passed(answer, test, sandbox) for answer in (right, wrong)] == [True, False]


LIAR = """class Liar(float):
    pass
class Any:
    def yes(self, *other): return True
    def nothing(self, *other): return 0
    __eq__ = __lt__ = __le__ = __contains__ = __ge__ = yes
    __sub__ = __rsub__ = __abs__ = __float__ = __array__ = nothing
def f(x): return Any()
import numpy as np
np.testing.assert_allclose = np.allclose = lambda *a, **k: True"""


@pytest.mark.parametrize("test", [
    "assert f(1) == 3", "assert abs(f(1) - 3) < 1e-9", "assert abs(3 - f(1)) < 1e-9", "assert 3 in f(1)",
    "assert 3 <= f(1)", "np.testing.assert_allclose(f(1), 3)", "assert np.allclose(f(1), 3)", "assert not f(1) != 3",
    "assert math.isclose(f(1), 3)", "assert (f(1) == np.ones(3)).all()", "assert np.abs(np.ones(3) - f(1)).max() < 1",
])  # fmt: skip
def test_an_object_has_no_say_in_what_is_right(test, sandbox):
    assert not passed(LIAR, f"import math\n{test}", sandbox)


# an answer, and an ordinary test by which it may do something on the side of the tests
REACHING_OVER = {
    "annotations": ('def f(x: "{}"): pass', "import typing\ntyping.get_type_hints(f)"),
    "annotations, asked for otherwise": (
        'def f(x: "{}"): pass', "import inspect\ninspect.get_annotations(f, eval_str=True)",
    ),
    "annotations in a signature": (
        'def f(x: "{}"): pass', "import inspect\ninspect.signature(f, eval_str=True)",
    ),
    "examples": (
        'def f(x):\n    """\n    >>> {}\n    """', "import doctest\ndoctest.run_docstring_examples(f, {})",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", REACHING_OVER)
def test_no_text_of_a_function_is_run_on_the_side_of_the_tests(way, sandbox, tmp_path):
    answer, test = REACHING_OVER[way]
    passed(answer.format(f"open('{tmp_path}/reached', 'w')"), test, sandbox)
    assert not (tmp_path / "reached").exists()


WITH_NO_ANSWER = {
    "an end that is none": ("def f(x): raise StopIteration", "assert all(map(lambda i: f(i) == i, range(3)))"),
    "no text": ("class A:\n    def __str__(self): raise ValueError\ndef f(x): return A()", "assert f(1) == 3, f(1)"),
    "a long text": (f"def f(x): return 'x' * {5 * LONGEST_MESSAGE}", "print(f(1))\nassert f(1) == 3, f(1)"),
    "a long source": (
        "def f(x): pass\nfrom dlcourse.grading.isolation import student_objects\n"
        f"student_objects.OPERATIONS['source'] = lambda f: 'def f(x):\\n' + '    x = 1\\n' * {LONGEST_SOURCE // 10}",
        "import inspect\nassert 'for' not in inspect.getsource(f)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WITH_NO_ANSWER)
def test_what_is_no_answer_fails_and_says_little(way, sandbox):
    answer, test = WITH_NO_ANSWER[way]
    outputs = run([Cell("answer", answer), Cell("test", test)], sandbox).outputs[-1]
    assert outputs[-1]["output_type"] == "error" and len(str(outputs)) < 5 * LONGEST_MESSAGE


@pytest.mark.parametrize("test, stopped", [("x = list(f())", True), ("for _ in range(40): len(g())", False)])
def test_what_is_received_may_be_much_but_not_be_kept(test, stopped, sandbox):
    answer = (
        "import numpy as np\ng = lambda: np.ones(10**6)\nclass Endless:\n    def __iter__(self):\n"
        "        for _ in range(60): yield g()\nf = Endless"
    )
    before = memory_in_use()
    outputs = run([Cell("answer", answer), Cell("test", test)], sandbox).outputs[-1]
    assert [output["ename"] for output in outputs] == ["KernelStopped"] * stopped
    gc.collect()  # the frames of the error, with the list so far, may wait for it
    ctypes.CDLL(None).malloc_trim(0)  # what is free is no longer the process's
    assert memory_in_use() < before + 100_000_000


@pytest.mark.parametrize("answer", ["raise ValueError", "import time; time.sleep(8)", "import os; os._exit(1)"])
def test_no_answer_keeps_the_course_from_defining_its_helpers(answer, sandbox):
    cells = [Cell("answer", f"def f():\n    {answer}"), Cell("setup", "y = f()\ndef near(a, b): return a == b"),
             Cell("answer", "near = lambda a, b: True"), Cell("test", "assert near(1, 2)"),
             Cell("test", "assert near(1, 1)")]  # fmt: skip
    outcome = run(cells, sandbox, cell_seconds=0.5).outputs
    assert [[output["output_type"] for output in outputs] for outputs in outcome[3:]] == [["error"], []]


def test_later_tests_know_what_earlier_ones_have_defined(sandbox):
    cells = [
        Cell("test", "def near(a, b): return abs(a - b) < 1\nx = 5"),
        Cell("answer", "x = 1\nnear = lambda a, b: True"),
        Cell("test", "assert near(x, 1)"),
        Cell("test", "assert near(x, 9)"),
    ]
    outcome = run(cells, sandbox, NotebookContext(answers=["x"])).outputs
    assert [[output["output_type"] for output in outputs] for outputs in outcome] == [[], [], [], ["error"]]


def test_an_option_of_doctest_that_cannot_be_kept_passes_nobody(sandbox):
    answer = 'def f(x):\n    """\n    >>> f(1)\n    2\n    """\n    return x'
    test = "import doctest\n{}"
    assert not passed(answer, test.format("doctest.testmod(raise_on_error=True)"), sandbox)
    assert passed(answer, test.format("assert doctest.testmod(verbose=False).failed == 1"), sandbox)


def test_a_library_that_keeps_the_notebooks_module_ends_no_grading(sandbox):
    test = "import sys\nsys.modules['__mp_main__'] = sys.modules['__main__']\nassert double(1) == 2"
    assert passed("pass", test, sandbox) and "__mp_main__" not in sys.modules


def test_a_helper_of_an_earlier_cell_knows_what_a_test_sets(sandbox):
    cells = [
        Cell("setup", "def all_right(f): return all(f(x) == y for x, y in cases)"),
        Cell("answer", "f = lambda x: 2 * x"),
        Cell("test", "cases = [(1, 2), (3, 6)]\nassert all_right(f)"),
        Cell("test", "cases = [(1, 3)]\nassert all_right(f)"),
    ]
    outcome = run(cells, sandbox).outputs
    assert [[output["output_type"] for output in outputs] for outputs in outcome] == [[], [], [], ["error"]]


def test_what_earlier_tests_expect_is_not_the_students_to_say(sandbox):
    cells = [
        Cell("test", "expected = 3"),
        Cell("answer", "f = lambda: 4\nexpected = 4"),
        Cell("test", "assert f() == expected"),
    ]
    assert run(cells, sandbox, NotebookContext(answers=["f"])).outputs[-1][0]["ename"] == "AssertionError"


@pytest.mark.parametrize("line", [
    "%matplotlib inline", "%matplotlib notebook", "!pip install numpy", "%pip install numpy", "files = !ls", "%ls",
    "%cd ..", "%autosave 60", "%config InlineBackend.figure_format = 'retina'", "get_ipython().system('ls')", "quit()",
    "import shutil; open('a', 'w').close(); shutil.copy('a', 'b')",
])  # fmt: skip
def test_what_only_a_notebook_can_do_costs_nobody_the_cell(line, sandbox):
    assert passed(f"{line}\nx = 1", "assert x == 1", sandbox)


# --- from the source notebook to the gradebook ------------------------------------------------------------


# --- what a test changes in place, and what it forbids ------------------------------------------------------

SHELF = """import numpy as np
class Shelf:
    def __init__(self): self.items, self.data, self.W = [], None, np.zeros(3)
    def pop(self): return self.items.pop()
    def get(self): return self.items
    def loss(self): return (self.W * [1, 2, 3]).sum()
log = []
def add(x): log.append(x)"""
IN_PLACE = {
    "a list of an object's": "s.items.append(3)\nassert s.pop() == 3 and s.items == []",
    "what the test has put there": "s.data = {}\ns.data['k'] = 1\nassert s.data == {'k': 1}",
    "what a method gives": "s.get().append(1)\nassert s.get() is s.get() and s.items == [1]",
    "an array": "s.W[:] = 1\nassert s.loss() == 6\ns.W[0] = 0\nassert s.loss() == 5",
    "an array, in a function of the test's": "def gradient(f, x):\n    found = np.zeros_like(x)\n"
    "    for i in range(x.size):\n        x[i] += 1e-4\n        above = f()\n        x[i] -= 2e-4\n"
    "        found[i] = (above - f()) / 2e-4\n        x[i] += 1e-4\n    return found\n"
    "assert np.allclose(gradient(s.loss, s.W), [1, 2, 3])",
    "a list under another name": "other = log\nadd(3)\nassert other == [3]\nother.append(4)\nassert log == [3, 4]",
}


@pytest.mark.parametrize("what", IN_PLACE)
def test_what_a_test_changes_in_place_is_changed_there(what, sandbox):
    cells = [Cell("answer", SHELF), Cell("test", f"s = Shelf()\n{IN_PLACE[what]}")]
    context = NotebookContext("import numpy as np", shared=["Shelf", "log", "add"])
    assert run(cells, sandbox, context).outputs[-1] == []


@pytest.mark.parametrize("name", "sum max min map zip abs any len sorted range".split())
def test_a_built_in_function_can_be_forbidden(name, sandbox):
    answer = (
        "def by_hand(a):\n    t = 0\n    for x in a: t += x\n    return t\n"
        "def with_all(a):\n    pairs = [*zip(a, map(abs, a))]\n"
        "    return sum(a) + max(a) + min(a) + len(pairs) + any(a) + len(sorted(range(2)))"
    )
    test = (
        f"from unittest.mock import patch\nwith patch('builtins.{name}', side_effect=AssertionError):\n"
        "    assert {}([1, 2]) > 0"
    )
    cells = [Cell("answer", answer)] + [Cell("test", test.format(one)) for one in ("by_hand", "with_all")]
    cells.append(Cell("test", "assert with_all([1, 2]) == 11"))
    outcome = run(cells, sandbox, NotebookContext(shared=["by_hand", "with_all"])).outputs
    assert [[one.get("ename") for one in outputs] for outputs in outcome[1:]] == [[], ["AssertionError"], []]
