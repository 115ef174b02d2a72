"""What the page keeps of what a reader has written and solved."""

import json

from tests.helpers.cells import ANSWERS, cell, editor, press, rewrite, written

KEPT = "dlcourse / "  # and the place; the site stands at the root of its server


def keep(page, records):
    """Put records (place → text) where the page will look for them, and load it again."""
    page.evaluate(
        "(pairs) => pairs.forEach(([key, text]) => localStorage.setItem(key, text))",
        [[KEPT + place, text] for place, text in records.items()],
    )
    page.reload()


def kept(page, place):
    return page.evaluate("(key) => localStorage.getItem(key)", KEPT + place)


def test_edits_are_found_again_by_the_code_that_they_changed(open_page):
    page = open_page("introduction")
    part = rewrite(page, "print('私の')", number=1)
    source = page.evaluate("cells[1].source")
    place = f"book/introduction.html {source}"
    assert json.loads(kept(page, place))["code"] == "print('私の')"
    # an author puts a cell above it: the numbers of the cells change
    page.route(
        "**/introduction.html",
        lambda route: route.fulfill(
            body=route.fetch()
            .text()
            .replace(
                '<div class="cell ',
                '<div class="cell docutils container"><div class="cell_input"><div class="highlight"><pre>'
                'new = 1</pre></div></div></div><div class="cell ',
                1,
            ),
            content_type="text/html",
        ),
    )
    page.reload()
    part = cell(page, 2)
    editor(part).wait_for()
    assert page.evaluate("cells[2].source") == source and written(part) == "print('私の')"
    assert page.locator(".live-editor").count() == 1


def test_a_damaged_record_is_set_aside(open_page):
    page = open_page("introduction")
    damaged = {}
    for number, text in enumerate(['{"code": "x', '{"code": 1}', "[]", "null"]):
        damaged[f"book/introduction.html {page.evaluate(f'cells[{number}].source')}"] = text
    keep(page, damaged)
    assert page.locator(".live-editor").count() == 0
    assert {place: kept(page, f"{place} (読めない記録)") for place in damaged} == damaged
    assert {kept(page, place) for place in damaged} == {None}


def test_a_tick_is_for_one_edition_and_the_code_outlives_it(open_page):
    page = open_page()
    edition = ANSWERS["K1-2"][0].edition
    box = page.locator("#exercise-k1-2 .answer")
    for known, tick in ((edition, True), ("anotherone", False)):
        keep(page, {"K1-2": json.dumps({"code": "mine = 1", "passed": True, "edition": known})})
        assert box.get_by_text("✓ 正解済み").is_visible() == tick
        assert box.get_by_text("新しくなりました").is_visible() != tick
        editor(box).wait_for()
        assert written(box) == "mine = 1"


def test_two_tabs_of_a_page_show_the_same(open_page):
    one = open_page("introduction")
    other = one.context.new_page()
    other.goto(one.url)
    rewrite(one, "print('最初のタブ')")
    editor(cell(other)).get_by_text("print('最初のタブ')").wait_for(timeout=5000)
    editor(cell(other)).fill("print('次のタブ')")
    editor(cell(one)).get_by_text("print('次のタブ')").wait_for(timeout=5000)
    editor(cell(one)).press("Control+z")
    assert written(cell(one)) == "print('最初のタブ')", "what the other tab replaced can be had back"
    one.on("dialog", lambda dialog: dialog.accept())
    press(cell(one), "リセット")
    editor(cell(other)).wait_for(state="detached", timeout=5000)
    assert kept(one, f"book/introduction.html {one.evaluate('cells[0].source')}") is None
