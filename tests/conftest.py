from pathlib import Path

import numpy as np
import pytest

SITE = Path(__file__).parent / "site"


def pytest_collection_modifyitems(items):
    """What costs long to make, the site say, is made once: tests that share it run in the same process."""
    for item in items:
        shared = SITE if SITE in item.path.parents else item.path
        item.add_marker(pytest.mark.xdist_group(shared.name))


@pytest.fixture
def rng():
    """A seeded generator; a failing test shows the seed."""
    seed = 20261121
    print(f"rng seed: {seed}")
    return np.random.default_rng(seed)
