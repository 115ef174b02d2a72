"""Ordinary items are worth the points that nbgrader gives: to a right answer, to none, and to a wrong one."""

from importlib import metadata

import pytest

from tests.helpers.commands import nbgrader
from tests.ordinary import items, stock

EQUAL = 0.99  # of the items
STOCK = stock.kept()
TIMES = "python -m tests.ordinary.stock"


def test_nbgraders_points_are_those_of_the_items_as_they_are():
    assert metadata.version("nbgrader") == STOCK["nbgrader"], TIMES
    assert {kind for kind in STOCK if kind != "nbgrader"} == set(items.kinds()), TIMES
    for kind in items.kinds():
        known = {name: about["of"] for name, about in STOCK[kind].items()}
        assert known == {item.name: item.fingerprint for item in items.read(kind)[1:]}, f"{TIMES} {kind}"


@pytest.mark.parametrize("kind", items.kinds())
def test_nbgrader_tells_right_answers_from_others(kind):
    """Of an item of which it does not, nothing is learned."""
    for item in items.read(kind)[1:]:
        given = STOCK[kind][item.name]
        most = [cell.points for cell in item.cells if cell.kind == "test"]
        assert given["solution"] == most and sum(given["wrong"]) < sum(most) and not sum(given["blank"]), item.name


@pytest.fixture(scope="module")
def points(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ordinary")
    items.write_sources(folder, items.kinds())
    done = nbgrader(folder, "generate_assignment", items.ASSIGNMENT, "--create")
    assert done.code == 0, done.said
    items.hand_in(folder, items.kinds())
    # two at a time: to import scikit-learn and others, for each notebook anew, is most of it
    done = nbgrader(folder, "autograde", items.ASSIGNMENT, "--RunIsolated.jobs=2")
    assert done.code == 0, done.said
    return items.points_of(folder, items.kinds())


def test_items_are_worth_what_they_are_worth_in_nbgrader(points):
    table, equal, total = [], 0, 0
    for kind, given in points.items():
        other = [name for name in given if {"of": STOCK[kind][name]["of"]} | given[name] != STOCK[kind][name]]
        equal, total = equal + len(given) - len(other), total + len(given)
        table.append(f"{kind:12}{len(given) - len(other):4} of {len(given):3}  other: {', '.join(other) or '-'}")
    assert equal >= EQUAL * total, "\n".join([f"{equal} of {total} as in nbgrader", *table])
