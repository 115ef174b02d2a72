"""What an edition gives out: only under its own tag."""

import pytest

from dlcourse import __version__
from press.commands import release


def test_the_edition_as_it_stands_may_be_released():
    assert release.problem(f"v{__version__}") == ""


def test_another_tag_is_refused():
    with pytest.raises(SystemExit, match="タグ v0.0.0 と版"):
        release.main("v0.0.0")


def test_notebooks_of_another_site_are_refused(monkeypatch):
    monkeypatch.setattr(release.edition, "address", lambda: "https://course.example/")
    assert "make exercises" in release.problem(f"v{__version__}")
