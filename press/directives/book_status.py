"""`{book-status}` tells what the build itself has found; nothing of it is written by hand.

{book-status} versions    commit, date, versions
{book-status} pages       contents and execution time of every page
{book-status} equations   the test of every equation
{book-status} exercises   what every exercise is, and how many answers it is tried on
"""

import ast
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from dlcourse.checks import EXERCISES
from press import ROOT
from press.exercises import source as sources
from press.pages import order, read
from press.words import say

PACKAGES = ["numpy", "matplotlib", "jupyter-book", "sphinx", "nbgrader"]

Row = list[str | nodes.Node]  # what stands in each cell: a text or an inline node


class book_status(nodes.General, nodes.Element):
    """Replaced when every page has been read."""


class BookStatusDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        if self.arguments[0] not in PARTS:
            raise self.error(f"{self.arguments[0]} はありません。{'、'.join(PARTS)} のどれかを書きます。")
        self.env.note_reread()  # other pages have changed
        return [book_status(part=self.arguments[0])]


class Fill(SphinxPostTransform):
    default_priority = 400

    def run(self, **options: Any) -> None:
        for node in list(self.document.findall(book_status)):
            node.replace_self(PARTS[node["part"]](self.env))


def pages(env: BuildEnvironment) -> nodes.table:
    heads = [say("ページ"), say("確かめた式"), say("図"), say("クイズ"), say("問題"), say("実行時間(秒)")]
    rows: list[Row] = []
    total: list[float] = [0] * (len(heads) - 1)
    for page in sorted(env.found_docs, key=order(env)):
        tree = read(env, page)
        run = (NbMetadataCollector.get_exec_data(env, page) or {}).get("runtime")
        counts = [
            sum(bool(block.get("label")) for block in tree.findall(nodes.math_block)),
            len(list(tree.findall(nodes.figure))),
            sum("quiz" in box["classes"] for box in tree.findall(nodes.admonition)),
            sum("exercise" in box["classes"] for box in tree.findall(nodes.admonition)),
            run or 0,
        ]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        rows.append([link(env.titles[page].astext(), f"../{page}.html"), *cells(counts)])
    return table(heads, [*rows, [say("合計"), *cells(total)]])


def equations(env: BuildEnvironment) -> nodes.table:
    """For every labelled equation of the book its test, which tests/dlcourse/equations/test_labels.py demands."""
    asserts = {
        test.name: sum(isinstance(part, ast.Assert) or "assert_" in called(part) for part in ast.walk(test))
        for file in sorted(ROOT.glob("tests/dlcourse/equations/test_ch*.py"))
        for test in ast.parse(file.read_text("utf-8")).body
        if isinstance(test, ast.FunctionDef)
    }
    rows = []
    for page in sorted(env.found_docs, key=order(env)):
        for block in read(env, page).findall(nodes.math_block):
            if label := block.get("label"):
                test = f"test_{label.replace('-', '_')}"
                number = env.toc_fignumbers[page]["displaymath"][f"equation-{label}"]
                where = link(f"({'.'.join(map(str, number))})", f"../{page}.html#equation-{label}")
                rows.append([where, nodes.literal(text=test), str(asserts.get(test, say("なし")))])
    return table([say("式"), say("テスト"), say("確かめる条件の数")], rows)


def called(part: ast.AST) -> str:
    """The name of the function that a call calls."""
    return getattr(part.func, "attr", getattr(part.func, "id", "")) if isinstance(part, ast.Call) else ""


def exercises(env: BuildEnvironment) -> nodes.table:
    where = {
        box["names"][0].removeprefix("exercise-").upper(): f"../{page}.html#{box['ids'][0]}"
        for page in env.found_docs
        for box in read(env, page).findall(nodes.admonition)
        if "exercise" in box["classes"]
    }
    heads = [
        say("問題"), say("種類"), say("難しさ"), say("目安(分)"), say("点"), say("正解として試す答え"),
        say("間違いとして試す答え"),
    ]  # fmt: skip
    rows = []
    for source in sources.files():
        for exercise in sources.read(source).exercises:
            checks = [EXERCISES[answer.check] for answer in exercise.answers if answer.check in EXERCISES]
            title = f"{exercise.id} {exercise.title}"
            rows.append(
                [
                    link(title, where[exercise.id.upper()]) if exercise.id.upper() in where else title,
                    exercise.kind,
                    "★" * exercise.difficulty,
                    str(exercise.minutes),
                    str(exercise.points),
                    str(len(checks) + sum(len(check.variants) for check in checks)),
                    str(sum(len(check.pitfalls) for check in checks)),
                ]
            )
    return table(heads, rows)


def link(text: str, address: str) -> nodes.reference:
    return nodes.reference("", text, internal=True, refuri=address)


def table(titles: list[str], rows: Iterable[Row]) -> nodes.table:
    group = nodes.tgroup(cols=len(titles))
    group += [nodes.colspec(colwidth=1) for _ in titles]
    group += nodes.thead("", row(titles))
    group += nodes.tbody("", *map(row, rows))
    return nodes.table("", group)


def row(contents: Iterable[str | nodes.Node]) -> nodes.row:
    """Each content is a text or an inline node."""
    inline = (nodes.Text(content) if isinstance(content, str) else content for content in contents)
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", content)) for content in inline))


def cells(counts: list[float]) -> list[str]:
    *numbers, seconds = counts
    return [*(str(number or "") for number in numbers), f"{seconds:.1f}" if seconds else ""]


def versions(env: BuildEnvironment) -> nodes.bullet_list:
    facts = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)]
    git = ["git", "log", "-1", "--format=%h"]
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    facts.append(say("コミット {commit}", commit=commit or say("(git の外)")))
    facts.append(say("作った日 {day}(協定世界時)", day=made))
    return nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph(text=fact)) for fact in facts))


PARTS = {"versions": versions, "pages": pages, "equations": equations, "exercises": exercises}


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(book_status)
    app.add_directive("book-status", BookStatusDirective)
    app.add_post_transform(Fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
