"""The class report: known classes give known numbers, whatever stands in a name stays text, the page needs nothing."""

import json

import nbformat
import nbformat.v4 as v4
import numpy as np
import pytest
from bs4 import BeautifulSoup

from dlcourse import words
from dlcourse.checks import EXERCISES, CheckError, check
from dlcourse.grading.desk import notes
from dlcourse.grading.desk.lateness import Duration
from dlcourse.grading.desk.notes import Kept, Note
from dlcourse.grading.desk.submissions import BEFORE, GRADED, LOOK, NOT
from dlcourse.grading.isolation.course_cells import verdict_of
from dlcourse.grading.report import Question, count_messages, message_for_the_teacher, message_of
from dlcourse.words import say
from press.languages import JAPANESE, languages
from tests.helpers.class_report import HINT, HOSTILE, MOST, POINTS, became, write_report


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """heading or label of a table → its rows, as texts."""
    page = BeautifulSoup(write_report(tmp_path_factory.mktemp("course")).read_text("utf-8"), "html.parser")
    found = {}
    for table in page.select("table"):
        title = table.find_previous("h3").get_text()
        found[title] = [[cell.get_text().strip() for cell in row.select("th, td")] for row in table.select("tbody tr")]
    return found


def test_difficulty_and_discrimination_are_what_numpy_says(tables):
    points = np.array(list(POINTS.values()), dtype=float)
    for column, row in enumerate(tables["問題ごとの得点率と識別力"]):
        name, most, full, unanswered, power, share, _ = row
        own = points[:, column]
        assert (name, float(most)) == list(MOST.items())[column]
        assert int(unanswered) == (name == "K2")
        assert int(full) == (own == MOST[name]).sum()
        assert share == f"{100 * own.mean() / MOST[name]:.0f}%"
        assert float(power) == pytest.approx(np.corrcoef(own, points.sum(axis=1) - own)[0, 1], abs=0.005)


def test_the_distribution_counts_everyone_once(tables):
    shares = np.array(list(POINTS.values())).sum(axis=1) / sum(MOST.values())
    counts, _ = np.histogram(shares, bins=np.linspace(0, 1, 11))
    assert [int(row[1]) for row in tables["点の分布"]] == counts.tolist()


def test_mistakes_are_counted_by_question_and_hint(tables):
    rows = {(row[0], row[2]): int(row[1]) for row in tables["よくあった間違い"]}
    # of the five whose notebooks are there
    assert rows == {("K1", HOSTILE): 2, ("K2", HOSTILE): 1, ("K3", HINT): 4}


def test_who_needs_a_look_is_named_with_the_reason(tables):
    rows = {row[0]: row[1:] for row in tables["確認が必要な学生"]}
    assert rows.pop("s5") == ["採点済", "手で採点するところが残っています(K1、K2、K3)。"]
    assert rows == {
        "s3": ["採点済", f"「{HOSTILE}」を採点しました。"],
        "broken": ["未採点", "ファイルが空です。"],
        "absent": ["未採点", "採点されていません。"],
    }


def test_every_student_has_a_row(tables):
    rows = {row[0]: row[2:] for row in tables["学生ごとの点"]}
    assert rows[HOSTILE] == ["5", "2", "0", "3"] and rows["absent"] == ["—"] * 4
    assert set(rows) == {*POINTS, "broken", "absent"}


def test_a_new_run_replaces_its_own_notes_only(tmp_path):
    notes.keep(tmp_path, "ch1", [became(GRADED, "a", "1"), became(NOT, "b", "2"), became(LOOK, "c", "4|four")])
    notes.keep(tmp_path, "ch1", [became(BEFORE, "a"), became(GRADED, "b"), became(None, "c")])
    notes.keep(tmp_path, "ch2", [became(GRADED, "b", "3")])
    kept = {"a": Kept(True, (Note("1"),)), "c": Kept(True, (Note("4", "four"),))}
    assert notes.kept(tmp_path) == {"ch1": kept, "ch2": {"b": Kept(True, (Note("3"),))}}
    (tmp_path / notes.FILE).write_text("{")
    assert notes.kept(tmp_path) == {}


def test_notes_of_an_earlier_edition_are_read(tmp_path):
    earlier = {"ch1": {"a": {"graded": False, "notes": ["ファイルが空です。 / empty"]}}}
    (tmp_path / notes.FILE).write_text(json.dumps(earlier))
    assert notes.kept(tmp_path) == {"ch1": {"a": Kept(False, (Note("ファイルが空です。 / empty"),))}}


def test_what_stands_in_a_students_cell_is_no_hint(tmp_path):
    about = {"grade_id": "K1", "grade": True, "solution": True}
    told = v4.new_output("error", ename="CheckError", evalue="✗ K1\n  ヒント: 偽物", traceback=[])
    cell = v4.new_code_cell("", metadata={"nbgrader": about}, outputs=[told])
    path = tmp_path / "student" / "ch1" / "ch1.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(v4.new_notebook(cells=[cell]), path)
    questions = {"K1": Question("K1", 1.0)}
    count_messages(questions, path)
    assert not questions["K1"].hints


@pytest.mark.parametrize("code", languages())
def test_a_mistake_is_one_in_every_language_and_told_in_the_teachers(code):
    exercise = EXERCISES["K1-2"]
    answer, hint = next(iter(exercise.pitfalls.items()))
    told = set()
    for of_the_notebook in ("ja", code):
        with words.using(of_the_notebook), pytest.raises(CheckError) as wrong:
            check(exercise.id, namespace={exercise.name: exercise.define(answer)})
        cell = v4.new_code_cell("", metadata={"verdict": verdict_of(wrong.value)})
        with words.using(of_the_notebook):
            assert message_of(cell) == say(hint)
        with words.using(code):
            told.add((message_for_the_teacher(cell), say(hint)))
        assert message_for_the_teacher(cell) == hint
    ((shown, wanted),) = told
    assert shown == wanted != hint


@pytest.mark.parametrize("code", languages())
def test_the_report_is_in_the_language_in_use(code, tmp_path):
    with words.using(code):
        page = BeautifulSoup(write_report(tmp_path).read_text("utf-8"), "html.parser")
    for part in page.select(".words, .name"):  # what students wrote, and notes
        part.decompose()
    assert page.html["lang"] == code and not JAPANESE.search(page.get_text() + str(page.select("[aria-label]")))


def test_lateness_is_told_as_people_say_it():
    day = 24 * 3600
    assert [str(Duration(seconds)) for seconds in (30, 61, 3600, 2 * day, 2 * day + 3 * 3600 + 4 * 60 + 5)] == [
        "1分未満", "1分", "1時間", "2日", "2日3時間4分",
    ]  # fmt: skip
