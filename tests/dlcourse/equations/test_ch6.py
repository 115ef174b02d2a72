"""The labelled equations of chapter 6, verified numerically."""

import numpy as np

from dlcourse import functions


def test_eq_accuracy(rng):
    """The mean of a comparison is the count of the text, divided by N."""
    y, d = functions.softmax(rng.standard_normal((40, 3))), rng.integers(3, size=40)
    right = 0
    for n in range(40):
        best = 0
        for k in range(3):
            if y[n, k] > y[n, best]:
                best = k
        right += 1 if best == d[n] else 0
    assert (y.argmax(axis=1) == d).mean() == right / 40


def test_eq_standard_error(rng):
    """The spread of the accuracy over many test sets of n draws."""
    for p, n in ((0.96, 359), (0.5, 40)):
        accuracies = (rng.random((20000, n)) < p).mean(axis=1)
        # the spread of 20 000 values is known to about 0.5 %
        np.testing.assert_allclose(accuracies.std(), np.sqrt(p * (1 - p) / n), rtol=0.03)
