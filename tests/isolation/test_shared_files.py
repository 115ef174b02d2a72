"""Names of the student's files: none leads out of the folder, on any system, or to a file of the course's."""

import numpy as np
import pytest

from dlcourse.grading.isolation.shared_files import SharedFiles, is_plain

PLAIN = ["data.csv", "a/b.txt", ".hidden", "結果.csv", "con fig/x", "a b.txt", "x~y", "nul2.txt"]
ELSEWHERE = [
    "", "/a", "../a", "a/../../b", "a//b", "./a", "a\\b", "C:/a", "C:a", "data.csv:x", "data.csv.", "data.csv ", "a./b",
    "NUL", "com1.txt", "a/Aux.csv", "LPT¹", "a?b", "a*", "a\nb", "a\0b", "PROGRA~1/x", "x" * 300, None, 3,
]  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_plain_names(name):
    assert is_plain(name)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_names_that_lead_elsewhere_on_some_system(name):
    assert not is_plain(name)


class Student:
    """The other side, with these files."""

    def __init__(self, *names):
        self.names = names

    def call(self, what, *arguments):
        return [(name, 4, 1) for name in self.names] if what == "files" else np.frombuffer(b"mine", np.uint8)


def fetched(folder, given, *names):
    shared = SharedFiles(folder, given)
    shared.begin("open")
    shared.pull(Student(*names))
    return shared


@pytest.mark.parametrize("name", ["DATA.CSV", "Data.csv", "か\u3099.csv"])
def test_a_file_of_the_courses_is_given_under_each_name_that_it_has(tmp_path, name):
    fetched(tmp_path, {"data.csv", "が.csv"}, name, "own.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["own.csv"]


def test_nothing_is_written_or_removed_behind_a_link_of_a_tests(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "kept").write_text("ours")
    (folder / "link").symlink_to(outside)
    shared = fetched(folder, set(), "link/kept", "link/new", "own")
    assert (folder / "own").read_text() == "mine"
    shared.pull(Student())
    assert [(file.name, file.read_text()) for file in outside.iterdir()] == [("kept", "ours")]
    assert not (folder / "own").exists()
