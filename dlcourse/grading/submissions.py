"""Finding and reading what students handed in, and telling the teacher what became of it."""

import hashlib
import json
import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.validator import normalize

from dlcourse.grading.cells import TooLarge, listed, tidy

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
    remarks: what the teacher should know.
    state: None as long as it waits for its turn.
    seconds: how long its notebooks ran.
    """

    student: str
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    beside: list[Path] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    state: str | None = None
    seconds: float = 0.0

    @property
    def handed_in(self):
        return self.folder.is_dir()

    def note(self, message):
        """What the teacher should know; names of files and kernels in it come from students."""
        self.remarks.append(printable(message))


def printable(text):
    """A text that does nothing to a terminal."""
    return "".join(character if character.isprintable() else "�" for character in text)


def read(path):
    """The notebook in this file, in today's format, and how its bytes had to be read."""
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
    # detect_encoding knows a BOM and UTF-16; cp932 is what old Japanese Windows tools write.
    detected = json.detect_encoding(raw)
    for encoding, errors in ((detected, "strict"), ("cp932", "strict"), (detected, "replace")):
        try:
            text = raw.decode(encoding, errors)
            break
        except UnicodeDecodeError:
            continue
    try:
        notebook = nbformat.convert(nbformat.from_dict(json.loads(text)), to_version=4)
        notebook = nbformat.v4.upgrade(notebook, from_version=4, from_minor=notebook.nbformat_minor)
        return tidy(normalize(notebook)[1]), "" if encoding == detected and errors == "strict" else encoding
    except TooLarge as error:
        reason = f"ノートブックが大きすぎます({error})。 / too large"
    except json.JSONDecodeError as error:
        reason = f"ノートブックとして読めません({error.lineno}行目でJSONが壊れています)。 / invalid JSON"
    except Exception as error:
        # Any JSON may come here, and nbformat fails in many ways on what is not a notebook.
        reason = f"JSONですがノートブックではありません({type(error).__name__})。 / not a notebook"
    raise UnreadableSubmission(reason)


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
    found = [path for path in files if path.suffix == ".ipynb" and ".ipynb_checkpoints" not in path.parts]
    submission.beside, left_out = kept_beside(path for path in files if path.suffix != ".ipynb")
    if left_out:
        note(f"開くと動くか、大きいか、多すぎるファイル({listed(left_out)})は、写していません。 / files not copied")
    others = [path for path in found if path.parent != folder or path.stem not in released]
    if not submission.handed_in:
        note("提出がありません。 / nothing was handed in")
    elif not found:
        names = listed(sorted(folder.iterdir())) or "空のフォルダー"
        note(f"ノートブックがありません(あるのは {names})。 / no notebook")
    for name, cells in released.items():
        path = right = folder / f"{name}.ipynb"
        if right not in found:
            if not others:
                continue
            newest = sorted(others, key=modified)[-MOST_TRIED:]
            path = max(newest, key=lambda other: (recognised(other, cells), modified(other)))
            others.remove(path)
        submission.files[name] = path
    if others and submission.files:
        note(f"余分なノートブックは採点していません({listed(others)})。 / extra notebooks ignored")
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


def kept_beside(files):
    """Those of the files that may stand beside a graded notebook and its feedback, and the others."""
    kept, left_out, left = [], [], LARGEST_BESIDE
    for path in files:
        about = path.stat()
        left -= about.st_size
        # of a file with two names the other one may be the teacher's
        harmless = path.suffix.lower() not in ACTIVE and about.st_nlink == 1
        (kept if harmless and left >= 0 and len(kept) < MOST_BESIDE else left_out).append(path)
        if left < 0:
            left += about.st_size
    return kept, left_out


def modified(path):
    return path.stat().st_mtime


def recognised(path, cells):
    """How many of the assignment's cells are in this file."""
    try:
        notebook, _ = read(path)
    except UnreadableSubmission:
        return 0
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    return len(cells.keys() & (ids | {cell.id for cell in notebook.cells}))


def fingerprint(path):
    """By which a file that was handed in again is known for another one."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
