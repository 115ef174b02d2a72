"""What pages say when the site and its repository have an address."""

import hashlib
import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

BASE = "https://course.example/nn/"
REPOSITORY = "https://github.com/someone/course"


def meta(page):
    return {part.get("name") or part.get("property"): part["content"] for part in page.select("meta[content]")}


NAME = "ch1_input_to_hidden"
TEXT = f"""\
{"ニューラルネットワークの中で何が起きているのかを調べます。" * 8}

```{{exercise}} K0-1
```

```{{notebook}} {NAME}
```

```{{install}} student
```

(sec-own-computer)=
## 自分の計算機で解く
"""


def with_address(book):
    config = book.folder / "_config.yml"
    text = config.read_text("utf-8").replace('baseurl: ""', f"baseurl: {BASE}").replace('url: ""', f"url: {REPOSITORY}")
    config.write_text(text, "utf-8")
    return book


@pytest.fixture(scope="module")
def published(tiny_book):
    book = with_address(tiny_book(TEXT))
    command = [sys.executable, "-m", "press.exercises.notebooks"]
    subprocess.run(command, cwd=book.folder, check=True, capture_output=True)
    status, output = book.build()
    assert status == 0, output
    return book


def test_with_an_address_a_page_names_it_and_takes_corrections(published):
    page = BeautifulSoup((published.html / "book" / "index.html").read_text("utf-8"), "html.parser")
    address = f"{BASE}book/index.html"
    assert page.select_one("link[rel=canonical]")["href"] == address == meta(page)["og:url"]
    assert meta(page)["description"].endswith("調べます。")
    link = page.find("a", string="訂正を送る")["href"]
    assert link.startswith(f"{REPOSITORY}/issues/new?title=") and "book/index" in link
    names = {"loc": "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"}
    listed = [entry.text for entry in ElementTree.parse(published.html / "sitemap.xml").iter(names["loc"])]
    assert listed == [address]
    assert f"Sitemap: {BASE}sitemap.xml" in (published.html / "robots.txt").read_text("utf-8")


def test_an_address_that_does_not_exist_shows_a_page_that_leads_on(chromium, published):
    """As a host shows it: at any depth, and below the folder that the site is in."""
    page = chromium.new_page(locale="ja-JP")
    missing = []

    def answer(route):
        name = route.request.url.removeprefix(BASE).partition("?")[0]
        found = published.html / name
        if not found.is_file() and name != "no/such/page.html":
            missing.append(name)
        route.fulfill(path=found if found.is_file() else published.html / "404.html")

    page.route("**", answer)
    page.goto(f"{BASE}no/such/page.html", wait_until="load")
    assert "ページが見つかりません" in page.title()
    assert not missing, "its styles and scripts are found"
    page.locator("article").get_by_role("link", name="最初のページ").click()
    page.wait_for_url(f"{BASE}book/index.html")
    page.close()


def test_a_page_says_how_to_get_its_notebook_and_what_it_needs(published):
    page = BeautifulSoup((published.html / "book" / "index.html").read_text("utf-8"), "html.parser")
    (wheel,) = published.html.glob("dlcourse-*.whl")
    line = page.select_one(".ways-to-exercises")
    ways = {link.get_text(): link for link in line.select("a")}
    assert list(ways) == ["ここで解く", "Colab で開く", "ダウンロード"], "no lite/ has been built here"
    assert page.select_one(ways["ここで解く"]["href"]), "the exercise is on this page"
    colab = f"https://colab.research.google.com/github/someone/course/blob/main/exercises/{NAME}/{NAME}.ipynb"
    assert ways["Colab で開く"]["href"] == colab
    assert ways["ダウンロード"]["href"] == f"../notebooks/{NAME}.ipynb" and ways["ダウンロード"].has_attr("download")
    assert f'pip install "dlcourse @ {BASE}{wheel.name}"' in page.get_text()
    assert f'pip install "dlcourse[student] @ {BASE}{wheel.name}"' in page.get_text()
    notebook = (published.html / "notebooks" / f"{NAME}.ipynb").read_text("utf-8")
    for text, address in [
        ("本の章", f"{BASE}book/{NAME}.html"),
        ("ブラウザーで開く", f"{BASE}lite/notebooks/index.html?path={NAME}.ipynb"),
        ("Colab で開く", colab),
    ]:
        assert f"[{text}]({address})" in notebook
    assert json.dumps(f'pip install "dlcourse @ {BASE}{wheel.name}"')[1:-1] in notebook
    assert BASE + wheel.name in notebook and hashlib.sha256(wheel.read_bytes()).hexdigest() in notebook


def test_notebooks_of_another_edition_are_told(tiny_book):
    status, output = with_address(tiny_book(TEXT)).build()
    assert status != 0 and "(ほか 4 件)" in output and "make exercises を実行" in output and f"{NAME}.ipynb" in output
