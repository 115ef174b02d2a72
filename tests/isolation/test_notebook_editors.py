"""The model answers, as every editor saves them, are graded."""

import copy

import pytest

from dlcourse.grading import execute
from dlcourse.grading.isolation.notebook import run
from rehearsal.sample_class import Assignment
from tests.helpers.editors import EDITORS, NAMES, code_cells, colab, handed_in, released, solution, solved


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
