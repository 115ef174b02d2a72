"""`{recall}` asks, at the start of a chapter, for what earlier ones have said; a question opens its answer.

    ```{recall}
    1. The question, in Markdown.

       The answer, with a reference to where it stands: {ref}`sec-slope`.
    2. …
    ```

To draw something from memory makes it stay longer than to read it again, and the new chapter builds on it.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from press.directives.quiz import details, summary
from press.words import say

logger = logging.getLogger(__name__)


class RecallDirective(SphinxDirective):
    has_content = True

    def run(self) -> list[nodes.Node]:
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        if len(body.children) != 1 or not isinstance(body.children[0], nodes.enumerated_list):
            raise self.error("思い出すための問いは、「1. 問い」の番号付きの箇条書きで書きます。")
        box = nodes.admonition("", nodes.title("", say("思い出してから読む")), classes=["quiz", "recall"])
        box += [self.question(item) for item in body.children[0].children]
        return [box]

    def question(self, item: nodes.Element) -> details:
        asked, *answer = item.children
        if not isinstance(asked, nodes.paragraph) or not answer:
            raise self.error(f"問いに答えがありません。空行のあとに、字下げして書いてください: {item.astext()[:40]}")
        if not any(part.next_node(addnodes.pending_xref) for part in answer):
            message = f"答えに、読み返すところへの参照({{ref}} か {{doc}})がありません: {asked.astext()[:40]}"
            logger.warning(message, location=(self.env.docname, asked.line))
        return details("", summary("", "", *asked.children), *answer)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("recall", RecallDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
