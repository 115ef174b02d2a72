"""An assignment in several languages: in which one a notebook is, and its cells as they were handed out in that one.

What lies in release/LANGUAGE/ASSIGNMENT/ is the notebook of the same name in release/ASSIGNMENT/, in other words: cells
of the same names, tests of the same code but for strings and comments. The gradebook knows of one notebook, whose
points and hidden tests hold for all.
"""

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory

from dlcourse import words
from dlcourse.grading.desk.cell_facts import wording
from dlcourse.grading.desk.reading import cells_in
from dlcourse.grading.desk.written_answers import name_of

HIDDEN = "HIDDEN TESTS", "MARK SCHEME"  # what students do not get stands between BEGIN and END of it


class Version(NamedTuple):
    """A notebook of the course in one language.

    originals: the cells that nbgrader manages, by their names, as the grader puts them back.
    cells: all cells, the text around the answers among them.
    """

    originals: Mapping[str, NotebookNode]
    cells: Sequence[NotebookNode]


Versions = Mapping[str, Version]  # by their languages, the course's own first


def versions(course: CourseDirectory, assignment: str, name: str, own: Version) -> Versions:
    """The languages in which this notebook was handed out. own: as nbgrader knows it."""
    found = {}
    for language in words.languages():
        folder = course.format_path(str(Path(course.release_directory, language)), ".", assignment)
        if cells := cells_in(Path(folder, f"{name}.ipynb")):
            found[language] = Version(in_words_of(own.originals, cells), cells)
    # nbgrader does not say in which language its notebook is: in that of the grader, unless this is a translation's
    left = [code for code in (words.language(), *words.languages()) if code not in found]
    return {left[0] if left else words.language(): own} | found


def language_of(notebook: NotebookNode, known: Versions) -> str:
    """The language of a notebook that a student hands in: as it says itself, or else as most of its cells say."""
    said = notebook.metadata.get("dlcourse", {}).get("language")
    if said in words.languages():
        return str(said)
    theirs = {wording(cell.source) for cell in notebook.cells}
    alike = {code: sum(wording(cell.source) in theirs for cell in version.cells) for code, version in known.items()}
    return max(alike, key=alike.__getitem__)  # the first of several


def in_metadata(language: str) -> dict[str, str]:
    """What a graded notebook says of its language; one in Japanese nothing, as before there were others."""
    return {} if language == "ja" else {"language": language}


def language_in(graded: NotebookNode) -> str:
    """The language of a graded notebook."""
    return str(graded.metadata.get("grading", {}).get("language", "ja"))


def in_words_of(originals: Mapping[str, NotebookNode], released: Sequence[NotebookNode]) -> dict[str, NotebookNode]:
    """The originals in the words of the released cells."""
    found = {name_of(cell): cell for cell in released}
    return {name: translated(cell, found[name]) if name in found else cell for name, cell in originals.items()}


def translated(original: NotebookNode, released: NotebookNode) -> NotebookNode:
    """The cell in the words of the released one; a test only if these make no other test of it."""
    made = copy.deepcopy(original)
    made.source = "\n".join([released.source, *hidden_lines(original.source)])
    about = original.metadata.nbgrader
    is_test = original.cell_type == "code" and about.grade and about.locked
    if original.cell_type != released.cell_type or is_test and code_of(made) != code_of(original):
        return original
    made.metadata.nbgrader.checksum = utils.compute_checksum(made)  # by which an answer is known to be untouched
    return made


def hidden_lines(source: str) -> Iterator[str]:
    hidden = False
    for line in source.split("\n"):
        hidden = hidden or any(f"BEGIN {what}" in line for what in HIDDEN)
        if hidden:
            yield line
        hidden = hidden and not any(f"END {what}" in line for what in HIDDEN)


def code_of(cell: NotebookNode) -> str:
    """What a cell does, whatever its strings and comments say."""
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:  # a magic: then every word counts
        return str(cell.source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)
