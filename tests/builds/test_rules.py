"""What an author meets: each mistake is named at its line, saving shows the page, and an exercise is quickly begun."""

import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from press.languages import sources
from press.rules import settings as book_settings
from tests.helpers import ROOT
from tests.helpers.books import Book, copy_project, leave_out_lite

CELL = "```{{code-cell}} ipython3\n{}\n```"
FIGURE = CELL.replace("{}", "---\nmystnb:  # ★\n  figure:\n    name: fig-x\n    caption: 説明\n---\n{}\n")
NOT_RUN = 'mystnb:\n  execution_mode: "off"\n'
# name of the page: what is wrong on it (the line with ★ is the one to be named), what the message has to say
MISTAKES = {
    "directive": ("```{★unknown}\n```", "unknown"),
    "option": ("```{admonition} 題★\n:nooption: 1\n\n中身\n```", "nooption"),
    "role": ("{★unknown}`x`", "unknown"),
    "image": ("![★](../press/look/static/favicon.svg)", "代替テキスト"),
    "image_name": ("![★favicon.svg](../press/look/static/favicon.svg)", "代替テキスト"),
    "image_html": ('<img src="../_static/favicon.svg">★', "代替テキスト"),
    "figure": (FIGURE.format("import matplotlib.pyplot as plt\n\nplt.plot([1, 2]);"), "代替テキスト"),
    "image_format": ("![★青い丸が1つあります](circle.tiff)", "形式"),
    "cell_option": (CELL.format(":tgas: [hide-input]\n★\none = 1"), "tgas"),
    "cell_tag": (CELL.format(":tags: [hide-inptu]\n★\none = 1"), "hide-inptu"),
    "cell_figure": (CELL.format("---\nmystnb:  # ★\n  figrue:\n    name: fig-y\n---\none = 1"), "figrue"),
    "draw": (CELL.format("import numpy as np\n★\nprint(np.random.default_rng(0).random())"), "1回の乱数"),
    "term": ("これを**★新しい言葉**(new term)と呼びます。", "book/glossary.md"),
    "term_role": ("{term}`★新しい言葉`を使います。", "→ 用語を book/glossary.md"),
    "ch1_input_to_hidden": ("ここで $k + \\Xi$ を使います。★", "記号"),
    "equation": ("$$★\nx = 1\n$$", "(eq-名前)"),
    "equation_align": ("\\begin{align}★\nx = 1\n\\end{align}", "(eq-名前)"),
    "dollar": ("値は ★$x + 1 です。", "$"),
    "dollars": ("★$$\nx = 1\n\n文です。", "$"),
    "footnote": ("文★[^1]です。", "[^"),
    "footnote_unused": ("文です。\n\n[^note]: ★注です。", "[^note]"),
    "link_definition": ("★[文][nowhere]です。", "]["),
    "bold": ("これは★**太字です。", "**"),
    "role_without_text": ("★{ref}と書きます。", "{ref}"),
    "fence": ("```{note}★\n中身\n\n- 項目", "閉じていません"),
    "colons": ("::::{note}★\n中身\n:::", "閉じていません"),
    "colons_inside": ("::::{note}\n:::{tip}★\n中身\n::::", "閉じていません"),
    "colons_left": ("中身\n\n:::★", "閉じていません"),
    "exercise": ("```{exercise} K9-9★\n```", "solutions/"),
    "exercise_twice": ("```{exercise} K1-2\n```\n\n```{exercise} K1-2★\n```", "K1-2"),
    "citation": ("{cite:p}`★nobody1900`", "→ 文献を book/references.bib"),
    "title": ("# 2つ目の題★\n\n文です。", "題"),
    "link": ("[★](nowhere.md)", "nowhere"),
    "anchor": ("[★](#nowhere)", "nowhere"),
    "reference": ("{ref}`★nowhere`", "nowhere"),
    "number": ("{numref}`★fig-nowhere`", "fig-nowhere"),
    "formula": ("{eq}`★eq-nowhere`", "eq-nowhere"),
    "document": ("{doc}`★nowhere`", "nowhere"),
    "notebook": ("{download}`★x <nowhere.ipynb>`", "nowhere"),
    "quiz": ("```{quiz}\n問い\n\n- [x] ア★\n- [ ] イ\n\n  理由\n```", "理由"),
    "quiz_place": (
        "```{quiz}\n問い\n\n- [x] ア★\n\n  1番目の選択肢と同じです。\n- [ ] イ\n\n  理由\n```",
        "1番目の選択肢",
    ),
    "question": ("```{question}★\n問い\n\n- [x] ア\n\n  理由\n- [ ] イ\n\n  理由\n```", "4つの選択肢"),
    "question_numbers": ("```{question}★\n:numbers: nowhere\n\n問い\n```", "nowhere"),
    "drawn": ("{drawn}`★nowhere`", "nowhere"),
    "recall": ("```{recall}\n1. 問い★\n\n   答え\n```", "参照"),
    "recall_without_answer": ("```{recall}★\n1. 問い\n```", "答えがありません"),
    "formulas": ("```{formulas}★\neq-nowhere: 名前\n```", "eq-nowhere"),
    "quiz_without_question": ("```{quiz}★\n- [x] ア\n\n  理由\n- [ ] イ\n\n  理由\n```", "問い"),
    "cell_yaml": (CELL.format("---\nmystnb:\n  figure: {name: fig-z★\n---\none = 1"), "YAML"),
    "cell_yaml_short": (CELL.format(":tags: [hide-input★\none = 1"), "YAML"),
    "cell_tags_text": (CELL.format(":tags: hide-input★\none = 1"), "[hide-input]"),
    "cell_kernel": ("```{code-cell} ipythn3★\none = 1\n```", "ipython3"),
    "cell_figure_name": (CELL.format("---\nmystnb:  # ★\n  figure:\n    caption: 説明\n---\none = 1"), "name"),
    "tex": ("値は ★$\\foo{x}$ です。", "\\foo"),
    "tex_block": ("$$★\n\\foo{x} = 1\n$$ (eq-tex)", "\\foo"),
    "rst_directive": ("```{eval-rst}\n.. nowhere:: x★\n```", "nowhere"),
    "autofunction": ("```{eval-rst}\n.. autofunction:: dlcourse.functions.nowhere★\n```", "nowhere"),
    "untitled": ("文です。", "題"),
    "exercise_twice_elsewhere": ("```{exercise} K1-2★\n```", "book/exercise_twice.md"),
    "dropdown": ("```{dropdown}★\n中身\n```", "題"),
    "link_without_text": ("文 ★[ ](https://example.org/)です。", "https://example.org/"),
    "div": ('<div class="note">★\n\n中身', "</div>"),
    "table": ("| 1 | 2 |\n|---|---|\n| 3 | 4 |\n| 5 | 6 | 7 |★", "列"),
    "module": ("```{api} nowhere★\n```", "nowhere"),
}


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory):
    """One build of a book with one mistake on every page: page → the mistake's line, and all that was said."""
    book = Book(tmp_path_factory.mktemp("mistakes"))
    copy_project(book.folder)
    leave_out_lite(book.folder)
    header = (ROOT / "book" / "ch1_input_to_hidden.md").read_text("utf-8").split("---\n")[1]
    lines = {}
    for page in (book.folder / "book").glob("*.md"):
        if page.name != "glossary.md":
            page.unlink()
    glossary = book.folder / "book" / "glossary.md"
    text = glossary.read_text("utf-8").replace("{ref}`sec-", "{ref}`nowhere-", 1)
    text = re.sub(r"\{ref\}`(?!nowhere)[^`]*`", "", text)
    glossary.write_text(text, "utf-8")
    lines["glossary"] = text[: text.index("nowhere")].count("\n") + 1
    (book.folder / "book" / "circle.tiff").write_bytes(b"II*\0")
    for name, (mistake, _) in MISTAKES.items():
        above = ""
        if "{code-cell}" in mistake:  # what the cell shows is of interest on one page, and each run starts a kernel
            above = f"---\n{header}{'' if name == 'figure' else NOT_RUN}---\n\n"
        text = f"{above}# ページ {name}\n\n最初の段落です。\n\n{mistake}\n\n最後の段落です。\n"
        if name == "untitled":
            text = "★" + text.replace(f"# ページ {name}", "")
        lines[name] = text[: text.index("★")].count("\n") + 1
        (book.folder / "book" / f"{name}.md").write_text(text.replace("★", ""), "utf-8")
    toc = ["format: jb-book", "root: book/glossary", "chapters:", *(f"- file: book/{name}" for name in MISTAKES)]
    (book.folder / "_toc.yml").write_text("\n".join(toc), "utf-8")
    status, output = book.build()
    assert status != 0
    return lines, output


@pytest.mark.parametrize("name", [*MISTAKES, "glossary"])
def test_a_mistake_is_named_once_at_its_line(mistaken, name):
    lines, output = mistaken
    messages = re.findall(rf"^ *! book/{name}\.md:(.*)$", output, re.M)
    assert len(messages) == 1
    assert messages[0].startswith(f"{lines[name]}: ")
    assert MISTAKES.get(name, (None, "nowhere-"))[1] in messages[0]


def test_an_exercise_that_no_page_of_its_chapter_shows_is_named(mistaken):
    """The book of the mistakes has the first chapter, and shows only K1-2."""
    source = "solutions/ch1_input_to_hidden/ch1_input_to_hidden.md"
    begin = '+++ {"exercise": {"difficulty": 1, "id": "K0-1"'
    line = (ROOT / source).read_text("utf-8").partition(begin)[0].count("\n") + 1
    messages = re.findall(r"^ *! (solutions/.*)$", mistaken[1], re.M)
    assert [message for message in messages if message.startswith(f"{source}:{line}: ") and "K0-1" in message]
    assert not any("K1-2" in message or "ch2" in message for message in messages)


def test_saving_shows_the_page_and_a_mistake_shows_where(tiny_book, chromium):
    book = tiny_book("はじめの文です。")
    source = book.folder / "book" / "index.md"
    command = [sys.executable, "-u", "-m", "press.commands.preview"]
    quiet = {**os.environ, "BROWSER": "true"}
    with subprocess.Popen(
        command, cwd=book.folder, stdout=subprocess.PIPE, text=True, env=quiet, start_new_session=True
    ) as live:
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


BROKEN_SETTINGS = [
    ("_config.yml", "  timeout: 120", "\ttimeout: 120", "YAML"),
    ("_config.yml", "  timeout: 120", "  timeuot: 120", "timeout ではありませんか"),
    ("_config.yml", "execute:", "excute:", "execute ではありませんか"),
    ("_config.yml", 'baseurl: ""', 'baseurl: "example.com/book"', "https:// で始めて"),
    ("_config.yml", "  url: ", '  url: "github.com/foo/bar" #', "https:// で始めて"),
    ("_config.yml", "references.bib]", "refrences.bib]", "book/refrences.bib がありません"),
    ("book/references.bib", "kingma2015adam,", "He2015delving,", "He2015delving は 290 行目にも"),
    ("book/references.bib", "@article{cauchy1847methode,", "@article cauchy1847methode,", "文献として読めません"),
    ("_toc.yml", "- file: book/status", "- file: book/statsu", "book/statsu.md がありません"),
    ("_toc.yml", "- file: book/status", "- file: [book/status", "YAML"),
    ("_toc.yml", "root:", "rooot:", "目次として読めません"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "message"), BROKEN_SETTINGS)
def test_what_is_wrong_in_the_settings_is_named(tmp_path, monkeypatch, name, right, wrong, message):
    for file in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / file, tmp_path)
    shutil.copytree(ROOT / "book", tmp_path / "book", ignore=lambda folder, names: [n for n in names if n[0] == "_"])
    monkeypatch.setattr(book_settings, "ROOT", tmp_path)
    assert book_settings.problem() is None
    text = (tmp_path / name).read_text("utf-8")
    assert right in text
    (tmp_path / name).write_text(text.replace(right, wrong), "utf-8")
    problem = book_settings.problem()
    assert problem.startswith(name) and message in problem and "\n" not in problem
    if message != "目次として読めません":
        at = text.replace(right, wrong)
        place = at[: at.index(wrong)].count("\n") + 1
        assert problem.startswith(f"{name}:{place}: "), "the line is named"


def test_a_broken_exercise_is_named_in_its_source(tiny_book):
    book = tiny_book("文です。")
    [source] = sources("solutions/ch1_*/ch1_*.md", root=book.folder)
    text = source.read_text("utf-8")
    source.write_text(text.replace("\n:points: 1\n", "\n", 1), "utf-8")
    place = text[: text.index("\n:points: 1\n")].count("\n")
    status, output = book.build()
    assert status != 0
    assert f" {source.relative_to(book.folder)}:{place}: " in output.splitlines()[-1] and "points" in output


def test_a_page_that_the_contents_leave_out_is_named_and_leaves_the_site(tiny_book):
    book = tiny_book("文です。")
    contents = book.folder / "_toc.yml"
    shorter = contents.read_text("utf-8")
    (book.folder / "book" / "extra.md").write_text("# 付け足し\n\n文です。\n", "utf-8")
    for text, there in ((f"{shorter}chapters:\n- file: book/extra\n", True), (shorter, False)):
        contents.write_text(text, "utf-8")
        status, output = book.build()
        assert status == 0, output
        assert (book.html / "book" / "extra.html").exists() == there != ("book/extra.md は _toc.yml にない" in output)
        for page in ("book/index.html", "index.html", "search.html", "404.html"):
            assert (book.html / page).exists()
