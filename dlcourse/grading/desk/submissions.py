"""Finding and reading what students handed in, and telling the teacher what became of it."""

import hashlib
import json
import os
import unicodedata
import warnings
from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import nbformat
from nbformat.validator import normalize

from dlcourse.grading.desk.restoring import TooLarge, listed, names_of, tidy, wording
from dlcourse.grading.display.characters import printable

# What became of a submission.
GRADED = "採点済"
BEFORE = "以前に採点済"
LOOK = "要確認"  # could not be graded, and an earlier result still stands in the gradebook
NOT = "未採点"


LARGEST_FILE = 50 << 20  # bytes of a notebook …
MOST_VALUES = 2_000_000  # … and of its brackets and commas: an empty list takes thirty times as much when it is read
DEEPEST = 20  # folders in a folder
MOST_ENTRIES = 20_000  # of a submission's folders
MOST_TRIED = 50  # notebooks of other names
MOST_BESIDE, LARGEST_BESIDE = 1000, 200 << 20  # files and bytes that are kept beside a notebook
ACTIVE = {".html", ".htm", ".xhtml", ".xht", ".shtml", ".mht", ".mhtml", ".svg", ".svgz", ".xml", ".xsl", ".js", ".mjs"}


class UnreadableSubmission(Exception):
    """The file is not a notebook; the message says why, to the teacher."""


@dataclass
class Submission:
    """What one student handed in, and what became of it.

    files: name of a notebook in the gradebook → the file to grade as it.
    beside: other files, which stay beside the graded notebook.
    misplaced: notebooks of this assignment outside of its folder; they are not graded.
    foreign: names of those notebooks in which there is none of the assignment's cells.
    remarks: what the teacher should know.
    state: None as long as it waits for its turn.
    again: whether it was graded before, for another release of the assignment.
    doubtful: whether the points may be others than they should be.
    seconds: how long its notebooks ran.
    """

    student: str
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    beside: list[Path] = field(default_factory=list)
    misplaced: list[Path] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)
    state: str | None = None
    again: bool = False
    doubtful: bool = False
    seconds: float = 0.0

    @property
    def handed_in(self):
        return self.folder.is_dir() or bool(self.misplaced)

    def note(self, message):
        """What the teacher should know; names of files and kernels in it come from students."""
        self.remarks.append(printable(message))


def read(path):
    """The notebook in this file, in today's format, and what had to be put right for it."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise UnreadableSubmission(f"ファイルが大きすぎます({size >> 20} MB)。出力を消してください。 / too large")
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableSubmission(f"ファイルを開けません({error.strerror})。 / cannot be opened") from None
    if sum(map(raw.count, (b"[", b"{", b","))) > MOST_VALUES:
        raise UnreadableSubmission("ノートブックが大きすぎます(値の数)。 / too large")
    if not raw.strip():
        raise UnreadableSubmission("ファイルが空です。 / the file is empty")
    detected = json.detect_encoding(raw)
    for encoding, errors in encodings(raw, detected):
        try:
            text = raw.decode(encoding, errors)
            break
        except UnicodeDecodeError:
            continue
    repairs = []
    if (encoding, errors) != ("utf-8", "strict"):
        repairs.append(f"文字コード({encoding})を直して採点しました。 / encoding")
    try:
        notebook = nbformat.from_dict(in_known_format(json.loads(text)))
        if notebook.nbformat < 4:
            repairs.append(f"古い形式(nbformat {notebook.nbformat})を直して採点しました。 / old format")
        with warnings.catch_warnings(action="ignore"):  # of what is put right here
            notebook = nbformat.convert(notebook, to_version=4)
            notebook = nbformat.v4.upgrade(notebook, from_version=4, from_minor=notebook.nbformat_minor)
            return tidy(normalize(notebook)[1]), repairs
    except TooLarge as error:
        reason = f"ノートブックが大きすぎます({error})。 / too large"
    except json.JSONDecodeError as error:
        reason = f"ノートブックとして読めません({error.lineno}行目でJSONが壊れています)。 / invalid JSON"
    except Exception as error:
        # Any JSON may come here, and nbformat fails in many ways on what is not a notebook.
        reason = f"JSONですがノートブックではありません({type(error).__name__})。 / not a notebook"
    raise UnreadableSubmission(reason)


def encodings(raw, detected):
    """How these bytes may be read, the likeliest first; detected: what the marks of Unicode say."""
    yield ("iso2022_jp" if b"\x1b$" in raw else detected), "strict"

    def half_width(encoding):
        return sum("\uff61" <= character <= "\uff9f" for character in raw.decode(encoding, "ignore"))

    # what old tools write, on Windows and on Unix; each reads as letters of half width when taken for the other
    for encoding in sorted(("cp932", "euc_jp"), key=half_width):
        yield encoding, "strict"
    yield detected, "replace"


def in_known_format(found):
    """The same with a number of a format where there is none, or one to come, and without cells that are none."""
    if isinstance(found, dict) and "cells" in found:
        if found.get("nbformat") not in (3, 4):
            found |= {"nbformat": 4, "nbformat_minor": 5}
        if isinstance(found["cells"], list):
            found["cells"] = [cell for cell in found["cells"] if isinstance(cell, dict)]
    return found


def find(folders, released):
    """The submissions in these folders (student → folder), in the order of their names.

    released: name of a notebook → its cells, as the gradebook has them.
    """
    return [choose(Submission(student, folder), released) for student, folder in sorted(folders.items())]


def choose(submission, released):
    """Decide which file is which notebook: by its name, or by the cells in it."""
    folder, note = submission.folder, submission.note
    if folder.is_symlink() or folder.parent.is_symlink():
        note("提出のフォルダーがリンクなので、採点していません。ファイルを置いてください。 / the folder is a link")
        return submission
    files, links, left_out = below(folder)
    if links:
        # what they lead to, the gradebook say, would be copied to where the student sees it
        note(f"リンク({listed(links)})は、たどらずに採点しました。 / links were not followed")
    if left_out:
        note(f"開けないか、深すぎるか、多すぎるフォルダー({listed(left_out)})は、見ていません。 / folders left out")
    if not submission.handed_in:
        submission.misplaced = misplaced(folder, released)
        if submission.misplaced:
            names = listed([str(path.relative_to(folder.parent)) for path in submission.misplaced])
            note(
                f"フォルダー {folder.name} がなく、その外に {names} があります。移してから、もう一度採点してください。"
                " / not in the assignment's folder"
            )
        else:
            note("提出がありません。 / nothing was handed in")
        return submission
    found = notebooks_in(files)
    submission.beside, left_out = kept_beside(path for path in files if path not in found)
    if left_out:
        note(
            f"開けないか、開くと動くか、大きいか、多すぎるファイル({listed(left_out)})は、使っていません。"
            " / files not used"
        )
    if not found:
        if not os.access(folder, os.R_OK | os.X_OK):
            note("提出のフォルダーを開けません。読む許可を付けてください。 / the folder cannot be opened")
        else:
            note(f"ノートブックがありません(あるのは {listed(entries_of(folder)) or '空のフォルダー'})。 / no notebook")
    for name, cells in released.items():
        right = folder / f"{name}.ipynb"
        others = {folder / f"{other}.ipynb" for other in released} - {right}
        own = [path for path in found if path not in others]
        if not own:
            continue
        tried = sorted(own, key=lambda path: (path == right, age(path)))[-MOST_TRIED:]
        path = right if own == [right] else max(tried, key=lambda one: (*promise(one, cells), one == right, age(one)))
        if path != right and len(released) > 1 and not promise(path, cells)[0]:
            continue
        found.remove(path)
        submission.files[name] = path
        if path != right and right in found:
            note(f"{right.name} には読める解答がないので、ほかのものを採点しました。 / no answers in the one so named")
    if found and submission.files:
        names = listed([str(path.relative_to(folder)) for path in found])
        note(f"余分なノートブックは採点していません({names})。 / extra notebooks ignored")
    return submission


def below(folder):
    """The plain files in the folder and its folders, the links among them, and the folders that were not looked at.

    Without recursion: it is students who make the folders.
    """
    files, links, left_out, waiting, count = [], [], [], deque([(folder, 0)]), 0
    while waiting:
        place, depth = waiting.popleft()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_symlink():
                        links.append(Path(entry.path))
                    elif entry.is_dir():
                        if depth < DEEPEST and count < MOST_ENTRIES:
                            waiting.append((entry.path, depth + 1))
                        else:
                            left_out.append(Path(entry.path))
                    elif entry.is_file():
                        files.append(Path(entry.path))
        except OSError:
            left_out.append(Path(place))
    return sorted(files), sorted(links), left_out if folder.is_dir() else []


def files_below(folder, ignored):
    """The files in this folder and its folders but for those with such a name or in such a folder."""

    def passed_by(path):
        return any(fnmatchcase(part, pattern) for part in path.relative_to(folder).parts for pattern in ignored)

    return sorted(path for path in Path(folder).rglob("*") if path.is_file() and not passed_by(path))


def notebooks_in(files):
    """The files that may be notebooks: by their names or, when there are none, by what is in them."""
    students = [
        path for path in files
        if not NOT_THE_STUDENTS.intersection(path.parts) and not path.name.startswith("._")  # the Mac's own notes
    ]  # fmt: skip
    named = [path for path in students if path.suffix.lower() == ".ipynb"]
    return named or [path for path in students[:MOST_TRIED] if is_notebook(path)]


NOT_THE_STUDENTS = {".ipynb_checkpoints", "__MACOSX"}


def is_notebook(path):
    try:
        return bool(read(path)[0].cells)
    except UnreadableSubmission:
        return False


def misplaced(folder, released):
    """Notebooks of this assignment in the student's folder itself, or in one whose name is nearly the right one."""

    def nearly(name):
        return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))

    around = entries_of(folder.parent)
    places = [place for place in around if place.is_dir() and nearly(place.name).startswith(nearly(folder.name))]
    files = [
        path
        for path in [*around, *(path for place in places for path in entries_of(place))]
        if path.suffix == ".ipynb" and path.is_file() and not path.is_symlink()
    ]
    return [path for path in files[:MOST_TRIED] if any(promise(path, cells)[0] for cells in released.values())]


def entries_of(folder):
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def kept_beside(files):
    """Those of the files that may stand beside a graded notebook and its feedback, and the others."""
    kept, left_out, left = [], [], LARGEST_BESIDE
    for path in files:
        about = path.stat()
        left -= about.st_size
        # of a file with two names the other one may be the teacher's
        harmless = path.suffix.lower() not in ACTIVE and about.st_nlink == 1 and os.access(path, os.R_OK)
        (kept if harmless and left >= 0 and len(kept) < MOST_BESIDE else left_out).append(path)
        if left < 0:
            left += about.st_size
    return kept, left_out


def age(path):
    return path.stat().st_mtime


def promise(path, cells):
    """By which the better of two files is known: whether it is this assignment's, and whether anything is answered."""
    answers = {name: cell for name, cell in cells.items() if cell.metadata.nbgrader.solution}
    try:
        notebook, _ = read(path)
    except UnreadableSubmission:
        return False, False
    mine = [(cell, name) for cell in notebook.cells for name in names_of(cell) if name in answers]
    return bool(mine), any(wording(cell.source) != wording(answers[name].source) for cell, name in mine)


def fingerprint(path):
    """By which a file that was handed in again is known for another one."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "cannot be opened"
