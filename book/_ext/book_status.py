"""`{book-status}` tells what the build itself has found: contents and execution time per page, versions, commit.

The numbers are counted in the pages and taken from the run that made them; nothing here is written by hand.
"""

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["numpy", "matplotlib", "jupyter-book", "sphinx", "nbgrader"]
TITLES = ["ページ", "確かめた式", "図", "クイズ", "問題", "実行時間(秒)"]


class book_status(nodes.General, nodes.Element):
    """Replaced when every page has been read."""


class BookStatusDirective(SphinxDirective):
    def run(self):
        self.env.note_reread()  # other pages have changed
        return [book_status()]


class Fill(SphinxPostTransform):
    default_priority = 400

    def run(self, **options):
        for node in list(self.document.findall(book_status)):
            node.replace_self([table(self.env), versions()])


def table(env):
    rows, total = [], [0] * (len(TITLES) - 1)
    for page in sorted(env.found_docs, key=order(env)):
        tree = env.get_doctree(page)
        run = (NbMetadataCollector.get_exec_data(env, page) or {}).get("runtime")
        counts = [
            sum(bool(block.get("label")) for block in tree.findall(nodes.math_block)),
            len(list(tree.findall(nodes.figure))),
            sum("quiz" in box["classes"] for box in tree.findall(nodes.admonition)),
            sum("exercise" in box["classes"] for box in tree.findall(nodes.admonition)),
            run or 0,
        ]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        link = nodes.reference("", env.titles[page].astext(), internal=True, refuri=f"../{page}.html")
        rows.append([nodes.paragraph("", "", link), *cells(counts)])
    rows.append([nodes.paragraph(text="合計"), *cells(total)])

    group = nodes.tgroup(cols=len(TITLES))
    group += [nodes.colspec(colwidth=1) for _ in TITLES]
    group += nodes.thead("", row([nodes.paragraph(text=title) for title in TITLES]))
    group += nodes.tbody("", *map(row, rows))
    return nodes.table("", group)


def order(env):
    """The order in which a reader meets the pages."""
    known = {page: place for place, page in enumerate(env.toctree_includes.get(env.config.root_doc, []))}
    return lambda page: (page != "book/index", known.get(page, len(known)))


def cells(counts):
    *numbers, seconds = counts
    shown = [str(number or "") for number in numbers] + [f"{seconds:.1f}" if seconds else ""]
    return [nodes.paragraph(text=text) for text in shown]


def row(paragraphs):
    return nodes.row("", *(nodes.entry("", paragraph) for paragraph in paragraphs))


def versions():
    facts = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)]
    git = ["git", "log", "-1", "--format=%h"]
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    facts.append(f"コミット {commit or '(git の外)'}")
    facts.append(f"作った日 {made}(協定世界時)")
    return nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph(text=fact)) for fact in facts))


def setup(app):
    app.add_node(book_status)
    app.add_directive("book-status", BookStatusDirective)
    app.add_post_transform(Fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
