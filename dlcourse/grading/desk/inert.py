"""The step of nbgrader's autograding that makes a notebook harmless for whoever opens it."""

import functools
import html
import re
from collections.abc import Callable
from typing import Any

from nbconvert.filters import strip_ansi
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbgrader import utils

from dlcourse.grading.desk import markup
from dlcourse.grading.desk.notes import listed
from dlcourse.grading.display.album import Album
from dlcourse.grading.display.characters import legible, legible_markup
from dlcourse.grading.display.pictures import NotShown, decoded, placeholder
from dlcourse.grading.display.pictures_in_text import IMAGE, TAGS, PicturesInText
from dlcourse.grading.isolation.worker import Overran
from dlcourse.words import say, to_say

MOST_TAGS = 10_000  # of one notebook's texts and outputs, as markup.cost counts them
# Characters of a line, of a cell and of a notebook that become a page: some texts take time by the square of these.
LONGEST_LINE, LONGEST_SHOWN, MOST_SHOWN = 5_000, 20_000, 100_000
CUT = to_say("… 長すぎるため、ここで打ち切りました(提出されたファイルには全部あります) …")
SHOWN_EVERYWHERE = {"image/png", "image/jpeg"}  # what nbconvert shows; the others need HTML
ALT_OF_A_CELL = to_say("セルの出力の図")
RICHER_THAN_TEXT = SHOWN_EVERYWHERE | {"text/html", "text/markdown", "text/latex"}
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


class Inert(SanitizeHTML):
    """What students wrote, and what their code showed, runs nothing and loads nothing in the teacher's browser.

    Text, tables, formulas and pictures made by the code stay.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # most texts are the questions, which are the same in every notebook
        self.sanitized: Callable[[str], str] = functools.lru_cache(256)(
            lambda text: markup.sanitized(text, self.tags, self.attributes)
        )
        markup.WORKERS.start(1)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        self.tags_left, self.text_left = MOST_TAGS, MOST_SHOWN
        self.album, self.missing = Album(), list[str]()
        self.files: dict[str, bytes] = getattr(resources.get("context"), "student_files", {})
        nb, resources = super().preprocess(nb, resources)
        if self.missing and "submission" in resources:
            resources["submission"].note(
                "文章の解答の画像のうち、表示できないものがあります: {names}。",
                "pictures of written answers not shown",
                names=listed(self.missing),
            )
        return nb, resources

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        pictures = PicturesInText(self.album, cell.pop("attachments", {}), self.files)
        if cell.cell_type == "markdown":
            cell.source = pictures.attach_embedded(cell.source)
        if not utils.is_locked(cell):
            clear = legible_markup if cell.cell_type == "markdown" else legible
            cell.source = self.shortened(clear(cell.source))
        if cell.cell_type == "markdown":
            cell.source = pictures.take_out(cell.source)
        cell, resources = super().preprocess_cell(cell, resources, index)
        if cell.cell_type == "markdown":
            # after the HTML: a comment taken out of "!<!-- -->[" makes a picture of it
            attachments: dict[str, dict[str, str]] = {}
            cell.source = pictures.put_back(without_reach(cell.source), attachments)
            if attachments:
                cell.attachments = attachments
            if utils.is_solution(cell) or utils.is_task(cell):
                self.missing += pictures.missing
        return cell, resources

    def sanitize_code_outputs(self, outputs: list[NotebookNode]) -> list[NotebookNode]:
        taken = []
        for output in outputs:
            data = output.get("data", {})
            tag = self.pictures_of(output, data)
            pictures = PicturesInText(self.album, files=self.files)
            for name in {"text/html", "text/markdown"} & set(data):
                data[name] = pictures.attach_embedded(data[name])
            for name in {"text/latex", "text/markdown"} & set(data):
                data[name] = self.shortened(data[name])
            for name, pattern in (("text/html", TAGS), ("text/markdown", IMAGE)):
                if name in data:
                    data[name] = pictures.take_out(data[name], pattern)
            taken.append((output, pictures, tag))
            # colours: each would be an element of its own
            if output.output_type == "stream":
                output.text = strip_ansi(output.text)
            elif output.output_type == "error":
                output.traceback = list(map(strip_ansi, output.traceback))
        outputs = super().sanitize_code_outputs(outputs)
        for output, pictures, tag in taken:
            data = output.get("data", {})
            for name in {"text/latex", "text/markdown", "text/html"} & set(data):
                reach = without_reach if name == "text/markdown" else without_macros
                data[name] = pictures.put_back(reach(data[name]))
            if tag:
                data["text/html"] = tag
        return outputs

    def pictures_of(self, output: NotebookNode, data: dict[str, str]) -> str:
        """Leave those in an output that every page shows; HTML for another one, where there is nothing else."""
        tag, reasons = "", []
        for name in sorted(name for name in data if name.startswith("image/")):
            text = data.pop(name)
            try:
                picture = self.album.take(decoded(text))
            except NotShown as reason:
                reasons.append(placeholder(reason))
                continue
            if picture.kind in SHOWN_EVERYWHERE:
                data[picture.kind] = picture.text
                output.metadata.setdefault(picture.kind, {})["alt"] = say(
                    ALT_OF_A_CELL
                )  # else nbconvert warns, in English
            else:
                tag = picture.tag(say(ALT_OF_A_CELL))
        if RICHER_THAN_TEXT & set(data):
            return ""
        if reasons and not tag:
            data["text/plain"] = reasons[0]
        return tag

    def shortened(self, text: str) -> str:
        """A text that a page can be made of in little time; what was handed in stays as it is."""
        lines = (line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in text.split("\n"))
        kept = "\n".join(lines)[: max(0, min(LONGEST_SHOWN, self.text_left))]
        self.text_left -= len(kept)
        return text if kept == text else f"{kept}\n\n{say(CUT)}"

    def sanitize_html_tags(self, html_str: str) -> str:
        self.tags_left -= markup.cost(html_str)
        if self.tags_left < 0 or not markup.is_modest(html_str):
            return html.escape(html_str)
        try:
            return self.sanitized(html_str)
        except Overran:
            self.tags_left = -1  # one such text is enough for a notebook
            return html.escape(html_str)


def without_reach(text: str) -> str:
    """Markdown without pictures, and whose links lead to pages."""
    return without_macros(OTHER_LINK.sub("] ", PICTURE.sub("", text)))


def without_macros(text: str) -> str:
    return BEYOND_FORMULA.sub(r"\\text{\1}", text)
