"""Cells: put back into the order in which they were released, and judged by what they prove."""

import base64
import copy
import functools
import html
import io
import re

import nbformat
from nbconvert.filters import strip_ansi
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat.corpus.words import generate_corpus_id
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from PIL import Image

from dlcourse.grading import markup
from dlcourse.grading.characters import legible, legible_markup
from dlcourse.grading.notebook import writable
from dlcourse.grading.worker import Overran


def listed(names):
    """The first of these names, or of these paths."""
    shown = "、".join(name if isinstance(name, str) else name.name for name in names[:3])
    return f"{shown} ほか{len(names) - 3}個" if len(names) > 3 else shown


class TooLarge(ValueError):
    """No notebook of the course is so large; the text says what there is too much of."""


MOST_CELLS = 2000
LONGEST_TEXT = 1_000_000  # characters of all cells together
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def tidy(notebook):
    """The notebook with parts of the kinds that the format asks for, whatever there was in the file.

    Raises
    ------
    TooLarge
        When it would take the grader's time rather than the student's.
    """
    notebook.cells = [cell for cell in notebook.cells if cell.get("cell_type") in ("code", "markdown", "raw")]
    if len(notebook.cells) > MOST_CELLS:
        raise TooLarge(f"セルが{len(notebook.cells)}個")
    for cell in notebook.cells:
        source = cell.get("source")
        lines = source if isinstance(source, list) else [source or ""]
        cell.source = "".join(map(str, lines))
        cell.metadata = as_dict(cell.get("metadata"))
        if not CELL_ID.fullmatch(str(cell.get("id"))):
            cell.id = generate_corpus_id()
        if "attachments" in cell:
            cell.attachments = pictures(cell.attachments)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None  # they are made anew
    if (length := sum(len(cell.source) for cell in notebook.cells)) > LONGEST_TEXT:
        raise TooLarge(f"セルの文字が{length}字")
    kernel = as_dict(as_dict(notebook.get("metadata")).get("kernelspec"))
    name = str(kernel.get("name", "なし"))[:100]
    known = {"kernelspec": {"name": name, "display_name": name}} if kernel else {}
    notebook.metadata = as_dict({"language_info": {"name": "python"}} | known)
    return nbformat.from_dict(writable(notebook))


def as_dict(value):
    return nbformat.from_dict(value if isinstance(value, dict) else {})


class RestoreCells(NbGraderPreprocessor):
    """What a cell is, the gradebook says; the student's file says only what the answer is.

    Takes the place of nbgrader's DeduplicateIds and OverwriteCells, under which a copied cell stops
    the grading of the whole class and a deleted test keeps its old points, and of CheckCellMetadata: no
    metadata of the student's cells is left to be checked.
    """

    def preprocess(self, nb, resources):
        converter, where = self.parent, resources["nbgrader"]
        for repair, names in restore(nb, converter.released[where["notebook"]]).items():
            if names:
                converter.note(where["student"], REPAIRS[repair].format(listed(names)))
        return nb, resources


REPAIRS = {
    "copied": "コピーのあるセル({})は最後のものを採点しました。 / copied cells",
    "missing": "消えていたセル({})を戻して採点しました。 / missing cells restored",
    "renamed": "課題の名前が消えたか変わったセル({})を、課題のセルとして採点しました。 / renamed cells",
    "edited": "書き換えられていた答え合わせなどのセル({})を、元に戻して採点しました。 / locked cells restored",
}


DEFINES = re.compile(
    r"^(?:async\s+)?(?:def|class)\s+(\w+)|^((?:\w+[ \t]*,[ \t]*)*\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)
IMPORTS = re.compile(r"^(?:from\s+\S+\s+)?import\s.+", re.MULTILINE)


def defined(source):
    """The names that a cell defines, also when it is no Python; those of modules are not among them."""
    found = (function or values for function, values in DEFINES.findall(source))
    return {name.strip() for names in found for name in names.split(",")}


def adds_to(own, original):
    """Whether a cell gives the others something that the original one did not."""
    return bool(defined(own) - defined(original) or set(IMPORTS.findall(own)) - set(IMPORTS.findall(original)))


def untouched(cell):
    """Whether this is still the cell that was released."""
    about = cell.metadata.get("nbgrader")
    return about is not None and about.get("checksum") == utils.compute_checksum(cell)


def is_edited(cell):
    """Whether a cell that bears its name is no longer what was released; the course may have changed it since."""
    about = cell.metadata.get("nbgrader")
    try:
        return about["checksum"] != utils.compute_checksum(cell)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # no such metadata, or none that nbgrader has written


def restore(nb, originals):
    """Put the notebook's managed cells back, in place; for each of REPAIRS, the names of the cells that it took.

    Work that stands in the wrong place stays: an answer in a cell that is not to be changed becomes a cell of its own,
    and a test whose own answer is not there waits for all other cells.
    """
    originals = copy.deepcopy(originals)
    found, renamed, edited = {}, {}, {}  # the last two hold names only, each once and in order
    for index, cell in enumerate(nb.cells):
        name = next((name for name in names_of(cell) if name in originals), None)
        if name:
            found.setdefault(name, []).append(index)
            if as_dict(cell.metadata.get("nbgrader")).get("grade_id") != name:
                renamed[name] = None
            elif originals[name].metadata.nbgrader.locked and is_edited(cell):
                edited[name] = None
        # Of the metadata nothing is kept: a tag could keep a cell from being run.
        cell.metadata = {}
    unneeded, beside = [], []
    for name, indices in found.items():
        original = originals[name]
        written = [index for index in indices if nb.cells[index].source.strip() != original.source.strip()]
        # The last copy with something in it counts: when it runs, all answers are there.
        chosen = (written or indices)[-1]
        unneeded += [nb.cells[index] for index in indices if index not in (chosen, *written)]
        submitted, nb.cells[chosen] = nb.cells[chosen], restored(original, nb.cells[chosen])
        if original.metadata.nbgrader.locked and adds_to(submitted.source, original.source):
            beside.append((original, nbformat.v4.new_code_cell(submitted.source)))
    nb.cells = [cell for cell in nb.cells if not any(cell is one for one in unneeded)]
    for original, own in beside:
        place = next(index for index, cell in enumerate(nb.cells) if cell is original)
        nb.cells.insert(place + (not original.metadata.nbgrader.grade), own)
    missing = put_back(nb.cells, originals, found)
    let_wait(nb.cells, originals, found)
    copied = [name for name, indices in found.items() if len(indices) > 1]
    return {"copied": copied, "missing": missing, "renamed": list(renamed), "edited": list(edited)}


def names_of(cell):
    """By which a cell may be one of the course's: exercises are released with the same name in two places."""
    about = cell.metadata.get("nbgrader")
    names = [about.get("grade_id") if isinstance(about, dict) else None, cell.get("id")]
    return [name for name in names if isinstance(name, str)]


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
    for name in [name for name in found if originals[name].metadata.nbgrader.locked]:
        # what the course gives stands before all that may use it
        following = list(originals.values())[list(originals).index(name) :]
        place, *behind = (cells.index(one) for one in following if one in cells)
        if not originals[name].metadata.nbgrader.grade and behind and min(behind) < place:
            cells.insert(min(behind), cells.pop(place))
    return missing


def let_wait(cells, originals, found):
    """Mark the tests whose answers were left as they were, or are not there: see execute.turns.

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
                original.metadata.waits = True


class Inert(SanitizeHTML):
    """What students wrote, and what their code showed, runs nothing and loads nothing in the teacher's browser.

    Text, tables, formulas and pictures made by the code stay.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        # most texts are the questions, which are the same in every notebook
        self.sanitized = functools.lru_cache(256)(lambda text: markup.harmless(text, self.tags, self.attributes))
        markup.WORKERS.start(1)

    def preprocess(self, nb, resources):
        self.tags_left, self.text_left, self.pixels_left = MOST_TAGS, MOST_SHOWN, MOST_PIXELS
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, index):
        if "attachments" in cell:
            cell.attachments = {name: file for name, file in pictures(cell.attachments).items()
                                if all(self.can_be_shown(kind, data) for kind, data in file.items())}
        if not utils.is_locked(cell):
            clear = legible_markup if cell.cell_type == "markdown" else legible
            cell.source = self.shortened(clear(cell.source))
        cell, resources = super().preprocess_cell(cell, resources, index)
        if cell.cell_type == "markdown":
            # after the HTML: a comment taken out of "!<!-- -->[" makes a picture of it
            cell.source = without_reach(cell.source, cell.get("attachments", {}))
        return cell, resources

    def sanitize_code_outputs(self, outputs):
        for output in outputs:
            data = output.get("data", {})
            for name in set(PICTURES) & set(data):
                if not self.can_be_shown(name, data[name]):
                    del data[name]
            for name in {"text/latex", "text/markdown"} & set(data):
                data[name] = self.shortened(data[name])
            # colours: each would be an element of its own
            if output.output_type == "stream":
                output.text = strip_ansi(output.text)
            elif output.output_type == "error":
                output.traceback = list(map(strip_ansi, output.traceback))
        outputs = super().sanitize_code_outputs(outputs)
        for output in outputs:
            data = output.get("data", {})
            for name in {"text/latex", "text/markdown", "text/html"} & set(data):
                reach = without_reach if name == "text/markdown" else without_macros
                data[name] = reach(data[name])
        return outputs

    def shortened(self, text):
        """A text that a page can be made of in little time; what was handed in stays as it is."""
        lines = (line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in text.split("\n"))
        kept = "\n".join(lines)[: max(0, min(LONGEST_SHOWN, self.text_left))]
        self.text_left -= len(kept)
        return text if kept == text else f"{kept}\n\n{CUT}"

    def can_be_shown(self, kind, data):
        """Whether this is a picture that the browser has room for: a few kilobytes may be a million megapixels."""
        if not BASE64.fullmatch(str(data)):
            return False
        try:
            with Image.open(io.BytesIO(base64.b64decode(data)), formats=[PICTURES[kind]]) as picture:
                self.pixels_left -= picture.width * picture.height
        except Exception:  # it is no picture, and Pillow fails in many ways on what is none
            return False
        return self.pixels_left >= 0

    def sanitize_html_tags(self, html_str):
        self.tags_left -= markup.cost(html_str)
        if self.tags_left < 0 or not markup.is_modest(html_str):
            return html.escape(html_str)
        try:
            return self.sanitized(html_str)
        except Overran:
            self.tags_left = -1  # one such text is enough for a notebook
            return html.escape(html_str)


MOST_TAGS = 10_000  # of one notebook's texts and outputs, as markup.cost counts them
# Characters of a line, of a cell and of a notebook that become a page: some texts take time by the square of these.
LONGEST_LINE, LONGEST_SHOWN, MOST_SHOWN = 5_000, 20_000, 100_000
CUT = "… 長すぎるため、ここで打ち切りました(提出されたファイルには全部あります) …"
MOST_PIXELS = 50_000_000  # of a notebook's pictures together
PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG"}
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
# Commands by which a formula makes links, changes the page around it, or changes what other formulas mean.
BEYOND_FORMULA = re.compile(
    r"\\(href|class|cssId|style|unicode|require|mmlToken|bbox|csname|x?def|gdef|edef|let|(?:re)?new(?:command|environment)|DeclareMathOperator"
    # … and of commands that draw where something else stands
    r"|[Rr]ule|Space|raise|lower|move(?:left|right)|(?:math)?[rlc]lap|smash|m?kern|mskip|hskip|[hm]space)(?![A-Za-z])"
    r"|\\\\\s*\[\s*-"
)
# ![…](http://…) tells a stranger's server who is reading; a picture in the notebook itself does not.
PICTURE = re.compile(r"!+\[(?:[^\[\]\\`<>!&]*\]\(attachment:([^()\s\\`<>&\"'%]+)\))?")
# A link may lead to a page, and to nothing that runs.
OTHER_LINK = re.compile(r"\](?=:|\(\s*(?!https?://|\#|attachment:))")


def pictures(attachments):
    """Those of a cell's attachments that are plain pictures."""
    files = attachments.items() if isinstance(attachments, dict) else []
    return {name: {kind: data for kind, data in file.items() if kind in PICTURES and BASE64.fullmatch(str(data))}
            for name, file in files if isinstance(file, dict) and set(file) & set(PICTURES)}


def without_reach(text, attachments=()):
    """Markdown whose links lead to pages, and whose pictures are among the attachments."""
    text = PICTURE.sub(lambda found: found[0] if found[1] in attachments else found[0].lstrip("!"), text)
    return without_macros(OTHER_LINK.sub("] ", text))


def without_macros(text):
    return BEYOND_FORMULA.sub(r"\\text{\1}", text)


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
