"""The autograder for Gradescope, by its specification: what is uploaded, where files lie, what results.json holds."""

import json
import shutil
import zipfile

import pytest

from dlcourse import words
from dlcourse.grading import gradescope
from dlcourse.words import say
from press.languages import languages
from rehearsal.course import ASSIGNMENT, ROOT, Course
from tests.helpers.commands import nbgrader
from tests.helpers.short_assignment import keep


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory):
    """/autograder after setup.sh, but for the environment, which is ours."""
    place = tmp_path_factory.mktemp("autograder")
    course = keep(Course(place / "teachers", ASSIGNMENT))
    shutil.copy(ROOT / "nbgrader_config.py", course.folder)
    for code in languages():
        shutil.copytree(ROOT / "exercises" / code / ASSIGNMENT, course.folder / "exercises" / code / ASSIGNMENT)
    gradescope.build(course.folder, ASSIGNMENT, place / "autograder.zip")
    with zipfile.ZipFile(place / "autograder.zip") as archive:
        archive.extractall(place / "source")
        modes = {one.filename: one.external_attr >> 16 for one in archive.infolist()}
    assert modes["run_autograder"] == modes["setup.sh"] == 0o755
    assert nbgrader(place / "source" / "course", "generate_assignment", ASSIGNMENT).code == 0
    return place, course


def graded(uploaded, tmp_path, files):
    """Exit code, and results.json for a submission of these files."""
    shutil.copytree(uploaded[0] / "source" / "course", tmp_path / "source" / "course")
    shutil.copy(uploaded[0] / "source" / "assignment", tmp_path / "source")
    (tmp_path / "submission").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    code = gradescope.run(tmp_path)
    path = tmp_path / "results" / "results.json"
    return code, json.loads(path.read_text("utf-8")) if path.exists() else None


# https://gradescope-autograders.readthedocs.io/en/latest/specs/
ALLOWED = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
           "stdout_visibility", "extra_data", "tests", "leaderboard"}  # fmt: skip
OF_A_TEST = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags",
             "visibility", "extra_data"}  # fmt: skip


def check(results):
    assert set(results) <= ALLOWED and results["tests"]
    for test in results["tests"]:
        assert set(test) <= OF_A_TEST and 0 <= test["score"] <= test["max_score"]
        assert test["visibility"] in {"hidden", "after_due_date", "after_published", "visible"}
    assert results["stdout_visibility"] == "hidden", "the grader's own log is not for students"
    return sum(test["score"] for test in results["tests"]), sum(test["max_score"] for test in results["tests"])


def test_right_answers_get_all_points(uploaded, tmp_path):
    answers = uploaded[1].solution.read_bytes()
    code, results = graded(uploaded, tmp_path, {"submission/answers.ipynb": answers})
    points, most = check(results)
    assert code == 0 and points == most > 0
    assert not any(test["output"] for test in results["tests"])


@pytest.mark.parametrize("code", languages())
def test_a_notebook_in_another_language_is_told_of_in_that(uploaded, tmp_path, code):
    blank = (ROOT / "exercises" / code / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()
    result, results = graded(uploaded, tmp_path, {"submission/mine.ipynb": blank})
    assert result == 0 and check(results)[0] == 0
    with words.using(code):
        assert {test["output"] for test in results["tests"]} == {say("答えがありません。")}
        assert results["output"].startswith(
            say("「{file}」を {name}.ipynb として採点しました。", file="mine.ipynb", name=ASSIGNMENT)
        )


def test_an_unreadable_file_gets_no_points_and_says_why(uploaded, tmp_path):
    code, results = graded(uploaded, tmp_path, {f"submission/{ASSIGNMENT}.ipynb": b"{no notebook"})
    assert code == 0 and check(results)[0] == 0 and "JSON" in results["output"]


def test_where_the_grader_fails_nobody_gets_0_points(uploaded, tmp_path):
    """Without results.json Gradescope says that the autograder has failed."""
    broken = {"submission/a.ipynb": b"", "source/course/nbgrader_config.py": b"1 / 0"}
    assert graded(uploaded, tmp_path, broken) == (1, None)


def test_what_is_not_there_is_said_in_a_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert gradescope.main(["ch9"]) == 1
    assert capsys.readouterr().err.startswith("✗") and not list(tmp_path.iterdir())
