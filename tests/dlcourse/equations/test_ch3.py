"""The labelled equations of chapter 3, verified numerically."""

import math

import numpy as np
import pytest

from dlcourse import functions
from tests.helpers.oracles import complex_gradient


@pytest.fixture
def logits(rng):
    return 3 * rng.standard_normal((6, 4))


@pytest.fixture
def one_hot(rng):
    return np.eye(4)[rng.integers(4, size=6)]


def softmax_by_hand(u):
    """Of one row, as eq-softmax writes it."""
    return [math.exp(value) / sum(math.exp(other) for other in u) for value in u]


def test_eq_loss_average(rng, logits, one_hot):
    probabilities = functions.sigmoid(logits[:, :1])
    for loss, d, y in [
        (functions.sum_squared_error, rng.standard_normal((6, 4)), logits),
        (functions.softmax_with_loss, one_hot, logits),
        (functions.sigmoid_with_loss, one_hot, logits),
        (functions.cross_entropy_error, one_hot, functions.softmax(logits)),
        (functions.cross_entropy_error, one_hot[:, :1], probabilities),
    ]:
        each = [loss(d[n], y[n]) for n in range(6)]
        assert loss(d, y) == pytest.approx(sum(each) / 6, rel=1e-12)


def test_eq_squared_error(rng):
    d, y = rng.standard_normal(5), rng.standard_normal(5)
    total = 0.0
    for k in range(5):
        total += (y[k] - d[k]) ** 2
    assert functions.sum_squared_error(d, y) == pytest.approx(total / 2, rel=1e-12)


def test_eq_squared_error_slope(rng):
    d, y = rng.standard_normal(5), rng.standard_normal(5)
    slope = complex_gradient(lambda y: np.sum((y - d) ** 2) / 2, y)
    np.testing.assert_allclose(slope, y - d, rtol=1e-12)
    np.testing.assert_allclose(functions.d_sum_squared_error(d, y), slope, rtol=1e-12)


def test_eq_squared_error_course(rng):
    d, y = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    total = sum((y[n, k] - d[n, k]) ** 2 for n in range(3) for k in range(4))
    assert functions.mean_squared_error(d, y) == pytest.approx(total / (2 * 3 * 4), rel=1e-12)
    # K times less than the sum over the outputs, as the text says
    assert functions.sum_squared_error(d, y) == pytest.approx(4 * functions.mean_squared_error(d, y), rel=1e-12)


def test_eq_log_odds():
    u = np.linspace(-10, 10, 81)
    y = functions.sigmoid(u)
    np.testing.assert_allclose(np.log(y / (1 - y)), u, rtol=1e-9, atol=1e-12)
    odds = y / (1 - y)
    np.testing.assert_allclose(odds[4:] / odds[:-4], math.e, rtol=1e-9)  # four places are one step of u


def test_eq_softmax_shift(rng, logits):
    for c in (-50, 0.3, 1000):
        np.testing.assert_allclose(functions.softmax(logits + c), functions.softmax(logits), rtol=1e-10)
    # the plain formula, where it does not overflow
    u = logits[0]
    np.testing.assert_allclose(softmax_by_hand(u + 7), softmax_by_hand(u), rtol=1e-12)


def test_eq_softmax_two(rng):
    for first, second in 4 * rng.standard_normal((20, 2)):
        expected = math.exp(first) / (math.exp(first) + math.exp(second))
        assert functions.sigmoid(first - second) == pytest.approx(expected, rel=1e-12)
        assert functions.softmax([first, second])[0] == pytest.approx(expected, rel=1e-12)


def test_eq_softmax_stable(logits):
    for u in logits:
        m = max(u)
        shifted = [math.exp(v - m) / sum(math.exp(w - m) for w in u) for v in u]
        np.testing.assert_allclose(shifted, softmax_by_hand(u), rtol=1e-12)
    ratio = [1, math.exp(-10), math.exp(-20)]
    np.testing.assert_allclose(functions.softmax([1010, 1000, 990]), np.divide(ratio, sum(ratio)), rtol=1e-12)


def test_eq_softmax_temperature(logits):
    u = logits[0]
    for T in (0.5, 1, 3):
        expected = [math.exp(v / T) / sum(math.exp(w / T) for w in u) for v in u]
        np.testing.assert_allclose(functions.softmax(u / T), expected, rtol=1e-12)
    # the two ends that the text names
    np.testing.assert_allclose(functions.softmax(u / 1e-3), np.arange(4) == u.argmax(), atol=1e-12)
    np.testing.assert_allclose(functions.softmax(u / 1e6), np.full(4, 1 / 4), rtol=1e-4)


def test_eq_likelihood(rng):
    """How often independent events all happen; the spread of the count is at most 0.4 % of it."""
    p = rng.uniform(0.6, 0.9, 4)
    all_happen = (rng.random((400_000, 4)) < p).all(axis=1).mean()
    assert all_happen == pytest.approx(math.prod(p), rel=0.015)


def test_eq_negative_log_likelihood(rng):
    p = rng.random(30)
    assert -math.log(math.prod(p)) / 30 == pytest.approx(sum(-math.log(v) for v in p) / 30, rel=1e-12)
    # 0.5 ** 1075 is rounded to 0, as the figure shows
    assert 0.5**1074 > 0 and 0.5**1075 == 0


def test_eq_gaussian_likelihood(rng):
    d, y, sigma = rng.standard_normal(3), rng.standard_normal(3), 0.7

    def density(y, sigma):
        return math.prod(
            math.exp(-((y[k] - d[k]) ** 2) / (2 * sigma**2)) / (math.sqrt(2 * math.pi) * sigma) for k in range(3)
        )

    right = np.sum((y - d) ** 2) / (2 * sigma**2) + 3 / 2 * math.log(2 * math.pi * sigma**2)
    assert -math.log(density(y, sigma)) == pytest.approx(right, rel=1e-12)
    # it is a density
    x = np.linspace(-12, 12, 20001)
    one = np.exp(-(x**2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma)
    assert np.trapezoid(one, x) == pytest.approx(1, rel=1e-9)
    # with sigma = 1 the part that depends on y is the squared error
    other = rng.standard_normal(3)
    gap = math.log(density(other, 1)) - math.log(density(y, 1))
    assert functions.sum_squared_error(d, y) - functions.sum_squared_error(d, other) == pytest.approx(gap, rel=1e-12)


def test_eq_binary_cross_entropy():
    for y in (0.1, 0.5, 0.9):
        for d in (0, 1):
            p = y if d == 1 else 1 - y
            assert y**d * (1 - y) ** (1 - d) == pytest.approx(p, rel=1e-14)
            error = -d * math.log(y) - (1 - d) * math.log(1 - y)
            assert error == pytest.approx(-math.log(p), rel=1e-14)
            u = math.log(y / (1 - y))
            assert functions.sigmoid_with_loss([d], [u]) == pytest.approx(error, rel=1e-12)
            # two classes of the multi-class formula
            assert functions.softmax_with_loss([d, 1 - d], [u, 0]) == pytest.approx(error, rel=1e-12)


def test_eq_cross_entropy(logits, one_hot):
    for d, u in zip(one_hot, logits, strict=True):
        y = softmax_by_hand(u)
        p = math.prod(y[k] ** d[k] for k in range(4))
        assert p == pytest.approx(y[d.argmax()], rel=1e-14)
        assert -sum(d[k] * math.log(y[k]) for k in range(4)) == pytest.approx(-math.log(p), rel=1e-12)
        assert functions.softmax_with_loss(d, u) == pytest.approx(-math.log(p), rel=1e-12)


def test_soft_labels_are_met_best_by_themselves(rng):
    """The note beside eq-cross-entropy: the smallest value is the entropy, at y = d."""
    d = functions.softmax(rng.standard_normal(4))
    entropy = -np.sum(d * np.log(d))
    assert functions.softmax_with_loss(d, np.log(d)) == pytest.approx(entropy, rel=1e-12)
    for u in 2 * rng.standard_normal((50, 4)):
        assert functions.softmax_with_loss(d, u) > entropy


def test_eq_cross_entropy_label(logits, one_hot):
    labels = one_hot.argmax(axis=1)
    y = functions.softmax(logits)
    each = [-math.log(y[n, labels[n]]) for n in range(6)]
    assert functions.softmax_with_loss(labels, logits) == pytest.approx(np.mean(each), rel=1e-12)
    assert functions.softmax_with_loss(one_hot, logits) == pytest.approx(np.mean(each), rel=1e-12)


def test_eq_initial_loss():
    for K in (2, 4, 10):
        for c in range(K):
            assert functions.softmax_with_loss(np.array(c), np.full(K, 0.3)) == pytest.approx(math.log(K), rel=1e-12)


def test_eq_log_offset(rng):
    a = 1e-7
    for scale in (1, 8, 20):
        u = scale * rng.standard_normal(4)
        for c in range(4):
            y, d = functions.softmax(u), np.eye(4)[c]

            def loss(u, c=c):
                return -np.log(np.exp(u[c]) / np.sum(np.exp(u)) + a)

            slope = complex_gradient(loss, u)
            np.testing.assert_allclose(slope, y[c] / (y[c] + a) * (y - d), rtol=1e-9, atol=1e-15)
            chained = functions.d_softmax(u).T @ functions.d_cross_entropy_error(d, y)
            np.testing.assert_allclose(chained, slope, rtol=1e-6, atol=1e-12)
    assert functions.LOG_OFFSET == a
    np.testing.assert_allclose([p / (p + a) for p in (1e-5, 1e-7, 1e-9)], [0.99, 0.5, 0.01], rtol=0.02)


def test_eq_log_softmax(logits):
    for u in logits:
        m = max(u)
        right = [v - m - math.log(sum(math.exp(w - m) for w in u)) for v in u]
        np.testing.assert_allclose(right, np.log(softmax_by_hand(u)), rtol=1e-12)
        np.testing.assert_allclose(functions.log_softmax(u), right, rtol=1e-12)
    np.testing.assert_allclose(functions.log_softmax([1010, 1000, 0]), [0, -10, -1010], atol=1e-4)


def test_eq_binary_from_logits(rng):
    for u in 5 * rng.standard_normal(20):
        for d in (0.0, 0.3, 1.0):
            y = 1 / (1 + math.exp(-u))
            left = -d * math.log(y) - (1 - d) * math.log(1 - y)
            assert math.log(1 + math.exp(u)) - d * u == pytest.approx(left, rel=1e-9)
            right = max(u, 0) - d * u + math.log(1 + math.exp(-abs(u)))
            assert right == pytest.approx(left, rel=1e-9)
            assert functions.sigmoid_with_loss([d], [u]) == pytest.approx(left, rel=1e-9)
    assert functions.sigmoid_with_loss([1.0, 0.0], [-1000.0, -1000.0]) == pytest.approx(1000)


# The losses of one row from u, as formulas that take complex numbers.
LOSSES = {
    "squared": (functions.identity, lambda d, u: np.sum((u - d) ** 2) / 2),
    "binary": (functions.sigmoid, lambda d, u: np.sum(np.log(1 + np.exp(u)) - d * u)),
    "softmax": (functions.softmax, lambda d, u: np.log(np.sum(np.exp(u))) - np.sum(d * u)),
}


def test_eq_output_slope(logits, one_hot):
    for activation, loss in LOSSES.values():
        for d, u in zip(one_hot, logits, strict=True):
            slope = complex_gradient(lambda u, d=d, loss=loss: loss(d, u), u)
            np.testing.assert_allclose(slope, activation(u) - d, rtol=1e-10, atol=1e-14)


def test_slopes_by_the_output_in_the_table(one_hot, logits):
    """∂E/∂y of the table that ends the chapter."""
    d, y = one_hot[0], functions.softmax(logits[0])
    slope = complex_gradient(lambda y: -np.sum(d * np.log(y)), y)
    np.testing.assert_allclose(slope, -d / y, rtol=1e-12)
    slope = complex_gradient(lambda y: np.sum(-d * np.log(y) - (1 - d) * np.log(1 - y)), y)
    np.testing.assert_allclose(slope, (y - d) / (y * (1 - y)), rtol=1e-10)


def test_eq_log_softmax_slope(logits):
    u = logits[0]
    y = softmax_by_hand(u)
    for i in range(4):
        slope = complex_gradient(lambda u, i=i: np.log(np.exp(u[i]) / np.sum(np.exp(u))), u)
        expected = [1 - y[k] if i == k else -y[k] for k in range(4)]
        np.testing.assert_allclose(slope, expected, rtol=1e-10)
        np.testing.assert_allclose(functions.d_softmax(u)[i], y[i] * np.array(expected), rtol=1e-10)


def test_eq_output_slope_batch(logits, one_hot):
    in_library = {
        "squared": functions.d_sum_squared_error,
        "binary": functions.d_sigmoid_with_loss,
        "softmax": functions.d_softmax_with_loss,
    }
    for name, (activation, loss) in LOSSES.items():

        def average(u, loss=loss):
            return sum(loss(one_hot[n], u[n]) for n in range(6)) / 6

        slope = complex_gradient(average, logits)
        np.testing.assert_allclose(slope, (activation(logits) - one_hot) / 6, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(in_library[name](one_hot, activation(logits)), slope, rtol=1e-10, atol=1e-14)


def test_eq_coin_likelihood(rng):
    """The product over the tosses, its mean negative logarithm, and the share of heads at the best of both."""
    tosses = np.array([1, 1, 0, 1, 0, 1, 1, 1])
    N, N_1 = len(tosses), tosses.sum()

    def loss(q):
        return -N_1 / N * np.log(q) - (N - N_1) / N * np.log(1 - q)

    for q in rng.uniform(0.05, 0.95, 5):
        likelihood = np.prod(np.where(tosses == 1, q, 1 - q))
        assert q**N_1 * (1 - q) ** (N - N_1) == pytest.approx(likelihood, rel=1e-12)
        assert loss(q) == pytest.approx(-np.log(likelihood) / N, rel=1e-12)
        u = np.full((N, 1), np.log(q / (1 - q)))
        assert loss(q) == pytest.approx(functions.sigmoid_with_loss(tosses[:, np.newaxis], u), rel=1e-12)
    grid = np.linspace(0.001, 0.999, 999)
    assert grid[loss(grid).argmin()] == pytest.approx(N_1 / N, abs=1e-3)
    assert loss(N_1 / N) > 0.5, "heads and tails are mixed, so the least loss is not 0"
