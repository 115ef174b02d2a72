"""A mark, a page and an export are those of what is handed in and released now, or a line says which is not."""

import csv
import os
import shutil
import sqlite3
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from rehearsal.course import ASSIGNMENT, ROOT, Course, text_of
from rehearsal.sample_class import Assignment, encoded, honest_class
from tests.helpers.commands import nbgrader
from tests.helpers.short_assignment import keep

RIGHT, HALF, WRONG = "student0000", "student0001", "student0003"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Four students, graded, with their pages."""
    course = keep(Course(tmp_path_factory.mktemp("class") / "course"))
    assert nbgrader(course.folder, "generate_assignment", ASSIGNMENT).code == 0
    for student in honest_class(course.released, course.solution, 4):
        student.hand_in(course.folder / "submitted", ASSIGNMENT)
    for command in (["autograde", ASSIGNMENT, "--create"], ["generate_feedback", ASSIGNMENT]):
        done = nbgrader(course.folder, *command)
        assert done.code == 0, done.said
    return course.folder


@pytest.fixture
def course(graded, tmp_path):
    return shutil.copytree(graded, tmp_path / "course")


def autograde(course, *options):
    return nbgrader(course, "autograde", ASSIGNMENT, *options)


def points(course):
    """student → points after the penalty, as exported."""
    done = nbgrader(course, "export", "--to", str(course / "grades.csv"))
    rows = csv.DictReader((course / "grades.csv").read_text("utf-8-sig").splitlines())
    return done, {row["student_id"]: float(row["score"]) for row in rows}


def path_of(course, student):
    return course / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def page(course, student):
    return course / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"


def full(course):
    return max(points(course)[1].values())


def gradebook(course):
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


# --- the gradebook alone says what is graded ------------------------------------------------------------------


def test_a_new_gradebook_means_that_nothing_is_graded(course):
    before = points(course)[1]
    (course / "gradebook.db").rename(course / "old.db")
    assert nbgrader(course, "generate_assignment", ASSIGNMENT).code == 0
    done, exported = points(course)
    assert done.code == 1 and f"{RIGHT}: まだ採点していません" in done.said and exported == {}
    done = autograde(course, "--create")
    assert done.code == 0 and "graded 4, before 0" in done.said
    assert points(course)[1] == before


def test_a_student_who_was_removed_and_added_is_graded(course):
    before = points(course)[1]
    assert nbgrader(course, "db", "student", "remove", HALF, "--force").code == 0
    done = autograde(course, "--create")
    assert done.code == 0 and "graded 1, before 3" in done.said
    assert points(course)[1] == before


def test_an_older_gradebook_is_not_believed_about_a_newer_file(course):
    older = (course / "gradebook.db").read_bytes()
    path_of(course, WRONG).write_bytes(path_of(course, RIGHT).read_bytes())
    assert "graded 1" in autograde(course).said
    newer = points(course)[1]
    (course / "gradebook.db").write_bytes(older)
    done, _ = points(course)
    assert done.code == 1 and f"{ASSIGNMENT} {WRONG}: 採点したものと" in done.said
    assert "graded 1, before 3" in autograde(course).said
    assert points(course)[1] == newer and newer[WRONG] == newer[RIGHT]


def test_another_course_autograded_folder_is_no_evidence(course):
    shutil.copy(
        course / "autograded" / HALF / ASSIGNMENT / f"{ASSIGNMENT}.ipynb",
        course / "autograded" / RIGHT / ASSIGNMENT / f"{ASSIGNMENT}.ipynb.new",
    )
    target = course / "autograded" / RIGHT / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    target.with_suffix(".ipynb.new").replace(target)
    done = nbgrader(course, "generate_feedback", ASSIGNMENT)
    assert done.code == 1 and f"{RIGHT}: 採点したノートブック" in done.said
    assert points(course)[0].code == 0  # which need no notebook
    assert "graded 1, before 3" in autograde(course).said
    done = nbgrader(course, "generate_feedback", ASSIGNMENT)
    assert done.code == 0, done.said


# --- another release of the assignment --------------------------------------------------------------------------


def test_changed_points_are_graded_again_and_told(course):
    before = full(course)
    source = course / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    test = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("points") == 3)
    test.metadata.nbgrader.points = 5
    nbformat.write(notebook, source)
    assert nbgrader(course, "generate_assignment", ASSIGNMENT).code == 0
    done, _ = points(course)
    assert done.code == 1 and f"{RIGHT}: 課題(点かテスト)が" in done.said
    shutil.move(course / "submitted" / HALF, course / "taken-away")
    done = autograde(course)
    assert "課題が変わっていたので、3名を採点し直しました" in done.said
    assert "graded 3, before 0, to look at 1" in done.said
    assert done.code == 1 and f"[要確認] {HALF}" in done.said
    done, _ = points(course)
    assert done.code == 1 and f"{HALF}: 課題(点かテスト)が" in done.said  # though nothing of it lies here any more
    assert points(course)[1][RIGHT] == before + 2
    shutil.move(course / "taken-away", course / "submitted" / HALF)
    assert autograde(course).code == 0 and points(course)[0].code == 0


def test_points_given_by_hand_stay_when_it_is_graded_again(course):
    with gradebook(course) as book:
        grade = book.find_grade("K1-1", ASSIGNMENT, ASSIGNMENT, WRONG)
        grade.manual_score, grade.extra_credit = 0.5, 0.25
        book.db.commit()
    before = points(course)[1][WRONG]
    assert "graded 4" in autograde(course, "--force").said
    assert points(course)[1][WRONG] == before


# --- pages ------------------------------------------------------------------------------------------------------


def test_a_page_follows_everything_on_it(course):
    unchanged = page(course, HALF).stat().st_mtime_ns
    path_of(course, WRONG).write_bytes(path_of(course, RIGHT).read_bytes())
    done = nbgrader(course, "generate_feedback", ASSIGNMENT)
    assert done.code == 1 and f"{WRONG}: 採点したものと" in done.said  # handed in, and not graded yet
    assert autograde(course).code == 0
    with gradebook(course) as book:
        book.find_grade("K1-1", ASSIGNMENT, ASSIGNMENT, RIGHT).extra_credit = 7
        cell = book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, RIGHT).comments[0]
        cell.manual_comment = "よくできました。"
        book.db.commit()
    done = nbgrader(course, "generate_feedback", ASSIGNMENT)
    assert done.code == 0 and "2名分を作りました" in done.said, done.said
    most = points(course)[1][WRONG]
    assert f"{most:g}" in text_of(page(course, WRONG)).partition("得点")[2][:40]
    assert "よくできました。" in text_of(page(course, RIGHT)) and f"{most + 7:g}" in text_of(page(course, RIGHT))
    assert page(course, HALF).stat().st_mtime_ns == unchanged
    page(course, HALF).write_bytes(page(course, HALF).read_bytes()[:5000])  # a disk that was full
    assert nbgrader(course, "generate_feedback", ASSIGNMENT).code == 0
    assert "</html>" in page(course, HALF).read_text("utf-8")


# --- lateness ---------------------------------------------------------------------------------------------------


PENALTY = "--LateSubmissionPlugin.penalty_method=zero"


def due(course, time):
    return nbgrader(course, "db", "assignment", "add", ASSIGNMENT, f"--duedate={time}")


def test_penalties_follow_the_dates_without_running_anything(course):
    most = full(course)
    (path_of(course, RIGHT).parent / "timestamp.txt").write_text("2026年11月11日 1時00分")
    assert due(course, "2026-11-10 23:59 JST").code == 0
    done = autograde(course, PENALTY)
    assert done.code == 0 and "graded 0, before 4" in done.said and f"減点が変わりました: 1名({RIGHT})" in done.said
    assert nbgrader(course, "export", PENALTY, "--to", str(course / "late.csv")).code == 0
    assert f",{RIGHT}," in (course / "late.csv").read_text("utf-8-sig")
    late = {row["student_id"]: row for row in csv.DictReader((course / "late.csv").read_text("utf-8-sig").splitlines())}
    assert float(late[RIGHT]["score"]) == 0 and late[RIGHT]["timestamp"] == "2026-11-10 16:00:00"
    assert nbgrader(course, "generate_feedback", ASSIGNMENT).code == 0
    assert due(course, "2026-11-12 23:59").code == 0
    for command in (["export", "--to", str(course / "late.csv")], ["generate_feedback", ASSIGNMENT]):
        done = nbgrader(course, *command)  # neither changes a penalty by itself: it may be set for `autograde` alone
        assert done.code == 1 and f"{RIGHT}: 締め切りか提出の時刻か点が" in done.said
    assert "graded 0, before 4" in autograde(course, PENALTY).said
    done, exported = points(course)
    assert done.code == 0 and exported[RIGHT] == most


def test_a_time_that_cannot_be_read_is_told(course):
    (path_of(course, HALF).parent / "timestamp.txt").write_text("きのうの夜")
    done = autograde(course)
    assert done.code == 1 and HALF in done.said and "timestamp.txt の時刻「きのうの夜」が読めません" in done.said
    done = due(course, "11/10/2026")
    assert done.code == 1 and "時刻「11/10/2026」が読めません" in done.problem


# --- names ------------------------------------------------------------------------------------------------------


def test_a_name_that_looks_like_a_pattern(course):
    odd = ["s[1]", "a*b", "山田 太郎", "o'neil"]
    for name in odd:
        shutil.copytree(course / "submitted" / RIGHT, course / "submitted" / name)
    assert "graded 4" in autograde(course, "--create").said
    assert autograde(course, "--student=s[1]", "--force").said.count("graded 1") == 1
    done = nbgrader(course, "generate_feedback", ASSIGNMENT)
    assert done.code == 0, done.said
    assert [name for name in odd if not page(course, name).is_file()] == []
    assert [path.name for path in page(course, "s[1]").parent.iterdir()] == [f"{ASSIGNMENT}.html"]


def test_answers_stay_when_only_the_due_date_is_told(course):
    """A gradebook of an earlier edition, which kept nothing about files, is graded once more, and once only."""
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute("DROP TABLE dlcourse_made_from")
    before = {row: value for row, value in points(course)[1].items()}
    assert "graded 4, before 0" in autograde(course).said
    assert "graded 0, before 4" in autograde(course).said
    assert points(course)[1] == before


def test_settings_that_are_not_in_force_grade_nobody(course, tmp_path):
    """Taken out, or behind an error in the file: nbgrader itself would go on with its own, and run the cell."""
    for broken in ("c.Autograde.autograde_preprocessors = []", "raise ValueError('a slip')", "c.CourseDirectory = = 1"):
        config = course / "nbgrader_config.py"
        config.write_text(
            f"import sys\nsys.path.insert(0, '.')\nc = get_config()\n"
            f"from dlcourse.grading import install\ninstall.into(c)\n{broken}\n"
        )
        marker = tmp_path / "marker"
        assignment = Assignment(
            course / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb",
            course / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb",
        )
        answers = assignment.notebook({"K0-1": f"k0_1 = open({str(marker)!r}, 'w')"})
        path_of(course, HALF).write_bytes(encoded(answers))
        done = autograde(course)
        assert done.code != 0 and done.problem and not marker.exists(), done.said


# In every process, the grader's workers among them: dlcourse sees a system that has not what Linux has.
OTHER_SYSTEM = """
import builtins, types
real = builtins.__import__
MISSING = {"os": ("fork", "geteuid", "getegid", "setsid", "sysconf", "pread"), "signal": ("pthread_sigmask", "SIGKILL"),
           "ctypes": ("CDLL",), "sys": (), "socket": ("AF_UNIX", "send_fds", "recv_fds")}
class Other(types.ModuleType):
    def __init__(self, module):
        super().__init__(module.__name__)
        self.__dict__["module"] = module
    def __getattr__(self, name):
        if name in MISSING[self.__name__]:
            raise AttributeError(name)
        return "SYSTEM" if name == "platform" else getattr(self.module, name)
def without(name, globals=None, locals=None, fromlist=(), level=0):
    if not str((globals or {}).get("__package__")).startswith("dlcourse"):
        return real(name, globals, locals, fromlist, level)
    if name in ("fcntl", "resource", "grp", "pwd"):
        raise ModuleNotFoundError(name)
    found = real(name, globals, locals, fromlist, level)
    return Other(found) if name in MISSING else found
builtins.__import__ = without
"""
EVERY_COMMAND = """
import sys
from tests.helpers.commands import nbgrader
folder, assignment, installed = sys.argv[1:]
if not installed:
    sys.modules["deno"] = None
for command in (["generate_assignment", assignment], ["db", "student", "list"], ["export", "--to", folder + "/a.csv"],
                ["generate_feedback", assignment, "--force"], ["zip_collect", assignment],
                ["autograde", assignment, "--force"]):
    done = nbgrader(folder, *command)
    print(command[0], done.code, done.said if done.code or command[0] == "autograde" else "", flush=True)
"""


@pytest.mark.parametrize(("system", "installed"), [("darwin", ""), ("win32", "portable")])
def test_other_systems_have_every_command_and_grade_where_the_portable_engine_is(course, tmp_path, system, installed):
    (course / "downloaded" / ASSIGNMENT / "archive").mkdir(parents=True)
    before = points(course)[1]
    (tmp_path / "sitecustomize.py").write_text(OTHER_SYSTEM.replace("SYSTEM", system))
    places = os.pathsep.join([str(tmp_path), str(ROOT / "tests"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", EVERY_COMMAND, str(course), ASSIGNMENT, installed],
        text=True,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": places},
    )
    lines = [line.split()[:2] for line in done.stdout.splitlines() if line.partition(" ")[0] in COMMANDS]
    # There is nothing to collect, which collecting says and ends with 1.
    failing = ["zip_collect"] if installed else ["zip_collect", "autograde"]
    assert lines == [[command, "1" if command in failing else "0"] for command in COMMANDS], done.stdout + done.stderr
    assert "集めたものはありません" in done.stdout and "Traceback" not in done.stdout
    if installed:
        assert "isolation: WebAssembly (Deno + Pyodide)" in done.stdout and points(course)[1] == before
    else:
        assert "学生のプログラムを隔離できません" in done.stdout and "[portable]" in done.stdout


COMMANDS = ["generate_assignment", "db", "export", "generate_feedback", "zip_collect", "autograde"]


def test_an_environment_without_the_course_does_nothing(course, tmp_path):
    """nbgrader would tell of the failed import, go on with its own settings, and run the cell as the teacher."""
    marker = tmp_path / "marker"
    program = f"""
import sys
sys.modules["dlcourse.grading.install"] = None
from nbgrader.apps import NbGraderApp
NbGraderApp.launch_instance(["autograde", {ASSIGNMENT!r}, "--CourseDirectory.root={course}"])
"""
    notebook = nbformat.read(path_of(course, HALF), as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(f"open({str(marker)!r}, 'w')"))
    nbformat.write(notebook, path_of(course, HALF))
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and not marker.exists()
    (line,) = done.stderr.splitlines()
    assert line.startswith("✗") and "source .venv/bin/activate" in line
