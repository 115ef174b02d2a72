"""`{formulas}` gathers labelled equations of the chapters: number, name, formula.

    ```{formulas}
    eq-softmax: ソフトマックス関数
    eq-cross-entropy: 交差エントロピー誤差
    ```

The formula stands only in its chapter; here is the name by which one looks it up.
"""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from press.pages import read

logger = logging.getLogger(__name__)


class formulas(nodes.General, nodes.Element):
    """Replaced when every page has been read."""


class FormulasDirective(SphinxDirective):
    has_content = True

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # other pages have changed
        names = [[part.strip() for part in line.partition(":")[::2]] for line in self.content if line.strip()]
        if not names or not all(label and name for label, name in names):
            raise self.error("「eq-ラベル: 名前」を1行に1つずつ書きます。")
        node = formulas(names=names)
        self.set_source_info(node)
        return [node]


class Fill(SphinxPostTransform):
    default_priority = 400

    def run(self, **options: Any) -> None:
        for node in list(self.document.findall(formulas)):
            known = equations(self.env)
            items = []
            for label, name in node["names"]:
                if label in known:
                    items.append(item(self.env, *known[label], label, name))
                else:
                    message = f"{label} という式は、どのページにもありません。綴りを確かめてください。"
                    logger.warning(message, location=(self.env.docname, node.line))
            node.replace_self(nodes.definition_list("", *items, classes=["formulas"]))


def equations(env: BuildEnvironment) -> dict[str, tuple[str, nodes.math_block]]:
    """label → its page and equation."""
    return dict(labelled(env))


def labelled(env: BuildEnvironment) -> Iterator[tuple[str, tuple[str, nodes.math_block]]]:
    for page in env.found_docs:
        for block in read(env, page).findall(nodes.math_block):
            if label := block.get("label"):
                yield label, (page, block)


def item(
    env: BuildEnvironment, page: str, block: nodes.math_block, label: str, name: str
) -> nodes.definition_list_item:
    number = env.toc_fignumbers[page]["displaymath"][f"equation-{label}"]
    text = f"({'.'.join(map(str, number))})"
    link = nodes.reference("", text, internal=True, refuri=f"../{page}.html#equation-{label}")
    formula = block.deepcopy()
    formula["ids"], formula["number"], formula["label"] = [], None, None
    term = nodes.term("", "", link, nodes.Text(f" {name}"))
    return nodes.definition_list_item("", term, nodes.definition("", formula))


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(formulas)
    app.add_directive("formulas", FormulasDirective)
    app.add_post_transform(Fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
