"""Marks as platforms take them, read back by their importers' rules."""

import csv
import io
import zipfile
from types import SimpleNamespace

import openpyxl
import pytest
from traitlets.config import Configurable

from dlcourse.grading import exports
from dlcourse.grading.marks import sheet
from dlcourse.grading.marks.canvas import Canvas
from dlcourse.grading.marks.moodle import Feedback, Moodle, Worksheet
from dlcourse.grading.marks.others import Blackboard, Manaba, Sakai
from dlcourse.grading.platforms import known
from dlcourse.grading.refusal import Halt
from tests.helpers import importers
from tests.helpers.gradebooks import empty_gradebook

# number, family name, first name, mail, number on Canvas, points of 40; nobody has handed in for 24A003
STUDENTS = [
    ("24A001", "山田", "太郎", "taro@example.org", "4001", 30),
    ("24A002", "山田", "花子", "hanako@example.org", "4002", 0),
    ("24A003", "高橋", "翔", "sho@example.org", "4003", None),
    ("0012345", "鈴木", "蓮", "ren@example.org", "", 13),
]
IDS = {name: number for number, name in enumerate(("24A001", "24A002", "24A003", "0012345"), 4001)}


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    with empty_gradebook(tmp_path_factory.mktemp("course") / "gradebook.db") as made:
        for assignment in ("ch1", "ch2"):
            made.add_assignment(assignment)
            made.add_notebook(assignment, assignment)
            made.add_grade_cell("K1", assignment, assignment, max_score=40, cell_type="code")
        for name, last, first, mail, number, points in STUDENTS:
            made.update_or_create_student(name, last_name=last, first_name=first, email=mail, lms_user_id=number)
            if points is not None:
                made.add_submission("ch1", name)
                made.find_submission_notebook("ch1", "ch1", name).grades[0].auto_score = points
        made.db.commit()
        known.keep(made, [(name, known.participant("ch1"), str(900 + place)) for place, name in enumerate(IDS)])
        yield made


class App(Configurable):
    """What exporters ask of `nbgrader export`."""


@pytest.fixture
def export(gradebook, tmp_path):
    """What an exporter writes for ch1, and whose mark it could not write."""

    def written(kind, given=None, name="given.csv", **options):
        app = App()
        app.extra_args = ["name"]
        if given is not None:
            (tmp_path / name).write_bytes(given)
            app.extra_args.append(str(tmp_path / name))
        app.coursedir = SimpleNamespace(
            root=str(tmp_path), feedback_directory="feedback", autograded_directory="autograded",
            format_path=lambda step, student, assignment: str(tmp_path / step / student / assignment),
        )  # fmt: skip
        plugin = kind(parent=app, **({"assignment": ["ch1"]} | options))
        target = tmp_path / "out"
        left = plugin.write(gradebook, target)
        return target.read_bytes(), list(left or [])

    return written


USERS = [{"id": number, "idnumber": name, "email": f"{number}@x", "username": "u"} for name, number in IDS.items()]
MAPPING = {"学籍番号": "useridnumber", "ch1": "item"}


def test_moodle_takes_marks_of_its_own_item(export):
    content, _ = export(Moodle)
    before = dict.fromkeys(IDS.values(), 55.0)
    after = importers.moodle_grades(content, MAPPING, USERS, before)
    assert after == {4001: 75.0, 4002: 0.0, 4003: 55.0, 4004: 32.5}, "of 100; who has none here keeps what is there"
    content, _ = export(Moodle, maximum=20)
    assert importers.moodle_grades(content, MAPPING, USERS, before) == {4001: 15, 4002: 0, 4003: 55, 4004: 6.5}


def test_the_model_of_moodle_refuses_what_moodle_refuses():
    for content in (
        "学籍番号,ch1\n24A009,3\n",
        "学籍番号,ch1\n24A001,101\n",
        "学籍番号,ch1\n24A001,x\n",
        "学籍番号,ch1\n,3\n",
    ):
        with pytest.raises(importers.Refused):
            importers.moodle_grades(content.encode(), MAPPING, USERS, {})
    assert importers.moodle_grades("学籍番号,ch1\n24A001,-\n".encode(), MAPPING, USERS, {4001: 5}) == {4001: None}


JAPANESE = {"grade": "評点", "recordid": "ID", "lastmodifiedgrade": "最終更新日時 (評点)", "hiddenuser": "参加者"}
WORKSHEET = (
    "ID,フルネーム,メールアドレス,ステータス,評点,最大評点,最終更新日時 (評点),フィードバックコメント\n"
    '参加者900,山田 太郎,taro@example.org,"提出済み, 未評定",,20.00,-,\n'
    "参加者902,高橋 翔,sho@example.org,未提出,11.00,20.00,-,前の点\n参加者903,鈴木 蓮,ren@example.org,,,20.00,-,\n"
)


def test_moodles_worksheet_comes_back_with_the_marks(export):
    content, left = export(Worksheet, WORKSHEET.encode("utf-8-sig"))
    users = {str(900 + place): name for place, name in enumerate(IDS)}
    found = importers.moodle_worksheet(content, JAPANESE, users)
    assert found == {"24A001": "15", "24A003": "11.00", "0012345": "6.5"}
    assert len(left) == 1 and "24A002" in left[0], "she has a mark here and no line there"
    assert content.startswith(b"\xef\xbb\xbf") and "前の点" in content.decode(), "all else as it was"


def test_an_anonymous_worksheet_is_known_by_its_numbers(export):
    sheet = "Identifier,Status,Grade,Maximum Grade,Last modified (grade)\nParticipant 901,x,,100,-\n"
    content, _ = export(Worksheet, sheet.encode())
    english = {"grade": "Grade", "recordid": "Identifier", "lastmodifiedgrade": "Last modified (grade)"}
    assert importers.moodle_worksheet(content, english | {"hiddenuser": "Participant "}, {"901": "x"}) == {"x": "0"}


def test_moodle_takes_the_feedback(export, tmp_path):
    for name in ("24A001", "0012345"):
        folder = tmp_path / "feedback" / name / "ch1"
        folder.mkdir(parents=True)
        (folder / "ch1_input_to_hidden.html").write_text(name)
    content, left = export(Feedback)
    found = importers.moodle_feedback(content, {"900": "24A001", "903": "0012345"})
    page = "ch1_input_to_hidden.html"
    assert found == {("24A001", page): b"24A001", ("0012345", page): b"0012345"} and not left


COURSE = {
    4001: {"name": "山田 太郎", "sortable_name": "太郎, 山田", "sis_user_id": "24A001", "login_id": "a1"},
    4002: {"name": "山田 花子", "sortable_name": "花子, 山田", "sis_user_id": "", "login_id": "a2"},
    4003: {"name": "高橋 翔", "sortable_name": "翔, 高橋", "sis_user_id": "", "login_id": "a3"},
    4004: {"name": "鈴木 蓮", "sortable_name": "蓮, 鈴木", "sis_user_id": "", "login_id": "a4"},
}
MARKS = {(4001, 77): 9.0, (4002, 77): 9.0, (4003, 77): 9.0, (4003, 78): 5.0, (4004, 77): 3.25}
GRADEBOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,ch1 (77),ch2 (78),Current Score\n"
    "    Points Possible,,,,,10.00,10.00,(read only)\n"
    '"太郎, 山田",4001,24A001,a1,DL,9.00,,90\n"花子, 山田",4002,,a2,DL,9.00,,90\n"翔, 高橋",4003,,a3,DL,9.00,5.00,90\n'
    '"蓮, 鈴木",4004,0012345,a4,DL,3.25,,90\n'
)


def test_canvas_takes_its_own_gradebook_back(export):
    content, left = export(Canvas, GRADEBOOK.encode("utf-8-sig"))
    changed, asked = importers.canvas(content, COURSE, {77: ("ch1", 10), 78: ("ch2", 10)}, MARKS)
    assert changed == {(4001, 77): 7.5, (4002, 77): 0.0}, "of 10; one is unchanged, and nothing is cleared"
    assert not asked and not left and b"78" not in content.splitlines()[0]


def test_canvas_asks_nothing_of_who_has_a_name(export):
    content, _ = export(Canvas)
    changed, asked = importers.canvas(content, COURSE, {77: ("ch1", 40)}, MARKS)
    assert changed == {(4001, 77): 30.0, (4002, 77): 0.0, (4004, 77): 13.0} and not asked


def test_an_empty_cell_would_clear_a_mark_in_canvas():
    empty = "Student,ID,Section,ch1 (77)\n翔,4003,DL,\n"
    changed, _ = importers.canvas(empty.encode(), COURSE, {77: ("ch1", 10)}, MARKS)
    assert changed == {(4003, 77): None}


def test_a_column_that_is_not_there_is_named(export):
    with pytest.raises(Halt, match="第9回"):
        export(Canvas, GRADEBOOK.encode(), column="第9回")
    with pytest.raises(Halt, match="課題を1つ"):
        export(Canvas, GRADEBOOK.encode(), assignment=["ch1", "ch2"])
    with pytest.raises(Halt, match="渡してください"):
        export(Worksheet)


def reportlist():
    book = openpyxl.Workbook()
    for line in [["レポート", "", "第1回"], [], [], [], [], [],
                 ["#ユーザID", "学籍番号", "氏名", "提出日時", "合計点", "評価", "講評"],
                 ["a1", "24A001", "山田 太郎", "2026-11-19 21:00", None, None, None],
                 ["a3", "24A003", "高橋 翔", None, 5, "B", "前の講評"],
                 ["a4", 12345, "鈴木 蓮", None, None, None, None], ["#end"]]:  # fmt: skip
        book.active.append(line)
    book.active["B10"].number_format = "0000000"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_manabas_list_comes_back_with_the_marks(export):
    content, left = export(Manaba, reportlist(), "reportlist.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    before = list(openpyxl.load_workbook(io.BytesIO(reportlist())).active.iter_rows(values_only=True))
    assert [row[4] for row in rows[7:10]] == [30, 5, 13]
    assert [row[:4] + row[5:] for row in rows] == [row[:4] + row[5:] for row in before] and "24A002" in left[0]


SAKAI = """"第1回","ポイント"

ID,ID,姓,名,成績,提出日,遅れ
"24A001","24a001","山田","太郎","","",""
"24A003","24a003","高橋","翔","5.0","",""
"""


def test_sakais_list_comes_back_in_its_place(export):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("第1回/grades.csv", SAKAI)
        made.writestr("第1回/山田, 太郎(24a001)/x/grades.csv", "a student's own")
    content, left = export(Sakai, archive.getvalue(), "bulk_download.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert made.namelist() == ["第1回/grades.csv"]
        rows = list(csv.reader(io.StringIO(made.read("第1回/grades.csv").decode())))
    expected = list(csv.reader(io.StringIO(SAKAI)))
    expected[3][4] = "30"
    assert rows == expected and len(left) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp932"])
def test_blackboards_column_comes_back_scaled(export, encoding):
    text = "姓\t名\tユーザー名\t学生ID\tch1 [Total Pts: 10 Score] |664617\n"
    text += "山田\t太郎\ta1\t24A001\t\n高橋\t翔\ta3\t24A003\t4\n"
    content, _ = export(Blackboard, text.encode(encoding), "gc.xls")
    rows = [line.split("\t") for line in content.decode(encoding).splitlines()]
    assert [row[4] for row in rows] == ["ch1 [Total Pts: 10 Score] |664617", "7.5", "4"]


def test_a_spreadsheet_keeps_text_as_text(export, gradebook, monkeypatch):
    monkeypatch.setattr(sheet.Sheet, "report", lambda *arguments: None)
    content, _ = export(sheet.Sheet)
    points = openpyxl.load_workbook(io.BytesIO(content))["点"]
    rows = {row[0]: row for row in points.iter_rows(min_row=3, values_only=True)}
    assert rows["0012345"][1:] == ("鈴木 蓮", "ren@example.org", 13) and rows["24A003"][3] is None
    book = openpyxl.Workbook()
    sheet.add(book.active, ["=1+1", "0012"])
    assert [cell.data_type for cell in book.active[1]] == ["s", "s"]


def test_every_short_name_is_an_exporter():
    assert all(issubclass(exports.named(name), exports.Exporter) for name in exports.NAMES)
    with pytest.raises(Halt, match="moodle"):
        exports.named("modle")
