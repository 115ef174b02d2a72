"""On paper: the PDF of the whole book, and one page as a reader prints it."""

import re
import subprocess
import sys
import unicodedata

import pypdfium2
import pytest
from pypdf import PdfReader

from tests.helpers import ROOT
from tests.helpers.editions import EDITIONS, edition_of, place_of
from tests.helpers.parts import parts

SAID = {
    "ja": {
        "title": "ゼロから学ぶ深層学習",
        "answers": "問題とクイズの答え",
        "wrong": "× 正解ではありません。",
        "hint": "ヒント 1",
        "letters": "[ぁ-んァ-ヶ一-龠]",
    },
    "en": {
        "title": "Deep Learning from Zero",
        "answers": "Answers to the exercises and quick checks",
        "wrong": "× Not correct.",
        "hint": "Hint 1",
        "letters": "[a-z]",
    },
}


def plain(text):
    """Without the line breaks of the paper, and with one form for what looks alike."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def texts_of(file):
    """The text of each page; `file` is a path or the content."""
    document = pypdfium2.PdfDocument(file)
    return [plain(page.get_textpage().get_text_range()) for page in document]


@pytest.fixture(scope="module", params=parts(EDITIONS, ["ja"]))
def edition(request):
    return request.param


@pytest.fixture(scope="module")
def said(edition):
    return {name: text if name in ("title", "letters") else plain(text) for name, text in SAID[edition].items()}


@pytest.fixture(scope="module")
def pdf_file(edition, built_site, tmp_path_factory):
    target = tmp_path_factory.mktemp("print") / "book.pdf"
    # A process of its own: only one Playwright can run in one.
    command = [sys.executable, "-m", "press.commands.pdf", built_site / place_of(edition), target]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def pdf(pdf_file):
    return PdfReader(pdf_file)


@pytest.fixture(scope="module")
def texts(pdf_file):
    return texts_of(pdf_file)


@pytest.fixture(scope="module")
def chapters(pdf):
    """Title → number of the first page, from the outline; without the heading of the cover and the contents."""
    first_level = [entry for entry in pdf.outline if not isinstance(entry, list)]
    return {plain(entry.title): pdf.get_destination_page_number(entry) for entry in first_level[2:]}


def titles_of(documents, edition):
    for name, document in documents.items():
        page = name.removeprefix(place_of(edition))
        if edition_of(name) == edition and page.startswith("book/") and page != "book/index.html":
            title = document.select_one("article.bd-article h1")
            yield plain("".join(part.text for part in title.children if part.name != "a"))


def test_it_is_a_book_of_a4_pages_that_says_what_it_is(pdf, edition, said):
    assert 100 < len(pdf.pages) < 500
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pdf.pages} == {(595, 842)}
    assert said["title"] in pdf.metadata.title and pdf.metadata.author
    assert pdf.trailer["/Root"]["/Lang"] == edition


def test_the_outline_has_every_chapter(chapters, documents, edition, said):
    assert {*titles_of(documents, edition), said["answers"]} == set(chapters)
    assert list(chapters.values()) == sorted(set(chapters.values())), "a chapter begins on a new page"


def test_the_contents_name_the_pages(chapters, texts):
    contents = "".join(texts[1 : min(chapters.values())])
    for title, place in chapters.items():
        assert f"{title}{place + 1}" in contents


def test_every_chapter_can_be_read_and_searched(chapters, texts, said):
    places = [*chapters.values(), len(texts)]
    for title, start, end in zip(chapters, places, places[1:], strict=False):
        text = "".join(texts[start:end])
        assert title in text
        assert len(re.findall(said["letters"], text)) > 40, title  # 参考文献 is mostly English


def test_every_figure_and_equation_keeps_its_number(texts, built_site, edition):
    whole = "".join(texts)
    for page in (built_site / place_of(edition)).glob("book/*.html"):
        source = page.read_text("utf-8")
        for number in re.findall(r'class="caption-number">(.*?)</span>', source):
            assert plain(number) in whole, number
        for number in re.findall(r'class="eqno">(\(.*?\))<', source):
            assert number in whole, number
    assert "??" not in whole
    assert not re.search(r"\\(frac|sum|left)[{_(]", whole), "a formula was not drawn"


def test_the_answers_are_at_the_end(chapters, texts, said):
    answers, verdict = chapters[said["answers"]], said["wrong"]
    assert not [place for place, text in enumerate(texts[:answers]) if verdict in text]
    assert verdict in "".join(texts[answers:])
    assert said["hint"] in "".join(texts[:answers])


def test_fonts_are_in_the_file(pdf):
    for page in pdf.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            descriptor = font.get("/DescendantFonts", [font])[0].get_object().get("/FontDescriptor", {})
            embedded = {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
            assert embedded or font["/Subtype"] == "/Type3", font


def test_a_single_page_prints_what_is_folded_and_is_as_before_afterwards(chromium, address):
    page = chromium.new_page(color_scheme="dark")
    page.goto(f"{address}/book/ch4_gradient_descent.html")
    before = page.evaluate("document.documentElement.dataset.theme + document.querySelectorAll('details[open]').length")
    assert before.startswith("dark")
    page.get_by_label("次の段").first.click()
    printed = "".join(texts_of(page.pdf()))
    assert "×正解ではありません。" in printed and "解答と解説" in printed
    assert "0回目のw" in printed and "8回目のw" in printed
    for only_on_screen in ("実行・編集", "この本を検索", "前のページ"):
        assert only_on_screen not in printed
    after = page.evaluate("document.documentElement.dataset.theme + document.querySelectorAll('details[open]').length")
    assert after == before
    page.close()
