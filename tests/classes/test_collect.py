"""Downloads of learning platforms, as they are named there, collected with `nbgrader zip_collect`."""

import csv
import struct
import zipfile
import zlib

import pytest

from rehearsal.course import ASSIGNMENT, Course
from tests.helpers.commands import nbgrader

NOTEBOOK = f"{ASSIGNMENT}.ipynb"
ROSTER = [
    # id, last name, first name, mail, number on the platform
    ["s1", "山田", "太郎", "yamada@example.org", "1234"], ["s2", "佐藤", "葵", "sato@example.org", "1235"],
    ["s3", "Suzuki", "Ren", "suzuki@example.org", "1236"], ["s4", "高橋", "陽翔", "takahashi@example.org", ""],
    ["s5", "田中", "凛", "tanaka@example.org", ""], ["s6", "田中", "凛", "tanaka2@example.org", ""],
    ["s7", "渡辺", "湊", "watanabe@example.org", ""],
]  # fmt: skip


def cp932(name):
    """A member as zip tools on Japanese Windows name it: cp932, without the mark for UTF-8."""
    return name.encode("cp932").decode("cp437")


class Collected:
    """What has become of the downloads in `archives` (file → members, or bytes)."""

    def __init__(self, folder, archives):
        self.course = Course(folder)
        nbgrader(folder, "generate_assignment", ASSIGNMENT)
        with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["id", "last_name", "first_name", "email", "lms_user_id"], *ROSTER])
        nbgrader(folder, "db", "student", "import", str(folder / "roster.csv"))
        archive = folder / "downloaded" / ASSIGNMENT / "archive"
        archive.mkdir(parents=True)
        for name, content in archives.items():
            if isinstance(content, bytes):
                (archive / name).write_bytes(content)
                continue
            with zipfile.ZipFile(archive / name, "w") as made:
                for member, text in content.items():
                    made.writestr(member, text)
            if name.startswith("windows"):
                without_utf8_mark(archive / name)
        self.run = nbgrader(folder, "zip_collect", ASSIGNMENT)

    def files(self):
        """student/file → contents."""
        root = self.course.folder / "submitted"
        return {f"{path.parts[-3]}/{path.name}": path.read_text() for path in root.rglob("*") if path.is_file()}

    def told(self, word):
        return [line for line in self.run.said.splitlines() if word in line and "WARNING" in line]


def without_utf8_mark(path):
    """Give the members' names the bytes of cp437 letters instead of UTF-8, and take the mark away."""
    with zipfile.ZipFile(path) as archive:
        members = [(member.filename, archive.read(member)) for member in archive.infolist()]
    parts, directory, place = [], [], 0
    for name, content in members:
        raw = name.encode("cp437")
        sizes = (zlib.crc32(content), len(content), len(content), len(raw))
        head = struct.pack("<4sHHHHHLLLHH", b"PK\x03\x04", 20, 0, 0, 0, 33, *sizes, 0) + raw + content
        entry = (b"PK\x01\x02", 20, 20, 0, 0, 0, 33, *sizes, 0, 0, 0, 0, 0, place)
        directory.append(struct.pack("<4sHHHHHHLLLHHHHHLL", *entry) + raw)
        parts.append(head)
        place += len(head)
    end = b"".join(directory)
    path.write_bytes(
        b"".join(parts)
        + end
        + struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, len(members), len(members), len(end), place, 0)
    )


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    link = zipfile.ZipInfo("山田 太郎_8_assignsubmission_file_/link.ipynb")
    link.external_attr = 0o120777 << 16
    return Collected(tmp_path_factory.mktemp("course"), {
        "課題1-moodle.zip": {
            f"山田 太郎_123456_assignsubmission_file_/{NOTEBOOK}": "moodle, folder",
            "佐藤 葵_123457_assignsubmission_file_演習1.ipynb": "moodle, no folder",
            "佐藤 葵_123457_assignsubmission_file_答え.zip": "no archive",
            "田中 凛_123458_assignsubmission_file_/x.ipynb": "which of the two",
            "知らない 人_123459_assignsubmission_file_/x.ipynb": "nobody",
            "../../../../outside.ipynb": "out", "/outside.ipynb": "out", link: "/etc/passwd",
        },
        "canvas.zip": {
            f"suzukiren_LATE_1236_567890_{ASSIGNMENT}-1.ipynb": "canvas, second upload",
            f"suzukiren_1236_567800_{NOTEBOOK}": "canvas, first upload",
        },
        "windows-classroom.zip": {
            cp932(f"提出/高橋 陽翔 - {NOTEBOOK}"): "classroom", cp932("提出/高橋 陽翔 - メモ.txt"): "no notebook",
        },
        "teams.zip": {f"Submitted files/渡辺 湊/演習1/Version 1/{ASSIGNMENT} (1).ipynb": "teams"},
        "broken.zip": b"PK", "old.lzh": b"x", "tanaka2@example.org.ipynb": b"by mail",
    })  # fmt: skip


def test_every_clear_file_comes_to_its_student(collected):
    assert collected.run.code == 1, "something was left, for the teacher to decide"
    assert collected.files() == {
        f"s1/{NOTEBOOK}": "moodle, folder", "s2/演習1.ipynb": "moodle, no folder",
        f"s3/{NOTEBOOK}": "canvas, second upload", f"s4/{NOTEBOOK}": "classroom", f"s7/{NOTEBOOK}": "teams",
        "s6/tanaka2@example.org.ipynb": "by mail",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("word", "times"),
    [
        ("an archive in an archive", 1),
        ("leads out of the folder", 2),
        ("a link", 1),
        ("more than one student", 1),
        ("nobody in the roster", 1),
        ("superseded", 1),
        ("not a notebook", 1),
        ("not a zip file", 2),
    ],
)
def test_what_is_left_out_is_told_in_one_line(collected, word, times):
    lines = collected.told(word)
    assert len(lines) == times, collected.run.said
    assert "Traceback" not in collected.run.said


def test_nothing_is_written_outside(collected):
    folder = collected.course.folder
    assert not list(folder.parent.glob("outside.ipynb")) and not list(folder.rglob("outside.ipynb"))
    assert not list(folder.rglob("link.ipynb"))
