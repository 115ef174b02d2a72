"""Rosters as Excel and the platforms write them, merged into the gradebook."""

import io
from types import SimpleNamespace

import openpyxl
import pytest
from nbgrader.api import Gradebook

from dlcourse.grading.platforms import known, roster, tables
from dlcourse.grading.refusal import Halt
from tests.helpers.gradebooks import empty_gradebook

JAPANESE = (
    "学籍番号,氏名,メールアドレス\r\n0012345,鈴木 蓮,ren@example.org\r\n,,\r\n24A001,髙橋　翔,sho@example.org\r\n"
)
PEOPLE = {("0012345", "鈴木", "蓮", "ren@example.org"), ("24A001", "髙橋", "翔", "sho@example.org")}


class Course:
    def __init__(self, folder):
        self.folder = folder
        empty_gradebook(folder / "gradebook.db").close()
        directory = SimpleNamespace(db_url=f"sqlite:///{folder / 'gradebook.db'}")
        self.app = SimpleNamespace(coursedir=directory, course_id="course", authenticator=None)

    def read(self, content, name="roster.csv"):
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return roster.import_files(self.app, [str(self.folder / name)])

    def students(self):
        with Gradebook(self.app.coursedir.db_url, "course") as gradebook:
            return {(one.id, one.last_name, one.first_name, one.email) for one in gradebook.students}

    def people(self):
        with Gradebook(self.app.coursedir.db_url, "course") as gradebook:
            return known.people(gradebook).students


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8", ","), ("utf-8-sig", ","), ("cp932", ","), ("utf-16", "\t"), ("utf-8", ";")]
)
def test_a_roster_that_excel_has_saved(course, encoding, separator):
    assert course.read(JAPANESE.replace(",", separator).encode(encoding)) == 0
    assert course.students() == PEOPLE


def test_a_spreadsheet_with_a_title_and_numbers(course):
    book = openpyxl.Workbook()
    for line in [["深層学習 名簿"], [], ["学籍番号", "姓", "名", "E-mail"], [12345, "鈴木", "蓮", "ren@example.org"],
                 [], ["24A001", "髙橋", "翔", "sho@example.org"]]:  # fmt: skip
        book.active.append(line)
    book.active["A4"].number_format = "0000000"
    file = io.BytesIO()
    book.save(file)
    assert course.read(file.getvalue(), "名簿.xlsx") == 0
    assert course.students() == PEOPLE


LISTS = {
    "nbgrader": "id,last_name,first_name,email,lms_user_id\n24A001,山田,太郎,t@x.jp,4001\n",
    "Moodle": "名,姓,IDナンバー,所属,メールアドレス\n太郎,山田,24A001,,t@x.jp\n",
    "manaba": "#ロール,学籍番号,ユーザID,氏名,メール\n学生,24A001,a1,山田 太郎,t@x.jp\n#end\n",
    "Canvas": 'Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"山田, 太郎",4001,24A001,a1,D\n',
    "Blackboard": '"姓","名","ユーザー名","学生ID"\n"山田","太郎","a1","24A001"\n',
    "Sakai": '"第1回","x"\n\nID,ID,姓,名,成績\n24A001,a1,山田,太郎,\n',
    "Gradescope": "First Name,Last Name,SID,Email,Role\n太郎,山田,24A001,t@x.jp,Student\n",
    "GitHub Classroom": "identifier,github_username,github_id,name\n24A001,yamada-taro,77,山田 太郎\n",
    "kept as text": 'ID,氏名\n="24A001",山田 太郎\n',
}


@pytest.mark.parametrize("system", LISTS)
def test_the_list_of_each_system(course, system):
    assert course.read(LISTS[system].encode("utf-8-sig")) == 0
    (student,) = course.people().values()
    assert (student.id, student.last_name, student.first_name) == ("24A001", "山田", "太郎")
    assert student.email in ("t@x.jp", "") and student.lms_user_id in ("4001", "")


def test_lists_are_merged_and_nobody_stands_there_twice(course, capsys):
    course.read("学籍番号,氏名,メール\n0012345,鈴木 蓮,ren@x.jp\n24A001,山田 太郎,taro@x.jp\n24A002,佐藤 葵,\n")
    assert "新しく 3 名" in capsys.readouterr().out
    # numbers without their zeros and in other letters, a list that knows the mail alone, and one GitHub account
    assert course.read("id,lms_user_id\n12345,4011\n24a001,4001\n") == 0
    assert "24A002" in capsys.readouterr().out, "whom the list does not have is said"
    assert course.read("姓,名,メール,github\n山田,太郎,TARO@x.jp,yamada\n") == 0
    said = capsys.readouterr().out
    assert "変わった 1 名" in said and "GitHub yamada" in said
    students = course.people()
    assert set(students) == {"0012345", "24A001", "24A002"}
    assert students["24A001"].lms_user_id == "4001" and students["24A001"].others["github"] == {"yamada"}
    assert students["0012345"].email == "ren@x.jp", "an empty cell takes nothing away"


def test_lines_that_cannot_be_used_are_named(course, capsys):
    assert course.read("学籍番号,氏名\n24A001,a\n24A001,b\n../x,c\n,だれか\n24A002,d\n") == 1
    errors = capsys.readouterr().err
    assert [number for number in (2, 3, 4, 5) if f" {number} 行目" in errors] == [2, 3, 4, 5]
    assert set(course.people()) == {"24A002"}


@pytest.mark.parametrize("content", ["1,2,3\n4,5,6\n", "", b"\x81", b"PK\x03\x04"])
def test_what_is_no_roster_is_refused_in_one_line(course, content):
    with pytest.raises(Halt):
        course.read(content)


def test_headings_are_known_however_they_are_written():
    for heading in ("学籍番号", "ＩＤ", " Student ID ", "IDナンバー", "#学籍番号"):
        assert tables.meanings([heading]) == {"id": 0}
