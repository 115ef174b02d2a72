"""How the site looks: the theme, what is added to it, and what is undone of it.

static/ and templates/ are the styles, scripts and templates of its own.

citations    entries of the bibliography as items of a list
figures      figures keep their place until they are loaded
formulas     drawn when the book is built
interface    the words of the theme
long_pages   only what is near the screen is laid out
scripts      a page asks only for what it uses
sheet        one style sheet, of what is used of the theme's
tables       a table shows itself when all of it has come

Tested in tests/press/test_edits.py and test_sheet.py, and on the built site in tests/site/.
"""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

from press.words import copy_static, say

STATIC = Path(__file__).with_name("static")
TEMPLATES = "press/look/templates"
AFTER_OTHERS = 800  # as files that a book's own settings name


def find_templates(app: Sphinx, config: Config) -> None:
    config.templates_path.append(TEMPLATES)


def copy_files(app: Sphinx) -> None:
    copy_static(app, STATIC)


def let_templates_speak(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.builder.templates.environment.globals["say"] = say


PARTS = ["citations", "figures", "formulas", "interface", "long_pages", "scripts", "sheet", "tables"]


def setup(app: Sphinx) -> ExtensionMetadata:
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    app.add_css_file("site.css", priority=AFTER_OTHERS)
    app.add_css_file("print.css", priority=AFTER_OTHERS, media="print")
    for script in ("figures.js", "navigation.js", "scrollable.js", "print.js"):
        app.add_js_file(script, priority=AFTER_OTHERS, defer="defer")
    app.connect("config-inited", find_templates)
    app.connect("builder-inited", copy_files)
    app.connect("builder-inited", let_templates_speak)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
