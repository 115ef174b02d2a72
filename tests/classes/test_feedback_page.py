"""The page that a student gets back, in Chromium: it asks for nothing and shows its formulas."""

import nbformat.v4 as v4
import pytest

from dlcourse.grading.feedback import Feedback
from tests.helpers.feedback_page import NUMBERS, TEMPLATE


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory):
    """A page made by the course's exporter, open in the browser, and what it has asked for."""
    latex = v4.new_output("display_data", data={"text/latex": r"$\sum_{i=1}^{N} x_i$"})
    notebook = v4.new_notebook(cells=[
        v4.new_markdown_cell("# 題\n\n$a &lt; b$ と\n\n$$\\frac{1}{2}$$\n\n<img src='http://attack.example/x.png'>"),
        v4.new_code_cell("x = 1", outputs=[latex]),
    ])  # fmt: skip
    file = tmp_path_factory.mktemp("feedback") / "page.html"
    file.write_text(Feedback(config=TEMPLATE).from_notebook_node(notebook, {"nbgrader": NUMBERS})[0], encoding="utf-8")
    tab = chromium.new_page()
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    tab.asked = [url for url in asked if url != file.as_uri()]
    yield tab
    tab.close()


def test_nothing_is_asked_for(page):
    assert page.asked == []
    assert page.locator("script").count() == 0


def test_formulas_are_shown(page):
    boxes = [math.bounding_box() for math in page.locator("math").all()]
    assert len(boxes) == 3 and all(box["width"] > 5 and box["height"] > 5 for box in boxes)
    fraction = page.locator("mfrac > *").all()
    assert fraction[0].bounding_box()["y"] < fraction[1].bounding_box()["y"]
    assert "<" in page.locator("math").first.text_content()
