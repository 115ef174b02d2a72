"""`make new-exercise`: what it writes can be used at once, and is not taken for finished."""

import io
import shutil
import subprocess
import sys

import pytest

from press.exercises import new as new_exercise
from press.exercises import source as exercise_source
from press.languages import sources
from tests.helpers import ROOT


@pytest.fixture
def project(tmp_path, monkeypatch):
    for folder in ("solutions", "dlcourse"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.ipynb"))
    for module in (new_exercise, exercise_source):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return tmp_path


@pytest.fixture
def begin(monkeypatch, capsys):
    """`begin(ID=…)`: as make starts it; gives what it says."""

    def run(**given):
        for name in ("CHAPTER", "ID", "TITLE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        new_exercise.main()
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize(("chapter", "identifier"), [("1", "K0-99"), ("4", "D99")])
def test_an_exercise_may_have_no_number_of_a_chapter(project, begin, chapter, identifier):
    assert identifier in begin(CHAPTER=chapter, ID=identifier, TITLE="題名")


def test_a_new_exercise_has_a_source_a_check_and_a_next_step(project, begin):
    said = begin(CHAPTER="1", ID="T1-99", TITLE="新しい問題")
    [source] = sources("solutions/ch1_*/ch1_*.md", root=project)
    new = exercise_source.read(source).exercises[-1]
    assert (new.id, new.title) == ("T1-99", "新しい問題")
    assert new.hints and new.answers and "TODO" in new.question
    place = source.read_text("utf-8").splitlines().index("## T1-99 新しい問題") + 1
    where = f"{source.relative_to(project)}:{place}"
    for step in (where, "dlcourse/checks/chapter1/T.py:", "{exercise} T1-99", "make exercises"):
        assert step in said

    judge = """if True:
        import numpy as np
        from dlcourse.checks import EXERCISES
        new = EXERCISES["T1-99"]
        rng = np.random.default_rng(0)
        assert new.judge(new.define("x"), rng).passed
        assert new.judge(new.define("-x"), rng).hint.startswith("TODO")
    """
    done = subprocess.run([sys.executable, "-c", judge], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("given", "message"), [
    ({"ID": "T1-99", "TITLE": "題名"}, "CHAPTER がありません"),
    ({"CHAPTER": "一", "ID": "T1-99", "TITLE": "題名"}, "章の番号"),
    ({"CHAPTER": "9", "ID": "T1-99", "TITLE": "題名"}, "第9章"),
    ({"CHAPTER": "1", "ID": "Q1", "TITLE": "題名"}, "T1-8"),
    ({"CHAPTER": "1", "ID": "D99", "TITLE": "題名"}, "chapter1/D.py がありません"),
    ({"CHAPTER": "1", "ID": "T2-99", "TITLE": "題名"}, "T2-99 は第2章の番号.* T1-"),
    ({"CHAPTER": "2", "ID": "K0-99", "TITLE": "題名"}, "K0-99 は第0章の番号.* K2-"),
    ({"CHAPTER": "1", "ID": "K1-1", "TITLE": "題名"}, "もう solutions/ch1_input_to_hidden"),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_written(project, begin, given, message):
    before = {file: file.read_bytes() for file in project.rglob("*") if file.suffix in (".md", ".py")}
    with pytest.raises(SystemExit, match=message) as refused:
        begin(**given)
    assert "\n" not in str(refused.value)
    assert before == {file: file.read_bytes() for file in before}
