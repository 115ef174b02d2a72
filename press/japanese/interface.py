"""Japanese for the texts of the interface that no catalogue can translate: they stand in templates and scripts.

What goes through a catalogue is in locale/, which _config.yml names (locale_dirs).
"""

from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from jinja2.ext import Extension
from myst_nb import sphinx_ as myst_nb
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from dlcourse import foreign

THEME = "sphinx_book_theme/theme/sphinx_book_theme"
TOGGLE = '<span class="toctree-toggle"'
# Template → English → Japanese.
TEMPLATES = {
    f"{THEME}/components/toggle-primary-sidebar.html": {'"Toggle primary sidebar"': '"本の目次を開閉"'},
    f"{THEME}/components/toggle-secondary-sidebar.html": {'"Toggle secondary sidebar"': '"ページの目次を開閉"'},
    f"{THEME}/components/sbt-sidebar-nav.html": {
        'aria-label="Main"': 'aria-label="本の目次"',
        # What opens the pages below a chapter has no name of its own in the theme.
        "show_nav_level=theme_show_navbar_depth|int) }}": "show_nav_level=theme_show_navbar_depth|int) | string"
        f" | replace('<summary>{TOGGLE}', '<summary aria-label=\"続きのページを開閉\">{TOGGLE}') }}}}",
    },
    f"{THEME}/layout.html": {'aria-label="Page"': 'aria-label="ページの目次"'},
}
FOLDED = '<summary aria-label="Toggle hidden content">'  # the text beside it is its name
COPY_BUTTON = """const messages = {
  'ja': {
    'copy': 'コピー',
    'copy_to_clipboard': 'クリップボードにコピー',
    'copy_success': 'コピーしました',
    'copy_failure': 'コピーできませんでした',
  },
"""


def translated() -> dict[str, str]:
    """The text of each template of TEMPLATES in Japanese, by the file it is read from."""
    texts = {}
    for name, words in TEMPLATES.items():
        package, _, path = name.partition("/")
        spec = find_spec(package)
        file = Path(spec.origin).parent / path if spec and spec.origin else None
        if not file or not file.exists():
            raise foreign.Changed(f"{name}: this template is gone")
        text = file.read_text("utf-8")
        for english, japanese in words.items():
            text = foreign.replace(text, english, japanese, where=name)
        texts[str(file)] = text
    return texts


def translate_templates(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    texts = translated()

    class Translated(Extension):
        def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
            return texts.get(str(filename), source)

    app.builder.templates.environment.add_extension(Translated)


def visit_folded(translator: HTML5Translator, node: nodes.Element) -> None:
    begin = len(translator.body)
    myst_nb.visit_HideCellInput(translator, node)
    made = foreign.replace(
        "".join(translator.body[begin:]), FOLDED, "<summary>", where="myst-nb: a folded cell", times=1
    )
    translator.body[begin:] = [made]


def name_types(app: Sphinx, domain: str, kind: str, content: addnodes.desc_content) -> None:
    """napoleon's own field, which is in no catalogue."""
    for name in content.findall(nodes.field_name):
        if name.astext() == "Type":
            name.children = [nodes.Text("型")]


def translate_copy_button(app: Sphinx, exception: Exception | None) -> None:
    script = Path(app.outdir) / "_static" / "copybutton.js"
    if exception or app.builder.format != "html" or COPY_BUTTON in script.read_text("utf-8"):
        return
    text = foreign.replace(
        script.read_text("utf-8"),
        "const messages = {\n",
        COPY_BUTTON,
        where="sphinx-copybutton: copybutton.js",
        times=1,
    )
    script.write_text(text, "utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(myst_nb.HideCodeCellNode, override=True, html=(visit_folded, myst_nb.depart_HideCellInput))
    app.connect("builder-inited", translate_templates)
    app.connect("object-description-transform", name_types)
    app.connect("build-finished", translate_copy_button)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
