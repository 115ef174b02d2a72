"""The page that a student gets back: complete in itself, inert, with its formulas as MathML."""

import html
import re
from xml.etree import ElementTree

from bs4 import BeautifulSoup
from jinja2 import pass_context
from latex2mathml.converter import convert_to_element
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

# The browser itself holds to this, whatever stands in the page: no script, nothing from another place.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
ACTIVE = "script, link, base, iframe, frame, object, embed, form, audio, video, meta[http-equiv]"
FETCHED = "img:not([src^='data:']), source, track"
WEB = re.compile(r"\s*(https?://|mailto:|#)", re.IGNORECASE)
LONGEST_FORMULA = 2000


class Feedback(HTMLExporter):
    """nbgrader's feedback page without what it would fetch: MathJax and, in old browsers, more."""

    def from_notebook_node(self, nb, resources=None, **kwargs):
        page, resources = super().from_notebook_node(nb, resources, **kwargs)
        return alone(page), resources

    @pass_context
    def markdown2html(self, context, source):
        """As nbconvert's, with formulas as MathML."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = MathML(escape=False, attachments=attachments, exclude_anchor_links=True)
        return MarkdownWithMath(renderer=renderer).render(source)


class MathML(IPythonRenderer):
    """Markdown whose formulas any browser shows without a script."""

    def block_math(self, body):
        return formula(body, display="block")

    def latex_environment(self, name, body):
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display="block")

    def inline_math(self, body):
        return formula(body, display="inline")


def formula(text, display):
    """MathML, or the formula's own text where it is no formula."""
    text = html.unescape(text)  # Inert has escaped the comparison signs
    try:
        if len(text) > LONGEST_FORMULA:
            raise ValueError("too long")
        # the library knows one of the two names
        made = convert_to_element(text.replace("{aligned}", "{align}"), display=display)
    except Exception:  # the text is a student's, and the library fails on it in many ways
        return f"<code>{html.escape(text)}</code>"
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


def alone(page):
    """The page without anything that runs or is fetched."""
    soup = BeautifulSoup(page, "html.parser")
    for part in soup.select(f"{ACTIVE}, {FETCHED}"):
        part.decompose()
    for style in soup.select("style"):  # Bootstrap's icons, which no page of ours shows
        style.string = re.sub(r"@font-face\s*\{[^}]*\}", "", style.get_text())
    for part in soup.find_all(True):
        for name in [name for name in part.attrs if name.startswith("on")]:
            del part[name]
        if part.name == "a" and not WEB.match(part.get("href", "#")):
            del part["href"]
    for output in soup.select(".output_latex"):  # text that MathJax would have turned into a formula
        text = output.get_text().strip()
        output.clear()
        display = "inline" if re.match(r"\$(?!\$)", text) else "block"
        output.append(BeautifulSoup(formula(text.strip("$").strip(), display=display), "html.parser"))
    soup.html["lang"] = "ja"
    viewport = soup.new_tag("meta", attrs={"name": "viewport", "content": "width=device-width, initial-scale=1"})
    policy = soup.new_tag("meta", attrs={"http-equiv": "Content-Security-Policy", "content": POLICY})
    soup.head.insert(0, viewport)
    soup.head.insert(0, policy)
    return str(soup)
