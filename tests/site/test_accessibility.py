"""Barriers on the pages, as axe-core finds them, and what a keyboard meets."""

import io

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image

from press.languages import sources
from tests.helpers.editions import EDITIONS, place_of
from tests.helpers.parts import parts

COLOURS = ["color-contrast", "link-in-text-block"]
LAYOUT = ["target-size", "scrollable-region-focusable"]  # what depends on the width of the screen
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = {"screen": 1280, "phone": 390}
THEMES = ["light", "dark"]

# What is not on the screen, laid out; what is folded, opened: choices of a quiz close each other unless they lose
# their common name.
OPEN = """async () => {
  document.head.insertAdjacentHTML("beforeend", "<style>* {content-visibility: visible !important}</style>");
  for (const folded of document.querySelectorAll("details")) {
    folded.removeAttribute("name");
    folded.open = true;
  }
}"""
# A chapter has 10 000 elements that are one letter of a formula or one word of code, and axe takes a minute for them.
# Formulas (hidden from screen readers, with MathML beside them, in the colour of the text) become empty boxes of
# their size, and of the words of code one in each colour stays. Figures have thousands of lines and letters, which are
# drawn and no text: their names and roles are elsewhere in them.
SIMPLIFY = """() => {
  const drawn = document.querySelectorAll("svg :is(path, use, defs, clipPath):not([role], [aria-label], :has(title))");
  for (const part of drawn) part.remove();
  const formulas = [...document.querySelectorAll("mjx-math")].map(part => [part, part.getBoundingClientRect()]);
  for (const [formula, {width, height}] of formulas) {
    formula.replaceChildren();
    formula.style.cssText = `display: inline-block; width: ${width}px; height: ${height}px`;
  }
  const colours = new Set();
  for (const word of document.querySelectorAll("pre span[class]"))
    if (colours.has(word.className)) word.replaceWith(...word.childNodes);
    else colours.add(word.className);
}"""
# Texts that look the same, in colour, background, size and weight, are the same to the rules about colours: one of them
# stands for all.
# Each run begins with a look at every element, so those that a run has no need of are taken out before it.
WITHOUT_WHAT_HAS_NO_TEXT = """() => {
  for (const part of document.querySelectorAll("mjx-assistive-mml, svg")) part.replaceChildren();
}"""
WITHOUT_TEXT = """() => {
  const article = document.querySelector("article"), title = article?.querySelector("h1");
  article?.replaceChildren(...(title ? [title] : []));
}"""
COLOURS_FOUND = """async options => {
  const background = part => {
    for (; part; part = part.parentElement) {
      const {backgroundColor, backgroundImage} = getComputedStyle(part);
      if (backgroundImage !== "none" || !backgroundColor.endsWith(", 0)")) return backgroundColor + backgroundImage;
    }
  };
  const alike = new Map();
  for (const part of document.querySelectorAll("body *")) {
    const written = [...part.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!written || part.closest("svg, mjx-container, script, style, noscript")) continue;
    const {color, fontSize, fontWeight, opacity, textDecorationLine} = getComputedStyle(part);
    const around = getComputedStyle(part.parentElement).color;
    const look = [part.localName, part.className, color, background(part), fontSize, fontWeight, opacity, around];
    const key = [...look, textDecorationLine].join("|");
    // what is shown stands for what is not
    if (!alike.has(key) || !alike.get(key).checkVisibility()) alike.set(key, part);
  }
  if (!alike.size) throw new Error("no text at all");
  const found = await axe.run({include: [...alike.values()]}, {...options, resultTypes: ["violations"]});
  return found.violations.flatMap(({id, nodes}) => nodes.map(({target}) => `${id}: ${target}`));
}"""
AXE = """async ([context, options]) => {
  const found = await axe.run(context, {...options, resultTypes: ["violations"]});
  return found.violations.flatMap(({id, nodes}) => nodes.map(({target}) => `${id}: ${target}`));
}"""
THEME = """async theme => {
  document.documentElement.dataset.theme = document.documentElement.dataset.mode = theme;
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
FOCUS = """() => {
  const focused = document.activeElement, style = getComputedStyle(focused), box = focused.getBoundingClientRect();
  return {
    name: focused.outerHTML.slice(0, 120),
    text: focused.innerText?.trim(),
    ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none",
    visible: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


def open_page(chromium, url, **settings):
    # without transitions, so that no colour is halfway when axe looks at it
    page = chromium.new_page(reduced_motion="reduce", **settings)
    page.goto(url, wait_until="load")
    return page


def colours(page):
    """What axe finds in both themes, by the rules about colours."""
    found = []
    for theme in THEMES:
        page.evaluate(THEME, theme)
        found += page.evaluate(COLOURS_FOUND, {"runOnly": {"type": "rule", "values": COLOURS}})
    return found


def structure(page):
    """What axe finds by all the other rules."""
    others = {"runOnly": RULES, "rules": {rule: {"enabled": False} for rule in COLOURS}}
    return page.evaluate(AXE, [{"exclude": []}, others])


def set_width(page, name):
    page.set_viewport_size({"width": WIDTHS[name], "height": 900})


BOOK = [f"book/{page.stem}.html" for page in sources("book/*.md")]
AROUND = ["404.html", "genindex.html", "search.html", "search.html?q=gradient", "search.html?q=zzzz"]
PAGES = [f"{place_of(edition)}{page}" for edition in EDITIONS for page in BOOK + AROUND]
# One of each kind: exercises, figures to go through, tables, cards, a mock exam, what is saved, links, none at all.
KINDS = {f"book/{name}.html" for name in ("ch1_input_to_hidden", "ch4_gradient_descent", "errata", "exam", "review")}
KINDS |= {"book/progress.html", "book/status.html", "genindex.html", "search.html?q=gradient", "404.html"}
KINDS |= {"en/book/ch1_input_to_hidden.html", "en/book/review.html", "en/search.html?q=gradient"}


def test_these_are_all_pages(built_site, pages):
    assert {file.relative_to(built_site).as_posix() for file in pages} == {name.partition("?")[0] for name in PAGES}


@pytest.mark.parametrize("name", parts(PAGES, KINDS))
def test_a_page_has_no_barrier(chromium, address, name):
    """The text is the same on a phone, but for the room that it has; what is around it looks different there."""
    page = open_page(chromium, f"{address}/{name}")
    page.evaluate(OPEN)
    page.evaluate(SIMPLIFY)
    page.evaluate(AXE_SCRIPT)
    set_width(page, "screen")
    found = {"structure": structure(page)}
    page.evaluate(WITHOUT_WHAT_HAS_NO_TEXT)
    found["colours"] = colours(page)
    set_width(page, "phone")
    found["room"] = page.evaluate(AXE, [{"include": ["main"]}, {"runOnly": {"type": "rule", "values": LAYOUT}}])
    page.evaluate(WITHOUT_TEXT)
    found |= {"structure on a phone": structure(page), "colours on a phone": colours(page)}
    page.close()
    assert not any(found.values()), found


def test_barriers_would_be_found(chromium, address):
    page = open_page(chromium, f"{address}/book/status.html")
    page.evaluate(AXE_SCRIPT)
    page.evaluate("""() => document.querySelector("article").insertAdjacentHTML("beforeend",
      "<img src='../_static/favicon.svg'><p style='color: #888; background: #777'>灰色の文</p>")""")
    set_width(page, "screen")
    found = " ".join(structure(page) + colours(page))
    assert "image-alt" in found and "color-contrast" in found
    page.close()


def test_the_open_menus_of_a_phone_have_no_barrier(chromium, address):
    page = open_page(chromium, f"{address}/book/glossary.html", viewport={"width": 390, "height": 844})
    page.evaluate(AXE_SCRIPT)
    page.locator(".primary-toggle").click()
    page.locator("#pst-primary-sidebar-modal nav").wait_for()
    assert not structure(page) + colours(page)
    page.close()


@pytest.mark.parametrize("theme", THEMES)
def test_the_keyboard_shows_where_it_is(chromium, address, theme):
    page = open_page(chromium, f"{address}/book/ch1_input_to_hidden.html", color_scheme=theme)
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUS)
    assert first["text"] == "本文へスキップ" and first["visible"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUS)
        assert focused["ring"] and focused["visible"], focused["name"]
    page.close()


def test_what_opens_wide_can_be_scrolled_by_keyboard(chromium, address):
    page = open_page(chromium, f"{address}/book/ch1_input_to_hidden.html", viewport={"width": 390, "height": 844})
    page.evaluate(OPEN)
    page.wait_for_timeout(1000)  # the theme's own look comes 0.3 s after a change
    wide = page.evaluate("""() => [...document.querySelectorAll("article *")].filter(part => {
      const style = getComputedStyle(part);
      return ["auto", "scroll"].includes(style.overflowX) && part.scrollWidth > part.clientWidth + 1;
    }).map(part => [part.outerHTML.slice(0, 120), part.tabIndex])""")
    assert wide, "code and formulas are wider than a phone"
    assert not [name for name, index in wide if index < 0]
    page.close()


def test_nothing_moves_for_who_asked_for_it(chromium, address):
    page = open_page(chromium, f"{address}/book/ch1_input_to_hidden.html")
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter(part => {
      const {transitionDuration, animationName, animationDuration, scrollBehavior} = getComputedStyle(part);
      const lasts = durations => durations.split(", ").some(duration => parseFloat(duration) > 0.01);
      return lasts(transitionDuration) || (animationName !== "none" && lasts(animationDuration)) ||
        scrollBehavior === "smooth";
    }).map(part => part.outerHTML.slice(0, 100))""")
    assert not moving
    page.close()


@pytest.mark.parametrize("theme", THEMES)
def test_a_figure_has_the_ground_of_its_page_and_of_paper(chromium, address, theme):
    page = chromium.new_page(color_scheme=theme)
    page.goto(f"{address}/book/ch4_gradient_descent.html")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (theme == "light")
    for kind in (".cell_output img", ".frames > svg"):
        figure = page.locator(kind).first
        figure.scroll_into_view_if_needed()
        page.wait_for_function("kind => document.querySelector(kind).complete ?? true", arg=kind)
        drawn = Image.open(io.BytesIO(figure.screenshot())).convert("RGB")
        red, green, blue = drawn.getpixel((4, 4))
        assert f"rgb({red}, {green}, {blue})" == ground
        darkest, lightest = drawn.convert("L").getextrema()
        assert lightest - darkest > 180, "its words and lines are seen"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    filters = page.evaluate(
        "[...document.querySelectorAll('figure img, .frames > svg')].map(f => getComputedStyle(f).filter)"
    )
    assert set(filters) == {"none"}
    page.close()
