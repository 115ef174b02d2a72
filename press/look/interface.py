"""The words of the theme and of other extensions that no catalogue can translate: they stand in templates and scripts.

What goes through a catalogue of Sphinx is in japanese/locale/, which _config.yml names (locale_dirs).
"""

import json
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
from dlcourse.words import language
from press.words import say

THEME = "sphinx_book_theme/theme/sphinx_book_theme"
TOGGLE = '<span class="toctree-toggle"'
FOLDED = '<summary aria-label="Toggle hidden content">'  # the text beside it is its name


def templates() -> dict[str, dict[str, str]]:
    """Template → what the theme writes → what we write."""
    return {
        f"{THEME}/components/toggle-primary-sidebar.html": {'"Toggle primary sidebar"': f'"{say("本の目次を開閉")}"'},
        f"{THEME}/components/toggle-secondary-sidebar.html": {
            '"Toggle secondary sidebar"': f'"{say("ページの目次を開閉")}"'
        },
        f"{THEME}/components/sbt-sidebar-nav.html": {
            'aria-label="Main"': f'aria-label="{say("本の目次")}"',
            # What opens the pages below a chapter has no name of its own in the theme.
            "show_nav_level=theme_show_navbar_depth|int) }}": "show_nav_level=theme_show_navbar_depth|int) | string"
            f" | replace('<summary>{TOGGLE}', '<summary aria-label=\"{say('続きのページを開閉')}\">{TOGGLE}') }}}}",
        },
        f"{THEME}/layout.html": {'aria-label="Page"': f'aria-label="{say("ページの目次")}"'},
    }


def worded() -> dict[str, str]:
    """The text of each of these templates in our words, by the file it is read from."""
    texts = {}
    for name, words in templates().items():
        package, _, path = name.partition("/")
        spec = find_spec(package)
        file = Path(spec.origin).parent / path if spec and spec.origin else None
        if not file or not file.exists():
            raise foreign.Changed(f"{name}: this template is gone")
        text = file.read_text("utf-8")
        for theirs, ours in words.items():
            text = foreign.replace(text, theirs, ours, where=name)
        texts[str(file)] = text
    return texts


def word_templates(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    texts = worded()

    class Worded(Extension):
        def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
            return texts.get(str(filename), source)

    app.builder.templates.environment.add_extension(Worded)


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
            name.clear()
            name += nodes.Text(say("型"))


def word_copy_button(app: Sphinx, exception: Exception | None) -> None:
    script = Path(app.outdir) / "_static" / "copybutton.js"
    if exception or app.builder.format != "html":
        return
    begin = f"  '{language()}': {{\n"
    text = script.read_text("utf-8")
    if begin in text:  # theirs, or ours from an earlier build
        return
    words = {
        "copy": say("コピー"),
        "copy_to_clipboard": say("クリップボードにコピー"),
        "copy_success": say("コピーしました"),
        "copy_failure": say("コピーできませんでした"),
    }
    lines = "".join(f"    '{name}': {json.dumps(word, ensure_ascii=False)},\n" for name, word in words.items())
    messages = "const messages = {\n"
    text = foreign.replace(
        text, messages, f"{messages}{begin}{lines}  }},\n", where="sphinx-copybutton: copybutton.js", times=1
    )
    script.write_text(text, "utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(myst_nb.HideCodeCellNode, override=True, html=(visit_folded, myst_nb.depart_HideCellInput))
    app.connect("builder-inited", word_templates)
    app.connect("object-description-transform", name_types)
    app.connect("build-finished", word_copy_button)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
