"""What a reader meets on every page of the built site, in Chromium."""

import re
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from press.languages import JAPANESE
from tests.helpers.editions import EDITIONS, edition_of, place_of

DESCRIBED = {"ja": r"[ぁ-んァ-ヶ一-龠]{2}", "en": r"[A-Za-z]{2,} [A-Za-z]{2,}"}
ENGLISH = re.compile(r"([A-Za-z]{2,} ){5}")
# What is written around the text and in attributes, in another language than the edition's. (Programs and people have
# their names; what says that it is in another language may be.)
WRITTEN = "article :is(p, li, td, th, pre, code, cite, figcaption, .sig, dd, h1, h2, h3, math)"
FOREIGN = """edition => {
  const japanese = /[ぁ-んァ-ヶ一-龠]/, latin = /[A-Za-z]{3}/;
  const foreign = text => edition === "ja" ? latin.test(text) && !japanese.test(text) : japanese.test(text);
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const {textContent, parentElement} = texts.currentNode;
    const other = parentElement.closest("WRITTEN, [hreflang], script, style, noscript, a[rel=license], .page-toc code");
    if (!other && parentElement.checkVisibility() && foreign(textContent)) found.push(textContent.trim());
  }
  for (const part of document.querySelectorAll("body *:not(a.reference, article svg)"))
    for (const {name, value} of part.attributes)
      if (/^(aria-label|title|placeholder|data-(tooltip|bs-(original-)?title))$/.test(name) && foreign(value))
        found.push(`${name}: ${value}`);
  return found;
}""".replace("WRITTEN", WRITTEN)
# Pages of the English edition in which a teacher has to know a heading or a message by sight, set as code.
WITH_JAPANESE_CODE = {
    "book/collecting.html",
    "book/errata.html",
    "book/grading_safety.html",
    "book/licence.html",
    "book/teachers.html",
}


def test_no_errors_in_the_console(visits):
    assert not {name: visit.errors for name, visit in visits.items() if visit.errors}


def test_nothing_is_loaded_from_elsewhere(visits, slow_address):
    own = (slow_address, "data:", "blob:")
    assert not {url for visit in visits.values() for url in visit.requests if not url.startswith(own)}


def test_no_page_names_a_foreign_script_or_style(documents):
    """Also what is loaded only on a click."""
    parts = [part.get("src") or part.get("href") for page in documents.values() for part in page.select("script, link")]
    assert not [address for address in parts if address and urlsplit(address).netloc]


def test_images_are_loaded_and_described(visits):
    images = [(*image, edition_of(name)) for name, visit in visits.items() for image in visit.images]
    assert images, "the book has figures"
    assert not [source for source, _, loaded, _ in images if not loaded]
    assert not [source for source, alt, _, edition in images if not re.search(DESCRIBED[edition], alt)]


def test_formulas_are_drawn(visits):
    assert sum(visit.formulas for visit in visits.values()) > 0, "the book has formulas"
    for name, visit in visits.items():
        assert visit.drawn == visit.formulas, name
        assert not re.search(r"\\[(\[]|\$\$|\\begin\{", visit.text), name


def test_bold_is_bold(visits):
    """Stars that are left in the text are emphasis that Markdown did not see."""
    assert not [name for name, visit in visits.items() if "**" in visit.text]


def test_pages_fit_a_phone(visits):
    assert not {name: visit.width for name, visit in visits.items() if visit.width > 390}


def test_pages_are_in_the_language_of_their_edition(documents):
    assert {edition_of(name) for name in documents} == set(EDITIONS)
    assert {name: page.html.get("lang") for name, page in documents.items()} == {
        name: edition_of(name) for name in documents
    }


def test_no_page_of_another_edition_has_japanese_but_names(documents):
    """Neither in the text nor in an attribute, seen or not."""
    found = {name: list(japanese_on(name, page)) for name, page in documents.items() if edition_of(name) != "ja"}
    assert not {name: texts for name, texts in found.items() if texts}


def japanese_on(name, page):
    marked = page.select("[lang=ja], script, style, template")
    if name.partition("/")[2] in WITH_JAPANESE_CODE:
        marked += page.select("code, pre")
    passed = {id(part) for parent in marked for part in (parent, *parent.find_all(True))}
    for part in page.find_all(True):
        if id(part) not in passed:
            yield from filter(JAPANESE.search, part.find_all(string=True, recursive=False))
            yield from filter(JAPANESE.search, map(str, part.attrs.values()))


def test_no_japanese_page_has_a_sentence_of_another_language(documents):
    """(The licences and the titles of books are as they are; the list of functions names papers.)"""
    as_they_are = {"book/licence.html", "book/references.html", "book/api.html"}
    for name, page in documents.items():
        if edition_of(name) == "ja" and name not in as_they_are:
            sentences = page.select("article :is(p, li, td, figcaption, summary)")
            words = {part.get_text(" ", strip=True) for part in sentences if not part.select_one("code, cite, .math")}
            assert not [text for text in words if ENGLISH.search(text) and not JAPANESE.search(text)], name


@pytest.mark.parametrize("name", ["book/ch5_backpropagation", "book/api", "search", "genindex"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("edition", EDITIONS)
def test_the_interface_is_in_the_language_of_the_edition(chromium, address, edition, name, width):
    page = chromium.new_page(viewport={"width": width, "height": 900}, locale=edition)
    page.goto(f"{address}/{place_of(edition)}{name}.html", wait_until="load")
    for button in page.locator(".copybtn").all()[:1]:
        button.dispatch_event("click")  # it says what it has done
    assert not page.evaluate(FOREIGN, edition)
    page.close()


def test_links_lead_somewhere(documents, built_site):
    names = {name: {part["id"] for part in page.find_all(id=True)} for name, page in documents.items()}
    dead = []
    for name, page in documents.items():
        for part in page.select("[href], [src]"):
            link = part.get("href") or part.get("src")
            if link is None or urlsplit(link).scheme or urlsplit(link).netloc:
                continue
            path, anchor = unquote(urlsplit(urljoin(name, link)).path), unquote(urlsplit(link).fragment)
            if not (built_site / path).is_file() or (anchor and path in names and anchor not in names[path]):
                dead.append(f"{name}: {link}")
    assert not dead


def test_the_root_leads_to_the_first_page(chromium, address):
    page = chromium.new_page()
    page.goto(f"{address}/")
    page.wait_for_url(f"{address}/book/index.html")
    assert page.title()
    page.close()
