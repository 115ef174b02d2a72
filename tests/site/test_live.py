"""Cells that run in the page: real Chromium, the built site, and no network but its own server."""

import re
import time

import numpy as np
import pytest

from press.languages import sources
from tests.helpers import ROOT
from tests.helpers.cells import STARTING, cell, editor, output, press, rewrite
from tests.helpers.editions import EDITIONS, place_of
from tests.helpers.parts import parts

PAGES = sorted(
    page.stem
    for page in sources("book/*.md")
    if re.search(r"^```\{code-cell\}.*\n(?!(?:---\n)?:?tags: .*not-live)", page.read_text("utf-8"), re.M)
)
# NumPy alone with tables, and figures in which values are chosen; a cell of the other edition is in
# test_english_words.py.
KINDS = [("ja", "introduction"), ("ja", "ch4_gradient_descent")]
BUDGET = 10  # seconds per page; what has run by then is compared
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
RESULTS = """() => cells.filter(cell => cell.ran).map(cell => ({
  place: cell.place,
  differs: cell.differs,
  printed: cell.printed.flatMap(part => [...part.querySelectorAll("pre")]).map(pre => pre.textContent).join(""),
  pictures: cell.printed.filter(part => part.matches("img") || part.querySelector("img, .frames")).length,
  live: [...cell.output.querySelectorAll(".live-stdout, .live-value")].map(pre => pre.textContent).join(""),
  livePictures: cell.output.querySelectorAll("img, .frames").length,
  complaints: [...cell.output.querySelectorAll(".live-error, .live-stderr")].map(pre => pre.textContent),
}))"""


def numbers(text):
    return np.array([float(number) for number in NUMBER.findall(text)])


def agree(printed, live):
    """The same words, and numbers to 1e-9."""
    if NUMBER.sub("#", printed).split() != NUMBER.sub("#", live).split():
        return printed.split() == live.split()
    return np.allclose(numbers(printed), numbers(live), rtol=1e-9, atol=1e-9)


# Of a figure in which the reader chooses values, two values of each control are drawn here, the one shown first among
# them: the same code draws the others, and more cells of the page are compared in its time.
SHORT = """
from dlcourse import plotting
whole = plotting.explorer
def explorer(draw, controls, *, start, alt):
    chosen = {}
    for (name, values), first in zip(controls.items(), start):
        other = next(value for value in values if value != first)
        chosen[name] = [value for value in values if value in (first, other)]
    return whole(draw, chosen, start=start, alt=alt)
plotting.explorer = explorer
"""


@pytest.mark.parametrize(("edition", "name"), parts([(e, n) for e in EDITIONS for n in PAGES], KINDS))
def test_cells_give_what_the_book_has_printed(open_page, address, edition, name):
    page = open_page(name, f"{address}/{place_of(edition)}".rstrip("/"))
    if "explorer(" in (ROOT / "book" / f"{name}.md").read_text("utf-8"):
        page.evaluate("(code) => kernel.run({ code, place: '' }, () => {})", f"exec({SHORT!r}, {{}})")
    last = page.locator("div.cell:not(.tag_not-live)").last
    press(last, {"ja": "実行・編集", "en": "Run and edit"}[edition])
    page.wait_for_function("cells[0].ran || document.querySelector('.live-error')", timeout=STARTING)
    limit = time.monotonic() + BUDGET
    while time.monotonic() < limit and not page.evaluate("cells.at(-1).ran"):
        if page.locator(".live-error").count():
            break
        time.sleep(0.1)
    assert page.locator(".live-error").all_inner_texts() == []
    results = page.evaluate(RESULTS)
    print(f"{name}: {len(results)} of {page.evaluate('cells.length')} cells compared")
    assert results
    for result in results:
        place = f"{name} {result['place']}"
        assert result["complaints"] == [], place
        assert result["livePictures"] == result["pictures"], place
        assert result["differs"] or agree(result["printed"], result["live"]), f"{place}\n{result}"


def test_nothing_is_loaded_before_the_reader_asks(chromium, address, built_site):
    page = chromium.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/book/ch1_input_to_hidden.html", wait_until="networkidle")
    live = [url.removeprefix(address).partition("?")[0] for url in asked if "/live/" in url or "/pyodide/" in url]
    assert live == ["/_static/live/memory.js", "/_static/live/live.js"]
    scripts = [built_site / "_static" / name for name in ("live/memory.js", "live/live.js", "figures.js")]
    assert sum(script.stat().st_size for script in scripts) <= 40_000
    page.close()


def test_without_the_editor_a_plain_field_takes_the_code_and_figures_come_after_the_first_result(chromium, address):
    page = chromium.new_page(locale="ja-JP")
    page.route("**/editor.js", lambda route: route.abort())
    page.goto(f"{address}/book/ch6_final_experiment.html")
    fetched = []
    page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    part = rewrite(page, "print('届いた')")
    assert part.locator("textarea").is_visible()
    with page.expect_request("**/matplotlib_fontja.zip", timeout=STARTING):
        press(part, "実行")
    assert output(part).get_by_text("届いた").is_visible(), "first the result, then what a figure would need"
    assert any(name.startswith("matplotlib-") for name in fetched)
    page.reload()
    assert editor(part).input_value() == "print('届いた')"
    page.close()


def test_without_a_script_the_page_is_complete(chromium, address):
    page = chromium.new_page(java_script_enabled=False)
    page.goto(f"{address}/book/introduction.html")
    assert "(3,) (2, 3)" in cell(page).inner_text() and page.get_by_text("実行・編集").count() == 1  # the text about it
    page.close()


def test_a_browser_or_an_address_that_cannot_run_it_says_so(open_page, chromium, built_site):
    page = open_page("introduction", script="delete self.WebAssembly")
    press(cell(page), "実行・編集")
    assert "このブラウザーでは" in cell(page).inner_text()
    page = open_page(script="delete self.WebAssembly")
    press(page.locator(".answer").first, "ここで解く")
    with page.expect_download() as download:
        page.locator(".answer").first.get_by_role("link").click()
    assert download.value.suggested_filename == "ch1_input_to_hidden.ipynb"
    file = chromium.new_page()
    file.goto((built_site / "book" / "introduction.html").as_uri())
    press(cell(file), "実行・編集")
    assert "start.py" in cell(file).inner_text()
    file.close()
