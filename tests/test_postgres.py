"""The gradebook on a real PostgreSQL server: what SQLite's would say, whatever happens to the server meanwhile."""

import multiprocessing
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from traitlets.config import Configurable

import postgres_server
from dlcourse.grading import database
from dlcourse.grading.exports import Canvas, Csv, Moodle
from dlcourse.grading.gradebook import Halt, Ledger
from dlcourse.grading.report import ClassReport
from grade_demo import ASSIGNMENT, Course
from sample_class import sample_class
from test_faults import Run, child

STORIES = ["すべて正解", "前半だけ解いた", "答え合わせのセルを消した", "実行中の例外",  # these FEW meet the faults
           "白紙", "セルをコピーした", "セルの情報が消えた", "答え合わせを書き換えた", "名前を付けてフォルダーに入れた",
           "Shift_JIS", "壊れたJSON", "未提出"]  # fmt: skip
FEW = 4
LATE = "--LateSubmissionPlugin.penalty_method=zero"


class Command(Run):
    """An nbgrader command for a course whose gradebook lies at an address."""

    def __init__(self, folder, url, *arguments, prepare=lambda: None):
        self.log = Path(folder, "run.log")
        at = [f"--CourseDirectory.root={folder}", f"--CourseDirectory.db_url={url}"]
        fork = multiprocessing.get_context("fork")
        self.process = fork.Process(target=child, args=([*arguments, *at], self.log, prepare))
        self.process.start()


def nbgrader(folder, url, *arguments):
    done = Command(folder, url, *arguments).wait()
    assert done.code == 0, done.said
    return done


def grading(folder, url, *options, **more):
    return Command(folder, url, "autograde", ASSIGNMENT, LATE, *options, **more)


def rows(url):
    """What the gradebook says about every submission, its cells and remarks, each as often as it is there."""
    engine = create_engine(url)
    with Session(engine) as book:
        found = [
            (
                (one.assignment.student_id, one.name), one.assignment.timestamp, one.assignment.total_seconds_late,
                one.late_submission_penalty, one.score, one.max_score,
                sorted((g.name, g.auto_score, g.manual_score, g.needs_manual_grade) for g in one.grades),
                sorted((c.name, c.auto_comment, c.manual_comment) for c in one.comments),
            )
            for one in book.query(SubmittedNotebook)
        ]  # fmt: skip
    engine.dispose()
    return sorted(found, key=lambda one: one[0])


def to_look_at(run):
    return [line for line in run.said.splitlines() if line.strip().startswith(("[未採点]", "[採点済]"))]


def until(run, seen):
    while not seen():
        assert run.process.is_alive(), run.said
        time.sleep(0.02)


def graded_in(folder, number):
    return lambda: len(list((folder / "autograded").glob("[!.]*"))) >= number


@pytest.fixture(scope="module")
def server():
    with postgres_server.running() as running:
        yield running


@pytest.fixture(scope="module")
def handed_in(server, tmp_path_factory):
    """A class of a dozen that waits to be graded, and its gradebook in both databases."""
    course = Course(tmp_path_factory.mktemp("class") / "course")
    urls = {"sqlite": f"sqlite:///{course.folder / 'gradebook.db'}", "postgresql": server.new("released")}
    for url in urls.values():
        nbgrader(course.folder, url, "generate_assignment", ASSIGNMENT)
    everybody = {student.story: student for student in sample_class(course.released, course.solution, False)}
    students = [everybody[story] for story in STORIES]
    for student in students:
        student.hand_in(course.folder / "submitted", ASSIGNMENT)
    late = course.folder / "submitted" / students[1].name / ASSIGNMENT / "timestamp.txt"
    late.write_text("2026-04-02 12:00:00 UTC")
    roster = course.write_roster(students)
    for url in urls.values():
        nbgrader(course.folder, url, "db", "student", "import", str(roster))
        nbgrader(course.folder, url, "db", "assignment", "add", ASSIGNMENT, "--duedate=2026-04-01 12:00:00 UTC")
    with server.connect("released") as book:  # as after a change of theirs, which puts them behind the others
        book.execute("UPDATE source_cell SET source = source WHERE name IN ('setup', 'K0-1')")
        book.execute("UPDATE base_cell SET name = name WHERE name = 'K0-1'")
        book.execute("UPDATE student SET email = email WHERE id = %s", [students[0].name])
    return course.folder, urls, [student.name for student in students]


@pytest.fixture(scope="module")
def undisturbed(handed_in, server, tmp_path_factory):
    """The class graded with either database: database → (folder, address, what grading said)."""
    folder, urls, _ = handed_in
    graded = {}
    for kind in urls:
        own = shutil.copytree(folder, tmp_path_factory.mktemp(kind) / "course")
        url = server.new("graded", "released") if kind == "postgresql" else f"sqlite:///{own / 'gradebook.db'}"
        graded[kind] = own, url, grading(own, url).wait()
    return graded


@pytest.fixture
def few(handed_in, server, tmp_path, request):
    """A course folder with a few of them, and a gradebook of its own."""
    folder, _, students = handed_in
    own = shutil.copytree(folder, tmp_path / "course", ignore=shutil.ignore_patterns("gradebook.db", *students[FEW:]))
    return own, server.new(request.node.name, "released")


@pytest.fixture
def expected(handed_in, undisturbed):
    """The rows of these few."""
    students = handed_in[2][:FEW]
    return [row for row in rows(undisturbed["sqlite"][1]) if row[0][0] in students]


def test_a_class_is_graded_as_in_sqlite(undisturbed):
    (_, one, sqlite), (_, other, postgresql) = undisturbed.values()
    assert (sqlite.code, postgresql.code) == (1, 1)  # one file cannot be read
    assert to_look_at(postgresql) == to_look_at(sqlite) and len(to_look_at(sqlite)) == 8
    assert rows(other) == rows(one)
    assert sum(penalty or 0 for _, _, _, penalty, *_ in rows(one)) > 0


def test_a_second_run_changes_nothing(undisturbed):
    folder, url, _ = undisturbed["postgresql"]
    before = rows(url)
    run = grading(folder, url).wait()
    assert "graded 0, before 10" in run.said and rows(url) == before


def test_exports_are_those_of_sqlite(undisturbed, tmp_path):
    exported = {}
    for kind, (folder, url, _) in undisturbed.items():
        with Gradebook(url, "dlcourse") as gradebook:
            for exporter in (Csv, Canvas, Moodle, ClassReport):
                plugin = exporter(parent=Configurable())
                plugin.parent.coursedir = CourseDirectory(root=str(folder), source_directory="solutions")
                plugin.to = str(tmp_path / f"{kind}-{exporter.default}")
                plugin.export(gradebook)
                exported[kind, exporter] = Path(plugin.to).read_text(encoding="utf-8")
    for exporter in (Csv, Canvas, Moodle, ClassReport):
        assert exported["postgresql", exporter] == exported["sqlite", exporter]


def test_nbgraders_own_commands(undisturbed):
    folder, url, _ = undisturbed["postgresql"]
    nbgrader(folder, url, "generate_feedback", ASSIGNMENT)
    assert len(list((folder / "feedback").rglob("*.html"))) == 10
    nbgrader(folder, url, "export", f"--to={folder / 'grades.csv'}")
    assert (folder / "grades.csv").read_text("utf-8-sig").count("\n") == 13
    assert "There are 12 students" in nbgrader(folder, url, "db", "student", "list").said


def test_an_address_with_a_percent_sign_is_upgraded(server, monkeypatch, capfd):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # of alembic
    assert "%" in server.url("released")
    database.upgrade(server.url("released"))
    assert "PostgresqlImpl" in capfd.readouterr().err


# --- faults ---------------------------------------------------------------------------------------------


def test_killed_and_cut_off_it_goes_on(few, expected, server):
    """Without patience it stops, killed it ends, and at last the server comes back while grading waits."""
    folder, url = few
    run = grading(folder, url, "--Autograde.gradebook_seconds=1")
    until(run, graded_in(folder, 1))
    server.stop()
    stopped = run.wait()
    server.start()
    assert stopped.code == 1 and "データベースにつながりません" in stopped.problem and "続きから" in stopped.problem
    some = rows(url)
    assert some and all(row in expected for row in some)

    run = grading(folder, url)
    until(run, graded_in(folder, 2))
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.join()
    assert all(row in expected for row in rows(url))

    run = grading(folder, url, "--force")
    until(run, lambda: "grading" in run.said)
    server.stop()
    until(run, lambda: "つながるのを待っています" in run.said)
    server.start()
    assert run.wait().code == 0, run.said
    assert rows(url) == expected


def test_who_holds_the_points_is_waited_for(few, expected, server):
    folder, url = few
    with server.connect(make_url(url).database) as other, other.transaction():
        other.execute("LOCK TABLE grade IN ROW EXCLUSIVE MODE")  # as formgrader, which writes the points of an answer
        stopped = grading(folder, url, "--Autograde.gradebook_seconds=1").wait()
        run = grading(folder, url)
        until(run, lambda: "空くのを待っています" in run.said)
    assert stopped.code == 1 and "ほかのプログラムに使われたままです" in stopped.problem
    assert postgres_server.PASSWORD not in stopped.said and "%E3" not in stopped.problem
    assert run.wait().code == 0, run.said
    assert rows(url) == expected


def test_two_graders_on_two_machines(few, expected, tmp_path):
    """Each has a course folder of its own; nobody's points are those of both."""
    folder, url = few
    other = shutil.copytree(folder, tmp_path / "other")
    runs = [grading(where, url) for where in (folder, other)]
    assert [run.wait().code for run in runs] == [0, 0], [run.said for run in runs]
    assert rows(url) == expected


def test_a_gradebook_that_may_only_be_read(few, expected, server):
    folder, url = few
    with server.connect("postgres") as admin:
        admin.execute(f'ALTER DATABASE "{make_url(url).database}" SET default_transaction_read_only = on')
    run = grading(folder, url).wait()
    assert run.code == 1 and "書き込みが許されていません" in run.problem and "25006" in run.problem
    with server.connect("postgres") as admin:
        admin.execute(f'ALTER DATABASE "{make_url(url).database}" RESET default_transaction_read_only')
    # a name for which there is no room, as SQLite would have: the others are graded all the same
    submitted = folder / "submitted"
    shutil.copytree(submitted / expected[0][0][0], submitted / ("a" * 130))
    run = grading(folder, url).wait()
    absent = len(STORIES) - FEW
    assert run.code == 1 and f"graded {FEW}, before 0, to look at 0, not graded {absent + 1}" in run.said
    assert rows(url) == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"database": "nobody's"}, "nobody's"),
        ({"password": "wrong"}, "password authentication failed"),
        ({"query": {"host": "127.0.0.1", "port": "1"}}, "127.0.0.1"),
        ({"query": {"host": "127.0.0.1", "nonsense": "1"}}, "nonsense"),
        ({"drivername": "postgres"}, "postgresql+psycopg://"),
    ],
)
def test_an_address_that_does_not_work_is_explained_at_once(server, change, said):
    address = database.address(server.url("released")).set(**change)
    with pytest.raises(Halt) as stopped:
        Ledger(address.render_as_string(hide_password=False), "dlcourse", 600)
    (line,) = str(stopped.value).splitlines()
    assert said in line and "wrong" not in line and postgres_server.PASSWORD not in line


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_both_ways_to_write_the_address(server, scheme):
    with Ledger(server.url("released", drivername=scheme), "dlcourse", 1) as ledger:
        assert ASSIGNMENT in [one.name for one in ledger.assignments]


def test_without_the_driver_it_is_named(few, tmp_path):
    folder, url = few

    class Missing:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in ("psycopg", "psycopg2"):
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    def prepare():
        sys.meta_path.insert(0, Missing())
        for name in [name for name in sys.modules if name.startswith("psycopg")]:
            del sys.modules[name]

    run = grading(folder, url, prepare=prepare).wait()
    assert run.code == 1 and "pip install 'dlcourse[postgres]'" in run.problem
