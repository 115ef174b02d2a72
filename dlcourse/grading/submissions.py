"""Finding and reading what students handed in, and telling the teacher what became of it."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.validator import normalize

from dlcourse.grading.cells import TooLarge, tidy

# What became of a submission.
GRADED = "採点済"
BEFORE = "以前に採点済"
LOOK = "要確認"  # could not be graded, and an earlier result still stands in the gradebook
NOT = "未採点"


class UnreadableSubmission(Exception):
    """The file is not a notebook; the message says why, to the teacher."""


@dataclass
class Submission:
    """What one student handed in, and what became of it.

    files: name of a notebook in the gradebook → the file to grade as it.
    links: symbolic links among the files; they are not followed.
    remarks: what the teacher should know.
    state: None as long as it waits for its turn.
    seconds: how long its notebooks ran.
    """

    student: str
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    links: list[Path] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    state: str | None = None
    seconds: float = 0.0

    @property
    def handed_in(self):
        return self.folder.is_dir()

    def note(self, message):
        """What the teacher should know; names of files and kernels in it come from students."""
        self.remarks.append("".join(character if character.isprintable() else "�" for character in message))


def read(path):
    """The notebook in this file, in today's format, and how its bytes had to be read."""
    raw = path.read_bytes()
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
    submission.links = [path for path in sorted(folder.rglob("*")) if path.is_symlink()]
    if submission.links:
        # what they lead to, the gradebook say, would be copied to where the student sees it
        names = "、".join(path.name for path in submission.links)
        note(f"リンク({names})は、たどらずに採点しました。 / links were not followed")
    found = [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if ".ipynb_checkpoints" not in path.parts and path not in submission.links and path.is_file()
    ]
    others = [path for path in found if path.parent != folder or path.stem not in released]
    if not submission.handed_in:
        note("提出がありません。 / nothing was handed in")
    elif not found:
        names = "、".join(path.name for path in sorted(folder.iterdir())) or "空のフォルダー"
        note(f"ノートブックがありません(あるのは {names})。 / no notebook")
    for name, cells in released.items():
        path = right = folder / f"{name}.ipynb"
        if right not in found:
            if not others:
                continue
            path = max(others, key=lambda other: (recognised(other, cells), other.stat().st_mtime))
            others.remove(path)
        submission.files[name] = path
    if others and submission.files:
        names = "、".join(str(path.relative_to(folder)) for path in others)
        note(f"余分なノートブックは採点していません({names})。 / extra notebooks ignored")
    return submission


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
    return hashlib.sha256(path.read_bytes()).hexdigest()
