"""What a check has found wrong goes to the report as data, and nothing else is taken for it."""

import nbformat.v4 as v4
import pytest

from dlcourse.checks import CheckError, check
from dlcourse.checks.exercise import Verdict
from dlcourse.grading.desk.notes import Note
from dlcourse.grading.isolation.course_cells import verdict_of
from dlcourse.grading.report import UNANSWERED, message_of


def graded(verdict=None, **output):
    cell = v4.new_code_cell("", outputs=[v4.new_output("error", **output)] if output else [])
    if verdict:
        cell.metadata["verdict"] = verdict
    return cell


def raised(cell):
    names = {}
    exec(cell, names)
    with pytest.raises(CheckError) as error:
        check("K1-2", namespace=names)
    return error.value


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", UNANSWERED),
        ("def total_input(x, W, b): raise NotImplementedError()", UNANSWERED),
        ("total_input = 3", "def で関数を書きましょう。"),
        ("def total_input(x, W, b): pass", "関数の最後に return を書きましたか(if の中だけでは足りません)。"),
    ],
)
def test_a_check_hands_its_verdict_on(cell, message):
    error = raised(cell)
    assert error.verdict.message in str(error) and not error.verdict.passed
    assert message_of(graded(verdict_of(error))) == message


def test_without_a_hint_it_is_what_was_found_wrong():
    verdict = Verdict(False, "✗ K1 まだ正解ではありません。値が違います。", None, "値が違います。\n  ヒント: 偽物")
    assert message_of(graded(verdict_of(CheckError(verdict)))) == "値が違います。"


def test_what_only_looks_alike_is_none():
    alike = type("CheckError", (AssertionError,), {"verdict": Verdict(False, "", "偽物")})
    assert verdict_of(alike("✗ K1 まだ正解ではありません。\n  ヒント: 偽物")) is None
    assert verdict_of(ValueError()) is None
    text = "✗ K1 まだ正解ではありません。値が違います。\n  ヒント: 本物"  # of a notebook graded by an earlier edition
    assert message_of(graded(ename="CheckError", evalue=text, traceback=text.splitlines())) == text.splitlines()[0]


def test_other_errors_say_their_last_line():
    assert message_of(graded(ename="ValueError", evalue="", traceback=["…", "ValueError: x\nmore"])) == "ValueError: x"
    assert message_of(graded(ename="ValueError", evalue="", traceback=[])) == "ValueError"
    assert message_of(graded()) is None


def test_a_note_is_written_in_one_way():
    assert str(Note("フォルダー a / b がありません。", "no folder")) == "フォルダー a / b がありません。 / no folder"
    assert str(Note("ありません。")) == "ありません。"
