"""Cells as the teacher sees them: texts, pictures and outputs, made harmless."""

import base64
import functools
import html
import io
import re
from pathlib import Path

import nbformat.v4 as v4
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from dlcourse.grading.desk.inert import CUT, LONGEST_LINE, LONGEST_SHOWN, MOST_SHOWN, MOST_TAGS, Inert
from dlcourse.grading.desk.restoring import restore
from dlcourse.grading.desk.submissions import Submission
from dlcourse.grading.desk.tidying import tidy
from dlcourse.grading.display.pictures import MOST_PIXELS
from dlcourse.grading.feedback import Feedback
from dlcourse.grading.isolation.notebook import NotebookContext
from tests.helpers.own_assignment import TEST, TEXT, managed


def seen(cell):
    step = Inert(enabled=True)
    step.tags, step.attributes = ["b", "table", "tbody", "tr", "td"], {}
    return step.preprocess(v4.new_notebook(cells=[cell]), {})[0].cells[0]


@pytest.mark.parametrize(
    "text",
    [
        "<script>ATTACK()</script>",
        "<img src=x onerror=ATTACK()>",
        "![x](http://attack.example/)",
        "![x][far]",
        r"$\href{javascript:ATTACK()}{x}$",
        "<iframe src=http://attack.example/></iframe>",
        "![x](attachment:missing.png)",
        "[x](javascript:ATTACK())",
        "[x][y]\n\n[y]: javascript:ATTACK()",
        "![x](attachment:a.png)![x](http://attack.example/)",
        r"\renewenvironment{x}{y}{z}",
    ],
)
def test_nothing_in_a_text_reaches_out(text):
    for made in (
        seen(v4.new_markdown_cell(text)).source,
        seen(code_with({"text/markdown": text})).outputs[0].data["text/markdown"],
    ):
        assert "<script" not in made and "<img" not in made and "<iframe" not in made
        assert "![" not in made and r"\href" not in made and r"\renew" not in made
        assert not re.search(r"\]\(\s*javascript|\]:", made)


@pytest.mark.parametrize(
    "command",
    [
        r"\Rule{60em}{8em}{8em}",
        r"\rule{9em}{9em}",
        r"\raise 10em{x}",
        r"\lower9em{x}",
        r"\kern-5em",
        r"\kern5em x",
        r"\rlap{x}",
        r"\llap x",
        r"\smash{x}",
        r"\hspace{-9em}",
        r"\hspace*{-9em}",
        r"\\[-40em]",
        r"\\ [ -40em]",
        r"\class{a}{x}",
        r"\moveleft 9em{x}",
    ],
)
def test_a_formula_stays_in_its_place(command):
    """With MathJax, as formgrader shows it, these paint over the points of another cell."""
    made = seen(v4.new_markdown_cell(f"$$a {command} b$$")).source
    assert command not in made and not re.search(r"\\[Rrklsmh]|\\class|\[\s*-", made)


def test_ordinary_formulas_are_as_they_were_written():
    text = r"$$\begin{aligned} a &= \left[-x\right] \\ b &= \mathrm{relu}(x) \\[4pt] &\quad \rho \end{aligned}$$"
    made = seen(v4.new_markdown_cell(text)).source
    assert html.unescape(made) == text


def code_with(data):
    return v4.new_code_cell("", outputs=[v4.new_output("display_data", data=data)])


def test_tables_formulas_and_pictures_stay():
    table = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    shown = {"text/html": table, "text/latex": r"$\frac{a}{b}$", "image/png": picture_of(3, 2)}
    assert seen(code_with(dict(shown))).outputs[0].data == shown
    text = "**太字** $a^2$ ![図](attachment:a.png) [頁](https://example.org/)"
    picture = {"image/png": picture_of(3, 2)}
    made = seen(v4.new_markdown_cell(text, attachments={"a.png": picture, "b.png": picture}))
    assert made.source == text.replace("a.png", "picture-1.png") and made.attachments == {"picture-1.png": picture}
    assert "image/png" not in seen(code_with({"image/png": '"><script>'})).outputs[0].data


@functools.cache
def picture_of(width, height, form="PNG"):
    file = io.BytesIO()
    Image.new("1" if form == "PNG" else "RGB", (width, height)).save(file, form)
    return base64.b64encode(file.getvalue()).decode()


def test_pictures_have_room_in_a_browser():
    """A few kilobytes may take hundreds of megabytes there."""
    side = int(MOST_PIXELS**0.5)
    huge, fair = picture_of(side + 1, side + 1), picture_of(5000, 4000)
    assert "画素が多すぎます" in seen(code_with({"image/png": huge})).outputs[0].data["text/plain"]
    outputs = [v4.new_output("display_data", data={"image/png": fair}) for _ in range(13)]
    seen_outputs = seen(v4.new_code_cell("", outputs=outputs)).outputs
    assert ["image/png" in output.data for output in seen_outputs] == [True] * 12 + [False]


def test_a_picture_that_is_one_too_many_is_told_and_what_follows_stays():
    data = {"image/png": picture_of(3, 2), "text/plain": "<Figure>"}
    outputs = [v4.new_output("display_data", data=dict(data)) for _ in range(61)]
    made = seen(v4.new_code_cell("", outputs=[*outputs, v4.new_output("stream", text="after")])).outputs
    assert ["image/png" in output.get("data", {}) for output in made] == [True] * 60 + [False] * 2
    assert "60枚まで" in made[60].data["text/plain"] and made[61].text == "after"


def test_pictures_of_cells_have_a_text_and_cause_no_warning(caplog):
    cell = code_with({"image/png": picture_of(3, 2)})
    cell.outputs[0].metadata = {"image/png": {"width": 2}}
    pages = Feedback(template_name="classic")  # on which nbgrader's are built
    page, _ = pages.from_notebook_node(v4.new_notebook(cells=[seen(cell)]))
    picture = BeautifulSoup(page, "html.parser").select_one("img")
    assert picture["alt"] == "セルの出力の図" and picture["width"] == "2" and not caplog.records


DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20" onload="ATTACK()"><script>ATTACK()</script>'
    '<rect width="9" height="9" onclick="ATTACK()"/><foreignObject><p>page</p></foreignObject>'
    '<image href="http://attack.example/x.png"/><a href="javascript:ATTACK()"><text>x</text></a></svg>'
)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image/gif", picture_of(3, 2, "GIF")),
        ("image/webp", picture_of(3, 2, "WEBP")),
        ("image/svg+xml", DRAWING),
    ],
)
def test_pictures_that_nbconvert_does_not_show_are_shown_as_images(kind, content):
    data = seen(code_with({kind: content, "text/plain": "<Figure>"})).outputs[0].data
    tag = rf'<img src="data:{re.escape(kind)};base64,([^"]+)" alt="セルの出力の図"(?: width="30")?>'
    found = re.fullmatch(tag, data["text/html"])
    made = base64.b64decode(found[1]).decode("latin-1")
    assert "ATTACK" not in made and "attack" not in made and "page" not in made
    assert kind != "image/svg+xml" or "rect" in made


def test_a_drawing_that_is_drawn_again_and_again_is_told():
    def drawing(body):
        return f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>'

    marks = '<path id="m" d="M0 0"/>' + '<use href="#m"/>' * 2000  # as a plot of points
    assert "text/html" in seen(code_with({"image/svg+xml": drawing(marks)})).outputs[0].data
    nested = '<g id="a"><path d="M0 0"/></g><g id="b"><use href="#a"/></g><use href="#b"/>'
    assert "表示できません" in seen(code_with({"image/svg+xml": drawing(nested)})).outputs[0].data["text/plain"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("![図 1](attachment:%E5%9B%B3%201.png)", "図 1.png"),
        ("![x](attachment:図 1.png)", "図 1.png"),
        ("![x](<attachment:図 1.png>)", "図 1.png"),
        ("![x](attachment:fig.png 'title')", "fig.png"),
        ("![image (1).png](attachment:image%20(1).png)", "image (1).png"),
        ("![x][far]\n\n[far]: attachment:a.png", "a.png"),
        ("![far][]\n\n[Far]: <attachment:b 1.png>", "b 1.png"),
        ("| ![x](attachment:a.png) |", "a.png"),
        ("![a [1]](attachment:a.png)", "a.png"),
        ("![x](attachment:が.png)", "か\u3099.png"),
    ],
)
def test_attached_pictures_are_shown_however_they_are_named(text, name):
    made = seen(v4.new_markdown_cell(f"前 {text}\n\n後", attachments={name: {"image/png": picture_of(3, 2)}}))
    assert "](attachment:picture-1.png)" in made.source and made.attachments["picture-1.png"]
    assert "前" in made.source and "後" in made.source
    page = Feedback().from_notebook_node(v4.new_notebook(cells=[made]))[0] if "|" in text else ""
    assert not page or "data:image/png" in page


@pytest.mark.parametrize(
    "text",
    [
        '<img src="attachment:fig 1.png" width="300" alt="図" onerror="ATTACK()">',
        "<img width=300 src='attachment:fig 1.png'/>",
        '<IMG SRC="attachment:fig%201.png" style="width: 300px; background: url(http://attack.example/)">',
    ],
)
def test_an_attached_picture_keeps_its_width(text):
    made = seen(v4.new_markdown_cell(text, attachments={"fig 1.png": {"image/png": picture_of(3, 2)}})).source
    assert re.fullmatch(r'<img src="data:image/png;base64,[^"]+" alt="(図)?" width="300">', made)


@pytest.mark.parametrize(
    ("kind", "content", "shown"),
    [
        ("image/jpg", picture_of(3, 2, "JPEG"), "image/jpeg"),
        ("image/gif", picture_of(3, 2, "GIF"), "image/gif"),
        ("image/webp", picture_of(3, 2, "WEBP"), "image/webp"),
        ("image/bmp", picture_of(3, 2, "BMP"), "image/bmp"),
        ("application/octet-stream", picture_of(3, 2), "image/png"),
        ("image/png", [picture_of(3, 2)], "image/png"),
        ("image/svg+xml", base64.b64encode(DRAWING.encode()).decode(), "image/svg+xml"),
        ("image/svg+xml", DRAWING, "svg"),
    ],
)
def test_attached_pictures_are_what_their_content_says(kind, content, shown):
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("![x](attachment:a)")])
    notebook.cells[0].attachments = {"a": {kind: content}}
    made = seen(tidy(notebook).cells[0])
    page = Feedback().from_notebook_node(v4.new_notebook(cells=[made]))[0]
    assert re.search(rf'<img[^>]* src="data:[^"]*{re.escape(shown)}', page) and "ATTACK" not in page


def with_picture(name, picture, **about):
    """A text that the assignment manages, with this picture attached."""
    known = {"grade": False, "locked": False, "solution": False, "task": False} | about | {"grade_id": name}
    cell = v4.new_markdown_cell(f"{name} ![x](attachment:a.png)", metadata={"nbgrader": known})
    cell.attachments = {"a.png": {"image/png": picture}} if picture else {}
    return cell


@pytest.mark.parametrize("handed_in", ["the student's picture", None, "the cell is gone"])
def test_pictures_of_locked_cells_are_the_courses_and_of_answers_the_students(handed_in):
    ours, theirs = picture_of(3, 2), picture_of(5, 4)
    kinds = {
        "L": {"locked": True},
        "T": {"locked": True, "task": True, "points": 1},
        "A": {"solution": True, "grade": True, "points": 1},
    }
    originals = {name: with_picture(name, None, **about) for name, about in kinds.items()}  # the gradebook keeps none
    released = [with_picture(name, ours, **about) for name, about in kinds.items()]
    own = theirs if handed_in == "the student's picture" else None
    notebook = v4.new_notebook(cells=[with_picture(name, own, **about) for name, about in kinds.items()])
    if handed_in == "the cell is gone":
        notebook.cells = []
    restore(notebook, originals, released)
    submission = Submission("s", Path("s"))
    made, _ = Inert(enabled=True).preprocess(notebook, {"submission": submission})
    shown = {cell.metadata.nbgrader.grade_id: cell.get("attachments") for cell in made.cells}
    (file,) = shown["T"]
    assert shown["L"] == shown["T"] == {file: {"image/png": ours}}
    assert shown["A"] == {file: {"image/png": own or ours}}
    assert not submission.notes


def in_answer(text, files=(), attachments=None):
    """A written answer as the teacher sees it, and what is said of it."""
    cell = v4.new_markdown_cell(text, metadata=managed("markdown", "A", "", **TEXT).metadata)
    cell.attachments = attachments or {}
    submission = Submission("s", Path("s"))
    resources = {"context": NotebookContext(student_files=dict(files)), "submission": submission}
    made, _ = Inert(enabled=True).preprocess(v4.new_notebook(cells=[cell]), resources)
    return made.cells[0], [note.japanese for note in submission.notes]


def test_a_picture_beside_the_notebook_or_in_the_text_is_shown():
    files = {"図/fig 1.png": base64.b64decode(picture_of(3, 2))}
    for text in (
        "![x](図/fig%201.png)",
        '<img src="./図/fig 1.png">',
        "![x](<図/fig 1.png>)",
        f"![x](data:image/png;base64,{picture_of(3, 2)})",
        f'<img src="data:image/png;base64,{picture_of(3, 2)}">',
    ):
        cell, told = in_answer(text, files)
        assert picture_of(3, 2) in str(cell.attachments) and not told, text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("![x](https://attack.example/fig.png)", "ほかのサーバー"),
        ('<img src="//attack.example/fig.png">', "ほかのサーバー"),
        ("![x](fig.png)", "提出されていません"),
        ('<img src="../../fig.png">', "提出されていません"),
        ("![x](attachment:fig.png)", "入っていません"),
        ("![x](file:///home/fig.png)", "表示できる画像ではありません"),
        ("![x](C:\\fig.png)", "ません"),
    ],
)
def test_a_picture_that_is_not_shown_is_told(text, why):
    cell, told = in_answer(f"前 {text} 後")
    assert re.fullmatch(rf"前 ［画像 .*fig.png を表示できません: .*{why}.*］ 後", cell.source)
    assert "fig.png" in told[0] and why in told[0]


def test_text_about_pictures_stays_text():
    for text in ("`![x](a.png)`", "```\n![x](a.png)\n```", "すごい![本当に]"):
        cell, told = in_answer(text)
        assert not told and "画像" not in cell.source


def test_a_long_picture_in_a_text_does_not_make_the_notebook_too_large():
    cell = v4.new_markdown_cell("![x](data:image/png;base64," + "A" * 1_500_000 + ")")
    assert tidy(v4.new_notebook(cells=[cell])).cells[0].source == cell.source


@pytest.mark.parametrize("make", [v4.new_markdown_cell, v4.new_code_cell, v4.new_raw_cell])
def test_a_page_is_made_of_no_long_text(make):
    """Some texts take the libraries time by the square of their length."""
    assert all(len(line) <= LONGEST_LINE + 1 for line in seen(make("x" * (LONGEST_LINE + 2))).source.splitlines())
    long = "word\n" * (LONGEST_SHOWN // 4)
    assert len(seen(make(long)).source) < LONGEST_SHOWN + 2 * len(CUT)
    several = v4.new_notebook(cells=[make(long) for _ in range(MOST_SHOWN // LONGEST_SHOWN + 3)])
    made = Inert(enabled=True).preprocess(several, {})[0]
    assert sum(len(cell.source) for cell in made.cells) < MOST_SHOWN + 2 * len(CUT) * len(made.cells)


def test_of_an_output_no_more_is_shown_than_of_a_cell():
    for kind in ("text/latex", "text/markdown"):
        made = seen(code_with({kind: "word\n" * LONGEST_SHOWN})).outputs[0].data[kind]
        assert len(made) < LONGEST_SHOWN + 2 * len(CUT) and CUT in made


def test_a_test_is_never_cut():
    test = managed("code", "A", "x" * 200_000, **TEST)
    assert seen(test).source == test.source


def test_crowds_of_tags_are_shown_as_text():
    fair = MOST_TAGS // 5 // 2
    assert "&lt;" not in seen(v4.new_markdown_cell("<b>x</b>\n" * fair)).source
    assert "&lt;" in seen(v4.new_markdown_cell("<b>x</b>\n" * (fair + 1))).source
    step = Inert(enabled=True)
    step.tags = ["b"]
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("<b>x</b>\n" * fair) for _ in range(6)])
    made = step.preprocess(notebook, {})[0]
    assert ["&lt;" in cell.source for cell in made.cells] == [False] * 5 + [True]
