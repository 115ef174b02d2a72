"""The page that a student gets back: its formulas, and that nothing of nbgrader's template is passed by."""

import pytest
from bs4 import BeautifulSoup
from jinja2 import Environment
from nbconvert.filters.markdown_mistune import MarkdownWithMath

from dlcourse import foreign
from dlcourse.grading.desk.hiding import HideTests
from dlcourse.grading.feedback import (
    COMMENT,
    LONGEST_FORMULA,
    OURS,
    Feedback,
    MathML,
    OurWords,
    formula,
    self_contained,
)
from press.exercises import notebooks as exercises
from press.exercises import source as exercise_source


def test_our_own_settings_cause_no_warning(caplog):
    step = HideTests(config=Feedback().config)
    assert step.display_data_priority and not caplog.records


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


@pytest.mark.parametrize("english", [*OURS, COMMENT])
def test_every_edit_of_nbgraders_template_is_needed(english):
    """A template without one of its sentences is another nbgrader's."""
    source = "\n".join([*OURS, COMMENT])
    extension = OurWords(Environment())
    assert "遅れて出した分" in extension.preprocess(source, "index.html.j2")
    assert extension.preprocess(source, "base.html.j2") == source
    with pytest.raises(foreign.Changed, match="nbgrader: feedback/index.html.j2"):
        extension.preprocess(source.replace(english, ""), "index.html.j2")


def test_a_page_without_the_place_for_what_is_told_is_not_made():
    page = "<html><head></head><body></body></html>"
    assert self_contained(page)
    with pytest.raises(foreign.Changed, match="toc"):
        self_contained(page, ["採点しました。"])


def test_nothing_runs_is_fetched_or_stays_without_a_description():
    inside = (
        "<form><script>x</script></form><video><source src='a.mp4'></video><img src='https://x.example/a.png'>"
        "<meta http-equiv='refresh' content='0'><p onclick='x'>a</p><a href='javascript:x'>b</a><img src='data:,c'>"
    )
    page = self_contained(f"<html><head><style>@font-face {{a: b}}</style></head><body>{inside}</body></html>")
    assert '<body><p>a</p><a>b</a><img alt="説明のない図" src="data:,c"/></body>' in page
    assert "<style></style>" in page
