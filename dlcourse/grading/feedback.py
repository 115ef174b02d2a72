"""The page that a student gets back: complete in itself, inert, with its formulas as MathML."""

import functools
import html
import re
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

from bs4 import BeautifulSoup, Tag
from jinja2 import Environment, pass_context
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.ext import Extension
from jinja2.runtime import Context
from latex2mathml.converter import convert_to_element
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode

from dlcourse import foreign, words
from dlcourse.grading.desk import notes
from dlcourse.grading.desk.languages import language_in
from dlcourse.words import say, to_say

# The browser itself holds to this, whatever stands in the page: no script, nothing from another place.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
ACTIVE = {"script", "link", "base", "iframe", "frame", "object", "embed", "form", "audio", "video"}
FETCHED = {"source", "track"}
NOT_DESCRIBED = to_say("説明のない図")  # students' figures have no text for those who do not see them
WEB = re.compile(r"\s*(https?://|mailto:|#)", re.IGNORECASE)
LONGEST_FORMULA = 2000
# Characters of a page's formulas, each counted as so many more: ten times those of a notebook of the course.
MOST_OF_FORMULAS, EACH = 25_000, 20

TEMPLATE, FILE = "feedback", "index.html.j2"  # nbgrader's, and what it says to students
# What we say in its place; {cell} is the cell's name.
OURS = {
    ">Test cell<": to_say("{cell} の答え合わせ"),
    ">Coding free-response<": "{cell}",
    ">Written response<": "{cell}",
    ">Task<": "{cell}",
    ">Comment<": to_say("コメント"),
    "Late submission penalty": to_say("遅れて出した分"),
    "Student's answer": to_say("あなたの答え"),
    "Student's task": to_say("あなたの答え"),
    "Grade cell:": to_say("答え合わせ"),
    "Comments:": to_say("コメント:"),
    "Score:": to_say("得点"),
    "(Top)": to_say("(上へ)"),
}
COMMENT, NO_ANSWER = "nbgrader.comment | markdown2html", to_say("答えがありません。")


FormulaMaker = Callable[[str, str], str]  # of LaTeX, and "block" or "inline"


def as_written(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"


@functools.lru_cache(2000)  # most are those of the questions, the same on every page
def formula(text: str, display: str) -> str:
    """MathML, or the formula's own text where it is no formula."""
    text = html.unescape(text)  # Inert has escaped the comparison signs
    try:
        if len(text) > LONGEST_FORMULA:
            raise ValueError("too long")
        # the library knows one of the two names
        made = convert_to_element(text.replace("{aligned}", "{align}"), display=display)
    except Exception:  # the text is a student's, and the library fails on it in many ways
        return as_written(text)
    for part in made.iter():
        part.text = part.text and html.unescape(part.text)
        for name in set(part.attrib) - MATHML_ATTRIBUTES:
            del part.attrib[name]
    made.set("alttext", text)
    # not the library's own text, in which a student's "<" would be a tag
    return ElementTree.tostring(made, encoding="unicode")


MATHML_ATTRIBUTES = {"accent", "columnalign", "columnlines", "columnspacing", "display", "displaystyle", "fence",
                     "form", "height", "linethickness", "lspace", "mathvariant", "maxsize", "minsize",
                     "rowspacing", "rspace", "separator", "stretchy", "symmetric", "width", "xmlns"}  # fmt: skip


def called(text: str) -> str:
    """By which a template says a text when a page is made."""
    values = ", cell=cell.metadata.nbgrader.grade_id" if "{cell}" in text else ""
    return f"say({text!r}{values})"


class OurWords(Extension):
    """nbgrader's template in the language of the page; those on which it is built stay as they are."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["say"] = say

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        if name == FILE:
            where = f"nbgrader: {TEMPLATE}/{FILE}"
            for theirs, ours in OURS.items():
                place = theirs.replace(theirs.strip("<>"), f"{{{{ {called(ours)} }}}}")
                source = foreign.replace(source, theirs, place, where=where)
            answered = COMMENT.replace("|", f"| replace('No response.', {called(NO_ANSWER)}) |")
            source = foreign.replace(source, COMMENT, answered, where=where)
        return source


class CompiledTemplates(BytecodeCache):
    """Templates compiled once: nbgrader makes a new exporter for every page, which takes most of a page's time."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self.compiled.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


class Feedback(HTMLExporter):
    """nbgrader's feedback page in the language of the notebook, with what autograde had to put right.

    It fetches nothing.
    """

    parent: Any  # nbgrader's command; None for a page made without one
    formulas_left = MOST_OF_FORMULAS  # of the page that is being made

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.bytecode_cache = COMPILED
        if self.template_name == TEMPLATE:
            environment.add_extension(OurWords)
        return environment

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own exporters differ in what they return
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """As HTMLExporter's, which would parse the page and write it once more before `self_contained` does."""
        with words.using(language_in(nb)):
            return self.page(nb, resources, **kwargs)

    def page(self, nb: NotebookNode, resources: dict[str, Any] | None, **kwargs: Any) -> tuple[str, dict[str, Any]]:
        self.formulas_left = MOST_OF_FORMULAS
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        resources = self._init_resources(resources)
        widgets = WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources)
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer=lexer, parent=self))
        self.register_filter("filter_data_type", widgets)
        page, resources = TemplateExporter.from_notebook_node(self, nb, resources, **kwargs)
        remarks = self.remarks(**resources["nbgrader"]) if self.parent else []
        return self_contained(page, remarks, self.formula), resources

    def remarks(self, assignment: str, student: str, why_lower: Sequence[notes.Note] = (), **more: Any) -> list[str]:
        """What autograde has said of this submission, and what there is to say of its total."""
        told = notes.kept(self.parent.coursedir.root).get(assignment, {}).get(student)
        return [*(told.for_the_student if told else ()), *(note.said(words.language()) for note in why_lower)]

    @pass_context
    def markdown2html(self, context: Context, source: str) -> str:
        """As nbconvert's, with formulas as MathML."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = MathML(self.formula, escape=False, attachments=attachments, exclude_anchor_links=True)
        return str(MarkdownWithMath(renderer=renderer).render(source))

    def formula(self, text: str, display: str) -> str:
        """As MathML, as long as that takes little time."""
        self.formulas_left -= len(text) + EACH
        return formula(text, display) if self.formulas_left >= 0 else as_written(html.unescape(text))


class MathML(IPythonRenderer):
    """Markdown whose formulas any browser shows without a script."""

    def __init__(self, formula: FormulaMaker = formula, **options: Any) -> None:
        super().__init__(**options)
        self.formula = formula

    def block_math(self, body: str) -> str:
        return self.formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return self.formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def inline_math(self, body: str) -> str:
        return self.formula(body, "inline")


def runs_or_is_fetched(part: Tag) -> bool:
    """Whether it is a program, or comes from another place."""
    if part.name == "img":
        return not str(part.get("src", "")).startswith("data:")
    return part.name in ACTIVE | FETCHED or part.name == "meta" and "http-equiv" in part.attrs


def self_contained(page: str, remarks: Sequence[str] = (), formula: FormulaMaker = formula) -> str:
    """The page with these remarks, and without anything that runs or is fetched; `formula` makes MathML of LaTeX."""
    soup = BeautifulSoup(page, "html.parser")
    if remarks:
        told = soup.new_tag("div", id="grading-notes")
        told.append(heading := soup.new_tag("b"))
        heading.string = say("採点からのお知らせ")
        told.append(listed := soup.new_tag("ul"))
        for remark in remarks:
            listed.append(item := soup.new_tag("li"))
            item.string = remark
        if not (contents := soup.find(id="toc")):
            raise foreign.Changed(f"nbgrader: {TEMPLATE}/{FILE}: expected an element with the id toc")
        contents.insert_before(told)
    for part in list(filter(runs_or_is_fetched, soup.find_all(True))):
        part.decompose()
    for part in soup.find_all(True):
        for name in [name for name in part.attrs if name.startswith("on")]:
            del part[name]
        if part.name == "a" and not WEB.match(str(part.get("href", "#"))):
            del part["href"]
        elif part.name == "img":
            part.attrs.setdefault("alt", say(NOT_DESCRIBED))
        elif part.name == "style":  # Bootstrap's icons, which no page of ours shows
            part.string = re.sub(r"@font-face\s*\{[^}]*\}", "", part.get_text())
    for output in soup.find_all(class_="output_latex"):  # text that MathJax would have turned into a formula
        text = output.get_text().strip()
        output.clear()
        display = "inline" if re.match(r"\$(?!\$)", text) else "block"
        output.append(BeautifulSoup(formula(text.strip("$").strip(), display), "html.parser"))
    if not (soup.html and soup.head):
        raise foreign.Changed(f"nbgrader: {TEMPLATE}/{FILE}: expected a whole page")
    soup.html["lang"] = words.language()
    viewport = soup.new_tag("meta", attrs={"name": "viewport", "content": "width=device-width, initial-scale=1"})
    policy = soup.new_tag("meta", attrs={"http-equiv": "Content-Security-Policy", "content": POLICY})
    soup.head.insert(0, viewport)
    soup.head.insert(0, policy)
    return str(soup)
