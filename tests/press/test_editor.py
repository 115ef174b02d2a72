"""The committed bundle of the editor belongs to what it is made from, and the pages' own scripts stay small."""

import re

from press.commands import editor
from tests.helpers import ROOT

LIMIT = 500
LIVE = [*editor.BUNDLE.parent.glob("*.js"), ROOT / "press" / "look" / "static" / "figures.js"]


def code_lines(files):
    """Lines that are neither empty nor a comment."""
    lines = [line.strip() for file in files for line in file.read_text("utf-8").splitlines()]
    return sum(bool(line) and not re.match(r"//|\*|/\*\*(?!.*\*/ )", line) for line in lines)


def test_the_bundle_is_made_from_the_committed_inputs():
    first, rest = editor.BUNDLE.read_text("utf-8").split("\n", 1)
    made = editor.BANNER.format(editor.fingerprint(rest)).rstrip("\n")
    assert first == made, "the bundle, its entry or the lock has changed: run make editor"


def test_the_bundle_names_the_licence_of_every_package():
    notices = editor.BUNDLE.read_text("utf-8").split("*/")[0]
    for package in ("@codemirror/view", "@lezer/python", "style-mod"):
        assert re.search(rf"{package} \d", notices)
    assert "MIT" in notices and "Marijn Haverbeke" in notices


def test_the_lock_names_no_registry():
    assert "resolved" not in (editor.FOLDER / "package-lock.json").read_text("utf-8")


def test_what_makes_the_pages_live_stays_small():
    assert 0 < code_lines(set(LIVE) - {editor.BUNDLE}) <= LIMIT
