"""A process that has imported everything a notebook needs, and forks one confined process per notebook.

Started by sandbox.py with the folder of the students' copy of dlcourse and the number of a socket. Each request is
one message with the student's end of a line: {"scratch": folder, "readable": […], "limits": {…}, …}. The answer is
{"pid": number}. When the socket closes, the process and all it has started end.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dlcourse.grading.isolation.shell import Shell


def memory_of(process: int) -> int:
    """Bytes of RAM of a process; 0 when it is gone."""
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def statistics_of(process: int) -> str:
    return f"/proc/{process}/stat"


def work_of(process: int) -> tuple[float, int]:
    """Seconds that the processors have worked for a process, all of its threads together, and how many these are."""
    try:
        with open(statistics_of(process), "rb") as file:
            return work_in(file.read())
    except OSError:
        return 0, 0


def work_in(statistics: bytes) -> tuple[float, int]:
    """The same, of what the file says."""
    fields = statistics.rpartition(b")")[2].split()  # before it stands a name, which may be anything
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK"), int(fields[17])


def guard(student: int, memory: int, most_threads: int, processors: float, extra_work: float) -> NoReturn:
    """Wait for the student's process to end, and end it when it uses too much memory or too many processors.

    most_threads: counted here, as the system's own limit does not hold for root, and counts others of the same user.
    extra_work: seconds of work that it may do beyond; with more, threads would take the time of others' notebooks.
    """
    start = time.monotonic()
    while True:
        ended, status = os.waitpid(student, os.WNOHANG)
        if ended:
            os._exit(os.waitstatus_to_exitcode(status) & 0x7F)
        work, threads = work_of(student)
        too_much = work > processors * (time.monotonic() - start) + extra_work
        if too_much or threads > most_threads or memory_of(student) > memory:
            os.kill(student, signal.SIGKILL)
        time.sleep(0.02)


def become_student(request: dict[str, Any], line: int, shell: "Shell") -> NoReturn:
    """In the forked process: confine itself and answer the grader."""
    from dlcourse.grading.isolation import confine, student
    from dlcourse.grading.isolation.line import SocketLine

    os.setsid()
    confine.end_with_parent()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.dup2(line, 3)
    os.closerange(4, 4096)
    if request["user"] is not None:
        confine.become(request["user"])
        confine.libc.prctl(confine.DUMPABLE, 1, 0, 0, 0)  # else its own /proc files belong to root
    apart = "namespaces" in request["measures"] and confine.unshare()
    if apart:
        confine.mount_scratch(request["scratch"], request["disk"])
        first = os.fork()
        if first:
            forward_interrupts(first)
            os._exit(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) & 0x7F)
        confine.end_with_parent()
        confine.mount_proc()
    own = os.fork()
    if own:
        os.close(3)
        confine.libc.prctl(confine.DUMPABLE, 0, 0, 0, 0)
        forward_interrupts(own)
        guard(own, request["memory"], request["threads"], *request["work"])
    confine.end_with_parent()
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["scratch"])
    sys.path.append("")  # last: a file called numpy.py replaces nothing
    confine.limit(request["limits"])
    confine.drop_capabilities()
    if any(measure.startswith("landlock") for measure in request["measures"]):
        maps = "/proc/self/maps"  # in which numerical libraries look up each other
        confine.landlock([*request["readable"], maps], [request["scratch"], "/dev/null"])
    if "seccomp" in request["measures"]:
        confine.seccomp()
    student.serve(SocketLine(socket.socket(fileno=3)), shell)
    os._exit(0)


def forward_interrupts(process: int) -> None:
    signal.signal(signal.SIGINT, lambda number, frame: os.kill(process, signal.SIGINT))


def load(libraries: list[str]) -> None:
    """Import what a course's notebook imports, once for all the copies of this process."""
    missing = [name for name in libraries if name not in sys.modules]
    for name in missing:
        with contextlib.suppress(Exception):  # the cell that imports it says what is wrong
            importlib.import_module(name)
    if missing:
        gc.collect()
        gc.freeze()


def main(library: str, control: int) -> NoReturn:
    sys.path.insert(0, library)
    from dlcourse.grading.isolation import confine, student  # noqa: F401 - student: what each copy goes on with
    from dlcourse.grading.isolation.shell import made_ready

    shell = made_ready()
    gc.collect()
    gc.freeze()  # a collection would touch, and so copy, every page
    requests = socket.socket(fileno=control)
    confine.end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    requests.send(json.dumps({"measures": confine.available()}).encode())
    while True:
        select.select([requests], [], [])
        message, lines, _, _ = socket.recv_fds(requests, 1 << 20, 1)
        if not message:
            os._exit(0)
        request = json.loads(message)
        load(request["libraries"])
        child = os.fork()
        if child == 0:
            try:
                become_student(request, lines[0], shell)
            finally:
                os._exit(70)
        os.close(lines[0])
        requests.send(json.dumps({"pid": child}).encode())
        while True:  # what has ended in the meantime
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except ChildProcessError:
                break


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
