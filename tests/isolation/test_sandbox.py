"""The two sides of grading: what crosses between them, and what a cell can do to the others."""

import base64
import io
import re
import socket
import time
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dlcourse.grading import execute
from dlcourse.grading.isolation import confine, pool
from dlcourse.grading.isolation.notebook import Cell, run
from dlcourse.grading.isolation.portable import prepare
from dlcourse.grading.isolation.session import WAITING, longest_run
from dlcourse.grading.refusal import NoSandbox

# --- the line -----------------------------------------------------------------------------------------


# --- running across --------------------------------------------------------------------------------------


def test_overflow_in_a_thread_or_a_context_is_seen_across(sandbox):
    start = "import contextvars, threading\nimport numpy as np\ndef naive(v):\n    return 1 / (1 + np.exp(-v))\n"
    thread = (
        "def stable_sigmoid(u):\n    out = [np.zeros(u.shape)]\n    v = np.array(u)\n"
        "    t = threading.Thread(target=lambda: out.insert(0, naive(v)))\n    t.start()\n    t.join()\n"
        "    return out[0]"
    )
    context = "def stable_sigmoid(u):\n    return contextvars.Context().run(naive, u)"
    cells = [Cell("setup", "from dlcourse.checks import check"), Cell("answer", start)]
    for answer in (thread, context):
        cells += [Cell("answer", answer), Cell("test", 'check("X2-1")')]
    outputs = [o for cell, o in zip(cells, run(cells, sandbox).outputs, strict=True) if cell.kind == "test"]
    assert ["FloatingPointError" in output[0]["evalue"] for output in outputs] == [True, True]


ANSWER = "def twice(x):\n    x = np.asarray(x)\n    return 2 * x"
TEST = "assert np.allclose(twice(np.ones(3)), 2)\nprint('good')"


def outcomes(cells, sandbox, **limits):
    done = run([Cell("setup", "import numpy as np"), *cells], sandbox, **limits)
    return [[part.get("ename") or part.get("text", "").strip() for part in output] for output in done.outputs[1:]]


# Longer than any limit here, and no longer than a test can bear.
LONG = "import time\nend = time.process_time() + 8\nwhile time.process_time() < end: pass"


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ("import os\nos._exit(1)", "KernelStopped"),
        ("import signal\nsignal.raise_signal(signal.SIGTERM)", "KernelStopped"),
        (LONG, "CellTimeoutError"),
        (f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{LONG}", "CellTimeoutError"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_cell_loses_only_itself(sandbox, bad, name):
    cells = [Cell("answer", ANSWER), Cell("answer", bad), Cell("test", TEST)]
    assert outcomes(cells, sandbox, cell_seconds=1) == [[], [name], ["good"]]


def test_a_function_that_stops_python_or_never_ends_loses_only_its_test(sandbox):
    for body, name in (("import os; os._exit(1)", "KernelStopped"), ("import time; time.sleep(8)", "CellTimeoutError")):
        student = [Cell("answer", ANSWER), Cell("answer", f"def bad(): {body}")]
        cells = [*student, Cell("test", "bad()"), Cell("test", TEST)]
        assert outcomes(cells, sandbox, cell_seconds=0.5) == [[], [], [name], ["good"]]


def test_the_time_of_a_notebook_is_limited(sandbox):
    cells = [Cell("answer", LONG)] * 10
    names = outcomes(cells, sandbox, cell_seconds=1, notebook_seconds=2)
    assert names[-1] == ["OutOfTime"] and names.count(["CellTimeoutError"]) == 2


WORK = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass"


def test_what_the_student_tries_takes_no_time_from_the_answers(sandbox, monkeypatch):
    monkeypatch.setattr("dlcourse.grading.isolation.session.WAITING", 50)  # a busy machine takes long for a second
    tries = [Cell("own", WORK.format(0.6))] * 3 + [Cell("own", "import math")]
    cells = [*tries, Cell("answer", f"math.pi\n{ANSWER}"), Cell("test", TEST)]
    done = run([Cell("setup", "import numpy as np"), *cells], sandbox, cell_seconds=1, notebook_seconds=1)
    assert [output["text"] for output in done.outputs[-1]] == ["good\n"] and done.used_up == ["own"]
    assert not [output for outputs in done.outputs for output in outputs if "ename" in output], "the import has run"


def test_time_is_that_of_the_processor(sandbox):
    """On a busy machine a cell waits for its turn; here it waits by itself."""
    cells = [Cell("answer", f"time.sleep(1.5)\n{ANSWER}"), Cell("test", TEST), Cell("answer", WORK.format(2))]
    done = run([Cell("setup", "import time\nimport numpy as np"), *cells], sandbox, cell_seconds=1)
    assert [output["text"] for output in done.outputs[2]] == ["good\n"]
    assert [output["ename"] for output in done.outputs[3]] == ["CellTimeoutError"] and done.late == ["answer"]


def test_who_only_waits_is_not_waited_for_again_and_again(sandbox):
    cells = [Cell("answer", "import time\ntime.sleep(100)")] * 3
    start = time.monotonic()
    assert outcomes(cells, sandbox, cell_seconds=0.5) == [["CellTimeoutError"]] * 3
    assert 2.5 < time.monotonic() - start < 0.5 * (WAITING + 2) + 5


def test_arguments_changed_in_place_are_seen_and_functions_can_be_passed(sandbox):
    student = "def spoil(x):\n    x += 1\n\ndef slope(f, x):\n    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6"
    test = "x = np.zeros(2)\nspoil(x)\nassert (x == 1).all()\nassert abs(slope(lambda v: v**2, 3.0) - 6) < 1e-6"
    assert outcomes([Cell("answer", student), Cell("test", test)], sandbox) == [[], []]


def test_a_repetition_takes_no_more_time_than_the_notebook_has(sandbox):
    """A cell can tell that it runs again: no test has called its function."""
    start = "called = []\ndef twice(x): called.append(x)"
    cells = [Cell("answer", start), Cell("test", "twice(1)")]
    cells += [Cell("answer", "import time\nif not called: time.sleep(0.9)")] * 10
    cells += [Cell("answer", "import os\nos._exit(1)")]
    began = time.monotonic()
    outcomes(cells, sandbox, cell_seconds=1, notebook_seconds=0.4)
    assert time.monotonic() - began < longest_run(0.4) + 3 < 0.9 * 10


def test_threads_do_not_take_the_processors_of_others(sandbox, monkeypatch):
    # tried with one thread and a part of a processor: on a busy machine nobody gets two
    monkeypatch.setattr("dlcourse.grading.isolation.sandbox.PROCESSORS", 0.1)
    monkeypatch.setattr("dlcourse.grading.isolation.sandbox.EXTRA_WORK", 0.3)
    spin = "import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: pass"
    wait = "import time\ntime.sleep(0.5)"
    assert outcomes([Cell("answer", wait), Cell("answer", spin)], sandbox) == [[], ["KernelStopped"]]


def test_nothing_is_left_of_folders_that_cannot_be_opened_or_walked(sandbox, monkeypatch):
    def too_deep(folder, **options):
        raise RecursionError

    monkeypatch.setattr(sandbox, "measures", [measure for measure in sandbox.measures if measure != "namespaces"])
    # as Python's own does, a thousand folders further down
    monkeypatch.setattr("dlcourse.grading.isolation.folders.shutil", SimpleNamespace(rmtree=too_deep))
    make = "import os\nos.mkdir('d', 0o300)\nopen('d/x', 'w').close()\nos.makedirs('a/' * 20)"
    assert outcomes([Cell("answer", make)], sandbox) == [[]]
    assert list(sandbox.folder.glob("scratch-*")) == []


# What Landlock does not know, or did not in its first versions, and a teacher who is no root would suffer from.
BEYOND_LANDLOCK = """
import ctypes, errno, fcntl, mmap, os, resource, signal
c = ctypes.CDLL(None, use_errno=True)
calls = {
    "chmod": lambda: os.chmod("/", 0o755), "truncate": lambda: os.truncate("x", 0), "utime": lambda: os.utime("x"),
    "kill": lambda: os.kill(os.getppid(), 0), "everyone": lambda: os.kill(-1, 0),
    "limit": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
    "setown": lambda: fcntl.fcntl(3, fcntl.F_SETOWN, os.getppid()), "memfd": lambda: os.memfd_create("x"),
    "fork": os.fork, "priority": lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 5),
    "outlive": lambda: c.prctl(1, 0, 0, 0, 0) and os.unlink("no"),
    "watch": lambda: c.inotify_init1(0) >= 0 or os.unlink("no"), "shared memory": lambda: mmap.mmap(-1, 4096),
    "semaphores": lambda: c.semctl(0, 0, 0) == 0 or ctypes.get_errno() == errno.EINVAL or os.unlink("no"),
}
open("x", "w").close()
for name, call in calls.items():
    try:
        call()
        print(name)
    except OSError:
        pass
signal.signal(signal.SIGUSR1, lambda *a: print("own signals work"))
signal.raise_signal(signal.SIGUSR1)
"""


@pytest.mark.parametrize("apart", [True, False], ids=["with namespaces", "without"])
def test_what_landlock_leaves_open_is_refused(sandbox, monkeypatch, apart):
    measures = [measure for measure in sandbox.measures if apart or measure != "namespaces"]
    monkeypatch.setattr(sandbox, "measures", measures)
    assert outcomes([Cell("answer", BEYOND_LANDLOCK)], sandbox) == [["own signals work"]]


# --- what cells show ---------------------------------------------------------------------------------------


def shown(sandbox, *sources, **limits):
    return run([Cell("answer", source) for source in sources], sandbox, **limits).outputs


def test_the_figures_of_a_cell_are_shown_and_what_comes_behind_them(sandbox):
    figures = (
        "import matplotlib.pyplot as plt, numpy as np\nfor _ in range(3):\n    plt.figure(figsize=(8, 6))\n"
        "    plt.imshow(np.random.rand(200, 300, 3))\nprint('drawn')"
    )
    outputs, after = shown(sandbox, figures, "print('after')")
    pictures = [output["data"]["image/png"] for output in outputs if "data" in output]
    assert len(pictures) == 3 and min(map(len, pictures)) > 100_000 and after[0]["text"] == "after\n"
    assert base64.b64decode(pictures[0]).startswith(b"\x89PNG")


def test_forty_pictures_may_be_larger_than_one_message_and_their_drawing_takes_none_of_the_cells_time(sandbox):
    figure = (
        "import time\nclass Figure:\n    def _repr_png_(self):\n        time.sleep(0.05)\n"
        "        return b'\\x89PNG' + bytes(600_000)\nfor _ in range(40): display(Figure())"
    )
    (outputs,) = shown(sandbox, figure, cell_seconds=1.5)
    assert [output["output_type"] for output in outputs] == ["display_data"] * 40
    assert {len(output["data"]["image/png"]) for output in outputs} == {800_008}


def test_drawing_without_end_is_stopped(sandbox, monkeypatch):
    monkeypatch.setattr("dlcourse.grading.display.pictures.PictureBudget.__init__.__defaults__", (60, 1 << 20, 1.0))
    figure = (
        "import time\nclass Figure:\n    def _repr_png_(self):\n        time.sleep(0.2)\n"
        "        return b'\\x89PNG'\nwhile True: display(Figure())"
    )
    start = time.monotonic()
    (outputs,) = shown(sandbox, figure, cell_seconds=0.5)
    assert outputs[-1]["ename"] == "CellTimeoutError" and len(outputs) > 5 and time.monotonic() - start < 6


def test_long_text_is_cut_and_what_follows_it_stays(sandbox):
    source = (
        "print('x' * 200_000)\nfrom IPython.display import HTML, Image, display\n"
        "display(HTML('<b>' * 50_000))\nprint('more')\n"
        "display(Image(b'\\x89PNG' + bytes(200_000), format='png'))\n1 / 0"
    )
    text, html, picture, error = shown(sandbox, source)[0]
    assert len(text["text"]) < 101_000 and "打ち切りました" in text["text"] and "text/html" not in html["data"]
    assert len(picture["data"]["image/png"]) > 200_000 and error["ename"] == "ZeroDivisionError"


def test_too_many_or_too_large_pictures_are_told_in_their_places(sandbox):
    show = (
        "from IPython.display import Image, display\nfor size in {}:\n"
        "    display(Image(b'\\x89PNG' + bytes(size), format='png'))\nprint('after')"
    )
    first, second = shown(sandbox, show.format("[9, 5_000_000, 9]"), show.format("[9] * 70"))
    assert ["image/png" in output.get("data", {}) for output in first] == [True, False, True, False]
    assert "大きすぎます" in first[1]["data"]["text/plain"] and first[3]["text"] == "after\n"
    assert sum("image/png" in output.get("data", {}) for output in second) == 58 and second[-1]["text"] == "after\n"
    assert "60枚まで" in second[-2]["data"]["text/plain"]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("%config InlineBackend.figure_format = 'svg'\nplt.plot([1, 2])", "image/svg+xml"),
        (
            "import matplotlib_inline\n"
            "matplotlib_inline.backend_inline.set_matplotlib_formats('retina')\n"
            "plt.plot([1])",
            "image/png",
        ),
        ("from IPython.display import SVG\nSVG('<svg><rect/></svg>')", "image/svg+xml"),
        ("plt.figure().savefig('x.jpg')\nplt.close()\nfrom IPython.display import Image\nImage('x.jpg')", "image/jpeg"),
        ("from PIL import Image\nImage.new('RGB', (9, 9))", "image/png"),
        (
            "plt.figure().savefig('x.png')\nplt.close()\nimport base64, IPython.display\n"
            "text = base64.b64encode(open('x.png', 'rb').read()).decode()\n"
            "IPython.display.HTML(f'<img src=\"data:image/png;base64,{text}\">')",
            "text/html",
        ),
    ],
)
def test_pictures_cross_in_every_form(sandbox, source, kind):
    outputs = [output for output in shown(sandbox, f"import matplotlib.pyplot as plt\n{source}")[0] if "data" in output]
    data = outputs[-1]["data"]
    starts = (b"\x89PNG", b"\xff\xd8\xff\xe0", b"<svg", b"<?xm")
    assert kind == "text/html" or base64.b64decode(data[kind])[:4] in starts
    if "retina" in source:
        assert outputs[-1]["metadata"]["image/png"]["width"] > 100
    if kind == "text/html":
        assert re.fullmatch(r'<img src="data:image/png;base64,iVBORw0[A-Za-z0-9+/=]+">', data[kind])


def test_a_picture_of_a_kind_that_no_page_shows_is_told(sandbox):
    ((output,),) = shown(sandbox, "display({'application/pdf': b'%PDF', 'text/plain': '<Figure>'}, raw=True)")
    assert "PNG、JPEG" in output["data"]["text/plain"]


def test_what_is_replaced_or_cleared_is_not_shown(sandbox):
    live = (
        "from IPython.display import clear_output, display\nfor i in range(200):\n    clear_output(wait=True)\n"
        "    print(i)\nd = display('a', display_id=True)\nd.update('b')"
    )
    text, updated = shown(sandbox, live)[0]
    assert text["text"] == "199\n" and updated["data"]["text/plain"] == "'b'"


def test_an_interrupted_cell_does_not_draw_its_figures_first(sandbox):
    source = "import matplotlib.pyplot as plt\nfor _ in range(20):\n    plt.figure()\nprint('before')\nwhile True: pass"
    outputs, after = shown(sandbox, source, "print('after')", cell_seconds=2)
    assert [output.get("ename", output.get("text")) for output in outputs] == ["before\n", "CellTimeoutError"]
    assert after[0]["text"] == "after\n"


def test_japanese_labels_have_letters_whatever_font_is_asked_for(sandbox):
    labels = (
        "import matplotlib.pyplot as plt\n"
        "for font in ['sans-serif', 'Hiragino Sans', ['MS Gothic', 'serif']]:\n"
        "    plt.rcParams['font.family'] = font\n    plt.title('損失')\n"
        "    plt.xlabel(r'学習率 $\\eta$')\n    plt.show()\n"
        "plt.style.use('ggplot')\nplt.rcdefaults()\nplt.title('損失')\nplt.show()"
    )
    (outputs,) = shown(sandbox, labels)
    assert ["image/png" in output.get("data", {}) for output in outputs] == [True] * 4  # and no warning of glyphs
    empty = (
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1))\n"
        "plt.text(0.5, 0.5, '損'); plt.axis('off'); plt.show()"
    )
    letter, *_ = (output["data"]["image/png"] for output in shown(sandbox, empty)[0] if "data" in output)
    ink = np.asarray(Image.open(io.BytesIO(base64.b64decode(letter))).convert("L")) < 128
    rows, columns = np.nonzero(ink)
    inside = ink[rows.min() + 2 : rows.max() - 1, columns.min() + 2 : columns.max() - 1]
    assert inside.mean() > 0.15  # a box for a missing letter is empty


def test_what_cannot_be_kept_apart_is_not_graded(monkeypatch):
    monkeypatch.setattr(execute.RunIsolated, "pool", None)
    monkeypatch.setattr(confine, "available", list)
    monkeypatch.setattr(prepare, "deno", lambda: None)
    with pytest.raises(NoSandbox, match=r"隔離できません.*pip install .*portable"):
        execute.RunIsolated().running_pool()


def test_a_worker_without_a_sandbox_refuses(monkeypatch):
    monkeypatch.setattr(pool, "_engine", None)
    monkeypatch.setattr(confine, "available", list)
    with pytest.raises(NoSandbox, match=socket.gethostname()):
        pool.run_here([], {}, 1, 1, "linux", without_sandbox=False)
