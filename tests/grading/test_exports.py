"""Exported scores: whatever stands in a name, the columns hold and no spreadsheet computes."""

import csv

import pytest

from dlcourse.grading.exports import Canvas, Csv, Moodle
from tests.helpers.gradebooks import empty_gradebook

STUDENTS = [
    {"id": "s1", "first_name": "太郎, Jr.", "last_name": "山田", "email": "taro@example.org", "lms_user_id": "101"},
    {"id": "s2", "first_name": '=HYPERLINK("http://attack.example")', "last_name": "+1"},
    {"id": "@s3", "first_name": "改\n行", "last_name": '引用"符'},
]


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    file = tmp_path_factory.mktemp("course") / "gradebook.db"
    with empty_gradebook(file) as made:
        made.add_assignment("ch1")
        made.add_notebook("ch1", "ch1")
        made.add_grade_cell("K1", "ch1", "ch1", max_score=4, cell_type="code")
        for student in STUDENTS:
            made.update_or_create_student(student["id"], **{k: v for k, v in student.items() if k != "id"})
        made.add_submission("ch1", "s1")
        submission = made.find_submission_notebook("ch1", "ch1", "s1")
        submission.grades[0].auto_score = 3
        made.db.commit()
        yield made


def exported(plugin, gradebook, tmp_path):
    plugin.to = str(tmp_path / "out.csv")
    plugin.export(gradebook)
    raw = (tmp_path / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel takes it for another encoding"
    return list(csv.reader(raw.decode("utf-8-sig").splitlines(keepends=True)))


@pytest.mark.parametrize("kind", [Csv, Canvas, Moodle])
def test_columns_hold_and_nothing_is_a_formula(kind, gradebook, tmp_path):
    rows = exported(kind(), gradebook, tmp_path)
    assert len({len(row) for row in rows}) == 1
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t")) or (cell[:1] == "-" and len(cell) > 1)]


def test_csv_has_the_points(gradebook, tmp_path):
    first, *rows = exported(Csv(), gradebook, tmp_path)
    by_student = {row[3]: dict(zip(first, row, strict=True)) for row in rows}
    assert by_student["s1"]["score"] == "3.0" and by_student["s1"]["max_score"] == "4.0"
    assert by_student["s1"]["first_name"] == "太郎, Jr."
    assert by_student["s2"]["score"] == "0.0"
    assert by_student["'@s3"]["first_name"] == "改\n行"


def test_canvas_tells_who_and_of_how_many(gradebook, tmp_path):
    _, possible, *rows = exported(Canvas(), gradebook, tmp_path)
    assert possible[-1] == "4.0"
    assert rows == [["山田 太郎, Jr.", "101", "s1", "taro@example.org", "", "3"]], "an empty cell would clear a mark"


def test_moodle_has_those_with_a_mark_of_100(gradebook, tmp_path):
    rows = exported(Moodle(), gradebook, tmp_path)
    assert rows[1:] == [["s1", "taro@example.org", "山田 太郎, Jr.", "75"]]


def test_only_the_named_students_and_assignments(gradebook, tmp_path):
    plugin = Csv()
    plugin.student, plugin.assignment = ["s1"], ["ch1"]
    assert len(exported(plugin, gradebook, tmp_path)) == 2
    plugin.assignment = ["other"]
    assert len(exported(plugin, gradebook, tmp_path)) == 1
