"""`nbgrader …` as a command: in a process forked from the tests', with nbgrader imported already, or right here."""

import contextlib
import io
import multiprocessing
import os
import signal
import sys
from pathlib import Path

from nbgrader.apps import NbGraderApp
from traitlets.config import Application

from dlcourse.grading.execute import RunIsolated
from rehearsal.course import ROOT

ONE_WORKER = "--RunIsolated.jobs=1"  # each costs the start of a sandbox; other tests run on the other processors


class Ended:
    """A command that has ended, or been ended."""

    def __init__(self, code, said):
        self.code, self.said = code, said

    @property
    def problem(self):
        """The one line that says why it stopped."""
        (line,) = [line for line in self.said.splitlines() if line.startswith("✗")]
        assert "Traceback" not in self.said, self.said
        return line


def with_one_worker(arguments):
    """The command, unless it says itself how many there are to be."""
    if arguments[0] != "autograde" or any("RunIsolated.jobs" in one for one in arguments):
        return arguments
    return [*arguments, ONE_WORKER]


def child(arguments, log, prepare):
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is started without
    for standard in (1, 2):
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), standard)
    sys.stderr = open(2, "w", buffering=1, closefd=False)
    sys.stdout = sys.stderr
    os.chdir(ROOT)
    RunIsolated.pool = None  # an earlier command's in the tests' process, whose threads are not copied
    prepare()
    code = 1
    try:
        NbGraderApp.launch_instance(arguments)
        code = 0
    except SystemExit as end:
        code = end.code or 0
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    if RunIsolated.pool:
        RunIsolated.pool.close()
    os._exit(code)


class Command:
    """A command with a course folder, running."""

    def __init__(self, folder, *arguments, prepare=lambda: None, log="run.log"):
        self.log = Path(folder, log)
        arguments = with_one_worker([*arguments, f"--CourseDirectory.root={folder}"])
        fork = multiprocessing.get_context("fork")
        self.process = fork.Process(target=child, args=(arguments, self.log, prepare))
        self.process.start()

    def wait(self):
        self.process.join(120)
        if self.process.exitcode is None:  # left alone it would keep what it has of the tests' process open
            self.process.kill()
            raise AssertionError(f"did not end in two minutes:\n{self.said}")
        return Ended(self.process.exitcode, self.said)

    @property
    def said(self):
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


def nbgrader(folder, *arguments):
    """The command run in this process, where the pool of workers waits for the next one: for tests of many commands."""
    said, code = io.StringIO(), 0
    hook = sys.excepthook
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            NbGraderApp.launch_instance(with_one_worker([*arguments, f"--CourseDirectory.root={folder}"]))
        except SystemExit as end:
            code = end.code or 0
            if isinstance(code, str):
                print(code)
                code = 1
        except Exception:
            sys.excepthook(*sys.exc_info())
            code = 1
        finally:
            if Application._instance:
                Application._instance.clear_instance()
            sys.excepthook = hook
    return Ended(code, said.getvalue())
