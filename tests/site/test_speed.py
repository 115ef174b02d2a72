"""What a page costs, and that nothing in it moves while it loads. (Lighthouse measures more: `make lighthouse`.)"""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from press.commands import lighthouse
from tests.helpers.editions import edition_of, place_of
from tests.helpers.side_by_side import side_by_side

BUDGET = tomllib.loads(Path(__file__).with_name("budget.toml").read_text("utf-8"))
LARGEST_SHIFT = 0.01


def budget(name):
    name = name.removeprefix(place_of(edition_of(name)))  # the same for every edition
    return next(allowed for pattern, allowed in BUDGET.items() if fnmatch(name, pattern))


def excess(name, loaded, allowed):
    """How a page is over its budget, in words; None when it is not."""
    total = sum(loaded.values())
    heaviest = sorted(loaded, key=loaded.get, reverse=True)[:3]
    if len(loaded) > allowed["requests"] or total > 1000 * allowed["kilobytes"]:
        files = ", ".join(f"{file} {loaded[file] / 1000:.0f} kB" for file in heaviest)
        return f"{name}: {len(loaded)} requests, {total / 1000:.0f} kB (allowed: {allowed}); heaviest: {files}"


def test_every_page_keeps_to_its_budget(visits):
    for name, visit in visits.items():
        print(f"{name}: {len(visit.loaded)} requests, {sum(visit.loaded.values()) / 1000:.0f} kB")
    over = [excess(name, visit.loaded, budget(name)) for name, visit in visits.items()]
    assert not list(filter(None, over)), "\n".join(filter(None, over))


def test_a_page_over_its_budget_is_named_with_its_heaviest_file():
    loaded = {"/book/ch1.html": 60_000, "/_images/huge.svg": 900_000}
    assert "/_images/huge.svg 900 kB" in excess("book/ch1.html", loaded, {"requests": 30, "kilobytes": 500})
    assert "2 requests" in excess("book/ch1.html", loaded, {"requests": 1, "kilobytes": 5000})
    assert excess("book/ch1.html", loaded, {"requests": 2, "kilobytes": 960}) is None


def test_nothing_moves_while_a_page_loads(chromium, slow_address, visits, watch_layout, layout_shift):
    shifts = {(name, "phone"): visit.shift for name, visit in visits.items()}
    addresses = {name: f"{slow_address}/{name}" for name in visits}
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(watch_layout)
    for name, page in side_by_side(addresses, lambda _: context.new_page(), "load"):
        page.wait_for_timeout(100)
        shifts[name, "screen"] = layout_shift(page)
    context.close()
    assert not {which: shift for which, shift in shifts.items() if shift >= LARGEST_SHIFT}


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_colours_are_known_before_any_script_file(chromium, address, colours):
    """Else the whole page is styled twice, code changes its height, and a dark page begins white."""
    page = chromium.new_page(color_scheme=colours)
    page.route("**/*.js*", lambda route: route.abort())
    page.goto(f"{address}/book/errata.html", wait_until="load")
    assert page.evaluate("document.documentElement.dataset.theme") == colours
    page.evaluate("localStorage.setItem('mode', 'dark'); localStorage.setItem('theme', 'dark')")
    page.reload(wait_until="load")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark", "what the reader has chosen"
    page.close()


def test_layout_shift_would_be_seen(chromium, address, watch_layout, layout_shift):
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.add_init_script(watch_layout)
    page.goto(f"{address}/book/index.html", wait_until="networkidle")
    before = layout_shift(page)
    page.evaluate("""() => new Promise(done => {
      document.querySelector("article").prepend(Object.assign(document.createElement("div"), {style: "height: 300px"}));
      requestAnimationFrame(() => setTimeout(done, 100));
    })""")
    assert layout_shift(page) > before + 0.05
    page.close()


def test_every_figure_keeps_its_place_before_it_is_loaded(documents):
    images = [image for page in documents.values() for image in page.select("article img")]
    assert images, "the book has figures"
    assert not [image["src"] for image in images if not (image.get("width") and image.get("height"))]


def test_formulas_come_drawn_with_their_style(documents):
    """A letter without its rule would not show; a page without formulas has no rules for them."""
    assert any(page.select("mjx-container") for page in documents.values())
    # (select passes templates by, which hold the formulas of 復習)
    for name, page in documents.items():
        letters = {
            kind for part in page.find_all("mjx-c") for kind in part.get("class", []) if kind.startswith("mjx-c")
        }
        style = " ".join(part.text for part in page.select("head style"))
        assert not {letter for letter in letters if f".{letter}" not in style}, name
        assert bool(page.find("mjx-container")) == ("mjx-container" in style), name
        assert not page.select("mjx-container:not(:has(math))"), "MathML for screen readers"


def test_a_long_page_keeps_room_for_what_is_not_laid_out_yet(chromium, address):
    page = chromium.new_page(viewport={"width": 390, "height": 844}, locale="ja-JP")
    page.goto(f"{address}/book/ch5_backpropagation.html", wait_until="networkidle")
    laid_out, places, heights = page.evaluate("""() => {
      const sections = [...document.querySelectorAll(".bd-article > section > section")];
      const laidOut = sections.map(section => section.firstElementChild.checkVisibility({contentVisibilityAuto: true}));
      const places = sections.map(section => section.offsetHeight);
      sections.forEach(section => section.style.contentVisibility = "visible");
      return [laidOut, places, sections.map(section => section.offsetHeight)];
    }""")
    page.close()
    assert laid_out[0] and not laid_out[-1]
    assert all(place >= height for place, height in zip(places, heights, strict=True)), (places, heights)


@pytest.mark.parametrize("name", ["ch2_activation_functions", "ch4_gradient_descent"])  # the most tables, drawings
def test_a_long_page_is_about_as_long_as_it_says(chromium, address, name):
    """Else the scrollbar tells nothing, and a jump leads elsewhere."""
    page = chromium.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page.goto(f"{address}/book/{name}.html")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(100)  # the sidebar comes
        seen = page.evaluate("""() => {
          const sections = [...document.querySelectorAll(".bd-article > section > section")];
          const places = sections.map(one => parseFloat(getComputedStyle(one).containIntrinsicHeight.slice(4)));
          sections.forEach(one => one.style.contentVisibility = "visible");
          const heights = sections.map(one => one.offsetHeight);
          sections.forEach(one => one.style.contentVisibility = "");
          return sections.map((one, i) => [one.id, places[i], heights[i]]);
        }""")
        assert len(seen) > 5
        assert not [(section, *sizes) for section, *sizes in seen if not 0.85 <= sizes[0] / sizes[1] <= 1.3], width
    page.close()


def test_lighthouse_names_what_misses_its_goal():
    def report(score, shift):
        audits = {
            "cumulative-layout-shift": {"numericValue": shift},
            "slow-thing": {"id": "slow-thing", "score": 0.4},
            "fine-thing": {"id": "fine-thing", "score": 1},
        }
        named = [{"id": "slow-thing", "weight": 3}, {"id": "fine-thing", "weight": 1}]
        categories = {name: {"score": 1, "auditRefs": []} for name in lighthouse.GOALS}
        return {"audits": audits, "categories": {**categories, "performance": {"score": score, "auditRefs": named}}}

    assert not list(lighthouse.problems(report(0.93, 0.001), "mobile"))
    assert list(lighthouse.problems(report(0.93, 0.001), "desktop")) == ["performance < 98: slow-thing"]
    assert "layout shift" in list(lighthouse.problems(report(1, 0.02), "desktop"))[0]


def test_lighthouse_says_what_it_needs(monkeypatch, built_site):
    monkeypatch.setattr(lighthouse, "SITE", built_site)
    monkeypatch.setattr(lighthouse, "LIGHTHOUSE", "no-such-command")
    with pytest.raises(SystemExit, match="Node.js 18"):
        lighthouse.main([])
