"""`{quiz}` asks a question in the page; opening a choice says whether it is right, and why.

    ```{quiz}
    The question, in Markdown.

    - [x] A right choice.

      Why it is right.
    - [ ] A wrong choice.

      What one has probably thought, and why it is not so.
    ```

The page offers the choices in an order that says nothing: by a hash of their words, the same at every build. What can
only be understood as the last one (「どれでもない」) stays there with the option `:keep-last:`.

Plain HTML without a script: it works offline, by keyboard, on paper, and tells a screen reader what is open.
"""

import hashlib
import re
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from press.words import say

logger = logging.getLogger(__name__)
MARK = re.compile(r"^\[([ x])\] ?")
# Which place a choice has is not known where its reason is written.
PLACE = re.compile(
    r"選択肢\s*[0-9A-Eア-オ①-⑤]|[0-9一二三四]\s*(?:番目|つ目)の選択肢|[A-Eア-オ①-⑤]の選択肢"
    r"|[前次上下]の選択肢|(?:最初|最後|はじめ|終わり)の選択肢"
)


class details(nodes.General, nodes.Element):
    """One choice: folded, its first child is what shows."""


class summary(nodes.Part, nodes.TextElement):
    """The choice as it is offered."""


class QuizDirective(SphinxDirective):
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"keep-last": directives.flag}

    def run(self) -> list[nodes.Node]:
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        lists = [child for child in body.children if isinstance(child, nodes.bullet_list)]
        if len(lists) != 1 or body.children[0] is lists[0]:
            raise self.error("クイズには、はじめに問いが、次に選択肢の箇条書きが1つ要ります。")
        choices = [self.choice(item) for item in lists[0].children]
        if not any(choice["right"] for choice in choices) or len(choices) < 2:
            raise self.error("クイズには2つ以上の選択肢と、[x] を付けた正解が要ります。")
        number = self.env.new_serialno("quiz")
        for choice in choices:
            choice["group"] = f"quiz-{number}"  # the browser keeps one of a group open
        several = sum(choice["right"] for choice in choices) > 1
        last = choices[len(choices) - 1 :] if "keep-last" in self.options else []
        for choice in last:
            choice["classes"].append("keep-last")
        choices = [*sorted(choices[: len(choices) - len(last)], key=shuffled), *last]
        title = say("クイズ(当てはまるものをすべて)") if several else say("クイズ")
        box = nodes.admonition("", nodes.title("", title), classes=["quiz"])
        box += [child for child in body.children if child is not lists[0]]
        box += choices
        return [box]

    def choice(self, item: nodes.list_item) -> details:
        first, *reasons = item.children
        mark = MARK.match(first.astext()) if isinstance(first, nodes.paragraph) else None
        if not mark:
            raise self.error(f"選択肢は「- [x] 」か「- [ ] 」で始めます: {item.astext()[:40]}")
        if not reasons:
            message = f"選択肢に理由がありません。空行のあとに、字下げして書いてください: {first.astext()}"
            logger.warning(message, location=(self.env.docname, first.line))
        if place := PLACE.search(item.astext()):
            message = f"「{place[0]}」では、どれのことかわかりません。選択肢は、ページでは並べかえます。"
            logger.warning(message, location=(self.env.docname, first.line))
        text = first.children[0]
        first.replace(text, nodes.Text(MARK.sub("", text.astext())))
        right = mark[1] == "x"
        said = nodes.strong("", say("○ 正解です。") if right else say("× 正解ではありません。"))
        verdict = nodes.paragraph("", "", said, classes=["quiz-right"] if right else [])
        return details("", summary("", "", *first.children), verdict, *reasons, right=right)


def shuffled(choice: details) -> str:
    """A key for sorting that has nothing to do with what is right: a hash of the words that show."""
    return hashlib.sha256(choice.children[0].astext().encode()).hexdigest()


def visit_details(translator: HTML5Translator, node: details) -> None:
    group = {"name": node["group"]} if "group" in node else {}
    translator.body.append(translator.starttag(node, "details", **group))


def depart_details(translator: HTML5Translator, node: details) -> None:
    translator.body.append("</details>\n")


def visit_summary(translator: HTML5Translator, node: summary) -> None:
    translator.body.append("<summary>")


def depart_summary(translator: HTML5Translator, node: summary) -> None:
    translator.body.append("</summary>\n")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(details, html=(visit_details, depart_details))
    app.add_node(summary, html=(visit_summary, depart_summary))
    app.add_directive("quiz", QuizDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
