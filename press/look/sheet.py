"""One style sheet for the site, with what the site uses of the theme's; its script without its longest work.

The theme and the extensions bring eight files, and in them all of Bootstrap and Font Awesome: 500 kB of rules and
380 kB of icon fonts, of which a course needs a tenth. Their rules stay when every class and id in the selector is
a word of some page or script; the other files are taken as they are.
"""

import base64
import io
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import tinycss2
from docutils import nodes
from fontTools.subset import Options, Subsetter, load_font, save_font
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util.typing import ExtensionMetadata
from tinycss2.ast import Node

from dlcourse import foreign
from press.pages import Context

SHEET = "book.css"
# In the order in which they overrule each other.
CARRYING_TOO_MUCH = ["styles/pydata-sphinx-theme.css", "styles/sphinx-book-theme.css", "sphinx-design.min.css"]
STYLES = ["basic.css", CARRYING_TOO_MUCH[0], "pygments.css", CARRYING_TOO_MUCH[1], "copybutton.css", "mystnb.*.css"]
STYLES += [CARRYING_TOO_MUCH[2], "site.css"]
PUT_TOGETHER = "bs-tooltip"  # Bootstrap's script makes the names of these classes from parts
# At the end of loading the theme asks for the width of all code at once, so that the browser has to lay out the whole
# page. scrollable.js does the same for each when its width is known.
THEME_SCRIPT = "scripts/pydata-sphinx-theme.js"
SCRIPTS = ["*.js", "live/*.js", THEME_SCRIPT, "scripts/sphinx-book-theme.js", "scripts/bootstrap.js"]
MEASURING = re.compile(r'document\.querySelectorAll\(\["pre".*?\]\.join\(", "\)\)')
ICONS = "vendor/fontawesome/webfonts/fa-solid-900.ttf"
UNUSED = ["vendor", "scripts/fontawesome.js", "scripts/fontawesome.js.LICENSE.txt", "locales"]

WORD = re.compile(r"[\w-]+")
ICON = re.compile("[\ue000-\uf8ff]")  # Unicode leaves these characters to fonts
# FACE stands in their place, under the name that the rules use.
FONT = re.compile(r"@font-face\{[^}]*Font Awesome\\? 6[^}]*\}")
FACE = (
    '@font-face{font-family:"Font Awesome 6 Free";font-weight:900;font-display:block;src:url(data:font/woff;base64,%s)}'
)


def words(site: Path) -> set[str]:
    """Every word that can name something: in the pages, and in the scripts that change them."""
    patterns = ["*.html", "book/*.html", *(f"_static/{name}" for name in SCRIPTS)]
    files = (file for pattern in patterns for file in site.glob(pattern))
    return {word for file in files for word in WORD.findall(file.read_text("utf-8"))}


def names(selector: list[Node]) -> Iterator[str]:
    """The classes and ids that an element must have; those inside :not(…) and the like are no condition here."""
    for before, token in zip([None, *selector], selector, strict=False):
        if token.type == "hash":
            yield token.value
        elif token.type == "ident" and before is not None and before == ".":
            yield token.value


def selectors(prelude: Iterable[Node]) -> Iterator[list[Node]]:
    part: list[Node] = []
    for token in prelude:
        if token == ",":
            yield part
            part = []
        else:
            part.append(token)
    yield part


def used_rules(rules: Iterable[Node], known: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "comment" and rule.value.startswith("!"):
            yield rule.serialize()  # a licence
        elif rule.type == "qualified-rule":
            kept = [
                tinycss2.serialize(one)
                for one in selectors(rule.prelude)
                if all(name in known or name.startswith(PUT_TOGETHER) for name in names(one))
            ]
            if kept:
                yield f"{','.join(kept)}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.type == "at-rule" and rule.at_keyword in ("media", "supports"):
            inside = "".join(used_rules(tinycss2.parse_rule_list(rule.content, True, True), known))
            if inside:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inside}}}"
        elif rule.type == "at-rule":
            yield rule.serialize()


def icon_font(file: Path, characters: set[int]) -> str:
    """The font with these characters only, as the text of an address."""
    options = Options(flavor="woff", layout_features=[], desubroutinize=True)
    font = load_font(str(file), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    packed = io.BytesIO()
    save_font(font, packed, options)
    return base64.b64encode(packed.getvalue()).decode()


def put_together(static: Path, known: set[str]) -> Iterator[str]:
    for name in STYLES:
        files = sorted(static.glob(name))
        if not files:
            raise foreign.Changed(f"_static/{name}: the theme or an extension no longer has this style sheet")
        for file in files:
            text = file.read_text("utf-8")
            if name in CARRYING_TOO_MUCH:
                text = "".join(used_rules(tinycss2.parse_stylesheet(text, skip_whitespace=True), known))
            yield text.replace('@charset "UTF-8";', "")


def link_sheet(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    single = [Path(name) for name in STYLES]
    context["css_files"] = [
        file for file in context["css_files"] if not any(Path(file.filename).match(name.name) for name in single)
    ]
    # templates/static/webpack-macros.html links it. Its name changes with what it is made from, so that no browser
    # shows a new page in an old style.
    context["sheet"] = f"_static/{SHEET}?v={app.config.press_writing[:8]}"


def expect_sheet(app: Sphinx, builder: Builder) -> None:
    """Pages are written, and with them the files of the theme; without any, what was made before stays."""
    builder.sheet_is_expected = True  # type: ignore[attr-defined]  # a mark of our own


def slim(app: Sphinx, exception: Exception | None) -> None:
    static = Path(app.outdir) / "_static"
    if exception or app.builder.format != "html" or not getattr(app.builder, "sheet_is_expected", False):
        return
    if not (static / ICONS).exists():
        raise foreign.Changed(f"_static/{ICONS}: pydata-sphinx-theme no longer has this font of icons")
    text = "\n".join(put_together(static, words(Path(app.outdir))))
    icons = set(map(ord, ICON.findall(text)))
    if not icons:
        raise foreign.Changed("pydata-sphinx-theme: no rule shows an icon any more; look at how it names them")
    text = foreign.sub(FONT, "", text, where="pydata-sphinx-theme: the fonts of icons")
    (static / SHEET).write_text(text + FACE % icon_font(static / ICONS, icons), "utf-8")
    script = (static / THEME_SCRIPT).read_text("utf-8")
    script = foreign.sub(MEASURING, "[]", script, where=f"pydata-sphinx-theme: {THEME_SCRIPT}", times=1)
    (static / THEME_SCRIPT).write_text(script, "utf-8")
    for name in UNUSED:
        shutil.rmtree(static / name, ignore_errors=True)
        if (static / name).is_file():
            (static / name).unlink()
    for file in static.rglob("*.map"):
        file.unlink()


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("html-page-context", link_sheet, priority=900)
    app.connect("write-started", expect_sheet)
    app.connect("build-finished", slim, priority=900)  # when the pages are as they will be
    return {"parallel_read_safe": True, "parallel_write_safe": True}
