"""`{review}` gathers cards for spaced repetition: the quizzes and {recall} questions of the chapters, the terms of the
glossary, and the questions whose numbers can be drawn anew. static/review.js shows those that are due.

The cards lie in the page as templates: complete with formulas and links, readable from a file, and nothing to a browser
until one of them is shown.
"""

import hashlib
import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from press.directives.quiz import details
from press.pages import CHAPTER, Context, order, read
from press.search import standard
from press.words import say

CHAPTER_OF_QUESTION = re.compile(r"sec-exam-(\d+)")  # the label of its section


def tools(pages: Iterable[str]) -> str:
    """pages: titles of those that have cards."""
    options = "".join(f"<option>{html.escape(title)}</option>" for title in pages)
    return f"""\
<noscript>
<p>{say("復習のカードは、JavaScript が使えるときに表示されます。")}</p>
</noscript>
<div class="review" hidden>
<p class="live-bar"><label>{say("どこまで学びましたか")} <select class="review-up-to">{options}</select></label></p>
<p class="review-counts" role="status"></p>
<div class="review-card" tabindex="-1"></div>
</div>
"""


class review(nodes.General, nodes.Element):
    """Replaced when every page has been read."""


class card(nodes.comment):
    """What the page holds and does not show: a comment, so that the search leads to where it comes from, not here."""


class ReviewDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # other pages have changed
        return [review()]


class Fill(SphinxPostTransform):
    default_priority = 5  # before references are resolved, so that those of the cards lead from this page

    def run(self, **options: Any) -> None:
        for node in list(self.document.findall(review)):
            found = list(cards(self.env))
            for one in found:
                for reference in one.findall(addnodes.pending_xref):
                    reference["refdoc"] = self.env.docname
            pages = dict.fromkeys(one["page"] for one in found)
            for one in found:
                one["place_in_order"] = list(pages).index(one["page"])
            around = tools(self.env.titles[page].astext() for page in pages)
            node.replace_self([nodes.raw("", around, format="html"), *found])


def cards(env: BuildEnvironment) -> Iterator[card]:
    """All cards in the order of the book, so that new ones come as one has read."""
    by_page = order(env)
    pages = sorted(env.found_docs, key=by_page)
    found = [one for page in pages for one in (*quizzes(env, page), *terms(env, page))]
    yield from sorted(found, key=lambda one: by_page(one["page"]))


def quizzes(env: BuildEnvironment, page: str) -> Iterator[card]:
    for box in read(env, page).findall(nodes.admonition):
        if "recall" in box["classes"]:
            for question in box.findall(details):
                asked, *answer = question.children
                yield make(
                    say("思い出す"),
                    page,
                    section(env, page, box),
                    [nodes.paragraph("", "", *copied(asked.children))],
                    answer,
                )
        elif "question" in box["classes"]:
            place = section(env, page, box)
            chapter = CHAPTER_OF_QUESTION.search(" ".join(section_of(box)["ids"]))
            if chapter and "numbers" in box:
                of_chapter = max(pages_of_chapter(env, chapter[1]), key=order(env))  # when all of it has been read
                yield make(say("計算"), of_chapter, place, box.children[1:], name=box["numbers"])
        elif "quiz" in box["classes"]:
            yield make(say("クイズ"), page, section(env, page, box), box.children[1:])


def pages_of_chapter(env: BuildEnvironment, number: str) -> list[str]:
    named = ((page, CHAPTER.match(Path(page).name)) for page in env.found_docs)
    return [page for page, chapter in named if chapter and chapter[1] == number]


def terms(env: BuildEnvironment, page: str) -> Iterator[card]:
    """A term and what it means, for each that refers to where it is explained."""
    for item in read(env, page).findall(nodes.definition_list_item):
        term, definition = item.next_node(nodes.term), item.next_node(nodes.definition)
        reference = definition.next_node(addnodes.pending_xref)
        if not isinstance(item.parent.parent, addnodes.glossary) or not reference:
            continue
        where, anchor, title = standard(env).labels.get(reference["reftarget"], ("", "", ""))
        if where:
            asked = nodes.paragraph("", say("「{term}」とは何ですか。", term=term.astext()))
            yield make(say("用語"), where, (f"../{where}.html#{anchor}", title), [asked], definition.children)


def section(env: BuildEnvironment, page: str, box: nodes.Node) -> tuple[str, str]:
    """Where the box stands: the address and the title of its section."""
    found = section_of(box)
    return f"../{page}.html#{found['ids'][0]}", found.next_node(nodes.title).astext()


def section_of(box: nodes.Node) -> nodes.section:
    while not isinstance(box, nodes.section):
        box = box.parent
    return box


def make(
    kind: str,
    page: str,
    place: tuple[str, str],
    front: list[nodes.Node],
    back: list[nodes.Node] | None = None,
    name: str = "",
) -> card:
    if not name:  # known by what it asks, so that a reader's schedule outlives a better answer
        asked = "".join(part.astext() for part in front if not isinstance(part, details))
        name = hashlib.sha256(asked.encode()).hexdigest()[:12]
    one = card("", "", key=f"{kind} {name}", kind=kind, page=page, address=place[0], title=place[1])
    one += nodes.container("", *copied(front), classes=["card-front"])
    if back:
        one += nodes.container("", *copied(back), classes=["card-back"])
    return one


def copied(parts: list[nodes.Node]) -> list[nodes.Node]:
    """Copies without names: those are the original's."""
    copies = [part.deepcopy() for part in parts]
    for copy in copies:
        for node in copy.findall(nodes.Element):
            node["ids"], node["names"] = [], []
    return copies


def visit_card(translator: HTML5Translator, node: card) -> None:
    told = {"key": node["key"], "kind": node["kind"], "page": node["place_in_order"]}
    told |= {"address": node["address"], "title": node["title"]}
    attributes = "".join(f' data-{name}="{html.escape(str(value))}"' for name, value in told.items())
    translator.body.append(f'<template class="review-template"{attributes}>')


def depart_card(translator: HTML5Translator, node: card) -> None:
    translator.body.append("</template>\n")


def add_scripts(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    if 'class="review"' in context.get("body", ""):
        for script in ("words.js", "live/memory.js", "scheduler.js", "questions.js", "review.js"):
            app.add_js_file(script, defer="defer")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(review)
    app.add_node(card, html=(visit_card, depart_card))
    app.add_directive("review", ReviewDirective)
    app.add_post_transform(Fill)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
