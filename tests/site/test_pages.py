"""What a reader meets on every page of the built site, in Chromium."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

LOOK = """async () => {
  if (window.MathJax) await MathJax.startup.promise;
  const images = [...document.images];
  await Promise.all(images.map(image => image.decode().catch(() => {})));
  const text = document.body.cloneNode(true);
  text.querySelectorAll("pre, code, .sig, script, style, mjx-container").forEach(part => part.remove());
  return {
    images: images.map(image => [image.getAttribute("src"), image.alt, image.complete && image.naturalWidth > 0]),
    formulas: document.querySelectorAll(".math").length,
    drawn: document.querySelectorAll(".math mjx-container").length,
    formulaErrors: [...document.querySelectorAll("mjx-merror")].map(error => error.textContent),
    text: text.textContent,
  };
}"""
WIDTH = """() => {
  document.querySelectorAll("details").forEach(folded => folded.open = true);
  return document.documentElement.scrollWidth;
}"""


@dataclass
class Visit:
    """What was seen on one page."""

    errors: list
    requests: list
    phone_width: int
    images: list
    formulas: int
    drawn: int
    formulaErrors: list
    text: str


@pytest.fixture(scope="module")
def visits(chromium, address, built_site, pages):
    seen = {}
    for file in pages:
        name = file.relative_to(built_site).as_posix()
        page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale="ja-JP")
        errors, requests = [], []
        page.on("console", lambda message, to=errors: to.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error, to=errors: to.append(str(error)))
        page.on("requestfailed", lambda request, to=errors: to.append(f"{request.url} {request.failure}"))
        page.on("request", lambda request, to=requests: to.append(request.url))
        page.goto(f"{address}/{name}", wait_until="load")
        found = page.evaluate(LOOK)
        page.wait_for_load_state("networkidle")
        page.set_viewport_size({"width": 390, "height": 844})
        seen[name] = Visit(errors, requests, page.evaluate(WIDTH), **found)
        page.close()
    return seen


@pytest.fixture(scope="module")
def documents(built_site, pages):
    return {
        page.relative_to(built_site).as_posix(): BeautifulSoup(page.read_text("utf-8"), "html.parser") for page in pages
    }


def test_no_errors_in_the_console(visits):
    assert not {name: visit.errors for name, visit in visits.items() if visit.errors}


def test_nothing_is_loaded_from_elsewhere(visits, address):
    own = (address, "data:", "blob:")
    assert not {url for visit in visits.values() for url in visit.requests if not url.startswith(own)}


def test_no_page_names_a_foreign_script_or_style(documents):
    """Also what is loaded only on a click."""
    parts = [part.get("src") or part.get("href") for page in documents.values() for part in page.select("script, link")]
    assert not [address for address in parts if address and urlsplit(address).netloc]


def test_images_are_loaded_and_described(visits):
    images = [image for visit in visits.values() for image in visit.images]
    assert images, "the book has figures"
    assert not [source for source, _, loaded in images if not loaded]
    assert not [source for source, alt, _ in images if not re.search(r"[ぁ-んァ-ヶ一-龠]{2}", alt)]


def test_formulas_are_drawn(visits):
    assert sum(visit.formulas for visit in visits.values()) > 0, "the book has formulas"
    for name, visit in visits.items():
        assert visit.drawn == visit.formulas, name
        assert not visit.formulaErrors, name
        assert not re.search(r"\\[(\[]|\$\$|\\begin\{", visit.text), name


def test_bold_is_bold(visits):
    """Stars that are left in the text are emphasis that Markdown did not see."""
    assert not [name for name, visit in visits.items() if "**" in visit.text]


def test_pages_fit_a_phone(visits):
    assert not {name: visit.phone_width for name, visit in visits.items() if visit.phone_width > 390}


def test_pages_are_japanese(documents):
    assert {name: page.html.get("lang") for name, page in documents.items()} == dict.fromkeys(documents, "ja")


def test_links_lead_somewhere(documents, built_site):
    names = {name: {part["id"] for part in page.select("[id]")} for name, page in documents.items()}
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
