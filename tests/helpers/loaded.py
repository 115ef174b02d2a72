"""Jupyter Book, loaded once in a process that is copied for every build: loading takes longer than building a page.

The process has loaded nothing of the project's own: each copy finds press and dlcourse in the folder that it goes to,
as `python -m press.commands.build` would there.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback

PROGRAM = "from tests.helpers.loaded import serve; serve()"


class Loaded:
    """The process, from its first build to the end of the tests."""

    def __init__(self, root):
        from press.commands.preview import modules  # here: the process itself reads this file, too

        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *modules()],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def build(self, folder):
        """Build the book of a copy of the project; the status and what was said."""
        self.process.stdin.write(f"{json.dumps(str(folder))}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the process that builds books has ended; what it said stands above"
        return tuple(json.loads(answer))


def serve():
    for module in sys.argv[1:]:
        importlib.import_module(module)
    assert not {"press", "dlcourse"} & set(sys.modules)
    gc.freeze()  # what looks through all objects, as sphinx_external_toc does, looks through those of the build
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            child = copy(lambda line=line: build(json.loads(line)), said.fileno())
            status = wait(child)
            said.seek(0)
            print(json.dumps([status, said.read()]), flush=True)


def copy(action, output):
    """Call it in a copy of this process, whose output goes to a file descriptor; the copy's number."""
    sys.stdout.flush()
    if child := os.fork():
        return child
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for standard in (1, 2):
            os.dup2(output, standard)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, closefd=False) for number in (1, 2))
        action()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def wait(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def build(folder):
    """As `python -m press.commands.build` in this folder."""
    os.chdir(folder)
    from press.commands import build

    with build.alone():
        problem = build.build(Copy)
    sys.exit(problem)


class Copy:
    """Jupyter Book in a further copy, used like subprocess.Popen."""

    def __init__(self):
        ours, theirs = os.pipe()
        self.pid = copy(self.run, theirs)
        os.close(theirs)
        self.stdout = os.fdopen(ours, encoding="utf-8")

    def run(self):
        from jupyter_book.cli.main import main

        from press.commands import build

        os.environ.update(build.environment())
        main([str(part) for part in build.COMMAND[1:]])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.returncode = wait(self.pid)
