"""One page and its Python, through one test after another: each begins with what the last one has left."""

import json
import re
import time

from axe_playwright_python.base import AXE_SCRIPT

from tests.helpers.cells import STARTING, cell, editor, output, press, rewrite, written


def test_everything_works_from_the_keyboard(introduction):
    page = introduction
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


def test_an_open_editor_on_a_phone_has_no_barrier(introduction):
    page = introduction
    before = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
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
    page.set_viewport_size(before)


def test_errors_name_the_readers_line_and_the_network_is_needed_no_more(introduction):
    page = introduction
    part = rewrite(page, "def half(x):\n    return x / 0\n\nhalf(1)")
    press(part, "実行")
    error = part.locator(".live-error")
    error.wait_for(timeout=STARTING)
    text = error.inner_text()
    assert "セル1の4行目\n  half(1)" in text and "セル1の2行目(half の中)\n  return x / 0" in text
    assert text.endswith("ZeroDivisionError: division by zero") and "site-packages" not in text

    page.context.set_offline(True)
    try:
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
    finally:
        page.context.set_offline(False)


def test_when_the_last_cell_is_put_back_python_gives_its_memory_back(introduction):
    page = introduction
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


WIDE_INTEGERS = """
%matplotlib inline
import numpy as np
ones = np.bincount(np.array([1, 1])), np.repeat(3, np.array([2])), np.arange(3).take(np.array([2]))
many = np.arange(1, 21).prod(), (np.arange(100_000) ** 2).sum(), np.prod([100_000] * 3)
[int(one) for one in (*many, np.power(2, 40), np.cumsum([2**31 - 1] * 2)[1])]
"""


def test_python_that_ends_says_so_and_starts_again(introduction):
    """What Python itself does not survive looks like this to the page: the worker fails while it runs."""
    page = introduction
    part = rewrite(page, "kept = 1\nexit()")
    press(part, "実行")
    ended = output(part).get_by_text("Python が止まりました。変数は消えました。")
    ended.wait_for(timeout=STARTING)
    assert "ネットワーク" not in output(part).inner_text() and page.workers == []

    editor(part).fill(f"print('kept' in globals())\n{WIDE_INTEGERS}")
    press(part, "実行")
    part.locator(".live-value").wait_for(timeout=STARTING)
    assert part.locator(".live-stdout").inner_text() == "False\n"
    assert json.loads(part.locator(".live-value").inner_text()) == [
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


def test_endless_loops_are_stopped_and_the_code_kept(introduction):
    page = introduction
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
