"""Collecting from downloads: once, again, late, and what the teacher has changed meanwhile."""

import logging
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from dlcourse.grading.desk import times
from dlcourse.grading.desk.lateness import handed_in_at
from dlcourse.grading.platforms import known, names
from dlcourse.grading.platforms.collecting import Collecting
from rehearsal.course import ASSIGNMENT
from tests.helpers.downloads import CLASS, NB, RELEASED, notebook, zipped
from tests.helpers.gradebooks import empty_gradebook

MOODLE = "山田 太郎_901_assignsubmission_file/"


class Course:
    def __init__(self, folder):
        self.folder = folder
        with empty_gradebook(folder / "gradebook.db") as gradebook:
            gradebook.add_assignment(ASSIGNMENT, duedate=datetime(2026, 11, 19, 12, 0))  # UTC
            for one in CLASS:
                gradebook.add_student(one.id, last_name=one.last_name, first_name=one.first_name,
                                      email=one.email, lms_user_id=one.lms_user_id)  # fmt: skip
        self.directory = CourseDirectory(root=str(folder), assignment_id=ASSIGNMENT, course_id="course")
        self.released = folder / "release" / ASSIGNMENT
        self.released.mkdir(parents=True)
        (self.released / NB).write_bytes(RELEASED.read_bytes())
        self.archive = folder / "downloaded" / ASSIGNMENT / "archive"
        self.archive.mkdir(parents=True)

    def collect(self, members=None, *, force=False, strict=False):
        if members is not None:
            (self.archive / "download.zip").write_bytes(zipped(members))
        app = SimpleNamespace(
            coursedir=self.directory, log=logging.getLogger("collect"), force=force, strict=strict,
            archive_directory="archive", extracted_directory="extracted",
            _format_collect_path=lambda step: str(self.archive.parent / step),
        )  # fmt: skip
        return Collecting(app).run()

    def file(self, student, name=NB):
        return self.folder / "submitted" / student / ASSIGNMENT / name


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def test_collected_again_new_files_come_and_nothing_is_lost(course, caplog, capsys):
    assert course.collect({f"{MOODLE}{NB}": "first"}) == 0
    first = course.file("24A001").read_bytes()
    members = {f"{MOODLE}{NB}": "second", f"高橋 翔_903_assignsubmission_file/{NB}": "late"}
    assert course.collect(members) == 0
    assert course.file("24A001").read_bytes() == notebook("second") and course.file("24A003").exists()
    assert [path.read_bytes() for path in (course.archive.parent / "earlier").rglob("*.ipynb")] == [first]
    assert "24A001" in caplog.text and "earlier" in caplog.text
    assert "新しく 1、替えて 1" in capsys.readouterr().out
    caplog.clear()
    assert course.collect(members) == 0 and not caplog.records, "a third time there is nothing to say"


def test_what_a_teacher_has_changed_stays_until_something_new_comes(course):
    course.collect({f"{MOODLE}{NB}": "first"})
    course.file("24A001").write_bytes(b"put right by hand")
    assert course.collect({f"{MOODLE}{NB}": "first"}) == 0
    assert course.file("24A001").read_bytes() == b"put right by hand"
    course.collect({f"{MOODLE}{NB}": "second"})
    assert course.file("24A001").read_bytes() == notebook("second")


def test_a_fresh_copy_does_not_replace_an_answer(course, caplog):
    course.collect({f"{MOODLE}{NB}": "answer"})
    assert course.collect({f"{MOODLE}{NB}": "blank"}) == 1
    assert course.file("24A001").read_bytes() == notebook("answer") and "a fresh copy" in caplog.text


def test_something_left_or_nothing_there_is_exit_code_1(course, caplog):
    assert course.collect({}) == 1
    assert course.collect({f"{MOODLE}report.pdf": b"x"}) == 1
    assert course.collect({f"{MOODLE}{NB}": "a", f"だれか_2_assignsubmission_file/{NB}": "b"}) == 1
    laid_out = list((course.archive.parent / "extracted").rglob(NB))
    assert [path.read_bytes() for path in laid_out] == [notebook("b")], "the teacher can open it"
    assert course.collect({f"{MOODLE}{NB}": "a", f"{MOODLE}memo.txt": b"x"}) == 0


def test_strict_leaves_out_notebooks_of_other_names(course):
    assert course.collect({f"{MOODLE}x.ipynb": "a", f"{MOODLE}{NB}": "b"}, strict=True) == 0
    assert not course.file("24A001", "x.ipynb").exists()


SAKAI = "k/山田, 太郎(24a001)"
REPORTLIST = "学籍番号,氏名,提出日時\n24A001,山田 太郎,2026-11-19 21:05:00\n"
METADATA = b"submission_1:\n  :submitters:\n  - :sid: 24A001\n  :created_at: 2026-11-19 12:00:10.000000000 Z\n"
SECONDS_LATE = {
    "Sakai": ({f"{SAKAI}/添付/{NB}": "a", f"{SAKAI}/timestamp.txt": b"20261119130000000"}, 3600),
    "Sakai, today's": ({f"{SAKAI}/添付/{NB}": "a", f"{SAKAI}/timestamp.txt": b"2026-11-19T13:00:00Z"}, 3600),
    "Blackboard": ({f"k_24a001_attempt_2026-11-19-21-00-30_{NB}": "a"}, 30),
    "Canvas": ({f"yamada_LATE_4001_9_{NB}": "a"}, 1),
    "Canvas, in time": ({f"yamada_4001_9_{NB}": "a"}, None),
    "nbgrader": ({f"24A001+k+2026-11-19 12:01:00.5 UTC/{NB}": "a"}, 60.5),
    "manaba": ({f"r/24A001@a1/{NB}": "a", "r/reportlist.csv": REPORTLIST.encode()}, 300),
    "Gradescope": ({f"x/submission_1/{NB}": "a", "x/submission_metadata.yml": METADATA}, 10),
}


@pytest.mark.parametrize("system", SECONDS_LATE)
def test_lateness_comes_with_the_file(course, system, monkeypatch):
    japan = SimpleNamespace(NbGraderAPI={"timezone": "Asia/Tokyo"})
    monkeypatch.setattr(times, "settings", japan)
    members, seconds = SECONDS_LATE[system]
    assert course.collect(members) == 0
    time = handed_in_at(course.file("24A001").parent)
    late = (time.replace(tzinfo=UTC) - datetime(2026, 11, 19, 12, 0, tzinfo=UTC)).total_seconds() if time else None
    assert late == (int(seconds) if seconds else None)


def test_an_older_download_does_not_replace_a_newer_one(course, caplog):
    course.collect({f"k_24a001_attempt_2026-11-19-21-00-30_{NB}": "new"})
    assert course.collect({f"k_24a001_attempt_2026-11-18-21-00-30_{NB}": "old"}) == 0
    assert course.file("24A001").read_bytes() == notebook("new") and "superseded" in caplog.text


def test_numbers_of_moodle_are_kept(course):
    course.collect({f"{MOODLE}{NB}": "a", f"高橋 翔_903_assignsubmission_file/{NB}": "b"})
    with Gradebook(course.directory.db_url, "course") as gradebook:
        assert known.people(gradebook, ASSIGNMENT).participants == {"901": "24A001", "903": "24A003"}
        assert known.people(gradebook, "another").participants == {}


def test_a_name_too_long_for_the_disk_is_collected_all_the_same(course):
    long = "とても長い名前" * 14 + ".ipynb"
    assert len(long.encode()) > 255
    assert course.collect({f"{MOODLE}{long}": "a", f"{MOODLE}a?b.ipynb": "b"}) == 0
    collected = list(course.file("24A001").parent.glob("*.ipynb"))
    assert {path.read_bytes() for path in collected} == {notebook("a"), notebook("b")}
    assert course.file("24A001", "a_b.ipynb").exists()


def test_without_the_map_of_kanji_names_are_compared_by_all_else(monkeypatch):
    """On a Python for which there is none: shapes of one kanji are two, and nobody else's name is met by that."""
    spellings = "髙橋", "高橋", "佐佐木", "佐々木", "ヨーコ", "よーこ"
    cached = names.variant, names.usual, names.leads_to
    with monkeypatch.context() as patch:
        patch.setattr(names, "jntajis", None)
        for one in cached:
            one.cache_clear()
        without = [names.variant(spelling) for spelling in spellings]
    for one in cached:
        one.cache_clear()
    assert without[0] != without[1] and without[2] == without[3] and without[4] == without[5]
    assert names.variant("髙橋") == names.variant("高橋")
