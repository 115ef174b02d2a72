"""Cells and exercises that run in the page: real Chromium, the built site, and no network but its own server."""

import re
import time

import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT

from dlcourse.checks import EXERCISES
from tests.helpers import ROOT
from tests.helpers.cells import ANSWERS, ASSIGNMENTS, STARTING, cell, editor, output, press, rewrite, written

PAGES = sorted(
    page.stem
    for page in ROOT.glob("book/*.md")
    if re.search(r"^```\{code-cell\}.*\n(?!:tags: .*not-live)", page.read_text("utf-8"), re.M)
)
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


@pytest.mark.parametrize("name", PAGES)
def test_cells_give_what_the_book_has_printed(open_page, name):
    page = open_page(name)
    if "explorer(" in (ROOT / "book" / f"{name}.md").read_text("utf-8"):
        page.evaluate("(code) => kernel.run({ code, place: '' }, () => {})", f"exec({SHORT!r}, {{}})")
    last = page.locator("div.cell:not(.tag_not-live)").last
    press(last, "実行・編集")
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


def test_every_answer_gets_its_verdict_and_every_mistake_its_hint(open_page):
    page, tasks, expected = open_page(), [], []
    for assignment in ASSIGNMENTS:
        for exercise in assignment.exercises:
            before = []
            for answer in exercise.answers:
                check = EXERCISES[answer.check]
                mistakes = [(check.source(mistake), hint) for mistake, hint in list(check.pitfalls.items())[:3]]
                codes = [(answer.starter, "wrong", ""), (answer.solution, "right", "✓")]
                for code, kind, words in [*codes, *((mistake, "wrong", hint) for mistake, hint in mistakes)]:
                    answers = [*before, [code, f"解答{answer.check}"]]
                    tasks.append({"check": answer.check, "setup": assignment.setup, "answers": answers})
                    expected.append((kind, words))
                before.append([answer.solution, f"解答{answer.check}"])
        if "T3-1" in {exercise.id for exercise in assignment.exercises}:
            wide = "def squared_error(d, y):\n    return np.sum((10**6 * (np.array(y) - d)) ** 2) / 2 / 10**12"
            tasks.append({"check": "T3-1", "setup": assignment.setup, "answers": [[wide, "解答T3-1"]]})
            expected.append(("right", "✓"))  # with integers of 32 bits it would not be
    outcomes = page.evaluate(
        """(tasks) => Promise.all(tasks.map(async (task) => {
          const said = [];
          const tell = (kind, text) => kind !== "progress" && kind !== "stdout" && said.push([kind, text]);
          await kernel.run(task, tell);
          return said;
        }))""",
        tasks,
    )
    print(f"{len(tasks)} answers judged in the page")
    for task, said, (kind, words) in zip(tasks, outcomes, expected, strict=True):
        assert len(said) == 1 and said[0][0] == kind and words in said[0][1], (task["answers"][-1], words, said)


def test_an_exercise_is_judged_and_remembered(open_page):
    page = open_page()
    box = page.locator("#exercise-k1-2 .answer").first
    result = box.locator(".live-output")
    press(box, "ここで解く")
    field = editor(box)
    field.wait_for()
    assert written(box) == ANSWERS["K1-2"][0].starter.rstrip("\n")

    press(box, "採点する")
    result.get_by_text("まだ正解ではありません").wait_for(timeout=STARTING)
    assert "raise NotImplementedError() の行を消して" in result.inner_text()

    pitfall, hint = next(iter(EXERCISES["K1-2"].pitfalls.items()))
    field.fill(EXERCISES["K1-2"].source(pitfall))
    press(box, "採点する")
    result.get_by_text(hint).wait_for(timeout=10_000)
    assert box.get_by_text("✓ 正解済み").count() == 0

    solution = ANSWERS["K1-2"][0].solution
    field.fill(solution)
    press(box, "採点する")
    result.get_by_text("✓ K1-2 正解です。").wait_for(timeout=10_000)

    # Two answers, of which the second builds on the first.
    boxes = page.locator("#exercise-k0-3 .answer")
    for part in boxes.all():
        press(part, "ここで解く")
    press(boxes.nth(1), "採点する")
    boxes.nth(1).get_by_text("まだ答えがありません").wait_for(timeout=10_000)
    editor(boxes.nth(1)).fill("k0_3b = sum(int(__import__('numpy').prod(s)) for s in k0_3.values())")
    editor(boxes.nth(0)).fill(ANSWERS["K0-3"][0].solution)
    press(boxes.nth(1), "採点する")
    boxes.nth(1).get_by_text("✓ K0-3b 正解です。").wait_for(timeout=10_000)

    page.reload()
    assert box.get_by_text("✓ 正解済み").is_visible()
    field.wait_for()
    assert written(box) == solution
    page.on("dialog", lambda dialog: dialog.accept())
    press(box, "リセット")
    assert field.count() == 0 and box.get_by_text("✓ 正解済み").count() == 0


def test_without_the_editor_a_plain_field_takes_the_code(chromium, address):
    page = chromium.new_page(locale="ja-JP")
    page.route("**/editor.js", lambda route: route.abort())
    page.goto(f"{address}/book/introduction.html")
    part = rewrite(page, "print('届いた')")
    assert part.locator("textarea").is_visible()
    press(part, "実行")
    output(part).get_by_text("届いた").wait_for(timeout=STARTING)
    page.reload()
    assert editor(part).input_value() == "print('届いた')"
    page.close()


def test_an_open_editor_on_a_phone_has_no_barrier(open_page):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    page = open_page("introduction", color_scheme="light", reduced_motion="reduce", **phone)
    part = cell(page, 1)
    part.get_by_role("button", name="実行・編集").tap()
    part.locator(".live-stdout").wait_for(timeout=STARTING)
    editor(part).tap()
    editor(part).fill("@dec\ndef f(x):  # 説明\n    return [None, 'a' * 80, 3.5]\nclass A(object):\n    pass")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    smallest = part.locator(".live-bar button").evaluate_all("(all) => Math.min(...all.map((one) => one.offsetHeight))")
    assert smallest >= 44
    page.evaluate(AXE_SCRIPT)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function("(theme) => document.documentElement.dataset.theme === theme", arg=theme)
        found = page.evaluate(
            "async () => (await axe.run('.cell')).violations.map(({id, nodes}) => [id, nodes[0].html])"
        )
        assert found == [], theme


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


def test_what_figures_need_is_fetched_after_the_first_result(open_page):
    page = open_page("ch6_final_experiment")
    fetched = []
    page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    part = rewrite(page, "1 + 1")
    with page.expect_request("**/matplotlib_fontja.zip", timeout=STARTING):
        press(part, "実行")
    assert part.locator(".live-value").is_visible(), "first the result, then what a figure would need"
    assert any(name.startswith("matplotlib-") for name in fetched)


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
