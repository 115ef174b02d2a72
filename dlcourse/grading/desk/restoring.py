"""Cells: put back into the order in which they were released, and judged by what they prove."""

import copy
import functools
import html
import re
from pathlib import Path

import nbformat
from nbconvert.filters import strip_ansi
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat.corpus.words import generate_corpus_id
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from traitlets import List

from dlcourse.grading.desk.written_answers import find_written
from dlcourse.grading.display import markup
from dlcourse.grading.display.characters import legible, legible_markup
from dlcourse.grading.display.pictures import IMAGE, IN_TEXT, TAGS, Album, Frames, NotShown, decoded, told
from dlcourse.grading.isolation.notebook import writable
from dlcourse.grading.isolation.worker import Overran


def listed(names):
    """The first of these names, or of these paths."""
    shown = "、".join(name if isinstance(name, str) else name.name for name in names[:3])
    return f"{shown} ほか{len(names) - 3}個" if len(names) > 3 else shown


class TooLarge(ValueError):
    """No notebook of the course is so large; the text says what there is too much of."""


MOST_CELLS = 2000
LONGEST_TEXT = 1_000_000  # characters of all cells together
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
LINE_END = re.compile(r"\r+\n|\r")  # of other systems, and as a second conversion leaves it


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
        cell.source = LINE_END.sub("\n", joined(cell.get("source"))).removeprefix("\ufeff")
        cell.metadata = as_dict(cell.get("metadata"))
        if not CELL_ID.fullmatch(str(cell.get("id"))):
            cell.id = generate_corpus_id()
        if "attachments" in cell:
            cell.attachments = attached(cell.attachments)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None  # they are made anew
    if (length := sum(len(IN_TEXT.sub("", cell.source)) for cell in notebook.cells)) > LONGEST_TEXT:
        raise TooLarge(f"セルの文字が{length}字")
    kernel = as_dict(as_dict(notebook.get("metadata")).get("kernelspec"))
    name = str(kernel.get("name", "なし"))[:100]
    known = {"kernelspec": {"name": name, "display_name": name}} if kernel else {}
    notebook.metadata = as_dict({"language_info": {"name": "python"}} | known)
    return nbformat.from_dict(writable(notebook))


def joined(lines):
    """A text, which notebooks may hold as a list of lines."""
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines or "")


def as_dict(value):
    return nbformat.from_dict(value if isinstance(value, dict) else {})


class RestoreCells(NbGraderPreprocessor):
    """What a cell is, the gradebook says; the student's file says only what the answer is.

    Takes the place of nbgrader's DeduplicateIds and OverwriteCells, under which a copied cell stops
    the grading of the whole class and a deleted test keeps its old points, and of CheckCellMetadata: no
    metadata of the student's cells is left to be checked.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cells_in = functools.cache(cells_in)  # one notebook, for a whole class

    def preprocess(self, nb, resources):
        converter, where = self.parent, resources["nbgrader"]
        released = self.cells_in(Path(converter.source, f"{where['notebook']}.ipynb"))
        for repair, names in restore(nb, converter.released[where["notebook"]], released).items():
            if names:
                converter.note(where["student"], REPAIRS[repair].format(listed(names)))
        return nb, resources


def cells_in(path):
    """The cells of the course's own notebook, the text around the answers among them."""
    try:
        return nbformat.read(path, as_version=4).cells
    except (OSError, ValueError):
        return []


REPAIRS = {
    "copied": "コピーのあるセル({})は最後のものを採点しました。 / copied cells",
    "missing": "消えていたセル({})を戻して採点しました。 / missing cells restored",
    "renamed": "課題の名前が消えたか変わったセル({})を、課題のセルとして採点しました。 / renamed cells",
    "unplaced": "文章の解答({})の場所が分からないので、答えなしにしました。提出されたファイルを見てください。"
    " / written answers not found",
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


def wording(source):
    """A cell's text as it was released, without what editors change by themselves: line ends, blanks at their ends."""
    lines, hidden = [], False
    for line in source.strip().splitlines():
        hidden = hidden or "BEGIN HIDDEN TESTS" in line or "BEGIN MARK SCHEME" in line
        if not hidden:
            lines.append(line.rstrip())
        hidden = hidden and "END HIDDEN TESTS" not in line and "END MARK SCHEME" not in line
    return "\n".join(lines).rstrip()


def untouched(cell):
    """Whether this is still the cell that was released."""
    about = cell.metadata.get("nbgrader")
    return about is not None and about.get("checksum") == utils.compute_checksum(cell)


def is_edited(cell, original):
    """Whether a cell that bears its name is no longer what was released; the course may have changed it since."""
    about = cell.metadata.get("nbgrader")
    try:
        changed = about["checksum"] != utils.compute_checksum(cell)
        return changed and wording(cell.source) != wording(original.source)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # no such metadata, or none that nbgrader has written


def in_order(named, path):
    """What belongs to named cells, in the order of the cells of a notebook; without it, as it is.

    The gradebook keeps no order: PostgreSQL lists a row that was changed behind all others.
    """
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (OSError, ValueError):
        return named
    names = [as_dict(cell.metadata.get("nbgrader")).get("grade_id") for cell in cells]
    known = {name: named[name] for name in names if name in named}
    return known | named


def restore(nb, originals, released=()):
    """Put the notebook's managed cells back, in place; for each of REPAIRS, the names of the cells that it took.

    released: the cells of the course's own notebook, by which written answers without a name are known.

    Work that stands in the wrong place stays: an answer in a cell that is not to be changed becomes a cell of its own,
    and a test whose own answer is not there waits for all other cells.
    """
    originals = copy.deepcopy(originals)
    found, renamed, edited = {}, {}, {}  # the last two hold names only, each once and in order
    named = {}
    for cell in nb.cells:
        if name := next((name for name in names_of(cell) if name in originals), None):
            named.setdefault(name, []).append(cell)
    placed, unplaced = find_written(nb.cells, originals, named, released)
    renamed |= dict.fromkeys(placed)
    for index, cell in enumerate(nb.cells):
        name = next((name for name in names_of(cell) if name in originals), None)
        if name:
            found.setdefault(name, []).append(index)
            if as_dict(cell.metadata.get("nbgrader")).get("grade_id") != name:
                renamed[name] = None
            elif originals[name].metadata.nbgrader.locked and is_edited(cell, originals[name]):
                edited[name] = None
        # Of the metadata nothing is kept: a tag could keep a cell from being run.
        cell.metadata = {}
    unneeded, beside = [], []
    for name, indices in found.items():
        original = originals[name]
        written = [index for index in indices if wording(nb.cells[index].source) != wording(original.source)]
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
    return {
        "copied": copied,
        "missing": [name for name in missing if name not in unplaced],
        "renamed": list(renamed),
        "unplaced": unplaced,
        "edited": list(edited),
    }


def names_of(cell):
    """By which a cell may be one of the course's: exercises are released with the same name in two places."""
    about = cell.metadata.get("nbgrader")
    names = [about.get("grade_id") if isinstance(about, dict) else None, cell.get("id")]
    return [name for name in names if isinstance(name, str)]


def restored(original, submitted):
    """The original cell, with what the student may change in it."""
    original.id = submitted.id
    if not original.metadata.nbgrader.locked:
        if wording(submitted.source) != wording(original.source):
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
        self.tags_left, self.text_left = MOST_TAGS, MOST_SHOWN
        self.album, self.files, self.missing = Album(), getattr(resources.get("around"), "files", {}), []
        nb, resources = super().preprocess(nb, resources)
        if self.missing and self.parent:
            self.parent.note(
                resources["nbgrader"]["student"],
                f"文章の解答の画像のうち、表示できないものがあります: {listed(self.missing)}。"
                " / pictures of written answers not shown",
            )
        return nb, resources

    def preprocess_cell(self, cell, resources, index):
        frames = Frames(self.album, cell.pop("attachments", {}), self.files)
        if cell.cell_type == "markdown":
            cell.source = frames.lifted(cell.source)
        if not utils.is_locked(cell):
            clear = legible_markup if cell.cell_type == "markdown" else legible
            cell.source = self.shortened(clear(cell.source))
        if cell.cell_type == "markdown":
            cell.source = frames.taken_out(cell.source)
        cell, resources = super().preprocess_cell(cell, resources, index)
        if cell.cell_type == "markdown":
            # after the HTML: a comment taken out of "!<!-- -->[" makes a picture of it
            attachments = {}
            cell.source = frames.put_back(without_reach(cell.source), attachments)
            if attachments:
                cell.attachments = attachments
            if utils.is_solution(cell) or utils.is_task(cell):
                self.missing += frames.missing
        return cell, resources

    def sanitize_code_outputs(self, outputs):
        taken = []
        for output in outputs:
            data = output.get("data", {})
            tag = self.pictures_of(output, data)
            frames = Frames(self.album, files=self.files)
            for name in {"text/html", "text/markdown"} & set(data):
                data[name] = frames.lifted(data[name])
            for name in {"text/latex", "text/markdown"} & set(data):
                data[name] = self.shortened(data[name])
            for name, pattern in (("text/html", TAGS), ("text/markdown", IMAGE)):
                if name in data:
                    data[name] = frames.taken_out(data[name], pattern)
            taken.append((output, frames, tag))
            # colours: each would be an element of its own
            if output.output_type == "stream":
                output.text = strip_ansi(output.text)
            elif output.output_type == "error":
                output.traceback = list(map(strip_ansi, output.traceback))
        outputs = super().sanitize_code_outputs(outputs)
        for output, frames, tag in taken:
            data = output.get("data", {})
            for name in {"text/latex", "text/markdown", "text/html"} & set(data):
                reach = without_reach if name == "text/markdown" else without_macros
                data[name] = frames.put_back(reach(data[name]))
            if tag:
                data["text/html"] = tag
        return outputs

    def pictures_of(self, output, data):
        """Leave those in an output that every page shows; HTML for another one, where there is nothing else."""
        tag, reasons = "", []
        for name in sorted(name for name in data if name.startswith("image/")):
            text = data.pop(name)
            try:
                picture = self.album.take(decoded(text))
            except NotShown as reason:
                reasons.append(told(reason))
                continue
            if picture.kind in EVERYWHERE:
                data[picture.kind] = picture.text
                output.metadata.setdefault(picture.kind, {})["alt"] = OF_A_CELL  # else nbconvert warns, in English
            else:
                tag = picture.tag(OF_A_CELL)
        if RICH & set(data):
            return ""
        if reasons and not tag:
            data["text/plain"] = reasons[0]
        return tag

    def shortened(self, text):
        """A text that a page can be made of in little time; what was handed in stays as it is."""
        lines = (line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in text.split("\n"))
        kept = "\n".join(lines)[: max(0, min(LONGEST_SHOWN, self.text_left))]
        self.text_left -= len(kept)
        return text if kept == text else f"{kept}\n\n{CUT}"

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
EVERYWHERE = {"image/png", "image/jpeg"}  # what nbconvert shows; the others need HTML
OF_A_CELL = "セルの出力の図"
RICH = EVERYWHERE | {"text/html", "text/markdown", "text/latex"}
# Commands by which a formula makes links, changes the page around it, or changes what other formulas mean.
BEYOND_FORMULA = re.compile(
    r"\\(href|class|cssId|style|unicode|require|mmlToken|bbox|csname|x?def|gdef|edef|let|(?:re)?new(?:command|environment)|DeclareMathOperator"
    # … and of commands that draw where something else stands
    r"|[Rr]ule|Space|raise|lower|move(?:left|right)|(?:math)?[rlc]lap|smash|m?kern|mskip|hskip|[hm]space)(?![A-Za-z])"
    r"|\\\\\s*\[\s*-"
)
# ![…](http://…) tells a stranger's server who is reading; the pictures in the notebook itself are taken out before.
PICTURE = re.compile(r"!+(?=\[)")
# A link may lead to a page, and to nothing that runs.
OTHER_LINK = re.compile(r"\](?=:|\(\s*(?!https?://|\#|attachment:))")


def attached(files):
    """A cell's attachments, as far as they are of the form that they should be."""
    files = files if isinstance(files, dict) else {}
    bundles = {
        name: {kind: joined(data) for kind, data in file.items()}
        for name, file in files.items()
        if isinstance(file, dict)
    }
    return nbformat.from_dict(bundles)


def without_reach(text):
    """Markdown without pictures, and whose links lead to pages."""
    return without_macros(OTHER_LINK.sub("] ", PICTURE.sub("", text)))


def without_macros(text):
    return BEYOND_FORMULA.sub(r"\\text{\1}", text)


class HideTests(ClearHiddenTests):
    """Leaves the hidden tests out of the feedback; what students wrote into their own cells stays."""

    # nbgrader's base class has made a plain attribute of nbconvert's option, which the exporter then warns about
    display_data_priority = List().tag(config=True)

    def preprocess_cell(self, cell, resources, index):
        if not utils.is_grade(cell):
            return cell, resources
        for output in cell.get("outputs", []):
            if output.output_type == "error" and output.ename != "CheckError":
                # A check explains itself; the stack of any other error, a time-out say, quotes the test.
                output.traceback = output.traceback[-1:]
        return super().preprocess_cell(cell, resources, index)
