"""The built site, and what Chromium sees on each of its pages."""

import json
import os
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup
from filelock import FileLock

from press.commands import server as pages_server
from tests.helpers.books import Book, copy_project
from tests.helpers.editions import edition_of
from tests.helpers.side_by_side import side_by_side


@pytest.fixture(scope="session")
def built_site(tmp_path_factory):
    """The folder of the whole site, built from nothing, once for all processes of a run."""
    run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent
    book = Book(run / "project")
    outcome = run / "built.json"
    with FileLock(run / "built.lock"):
        if not outcome.exists():
            copy_project(book.folder)
            outcome.write_text(json.dumps(book.build_by_command()))
    status, output = json.loads(outcome.read_text())
    assert status == 0, output[-3000:]
    return book.html


@pytest.fixture(scope="session")
def pages(built_site):
    """Every page of every edition; the redirect at the root is none, and lite/ is a program (test_lite.py)."""
    found = [
        page
        for page in sorted(built_site.rglob("*.html"))
        if not {"_static", "lite"} & set(page.relative_to(built_site).parts)
        and page.name != "print-all.html"  # there as long as another process makes the PDF (test_print.py)
        and 'http-equiv="Refresh"' not in page.read_text("utf-8")
    ]
    assert found
    return found


@pytest.fixture(scope="session")
def address(built_site):
    """The site on a local server."""
    with pages_server.serve(built_site) as address:
        yield address


class SlowHandler(pages_server.PagesHandler):
    """A slow network: half a page is on the screen before the rest comes, and scripts come last."""

    PIECES = 16

    def copyfile(self, source, outputfile):
        whole = source.read()
        pieces = self.PIECES if self.path.endswith(".html") else 1
        length = -(-len(whole) // pieces)
        time.sleep(0.1 * (".js" in self.path))
        for start in range(0, len(whole), length):
            outputfile.write(whole[start : start + length])
            outputfile.flush()
            time.sleep(0.03 * (pieces > 1))


@pytest.fixture(scope="session")
def slow_address(built_site):
    """The site on a server that is far away."""
    with pages_server.serve(built_site, SlowHandler) as address:
        yield address


WATCH = """new PerformanceObserver(list => {
  for (const {hadRecentInput, value} of list.getEntries())
    if (!hadRecentInput) window.shifted = (window.shifted ?? 0) + value;
}).observe({type: "layout-shift", buffered: true})"""
LOADED = """() => Object.fromEntries(
  [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({name}) => name.startsWith(location.origin))
    .map(({name, encodedBodySize}) => [new URL(name).pathname, encodedBodySize]))"""
# Also what is not on the screen, and what is folded.
WHOLE = """async () => {
  document.head.insertAdjacentHTML("beforeend", "<style>* {content-visibility: visible !important}</style>");
  document.querySelectorAll("details").forEach(folded => folded.open = true);
  const images = [...document.images];
  images.forEach(image => image.loading = "eager");
  await Promise.all(images.map(image => image.decode().catch(() => {})));
  const text = document.body.cloneNode(true);
  text.querySelectorAll("pre, code, .sig, script, style, mjx-container").forEach(part => part.remove());
  return {
    width: document.documentElement.scrollWidth,
    images: images.map(image => [image.getAttribute("src"), image.alt, image.complete && image.naturalWidth > 0]),
    formulas: document.querySelectorAll(".math").length,
    drawn: document.querySelectorAll(".math mjx-container").length,
    text: text.textContent,
  };
}"""


@dataclass
class Visit:
    """What was seen on one page, on a phone with a slow network."""

    shift: float  # how much has moved while it was loaded
    errors: list
    requests: list
    loaded: dict  # path → bytes as sent, until nothing more was asked for
    width: int
    images: list
    formulas: int
    drawn: int
    text: str


@pytest.fixture(scope="session")
def watch_layout():
    """A script for a page, which `layout_shift` asks."""
    return WATCH


@pytest.fixture(scope="session")
def layout_shift():
    return lambda page: page.evaluate("window.shifted ?? 0")


# Of another edition, what is made by the same templates and scripts is seen on a few of its pages.
ALSO_VISITED = {f"en/{name}.html" for name in ("404", "search", "book/ch4_gradient_descent", "book/exam", "book/index")}


@pytest.fixture(scope="session")
def visits(request, chromium, slow_address, built_site, pages, watch_layout, layout_shift):
    errors, requests = defaultdict(list), defaultdict(list)
    everything = request.config.getoption("--everything")
    names = [file.relative_to(built_site).as_posix() for file in pages]
    assert set(names) >= ALSO_VISITED

    def new_page(name):
        page = chromium.new_page(viewport={"width": 390, "height": 844}, locale=edition_of(name))
        page.on("console", lambda message: errors[name].append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors[name].append(str(error)))
        page.on("requestfailed", lambda request: errors[name].append(f"{request.url} {request.failure}"))
        page.on("request", lambda request: requests[name].append(request.url))
        page.add_init_script(watch_layout)
        return page

    visited = [name for name in names if everything or edition_of(name) == "ja" or name in ALSO_VISITED]
    addresses = {name: f"{slow_address}/{name}" for name in visited}
    return {
        name: Visit(layout_shift(page), errors[name], requests[name], page.evaluate(LOADED), **page.evaluate(WHOLE))
        for name, page in side_by_side(addresses, new_page, "networkidle")
    }


@pytest.fixture(scope="session")
def documents(built_site, pages):
    return {
        page.relative_to(built_site).as_posix(): BeautifulSoup(page.read_text("utf-8"), "html.parser") for page in pages
    }


@contextmanager
def opening(chromium, address):
    """`open_page(name, **settings)`; at the end no page may have met an error or asked another server."""
    contexts, problems = [], []

    def make(name="ch1_input_to_hidden", server=address, script="", **settings):
        context = chromium.new_context(locale="ja-JP", **settings)
        contexts.append(context)
        context.add_init_script(script)
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        own = (server, "data:", "blob:")
        page.on("request", lambda asked: None if asked.url.startswith(own) else problems.append(asked.url))
        page.goto(f"{server}/book/{name}.html")
        return page

    yield make
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture
def open_page(chromium, address):
    with opening(chromium, address) as make:
        yield make


@pytest.fixture(scope="module")
def introduction(chromium, address):
    """A page of cells for which NumPy is enough, open for all tests of a file: each start of Python takes seconds."""
    with opening(chromium, address) as make:
        page = make("introduction", has_touch=True)
        page.on("dialog", lambda dialog: dialog.accept())
        yield page


@pytest.fixture(scope="module")
def chapter(chromium, address):
    """… and one of exercises."""
    with opening(chromium, address) as make:
        yield make()
