"""What takes nbgrader's places: each place has to be there."""

import importlib
import sys

import pytest
from nbgrader.apps.baseapp import NbGrader
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

from dlcourse import foreign
from dlcourse.grading import install
from dlcourse.grading.desk import times

PLACES = [place for places in install.REPLACED.values() for place in places] + ["nbgrader.apps.baseapp.NbGrader.start"]


def owner(place):
    path, _, name = place.rpartition(".")
    return (NbGrader if path.endswith("NbGrader") else importlib.import_module(path)), name


@pytest.fixture
def as_it_came(monkeypatch):
    """Afterwards nbgrader is again as it was before."""
    for place in PLACES:
        monkeypatch.setattr(*owner(place), getattr(*owner(place)))
    monkeypatch.setattr(times, "settings", times.settings)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


def test_every_place_becomes_ours(as_it_came):
    install.into(Config())
    for ours, places in install.REPLACED.items():
        assert all(getattr(*owner(place)) is ours for place in places)
    assert NbGrader.start is install.start


@pytest.mark.parametrize("place", PLACES[:-1])  # of its start, NbGrader would still have its base's
def test_a_place_that_is_gone_is_named(as_it_came, monkeypatch, place):
    holder, name = owner(place)
    monkeypatch.delattr(holder, name)
    with pytest.raises(foreign.Changed, match=rf"no '{name}' any more \(nbgrader "):
        install.into(Config())


class Own(NbGraderPreprocessor):
    """A step that a course has added."""


def names(steps):
    return [(step if isinstance(step, str) else step.__name__).rpartition(".")[2] for step in steps]


def test_grading_is_isolated_and_the_courses_own_steps_stay(as_it_came):
    c = Config()
    c.Autograde.autograde_preprocessors.append(Own)
    c.Autograde.sanitize_preprocessors = [
        Own,
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.ClearOutput",
    ]
    for _ in range(2):  # a second time changes nothing
        install.isolated_grading(c)
        assert names(c.Autograde.sanitize_preprocessors) == ["Own", "RestoreCells", "ClearOutput"]
        assert names(c.Autograde.autograde_preprocessors) == [
            "RunIsolated", "Inert", "ClearMetadataPreprocessor", "LimitOutput", "Own",
        ]  # fmt: skip
    assert set(c) <= {"Autograde", "Inert", "ClearMetadataPreprocessor"}, "nothing of the course's own"
