"""A clean copy of the project to build books in, the built site, and what Chromium sees on each of its pages."""

import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

import browser

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(".*", "_build", "__pycache__", "*.egg-info", "submitted", "autograded", "feedback")


def copy_project(target):
    """Copy what belongs to the project, as it stands in the work tree: nothing that was built or is ignored."""
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        shutil.copytree(ROOT, target, ignore=NOT_COPIED, dirs_exist_ok=True)
        return
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


class Book:
    """A project folder and how `make book` builds it."""

    def __init__(self, folder):
        self.folder = folder
        self.html = folder / "_build" / "html"

    def build(self):
        command = [sys.executable, self.folder / "tools" / "book.py"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
        return done.returncode, done.stdout


@pytest.fixture(scope="session")
def built_site(tmp_path_factory):
    """The folder of the whole site, built from nothing."""
    book = Book(tmp_path_factory.mktemp("project"))
    copy_project(book.folder)
    status, output = book.build()
    assert status == 0, output[-3000:]
    return book.html


@pytest.fixture(scope="session")
def pages(built_site):
    """Every page of the site; the redirect at the root is none, and lite/ is a program (test_lite.py)."""
    found = [
        page
        for page in sorted(built_site.rglob("*.html"))
        if page.relative_to(built_site).parts[0] not in ("_static", "lite")
        and 'http-equiv="Refresh"' not in page.read_text("utf-8")
    ]
    assert found
    return found


@pytest.fixture(scope="session")
def chromium():
    path = browser.find()
    assert path and browser.has_japanese_font(), browser.HELP
    quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    quiet += " --disable-component-update --disable-sync"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=quiet.split())
        yield running
        running.close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def address(built_site):
    """The site on a local server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=built_site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def tiny_book(tmp_path_factory):
    """Copies of the project with one short page in place of all the others: `tiny_book(text)` makes one.

    lite/ takes more time than all the rest of such a book, so it is made only for `lite=True`.
    """
    header = (ROOT / "book" / "ch1_input_to_hidden.md").read_text("utf-8").split("---\n")[1]

    def make(text, lite=False):
        folder = tmp_path_factory.mktemp("tiny")
        copy_project(folder)
        (folder / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", "utf-8")
        if not lite:
            settings = folder / "_config.yml"
            settings.write_text(settings.read_text("utf-8").replace("    lite: ./book/_ext\n", ""), "utf-8")
        (folder / "book" / "index.md").write_text(f"---\n{header}---\n\n# 小さな本\n\n{text}\n", "utf-8")
        return Book(folder)

    return make
