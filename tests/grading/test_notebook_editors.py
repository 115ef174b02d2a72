"""The notebooks as JupyterLab, the classic notebook, VS Code and Colab save them: graded like the released ones."""

import copy
import json

import nbformat
import nbformat.v4 as v4
import pytest

from dlcourse.grading import execute
from dlcourse.grading.desk.cell_facts import untouched, wording
from dlcourse.grading.desk.restoring import restore
from dlcourse.grading.desk.tidying import tidy
from dlcourse.grading.isolation.sandbox import Sandbox
from rehearsal.sample_class import grade_id
from tests.helpers.editors import EDITORS, NAMES, handed_in, originals, released, solution, solved, windows

# --- what each editor does to the JSON ------------------------------------------------------------------


# --- the grading side -----------------------------------------------------------------------------------


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_what_an_editor_saves_is_graded_like_what_was_released(name, editor, tmp_path):
    plain = solved(name)
    before, names, _ = handed_in(name, json.dumps(plain), tmp_path)
    after, kept, put_right = handed_in(name, editor(copy.deepcopy(plain)), tmp_path)
    assert kept == names and set(originals(name)) <= set(kept)
    assert not put_right
    cells = execute.cells_of(after)
    assert cells == execute.cells_of(before)
    # Grading starts the notebooks that come next from the files, and knows them again by this text.
    assert all(isinstance(cell.source, str) for cell in cells)


@pytest.mark.parametrize("name", NAMES)
def test_line_ends_and_blanks_are_no_change(name, tmp_path):
    empty = json.loads(released(name).read_text(encoding="utf-8"))
    for notebook in (empty, copy.deepcopy(solved(name))):
        before, _, _ = handed_in(name, json.dumps(notebook), tmp_path)
        after, _, put_right = handed_in(name, windows(notebook), tmp_path)
        assert not put_right
        pairs = list(zip(before.cells, after.cells, strict=True))
        assert [wording(one.source) for one, _ in pairs] == [wording(other.source) for _, other in pairs]
        assert [untouched(one) for one, _ in pairs] == [untouched(other) for _, other in pairs]
        assert not any("\r" in other.source or "\ufeff" in other.source for _, other in pairs)


# --- programs that keep neither ids nor metadata ----------------------------------------------------------


def nameless(cells):
    """As nb-clean, marimo and some of jupytext's formats leave them."""
    for number, cell in enumerate(cells):
        cell.metadata, cell.id = {}, f"cell-{number}"
    return cells


def joined(cells):
    """Neighbouring texts become one, as in formats that know only comments between the code."""
    made = []
    for cell in nameless(cells):
        if made and made[-1].cell_type == cell.cell_type == "markdown":
            made[-1].source += "\n\n" + cell.source
        else:
            made.append(cell)
    return made


def split(cells):
    """… or one becomes many."""
    return [
        v4.new_markdown_cell(part) if cell.cell_type == "markdown" else cell
        for cell in nameless(cells)
        for part in (cell.source.split("\n\n") if cell.cell_type == "markdown" else [cell.source])
    ]


ANSWERS = {
    "below the request": lambda request, stub: request.replace(stub, "わたしの答え\n\n## 見出し\n\n- $x_1$"),
    "alone": lambda request, stub: "わたしの答え\n\n```python\nprint(1)\n```",
    "none": lambda request, stub: request,
}


def written_answers(name):
    return [one for one, cell in originals(name).items() if cell.cell_type == "markdown"]


def put_back(notebook, name):
    """As grading does it, with the texts as they were released."""
    texts = {
        grade_id(cell): cell
        for cell in nbformat.read(released(name), as_version=4).cells
        if cell.cell_type == "markdown" and grade_id(cell)
    }
    source = nbformat.read(solution(name), as_version=4).cells
    return restore(notebook, {one: texts.get(one, cell) for one, cell in originals(name).items()}, source)


@pytest.mark.parametrize("written", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("program", [nameless, joined, split], ids=lambda program: program.__name__)
@pytest.mark.parametrize("name", [name for name in NAMES if written_answers(name)])
def test_written_answers_without_a_name_are_found(name, program, written):
    notebook = tidy(nbformat.from_dict(copy.deepcopy(solved(name))))
    expected = {}
    for cell in notebook.cells:
        if cell.id in written_answers(name):
            cell.source = expected[cell.id] = written(cell.source, "ここに答えを書いてください")
    notebook.cells = program(notebook.cells)
    repairs = put_back(notebook, name)
    made = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
    assert {one: made[one].source.split() for one in expected} == {one: text.split() for one, text in expected.items()}
    assert set(expected) <= set(repairs["renamed"]) and not repairs["unplaced"]


def test_a_written_answer_whose_place_cannot_be_told_is_named():
    name = NAMES[0]
    (answer,) = written_answers(name)
    cells = nameless(tidy(nbformat.from_dict(copy.deepcopy(solved(name)))).cells)
    notebook = v4.new_notebook(cells=[*cells[-3:], v4.new_markdown_cell("わたしの答え")])
    repairs = put_back(notebook, name)
    assert repairs["unplaced"] == [answer] and answer not in repairs["missing"]
    assert any(cell.source == "わたしの答え" for cell in notebook.cells)


def test_a_written_answer_beside_its_empty_cell_is_joined_with_it():
    name = NAMES[0]
    notebook = tidy(nbformat.from_dict(copy.deepcopy(solved(name))))
    (answer,) = written_answers(name)
    place = next(place for place, cell in enumerate(notebook.cells) if cell.id == answer)
    notebook.cells.insert(place + 1, v4.new_markdown_cell("わたしの答え"))
    repairs = put_back(notebook, name)
    (made,) = [cell for cell in notebook.cells if grade_id(cell) == answer]
    assert made.source.endswith("わたしの答え") and not untouched(made) and not any(repairs.values())


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made
