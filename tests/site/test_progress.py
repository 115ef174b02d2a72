"""The page 進み具合: what it lists, counts, saves, takes back and erases."""

import json

import pytest

from press.exercises import source as exercise_source
from press.languages import sources

EXERCISES = {
    exercise.id: exercise
    for source in sources("solutions/*/*.md")
    for exercise in exercise_source.read(source).exercises
}
KEPT = "dlcourse / "


def record(check, **changed):
    editions = {answer.check: answer.edition for exercise in EXERCISES.values() for answer in exercise.answers}
    return {"code": "x = 1", "passed": True, "edition": editions[check]} | changed


@pytest.fixture
def page(chromium, address):
    context = chromium.new_context(locale="ja-JP")
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda asked: errors.append(asked.url) if "pyodide" in asked.url else None)
    page.goto(f"{address}/book/progress.html")
    yield page
    context.close()
    assert not errors, "neither an error nor Python"


def keep(page, **records):
    page.evaluate(
        "(records) => Object.entries(records).forEach(([key, text]) => localStorage.setItem(key, text))",
        {KEPT + check: json.dumps(kept) for check, kept in records.items()},
    )
    page.reload()


def kept(page):
    everything = page.evaluate("() => ({...localStorage})")
    return {key: text for key, text in everything.items() if key not in ("mode", "theme")}  # the theme's


def state(page, exercise):
    return page.locator(f"li:has(a[href$='#exercise-{exercise.lower()}']) [data-answers]").inner_text()


def counts(page):
    return page.locator(".progress-count").all_inner_texts()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).press("Enter")


def choose(page, text):
    with page.expect_file_chooser() as chooser:
        press(page, "記録を読み込む")
    chooser.value.set_files({"name": "記録.json", "mimeType": "application/json", "buffer": text.encode()})
    page.locator(".progress-tools [role=status]:not(:empty)").wait_for()
    return page.locator(".progress-tools [role=status]").inner_text()


def test_every_exercise_is_listed_with_a_link_that_leads_to_it(page, chromium, address):
    links = page.locator(".progress-list a").evaluate_all("(all) => all.map((link) => [link.innerText, link.href])")
    assert [text.split()[0] for text, _ in links] and {text.split()[0] for text, _ in links} == set(EXERCISES)
    assert all(href.endswith(f"#exercise-{text.split()[0].lower()}") for text, href in links)
    assert [heading.split(".")[0] for heading in page.locator("h2").all_inner_texts()] == list("123445"), (
        "chapter 4 has two pages"
    )
    page.goto(links[-1][1])
    assert page.locator(f"#exercise-{links[-1][0].split()[0].lower()}").is_visible()


def test_it_counts_what_is_right_in_this_edition(page):
    assert state(page, "K1-2") == "まだ" and all("うち 0 問" in count for count in counts(page))
    both = {check: record(check) for check in ("K0-3", "K0-3b")}
    outdated = record("K1-3", edition="before")
    keep(page, **{"K1-2": record("K1-2"), "K1-1": record("K1-1", passed=False), "K1-3": outdated}, **both)
    states = {name: state(page, name) for name in ("K1-2", "K1-1", "K1-3", "K0-3", "K0-1")}
    assert states == {"K1-2": "✓ 正解済み", "K1-1": "… 途中", "K1-3": "… 途中", "K0-3": "✓ 正解済み", "K0-1": "まだ"}
    assert sum("のうち 0 問" not in count for count in counts(page)) >= 1
    keep(page, **{"K0-3b": record("K0-3b", passed=False)})
    assert state(page, "K0-3") == "… 途中", "one of two answers is not the exercise"


def test_another_tab_and_a_damaged_record(page):
    other = page.context.new_page()
    other.goto(page.url)
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [f"{KEPT}K1-2", json.dumps(record("K1-2"))])
    other.get_by_text("✓ 正解済み").first.wait_for(timeout=5000)
    page.evaluate("(key) => localStorage.setItem(key, '{\"passed\": tru')", f"{KEPT}K1-2")
    page.reload()
    assert state(page, "K1-2") == "まだ"
    assert kept(page) == {f"{KEPT}K1-2 (読めない記録)": '{"passed": tru'}


def test_what_is_saved_can_be_erased_and_taken_back(page):
    page.on("dialog", lambda dialog: dialog.accept())
    keep(page, **{"K1-2": record("K1-2"), "book/introduction.html x = 1": {"code": "x = 2"}})
    page.evaluate("localStorage.setItem('another site', 'stays')")
    before = kept(page)
    with page.expect_download() as download:
        press(page, "記録を保存")
    saved = download.value.path().read_text("utf-8")
    assert json.loads(saved)["records"]["K1-2"] == record("K1-2")

    press(page, "記録を消す")
    assert kept(page) == {"another site": "stays"} and state(page, "K1-2") == "まだ"
    assert page.locator(".progress-tools [role=status]").inner_text() == "記録をすべて消しました。"
    assert "読み込みました" in choose(page, saved)
    assert {key: json.loads(text) for key, text in kept(page).items() if key != "another site"} == {
        f"{KEPT}{place}": known for place, known in json.loads(saved)["records"].items()
    }
    assert kept(page).keys() == before.keys() and state(page, "K1-2") == "✓ 正解済み"


def test_nothing_is_erased_or_replaced_without_a_yes(page):
    page.on("dialog", lambda dialog: dialog.dismiss())
    keep(page, **{"K1-2": record("K1-2")})
    before = kept(page)
    press(page, "記録を消す")
    with page.expect_file_chooser() as chooser, page.expect_event("dialog"):
        press(page, "記録を読み込む")
        chooser.value.set_files(
            {
                "name": "x.json",
                "mimeType": "application/json",
                "buffer": json.dumps(
                    {"format": "dlcourse-progress-1", "records": {"K1-2": {"code": "other"}}}
                ).encode(),
            }
        )
    assert kept(page) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"records": {}}',
        '{"format": "dlcourse-progress-1", "records": {"K1-2": {"code": 5}}}',
        '{"format": "dlcourse-progress-1", "records": {"K1-2": {"evil": "x"}}}',
    ],
)
def test_another_file_changes_nothing_and_says_so(page, text):
    assert "このファイルは読み込めません" in choose(page, text)
    assert kept(page) == {}


def test_without_a_script_the_exercises_are_listed(chromium, address):
    page = chromium.new_page(java_script_enabled=False)
    page.goto(f"{address}/book/progress.html")
    assert page.locator("noscript p").is_visible()
    assert page.locator(".progress-list a:visible").count() == len(EXERCISES)
    assert page.locator("button:visible", has_text="記録").count() == 0
    page.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_keeps_room_for_what_the_script_adds(chromium, address, width):
    page = chromium.new_page(viewport={"width": width, "height": 844})
    script = "**/live/progress.js*"
    heights = []
    for act in (lambda: page.route(script, lambda route: route.abort()), lambda: page.unroute(script)):
        act()
        page.goto(f"{address}/book/progress.html", wait_until="load")
        heights.append(page.evaluate("document.querySelector('article').scrollHeight"))
    assert page.get_by_text("問のうち").first.is_visible(), "the script ran"
    assert heights[0] == heights[1]
    page.close()
