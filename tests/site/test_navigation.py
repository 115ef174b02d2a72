"""Where a reader goes in a page and comes back to, also where the browser keeps nothing or runs no script."""

import pytest

PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1280, "height": 900}
CHAPTER = "book/ch4_gradient_descent.html"
# The part of the text in the middle of the screen, and how far down it is.
SHOWN = """() => {
  const {left, width} = document.querySelector("article").getBoundingClientRect();
  for (let y = innerHeight / 2; y > 0; y -= 10) {
    const part = document.elementFromPoint(left + width / 2, y)?.closest("p, li, pre, figure, h2, h3");
    if (part) return [part.textContent, part.getBoundingClientRect().top];
  }
}"""
REFUSING = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {
    configurable: true,
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
  });"""


def scroll(page):
    page.mouse.move(200, 400)
    for _ in range(12):
        page.mouse.wheel(0, 2500)
        page.wait_for_timeout(20)


def jump(page):
    page.evaluate("scrollTo(0, 0.8 * document.documentElement.scrollHeight)")


def leave(page):
    page.evaluate("location.href = 'licence.html'")
    page.wait_for_url("**/licence.html")
    page.go_back()


def follow_link(page):
    page.evaluate("location.hash = 'sec-gradient'")
    page.wait_for_timeout(200)
    page.go_back()


@pytest.mark.parametrize(
    ("size", "move", "returns"),
    [(PHONE, scroll, [lambda page: page.reload()]), (SCREEN, jump, [follow_link, leave])],
    ids=["phone", "screen"],
)
def test_a_long_chapter_is_read_on_where_it_was_left(chromium, address, size, move, returns):
    page = chromium.new_page(viewport=size)
    page.goto(f"{address}/{CHAPTER}")
    move(page)
    page.wait_for_function("history.state?.place && scrollY > 10000")
    page.wait_for_timeout(200)
    text, top = page.evaluate(SHOWN)
    for come_back in returns:
        come_back(page)
        page.wait_for_timeout(200)
        found, place = page.evaluate(SHOWN)
        assert found == text and abs(place - top) < 40
    page.close()


@pytest.mark.parametrize("pressed", ["tap", "Enter"])
def test_the_contents_of_the_page_close_when_they_lead_somewhere(chromium, address, pressed):
    page = chromium.new_page(viewport=PHONE, has_touch=True)
    page.goto(f"{address}/{CHAPTER}")
    page.locator(".secondary-toggle").click()
    entry = page.locator("#pst-secondary-sidebar-modal a[href='#sec-train-003']")
    entry.tap() if pressed == "tap" else entry.press("Enter")
    page.wait_for_function("document.activeElement.matches('#sec-train-003 > h2')")
    assert not page.locator("dialog[open]").count()
    assert 0 <= page.evaluate("document.activeElement.getBoundingClientRect().top") < 300
    assert page.url.endswith("#sec-train-003")
    page.close()


def test_a_browser_that_may_keep_nothing_reports_no_error(chromium, address):
    context = chromium.new_context(viewport=SCREEN)
    context.add_init_script(REFUSING)
    errors = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    for name in ("book/progress.html", "book/introduction.html", "search.html?q=勾配"):
        page.goto(f"{address}/{name}", wait_until="load")
    page.locator("#search-results li").first.wait_for()
    context.close()
    assert not errors


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
def test_without_scripts_no_button_is_shown_that_needs_them(chromium, address, size):
    context = chromium.new_context(viewport=size, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/book/glossary.html")
    names = [button.get_attribute("class") for button in page.locator("button").all() if button.is_visible()]
    context.close()
    assert not names


@pytest.mark.parametrize("part", ["sec-optimizers", "sec-adamw", "fig-race", "equation-eq-adam"])
def test_an_address_from_before_a_page_was_split_leads_to_the_part(chromium, address, part):
    page = chromium.new_page()
    page.goto(f"{address}/{CHAPTER}#{part}")
    page.wait_for_url(f"{address}/book/ch4_optimizers.html#{part}")
    assert page.locator(f"[id='{part}']").count() == 1
    page.close()
