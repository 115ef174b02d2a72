"""Which file of a hand-in is graded, and how its bytes are read, without running anything."""

import json
import os

import nbformat.v4 as v4
import pytest

from dlcourse.grading.desk.reading import UnreadableSubmission, file_digest, read_notebook
from dlcourse.grading.desk.submissions import Submission, match_files

STUB, ANSWER = "raise NotImplementedError()", "x = '答え'"
SOLUTION = v4.new_code_cell(STUB, metadata={"nbgrader": {"grade_id": "A", "solution": True}})
RELEASED = {"ch1": {"A": SOLUTION}}


def notebook(source, name="A"):
    made = v4.new_notebook(cells=[v4.new_code_cell(source, id=name), v4.new_markdown_cell("説明")])
    return json.dumps(made, ensure_ascii=False, indent=1)


BLANK, DONE, OTHER = notebook(STUB), notebook(ANSWER), notebook(ANSWER, "K2-1")


def chosen(folder, files):
    """The file that is graded, and what the teacher is told."""
    for name, content in files.items():
        path = folder / "ch1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    submission = match_files(Submission("s1", folder / "ch1"), RELEASED)
    graded = {str(path.relative_to(folder / "ch1")) for path in submission.files.values()}
    return "".join(graded), " ".join(map(str, submission.notes)), submission


@pytest.mark.parametrize(("files", "graded", "told"), [
    ({"ch1.ipynb": DONE}, "ch1.ipynb", ""),
    ({"ch1.ipynb.txt": DONE}, "ch1.ipynb.txt", ""), ({"ch1.json": DONE}, "ch1.json", ""), ({"ch1": DONE}, "ch1", ""),
    ({"CH1.IPYNB": DONE}, "CH1.IPYNB", ""), ({"a/b/演習.ipynb": DONE}, "a/b/演習.ipynb", ""),
    ({"ch1.ipynb": BLANK, "ch1 (1).ipynb": DONE}, "ch1 (1).ipynb", "解答がない"),
    ({"ch1.ipynb": DONE[:50], "ch1 (1).ipynb": DONE}, "ch1 (1).ipynb", "解答がない"),
    ({"ch1.ipynb": b"", "x/ch1.ipynb": DONE}, "x/ch1.ipynb", "解答がない"),
    ({"ch1.ipynb": OTHER, "x.ipynb": DONE}, "x.ipynb", "解答がない"),
    ({"ch1.ipynb": DONE, "ch1 (1).ipynb": BLANK}, "ch1.ipynb", "余分な"),
    ({"ch1.ipynb": DONE, "ch1 (1).ipynb": DONE}, "ch1.ipynb", "余分な"),
    ({"答え.ipynb": DONE, "__MACOSX/._答え.ipynb": b"\0", "._x.ipynb": b"\0",
      ".ipynb_checkpoints/a.ipynb": BLANK, ".DS_Store": b"\0"}, "答え.ipynb", ""),
    ({"a.py": "x = 1", "b.pdf": b"%PDF"}, "", "a.py、b.pdf"),
])  # fmt: skip
def test_the_right_file_is_found(tmp_path, files, graded, told):
    found, remarks, _ = chosen(tmp_path, files)
    assert found == graded
    assert told in remarks and bool(told) == bool(remarks)


def test_a_notebook_outside_of_its_folder_is_no_missing_one(tmp_path):
    for name in ("loose.ipynb", "Ch1/x.ipynb"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(DONE)
        _, remarks, submission = chosen(tmp_path, {})
        assert submission.handed_in and name in remarks and "移して" in remarks
        path.unlink()
    assert not chosen(tmp_path, {})[2].handed_in


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-32",
        "cp932",
        "euc_jp",
        "iso2022_jp",
    ],
)
def test_the_students_words_are_read_in_any_encoding(tmp_path, encoding):
    (tmp_path / "x.ipynb").write_bytes(DONE.encode(encoding))
    found, repairs = read_notebook(tmp_path / "x.ipynb")
    assert [cell.source for cell in found.cells] == [ANSWER, "説明"]
    assert len(repairs) == (encoding != "utf-8") and all(encoding in repair.japanese for repair in repairs)


@pytest.mark.parametrize(
    "change",
    [
        {"nbformat": 5, "nbformat_minor": 0},
        {"nbformat": None},
        {"nbformat_minor": 99},
        {"nbformat": "4"},
    ],
)
def test_the_number_of_the_format_does_not_matter(tmp_path, change):
    (tmp_path / "x.ipynb").write_text(json.dumps(json.loads(DONE) | change))
    assert [cell.source for cell in read_notebook(tmp_path / "x.ipynb")[0].cells] == [ANSWER, "説明"]


@pytest.mark.filterwarnings("error")
def test_what_is_no_cell_is_passed_by(tmp_path):
    notebook = json.loads(DONE)
    notebook["cells"][1:1] = [None, 5, "x", []]
    for cell in notebook["cells"][::5]:
        cell.pop("id", None)
    (tmp_path / "x.ipynb").write_text(json.dumps(notebook))
    assert [cell.source for cell in read_notebook(tmp_path / "x.ipynb")[0].cells] == [ANSWER, "説明"]


def test_a_file_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(UnreadableSubmission, match="開けません"):
        read_notebook(tmp_path / "x.ipynb")
    assert file_digest(tmp_path / "x.ipynb")  # what was handed in again is then read, and named
