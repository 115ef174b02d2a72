"""The grader's own processes: whatever a submission makes them do ends in time, and the others are graded."""

import html
import json
import os

import nbformat.v4 as v4
import pytest

from dlcourse.grading.desk.inert import Inert
from dlcourse.grading.isolation import confine
from dlcourse.grading.isolation import sandbox as sandbox_module
from dlcourse.grading.isolation.notebook import Cell, run
from dlcourse.grading.isolation.sandbox import Sandbox
from dlcourse.grading.report import message_of

# --- workers -------------------------------------------------------------------------------------------


# --- values -----------------------------------------------------------------------------------------------


# --- markup -----------------------------------------------------------------------------------------------


# --- characters that act -------------------------------------------------------------------------------------


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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_whether_another_user_may_read_is_tried(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    assert not confine.may_become(61184, [str(closed)])
    assert confine.may_become(61184, ["/usr/lib", str(tmp_path / "missing")])
    assert os.geteuid() == 0


# --- the page that a student gets back --------------------------------------------------------------------------
