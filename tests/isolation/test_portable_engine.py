"""The engine for any system: what it keeps students' code from, and how it ends what does not end itself."""

import json
import subprocess
import sys
import time

import psutil
import pytest

from dlcourse.grading.isolation.engines import LINUX, PORTABLE, chosen, started
from dlcourse.grading.isolation.notebook import Cell, NotebookContext, run
from dlcourse.grading.isolation.portable import prepare
from dlcourse.grading.isolation.portable.watcher import Watcher
from dlcourse.grading.isolation.processes import without_files
from dlcourse.grading.refusal import NoSandbox

ANSWER = "import numpy as np\ndef twice(x):\n    return 2 * np.asarray(x)"
TEST = "import numpy as np\nassert np.allclose(twice(np.ones(3)), 2)\nprint('good')"


@pytest.fixture(scope="module")
def engine():
    running = started(PORTABLE)
    yield running
    running.close()


def outcomes(engine, *cells, **limits):
    done = run(list(cells), engine, **limits)
    return [[part.get("ename") or part.get("text", "").strip() for part in output] for output in done.outputs]


def answers(engine, *sources, **limits):
    return outcomes(engine, *(Cell("answer", source) for source in sources), **limits)


def test_a_cell_that_never_ends_or_ends_python_loses_only_itself(engine):
    bad = ["while True: pass", "import time\ntime.sleep(60)", "import os\nos._exit(1)"]
    cells = [Cell("answer", ANSWER), *(Cell("answer", source) for source in bad), Cell("test", TEST)]
    start = time.monotonic()
    late, gone = ["CellTimeoutError"], ["KernelStopped"]
    assert outcomes(engine, *cells, cell_seconds=0.5) == [[], late, late, gone, ["good"]]
    assert time.monotonic() - start < 60


def test_each_student_begins_with_nothing_of_the_one_before(engine):
    left = "import random, sys\nsys.modules['left'] = 1\nopen('left.txt', 'w').close()\nprint(random.random())"
    (first,) = answers(engine, left)
    found = "import os, random, sys\nprint('left' in sys.modules, os.listdir('.'))\nprint(random.random())"
    ((second,),) = answers(engine, found)
    here, drawn = second.split("\n")
    assert here == "False []" and drawn not in first


# What a program in Deno's process might ask for, once it has given up reading: this one runs with the engine's command.
PROBE = """
Deno.permissions.revokeSync({ name: "read" });
const said = {};
const tries = {
  read: () => Deno.readTextFileSync(Deno.args[0] + "/secret"),
  "read as Node does": async () => (await import("node:fs")).readFileSync(Deno.args[0] + "/secret"),
  load: async () => await import("file://" + Deno.args[0] + "/secret"),
  write: () => Deno.writeTextFileSync(Deno.args[0] + "/written", ""),
  run: async () => (await import("node:child_process")).execSync("true"),
  environment: () => Deno.env.toObject(),
  host: () => Deno.hostname(),
  connect: () => Deno.connect({ port: 9 }),
  listen: () => Deno.listen({ port: 0 }),
  library: () => Deno.dlopen("libc.so.6", {}),
  signal: async () => (await import("node:process")).default.kill(Deno.ppid, 0),
  "store for the next": () => localStorage.setItem("a", "b"),
  "keep for the next": async () => await caches.open("a"),
};
for (const [name, attempt] of Object.entries(tries)) {
  try { await attempt(); said[name] = "reached"; } catch (error) { said[name] = error.name + error.message; }
}
console.log(JSON.stringify(said));
"""


def test_denos_process_has_no_permission_and_stores_nothing(tmp_path):
    (tmp_path / "secret").write_text("1")
    (tmp_path / prepare.PROGRAM.name).write_text(PROBE)
    said = json.loads(prepare.made_by(tmp_path, "serve"))
    stored = {name: said.pop(name) for name in list(said) if name.endswith("for the next")}
    assert len(said) == 11 and all("Requires" in text for text in said.values()), said
    assert len(stored) == 2 and all("reached" not in text for text in stored.values()), stored
    assert sorted(path.name for path in tmp_path.iterdir()) == ["process.js", "secret"]


def test_memory_and_files_are_limited(engine):
    much = "x = [0] * (1 << 28)"
    files = "for n in range(300):\n    open(str(n), 'wb').write(bytes(1 << 20))"
    outside = (
        "from pyodide.code import run_js\nx = run_js('Array.from({length: 40}, () => new Uint8Array(1e8).fill(1))')"
    )
    (memory,), (space,), still, (gone,) = answers(engine, much, files, "print(1)", outside)
    assert (memory, space, still, gone) == ("MemoryError", "OSError", ["1"], "KernelStopped")


def test_no_file_is_written_by_whatever_runs_in_its_process(tmp_path):
    """The library of Node's that would keep files of its own has no methods left, either."""
    writes = "with open('written', 'w') as file:\n    file.write('x')"
    assert subprocess.run(without_files([sys.executable, "-c", writes]), cwd=tmp_path).returncode != 0
    assert (tmp_path / "written").read_text() == ""
    taken, emptied = [line for line in prepare.PROGRAM.read_text("utf-8").splitlines() if "DatabaseSync" in line]
    asked = "console.log(Object.getOwnPropertyNames(DatabaseSync.prototype).length);"
    (tmp_path / prepare.PROGRAM.name).write_text("\n".join([taken, asked, emptied, asked]))
    before, after = map(int, prepare.made_by(tmp_path, "serve").split())
    assert before > after == 0


BUSY = "while True: pass"


def test_a_process_ends_when_its_work_does():
    watcher = Watcher()
    with (
        subprocess.Popen([sys.executable, "-c", BUSY]) as busy,
        subprocess.Popen([sys.executable, "-c", BUSY]) as other,
    ):
        watcher.watch(busy.pid)
        watcher.watch(other.pid)
        watcher.limit(busy.pid, 0.3)
        assert busy.wait(20) != 0 and other.poll() is None
        watcher.close()
        assert other.wait(20) != 0, "what is watched ends with the grader's side"


def test_when_a_grader_is_killed_no_process_of_a_students_goes_on(tmp_path):
    grader = tmp_path / "grader.py"
    grader.write_text(f"""
import os, subprocess, sys
from dlcourse.grading.isolation.portable.watcher import Watcher
watcher = Watcher()
busy = subprocess.Popen([sys.executable, "-c", {BUSY!r}], stdout=subprocess.DEVNULL)
watcher.watch(busy.pid)
print(busy.pid, flush=True)
os._exit(1)
""")
    done = subprocess.run([sys.executable, grader], stdout=subprocess.PIPE, text=True)
    left = int(done.stdout)
    limit = time.monotonic() + 20
    while psutil.pid_exists(left) and psutil.Process(left).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_cells_have_ipython_files_and_whole_numbers_as_elsewhere(engine):
    context = NotebookContext(student_files={"a/b.txt": b"beside"})
    cells = [
        Cell("answer", "%matplotlib inline\n!pip install x\nopen('a/b.txt').read()"),
        Cell("answer", "import asyncio\nawait asyncio.sleep(0.01)\nprint(await asyncio.gather(asyncio.sleep(0, 5)))"),
        Cell("answer", "import numpy as np\nprint(np.arange(3).dtype, np.array([2**31 - 1]) + 1)"),
        Cell("answer", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('日本')\nNone"),
        Cell("answer", "input()"),
    ]
    magic, waited, numbers, figure, asked = run(cells, engine, context).outputs
    assert "!pip install x を実行しません" in magic[0]["text"] and magic[1]["data"] == {"text/plain": "'beside'"}
    assert waited[0]["text"] == "[5]\n" and numbers[0]["text"] == "int64 [2147483648]\n"
    assert "image/png" in figure[0]["data"] and asked[-1]["ename"] == "EOFError"


def test_the_strongest_engine_is_taken_or_the_named_one(monkeypatch):
    assert (chosen(), chosen(LINUX), chosen(PORTABLE)) == (LINUX, LINUX, PORTABLE)
    monkeypatch.setattr("dlcourse.grading.isolation.engines.linux_measures", list)
    assert chosen() == chosen(without_sandbox=True) == PORTABLE
    with pytest.raises(NoSandbox):
        chosen(LINUX)
    monkeypatch.setattr(prepare, "deno", lambda: None)
    assert chosen(without_sandbox=True) == LINUX
    with pytest.raises(NoSandbox, match=r"pip install .*\[portable\]"):
        chosen()
