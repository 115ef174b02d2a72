"""Cells and exercises that run in the page: real Chromium, the built site, and no network but its own server."""

import re
import threading
import time
from functools import partial
from http.server import ThreadingHTTPServer

import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT

from dlcourse.checks import EXERCISES
from press.commands.server import PagesHandler
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


@pytest.mark.parametrize("name", PAGES)
def test_cells_give_what_the_book_has_printed(open_page, name):
    page = open_page(name)
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


def test_when_the_last_cell_is_put_back_python_gives_its_memory_back(open_page):
    page = open_page("introduction")
    page.on("dialog", lambda dialog: dialog.accept())
    first, second = (rewrite(page, f"big = bytearray(200_000_000)\nprint('書いた{n}')", n) for n in (0, 1))
    for n, part in enumerate((first, second)):
        press(part, "実行")
        output(part).get_by_text(f"書いた{n}").wait_for(timeout=STARTING)
    press(first, "リセット")
    assert len(page.workers) == 1
    press(second, "リセット")
    page.wait_for_function("kernel.worker === undefined")
    assert page.workers == []
    part = rewrite(page, "print('big' in globals())")
    press(part, "実行")
    output(part).get_by_text("False").wait_for(timeout=STARTING)


def test_endless_loops_are_stopped_and_the_code_kept(open_page):
    page = open_page("introduction")
    part = cell(page)
    for loop in ("for n in range(10**9):\n    pass", "for n in range(10**6):\n    print('止まらない' * 100)"):
        rewrite(page, f"print('始め')\n{loop}")
        press(part, "実行")
        output(part).get_by_text("始め").wait_for(timeout=STARTING)
        started = time.monotonic()
        press(part, "停止")
        output(part).get_by_text("停止しました").wait_for(timeout=2000)
        assert time.monotonic() - started < 2
        assert loop in written(part)
    page.reload()
    assert loop in written(part)


class IsolatingHandler(PagesHandler):
    def end_headers(self):
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()


def test_where_the_server_isolates_the_page_a_stop_keeps_the_variables(open_page, built_site):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(IsolatingHandler, directory=built_site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = open_page("introduction", server=f"http://127.0.0.1:{server.server_port}")
        part = rewrite(page, "kept = '残った' + '値'\nprint('始め')\nfor n in range(10**9):\n    pass")
        press(part, "実行")
        output(part).get_by_text("始め").wait_for(timeout=STARTING)
        press(part, "停止")
        output(part).get_by_text("名前は残っています").wait_for(timeout=2000)
        editor(part).fill("kept")
        press(part, "実行")
        output(part).get_by_text("'残った値'").wait_for(timeout=2000)
        server.shutdown()


def test_errors_name_the_readers_line_and_the_network_is_needed_no_more(open_page):
    page = open_page("introduction")
    part = rewrite(page, "def half(x):\n    return x / 0\n\nhalf(1)")
    press(part, "実行")
    error = part.locator(".live-error")
    error.wait_for(timeout=STARTING)
    text = error.inner_text()
    assert "セル1の4行目\n  half(1)" in text and "セル1の2行目(half の中)\n  return x / 0" in text
    assert text.endswith("ZeroDivisionError: division by zero") and "site-packages" not in text

    page.context.set_offline(True)
    for code, said in {
        "x = (1,\ny = 2": "セル1の1行目を Python として読めません",
        "x = 1\nreturn x": "  return x\n  ^\nSyntaxError",
        "def f(n): return f(n + 1)\nf(0)": "上の呼び出しが、あと",
        "print(never)": "「ここまで全部実行」を押してください",
        "name = input('名前は? ')": "値はコードに直接書き",
        "import pandas": "pandas という名前のライブラリーは、ページの Python にありません",
        "import numpy as np\nnp.arange(3.0) + np.arange(2)": "セル1の2行目",
    }.items():
        editor(part).fill(code)
        press(part, "実行")
        error.filter(has_text=re.compile(re.escape(said).replace("\\\n", "\\s"))).wait_for(timeout=5000)


WIDE_INTEGERS = """
%matplotlib inline
import numpy as np
ones = np.bincount(np.array([1, 1])), np.repeat(3, np.array([2])), np.arange(3).take(np.array([2]))
many = np.arange(1, 21).prod(), (np.arange(100_000) ** 2).sum(), np.prod([100_000] * 3)
[*many, np.power(2, 40), np.cumsum([2**31 - 1] * 2)[1]]
"""


def test_python_that_ends_says_so_and_starts_again(open_page):
    """What Python itself does not survive looks like this to the page: the worker fails while it runs."""
    page = open_page("introduction")
    part = rewrite(page, "kept = 1\nexit()")
    press(part, "実行")
    ended = output(part).get_by_text("Python が止まりました。変数は消えました。")
    ended.wait_for(timeout=STARTING)
    assert "ネットワーク" not in output(part).inner_text() and page.workers == []

    editor(part).fill(f"print('kept' in globals())\n{WIDE_INTEGERS}")
    press(part, "実行")
    part.locator(".live-value").wait_for(timeout=STARTING)
    assert part.locator(".live-stdout").inner_text() == "False\n"
    assert numbers(part.locator(".live-value").inner_text().replace("np.int64", "")).tolist() == [
        2432902008176640000,
        333328333350000,
        10**15,
        2**40,
        2**32 - 2,
    ]
    editor(part).fill("print('始め')\nwhile True:\n    pass")
    press(part, "実行")
    output(part).get_by_text("始め").wait_for(timeout=5000)
    page.evaluate("kernel.worker.dispatchEvent(new ErrorEvent('error', { message: 'fatal' }))")
    ended.wait_for(timeout=2000)
    assert page.evaluate("kernel.worker") is None and "fatal" not in output(part).inner_text()


def test_everything_works_from_the_keyboard(open_page):
    page = open_page("introduction")
    part = cell(page)
    part.get_by_role("button", name="実行・編集").focus()
    page.keyboard.press("Enter")
    part.locator(".live-stdout").wait_for(timeout=STARTING)
    assert page.evaluate("document.activeElement.textContent") == "実行"
    page.keyboard.press("Shift+Tab")
    assert "Esc、Tab の順に押すと" in editor(part).evaluate(
        "(field) => document.getElementById(field.getAttribute('aria-describedby')).textContent"
    )
    page.keyboard.press("Control+A")
    page.keyboard.type("if True:\nprint(6 * 7)")
    assert written(part) == "if True:\n    print(6 * 7)"
    page.keyboard.press("Shift+Enter")
    output(part).get_by_text("42", exact=True).wait_for(timeout=5000)
    page.keyboard.press("Tab")
    assert written(part).endswith("print(6 * 7)    "), "Tab indents to the next multiple of four"
    page.keyboard.press("Control+Z")
    assert written(part).endswith("print(6 * 7)")
    page.keyboard.press("Escape")
    page.wait_for_timeout(2500)  # CodeMirror's own time for what follows is 2 s
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "実行"


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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_open_editor_on_a_phone_has_no_barrier(open_page, theme):
    page = open_page(
        "introduction",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        color_scheme=theme,
        reduced_motion="reduce",
    )
    part = cell(page, 1)
    part.get_by_role("button", name="実行・編集").tap()
    part.locator(".live-stdout").wait_for(timeout=STARTING)
    editor(part).tap()
    editor(part).fill("@dec\ndef f(x):  # 説明\n    return [None, 'a' * 80, 3.5]\nclass A(object):\n    pass")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    smallest = part.locator(".live-bar button").evaluate_all("(all) => Math.min(...all.map((one) => one.offsetHeight))")
    assert smallest >= 44
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("async () => (await axe.run('.cell')).violations.map(({id, nodes}) => [id, nodes[0].html])")
    assert found == []


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
