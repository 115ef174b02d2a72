"""A page has one title; links and folded boxes say what they open."""

from docutils import nodes

from press.rules.page import logger, own, warn


def check_title(page: str, tree: nodes.document) -> None:
    titles = [part for part in tree.children if isinstance(part, nodes.section)]
    if not titles:
        logger.warning("ページの題がありません。「# 題」の行を、本文の前に1つ書いてください。", location=(page, 1))
    for further in titles[1:]:
        warn(page, further, "題(# の見出し)が2つあります。ページの題は1つだけにし、ほかは ## にしてください。")


def check_links(page: str, tree: nodes.document) -> None:
    for link in own(tree, nodes.reference):
        if link.get("refuri") and not link.astext().strip() and not link.next_node(nodes.image):
            warn(page, link, f"{link['refuri']} へのリンクに文字がありません。[ ] の中に、何が開くかを書いてください。")


def check_dropdowns(page: str, tree: nodes.document) -> None:
    for box in own(tree, nodes.container):
        if box.get("design_component") == "dropdown" and not box["has_title"]:
            warn(page, box, "dropdown に題がありません。{dropdown} のあとに、中身がわかる題を書いてください。")
