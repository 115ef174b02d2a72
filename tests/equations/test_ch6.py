"""The labelled equations of chapter 6, verified numerically."""

import numpy as np

from dlcourse import functions
from dlcourse.network import Network


def test_eq_initial_loss(rng):
    for classes in (2, 10, 100):
        labels = rng.integers(classes, size=50)
        np.testing.assert_allclose(functions.softmax_with_loss(labels, np.zeros((50, classes))), np.log(classes))
    # and a fresh network of the chapter is near it
    network = Network([64, 32, 10], rng=0)
    assert abs(network.loss(rng.random((200, 64)), rng.integers(10, size=200)) - np.log(10)) < 0.5


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
