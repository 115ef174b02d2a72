"""A notebook as the format wants it, whatever there was in the file."""

import re
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.corpus.words import generate_corpus_id

from dlcourse.grading.desk.notes import Note
from dlcourse.grading.display.characters import storable
from dlcourse.grading.display.pictures import EMBEDDED

MOST_CELLS = 2000
LONGEST_TEXT = 1_000_000  # characters of all cells together
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
LINE_END = re.compile(r"\r+\n|\r")  # of other systems, and as a second conversion leaves it


class TooLarge(ValueError):
    """No notebook of the course is so large. what: of which there is too much."""

    def __init__(self, what: Note) -> None:
        self.what = what
        super().__init__(what.japanese)


def tidy(notebook: NotebookNode) -> NotebookNode:
    """The notebook with parts of the kinds that the format asks for, whatever there was in the file.

    Raises
    ------
    TooLarge
        When it would take the grader's time rather than the student's.
    """
    notebook.cells = [cell for cell in notebook.cells if cell.get("cell_type") in ("code", "markdown", "raw")]
    if len(notebook.cells) > MOST_CELLS:
        raise TooLarge(Note("セルが{count}個", values={"count": len(notebook.cells)}))
    for cell in notebook.cells:
        cell.source = LINE_END.sub("\n", joined(cell.get("source"))).removeprefix("\ufeff")
        cell.metadata = as_dict(cell.get("metadata"))
        if not CELL_ID.fullmatch(str(cell.get("id"))):
            cell.id = generate_corpus_id()
        if "attachments" in cell:
            cell.attachments = attached(cell.attachments)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None  # they are made anew
    if (length := sum(len(EMBEDDED.sub("", cell.source)) for cell in notebook.cells)) > LONGEST_TEXT:
        raise TooLarge(Note("セルの文字が{count}字", values={"count": length}))
    kernel = as_dict(as_dict(notebook.get("metadata")).get("kernelspec"))
    name = str(kernel.get("name", "なし"))[:100]
    known = {"kernelspec": {"name": name, "display_name": name}} if kernel else {}
    language = as_dict(as_dict(notebook.get("metadata")).get("dlcourse")).get("language")
    if isinstance(language, str):
        known["dlcourse"] = {"language": language}
    notebook.metadata = as_dict({"language_info": {"name": "python"}} | known)
    return nbformat.from_dict(storable(notebook))


def joined(lines: Any) -> str:
    """A text, which notebooks may hold as a list of lines."""
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines or "")


def as_dict(value: Any) -> NotebookNode:
    return nbformat.from_dict(value if isinstance(value, dict) else {})


def attached(files: Any) -> NotebookNode:
    """A cell's attachments, as far as they are of the form that they should be."""
    files = files if isinstance(files, dict) else {}
    bundles = {
        name: {kind: joined(data) for kind, data in file.items()}
        for name, file in files.items()
        if isinstance(file, dict)
    }
    return nbformat.from_dict(bundles)
