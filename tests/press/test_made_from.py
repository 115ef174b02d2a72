"""The one list of inputs: nothing of the press is missing in it, and a style is no reason to read the pages again."""

import shutil
import subprocess

from press import made_from
from tests.helpers import ROOT

# Not part of what a page is made of: other commands, what the editor is bundled from, and a map.
ELSEWHERE = {"commands", "editor"}


def test_every_file_of_the_press_is_in_the_list():
    there = {file for file in (ROOT / "press").rglob("*") if made_from.is_input(file)}
    wanted = {file for file in there if ELSEWHERE.isdisjoint(file.relative_to(ROOT).parts)}
    assert wanted and not wanted - set(made_from.files(made_from.READING, made_from.WRITING))


def test_no_pattern_is_without_a_file():
    for kind in made_from.ALL:
        assert not [pattern for pattern in kind if not made_from.files([pattern])]


def test_a_style_changes_how_pages_are_written_and_not_how_they_are_read(tmp_path):
    shutil.copytree(ROOT / "press", tmp_path / "press", ignore=shutil.ignore_patterns("node_modules", "__pycache__"))

    def fingerprints():
        kinds = (made_from.READING, made_from.WRITING)
        return [made_from.fingerprint(kind, root=tmp_path) for kind in kinds]

    reading, writing = fingerprints()
    with (tmp_path / "press" / "look" / "static" / "site.css").open("a") as style:
        style.write("/* changed */")
    assert fingerprints()[0] == reading and fingerprints()[1] != writing
    with (tmp_path / "press" / "rules" / "text.py").open("a") as rule:
        rule.write("# changed")
    assert fingerprints()[0] != reading


def test_make_asks_for_it():
    asked = subprocess.run(
        ["make", "--print-data-base", "--question", "--dry-run", "help"], cwd=ROOT, capture_output=True
    )
    listed = next(line for line in asked.stdout.decode().splitlines() if line.startswith("BOOK_SOURCES := "))
    assert set(listed.split()[2:]) == {str(file.relative_to(ROOT)) for file in made_from.files()}
