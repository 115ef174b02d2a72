"""Finding what students handed in, and telling the teacher what became of it."""

import os
import unicodedata
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from nbformat import NotebookNode

from dlcourse import words
from dlcourse.grading.desk.cell_facts import names_of, untouched, wording
from dlcourse.grading.desk.notes import Note, listed
from dlcourse.grading.desk.reading import UnreadableSubmission, read_notebook

# What became of a submission.
GRADED = "採点済"
BEFORE = "以前に採点済"
LOOK = "要確認"  # could not be graded, and an earlier result still stands in the gradebook
NOT = "未採点"


DEEPEST = 20  # folders in a folder
MOST_ENTRIES = 20_000  # of a submission's folders
MOST_TRIED = 50  # notebooks of other names
MOST_EXTRA_FILES, LARGEST_EXTRA_FILES = 1000, 200 << 20  # files and bytes that are kept beside a notebook
ACTIVE = {".html", ".htm", ".xhtml", ".xht", ".shtml", ".mht", ".mhtml", ".svg", ".svgz", ".xml", ".xsl", ".js", ".mjs"}


Cells = Mapping[str, NotebookNode]  # of a released notebook, by their names


@dataclass
class Submission:
    """What one student handed in, and what became of it.

    files: name of a notebook in the gradebook → the file to grade as it.
    extra_files: other files, which stay beside the graded notebook.
    misplaced: notebooks of this assignment outside of its folder; they are not graded.
    foreign: names of those notebooks in which there is none of the assignment's cells.
    notes: what the teacher should know.
    state: None as long as it waits for its turn.
    again: whether it was graded before, for another release of the assignment.
    doubtful: whether the points may be others than they should be.
    seconds: how long its notebooks ran.
    language: in which the student is spoken to.
    """

    student: str
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    extra_files: list[Path] = field(default_factory=list)
    misplaced: list[Path] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    state: str | None = None
    again: bool = False
    doubtful: bool = False
    seconds: float = 0.0
    language: str = field(default_factory=words.language)

    @property
    def is_decided_now(self) -> bool:
        """Whether this run has found out what becomes of it."""
        return self.state not in (None, BEFORE)

    @property
    def has_points(self) -> bool:
        return self.state != NOT

    @property
    def handed_in(self) -> bool:
        return self.folder.is_dir() or bool(self.misplaced)

    def note(self, text: str, english: str, **values: object) -> None:
        """What the teacher should know."""
        self.notes.append(Note(text, english, values))


def find_submissions(folders: Mapping[str, Path], released: Mapping[str, Cells]) -> list[Submission]:
    """The submissions in these folders (student → folder), in the order of their names.

    released: name of a notebook → its cells, as the gradebook has them.
    """
    return [match_files(Submission(student, folder), released) for student, folder in sorted(folders.items())]


def match_files(submission: Submission, released: Mapping[str, Cells]) -> Submission:
    """Decide which file is which notebook: by its name, or by the cells in it."""
    folder, note = submission.folder, submission.note
    if folder.is_symlink() or folder.parent.is_symlink():
        note("提出のフォルダーがリンクなので、採点していません。ファイルを置いてください。", "the folder is a link")
        return submission
    files, links, left_out = files_in(folder)
    if links:
        # what they lead to, the gradebook say, would be copied to where the student sees it
        note("リンク({names})は、たどらずに採点しました。", "links were not followed", names=listed(links))
    if left_out:
        note(
            "開けないか、深すぎるか、多すぎるフォルダー({names})は、見ていません。",
            "folders left out",
            names=listed(left_out),
        )
    if not submission.handed_in:
        submission.misplaced = find_misplaced(folder, released)
        if submission.misplaced:
            note(
                "フォルダー {folder} がなく、その外に {names} があります。移してから、もう一度採点してください。",
                "not in the assignment's folder",
                folder=folder.name,
                names=listed([str(path.relative_to(folder.parent)) for path in submission.misplaced]),
            )
        else:
            note("提出がありません。", "nothing was handed in")
        return submission
    found = notebooks_in(files)
    submission.extra_files, left_out = usable_extra_files(path for path in files if path not in found)
    if left_out:
        note(
            "開けないか、開くと動くか、大きいか、多すぎるファイル({names})は、使っていません。",
            "files not used",
            names=listed(left_out),
        )
    if found:
        match_notebooks(submission, released, found)
    elif not os.access(folder, os.R_OK | os.X_OK):
        note("提出のフォルダーを開けません。読む許可を付けてください。", "the folder cannot be opened")
    elif there := listed(entries_of(folder)):
        note("ノートブックがありません(あるのは {names})。", "no notebook", names=there)
    else:
        note("ノートブックがありません(あるのは 空のフォルダー)。", "no notebook")
    return submission


def match_notebooks(submission: Submission, released: Mapping[str, Cells], found: list[Path]) -> None:
    """Decide of these files which is to be graded as which notebook."""
    folder = submission.folder
    for name, cells in released.items():
        right = folder / f"{name}.ipynb"
        others = {folder / f"{other}.ipynb" for other in released} - {right}
        own = [path for path in found if path not in others]
        if not own:
            continue
        path = right if own == [right] else best_match(own, right, cells)
        if path != right and len(released) > 1 and not match_quality(path, cells)[0]:
            continue
        found.remove(path)
        submission.files[name] = path
        if path != right and right in found:
            submission.note(
                "{file} には読める解答がないので、ほかのものを採点しました。",
                "no answers in the one so named",
                file=right.name,
            )
    if found and submission.files:
        names = listed([str(path.relative_to(folder)) for path in found])
        submission.note("余分なノートブックは採点していません({names})。", "extra notebooks ignored", names=names)
    missing = [f"{name}.ipynb" for name in released if name not in submission.files]
    if missing and submission.files:
        submission.note(
            "提出されていないノートブック({names})は0点です。", "notebooks not handed in", names="、".join(missing)
        )


def best_match(files: Sequence[Path], right: Path, cells: Cells) -> Path:
    """The file that is most likely this notebook; right: the one that is called as it should be."""
    tried = sorted(files, key=lambda path: (path == right, modified(path)))[-MOST_TRIED:]
    return max(tried, key=lambda one: (*match_quality(one, cells), one == right, modified(one)))


def files_in(folder: Path) -> tuple[list[Path], list[Path], list[Path]]:
    """The plain files in the folder and its folders, the links among them, and the folders that were not looked at.

    Without recursion: it is students who make the folders.
    """
    files: list[Path] = []
    links: list[Path] = []
    left_out: list[Path] = []
    waiting, count = deque([(folder, 0)]), 0
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
                            waiting.append((Path(entry.path), depth + 1))
                        else:
                            left_out.append(Path(entry.path))
                    elif entry.is_file():
                        files.append(Path(entry.path))
        except OSError:
            left_out.append(place)
    return sorted(files), sorted(links), left_out if folder.is_dir() else []


def files_below(folder: Path, ignored: Sequence[str]) -> list[Path]:
    """The files in this folder and its folders but for those with such a name or in such a folder."""

    def passed_by(path: Path) -> bool:
        return any(fnmatchcase(part, pattern) for part in path.relative_to(folder).parts for pattern in ignored)

    return sorted(path for path in folder.rglob("*") if path.is_file() and not passed_by(path))


def notebooks_in(files: Sequence[Path]) -> list[Path]:
    """The files that may be notebooks: by their names or, when there are none, by what is in them."""
    students = [
        path for path in files
        if not NOT_THE_STUDENTS.intersection(path.parts) and not path.name.startswith("._")  # the Mac's own notes
    ]  # fmt: skip
    named = [path for path in students if path.suffix.lower() == ".ipynb"]
    return named or [path for path in students[:MOST_TRIED] if is_notebook(path)]


NOT_THE_STUDENTS = {".ipynb_checkpoints", "__MACOSX"}


def is_notebook(path: Path) -> bool:
    try:
        return bool(read_notebook(path)[0].cells)
    except UnreadableSubmission:
        return False


def find_misplaced(folder: Path, released: Mapping[str, Cells]) -> list[Path]:
    """Notebooks of this assignment in the student's folder itself, or in one whose name is nearly the right one."""

    def nearly(name: str) -> str:
        return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))

    neighbours = entries_of(folder.parent)
    places = [place for place in neighbours if place.is_dir() and nearly(place.name).startswith(nearly(folder.name))]
    files = [
        path
        for path in [*neighbours, *(path for place in places for path in entries_of(place))]
        if path.suffix == ".ipynb" and path.is_file() and not path.is_symlink()
    ]
    return [path for path in files[:MOST_TRIED] if any(match_quality(path, cells)[0] for cells in released.values())]


def entries_of(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def usable_extra_files(files: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Those of the files that may stand beside a graded notebook and its feedback, and the others."""
    kept: list[Path] = []
    left_out: list[Path] = []
    left = LARGEST_EXTRA_FILES
    for path in files:
        about = path.stat()
        left -= about.st_size
        # of a file with two names the other one may be the teacher's
        harmless = path.suffix.lower() not in ACTIVE and about.st_nlink == 1 and os.access(path, os.R_OK)
        (kept if harmless and left >= 0 and len(kept) < MOST_EXTRA_FILES else left_out).append(path)
        if left < 0:
            left += about.st_size
    return kept, left_out


def modified(path: Path) -> float:
    return path.stat().st_mtime


def match_quality(path: Path, cells: Cells) -> tuple[bool, bool]:
    """By which the better of two files is known: whether it is this assignment's, and whether anything is answered."""
    answers = {name: cell for name, cell in cells.items() if cell.metadata.nbgrader.solution}
    try:
        notebook, _ = read_notebook(path)
    except UnreadableSubmission:
        return False, False
    mine = [(cell, name) for cell in notebook.cells for name in names_of(cell) if name in answers]
    # in another language the cell that was handed out has other words
    written = (not untouched(cell) and wording(cell.source) != wording(answers[name].source) for cell, name in mine)
    return bool(mine), any(written)
