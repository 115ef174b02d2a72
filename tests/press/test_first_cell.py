"""The notebooks' first cell, where dlcourse is missing, old, beside the notebook, or at the course's site.

Each run is a Python of its own that finds NumPy, but not the dlcourse under test.
"""

import hashlib
import http.server
import json
import re
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from dlcourse import __version__, words
from dlcourse.checks import EXERCISES
from dlcourse.grading.desk.solution_check import is_of_this_course
from press import ROOT, edition
from press.exercises import source as sources
from press.exercises.first_cell import call, first_cell, prepare
from press.languages import JAPANESE, languages
from press.words import say

CODES = ["ja", *languages()]
NAME_OF_A_SECOND = edition.WHEEL.replace(".whl", " (1).whl")  # as browsers name it
SITE = "https://course.example/nn/"
BESIDES = f"import sys; sys.path.append({str(Path(np.__file__).parents[1])!r})\n"  # without its .pth files
SETUP = "import numpy as np\nfrom dlcourse.checks import check\n"
SAY = "import dlcourse; print(dlcourse.__version__, dlcourse.__file__)"


def cell(*arguments):
    text = first_cell(SETUP)
    return text.replace(call(edition.address()), f"prepare({', '.join(map(repr, arguments))})")


@pytest.fixture
def run(tmp_path):
    """What a cell prints in a bare Python, in an empty folder with a home of its own; and its last error's text."""
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()

    def run(code, before="", home=tmp_path / "home"):
        command = [sys.executable, "-I", "-S", "-c", f"{BESIDES}{before}\n{code}"]
        environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
        done = subprocess.run(command, cwd=tmp_path / "here", env=environment, capture_output=True, text=True)
        return done.stdout.strip(), done.stderr.partition("NotReady: ")[2] or done.stderr

    run.here, run.home = tmp_path / "here", tmp_path / "home"
    return run


@pytest.fixture
def served(tmp_path):
    """The address of a folder, whose files a test puts there, and what has been asked of it."""
    folder, asked = tmp_path / "site", []
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.folder, server.asked = folder, asked
    server.address = f"http://127.0.0.1:{server.server_port}/{edition.WHEEL}"
    yield server
    server.shutdown()
    server.server_close()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_without_dlcourse_it_says_what_is_to_be_done(run):
    said, problem = run(cell(__version__))
    japanese, english = problem.strip().splitlines()
    assert said == "" and edition.WHEEL in japanese and edition.WHEEL in english
    assert "先生から" in japanese and "もう一度実行" in japanese and str(run.here) in japanese
    assert "from your teacher" in english and "run this cell again" in english


@pytest.mark.parametrize("code", languages())
def test_in_another_language_it_speaks_that_alone(run, code):
    with words.using(code):
        text = cell(__version__)
    assert not JAPANESE.search(text)
    said, problem = run(text)
    assert said == "" and edition.WHEEL in problem and str(run.here) in problem and "\n" not in problem.strip()
    (run.here / edition.WHEEL).write_bytes(edition.wheel(""))
    assert run(f"{text}import dlcourse.words; print(dlcourse.words.language())") == (code, "")


def test_a_file_beside_the_notebook_suffices(run):
    (run.here / NAME_OF_A_SECOND).write_bytes(edition.wheel(""))
    said, problem = run(cell(__version__) + SAY)
    assert problem == "" and said.startswith(f"{__version__} ") and str(run.here) in said
    again = run(cell(__version__) + "prepare('0.0.1')\n" + SAY)
    assert again == (said, "")


def test_what_does_not_belong_to_the_notebook_is_refused(run):
    (run.here / edition.WHEEL).write_bytes(edition.wheel("") + b"\0")
    said, problem = run(cell(__version__, "", sha256(edition.wheel(""))) + SAY)
    assert said == "" and f"{edition.WHEEL} は、このノートブックの版ではありません" in problem
    (run.here / edition.WHEEL).write_bytes(b"cut off")
    assert "の版ではありません" in run(cell(__version__))[1]
    (run.here / edition.WHEEL).write_bytes(edition.wheel(""))
    assert "の版ではありません" in run(cell("99.0.0"))[1], "it is older than the notebook"


def test_it_comes_from_the_site_once(run, served):
    content = edition.wheel("")
    (served.folder / edition.WHEEL).write_bytes(content)
    setup = cell(__version__, served.address, sha256(content))
    said, problem = run(setup + setup + SAY)
    assert problem == "" and str(run.home) in said and len(served.asked) == 1
    assert run(setup + SAY) == (said, "") and len(served.asked) == 1, "it is kept"
    assert not list(run.here.iterdir()), "nothing lies beside the notebook that would be handed in with it"


def test_a_home_that_cannot_be_written_is_no_hindrance(run, served):
    content = edition.wheel("")
    (served.folder / edition.WHEEL).write_bytes(content)
    said, problem = run(cell(__version__, served.address, sha256(content)) + SAY, home="/dev/null")
    assert problem == "" and said.startswith(__version__)


def test_a_site_that_gives_something_else_or_nothing_is_told(run, served):
    setup = cell(__version__, served.address, sha256(edition.wheel("")))
    said, problem = run(setup)
    assert f"{served.address} を受け取れません" in problem and "404" in problem and "Get dlcourse" in problem
    (served.folder / edition.WHEEL).write_bytes(edition.wheel("") + b"\0")
    said, problem = run(setup)
    assert f"{served.address} にあるものは、このノートブックの版ではありません" in problem
    assert not list(run.home.rglob("*.whl"))


def test_an_older_one_gives_way_even_when_it_is_in_use(run):
    older = run.home / "dlcourse"
    older.mkdir()
    (older / "__init__.py").write_text("__version__ = '0.0.9'")
    (older / "functions.py").write_text("OLD = True")
    before = f"sys.path.append({str(run.home)!r}); from dlcourse import functions"
    (run.here / edition.WHEEL).write_bytes(edition.wheel(""))
    said, problem = run(cell(__version__) + SAY, before)
    assert problem == "" and str(run.here) in said


def test_nothing_is_fetched_where_dlcourse_is_installed(run, served):
    said, problem = run(cell(__version__, served.address, "0" * 64) + SAY, f"sys.path.append({str(ROOT)!r})")
    assert problem == "" and str(ROOT) in said and not served.asked


@pytest.mark.parametrize(
    "before, wanted",
    [
        ("import types; sys.modules['numpy'] = None", "%pip install numpy matplotlib"),
        ("import numpy; numpy.__version__ = '1.24.4'", "%pip install --upgrade numpy"),
        ("import numpy; sys.version_info = (3, 10, 2)", "Python 3.11"),
        (
            "import importlib.util as u; found = u.find_spec\n"
            "u.find_spec = lambda name: None if name == 'pip' else found(name)\nsys.modules['numpy'] = None",
            f'!uv pip install --python "{sys.executable}" numpy matplotlib',
        ),
    ],
)
def test_what_is_missing_besides_is_named_with_what_to_type(run, before, wanted):
    assert wanted in run(cell(__version__), before)[1]


@pytest.mark.parametrize(
    "before, wanted",
    [
        ("import types; sys.modules['google.colab'] = types.ModuleType('google.colab')", "左のファイルの欄"),
        ("import os; os.environ['KAGGLE_KERNEL_RUN_TYPE'] = 'Interactive'", "Internet を On"),
    ],
)
def test_it_knows_where_it_is(run, before, wanted):
    assert wanted in run(cell(__version__, "http://127.0.0.1:9/x.whl", "0" * 64), before)[1]


def test_jupyter_shows_the_words_alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ImportError) as stopped:
        prepare("99.0")
    (shown,) = stopped.value._render_traceback_()
    assert shown.startswith("✗ dlcourse がありません。") and "Traceback" not in shown


@pytest.mark.parametrize("code, notebook", [(code, path) for code in CODES for path in sources.released(code)])
def test_a_check_before_the_first_cell_says_so(code, notebook):
    checks = [
        "".join(one["source"])
        for one in json.loads(notebook.read_text("utf-8"))["cells"]
        if one["metadata"].get("nbgrader", {}).get("grade") and one["cell_type"] == "code"
    ]
    assert checks
    for source in checks:
        assert is_of_this_course(source), "the grader need not try the solution on it"
        with words.using(code):
            told = say("先に準備のセルを実行してください / run the first cell")
        with pytest.raises(AssertionError, match=re.escape(told)):
            exec(source, {})


def test_a_site_with_an_address_is_in_the_cell_and_in_the_wheel(run):
    assert call("") == f'prepare("{__version__}")'
    wheel = edition.wheel(SITE)
    assert call(SITE) == f'prepare("{__version__}", "{SITE}{edition.WHEEL}", "{sha256(wheel)}")'
    (run.here / edition.WHEEL).write_bytes(wheel)
    identifier, exercise = next(iter(EXERCISES.items()))
    said, problem = run(cell(__version__) + f'check("{identifier}", namespace={{}})')
    section = exercise.section
    assert f"読み返すところ: 「{section}」{SITE}{json.loads(edition.sections())[section]}" in problem


def test_every_section_that_a_check_names_has_an_address():
    assert {exercise.section for exercise in EXERCISES.values()} <= set(json.loads(edition.sections()))


def test_the_same_sources_give_the_same_wheel(monkeypatch):
    first = edition.wheel("")
    edition.wheel.cache_clear()
    assert edition.wheel("") == first
