"""The notebooks as JupyterLab, the classic notebook, VS Code and Colab save them: graded like the released ones."""

import copy
import functools
import json

import nbformat
import nbformat.v4 as v4
import pytest

from dlcourse.grading import execute
from dlcourse.grading.desk.cell_facts import untouched, wording
from dlcourse.grading.desk.reading import read_notebook
from dlcourse.grading.desk.restoring import restore
from dlcourse.grading.desk.tidying import tidy
from dlcourse.grading.isolation.notebook import run
from dlcourse.grading.isolation.sandbox import Sandbox
from press.exercises import notebooks as exercises
from press.exercises import source as exercise_source
from rehearsal.sample_class import Assignment, grade_id

NAMES = [source.stem for source in exercise_source.files()]


def released(name):
    return exercises.ROOT / "exercises" / name / f"{name}.ipynb"


def solution(name):
    return exercises.ROOT / "solutions" / name / f"{name}.ipynb"


@functools.cache
def solved(name):
    """The released notebook with the model answers, as the plain JSON that an editor holds, run once."""
    notebook = json.loads(nbformat.writes(Assignment(released(name), solution(name)).notebook()))
    for number, cell in enumerate(code_cells(notebook), start=1):
        text = ["✓ 正解です。\n"]
        cell["execution_count"], cell["outputs"] = number, [{"name": "stdout", "output_type": "stream", "text": text}]
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


# --- what each editor does to the JSON ------------------------------------------------------------------

LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python",
    "name": "python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3", "version": "3.12.4",
}  # fmt: skip


def jupyterlab(notebook):
    """As version 4.5 has saved one of these notebooks after running it."""
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": LANGUAGE,
    }
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def classic(notebook):
    """Version 6: format 4.4, which has no cell ids."""
    notebook["nbformat_minor"] = 4
    notebook["metadata"]["language_info"] = LANGUAGE
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"] = dict(reversed(cell["metadata"].items())) | {"collapsed": False, "scrolled": True}
    return json.dumps({key: notebook[key] for key in reversed(notebook)}, indent=1, ensure_ascii=False) + "\n"


def vs_code(notebook):
    notebook["metadata"] = {
        "kernelspec": {"display_name": ".venv (3.12.4)", "language": "python", "name": "python3"},
        "language_info": LANGUAGE, "orig_nbformat": 4, "vscode": {"interpreter": {"hash": "31f2aee4e71d21fbe5cf"}},
    }  # fmt: skip
    for cell in notebook["cells"]:
        cell["metadata"] |= {"vscode": {"languageId": "python" if cell["cell_type"] == "code" else "markdown"}}
    return json.dumps(notebook, indent=4, ensure_ascii=False)


def colab(notebook):
    """Its ids stand in the cell's metadata, not in the cell."""
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True}, "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }  # fmt: skip
    for number, cell in enumerate(notebook["cells"]):
        del cell["id"]
        cell["metadata"] |= {"id": f"Hk3vQ{number:04}xYz"}
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"outputId": f"{number:08}-c0de-4b1d", "colab": {"base_uri": "https://localhost:8080/"}}
            for output in cell["outputs"]:
                output["metadata"] = {"tags": []}
                output["colab_type"] = "text"
    order = ("nbformat", "nbformat_minor", "metadata", "cells")
    return json.dumps({key: notebook[key] for key in order}, indent=2, ensure_ascii=False)


def windows(notebook):
    """Line ends as some editors on Windows write them, and blanks and empty lines that others add or take away."""
    for number, cell in enumerate(notebook["cells"]):
        end = ("\r\n", "\r", "\r\r\n", "  \n")[number % 4]
        cell["source"] = "\ufeff" + "".join(cell["source"]).replace("\n", end) + ("", end)[number % 2]
    return json.dumps(notebook, ensure_ascii=False)


EDITORS = [jupyterlab, classic, vs_code, colab]


# --- the grading side -----------------------------------------------------------------------------------


@functools.cache
def originals(name):
    """What the gradebook knows of the cells, from the notebook that fills it."""
    cells = nbformat.read(solution(name), as_version=4).cells
    return {grade_id(cell): cell for cell in cells if grade_id(cell)}


def handed_in(name, text, tmp_path):
    """The notebook after grading's first steps, and what these had to put right."""
    file = tmp_path / f"{name}.ipynb"
    file.write_text(text, encoding="utf-8")
    notebook, repairs = read_notebook(file)
    names = [grade_id(cell) for cell in notebook.cells]
    restored = restore(notebook, originals(name))
    return notebook, names, [*repairs, *(repair for repair, cells in restored.items() if cells)]


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


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.__name__)
def test_the_model_answers_get_full_marks_from_every_editor(editor, sandbox, tmp_path):
    name = NAMES[0]
    notebook, _, _ = handed_in(name, editor(copy.deepcopy(solved(name))), tmp_path)
    cells = execute.cells_of(notebook)
    result = run(cells, sandbox)
    tests = [outputs for cell, outputs in zip(cells, result.outputs, strict=True) if cell.kind == "test"]
    assert len(tests) == len(Assignment(released(name), solution(name)).exercises)
    for outputs in tests:
        assert [output["output_type"] for output in outputs] == ["stream"] and "正解です" in outputs[0]["text"]


def test_a_wrong_answer_loses_its_own_points_only(sandbox, tmp_path):
    notebook = copy.deepcopy(solved(NAMES[0]))
    next(c for c in code_cells(notebook) if "total_input" in c["source"][0])["source"] = ["total_input = max"]
    made, _, _ = handed_in(NAMES[0], colab(notebook), tmp_path)
    outputs = sum(run(execute.cells_of(made), sandbox).outputs, [])
    assert [output["ename"] for output in outputs if output["output_type"] == "error"] == ["CheckError"]
