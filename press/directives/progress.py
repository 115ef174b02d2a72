"""`{progress}` lists every exercise by chapter; live/progress.js adds what the reader has solved.

The page is complete without a script, as a list of the exercises.
"""

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from press.exercises import source as sources
from press.pages import Context, order, read

TOOLS = """\
<noscript>
<p>JavaScript が使えないので、記録は表示できません。問題の一覧だけを載せています。</p>
</noscript>
<div class="progress-tools live-bar" role="group" aria-label="記録" hidden>
<button type="button" data-action="save">記録を保存</button>
<button type="button" data-action="load">記録を読み込む</button>
<button type="button" data-action="erase">記録を消す</button>
<input type="file" accept=".json,application/json" aria-label="記録のファイル" hidden>
<span class="live-status" role="status"></span>
</div>
"""
COUNT = """\
<p class="progress-count" hidden><progress max="{0}" value="0" aria-label="正解した問題"></progress>
<span>{0} 問のうち <span class="progress-solved">0</span> 問が正解済み</span></p>
"""


class progress(nodes.General, nodes.Element):
    """Replaced when every page has been read."""


class ProgressDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # other pages have changed
        return [nodes.raw("", TOOLS, format="html"), progress()]


class Fill(SphinxPostTransform):
    default_priority = 400

    def run(self, **options: Any) -> None:
        for node in list(self.document.findall(progress)):
            node.replace_self(list(chapters(self.env)))


def chapters(env: BuildEnvironment) -> Iterator[nodes.section]:
    known = {exercise.id: exercise for source in sources.files() for exercise in sources.read(source).exercises}
    for page in sorted(env.found_docs, key=order(env)):
        boxes = [box for box in read(env, page).findall(nodes.admonition) if "exercise" in box["classes"]]
        if boxes:
            number = "".join(f"{part}. " for part in env.toc_secnumbers.get(page, {}).get("", ()))
            title = nodes.title("", number + env.titles[page].astext())
            count = nodes.raw("", COUNT.format(len(boxes)), format="html")
            items = nodes.bullet_list("", *(item(page, box, known) for box in boxes), classes=["progress-list"])
            yield nodes.section("", title, count, items, ids=[f"progress-{Path(page).name}"])


def item(page: str, box: nodes.admonition, known: dict[str, sources.Exercise]) -> nodes.list_item:
    title = box.next_node(nodes.title)
    exercise = known[title.astext().split()[0]]
    answers = html.escape(json.dumps([[answer.check, answer.edition] for answer in exercise.answers]))
    parts = [child.deepcopy() for child in title.children]
    link = nodes.reference("", "", *parts, internal=True, refuri=f"../{page}.html#{box['ids'][0]}")
    about = nodes.Text(f"({exercise.summary})")
    mark = nodes.raw("", f'<span data-answers="{answers}"></span>', format="html")
    return nodes.list_item("", nodes.paragraph("", "", mark, nodes.inline("", "", link, about)))


def add_scripts(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    if "progress-tools" in context.get("body", ""):
        app.add_js_file("live/memory.js", defer="defer")
        app.add_js_file("live/progress.js", defer="defer")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(progress)
    app.add_directive("progress", ProgressDirective)
    app.add_post_transform(Fill)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
