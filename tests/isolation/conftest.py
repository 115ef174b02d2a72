import pytest

from dlcourse.grading.isolation.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox():
    """One prepared process for all tests here; each notebook has a process of its own."""
    with Sandbox() as made:
        yield made
