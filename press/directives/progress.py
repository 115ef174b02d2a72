"""`{progress}` lists every exercise by chapter; live/progress.js adds what the reader has solved, live/moves.js takes
it into the notebooks and back.

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
from press.words import say


# Notebooks may be chosen under any name: telephones add an ending of their own, and know no .ipynb.
def tools(lite: bool) -> str:
    from_lite = f'<button type="button" data-action="lite">{say("ブラウザーのノートブックから読み込む")}</button>\n'
    return f"""\
<noscript>
<p>{say("JavaScript が使えないので、記録は表示できません。問題の一覧だけを載せています。")}</p>
</noscript>
<div class="progress-tools" hidden>
<div class="live-bar" role="group" aria-label="{say("記録")}">
<button type="button" data-action="save">{say("記録を保存")}</button>
<button type="button" data-action="load">{say("記録を読み込む")}</button>
<button type="button" data-action="erase">{say("記録を消す")}</button>
<input type="file" accept=".json,application/json" aria-label="{say("記録のファイル")}" hidden>
</div>
<div class="live-bar" role="group" aria-label="{say("ノートブック")}">
<button type="button" data-action="read">{say("ノートブックを読み込む")}</button>
{from_lite if lite else ""}<button type="button" data-action="write">{say("手もとのノートブックに書き込む")}</button>
<input type="file" aria-label="{say("ノートブックのファイル")}" hidden>
</div>
<p class="live-status" role="status"></p>
</div>
"""


def count(exercises: int) -> str:
    solved = say("{all} 問のうち {solved} 問が正解済み", all=exercises, solved='<span class="progress-solved">0</span>')
    return f"""\
<p class="progress-count" hidden><progress max="{exercises}" value="0" aria-label="{say("正解した問題")}"></progress>
<span>{solved}</span></p>
"""


def write(notebook: str) -> str:
    name = say("ノートブックに書き込む({name}.ipynb)", name=notebook)
    text = say("ノートブックに書き込む")
    return f"""\
<div class="progress-notebook live-bar" hidden>
<button type="button" data-notebook="{notebook}" aria-label="{name}">{text}</button>
<span class="live-status" role="status"></span>
</div>
"""


class progress(nodes.General, nodes.Element):
    """Replaced when every page has been read."""


class ProgressDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # other pages have changed
        return [nodes.raw("", tools(lite=self.env.app.tags.has("lite")), format="html"), progress()]


class Fill(SphinxPostTransform):
    default_priority = 400

    def run(self, **options: Any) -> None:
        for node in list(self.document.findall(progress)):
            node.replace_self(list(chapters(self.env)))


def chapters(env: BuildEnvironment) -> Iterator[nodes.section]:
    known = {one.id: (source.stem, one) for source in sources.files() for one in sources.read(source).exercises}
    for page in sorted(env.found_docs, key=order(env)):
        boxes = [box for box in read(env, page).findall(nodes.admonition) if "exercise" in box["classes"]]
        if boxes:
            number = "".join(f"{part}. " for part in env.toc_secnumbers.get(page, {}).get("", ()))
            title = nodes.title("", number + env.titles[page].astext())
            notebooks = {known[identifier(box)][0]: None for box in boxes}  # each once, and in order
            about = count(len(boxes)) + "".join(map(write, notebooks))
            items = nodes.bullet_list(
                "", *(item(page, box, *known[identifier(box)]) for box in boxes), classes=["progress-list"]
            )
            parts = title, nodes.raw("", about, format="html"), items
            yield nodes.section("", *parts, ids=[f"progress-{Path(page).name}"])


def identifier(box: nodes.admonition) -> str:
    return box.next_node(nodes.title).astext().split()[0]


def item(page: str, box: nodes.admonition, notebook: str, exercise: sources.Exercise) -> nodes.list_item:
    known = [[answer.check, answer.edition, answer.starter] for answer in exercise.answers]
    parts = [child.deepcopy() for child in box.next_node(nodes.title).children]
    link = nodes.reference("", "", *parts, internal=True, refuri=f"../{page}.html#{box['ids'][0]}")
    about = nodes.Text(say("({about})", about=exercise.summary))
    answers = html.escape(json.dumps(known, ensure_ascii=False))
    mark = nodes.raw("", f'<span data-answers="{answers}" data-in="{notebook}"></span>', format="html")
    return nodes.list_item("", nodes.paragraph("", "", mark, nodes.inline("", "", link, about)))


def add_scripts(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    if "progress-tools" in context.get("body", ""):
        for script in ("words.js", "live/memory.js", "live/progress.js", "live/moves.js"):
            app.add_js_file(script, defer="defer")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(progress)
    app.add_directive("progress", ProgressDirective)
    app.add_post_transform(Fill)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
