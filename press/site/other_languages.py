"""From each page a link to the same page in the book's other languages, for readers and for search engines.

The editions lie in each other: the Japanese one at the top, `en/` in it (press/languages.py).
"""

from pathlib import PurePosixPath

from babel import Locale
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

from dlcourse import foreign
from press import languages
from press.pages import Context

LINKS = "other-languages.html"
BUTTONS = "article-header-buttons.html"  # the theme's own, at the top of a page


def show_links(app: Sphinx, config: Config) -> None:
    if not config.editions:  # the settings of an edition in another language name them
        config.editions = ["ja", *languages.languages()]
    if len(config.editions) > 1:
        shown = config.html_theme_options.setdefault("article_header_end", [BUTTONS])
        if BUTTONS not in shown:
            raise foreign.Changed(f"sphinx-book-theme: no {BUTTONS} at the top of a page")
        shown.insert(0, LINKS)


def folder(code: str) -> PurePosixPath:
    """Where an edition lies in the site."""
    return PurePosixPath("" if code == "ja" else code)


def add_links(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    here, base = app.config.language, app.config.html_baseurl
    to_the_top = "../" * (page.count("/") + len(folder(here).parts))
    target = app.builder.get_target_uri(page)
    context["other_languages"] = [
        {"code": code, "name": Locale.parse(code).get_display_name(), "href": f"{to_the_top}{folder(code) / target}"}
        for code in app.config.editions
        if code != here
    ]
    if base and page in app.env.found_docs:  # addresses in other languages have to be whole
        top = base.rstrip("/").removesuffix(f"/{here}")
        context["same_page"] = [
            {"code": code, "href": f"{top}/{folder(code) / target}"} for code in app.config.editions
        ]


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_config_value("editions", [], "html")
    app.connect("config-inited", show_links)
    app.connect("html-page-context", add_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
