"""Warn, at the line, of what CONTRIBUTING.md asks of a page: labels, alternative texts, explained words and symbols,
and of what is opened and not closed, which Markdown takes for text.

A warning fails the build. What the exercises bring along is not looked at here: notebooks have no labels.
"""

import functools
import pkgutil
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import notation
import yaml
from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

BOOK = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(BOOK.parent / "tools"))
import book_settings  # noqa: E402  (tools/ is no package; it is found through the line above)
import fences  # noqa: E402  (the same)

CHAPTER = re.compile(r"ch(\d+)_")
TERM = re.compile(r"^(?!\s|#|`)(\S.*)\n  \((.+?)\) ", re.MULTILINE)
ENGLISH = re.compile(r"^\s?\([^)]*[A-Za-z]{3}[^)]*\)")
IN_FORMULAS = re.compile(r"\$(.+?)\$")

# Letters that stand in no table: constants, and the running numbers of sums and places.
EVERYDAY = {"e", r"\pi", "i", "j", "k", "n"}
GREEK = (
    r"\\(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi"
    r"|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega)(?![A-Za-z])"
)
WORDS = re.compile(r"\\(?:text|mathrm|operatorname|mathbf|begin|end)\*?\{[^{}]*\}")
SYMBOL = re.compile(rf"{GREEK}|\\[A-Za-z]+|[A-Za-z]")
# A letter on its own, with an index at most: the sentence speaks of the letter itself.
ALONE = re.compile(rf"({GREEK}|[A-Za-z])'*(?:[_^](?:\w|\{{[^{{}}]*\}}))*")

SHOWN_BY_BROWSERS = (".svg", ".webp", ".png", ".jpg", ".jpeg", ".gif", ".avif")
# MyST-NB passes over what it does not know.
CELL_KEYS = {
    "": {"tags", "mystnb"},
    "tags": {f"{verb}-{part}" for verb in ("hide", "remove", "scroll") for part in ("cell", "input", "output")}
    | {"remove-stdout", "remove-stderr", "differs-live", "not-live"},
    "mystnb": {"figure", "image", "code_prompt_show", "code_prompt_hide", "number_source_lines", "output_stderr"},
    "figure": {"name", "caption", "classes", "align", "caption_before"},
    "image": {"alt", "classes", "align", "width", "height", "scale"},
}
# The name of a file, or only 図, describes nothing.
DESCRIPTION = re.compile("[ぁ-んァ-ヶ一-龠]{2}")
IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*["']([^"']*)""", re.IGNORECASE)

CELL = re.compile(
    r"^(?P<fence>`{3,}\{code-cell\}[ \t]*(?P<language>.*?)[ \t]*\n)"
    r"(?:---[ \t]*\n(?P<block>(?:.*\n)*?)-{3,}[ \t]*\n|(?P<lines>(?::.*\n)+))?",
    re.MULTILINE,
)
DOCUMENTED = re.compile(r"^[ \t]*\.\. auto[a-z]+::[ \t]*(\S+).*", re.MULTILINE)
TABLE_RULE = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?")
# Those that stand alone, and those that the next one ends.
NEED_NO_END = set("area base br col embed hr img input link meta source track wbr p li dt dd tr td th option".split())
FOOTNOTE = re.compile(r"^(\[\^[^\]]+\]):", re.MULTILINE)
LEFT_OVER = re.compile(r"\[\^|\]\[|\]\(|\$|\*\*|:::|`|(?<!\w)\{[a-z]{2,}(?::[a-z]+)?\}")

DESCRIBE = "何が見えるかを、図を見ない人が思い浮かべられる言葉で書いてください。"
EXPLAIN = "使うところで言葉で説明し、章の終わりの記号の表に加えてください。"


def symbols(formula):
    """The letters of a formula; names of functions and commands are none."""
    found = SYMBOL.findall(WORDS.sub(" ", formula))
    return [symbol for symbol in found if len(symbol) == 1 or re.fullmatch(GREEK, symbol)]


@functools.cache
def listed(page, saved):
    """The symbols that the tables of a page list; `saved`, its time, makes it read again when that changes."""
    formulas = (formula for row in notation.rows(page.read_text("utf-8")) for formula in IN_FORMULAS.findall(row[0]))
    return {symbol for formula in formulas for symbol in symbols(formula)}


def known_symbols(chapter):
    """What the tables of this and the earlier chapters list."""
    pages = (page for page in BOOK.glob("ch*.md") if int(CHAPTER.match(page.name)[1]) <= chapter)
    return EVERYDAY.union(*(listed(page, page.stat().st_mtime_ns) for page in pages))


def known_terms():
    """The terms of the glossary and their other names."""
    glossary = BOOK / "glossary.md"
    for term, names in TERM.findall(glossary.read_text("utf-8") if glossary.exists() else ""):
        yield from [term, *names.split("、")]


def warn(page, node, message):
    """Name the nearest line; parts of a sentence have none of their own."""
    line = next((one.line for one in iter_up(node) if one.line), None)
    logger.warning(message, location=(page, line))


def iter_up(node):
    while node is not None:
        yield node
        node = node.parent


def own(tree, kind):
    """The nodes of this kind that stand in the page itself."""
    for node in tree.findall(kind):
        if not any("exercise" in one.get("classes", ()) for one in iter_up(node) if isinstance(one, nodes.Element)):
            yield node


def check_title(page, tree):
    titles = [part for part in tree.children if isinstance(part, nodes.section)]
    if not titles:
        logger.warning("ページの題がありません。「# 題」の行を、本文の前に1つ書いてください。", location=(page, 1))
    for further in titles[1:]:
        warn(page, further, "題(# の見出し)が2つあります。ページの題は1つだけにし、ほかは ## にしてください。")


def check_equations(page, tree):
    for block in own(tree, nodes.math_block):
        # \begin{align} without $$ gets a label that nobody knows.
        if not block.get("label") or "amsmath" in block["classes"]:
            warn(page, block, "式にラベルがありません。$$ で囲み、閉じる $$ のあとに (eq-名前) を付けてください。")


def check_images(page, tree):
    for image in own(tree, nodes.image):
        uri = image["uri"].lower()
        if not uri.startswith("data:") and not uri.endswith(SHOWN_BY_BROWSERS):
            warn(page, image, f"ブラウザーで開けない形式の図です: {uri}。SVG、WebP、PNG、JPEG にしてください。")
        if not DESCRIPTION.search(image.get("alt", "")):
            warn(page, image, f"図に代替テキスト(alt)がありません。{DESCRIBE}")
    for raw in own(tree, nodes.raw):
        for tag in IMAGE_TAG.findall(raw.astext()):
            found = ALT.search(tag)
            if not (found and DESCRIPTION.search(found[1])):
                warn(page, raw, f"<img> に代替テキスト(alt)がありません。{DESCRIBE}")


def check_cells(page, tree):
    for cell in own(tree, nodes.container):
        options = cell.get("cell_metadata", {})
        mystnb = options.get("mystnb") or {}
        given = {"": options, "mystnb": mystnb, "tags": options.get("tags") or []}
        if mystnb.get("figure") and "name" not in mystnb["figure"]:
            warn(page, cell, "図に名前がありません。figure に「name: fig-名前」を書くと、本文から引けます。")
        for where, names in {**given, "figure": mystnb.get("figure") or {}, "image": mystnb.get("image") or {}}.items():
            for name in set(names) - CELL_KEYS[where]:
                known = "、".join(sorted(CELL_KEYS[where]))
                warn(page, cell, f"セルの {where or '設定'} に {name} はありません。使えるのは {known} です。")


def check_terms(page, tree):
    known = set(known_terms())
    for word in own(tree, nodes.strong):
        after = word.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and ENGLISH.match(after) and word.astext() not in known:
            warn(page, word, f"「{word.astext()}」が用語集にありません。book/glossary.md に加えてください。")


def check_symbols(page, tree):
    chapter = CHAPTER.match(Path(page).name)
    if not chapter:
        return
    in_text, displayed = list(own(tree, nodes.math)), list(own(tree, nodes.math_block))
    explained = (ALONE.fullmatch(formula.astext().strip()) for formula in in_text)
    known = known_symbols(int(chapter[1])) | {found[1] for found in explained if found}
    for formula in [*in_text, *displayed]:
        for symbol in symbols(formula.astext()):
            if symbol not in known:
                warn(page, formula, f"記号 {symbol} の説明がありません。{EXPLAIN}")
                known.add(symbol)  # once is enough


def check_fences(app, page, source):
    lines = source[0].splitlines()
    for number in fences.unclosed(lines):
        logger.warning(fences.advice(lines[number - 1]), location=(page, number))


def check_cell_heads(app, page, source):
    """Settings that can't be read would end the whole build; so the cell goes on without them."""

    def without_mistakes(cell):
        line = source[0].count("\n", 0, cell.start()) + 1
        if cell["language"] not in ("", "ipython3"):
            message = f"セルの言語は ipython3 と書きます(いまは「{cell['language']}」)。"
            logger.warning(message, location=(page, line))
        line, settings = line + 1, cell["lines"] or ""
        if cell["block"]:
            line, settings = line + 1, cell["block"]
        elif settings:
            settings = re.sub("^:", "", settings, flags=re.MULTILINE)
        problem = None
        try:
            given = yaml.safe_load(settings) or {}
            if not isinstance(given, dict):
                problem = "「名前: 値」の形ではありません"
            elif not isinstance(given.get("tags", []), list):
                problem = f"tags は [{given['tags']}] のように角括弧で囲みます"
        except yaml.MarkedYAMLError as error:
            line += book_settings.line_of_error(error)
            problem = f"YAML として読めません: {error.problem}"
        if not problem:
            return cell[0]
        logger.warning(f"セルの設定を読めません({problem})。", location=(page, line))
        return cell["fence"] + "\n" * (cell[0].count("\n") - 1)

    source[0] = CELL.sub(without_mistakes, source[0])


def check_documented(app, page, source):
    """autodoc doesn't say where it was asked for what does not exist."""

    def without_mistakes(asked):
        try:
            pkgutil.resolve_name(asked[1])
        except (ImportError, AttributeError, ValueError) as error:
            line = source[0].count("\n", 0, asked.start()) + 1
            logger.warning(f"{asked[1]} がありません({error})。綴りを確かめてください。", location=(page, line))
            return ""
        return asked[0]

    source[0] = DOCUMENTED.sub(without_mistakes, source[0])


def plain_lines(text):
    """The numbered lines that are no code; what stands in a directive counts as text."""
    verbatim = None
    for number, line in enumerate(text.splitlines(), start=1):
        fence = fences.FENCE.match(line)
        if verbatim:
            if fence and fence[1].startswith(verbatim) and not fence[2]:
                verbatim = None
        elif fence and fence[2] and not fences.DIRECTIVE.match(fence[2]):
            verbatim = fence[1]
        else:
            yield number, line


def check_tables(app, page, source):
    """Markdown drops the cells for which the header has no column."""
    columns, before = None, ""
    for number, line in plain_lines(source[0]):
        if columns and "|" in line:
            if row_length(line) > columns:
                message = f"表の行に、見出しの {columns} 列より多くのマスがあります。文字としての | は \\| と書きます。"
                logger.warning(message, location=(page, number))
        else:
            columns = row_length(before) if TABLE_RULE.fullmatch(line.strip()) and "|" in before else None
        before = line


def row_length(row):
    return len(re.split(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|")))


def check_footnotes(app, page, source):
    """A note that the text does not call does not appear on the page."""
    for note in FOOTNOTE.finditer(source[0]):
        if source[0].count(note[1]) < 2:
            line = source[0].count("\n", 0, note.start()) + 1
            logger.warning(f"注 {note[1]} を呼ぶところが本文にないので、注は出ません。", location=(page, line))


def check_marks(page, tree):
    for text in own(tree, nodes.Text):
        # formulas, code and HTML hold these as themselves
        plain = not any(isinstance(one, nodes.FixedTextElement | nodes.literal | nodes.math) for one in iter_up(text))
        if plain and (found := LEFT_OVER.search(text)):
            around = text[max(0, found.start() - 10) : found.end() + 10]
            warn(page, text, f"「{around}」の {found[0]} が文字のまま出ます。閉じているか、綴りを確かめてください。")


def check_links(page, tree):
    for link in own(tree, nodes.reference):
        if link.get("refuri") and not link.astext().strip() and not link.next_node(nodes.image):
            warn(page, link, f"{link['refuri']} へのリンクに文字がありません。[ ] の中に、何が開くかを書いてください。")


def check_dropdowns(page, tree):
    for box in own(tree, nodes.container):
        if box.get("design_component") == "dropdown" and not box["has_title"]:
            warn(page, box, "dropdown に題がありません。{dropdown} のあとに、中身がわかる題を書いてください。")


class OpenTags(HTMLParser):
    """The tags that are open in the HTML of a page, each with the node that opened it."""

    def __init__(self):
        super().__init__()
        self.open, self.node = [], None

    def read(self, node):
        self.node = node
        self.feed(node.astext())

    def handle_starttag(self, tag, attributes):
        if tag not in NEED_NO_END:
            self.open.append((tag, self.node))

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        last = next((place for place, (name, _) in reversed(list(enumerate(self.open))) if name == tag), None)
        if last is not None:
            del self.open[last]


def check_html(page, tree):
    tags = OpenTags()
    for raw in own(tree, nodes.raw):
        if "html" in raw.get("format", ""):
            tags.read(raw)
    for tag, node in tags.open:
        warn(page, node, f"<{tag}> が閉じていません。</{tag}> で閉じてください。")


RULES = [
    check_title,
    check_equations,
    check_images,
    check_cells,
    check_terms,
    check_symbols,
    check_marks,
    check_links,
    check_dropdowns,
    check_html,
]


def check(app, tree):
    for rule in RULES:
        rule(app.env.docname, tree)


def setup(app):
    app.connect("source-read", check_fences)
    app.connect("source-read", check_footnotes)
    app.connect("source-read", check_tables)
    app.connect("source-read", check_cell_heads)
    app.connect("source-read", check_documented)
    app.connect("doctree-read", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
