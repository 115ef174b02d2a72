"""The zip that is read without a network: as files, and through its own little server."""

import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile

import pytest

from press.commands import bundle
from tests.helpers.cells import STARTING, cell, editor, output, press


@pytest.fixture(scope="module")
def unpacked(built_site, tmp_path_factory):
    """Where a reader has unpacked it: a path with a space and Japanese in it."""
    folder = tmp_path_factory.mktemp("offline") / "大学の 授業"
    packed = folder.parent / "book.zip"
    bundle.main(built_site, packed)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    return folder / "dlcourse"


@pytest.fixture
def open_page(chromium):
    """`open_page(address)` in a browser that asks nobody but the files or the server that it was given."""
    contexts, asked, problems = [], [], []

    def make(address, **settings):
        context = chromium.new_context(locale="ja-JP", **settings)
        contexts.append(context)
        own = ("data:", "blob:", "file:" if address.startswith("file:") else address)
        context.on("request", lambda request: None if request.url.startswith(own) else asked.append(request.url))
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(address)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not asked
    assert not problems


def test_the_same_site_gives_the_same_zip(built_site, tmp_path):
    for name in ("one.zip", "two.zip"):
        bundle.main(built_site, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_folder_says_how_to_begin(unpacked):
    names = {file.name for file in unpacked.iterdir() if file.is_file()}
    assert {"index.html", "start.py", "はじめかた.txt", "Getting_started.txt"} <= names


def test_as_files_everything_but_live_code_works(open_page, unpacked):
    page = open_page((unpacked / "index.html").as_uri(), offline=True)
    page.wait_for_url("**/book/index.html")
    page.goto((unpacked / "search.html").as_uri() + "?q=誤差逆伝播法")
    page.locator("#search-results li a").first.click()
    page.wait_for_url("**/ch5_backpropagation.html*")

    page.goto((unpacked / "book" / "ch4_gradient_descent.html").as_uri())
    assert page.locator("mjx-container").count() == page.locator(".math").count() > 0
    assert page.evaluate("[...document.fonts].some(({ family, status }) => /^MJX/.test(family) && status === 'loaded')")
    assert page.evaluate("""async () => {
      const images = [...document.images];
      images.forEach((image) => (image.loading = "eager"));
      await Promise.all(images.map((image) => image.decode()));
      return images.length > 5;
    }""")
    choice = page.locator(".quiz:not(.recall) details").first
    choice.locator("summary").click()
    assert "正解" in choice.inner_text()
    page.get_by_label("次の段").first.click()
    assert page.get_by_label("段を選ぶ").first.input_value() == "1"

    page.goto((unpacked / "book" / "review.html").as_uri())
    page.get_by_role("button", name="答えを見る").press("Enter")
    page.get_by_role("button", name="簡単").press("Enter")
    page.reload()
    assert "うち、新しいもの 4 枚" in page.locator(".review-counts").inner_text(), "the first of five is kept"
    page.goto((unpacked / "book" / "exam.html").as_uri())
    page.get_by_role("button", name="始める").press("Enter")
    assert page.locator(".mock-exam-paper fieldset").count() == 20


def test_as_a_file_a_notebook_says_what_it_needs(chromium, unpacked):
    page = chromium.new_page(locale="ja-JP")
    page.goto((unpacked / "book" / "ch1_input_to_hidden.html").as_uri())
    page.get_by_role("link", name="ブラウザーで開く").first.click()
    page.get_by_text("start.py を実行すると").wait_for()
    notebook = page.get_by_role("link", name="ch1_input_to_hidden.ipynb")
    assert (unpacked / "lite" / "files" / notebook.get_attribute("download")).is_file()
    assert notebook.evaluate("link => link.href") == (unpacked / "lite/files/ch1_input_to_hidden.ipynb").as_uri()
    page.close()


def test_through_its_server_cells_run_and_a_stop_keeps_the_variables(open_page, unpacked):
    # What stands in for a browser does nothing; the address is taken from what the reader is told.
    command = [sys.executable, "-I", "-S", unpacked / "start.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "BROWSER": "true"}) as server:
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())[0]
            page = open_page(address)
            page.wait_for_url("**/book/index.html")
            page.goto(f"{address}book/introduction.html")
            assert page.evaluate("crossOriginIsolated")
            part = cell(page)
            press(part, "実行・編集")
            part.locator(".live-stdout").wait_for(timeout=STARTING)
            assert part.locator(".live-stdout").inner_text().strip() == "(3,) (2, 3)"
            editor(part).fill("kept = '残った' + '値'\nprint('始め')\nfor n in range(10**9):\n    pass")
            press(part, "実行")
            output(part).get_by_text("始め").wait_for(timeout=5000)
            press(part, "停止")
            output(part).get_by_text("名前は残っています").wait_for(timeout=2000)
            editor(part).fill("kept")
            press(part, "実行")
            output(part).get_by_text("'残った値'").wait_for(timeout=2000)
        finally:
            server.terminate()


def test_a_newer_book_in_the_place_of_an_older_one_is_what_the_browser_shows(
    open_page, unpacked, tmp_path, monkeypatch
):
    """Every file of every edition has the same date; the browser asks whether what it keeps is still right."""
    monkeypatch.syspath_prepend(unpacked)
    import start

    def unpack(edition):
        site = tmp_path / f"site{edition}"
        site.mkdir()
        (site / "index.html").write_text(f"<link rel=icon href=data:,><script src=book.js></script><p>第{edition}版")
        (site / "book.js").write_text(f"window.edition = {edition}")
        bundle.main(site, tmp_path / "book.zip")
        with zipfile.ZipFile(tmp_path / "book.zip") as archive:
            archive.extractall(tmp_path)
        for file in (tmp_path / "dlcourse").iterdir():
            os.utime(file, (315_532_800, 315_532_800))  # as other programs unpack it

    unpack(1)
    with start.serve(site=tmp_path / "dlcourse", port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"

        def ask(name, known=""):
            """The status, the mark of what is there, and whether it is sent, for a browser that keeps what it knows."""
            asked = urllib.request.Request(address + name, headers={"If-None-Match": known})
            try:
                answer = urllib.request.urlopen(asked)
            except urllib.error.HTTPError as other:
                answer = other
            return answer.status, answer.headers["ETag"], bool(answer.read())

        page = open_page(address)
        assert page.inner_text("p") == "第1版" and page.evaluate("edition") == 1
        _, known, _ = ask("book.js?1")
        assert ask("book.js?1", known) == (304, known, False)
        unpack(2)
        status, mark, sent = ask("book.js?1", known)
        assert (status, sent) == (200, True) and mark != known
        page.goto(address)
        assert page.inner_text("p") == "第2版" and page.evaluate("edition") == 2
        assert ask("nothing.js")[0] == 404
        server.shutdown()


def test_two_books_at_once_get_two_addresses(unpacked, monkeypatch):
    monkeypatch.syspath_prepend(unpacked)
    import start

    with start.serve(site=unpacked, port=0) as one, start.serve(site=unpacked, port=one.server_port) as two:
        assert one.server_port != two.server_port
        assert {server.server_address[0] for server in (one, two)} == {"127.0.0.1"}
