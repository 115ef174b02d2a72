import itertools

import numpy as np
import pytest
from playwright.sync_api import sync_playwright
from xdist.scheduler import LoadScopeScheduling

from tools import browser

LONG = ["site", "classes", "builds", "ordinary"]  # rooms whose tests wait for other programs
# Tests that share no fixture with the others of their file, so that any process may run them.
SPREAD = {
    f"tests/{name}.py"
    for name in ("site/test_accessibility", "site/test_live", "checks/test_checks", "checks/test_mutants")
}
TOGETHER = {"tests/site/test_speed.py": "tests/site/test_pages.py"}  # both look at every page as a phone shows it


def pytest_addoption(parser):
    parser.addoption(
        "--everything",
        action="store_true",
        help="also what a part stands for: every page of each edition run and looked at in the browser, every notebook "
        "solved there, every listed answer graded across the two sides",
    )
    parser.addoption("--one-seed", action="store_true", help="judge each listed answer with one seed in place of three")


class Processes(LoadScopeScheduling):
    """Which tests one process runs: those of a file, whose fixtures are then made once."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return nodeid if file in SPREAD else TOGETHER.get(file, file)


def pytest_xdist_make_scheduler(config, log):
    return Processes(config, log)


def pytest_configure(config):
    config.addinivalue_line("markers", "everything: others of its kind stand for it (tests/helpers/parts.py)")


def pytest_collection_modifyitems(config, items):
    """The long files first, in turns: while one process builds the site, another grades a class. Spread ones last."""
    if not config.getoption("--everything"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("everything")])
        items[:] = [item for item in items if not item.get_closest_marker("everything")]
    files, rooms = {}, {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    for file in files:
        rooms.setdefault(file.split("/")[1], []).append(file)
    turns = itertools.zip_longest(*(rooms.pop(room, []) for room in LONG))
    order = [file for turn in turns for file in turn if file]
    order += [file for room in rooms.values() for file in room]
    items[:] = [item for file in sorted(order, key=SPREAD.__contains__) for item in files[file]]


@pytest.fixture
def rng():
    """A seeded generator; a failing test shows the seed."""
    seed = 20261121
    print(f"rng seed: {seed}")
    return np.random.default_rng(seed)


@pytest.fixture(scope="session")
def seeds(request):
    """What the judges of answers draw their inputs from; each judgement draws every input twice."""
    return range(1 if request.config.getoption("--one-seed") else 3)


@pytest.fixture(scope="session")
def chromium():
    path = browser.find()
    assert path and browser.has_japanese_font(), browser.HELP
    quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    quiet += " --disable-component-update --disable-sync"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=quiet.split())
        yield running
        running.close()
