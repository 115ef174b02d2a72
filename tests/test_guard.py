"""The grader's own processes: whatever a submission makes them do ends in time, and the others are graded."""

import html
import json
import os
import signal
import threading
import time
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import nbformat
import nbformat.v4 as v4
import psutil
import pytest
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from dlcourse.grading import execute
from dlcourse.grading.desk import markup
from dlcourse.grading.desk.inert import Inert
from dlcourse.grading.desk.submissions import Submission
from dlcourse.grading.display.characters import legible, legible_markup
from dlcourse.grading.feedback import Feedback, self_contained
from dlcourse.grading.isolation import confine, pool
from dlcourse.grading.isolation import sandbox as sandbox_module
from dlcourse.grading.isolation.course_cells import error
from dlcourse.grading.isolation.encoding import Reader, TooLate, WireError
from dlcourse.grading.isolation.notebook import NO_TIME_LEFT, Cell, NotebookContext, Run, run
from dlcourse.grading.isolation.pool import Pool
from dlcourse.grading.isolation.sandbox import Sandbox
from dlcourse.grading.isolation.wire import safe_error
from dlcourse.grading.isolation.worker import Overran, WorkerLost, Workers
from dlcourse.grading.report import Question, count_messages, message_of


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


@pytest.fixture
def workers():
    made = Workers()
    yield made
    made.close()


# --- workers -------------------------------------------------------------------------------------------


def test_a_worker_that_does_not_end_is_replaced(workers):
    first = workers.run(20, os.getpid)
    assert workers.run(20, os.getpid) == first != os.getpid()
    with pytest.raises(Overran):
        workers.run(0.3, time.sleep, 60)
    assert not psutil.pid_exists(first)
    assert workers.run(20, os.getpid) != first


def test_a_worker_that_dies_is_replaced_and_what_fails_in_it_is_raised_here(workers):
    with pytest.raises(WorkerLost):
        workers.run(20, os._exit, 3)
    with pytest.raises(ZeroDivisionError) as raised:
        workers.run(20, divmod, 1, 0)
    assert "worker.py" in raised.value.__notes__[0]


def test_what_runs_beside_a_worker_that_is_ended_goes_on(workers):
    found = []
    other = threading.Thread(target=lambda: found.append(workers.run(30, sum, [1, 2])))
    slow = threading.Thread(target=lambda: found.append(workers.run(30, time.sleep, 1)))
    slow.start()
    with pytest.raises(Overran):
        workers.run(0.2, time.sleep, 60)
    other.start()
    slow.join()
    other.join()
    assert found == [3, None] or found == [None, 3]


def test_closing_ends_also_those_that_work(workers):
    problems = []

    def work():
        try:
            workers.run(60, time.sleep, 60)
        except WorkerLost as problem:
            problems.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    while not workers.busy:
        time.sleep(0.01)
    begun = list(workers.busy)
    workers.close()
    thread.join(5)
    assert problems and not any(worker.lives for worker in begun)


def test_a_worker_ends_itself_when_a_cell_takes_far_longer_than_its_time():
    workers = Workers()
    workers.start(1)
    workers.run(60, pool.end_after, 1.0 - pool.GRACE)
    with pytest.raises(Overran):
        workers.run(60, time.sleep, 30)
    workers.close()


@pytest.fixture
def grading(monkeypatch):
    """A pool of one worker that has run already, and whose next notebook has little time."""
    limits = iter([60.0, 1.0])
    monkeypatch.setattr(pool, "GRACE", 0.0)
    monkeypatch.setattr(pool, "longest_run", lambda seconds: next(limits, 60.0))
    made = Pool(1, 10.0, 10.0)
    made.run("first", [], NotebookContext())
    yield made
    made.close()


# The test's own code, in the grader's process: nothing of the student's limits holds there.
SLEEP = "import time; time.sleep(60)"


def test_a_notebook_whose_worker_does_not_end_is_stopped_and_the_next_is_graded(grading):
    grading.start("slow", [Cell("answer", "x = 1"), Cell("test", SLEEP)], NotebookContext())
    grading.start(
        "next", [Cell("answer", "x = 1"), Cell("test", "assert x == 2"), Cell("test", "x + 1")], NotebookContext()
    )
    stopped = grading.run("slow", [], NotebookContext())
    assert [[part["ename"] for part in output] for output in stopped["outputs"]] == [["OutOfTime"]] * 2
    assert stopped["overran"] and "isolation" in stopped
    (_, (wrong,), (right,)) = grading.run("next", [], NotebookContext())["outputs"]
    assert wrong["ename"] == "AssertionError" and right["data"]["text/plain"] == "2.0"


def test_a_notebook_may_cost_one_worker(grading, tmp_path, monkeypatch):
    """The system may have ended it; with the next one it ends as it would have."""
    monkeypatch.setattr(pool, "longest_run", lambda seconds: 60.0)
    once = (
        f"import os, pathlib\nif not (seen := pathlib.Path({str(tmp_path / 'seen')!r})).exists():\n"
        f"    seen.touch()\n    os.kill(os.getpid(), {int(signal.SIGKILL)})"
    )
    outputs = grading.run("one", [Cell("test", once), Cell("test", "1 + 1")], NotebookContext())["outputs"]
    assert outputs[0] == [] and outputs[1][0]["data"]["text/plain"] == "2.0"


# --- values -----------------------------------------------------------------------------------------------


def read(tree, *buffers, deadline=None):
    def refuse(kind, body):
        raise WireError(kind)

    return Reader(list(buffers), refuse, deadline).read(tree)


ALIKE = [{"int": hex(number * (2**61 - 1) + 1)} for number in range(2, 30)]  # Python's hash is a remainder by this


@pytest.mark.parametrize("tree", [
    {"set": ALIKE}, {"dict": [[key, 1] for key in ALIKE]}, {"frozenset": [{"tuple": [one]} for one in ALIKE]},
    {"set": list(range(60_000))}, {"dict": [[n, n] for n in range(60_000)]},
    {"list": [{"Fraction": f"{n}/7"} for n in range(20_000)]},
    {"array": ["f8", [0, 10**9], 0, True]}, {"array": ["f8", [0] * 40, 0, True]},
    {"array": ["f8", [0, 2**70], 0, True]}, {"array": ["f8", [0, 1.5], 0, True]},
    {"objects": [[0, 10**9], []]}, {"objects": [[1] * 40, [1]]},
    {"dtype": "f8,f8,f8"}, {"dtype": "(9,9)f8"}, {"dtype": "f8" * 100}, {"dtype": "float64"}, {"dtype": ["f8"]},
    {"number": ["f8", "00" * 80]}, {"number": ["U9999", "00"]}, {"complex": ["1" * 50, 0]}, {"complex": [10**30, 0]},
    {"scalar type": "linalg"}, {"scalar type": "float64" * 50}, {"date": "2020-01-01" * 50}, 10**30,
    {"range": [0, "9" * 100, 1]}, {"range": [0, 10**30, 10**29]}, {"named": [["a"] * 1000, [1]]},
    {"named": [["a" * 1000], [1]]}, {"generator": {"bit_generator": "PCG64", "state": {"a": {"b": {"c": {"d": {}}}}}}},
])  # fmt: skip
def test_what_would_take_time_is_refused_before_it_is_made(tree):
    start = time.process_time()
    with pytest.raises(WireError):
        read(tree, b"")
    assert time.process_time() - start < 1


def test_values_as_answers_have_them_are_read():
    assert read({"set": [{"tuple": [number, -number]} for number in range(1000)]}) == {(n, -n) for n in range(1000)}
    words = {str(number): number for number in range(5000)}
    assert read({"dict": [[word, number] for word, number in words.items()]}) == words
    inner = read({"objects": [[2, 1], [{"list": [1]}, {"list": [2]}]]})
    assert inner.shape == (2, 1) and inner[1, 0] == [2]
    assert read({"array": ["<f4", [3, 0, 2], 0, True]}, b"").shape == (3, 0, 2)


def test_the_time_is_looked_at_while_a_message_is_read():
    many = {"list": [0] * 100_000}
    assert len(read(many, deadline=time.monotonic() + 60)) == 100_000
    with pytest.raises(TooLate):
        read(many, deadline=time.monotonic())


def test_an_errors_parts_are_texts_and_the_names_are_too():
    deep = []
    for _ in range(500):
        deep = [deep]
    assert safe_error({"types": [deep, "E"], "text": deep, "line": 5, "name": {}}) == {
        "types": ["", "E"], "text": "", "line": "", "name": ""}  # fmt: skip


# --- markup -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 150,
        "<ul><li>" * 80,
        "<a " + " ".join(f"a{n}=1" for n in range(300)) + ">",
        "<b>x</b>" * 1500,
        "x" * 600_000,
        "<table><tr><td>" * 40,
        "&amp;" * 30_000,
    ],
)
def test_markup_that_would_take_time_is_not_parsed(text):
    assert not markup.is_modest(text)


@pytest.mark.parametrize(
    "text",
    [
        "<table>" + "<tr><td>1</td><td>2</td></tr>" * 150 + "</table>",
        "<ul>" + "<li>a" * 300 + "</ul>",
        "a < b <br>" * 500,
        "<p>one" * 300,
        "<a title='" + "many words " * 50 + "'>x</a>",
        "x" * 200_000,
        "</b>" * 200,
        "",
    ],
)
def test_markup_as_pages_have_it_is(text):
    assert markup.is_modest(text)


def test_markup_that_takes_too_long_all_the_same_is_shown_as_text(monkeypatch):
    run = markup.WORKERS.run
    monkeypatch.setattr(markup.WORKERS, "run", lambda seconds, function, *arguments: run(0.5, time.sleep, 60))
    step = Inert(enabled=True)
    cells = [v4.new_markdown_cell(text) for text in ("<b>one</b>", "plain", "<b>two</b>")]
    start = time.monotonic()
    made = step.preprocess(v4.new_notebook(cells=cells), {})[0]
    assert [cell.source for cell in made.cells] == ["&lt;b&gt;one&lt;/b&gt;", "plain", "&lt;b&gt;two&lt;/b&gt;"]
    assert time.monotonic() - start < 5


# --- characters that act -------------------------------------------------------------------------------------


def test_every_character_that_acts_is_shown():
    """But those that join others into one sign, and the signs of Arabic that stand before numbers."""
    kept = set("\n\t\u200c\u200d\u06dd\u08e2\u0890\u0891\U000110bd\U000110cd") | set(map(chr, range(0x600, 0x606)))
    acting = [chr(n) for n in range(0x110000) if unicodedata.category(chr(n)) in ("Cc", "Cf", "Zl", "Zp")]
    left = [character for character in acting if character in legible(f"a{character}b")]
    assert set(left) <= kept, [f"{ord(one):x}" for one in set(left) - kept]


def test_ordinary_text_is_as_it_was():
    text = "  def f():\n\treturn '日本語 全角スペース é 👩‍👩‍👧 مرحبا'\n"
    assert legible(text) == legible_markup(text) == text
    assert legible_markup("a &lt; b &amp; c &copy; d & e") == "a &lt; b &amp; c &copy; d & e"


@pytest.mark.parametrize(("text", "shown"), [
    ("\x1b[31mred\x1b[0m", "red"), ("a\x1b]0;title\x07", "a␛]0;title␇"), ("50%\r100%\r\n", "50%␍\n100%\n"),
    ("wrong\b\b\b\b\bright", "wrong␈␈␈␈␈right"), ("\u202eabc\u2066", "⟨U+202E⟩abc⟨U+2066⟩"), ("\x9b2J", "⟨U+009B⟩2J"),
])  # fmt: skip
def test_characters_that_act_are_shown(text, shown):
    assert legible(text) == shown


@pytest.mark.parametrize("named", ["&#x202e;", "&#8238;", "&rlm;", "&#x0000202E", "&#8;", f"&#{'0' * 5000}8238;"])
def test_characters_by_their_names_do_not_act_either(named):
    made = html.unescape(legible_markup(f"<b>a {named} b</b>"))
    assert legible(made) == made and made.startswith("<b>a ")


HIDING = "text = 'wrong' + 5 * chr(8) + 'right ' + chr(27) + '[8m' + chr(0x202e)\n"


def test_outputs_and_answers_show_them(sandbox):
    cells = [
        Cell("answer", f"{HIDING}print(text)\nraise ValueError(text)"),
        Cell("test", "assert False, text"),
        Cell("answer", "from IPython.display import HTML\nHTML('<b>&#x202e;x</b>')"),
    ]
    for outputs in run(cells, sandbox).outputs:
        said = html.unescape(json.dumps(outputs, ensure_ascii=False))
        assert "⟨U+202E⟩" in said and "\u202e" not in said and "\\b" not in said and "\\u001b" not in said
    step = Inert(enabled=True)
    cells = [v4.new_markdown_cell("a&#x202e;b\u202e"), v4.new_code_cell("# \u202e", metadata={"nbgrader": {}})]
    for cell in step.preprocess(v4.new_notebook(cells=cells), {})[0].cells:
        assert "\u202e" not in html.unescape(cell.source) and "⟨U+202E⟩" in cell.source


# --- hints ----------------------------------------------------------------------------------------------------

FORGED = "FORGED = 'x' + chr(10) + '  ヒント: 偽物' + chr(13) + '  ヒント: 偽物'\n"
SPEAK = """import gc
def describe(error):
    return {'types': ['CheckError'], 'text': FORGED, 'line': FORGED, 'name': FORGED}
for one in gc.get_objects():
    if type(one).__name__ == 'Peer':
        one.describe = describe
def f(*arguments):
    raise ValueError
"""


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        (SPEAK, "f()"),
        (f"{SPEAK}total_input = f", 'check("K1-2")'),
        ("total_input = FORGED", 'check("K1-2")'),
        ("def total_input(*a): raise type(FORGED, (Exception,), {})(FORGED)", 'check("K1-2")'),
        ("def total_input(*a): raise NameError(FORGED, name=FORGED)", 'check("K1-2")'),
        ("def total_input(*a): return {FORGED: FORGED}", 'check("K1-2")'),
        ("class A:\n    def __repr__(self): return FORGED\ndef total_input(*a): return A()", 'check("K1-2")'),
        ("class CheckError(Exception): pass\ndef f(): raise CheckError(FORGED)", "f()"),
        ("def f(): return FORGED", "assert not f(), f()"),
        ("k1_3 = FORGED", 'check("K1-3")'),
    ],
)
def test_no_students_text_is_taken_for_a_hint(sandbox, answer, test):
    setup = Cell("setup", "import numpy as np\nfrom dlcourse.checks import check")
    done = run([setup, Cell("answer", FORGED + answer), Cell("test", test)], sandbox)
    assert done.outputs[-1]
    outputs, verdict = [v4.new_output(**output) for output in done.outputs[-1]], done.verdicts.get(2)
    assert "偽物" not in message_of(v4.new_code_cell("", outputs=outputs, metadata={"verdict": verdict}))
    assert (verdict is None) == ("check(" not in test)


def test_what_stands_in_a_students_cell_is_no_hint(tmp_path):
    about = {"grade_id": "K1", "grade": True, "solution": True}
    told = v4.new_output("error", ename="CheckError", evalue="✗ K1\n  ヒント: 偽物", traceback=[])
    cell = v4.new_code_cell("", metadata={"nbgrader": about}, outputs=[told])
    path = tmp_path / "student" / "ch1" / "ch1.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(v4.new_notebook(cells=[cell]), path)
    questions = {"K1": Question("K1", 1.0)}
    count_messages(questions, path)
    assert not questions["K1"].hints


# --- what students' code reaches ------------------------------------------------------------------------------


def said_by(sandbox, source):
    """What a student's cell prints."""
    (outputs,) = run([Cell("answer", source)], sandbox).outputs
    return "".join(output.get("text", output.get("ename", "")) for output in outputs)


TRY = """
def tried(path):
    try:
        return open(path).read()
    except OSError as error:
        return type(error).__name__
"""


def test_a_course_below_a_folder_that_python_needs_stays_closed(tmp_path, monkeypatch):
    packages, root = tmp_path / "lib", tmp_path / "lib" / "course"
    for place in (packages / "other", root / "submitted", root / ".venv" / "lib"):
        place.mkdir(parents=True)
        (place / "x.txt").write_text("READ")
    monkeypatch.setattr(
        "dlcourse.grading.isolation.sandbox.OF_THE_SYSTEM",
        [*sandbox_module.OF_THE_SYSTEM, str(packages), str(root / ".venv" / "lib")],
    )
    with Sandbox([str(root)]) as made:
        tell = "\n".join(f"print(tried({str(path)!r}))" for path in sorted(tmp_path.rglob("x.txt")))
        assert said_by(made, TRY + tell).split() == ["READ", "PermissionError", "READ"]
        assert sorted(tmp_path.rglob("x.txt"))[1].parent.name == "submitted"


def test_of_the_system_only_named_folders_can_be_read(sandbox):
    found = said_by(
        sandbox,
        f"{TRY}print(tried('/usr/share/common-licenses/GPL-3'), tried('/etc/passwd'))\n"
        "import os, zoneinfo, decimal, sqlite3, xml.etree.ElementTree, matplotlib.pyplot as plt\n"
        "for folder in ('/usr', '/usr/bin', '/usr/local', '/etc'):\n    try:\n        os.listdir(folder)\n"
        "        print(folder)\n    except OSError:\n        pass\n"
        "plt.plot([1])\nplt.close()\nprint(zoneinfo.ZoneInfo('Asia/Tokyo'))",
    )
    assert found.split() == ["PermissionError", "PermissionError", "Asia/Tokyo"]


def test_the_courses_folders_and_the_exchange_are_named():
    config = Config()
    config.Exchange.root = "/srv/exchange"
    course = CourseDirectory(root="/course", submitted_directory="/elsewhere", db_url="sqlite:////books/gradebook.db")
    named = execute.course_folders(course, config)
    assert {"/course", "/elsewhere", "/srv/exchange", "/books"} <= set(named)


def test_threads_are_counted(sandbox):
    start = (
        "import threading\nstop = threading.Event()\ndef begin(n):\n    for _ in range(n):\n"
        "        threading.Thread(target=stop.wait, daemon=True).start()\n    stop.wait(0.5)\n"
    )
    assert said_by(sandbox, f"{start}begin(20)\nprint('fine')") == "fine\n"
    assert said_by(sandbox, f"{start}begin(80)\nprint('fine')") == "KernelStopped"


@pytest.mark.parametrize("apart", [True, False], ids=["with namespaces", "without"])
def test_of_roots_rights_nothing_is_left(sandbox, monkeypatch, apart):
    monkeypatch.setattr(sandbox, "measures", [one for one in sandbox.measures if apart or one != "namespaces"])
    lines = said_by(
        sandbox,
        "import ctypes, struct\nwords = ctypes.create_string_buffer(24)\n"
        "print(ctypes.CDLL(None).capget(struct.pack('=Ii', 0x20080522, 0), words))\n"
        "print(*struct.unpack('=6I', words.raw))\nimport os\nprint(os.getuid())",
    ).splitlines()
    assert lines[0] == "0"
    effective, permitted, inheritable, *more = map(int, lines[1].split())
    assert {effective, permitted} <= {0, 1 << confine.READ_ALL_FILES} and not inheritable and not any(more)
    if os.geteuid() == 0:
        another = sandbox_module.ANOTHER_USER in sandbox.measures
        assert int(lines[2]) == (sandbox_module.NOBODY_ELSE if another else 0)


def test_the_line_says_whether_it_is_another_user(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for may, line in ((True, "別の利用者"), (False, "管理者のまま")):
        monkeypatch.setattr(confine, "may_become", lambda user, paths, may=may: may)
        assert line in sandbox_module.describe(sandbox_module.whose_rights(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert sandbox_module.whose_rights(tmp_path) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_whether_another_user_may_read_is_tried(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    assert not confine.may_become(61184, [str(closed)])
    assert confine.may_become(61184, ["/usr/lib", str(tmp_path / "missing")])
    assert os.geteuid() == 0


# --- the page that a student gets back --------------------------------------------------------------------------


def test_formulas_take_a_part_of_the_time_only():
    texts = [" ".join(f"$x_{{{number}}}$" for number in range(start, start + 700)) for start in (0, 1000)]
    page, _ = Feedback().from_notebook_node(v4.new_notebook(cells=list(map(v4.new_markdown_cell, texts))))
    assert 700 < page.count("<math") < 1000 and "<code>x_{1699}</code>" in page
    output = "<html><head></head><body><div class='output_latex'>$$x$$</div></body></html>"
    assert "<i>x, block</i>" in self_contained(output, (), lambda text, display: f"<i>{text}, {display}</i>")


def test_the_teacher_is_told_of_a_notebook_that_was_stopped(monkeypatch):
    submission = Submission("someone", Path("someone"))
    outputs = [[error("OutOfTime", NO_TIME_LEFT)]]
    stopped = Run(outputs, seconds=1.0).as_data() | {"isolation": "…", "overran": True}
    monkeypatch.setattr(execute.RunIsolated, "pool", SimpleNamespace(run=lambda *arguments: stopped))
    step, notebook = execute.RunIsolated(), v4.new_notebook(cells=[v4.new_code_cell("x = 1")])
    resources = {"nbgrader": {"student": "someone", "notebook": "ch1"}, "submission": submission}
    graded, _ = step.preprocess(notebook, resources)
    assert graded.cells[0].outputs[0].ename == "OutOfTime" and submission.notes == [execute.OVERRAN]
