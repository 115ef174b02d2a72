"""Quizzes, cards that come back (復習) and papers of questions (試験に備える), as a reader uses them."""

import json
import re
from datetime import datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.site.test_accessibility import AXE, COLOURS, RULES, colours

# --- quizzes of all pages: where the right choice stands, and how long it is, give nothing away ---


CHOICE = re.compile(r"<details[^>]*>\s*<summary>(.*?)</summary>\s*<p[^>]*><strong>([○×])", re.DOTALL)
# As the text of a page is read; what draws a formula has none, and its MathML does.
TAG = re.compile(r"<[^>]*>")


@pytest.fixture(scope="module")
def texts(built_site):
    """The HTML of each page; to look at all of it as a tree would take longer than all else here."""
    return {page.name: page.read_text("utf-8") for page in sorted(built_site.glob("book/*.html"))}


@pytest.fixture(scope="module")
def quizzes(texts):
    """The choices of every question with one right answer, in the order in which the page offers them."""
    found = []
    for text in texts.values():
        for quiz in text.split('<div class="quiz')[1:]:
            choices = [
                (TAG.sub("", words), mark == "○") for words, mark in CHOICE.findall(quiz.partition("<section")[0])
            ]
            if sum(right for _, right in choices) == 1:
                found.append(choices)
    assert len(found) > 80
    return found


def test_no_place_is_that_of_the_right_choice_more_often_than_by_chance(quizzes):
    for place in range(max(map(len, quizzes))):
        shares = [1 / len(choices) for choices in quizzes if place < len(choices)]
        deviation = sqrt(sum(share * (1 - share) for share in shares))
        found = sum(choices[place][1] for choices in quizzes if place < len(choices))
        print(f"place {place + 1}: {found} right, expected {sum(shares):.1f} ± {deviation:.1f}")
        assert abs(found - sum(shares)) <= 3 * deviation, f"place {place + 1}"


def test_the_right_choice_is_not_the_longest_more_often_than_its_share(quizzes):
    longest = [choices for choices in quizzes if max(choices, key=lambda one: (len(one[0]), not one[1]))[1]]
    share = sum(1 / len(choices) for choices in quizzes)
    print(f"{len(longest)} of {len(quizzes)}, share {share:.1f}")
    assert len(longest) <= share, "\n".join(next(text for text, right in one if right) for one in longest)


# --- 復習 -----------------------------------------------------------------------------------------

FIRST_DAY = datetime(2026, 4, 6, 20, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
GRADES = ["もう一度", "難しい", "できた", "簡単"]


@pytest.fixture
def review(open_page):
    page = open_page("review", timezone_id="Asia/Tokyo", script="Math.random = () => 0.4")
    page.clock.set_fixed_time(FIRST_DAY)
    page.reload()
    return page


def left(page):
    """How many cards there are today, or the words when there is none."""
    said = page.locator(".review-counts").inner_text()
    found = re.search(r"あと (\d+) 枚", said)
    return int(found[1]) if found else said


def answer(page, grade):
    """By keyboard alone: open the answer, then choose."""
    page.get_by_role("button", name="答えを見る").focus()
    page.keyboard.press("Enter")
    page.keyboard.press(str(GRADES.index(grade) + 1))


def study(page, grade="簡単"):
    """All cards of a day; how many they were."""
    for count in range(40):
        if not isinstance(left(page), int):
            return count
        answer(page, grade)
    raise AssertionError("the cards do not come to an end")


def test_cards_come_back_after_days_and_new_ones_every_day(review):
    review.locator(".review-up-to").select_option(index=1)
    assert left(review) == 10, "new ones, at most so many a day"
    assert study(review) == 10
    assert "終わりました" in left(review) and "4月7日" in left(review), "when the next new ones come"
    assert review.locator(".review-up-to").evaluate("one => one === document.activeElement"), "the focus is not lost"
    review.clock.set_fixed_time(FIRST_DAY + timedelta(days=1))
    review.reload()
    assert review.locator(".review-up-to").evaluate("one => one.selectedIndex") == 1, "it is kept how far one has read"
    assert left(review) == 10
    review.clock.set_fixed_time(FIRST_DAY + timedelta(days=40, hours=-15))
    review.reload()
    assert left(review) == 20, "the ten of the first day are due, early in the morning, too"


def test_what_was_not_known_comes_again_the_same_day(review):
    before = left(review)
    first = review.locator(".card-front").inner_text()
    answer(review, "もう一度")
    assert left(review) == before, "it is left to do"
    assert review.locator(".card-front").inner_text() != first
    assert review.locator(".review-card").evaluate("one => one === document.activeElement")


def test_a_card_leads_back_to_the_book_and_hides_its_answer_until_asked(review):
    kinds = set()
    for _ in range(5):
        kinds.add(review.locator(".review-kind").inner_text())
        assert not review.locator(".review-place").is_visible() and not review.locator(".card-back").is_visible()
        assert review.get_by_role("group", name="どのくらい思い出せましたか").count() == 0
        review.get_by_role("button", name="答えを見る").press("Enter")
        assert review.locator(".review-place a").get_attribute("href").startswith("../book/introduction.html#")
        assert review.locator(":is(.card-back, .quiz-right)").is_visible()
        assert [one.inner_text().split()[0] for one in review.locator("[role=group] button").all()] == GRADES
        review.locator("[role=group] button").nth(2).press("Enter")
    assert kinds == {"クイズ", "用語"}
    assert review.locator("template.card").count() == 0, "a class that the theme would show"


def test_every_kind_of_card_is_there_with_links_that_lead_somewhere(review, texts):
    cards = review.evaluate("""() => [...document.querySelectorAll("template.review-template")].map(
        ({dataset, content}) => [dataset.kind, dataset.key, dataset.address,
            [...content.querySelectorAll("a")].map(link => link.getAttribute("href"))])""")
    kinds = {kind: sum(one[0] == kind for one in cards) for kind, *_ in cards}
    print(kinds)
    assert min(kinds[kind] for kind in ("クイズ", "思い出す", "用語", "計算")) >= 18
    assert len({key for _, key, _, _ in cards}) == len(cards)
    names = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in texts.items()}
    for _, _, address, links in cards:
        for link in [address, *links]:
            page, _, anchor = link.removeprefix("../book/").partition("#")
            assert not anchor or anchor in names[page or "review.html"], link


def test_new_cards_come_in_the_order_of_the_book(review):
    cards = review.evaluate("""() => [...document.querySelectorAll("template.review-template")].map(
        ({dataset}) => [Number(dataset.page), dataset.kind])""")
    of_the_page = ("クイズ", "思い出す")
    assert cards == sorted(cards, key=lambda one: (one[0], one[1] not in of_the_page, one[1] != "計算"))
    chapters = review.locator(".review-up-to option").all_inner_texts()
    calculated = {chapters[page] for page, kind in cards if kind == "計算"}
    assert "最適化の手法" in calculated and "勾配降下法" not in calculated, (
        "when both pages of the chapter have been read"
    )


def test_the_schedule_is_saved_and_taken_back_with_the_other_records(review, address):
    answer(review, "できた")
    review.goto(f"{address}/book/progress.html")
    review.on("dialog", lambda dialog: dialog.accept())
    with review.expect_download() as download:
        review.get_by_role("button", name="記録を保存").click()
    saved = download.value.path().read_text("utf-8")
    (kept,) = [one for place, one in json.loads(saved)["records"].items() if place.startswith("復習 ")]
    card = json.loads(kept["card"])
    assert card["reps"] == 1 and card["first"] == "2026-4-6" and card["due"] == "2026-04-06T11:10:00.000Z"
    review.get_by_role("button", name="記録を消す").click()
    damaged = saved.replace('\\"reps\\":1', '\\"reps\\":\\"x\\"')
    assert damaged != saved
    for text, fresh in ((damaged, 5), (saved, 4)):
        review.goto(f"{address}/book/progress.html")
        review.get_by_label("記録のファイル").set_input_files(
            {"name": "x.json", "mimeType": "application/json", "buffer": text.encode()}
        )
        review.get_by_text("記録を読み込みました").wait_for()
        review.goto(f"{address}/book/review.html")
        assert f"あと 5 枚です(うち、新しいもの {fresh} 枚)" in review.locator(".review-counts").inner_text()


def test_a_browser_that_keeps_nothing_says_so(open_page):
    refusing = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('', 'SecurityError') }})"
    page = open_page("review", script=refusing)
    answer(page, "簡単")
    assert "うち、新しいもの 4 枚" in page.locator(".review-counts").inner_text(), "it goes on until the page is closed"
    assert "予定は消えます" in page.locator(".review-counts").inner_text()


# --- 試験に備える ------------------------------------------------------------------------------------


@pytest.fixture
def exam(open_page):
    page = open_page("exam")
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def start(page, count="20", limited="1"):
    page.locator(".mock-exam-count").select_option(count)
    page.locator(".mock-exam-time").select_option(limited)
    page.get_by_role("button", name="始める").press("Enter")


def test_a_paper_is_put_together_graded_and_explained(exam):
    assert not exam.locator(".mock-exam-paper").count()
    start(exam, "20", "0")
    fields = exam.locator(".mock-exam-paper fieldset")
    assert fields.count() == 20 and not exam.locator("[role=timer]").inner_text()
    assert exam.locator(".question:visible").count() == 0, "the list below does not show the answers meanwhile"
    assert fields.first.locator("input").first.evaluate("one => one === document.activeElement")
    # by the list of answers at the end, which is for paper; one is left out, one answered wrongly
    answers = exam.locator(".mock-exam-sheet > li")
    for place in range(1, 20):
        right = [one[3:].startswith("○") for one in answers.nth(place).locator("li").all_text_contents()]
        fields.nth(place).locator("input").nth((right.index(True) + (place == 1)) % 4).check()
    exam.get_by_role("button", name="採点する").press("Enter")
    result = exam.locator(".mock-exam-result")
    assert "20 問のうち 18 問が正解です" in result.inner_text() and result.evaluate(
        "one => one === document.activeElement"
    )
    rows = [row.split("\t") for row in exam.locator(".mock-exam-result tbody tr").all_inner_texts()]
    assert [topic[:3] for topic, _ in rows] == ["第1章", "第2章", "第3章", "第4章", "第5章", "第6章"]
    assert sum(int(share.split(" / ")[1]) for _, share in rows) == 20
    assert "無解答" in fields.first.inner_text() and "不正解" in fields.nth(1).inner_text()
    assert fields.first.locator(".mock-exam-reasons > li:visible").count() == 4
    exam.get_by_role("button", name="ほかの問題で").press("Enter")
    assert exam.locator(".question:visible").count() >= 60 and not exam.locator(".mock-exam-paper").count()


def test_the_time_ends_the_paper(exam):
    exam.clock.install()
    start(exam)
    assert exam.locator("[role=timer]").inner_text() == "残り 24分00秒"
    exam.clock.run_for(19 * 60_000)
    assert exam.get_by_text("残りは 5 分です。").is_visible()
    exam.clock.run_for(5 * 60_000)
    assert exam.get_by_text("時間になったので、採点しました。").is_visible()
    assert "20 問のうち 0 問" in exam.locator(".mock-exam-result").inner_text()


def test_numbers_are_drawn_anew(exam):
    shown = exam.evaluate("""() => [0, 0.5, 0.999].map(chance => {
      Math.random = () => chance;
      const question = [...document.querySelectorAll(".question")].find(one => one.querySelector(".variants"));
      drawNumbers(question);
      const variants = JSON.parse(question.querySelector(".variants").textContent);
      const places = [...question.querySelectorAll("[data-drawn]")];
      return places.map(({dataset, textContent}) => variants[dataset.drawn].indexOf(textContent));
    })""")
    assert len(shown[0]) == 7 and all(place == 0 for place in shown[0])
    assert len({tuple(places) for places in shown}) == 3 and max(shown[2]) <= 23


def test_on_paper_the_answers_follow_the_questions(exam):
    start(exam)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(exam.pdf())]
    place = next(place for place, text in enumerate(pages) if "答えと理由" in text)
    assert "問20" in "".join(pages[:place]) and "正解です" not in "".join(pages[:place])
    assert "".join(pages[place:]).count("正解です") == 20
    assert "採点する" not in "".join(pages)


def test_without_a_script_the_questions_open_one_by_one(chromium, address):
    page = chromium.new_page(java_script_enabled=False)
    page.goto(f"{address}/book/exam.html")
    assert page.locator(".question details:visible").count() == 4 * page.locator(".question").count() >= 240
    assert page.locator("noscript p").is_visible() and not page.locator(".mock-exam").is_visible()
    page.close()


def test_what_the_scripts_put_into_the_page_has_no_barrier(review, exam):
    """As they are opened, every page is looked at in test_accessibility.py."""
    review.get_by_role("button", name="答えを見る").press("Enter")
    start(exam)
    exam.locator("fieldset input").first.check()
    exam.get_by_role("button", name="採点する").click()
    exam.evaluate("document.querySelector('#pst-back-to-top')?.remove()")  # the theme's, on every page that is scrolled
    others = {"runOnly": RULES, "rules": {rule: {"enabled": False} for rule in COLOURS}}
    for page, part in ((review, ".review"), (exam, ".mock-exam")):
        page.set_viewport_size({"width": 390, "height": 900})
        page.evaluate(AXE_SCRIPT)
        assert not colours(page) + page.evaluate(AXE, [{"include": [[part]]}, others])
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
