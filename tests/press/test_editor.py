"""The committed bundles belong to what they are made from, and the pages' own scripts stay small."""

import re

import pytest

from press.commands import editor
from tests.helpers import ROOT

LIMIT, MOVES = 500, 150
LIVE = [*(ROOT / "press" / "live" / "static").glob("*.js"), ROOT / "press" / "look" / "static" / "figures.js"]


def code_lines(files):
    """Lines that are neither empty nor a comment."""
    lines = [line.strip() for file in files for line in file.read_text("utf-8").splitlines()]
    return sum(bool(line) and not re.match(r"//|\*|/\*\*(?!.*\*/ )", line) for line in lines)


@pytest.mark.parametrize("bundle", editor.BUNDLES, ids=lambda bundle: bundle.target.name)
def test_a_bundle_is_made_from_the_committed_inputs(bundle):
    first, rest = bundle.target.read_text("utf-8").split("\n", 1)
    made = editor.BANNER.format(bundle.fingerprint(rest)).rstrip("\n")
    assert first == made, "the bundle, its entry or the lock has changed: run make editor"


def test_a_bundle_names_the_licence_of_every_package():
    code, schedule = (bundle.target.read_text("utf-8").split("*/")[0] for bundle in editor.BUNDLES)
    for package in ("@codemirror/view", "@lezer/python", "style-mod"):
        assert re.search(rf"{package} \d", code)
    assert re.search(r"ts-fsrs \d", schedule) and "Open Spaced Repetition" in schedule
    assert "MIT" in code and "Marijn Haverbeke" in code and "MIT" in schedule


def test_the_lock_names_no_registry():
    assert "resolved" not in (editor.FOLDER / "package-lock.json").read_text("utf-8")


def test_what_makes_the_pages_live_stays_small():
    (moves,) = (script for script in LIVE if script.name == "moves.js")  # on one page alone
    assert 0 < code_lines(set(LIVE) - {moves, *(bundle.target for bundle in editor.BUNDLES)}) <= LIMIT
    assert 0 < code_lines([moves]) <= MOVES
