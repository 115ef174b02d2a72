"""The grader's own processes: whatever a submission makes them do ends in time, and the others are graded."""

import os
import signal
import threading
import time

import psutil
import pytest

from dlcourse.grading.isolation import pool
from dlcourse.grading.isolation.notebook import Cell, NotebookContext
from dlcourse.grading.isolation.pool import Pool
from dlcourse.grading.isolation.worker import Overran, WorkerLost, Workers


@pytest.fixture
def workers():
    made = Workers()
    yield made
    made.close()


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
    monkeypatch.setattr(pool, "WORKERS", Workers())  # this process may have others, which wait for further commands
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


def test_a_notebook_may_cost_one_worker(grading, monkeypatch):
    """The system may have ended it; with the next one it ends as it would have."""
    monkeypatch.setattr(pool, "longest_run", lambda seconds: 60.0)
    pool.WORKERS.start(1)
    first = pool.WORKERS.free[-1].process.pid
    once = f"import os\nif os.getpid() == {first}: os.kill(os.getpid(), {int(signal.SIGKILL)})"
    outputs = grading.run("one", [Cell("test", once), Cell("test", "1 + 1")], NotebookContext())["outputs"]
    assert outputs[0] == [] and outputs[1][0]["data"]["text/plain"] == "2.0"
