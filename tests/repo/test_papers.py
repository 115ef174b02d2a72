"""The papers of the house: what they name is there, and they agree on the version."""

import re

import pytest
import yaml

import dlcourse
from tests.helpers import ROOT

PAPERS = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CONTRIBUTING.ja.md",
    "README.md",
    "README.ja.md",
    "press/live/README.md",
]
ROOMS = ["book", "dlcourse", "press", "rehearsal", "tools", "tests", "benchmarks", "findings"]
NAMED = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w./-]*?)(?:#\w+)?`")


@pytest.mark.parametrize("paper", PAPERS)
def test_every_file_that_is_named_is_there(paper):
    named = {name for name in NAMED.findall((ROOT / paper).read_text("utf-8")) if "…" not in name and "N" not in name}
    assert not [name for name in named if not (ROOT / name).exists()]


@pytest.mark.parametrize("paper", PAPERS)
def test_every_link_between_them_leads_somewhere(paper):
    folder = (ROOT / paper).parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / paper).read_text("utf-8"))
    assert not [link for link in links if not (folder / link).exists()]


def test_the_version_is_the_newest_edition_or_the_one_to_come():
    """Notebooks take an installed dlcourse of their version or a newer one: what has changed has to have another."""
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", changes, re.M)[1]
    begun = [tuple(map(int, version.split("."))) for version in (newest, dlcourse.__version__)]
    assert begun[0] < begun[1] if "\n## [Unreleased]\n" in changes else begun[0] == begun[1]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == dlcourse.__version__


def test_forms_for_corrections_can_be_read():
    for form in ROOT.glob(".github/ISSUE_TEMPLATE/*.yml"):
        content = yaml.safe_load(form.read_text("utf-8"))
        assert form.name == "config.yml" or {"name", "description", "body"} <= set(content), form.name


def test_every_room_says_what_is_in_it():
    """The first thing that a newcomer opens names each file."""
    isolation = ROOT / "dlcourse" / "grading" / "isolation"
    rooms = [ROOT / "press", *(ROOT / "press").glob("*/"), isolation, isolation / "portable", ROOT / "rehearsal"]
    for room in [*rooms, ROOT / "tests" / "helpers"]:
        if (room / "__init__.py").exists() and room.name not in ("browser_python",):
            said = (room / "__init__.py").read_text("utf-8")
            for file in room.glob("*.py"):
                assert file.name == "__init__.py" or file.stem in said, (
                    f"{room.name}/__init__.py does not name {file.stem}"
                )
