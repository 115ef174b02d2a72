"""The page that a student gets back: opened in Chromium, it asks for nothing and shows its formulas."""

from pathlib import Path

import nbformat.v4 as v4
import nbgrader
import pytest
from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from traitlets.config import Config

from dlcourse.grading.desk.hiding import HideTests
from dlcourse.grading.feedback import LONGEST_FORMULA, Feedback, MathML, formula
from press.exercises import notebooks as exercises
from press.exercises import source as exercise_source

# nbgrader's own template, as `nbgrader generate_feedback` names it
TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
TEMPLATE = Config({"HTMLExporter": {
    "template_name": "feedback", "extra_template_basedirs": [str(TEMPLATES / "templates")],
    "extra_template_paths": [str(TEMPLATES / "static" / "node_modules" / "bootstrap" / "dist" / "css")],
}})  # fmt: skip
NUMBERS = {"notebook": "ch1", "score": 1, "max_score": 2, "late_penalty": 0}


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


def test_our_own_settings_cause_no_warning(caplog):
    step = HideTests(config=Feedback().config)
    assert step.display_data_priority and not caplog.records


def test_nothing_is_asked_for(page):
    assert page.asked == []
    assert page.locator("script").count() == 0


def test_formulas_are_shown(page):
    boxes = [math.bounding_box() for math in page.locator("math").all()]
    assert len(boxes) == 3 and all(box["width"] > 5 and box["height"] > 5 for box in boxes)
    fraction = page.locator("mfrac > *").all()
    assert fraction[0].bounding_box()["y"] < fraction[1].bounding_box()["y"]
    assert "<" in page.locator("math").first.text_content()


def test_every_formula_of_the_course_is_understood():
    for source in exercise_source.files():
        for cell in exercises.source_notebook(exercise_source.read(source)).cells:
            if cell.cell_type == "markdown":
                made = BeautifulSoup(MarkdownWithMath(renderer=MathML(escape=False)).render(cell.source), "html.parser")
                unknown = [part for part in made.select("math *, code") if part.get_text().startswith("\\")]
                assert not unknown, cell.source


@pytest.mark.parametrize(
    "text",
    [
        r"\text{<script>ATTACK()</script>}",
        r"\href{javascript:ATTACK()}{x}",
        r"\frac{<img src=x onerror=ATTACK()>}{2}",
        "x" * (LONGEST_FORMULA + 1),
        r"\frac{",
        "</math><script>ATTACK()</script>",
        r"\text{&lt;script&gt;ATTACK()&lt;/script&gt;}",
    ],
)
def test_a_formula_is_no_way_in(text):
    made = BeautifulSoup(formula(text, "inline"), "html.parser")
    names = {part.name for part in made.find_all(True)}
    assert names <= {"math", "mrow", "mtext", "mi", "mo", "mn", "mfrac", "mstyle", "mspace", "code"}
    assert not [part for part in made.find_all(True) if {"href", "style", "onerror", "src"} & set(part.attrs)]
