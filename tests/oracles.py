"""Derivatives to compare with, found in another way than the code under test."""

import numpy as np

STEP = 1e-30


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
