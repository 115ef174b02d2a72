"""Pages whose cells run while others are read."""

import copy
from concurrent.futures import Future

import nbformat.v4 as v4
import pytest

from press import execution


@pytest.fixture
def notebook():
    return v4.new_notebook(cells=[v4.new_markdown_cell("# 題"), v4.new_code_cell("print(1)")])


def begun(monkeypatch, notebook, error=None):
    """As if the run of this notebook had begun, and had ended so."""
    ran = copy.deepcopy(notebook)
    ran.cells[0].source = "before what Sphinx does to texts"
    ran.cells[1].outputs, ran.cells[1].execution_count = [v4.new_output("stream", text="1\n")], 1
    ran.metadata.language_info = {"name": "python"}
    run = Future()
    run.set_result(execution.running.ExecutionResult(ran, "/course/book", 2.5, error, str(error)))
    monkeypatch.setattr(execution, "begun", {execution.code_of(notebook): run})


def test_a_page_takes_what_its_run_has_given_and_keeps_its_own_text(monkeypatch, notebook):
    begun(monkeypatch, notebook)
    result = execution.finish(notebook, cwd="/course/book")
    assert result.nb is notebook and result.time == 2.5 and result.err is None
    assert notebook.cells[0].source == "# 題" and notebook.cells[1].outputs[0].text == "1\n"
    assert notebook.metadata.language_info.name == "python" and not execution.begun


def test_its_error_is_the_page_s(monkeypatch, notebook):
    begun(monkeypatch, notebook, error=ValueError("so"))
    result = execution.finish(notebook, cwd="/course/book")
    assert isinstance(result.err, ValueError) and result.exc_string == "so"


def test_a_page_with_other_code_is_run_by_itself(monkeypatch, notebook):
    begun(monkeypatch, notebook)
    monkeypatch.setattr(execution.running, "single_nb_execution", lambda one, **settings: (one, settings))
    other = v4.new_notebook(cells=[v4.new_code_cell("print(2)")])
    assert execution.finish(other, cwd="/course") == (other, {"cwd": "/course"})


def test_what_a_build_has_not_come_to_is_not_begun_any_more(monkeypatch, notebook):
    waiting = Future()
    monkeypatch.setattr(execution, "begun", {("x",): waiting})
    execution.give_up(None, ValueError())
    assert waiting.cancelled() and not execution.begun
