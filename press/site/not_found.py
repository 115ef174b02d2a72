"""404.html, which a host such as GitHub Pages shows in place of every address that does not exist.

It is shown at any depth, so its links are read from its own place, which the site's address (html: baseurl) gives.
(sphinx-notfound-page rewrites every link instead; its own table of contents ends the build of a book of one page.)
"""

from html import escape
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from press.pages import Context
from press.words import say


def body(first: str, glossary: str) -> str:
    reason = say(
        "アドレスが間違っているか、ページの名前が変わったのかもしれません。検索か目次から、お探しの内容を見つけてください。"
    )
    return f"""<section>
<h1>{say("ページが見つかりません")}</h1>
<p>{reason}</p>
<ul>
<li><a href="{first}">{say("この本の最初のページ")}</a></li>
<li><a href="search.html">{say("検索")}</a></li>
<li><a href="{glossary}">{say("用語集")}</a></li>
</ul>
</section>"""


def page(app: Sphinx) -> list[tuple[str, Context, str]]:
    address = app.builder.get_target_uri
    glossary = "book/glossary" if "book/glossary" in app.env.found_docs else app.config.root_doc
    text = body(first=address(app.config.root_doc), glossary=address(glossary))
    return [("404", {"title": say("ページが見つかりません"), "body": text}, "page.html")]


def read_links_from_its_place(app: Sphinx, name: str, template: str, context: Context, doctree: None) -> None:
    if name == "404":
        folder = urlsplit(app.config.html_baseurl).path.rstrip("/")
        base = f'<base href="{escape(folder)}/404.html" />' if app.config.html_baseurl else ""
        # The first thing in the head: whatever comes after it is found through it.
        context["metatags"] = base + context.get("metatags", "")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("html-collect-pages", page)
    app.connect("html-page-context", read_links_from_its_place)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
