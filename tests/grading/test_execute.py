"""The step that runs a notebook, without running one."""

import os
from pathlib import Path
from types import SimpleNamespace

import nbformat.v4 as v4
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from dlcourse.grading import execute
from dlcourse.grading.desk.submissions import Submission
from dlcourse.grading.isolation import confine
from dlcourse.grading.isolation import sandbox as sandbox_module
from dlcourse.grading.isolation.course_cells import error
from dlcourse.grading.isolation.notebook import NO_TIME_LEFT, Run


def test_the_courses_folders_and_the_exchange_are_named():
    config = Config()
    config.Exchange.root = "/srv/exchange"
    course = CourseDirectory(root="/course", submitted_directory="/elsewhere", db_url="sqlite:////books/gradebook.db")
    named = execute.course_folders(course, config)
    assert {"/course", "/elsewhere", "/srv/exchange", "/books"} <= set(named)


def test_the_line_says_whether_it_is_another_user(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for may, line in ((True, "別の利用者"), (False, "管理者のまま")):
        monkeypatch.setattr(confine, "may_become", lambda user, paths, may=may: may)
        assert line in sandbox_module.describe(sandbox_module.with_rights([], tmp_path))
    for may, expected in ((True, ["namespaces"]), (False, [])):  # where Python lies in a third user's closed folder
        monkeypatch.setattr(confine, "may_read_apart", lambda paths, may=may: may)
        assert sandbox_module.with_rights(["namespaces"], tmp_path) == [*expected, sandbox_module.STILL_ROOT]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert sandbox_module.with_rights([], tmp_path) == []


def test_the_teacher_is_told_of_a_notebook_that_was_stopped(monkeypatch):
    submission = Submission("someone", Path("someone"))
    outputs = [[error("OutOfTime", NO_TIME_LEFT)]]
    stopped = Run(outputs, seconds=1.0).as_data() | {"isolation": "…", "overran": True}
    monkeypatch.setattr(execute.RunIsolated, "pool", SimpleNamespace(run=lambda *arguments: stopped))
    step, notebook = execute.RunIsolated(), v4.new_notebook(cells=[v4.new_code_cell("x = 1")])
    resources = {"nbgrader": {"student": "someone", "notebook": "ch1"}, "submission": submission}
    graded, _ = step.preprocess(notebook, resources)
    assert graded.cells[0].outputs[0].ename == "OutOfTime" and submission.notes == [execute.OVERRAN]
