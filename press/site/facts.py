"""What a page says about itself to search engines and to those who share it, and where corrections go.

The address of the site (html: baseurl) and of the repository (repository: url) stand in _config.yml. Without them
there is no canonical address, no sitemap, and no link for corrections.
"""

import re
from pathlib import Path
from urllib.parse import quote, urljoin
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from dlcourse.words import language
from press.pages import Context
from press.words import ORIGINAL, say

TAG = re.compile("<[^>]*>")
LENGTH, LENGTH_OF_NARROW = 120, 160  # characters of a description that search engines show


def first_sentences(doctree: nodes.document) -> str | None:
    """The beginning of the text, up to the last whole sentence that fits."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        of_the_text = isinstance(paragraph.parent, nodes.section) and not paragraph["classes"]
        if not of_the_text or len(text) < 20:
            continue
        length = LENGTH if language() == ORIGINAL else LENGTH_OF_NARROW
        end = f"{text} ".rfind(say("。"), 0, length) + 1
        return text[:end] if end else text[: length - 1] + "…"
    return None


def correction_link(repository: str, title: str) -> str:
    """A new issue about the page; GitHub, Gitea and Forgejo take the same address, GitLab its own."""
    subject = quote(say("訂正: {title}", title=title))
    if "gitlab" in repository:
        return f"{repository}/-/issues/new?issue[title]={subject}"
    return f"{repository}/issues/new?title={subject}"


def add_facts(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    without_source = {"search": say("検索"), "genindex": say("索引")}
    title = TAG.sub("", context.get("title") or without_source.get(page, page))
    context["plain_title"] = title
    context["description"] = (doctree and first_sentences(doctree)) or f"{app.config.html_title}: {title}"
    repository = app.config.html_theme_options.get("repository_url", "").rstrip("/")
    context["correction_link"] = correction_link(repository, f"{title} ({page})") if repository else None


# sphinx-sitemap would list only the pages that this build has written, so fewer after every change.
def write_site_files(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    sitemap, robots = Path(app.outdir) / "sitemap.xml", Path(app.outdir) / "robots.txt"
    base = app.config.html_baseurl
    if not base:
        sitemap.unlink(missing_ok=True)
        robots.unlink(missing_ok=True)
        return
    base = base.rstrip("/") + "/"
    addresses = (urljoin(base, app.builder.get_target_uri(page)) for page in sorted(app.env.found_docs))
    entries = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    sitemap.write_text(f"{head}{entries}</urlset>\n", "utf-8")
    # Robots look for it at the root of a host only; below a folder it does no harm.
    robots.write_text(f"User-agent: *\nAllow: /\nSitemap: {urljoin(base, 'sitemap.xml')}\n", "utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("html-page-context", add_facts)
    app.connect("build-finished", write_site_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
