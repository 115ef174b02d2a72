"""Cells: put back into the order in which they were released, and judged by what they prove."""

import copy
import functools
import re

from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor


def listed(names):
    shown = "、".join(names[:3])
    return f"{shown} ほか{len(names) - 3}個" if len(names) > 3 else shown


class RestoreCells(NbGraderPreprocessor):
    """What a cell is, the gradebook says; the student's file says only what the answer is.

    Takes the place of nbgrader's DeduplicateIds and OverwriteCells, under which a copied cell stops
    the grading of the whole class and a deleted test keeps its old points, and of CheckCellMetadata: no
    metadata of the student's cells is left to be checked.
    """

    def preprocess(self, nb, resources):
        converter, where = self.parent, resources["nbgrader"]
        copied, missing = restore(nb, converter.released[where["notebook"]])
        if copied:
            converter.note(where["student"],
                           f"コピーのあるセル({listed(copied)})は最後のものを採点しました。 / copied cells")
        if missing:
            converter.note(where["student"],
                           f"消えていたセル({listed(missing)})を戻して採点しました。 / missing cells restored")
        return nb, resources


def restore(nb, originals):
    """Put the notebook's managed cells back, in place; the names of the copied and of the missing cells."""
    originals = copy.deepcopy(originals)
    found = {}
    for index, cell in enumerate(nb.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name not in originals:
            name = cell.id  # exercises are released with the same name in both places
        if name in originals:
            found.setdefault(name, []).append(index)
        # Of the metadata nothing is kept: a tag could keep a cell from being run.
        cell.metadata = {}
    for name, indices in found.items():
        # The last copy counts: when it runs, all answers are there.
        nb.cells[indices[-1]] = restored(originals[name], nb.cells[indices[-1]])
    missing = put_back(nb.cells, originals, found)
    return [name for name, indices in found.items() if len(indices) > 1], missing


def restored(original, submitted):
    """The original cell, with what the student may change in it."""
    original.id = submitted.id
    if not original.metadata.nbgrader.locked:
        original.source = submitted.source
        if original.cell_type == "markdown" and "attachments" in submitted:
            original.attachments = submitted.attachments
    return original


def put_back(cells, originals, found):
    """Insert the missing tests behind their answers, or at the end when those are gone as well.

    A test that was moved before its answer goes back behind it.
    """
    missing, previous = [], None
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
    return missing


class Inert(SanitizeHTML):
    """What students wrote, and what their code showed, runs nothing and loads nothing in the teacher's browser.

    Text, tables, formulas and pictures made by the code stay.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        # most texts are the questions, which are the same in every notebook
        self.sanitize_html_tags = functools.lru_cache(256)(self.sanitize_html_tags)

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "markdown":
            cell.source = without_reach(cell.source)
        return super().preprocess_cell(cell, resources, index)

    def sanitize_code_outputs(self, outputs):
        for output in outputs:
            data = output.get("data", {})
            for name in {"text/latex", "text/markdown"} & set(data):
                data[name] = without_reach(data[name])
            for name in ("image/png", "image/jpeg"):
                if not BASE64.fullmatch(data.get(name, "")):
                    data.pop(name, None)
        return super().sanitize_code_outputs(outputs)


# ![…](http://…) tells a stranger's server who is reading; a picture in the notebook itself does not.
REMOTE_PICTURE = re.compile(r"!\[(?![^\]]*\]\(attachment:)")
# Commands by which a formula makes links or changes the page around it.
BEYOND_FORMULA = re.compile(r"\\(href|class|cssId|style|unicode|require)\b")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


def without_reach(text):
    return BEYOND_FORMULA.sub(r"\\text{\1}", REMOTE_PICTURE.sub("[", text))


class HideTests(ClearHiddenTests):
    """Leaves the hidden tests out of the feedback; what students wrote into their own cells stays."""

    def preprocess_cell(self, cell, resources, index):
        if not utils.is_grade(cell):
            return cell, resources
        for output in cell.get("outputs", []):
            if output.output_type == "error" and output.ename != "CheckError":
                # A check explains itself; the stack of any other error, a time-out say, quotes the test.
                output.traceback = output.traceback[-1:]
        return super().preprocess_cell(cell, resources, index)
