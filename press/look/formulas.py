"""Draw the formulas when the book is built, so that a reader's browser has nothing to compute.

MathJax in the browser is 300 kB of script and seconds of work on a phone. Here the same MathJax (carried by the
package sphinx-mathjax-offline) runs once, in the V8 engine of the package mini-racer: the page holds finished
formulas, MathML for screen readers beside them, and the few style rules that they need.
"""

import atexit
import shutil
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number, wrap_displaymath
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from press.pages import Context
from press.words import say

if TYPE_CHECKING:
    from py_mini_racer import MiniRacer

logger = logging.getLogger(__name__)

FONTS = "output/chtml/fonts/woff-v2"
PARTS = [
    "startup",
    "core",
    "adaptors/liteDOM",
    "input/tex-full",
    "output/chtml",
    "output/chtml/fonts/tex",
    "a11y/assistive-mml",
]
# MathJax asks for a timer and for the name of the global object, which the bare language does not have.
BEFORE = """
globalThis.global = globalThis;
globalThis.setTimeout = (action) => void Promise.resolve().then(action);
globalThis.MathJax = {
  startup: {typeset: false},
  tex: {packages: {"[-]": ["noundefined"]}}, // an unknown command is an error, not red text
  chtml: {fontURL: "FONTS"},
};
"""
AFTER = """
MathJax.startup.getComponents();
MathJax.startup.makeMethods();
const draw = (tex, display) => MathJax.startup.adaptor.outerHTML(MathJax.tex2chtml(tex, {display, em: 16, ex: 8}));
const style = () => {
  const rules = MathJax.startup.adaptor.textContent(MathJax.chtmlStylesheet());
  MathJax.startup.output.clearCache(); // what the next page uses is counted from nothing
  return rules;
};
"""


def carrier() -> Path:
    """The folder of MathJax."""
    try:
        # The package's folder has hyphens in its name and cannot be imported.
        return Path(str(distribution("sphinx-mathjax-offline").locate_file("sphinx-mathjax-offline/static/mathjax")))
    except PackageNotFoundError:
        raise ExtensionError(
            "sphinx-mathjax-offline がありません。pip install -r requirements.txt を実行してください。"
        ) from None


class MathJax:
    """MathJax, started when the first formula is drawn."""

    @cached_property
    def engine(self) -> "MiniRacer":
        from py_mini_racer import MiniRacer

        engine = MiniRacer()
        # Its thread is joined when it is closed; left to the end of Python 3.13, that would wait for ever.
        atexit.register(engine.close)
        engine.eval(BEFORE)
        for part in PARTS:
            engine.eval((carrier() / f"{part}.js").read_text("utf-8"))
        engine.eval(AFTER)
        return engine

    def draw(self, tex: str, display: bool, node: nodes.Element) -> str:
        drawn = self.engine.call("draw", tex, display)
        if "data-mjx-error" in drawn:
            reason = drawn.split('data-mjx-error="')[1].split('"')[0]
            beginning = " ".join(node.astext().split())[:60]
            message = f"数式「{beginning}」を読めません({reason})。綴りと括弧を確かめてください。"
            logger.warning(message, location=node)
        return drawn

    def style(self, fonts: str) -> str:
        """The rules for the formulas since the last call; the fonts are found at the address `fonts`."""
        return self.engine.call("style").replace("FONTS", fonts)


mathjax = MathJax()


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(translator.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    translator.body.append(mathjax.draw(node.astext(), False, node) + "</span>")
    raise nodes.SkipNode


def visit_displaymath(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, say("この式へのリンク"))
        translator.body.append("</span>")
    tex = node.astext() if node["nowrap"] else wrap_displaymath(node.astext(), None, False)
    translator.body.append(mathjax.draw(tex, True, node) + "</div>\n")
    raise nodes.SkipNode


def add_style(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    if "<mjx-container" in context.get("body", ""):
        context["formula_style"] = mathjax.style(f"{context['content_root']}_static/mathjax")


def use_it(app: Sphinx, config: Config) -> None:
    config.html_math_renderer = "drawn"


def copy_fonts(app: Sphinx) -> None:
    if app.builder.format == "html":
        shutil.copytree(carrier() / FONTS, Path(app.outdir) / "_static" / "mathjax", dirs_exist_ok=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_html_math_renderer("drawn", (visit_math, None), (visit_displaymath, None))
    app.connect("config-inited", use_it)
    app.connect("builder-inited", copy_fonts)
    app.connect("html-page-context", add_style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
