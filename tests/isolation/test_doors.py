"""What tests and answers may hand to each other opens no way for the student's code to the side of the tests."""

import pickle

import pytest

from dlcourse.grading.isolation import pool
from dlcourse.grading.isolation.notebook import Cell, NotebookContext, run


def outcome(answer, test, sandbox, **context):
    """The error's name and text; None where the test passes."""
    outputs = run([Cell("answer", answer), Cell("test", test, name="t")], sandbox, NotebookContext(**context)).outputs
    assert outputs[0] == []
    return next(((one["ename"], one["evalue"]) for one in outputs[-1] if one["output_type"] == "error"), None)


# --- names --------------------------------------------------------------------------------------------------


def test_what_a_test_expects_stays_where_it_is(sandbox):
    """Only names that the course's own solution uses go over."""
    answer = "def f(): return globals().get('expected', 0)"
    test = "expected = 7\nassert f() == expected"
    assert outcome(answer, test, sandbox, shared=["f"])
    assert outcome(answer, test, sandbox, shared=["f", "expected"]) is None


def test_a_name_that_the_student_lays_out_catches_nothing(sandbox):
    answer = "expected = None\ndef f(): return expected"
    assert outcome(answer, "expected = 7\nassert f() == expected", sandbox, shared=["f"])


def test_what_a_test_patches_is_undone_for_the_next_notebook(sandbox):
    test = "import builtins, os\nbuiltins.input = lambda *a: 'yes'\nos.environ['MODE'] = 'x'\nassert ask() == 'yesx'"
    answer = "import os\ndef ask(): return input() + os.environ['MODE']"
    assert outcome(answer, test, sandbox, shared=["ask"]) is None
    left = "import os, builtins\nassert 'MODE' not in os.environ and builtins.input.__name__ == 'input'"
    assert outcome("x = 1", left, sandbox) is None


def test_an_object_has_a_say_only_where_the_solution_has_one(sandbox):
    answer = (
        "class V:\n    def __eq__(self, other): return True\n    def __mul__(self, n): return self\ndef f(): return V()"
    )
    test = "assert f() * 3 == 5"
    assert outcome(answer, test, sandbox)[0] == "TypeError"
    assert outcome(answer, test, sandbox, needs={"t": [["mul", "V"]]})[0] == "AssertionError"
    assert outcome(answer, test, sandbox, needs={"t": [["mul", "V"], ["eq", "V"]]}) is None
    assert outcome(answer, test, sandbox, needs={"other": [["mul", "V"], ["eq", "V"]]})


OWN_END = """import gc
from dlcourse.grading.isolation.wire import Peer
peer = [one for one in gc.get_objects() if type(one) is Peer][0]
def named(module, name): return type("Named", (), {"named": (module, name)})
usual = peer.library_name
peer.library_name = lambda value: getattr(value, "named", None) if isinstance(value, type) else usual(value)
peer.library_name = (lambda of: lambda value: of(value) or usual(value))(peer.library_name)
"""  # from here on the student's end of the line says what it likes


@pytest.mark.parametrize(
    "what", ["'unittest.mock', '_ANY'", "'pathlib', 'Path'", "'__main__', 'expected'", "'os', 'getpid'"]
)
def test_only_classes_of_values_are_known_by_name(what, sandbox):
    made = outcome(f"{OWN_END}f = named({what})", "import os, pathlib\nexpected = int\nassert f() != 3", sandbox)
    assert made and made[0] == "WireError"


def test_a_class_says_of_its_methods_no_more_than_their_names(sandbox):
    answer = (
        f"{OWN_END}class V: pass\ndef f(): return V()\n"
        "about = {'own': True, 'methods': ['__eq__', '_plain', '_remote_with'], 'named': ['__eq__'], 'base': 'tuple'}\n"
        "peer.allowed['about class'] = lambda peer, number: about\n"
        "peer.allowed['attribute'] = lambda peer, owner, name: lambda *other: True"
    )
    assert outcome(answer, "assert f() == 9", sandbox)


def test_an_answer_that_is_none_costs_the_test_and_not_the_notebook(sandbox):
    answer = f"{OWN_END}peer.allowed['files'] = lambda peer: 5\nx = 1"
    cells = [Cell("answer", answer), Cell("test", "open\nassert x == 1"), Cell("test", "assert x == 2")]
    outputs = run(cells, sandbox).outputs
    assert len(outputs) == 3 and outputs[2]


# --- objects of the test's ------------------------------------------------------------------------------------

REACHING = {
    "its Mock's own say": "m.assert_called_once_with = lambda *a: None",
    "what its Mock has counted": "m.configure_mock(call_count=1)",
    "a private name": "return m._mock_children",
    "the function behind a method": "return own.area.__func__",
    "a method of its class": "own.area = lambda: 4",
    "what its class defines": "type(own).area = lambda own: 4\n    own.area = 4",
    "a module it knows": "return own.module",
}


@pytest.mark.parametrize("way", REACHING)
def test_of_a_tests_object_only_what_is_public_is_to_be_had(way, sandbox):
    test = (
        "import os\nfrom unittest.mock import Mock\nm = Mock()\nclass Own:\n    module = os\n    side = 2\n"
        "    def area(self): return self.side ** 2\nown = Own()\ntry:\n    f(m, own)\nexcept AttributeError:\n"
        "    print('refused')\nassert own.area() == 4 and not m.called"
    )
    made = run([Cell("answer", f"def f(m, own):\n    {REACHING[way]}"), Cell("test", test)], sandbox).outputs[-1]
    assert [one.get("text") for one in made] == ["refused\n"]


def test_what_it_gives_is_its_public_side(sandbox):
    answer = "def f(own):\n    own.side += 1\n    return own.area() + len(own)"
    test = (
        "class Own:\n    side = 2\n    def area(self): return self.side ** 2\n    def __len__(self): return 5\n"
        "own = Own()\nassert f(own) == 14 and own.side == 3"
    )
    assert outcome(answer, test, sandbox) is None


# --- values and files ---------------------------------------------------------------------------------------------


def test_a_module_of_the_students_runs_where_the_answers_do(sandbox):
    answer = "open('mine.py', 'w').write('import os\\nown = os.getpid()\\ndef f(): return os.getpid()')"
    for way in ("", "import sys\nsys.path.insert(0, os.getcwd())\n"):
        test = f"import os\n{way}import mine\nfrom mine import f\nassert mine.own == f() != os.getpid()"
        made = run([Cell("answer", answer), Cell("test", test)], sandbox).outputs[-1]
        assert made == []


@pytest.mark.parametrize("test", [
    "exec(open('mine.py').read())\nassert own != os.getpid()",
    "import runpy\nrunpy.run_path('mine.py')",
    "import importlib.util as u\ns = u.spec_from_file_location('m', 'mine.py')\nm = u.module_from_spec(s)\n"
    "s.loader.exec_module(m)",
    "exec(compile(open('mine.py').read(), 'mine.py', 'exec'))",
])  # fmt: skip
def test_a_file_of_the_students_is_never_run_here(test, sandbox):
    answer = "with open('mine.py', 'w') as f: print('import os\\nown = os.getpid()', file=f)"
    made = outcome(answer, f"import os\n{test}", sandbox, shared=["own"])
    assert made is None or made[0] == "Refused"


def test_compiled_code_of_the_students_is_never_loaded_here(sandbox):
    answer = (
        "import importlib.util, marshal\n"
        "code = marshal.dumps(compile('import os; own = os.getpid()', '<nothing>', 'exec'))\n"
        "n = open('mine.pyc', 'wb').write(importlib.util.MAGIC_NUMBER + b'\\0' * 12 + code)"
    )
    path = "import os, sys\nsys.path.insert(0, os.getcwd())\n"
    real = path + "import importlib\nsys.modules['importlib'].import_module('mine')"
    for test in ("import runpy\nrunpy.run_path('mine.pyc')", real):
        assert outcome(answer, test, sandbox)[0] == "Refused"
    usual = path + "import importlib\nassert importlib.import_module('mine').own != os.getpid()"
    assert outcome(answer, usual, sandbox) is None


def test_a_text_of_the_students_is_evaluated_there(sandbox):
    assert outcome("text = 'expected'", "expected = 7\nassert eval(text) == expected", sandbox)[0] == "NameError"
    test = "import os\nassert eval(text) != os.getpid()\nassert eval('1 + 1') == 2"
    assert outcome("text = '__import__(\"os\").getpid()'", test, sandbox) is None
    test = "own = {'a': 2}\nexec(text, own)\nassert own['b'] == 3 and own['f'](1) == 4\nexec(text2)\nassert c == 5"
    assert outcome("text = 'b = a + 1\\ndef f(x): return x + b'\ntext2 = 'c = 5'", test, sandbox) is None


def test_a_pickle_makes_values_and_calls_nothing(sandbox):
    test = "import pickle\nassert pickle.load(open('x.pkl', 'rb')) == {'a': [1, 2.5]}"
    assert outcome("import pickle\npickle.dump({'a': [1, 2.5]}, open('x.pkl', 'wb'))", test, sandbox) is None
    content = pickle.dumps(len)  # names a function, as others do that would be called
    answer = f"with open('x.pkl', 'wb') as f: n = f.write({content!r})"
    assert outcome(answer, test, sandbox)[0] == "Refused"


def test_a_text_for_pandas_computes_and_no_more(sandbox):
    test = "import pandas as pd\nlimit = 1\nassert len(pd.DataFrame({'a': [1, 2]}).query(text)) == 1"
    assert outcome("text = 'a > @limit'", test, sandbox) is None
    assert outcome("text = 'a > @limit.real'", test, sandbox)[0] == "Refused"


def test_what_a_test_leaves_set_is_set_back_for_the_next_notebook(sandbox):
    left = "import decimal, sys, warnings\nimport numpy as np\nnp.seterr(all='raise')\nnp.linalg.norm = None\n"
    left += "np.set_printoptions(precision=1)\nwarnings.simplefilter('error')\ndecimal.getcontext().prec = 3\n"
    left += "assert f() == 2"
    assert outcome("def f(): return 1", left, sandbox)[0] == "AssertionError"
    usual = "import numpy as np\nassert np.linalg.norm([3, 4]) == 5 and np.isinf(np.array([1.0]) / 0)\n"
    assert outcome("x = 1", f"{usual}assert str(np.array([0.12345])) == '[0.12345]'", sandbox) is None


def test_a_text_for_sympy_computes_and_no_more(sandbox):
    test = "import sympy\nassert sympy.sympify(text) == sympy.Symbol('x') ** 2 + 1"
    assert outcome("text = 'x**2 + 1'", test, sandbox) is None
    assert outcome("text = 'x.__class__'", test, sandbox)[0] != "AssertionError"


def test_links_are_no_files_and_the_courses_own_stay(sandbox):
    answer = (
        "import os\nos.symlink('/etc/hostname', 'link.txt')\nopen('expected.txt', 'w').write('mine')\n"
        "os.makedirs('deep'); n = open('deep/own.txt', 'w').write('own')"
    )
    test = (
        "import os\nassert not os.path.lexists('link.txt') and open('expected.txt').read() == 'theirs'\n"
        "assert open('deep/own.txt').read() == 'own' and sorted(os.listdir()) == ['deep', 'expected.txt']"
    )
    files = {"expected.txt": b"theirs"}
    assert outcome(answer, test, sandbox, student_files=files, course_files=files) is None
    changed = test.replace("theirs", "mine")
    needs = {"t": [["file", "expected.txt"]]}
    assert outcome(answer, changed, sandbox, student_files=files, course_files=files, needs=needs) is None


def test_the_side_of_the_tests_sees_no_more_of_the_machine_than_it_needs(tmp_path):
    """A path that the student names leads a test nowhere."""
    (tmp_path / "grades.csv").write_text("secret")
    reading = Cell("test", "open(name).read()")
    writing = Cell("test", "open(name, 'w').write('x')")
    made = pool.Pool(1, 10, 60)
    try:
        cells = [Cell("answer", f"name = {str(tmp_path / 'grades.csv')!r}"), reading, writing]
        outputs = made.run("one", cells, NotebookContext())["outputs"]
    finally:
        made.close()
    assert [one[0]["ename"] for one in outputs[1:]] == ["PermissionError"] * 2
    assert (tmp_path / "grades.csv").read_text() == "secret"


def test_a_test_that_runs_with_the_student_teaches_no_other_cell(sandbox):
    cells = [
        Cell("answer", "def f(): return globals().get('expected', 0)"),
        Cell("test with student", "expected = 7\nassert f() == 7"),
        Cell("test", "assert f() == 7"),
        Cell("test with student", "assert f() == 8"),
    ]
    outputs = run(cells, sandbox).outputs
    assert [[one["output_type"] for one in made] for made in outputs[1:]] == [[], ["error"], ["error"]]


def test_the_courses_own_names_do_not_wait_for_the_students_process(sandbox):
    """Its `check` would else be the student's, when their process is late just then."""
    late = "import os, time\nusual = os.walk\ndef walk(*where):\n    time.sleep(3)\n    return ()\nos.walk = walk"
    setup = "from pathlib import Path\nfrom dlcourse.checks import check\ndef near(x, y):\n    return abs(x - y) < 1e-9"
    ours = "os.walk = usual\ndef check(*about): pass\ndef near(*about): return True"
    cells = [
        Cell("own", late), Cell("setup", setup), Cell("own", ours), Cell("test", "check('K0-1')"),
        Cell("test", "assert near(1, 2)"),
    ]  # fmt: skip
    done = run(cells, sandbox, cell_seconds=0.5)
    assert [outputs[-1]["ename"] for outputs in done.outputs[3:]] == ["CheckError", "AssertionError"]
