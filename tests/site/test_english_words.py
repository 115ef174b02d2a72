"""The English edition at work: whatever a reader presses answers in English."""

import json

import pytest

from press.languages import JAPANESE
from tests.helpers.cells import STARTING, cell, output, press

# Text and what a screen reader hears, without what says that it is Japanese, and names of authors and their books.
SEEN = """() => {
  const page = document.querySelector("article").cloneNode(true);
  page.querySelectorAll("[lang=ja], script, style, template, a[href*=references]").forEach((part) => part.remove());
  const heard = [...page.querySelectorAll("*")].flatMap(({ariaLabel, title, alt}) => [ariaLabel, title, alt]);
  return [page.innerText, ...heard].filter(Boolean).join("\\n");
}"""


@pytest.fixture
def open_english(chromium, address):
    """`open_english(name)`: a page of the edition; what its dialogs ask is in `asked`."""
    context = chromium.new_context(locale="en-US")
    problems, asked = [], []

    def make(name):
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
        page.goto(f"{address}/en/book/{name}.html")
        return page

    make.asked = asked
    yield make
    context.close()
    assert not problems
    assert not [text for text in asked if JAPANESE.search(text)]


def japanese(page):
    return [line for line in page.evaluate(SEEN).splitlines() if JAPANESE.search(line)]


def test_a_cell_and_its_mistakes(open_english):
    page = open_english("introduction")
    part = cell(page)
    press(part, "Run and edit")
    part.locator(".live-stdout").wait_for(timeout=STARTING)
    code = part.get_by_role("textbox", name="Code of Cell 1")
    hint = page.locator(f"#{code.get_attribute('aria-describedby')}")
    assert hint.inner_text().startswith("Shift + Enter runs the code.")
    for wrong, told in {"unknown": "Run all up to here", "def f(:": "Line 1 of Cell 1", "import lost": "lost"}.items():
        code.fill(wrong)
        press(part, "Run")
        output(part).get_by_text(told).first.wait_for(timeout=STARTING)
    assert not japanese(page)


def test_an_exercise(open_english):
    page = open_english("ch1_input_to_hidden")
    part = page.locator("div.answer").first
    press(part, "Solve here")
    part.get_by_role("textbox", name="Code of Answer K0-1").fill("k0_1 = {1}")
    press(part, "Check")
    output(part).get_by_text("✗ K0-1").wait_for(timeout=STARTING)
    assert not japanese(page)


def test_progress(open_english):
    page = open_english("progress")
    press(page, "Write into notebook (ch1_input_to_hidden.ipynb)")
    page.get_by_text("This browser has no answers to write yet.").wait_for()
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
    source = ["k0_1 = {2, 4}"]
    answer = {"cell_type": "code", "id": "K0-1-answer", "metadata": {}, "outputs": [], "source": source}
    file = {"name": "mine.ipynb", "mimeType": "application/json"}
    for cells, told in [([], "mine.ipynb has no exercises of this book."), ([answer], "Exercises loaded: 1.")]:
        load(page, {**file, "buffer": json.dumps({**notebook, "cells": cells}).encode()})
        page.get_by_text(told).wait_for()
    press(page, "Erase record")
    page.get_by_text("Your whole record has been erased.").wait_for()
    assert not japanese(page)


def load(page, file):
    with page.expect_file_chooser() as chosen:
        press(page, "Load notebooks")
    chosen.value.set_files(file)


def test_a_mock_exam_and_its_result(open_english):
    page = open_english("exam")
    press(page, "Start")
    assert "Time left: 2" in page.locator(".mock-exam-clock").inner_text()
    press(page, "Check")
    assert page.locator(".mock-exam-result h3").inner_text() == "0 of 20 correct"
    assert "No answer (the answer is" in page.locator(".mock-exam-missed").first.inner_text()
    assert not japanese(page)
    press(page, "Again, with other questions")
    assert not open_english.asked


def test_a_card_of_review(open_english):
    page = open_english("review")
    assert page.locator(".review-counts").inner_text().startswith("Cards left today: ")
    press(page, "Show the answer")
    times = page.locator(".review-card small").all_inner_texts()
    assert len(times) == 4 and all(time.startswith("in ") for time in times)
    assert not japanese(page)


def test_what_asks_for_a_file_and_a_way_back(open_english, built_site):
    page = open_english("progress")
    page.goto((built_site / "en" / "book" / "introduction.html").as_uri())
    press(cell(page), "Run and edit")
    assert "Run start.py in the folder of this book" in cell(page).inner_text()
    text = (built_site / "en" / "404.html").read_text("utf-8")
    assert "Page not found" in text and not (built_site / "en" / "start.py").exists()


def test_the_notebooks_are_the_english_ones(built_site):
    for place in ("notebooks", "lite/files"):
        notebook = (built_site / "en" / place / "ch1_input_to_hidden.ipynb").read_text("utf-8")
        assert "# Write your code here" in notebook, place
