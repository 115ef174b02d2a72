"""Tests that are many of a kind: some of them stand for the others, which run with `--everything` (weekly)."""

import pytest


def parts(all_of_them, always):
    """The parameters of a test: those that always run, and the others.

    Raises
    ------
    ValueError
        When one that should always run is none of them.
    """
    if unknown := set(always) - set(all_of_them):
        raise ValueError(f"{sorted(unknown)}: not among {list(all_of_them)}")
    values = {one: one if isinstance(one, tuple) else (one,) for one in all_of_them}
    return [one if one in always else pytest.param(*values[one], marks=pytest.mark.everything) for one in all_of_them]
