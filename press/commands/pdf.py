"""Make one PDF of the whole book from the built site: `make pdf`, or `python -m press.commands.pdf SITE [PDF]`.

The pages are put into one document as a printed book needs them: links lead to its pages, a table of contents has
page numbers, answers stand at the end. press/look/static/print.css lays it out, as it does when a reader prints a page;
Chromium sets the type. Equations, figures and sections keep the numbers that they have on the site.
"""

import re
import sys
import time
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter

from dlcourse import words
from press import ROOT, languages
from press.words import say
from tools import browser

SITE = ROOT / "_build" / "html"

BOOK = """\
<!DOCTYPE html>
<html lang="{language}" data-theme="light">
<head><meta charset="utf-8"><title></title></head>
<body><main class="bd-main"><div class="bd-content"><div class="bd-article-container"></div></div></main></body>
</html>
"""
# The type is set when the pictures are ready; what is wider than the page then is made smaller.
SET = """async () => {
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode()));
  for (const part of document.querySelectorAll("mjx-container[display='true'], .pst-scrollable-table-container")) {
    const share = part.parentElement.clientWidth / part.scrollWidth;
    if (share < 1) part.style.zoom = share;
  }
}"""
# Page numbers are known when the pages have been set once; they take no more room than what stands in their place.
# Nobody sees those pages, so that nothing is drawn on them.
UNSEEN = "* { visibility: hidden !important; }"
NUMBER = """([pages, words]) => {
  for (const link of document.querySelectorAll(".to-page")) {
    const number = pages[decodeURIComponent(link.hash.slice(1))] ?? "000";
    link.dataset.page = link.matches(".contents *") ? number : words.replace("{page}", number);
  }
}"""
WIDTH = 658  # CSS pixels between the margins that print.css sets


def order() -> list[str]:
    """The pages in the order of _toc.yml."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    parts = toc.get("parts", [toc])
    return [toc["root"], *(page for part in parts for page in files_in(part.get("chapters", [])))]


def files_in(entries: list[dict[str, Any]]) -> Iterator[str]:
    """Each page, and behind it those below it."""
    for entry in entries:
        yield entry["file"]
        yield from files_in(entry.get("sections", []))


def first(part: Tag, selector: str) -> Tag:
    """The first element of these; every page of the site has one."""
    found = part.select_one(selector)
    assert found, selector
    return found


class Page:
    """The article of one page, with names that are unique in the whole book."""

    def __init__(self, site: Path, name: str) -> None:
        self.name = Path(name).name
        self.document = BeautifulSoup((site / f"{name}.html").read_text("utf-8"), "html.parser")
        self.article = first(self.document, "article.bd-article")
        self.title = first(self.article, "h1")
        for part in self.article.select(".headerlink, .sd-summary-state-marker, script, template, noscript"):
            part.decompose()
        for picture in self.article.select("img"):
            picture["loading"] = "eager"  # no reader comes near
        self._rename()
        for folded in self.article.select("details"):
            folded["open"] = ""
            del folded["name"]  # of a group only one may be open

    def _rename(self) -> None:
        for part in [self.article, *self.article.select("[id]")]:
            if not part.find_parent("svg"):  # those names are unique, and the picture itself refers to them
                part["id"] = f"{self.name}--{part['id']}" if part.get("id") else self.name
        for link in self.article.select("a[href]"):
            if re.match(r"\w+:", str(link["href"])):
                continue
            path, _, anchor = str(link["href"]).partition("#")
            page = Path(path).stem if path.endswith(".html") else self.name
            if path and (not path.endswith(".html") or not (ROOT / "book" / f"{page}.md").exists()):
                link.unwrap()  # a notebook to download, the index: not in the printed book
            else:
                link["href"] = f"#{page}--{anchor}" if anchor else f"#{page}"


def number(page: Page) -> str:
    found = page.title.select_one(".section-number")
    return found.text.strip(". ") if found else ""


def heading(soup: BeautifulSoup, level: int, text: str) -> Tag:
    made = soup.new_tag(f"h{level}")
    made.string = text
    return made


def element(soup: BeautifulSoup, name: str, *children: PageElement | str, **attributes: str) -> Tag:
    made = soup.new_tag(name, attrs={key.rstrip("_"): value for key, value in attributes.items()})
    made.extend(list(children))
    return made


def contents(soup: BeautifulSoup, pages: list[Page]) -> Tag:
    """The table of contents."""
    items = element(soup, "ul", class_="contents")
    for page in pages:
        for title in page.article.select("h1, h2"):
            text = element(soup, "span", BeautifulSoup(title.decode_contents(), "html.parser"))
            place = title.parent["id"] if title.parent and title.name == "h2" else page.name
            link = element(soup, "a", text, href=f"#{place}", class_="to-page")
            items.append(element(soup, "li", link, class_="chapter" if title.name == "h1" else "section"))
    return element(soup, "article", heading(soup, 1, say("目次")), items, id="contents", class_="bd-article")


def answers(soup: BeautifulSoup, pages: list[Page]) -> Tag:
    """What is folded on the site so that readers think first: moved out of the pages to the end of the book."""
    article = element(soup, "article", heading(soup, 1, say("問題とクイズの答え")), id="answers", class_="bd-article")
    for page in pages:
        found = [*quiz_answers(soup, page), *exercise_answers(soup, page)]
        if found:
            section = element(soup, "section", id=f"answers--{page.name}")
            section.append(heading(soup, 2, " ".join(page.title.get_text(" ").split())))
            section.extend(found)
            article.append(section)
    return article


def answer(soup: BeautifulSoup, box: Tag, title: str, content: Iterable[PageElement]) -> Tag:
    """One entry at the end, and the link to it in the page."""
    there = f"answer--{box['id']}"
    link = element(soup, "a", say("答え"), href=f"#{there}", class_="to-page")
    box.append(element(soup, "p", link, class_="to-answer"))
    back = element(soup, "a", title, href=f"#{box['id']}", class_="to-page")
    return element(soup, "div", element(soup, "p", back, class_="answer-title"), *content, id=there, class_="answer")


def quiz_answers(soup: BeautifulSoup, page: Page) -> Iterator[Tag]:
    for count, box in enumerate(page.article.select(".quiz"), start=1):
        box["id"] = f"{page.name}--quiz-{count}"
        if "question" in box["class"]:
            title = say("問題{number}", number=count)
        else:
            title = say("クイズ {chapter}-{number}", chapter=number(page) or "0", number=count)
        first(box, ".admonition-title").string = title
        choices, reasons = element(soup, "ul", class_="choices"), element(soup, "ul", class_="choices")
        for letter, choice in zip(say("アイウエオカキク"), box.select("details"), strict=False):
            offered = first(choice, "summary").extract()
            offered.name = "li"
            offered.insert(0, f"{letter}. ")
            choices.append(offered)
            choice.extract()
            choice.name, choice.attrs = "li", {}
            first(choice, "p").insert(0, f"{letter}. ")
            reasons.append(choice)
        box.append(choices)
        yield answer(soup, box, title, [reasons])


def exercise_answers(soup: BeautifulSoup, page: Page) -> Iterator[Tag]:
    for box in page.article.select(".exercise"):
        for folded in box.select("details.solution"):
            folded.extract()
            content = first(folded, ".sd-card-body")
            yield answer(soup, box, first(box, ".admonition-title").text, list(content.children))


def assemble(site: Path) -> tuple[str, dict[str, Any]]:
    """The whole book as one page of HTML, to lie beside the site's other pages."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    pages = [Page(site, name) for name in order()]
    soup = BeautifulSoup(BOOK.format(language=words.language()), "html.parser")
    title = str(first(pages[0].document, "meta[property='og:site_name']")["content"])
    first(soup, "title").string = title
    styles: dict[str, Tag] = {}
    for page in pages:
        for part in page.document.select("link[rel=stylesheet], head style"):
            styles.setdefault(str(part), part)
    for page in pages[1:]:
        head = " ".join(page.title.get_text(" ").split()).replace('"', "'")
        rule = f'@page {page.name} {{ @top-right {{ content: "{head}"; }} }} #{page.name} {{ page: {page.name}; }}'
        styles[page.name] = element(soup, "style", rule)
    first(soup, "head").extend(styles.values())

    cover = pages[0].article
    cover["class"] = "bd-article cover"
    for section in cover.select("section section"):
        section.decompose()
    subtitle = re.split(" — |: ", title, maxsplit=1)[-1]
    pages[0].title.insert_after(element(soup, "p", subtitle, class_="subtitle"))
    cover.append(element(soup, "p", f"{config['author']}{say('・')}{config['copyright']}", class_="imprint"))

    box = first(soup, ".bd-article-container")
    at_the_end = Page.__new__(Page)
    at_the_end.name, at_the_end.article = "answers", answers(soup, pages[1:])
    box.extend([cover, contents(soup, [*pages[1:], at_the_end]), *(p.article for p in pages[1:]), at_the_end.article])
    return str(soup), {**config, "title": title}


def language_of(site: Path) -> str:
    page = BeautifulSoup((site / f"{order()[0]}.html").read_text("utf-8"), "html.parser")
    return str(first(page, "html")["lang"])


def page_numbers(printed: bytes) -> dict[str, int]:
    """Where in the printed book each target of a link is."""
    book = PdfReader(BytesIO(printed))
    numbers = {}
    for name, place in book.named_destinations.items():
        page = book.get_destination_page_number(place)
        assert page is not None, name
        numbers[name.lstrip("/")] = page + 1
    return numbers


def main(site: str | Path = SITE, target: str | Path | None = None) -> None:
    site = Path(site).resolve()
    target = Path(target) if target else site.parent / "dlcourse.pdf"
    started = time.monotonic()
    print("PDF を作っています / making the PDF", flush=True)
    with words.using(language_of(site)):
        text, config = assemble(site)
        place = say(" ({page} ページ)")  # behind a link
    page_file = site / "book" / "print-all.html"
    page_file.write_text(text, "utf-8")
    try:
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox", "--disable-gpu"])
            page = running.new_page(viewport={"width": WIDTH, "height": 900})
            page.emulate_media(media="print")
            page.goto(page_file.as_uri())
            page.evaluate(SET)
            page.evaluate(NUMBER, [{}, place])
            unseen = page.add_style_tag(content=UNSEEN)
            page.evaluate(NUMBER, [page_numbers(page.pdf(prefer_css_page_size=True)), place])
            unseen.evaluate("(style) => style.remove()")
            printed = page.pdf(prefer_css_page_size=True, outline=True, tagged=True)
            running.close()
    finally:
        page_file.unlink()
    book = PdfWriter(BytesIO(printed), incremental=True)
    book.add_metadata({"/Title": config["title"], "/Author": config["author"]})
    book.write(target)
    print(f"{target}({len(book.pages)} ページ、{time.monotonic() - started:.0f} 秒)")


def every_edition() -> None:
    main()
    for code in languages.languages():
        main(SITE / code, SITE.parent / f"dlcourse-{code}.pdf")


if __name__ == "__main__":
    main(*sys.argv[1:]) if sys.argv[1:] else every_edition()
