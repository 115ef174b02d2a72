import numpy as np
import pytest


def pytest_addoption(parser):
    parser.addoption("--all-notebooks", action="store_true", help="solve every notebook in the browser, not only one")


@pytest.fixture
def rng():
    """A seeded generator; a failing test shows the seed."""
    seed = 20261121
    print(f"rng seed: {seed}")
    return np.random.default_rng(seed)
