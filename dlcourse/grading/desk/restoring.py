"""The cells of a notebook put back as they were released, around the answers that students wrote."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from dlcourse.grading.desk.cell_facts import adds_to, is_edited, names_of, untouched, wording
from dlcourse.grading.desk.notes import Note, listed
from dlcourse.grading.desk.tidying import as_dict, attached
from dlcourse.grading.desk.written_answers import find_written, name_of


class RestoreCells(NbGraderPreprocessor):
    """What a cell is, the gradebook says; the student's file says only what the answer is.

    Takes the place of nbgrader's DeduplicateIds and OverwriteCells, under which a copied cell stops
    the grading of the whole class and a deleted test keeps its old points, and of CheckCellMetadata: no
    metadata of the student's cells is left to be checked.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        for repair, cells in restore(nb, resources["originals"], resources["source_cells"]).items():
            if cells:
                note = REPAIRS[repair]
                resources["submission"].note(note.text, note.english, names=listed(cells))
        return nb, resources


REPAIRS = {
    "copied": Note("コピーのあるセル({names})は最後のものを採点しました。", "copied cells"),
    "missing": Note("消えていたセル({names})を戻して採点しました。", "missing cells restored"),
    "renamed": Note("課題の名前が消えたか変わったセル({names})を、課題のセルとして採点しました。", "renamed cells"),
    "unplaced": Note(
        "文章の解答({names})の場所が分からないので、答えなしにしました。提出されたファイルを見てください。",
        "written answers not found",
    ),
    "edited": Note(
        "書き換えられていた答え合わせなどのセル({names})を、元に戻して採点しました。", "locked cells restored"
    ),
}


def restore(
    nb: NotebookNode, originals: Mapping[str, NotebookNode], released: Sequence[NotebookNode] = ()
) -> dict[str, list[str]]:
    """Put the notebook's managed cells back, in place; for each of REPAIRS, the names of the cells that it took.

    released: the cells of the course's own notebook, by which written answers without a name are known, and whose
        attached pictures are the course's: the gradebook keeps none.

    Work that stands in the wrong place stays: an answer in a cell that is not to be changed becomes a cell of its own,
    and a test whose own answer is not there waits for all other cells.
    """
    originals = copy.deepcopy(dict(originals))
    attach(originals, released)
    found, renamed, unplaced, edited = recognise(nb.cells, originals, released)
    replace_cells(nb, originals, found)
    missing = put_back(nb.cells, originals, found)
    mark_late_tests(nb.cells, originals, found)
    return {
        "copied": [name for name, places in found.items() if len(places) > 1],
        "missing": [name for name in missing if name not in unplaced],
        "renamed": renamed,
        "unplaced": unplaced,
        "edited": edited,
    }


def attach(originals: Mapping[str, NotebookNode], released: Sequence[NotebookNode]) -> None:
    """Give the originals the pictures that are attached to the course's own cells of these names."""
    for cell in released:
        original = originals.get(name_of(cell))
        if original is not None and original.cell_type == "markdown" and "attachments" in cell:
            original.attachments = attached(cell.attachments)


def recognise(
    cells: list[NotebookNode], originals: Mapping[str, NotebookNode], released: Sequence[NotebookNode]
) -> tuple[dict[str, list[int]], list[str], list[str], list[str]]:
    """Name → places of the cells that are it; and the names of those renamed, of those not found, and of those edited.

    Of the cells' metadata nothing is kept: a tag could keep a cell from being run.
    """
    named: dict[str, list[NotebookNode]] = {}
    for cell in cells:
        if name := next((name for name in names_of(cell) if name in originals), None):
            named.setdefault(name, []).append(cell)
    placed, unplaced = find_written(cells, originals, named, released)
    found: dict[str, list[int]] = {}
    renamed, edited = dict.fromkeys(placed), dict[str, None]()  # each name once, and in order
    for place, cell in enumerate(cells):
        if name := next((name for name in names_of(cell) if name in originals), None):
            found.setdefault(name, []).append(place)
            if as_dict(cell.metadata.get("nbgrader")).get("grade_id") != name:
                renamed[name] = None
            elif originals[name].metadata.nbgrader.locked and is_edited(cell, originals[name]):
                edited[name] = None
        cell.metadata = {}
    return found, list(renamed), unplaced, list(edited)


def replace_cells(nb: NotebookNode, originals: Mapping[str, NotebookNode], found: Mapping[str, list[int]]) -> None:
    """Put each original where the student has it, with the answer in it; of several copies, the last one counts."""
    unneeded, extra_answers = [], []
    for name, places in found.items():
        original = originals[name]
        written = [place for place in places if wording(nb.cells[place].source) != wording(original.source)]
        # The last copy with something in it: when it runs, all answers are there.
        chosen = (written or places)[-1]
        unneeded += [nb.cells[place] for place in places if place not in (chosen, *written)]
        submitted, nb.cells[chosen] = nb.cells[chosen], restored(original, nb.cells[chosen])
        if original.metadata.nbgrader.locked and adds_to(submitted.source, original.source):
            extra_answers.append((original, nbformat.v4.new_code_cell(submitted.source)))
    nb.cells = [cell for cell in nb.cells if not any(cell is one for one in unneeded)]
    for original, own in extra_answers:
        place = next(place for place, cell in enumerate(nb.cells) if cell is original)
        nb.cells.insert(place + (not original.metadata.nbgrader.grade), own)


def restored(original: NotebookNode, submitted: NotebookNode) -> NotebookNode:
    """The original cell, with what the student may change in it."""
    original.id = submitted.id
    if not original.metadata.nbgrader.locked:
        if wording(submitted.source) != wording(original.source):
            original.source = submitted.source
        if original.cell_type == "markdown" and submitted.get("attachments"):
            original.attachments = submitted.attachments
    return original


def put_back(
    cells: list[NotebookNode], originals: Mapping[str, NotebookNode], found: Mapping[str, list[int]]
) -> list[str]:
    """Insert the missing tests behind their answers, or at the end when those are gone as well.

    A test that was moved before its answer goes back behind it.
    """
    missing: list[str] = []
    previous: Any = None  # the original before
    for name, original in originals.items():
        kind = original.metadata.nbgrader
        if name not in found and (kind.grade or kind.locked):
            missing.append(name)
            if previous in cells:
                cells.insert(cells.index(previous) + 1, original)
            else:
                cells.insert(len(cells) if kind.grade else 0, original)
        elif name in found and kind.grade and kind.locked and previous in cells:
            place, behind = cells.index(original), cells.index(previous)
            if place < behind:
                cells.insert(behind, cells.pop(place))
        previous = original
    for name in [name for name in found if originals[name].metadata.nbgrader.locked]:
        # what the course gives stands before all that may use it
        following = list(originals.values())[list(originals).index(name) :]
        own, *others = (cells.index(one) for one in following if one in cells)
        if not originals[name].metadata.nbgrader.grade and others and min(others) < own:
            cells.insert(min(others), cells.pop(own))
    return missing


def mark_late_tests(
    cells: list[NotebookNode], originals: Mapping[str, NotebookNode], found: Mapping[str, list[int]]
) -> None:
    """Mark the tests whose answers were left as they were, or are not there: see execute.run_order.

    Where answers stand in another order, any of them may use one that is still to come.
    """
    answers = [cell for cell in originals.values() if cell.metadata.nbgrader.solution and cell.cell_type == "code"]
    there = [answer for answer in answers if any(cell is answer for cell in cells)]
    in_order = [cell for cell in cells if any(cell is answer for answer in there)]
    mixed = any(one is not other for one, other in zip(there, in_order, strict=True))
    answer = None
    for name, original in originals.items():
        kind = original.metadata.nbgrader
        if kind.solution and original.cell_type == "code":
            answer = name
        elif kind.grade and kind.locked and answer:
            if mixed or answer not in found or untouched(originals[answer]):
                original.metadata.runs_last = True
