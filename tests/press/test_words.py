"""What the site says to readers goes through `say`, wherever it stands; what it tells authors does not."""

import ast
import json
import re

import pytest
from py_mini_racer import MiniRacer

from press import catalogues, words
from press.translation import JAPANESE
from tests.helpers import ROOT

PRESS = ROOT / "press"
MADE_BY_OTHERS = {"editor.js", "scheduler.js"}
# What only Japanese needs; what authors and teachers meet; what dlcourse's catalogue and parallel texts hold.
NOT_SAID = {"japanese", "rules", "commands", "editor", "node_modules", "browser_python", "exercises", "extra", "locale"}
# A program tells its author something by these calls, or gathers it under these names first; a hint is looked up.
TOLD = {"error", "warning", "info", "exit", "print", "mistake"}
TO_AUTHORS = {"message", "problem", "place", "names", "STALE", "PLACE"}
COMMENT = {
    ".js": r"/\*.*?\*/|(?<![:\"'])//.*?$",
    ".css": r"/\*.*?\*/",
    ".html": r"\{#.*?#\}|/\*.*?\*/|(?<!:)//.*?$|<!--.*?-->",
}


def files(*endings):
    """The files of the press that speak to readers."""
    for ending in endings:
        for file in sorted(PRESS.rglob(f"*{ending}")):
            rooms = set(file.relative_to(PRESS).parts)
            if not rooms & NOT_SAID and file.name not in MADE_BY_OTHERS:
                yield file


def unsaid(file, text):
    """The lines of a script, style or template with Japanese that is neither said nor in a comment."""
    text = words.LITERAL.sub("say(", re.sub(COMMENT[file.suffix], "", text, flags=re.MULTILINE | re.DOTALL))
    return [line.strip() for line in text.splitlines() if JAPANESE.search(line)]


@pytest.mark.parametrize("file", files(".js", ".css", ".html"), ids=lambda file: file.name)
def test_scripts_styles_and_templates_show_no_japanese_that_is_not_said(file):
    assert not unsaid(file, file.read_text("utf-8"))


def test_japanese_that_is_not_said_would_be_found():
    script = PRESS / "look" / "static" / "words.js"
    assert unsaid(script, 'const a = "実行"; // 実行') == ['const a = "実行";']
    assert not unsaid(script, '/* 実行 */ const a = say("実行 {n}", { n });')


def is_for_authors(node):
    """Whether this part of a program makes a message about a source: raised, logged, or named so."""
    match node:
        case ast.Raise() | ast.Expr(ast.Constant()):
            return True
        case ast.Call(func=ast.Name(name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name in TOLD | {"say"}
        case ast.Assign(targets=[ast.Name(name)]):
            return name in TO_AUTHORS
    return False


def shown(tree):
    """The Japanese constants of a program that are neither said nor for authors."""
    if is_for_authors(tree):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str) and JAPANESE.search(tree.value):
        yield tree.lineno, tree.value
    for part in ast.iter_child_nodes(tree):
        yield from shown(part)


PROGRAMS = [*files(".py"), PRESS / "commands" / "pdf.py"]


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda file: file.relative_to(PRESS).as_posix())
def test_programs_show_no_japanese_that_is_not_said(file):
    assert not list(shown(ast.parse(file.read_text("utf-8"))))


def test_a_script_holds_the_texts_of_its_edition_only(monkeypatch):
    code = 'show(say("復習"), say("{days}日後", { days }));'
    assert words.script(code) == code
    monkeypatch.setenv("DLCOURSE_LANGUAGE", "en")
    assert words.script(code) == 'show(say("Review"), say("in {days} days", { days }));'


@pytest.mark.parametrize("file", files(".js"), ids=lambda file: file.name)
def test_a_script_in_another_language_is_still_a_script(file, monkeypatch):
    monkeypatch.setenv("DLCOURSE_LANGUAGE", "en")
    code = words.script(file.read_text("utf-8"))
    assert not [text for text in words.literals(code) if JAPANESE.search(text)]
    MiniRacer().eval(f"void new Function({json.dumps(code)})")


def test_what_a_script_says_has_its_places_filled():
    engine = MiniRacer()
    engine.eval((PRESS / "look" / "static" / "words.js").read_text("utf-8"))
    assert engine.eval('say("{good} of {all} correct", { good: 0, all: 20 })') == "0 of 20 correct"
    assert engine.eval('fill("{name}: {other}, ${count}", { name: "{other}" })') == "{other}: {other}, ${count}"


def test_a_text_is_found_in_programs_scripts_and_templates(tmp_path):
    texts = {
        "a.py": "say('一' '二', n=1)\nf'{say(\"三\")}'\nother('四')\nsay(text)",
        "b.js": 'say("五\\n{n}", { n }); show("六");',
        "c.html": '<p title="{{ say(\'七\') }}">{{ say("八") }}</p>',
    }
    found = []
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
        found += catalogues.said_in(tmp_path / name)
    assert found == ["一二", "三", "五\n{n}", "七", "八"]
