"""What an author meets: each mistake is named at its line, saving shows the page, and an exercise is quickly begun."""

import os
import re
import signal
import subprocess
import sys

import pytest

from conftest import ROOT, Book, copy_project

CELL = "```{{code-cell}} ipython3\n{}\n```"
FIGURE = CELL.replace("{}", "---\nmystnb:  # ★\n  figure:\n    name: fig-x\n    caption: 説明\n---\n{}\n")
# name of the page: what is wrong on it (the line with ★ is the one to be named), what the message has to say
MISTAKES = {
    "directive": ("```{★unknown}\n```", "unknown"),
    "option": ("```{admonition} 題★\n:nooption: 1\n\n中身\n```", "nooption"),
    "role": ("{★unknown}`x`", "unknown"),
    "image": ("![★](_static/favicon.svg)", "代替テキスト"),
    "figure": (FIGURE.format("import matplotlib.pyplot as plt\n\nplt.plot([1, 2]);"), "代替テキスト"),
    "term": ("これを**★新しい言葉**(new term)と呼びます。", "book/glossary.md"),
    "term_role": ("{term}`★新しい言葉`を使います。", "→ 用語を book/glossary.md"),
    "ch1_symbol": ("ここで $k + \\Xi$ を使います。★", "記号"),
    "equation": ("$$★\nx = 1\n$$", "(eq-名前)"),
    "exercise": ("```{exercise} K9-9★\n```", "solutions/"),
    "citation": ("{cite:p}`★nobody1900`", "→ 文献を book/references.bib"),
    "link": ("[★](nowhere.md)", "nowhere"),
    "anchor": ("[★](#nowhere)", "nowhere"),
    "reference": ("{ref}`★nowhere`", "nowhere"),
    "number": ("{numref}`★fig-nowhere`", "fig-nowhere"),
    "formula": ("{eq}`★eq-nowhere`", "eq-nowhere"),
    "document": ("{doc}`★nowhere`", "nowhere"),
    "notebook": ("{download}`★x <nowhere.ipynb>`", "nowhere"),
    "quiz": ("```{quiz}\n問い\n\n- [x] ア★\n- [ ] イ\n\n  理由\n```", "理由"),
    "module": ("```{api} nowhere★\n```", "nowhere"),
}


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory):
    """One build of a book with one mistake on every page: page → its line, and what was said of the page."""
    book = Book(tmp_path_factory.mktemp("mistakes"))
    copy_project(book.folder)
    header = (ROOT / "book" / "ch1_input_to_hidden.md").read_text("utf-8").split("---\n")[1]
    lines = {}
    for page in (book.folder / "book").glob("*.md"):
        if page.name != "glossary.md":
            page.unlink()
    glossary = book.folder / "book" / "glossary.md"
    glossary.write_text(re.sub(r"\{ref\}`[^`]*`", "", glossary.read_text("utf-8")), "utf-8")
    for name, (mistake, _) in MISTAKES.items():
        text = f"---\n{header}---\n\n# ページ {name}\n\n最初の段落です。\n\n{mistake}\n\n最後の段落です。\n"
        lines[name] = text[: text.index("★")].count("\n") + 1
        (book.folder / "book" / f"{name}.md").write_text(text.replace("★", ""), "utf-8")
    toc = ["format: jb-book", "root: book/glossary", "chapters:", *(f"- file: book/{name}" for name in MISTAKES)]
    (book.folder / "_toc.yml").write_text("\n".join(toc), "utf-8")
    status, output = book.build()
    assert status != 0
    return {name: (line, re.findall(rf"^ *! book/{name}\.md:(.*)$", output, re.M)) for name, line in lines.items()}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_once_at_its_line(mistaken, name):
    line, messages = mistaken[name]
    assert len(messages) == 1
    assert messages[0].startswith(f"{line}: ")
    assert MISTAKES[name][1] in messages[0]


def test_saving_shows_the_page_and_a_mistake_shows_where(tiny_book, chromium):
    book = tiny_book("はじめの文です。")
    source = book.folder / "book" / "index.md"
    command = [sys.executable, "-u", book.folder / "tools" / "live.py"]
    quiet = {**os.environ, "BROWSER": "true"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=quiet, start_new_session=True) as live:
        try:
            address = next(found[0] for line in live.stdout if (found := re.search(r"http://\S+/", line)))
            page = chromium.new_page()
            page.goto(f"{address}book/index.html")
            page.get_by_text("はじめの文です。").wait_for()
            source.write_text(source.read_text("utf-8").replace("はじめの", "{ref}`nowhere` 次の"), "utf-8")
            problem = page.locator("#live-problem")
            problem.wait_for()
            assert "book/index.md:" in problem.inner_text() and "nowhere" in problem.inner_text()
            source.write_text(source.read_text("utf-8").replace("{ref}`nowhere` ", ""), "utf-8")
            page.get_by_text("次の文です。").wait_for()
            assert not problem.count()
            page.close()
        finally:
            os.killpg(live.pid, signal.SIGTERM)  # SIGINT is ignored in what a shell runs behind
