"""The gradebook on a real PostgreSQL server: what SQLite's would say, whatever happens to the server meanwhile."""

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

from dlcourse.grading.desk import database
from dlcourse.grading.desk.gradebook import Ledger
from dlcourse.grading.exports import Canvas, Csv, Moodle
from dlcourse.grading.refusal import Halt
from dlcourse.grading.report import ClassReport
from rehearsal.course import ASSIGNMENT, Course
from rehearsal.sample_class import sample_class
from tests.helpers import commands, postgres_server
from tests.helpers.short_assignment import keep

STORIES = ["すべて正解", "前半だけ解いた", "答え合わせのセルを消した", "実行中の例外",  # these FEW meet the faults
           "白紙", "セルをコピーした", "セルの情報が消えた", "答え合わせを書き換えた", "名前を付けてフォルダーに入れた",
           "Shift_JIS", "壊れたJSON", "未提出"]  # fmt: skip
FEW = 4
LATE = "--LateSubmissionPlugin.penalty_method=zero"


class Command(commands.Command):
    """An nbgrader command for a course whose gradebook lies at an address."""

    def __init__(self, folder, url, *arguments, **more):
        super().__init__(folder, *arguments, f"--CourseDirectory.db_url={url}", **more)


def nbgrader(courses, *arguments):
    """The same command in several courses at once."""
    ended = [run.wait() for run in [Command(folder, url, *arguments) for folder, url in courses]]
    assert [run.code for run in ended] == [0] * len(ended), "\n".join(run.said for run in ended)
    return ended


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


def waits(run, words):
    until(run, lambda: words in run.said)


def graded_in(folder, number):
    return lambda: len(list((folder / "autograded").glob("[!.]*"))) >= number


@pytest.fixture(scope="module")
def server():
    with postgres_server.running() as running:
        yield running


@pytest.fixture(scope="module")
def handed_in(server, tmp_path_factory):
    """A class of a dozen that waits to be graded, with either database: ((folder, address), …), and who they are."""
    course, other = (keep(Course(tmp_path_factory.mktemp(kind) / "course")) for kind in ("sqlite", "postgresql"))
    courses = (course.folder, f"sqlite:///{course.folder / 'gradebook.db'}"), (other.folder, server.new("released"))
    nbgrader(courses, "generate_assignment", ASSIGNMENT)
    everybody = {student.story: student for student in sample_class(course.released, course.solution, False)}
    students = [everybody[story] for story in STORIES]
    for folder, _ in courses:
        for student in students:
            student.hand_in(folder / "submitted", ASSIGNMENT)
        late = folder / "submitted" / students[1].name / ASSIGNMENT / "timestamp.txt"
        late.write_text("2026-04-02 12:00:00 UTC")
    nbgrader(courses, "db", "student", "import", str(course.write_roster(students)))
    nbgrader(courses, "db", "assignment", "add", ASSIGNMENT, "--duedate=2026-04-01 12:00:00 UTC")
    with server.connect("released") as book:  # as after a change of theirs, which puts them behind the others
        book.execute("UPDATE source_cell SET source = source WHERE name IN ('setup', 'K0-1')")
        book.execute("UPDATE base_cell SET name = name WHERE name = 'K0-1'")
        book.execute("UPDATE student SET email = email WHERE id = %s", [students[0].name])
    return courses, [student.name for student in students]


@pytest.fixture
def released(handed_in):
    """The address of the gradebook before anything is graded."""
    (_, (_, url)), _ = handed_in
    return url


@pytest.fixture(scope="module")
def undisturbed(handed_in, server):
    """The class graded with either database: (folder, address, what grading said)."""
    (course, (folder, _)), _ = handed_in
    courses = course, (folder, server.new("graded", "released"))
    runs = [grading(*course) for course in courses]
    return [(*course, run.wait()) for course, run in zip(courses, runs, strict=True)]


@pytest.fixture
def few(handed_in, server, tmp_path, request):
    """A course folder with a few of them, and a gradebook of its own."""
    (_, (folder, _)), students = handed_in
    left_out = shutil.ignore_patterns("autograded", "feedback", *students[FEW:])
    return shutil.copytree(folder, tmp_path / "course", ignore=left_out), server.new(request.node.name, "released")


@pytest.fixture
def expected(handed_in, undisturbed):
    """The rows of these few."""
    (_, url, _), _ = undisturbed
    return [row for row in rows(url) if row[0][0] in handed_in[1][:FEW]]


def test_a_class_is_graded_as_in_sqlite(undisturbed):
    (_, one, sqlite), (_, other, postgresql) = undisturbed
    assert (sqlite.code, postgresql.code) == (1, 1)  # one file cannot be read
    assert to_look_at(postgresql) == to_look_at(sqlite) and len(to_look_at(sqlite)) == 8
    assert rows(other) == rows(one)
    assert sum(penalty or 0 for _, _, _, penalty, *_ in rows(one)) > 0


def test_a_second_run_changes_nothing(undisturbed):
    _, (folder, url, _) = undisturbed
    before = rows(url)
    run = grading(folder, url).wait()
    assert "graded 0, before 10" in run.said and rows(url) == before


@pytest.mark.parametrize("exporter", [Csv, Canvas, Moodle, ClassReport])
def test_exports_are_those_of_sqlite(undisturbed, tmp_path, exporter):
    exported = []
    for folder, url, _ in undisturbed:
        plugin = exporter(parent=Configurable(), to=str(tmp_path / "exported"))
        plugin.parent.coursedir = CourseDirectory(root=str(folder), source_directory="solutions")
        with Gradebook(url, "dlcourse") as gradebook:
            plugin.write(gradebook, Path(plugin.to))
        exported.append(Path(plugin.to).read_text(encoding="utf-8"))
    assert exported[0] == exported[1] and exported[0].count("\n") > 10


def test_nbgraders_own_commands(undisturbed, handed_in):
    _, (folder, url, _) = undisturbed
    _, students = handed_in
    course = [(folder, url)]
    nbgrader(course, "generate_feedback", ASSIGNMENT, f"--student={students[0]}")
    assert (folder / "feedback" / students[0] / ASSIGNMENT / f"{ASSIGNMENT}.html").exists()
    export = Command(folder, url, "export", f"--to={folder / 'grades.csv'}").wait()
    assert export.code == 1 and "never graded" in export.said  # the file that cannot be read
    assert (folder / "grades.csv").read_text("utf-8-sig").count("\n") == 13
    (listed,) = nbgrader(course, "db", "student", "list")
    assert "There are 12 students" in listed.said


def test_an_address_with_a_percent_sign_is_upgraded(released, monkeypatch, capfd):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # of alembic
    assert "%" in released
    database.upgrade(released)
    assert "PostgresqlImpl" in capfd.readouterr().err


# --- faults ---------------------------------------------------------------------------------------------


def test_killed_and_cut_off_it_goes_on(few, expected, server):
    folder, url = few

    def cut_off(after):
        run = grading(folder, url)
        until(run, graded_in(folder, after))
        server.stop()
        waits(run, "つながるのを待っています")
        return run

    run = cut_off(after=1)
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.join()
    server.start()
    some = rows(url)
    assert some and all(row in expected for row in some)
    # a name for which there is no room, as there would be in SQLite, keeps nobody else from being graded
    submitted = folder / "submitted"
    shutil.copytree(submitted / expected[0][0][0], submitted / ("a" * 130))
    run = cut_off(after=2)
    server.start()
    done, absent = run.wait(), len(STORIES) - FEW
    assert done.code == 1 and f"to look at 0, not graded {absent + 1} (nothing handed in {absent})" in done.said
    assert rows(url) == expected


def test_two_graders_on_two_machines(few, expected, server, tmp_path):
    """Each has a course folder of its own; both wait for a third who holds the points, and write nothing twice."""
    folder, url = few
    other = shutil.copytree(folder, tmp_path / "other")
    with server.connect(make_url(url).database) as third, third.transaction():
        third.execute("LOCK TABLE grade IN ROW EXCLUSIVE MODE")  # as formgrader, which writes the points of an answer
        runs = [grading(where, url) for where in (folder, other)]
        for run in runs:
            waits(run, "空くのを待っています")
    assert [run.wait().code for run in runs] == [0, 0], [run.said for run in runs]
    assert rows(url) == expected


def halted(action):
    """The one line with which it stops."""
    with pytest.raises(Halt) as stopped:
        action()
    (line,) = str(stopped.value).splitlines()
    assert postgres_server.PASSWORD not in line and "%E3" not in line, "the password"
    return line


def test_patience_has_an_end(server, released):
    url = server.new("impatient", make_url(released).database)
    with Ledger(url, "dlcourse", 1) as ledger:
        with server.connect("impatient") as other, other.transaction():
            other.execute("LOCK TABLE student")
            assert "ほかのプログラムに使われたままです(postgresql://" in halted(ledger.enrolled)
        server.stop()
        assert "データベースにつながりません" in halted(ledger.enrolled)
        server.start()
        assert len(ledger.enrolled()) == len(STORIES)


def test_what_was_read_stands_when_the_server_goes_right_behind_it(server, released):
    def read():
        students = [student.id for student in ledger.students]
        server.stop()
        return students

    with Ledger(server.new("left", make_url(released).database), "dlcourse", 1) as ledger:
        try:
            assert len(ledger.retried(read)) == len(STORIES)
        finally:
            server.start()
        assert len(ledger.enrolled()) == len(STORIES)


def test_a_gradebook_that_may_only_be_read(server, released):
    url = server.new("readable", make_url(released).database)
    with server.connect("postgres") as admin:
        admin.execute("ALTER DATABASE readable SET default_transaction_read_only = on")
    with Ledger(url, "dlcourse", 1) as ledger:
        assert "書き込みが許されていません" in halted(lambda: ledger.enrol("somebody"))
        assert "somebody" not in ledger.enrolled()


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
def test_an_address_that_does_not_work_is_explained_at_once(released, change, said):
    address = make_url(released).set(**change)
    address = address.render_as_string(hide_password=False)
    line = halted(lambda: Ledger(address, "dlcourse", 600))
    assert said in line and "wrong" not in line
    assert line.startswith(database.problem(address))


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_both_ways_to_write_the_address(released, scheme):
    address = make_url(released).set(drivername=scheme).render_as_string(hide_password=False)
    assert database.problem(address) is None
    with Ledger(address, "dlcourse", 1) as ledger:
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
    assert run.code == 1 and "pip install '.[postgres]'" in run.problem
