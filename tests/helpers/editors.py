"""Notebooks as JupyterLab, the classic notebook, VS Code and Colab save them."""

import functools
import json

import nbformat

from dlcourse.grading.desk.reading import read_notebook
from dlcourse.grading.desk.restoring import restore
from press.exercises import notebooks as exercises
from press.exercises import source as exercise_source
from rehearsal.sample_class import Assignment, grade_id

NAMES = [source.stem for source in exercise_source.files()]


LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python",
    "name": "python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3", "version": "3.12.4",
}  # fmt: skip


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
