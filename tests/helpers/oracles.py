"""Values to compare with, found in another way than the code under test."""

import numpy as np

from tests.helpers import ROOT

STEP = 1e-30
# Exact values, written by tests/data/make_golden.py
GOLDEN = np.load(ROOT / "tests" / "data" / "golden.npz")


def complex_step(function, x):
    """The derivative of a smooth real function at x, exact to rounding: no difference is taken."""
    return function(x + 1j * STEP).imag / STEP


def complex_gradient(function, x):
    """The partial derivatives of a smooth real function of an array, by the complex step."""
    gradient = np.empty_like(x)
    for place in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[place] += 1j * STEP
        gradient[place] = function(moved).imag / STEP
    return gradient


def ulps(result, exact, dtype):
    """Distance in the spacing of `dtype` at the exact value; subnormal results have the smallest spacing."""
    with np.errstate(over="ignore"):  # the spacing above the largest number is inf
        return np.abs(result.astype(np.float64) - exact) / np.spacing(np.abs(exact).astype(dtype)).astype(np.float64)
