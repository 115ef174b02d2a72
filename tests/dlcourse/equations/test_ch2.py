"""The labelled equations of chapter 2, verified numerically."""

import numpy as np
import pytest

from dlcourse import datasets, functions
from tests.helpers.oracles import complex_step

U = np.linspace(-8, 8, 321)
NONZERO = U[U != 0]


def central(f, u, h=1e-6):
    """The slope of a function that has a kink away from u, where the complex step does not apply."""
    return (f(u + h) - f(u - h)) / (2 * h)


def test_eq_exploding():
    """The mean is found over many draws, and the power of the factor by scaling one draw."""
    D, L, draws = 8, 3, 4000
    for s in (0.5, 0.7):
        rng = np.random.default_rng(0)
        squares = []
        for _ in range(draws):
            z, change = rng.standard_normal(D), np.ones(D) / np.sqrt(D)
            for _ in range(L):
                W = s * rng.standard_normal((D, D))
                u = z @ W
                z, change = functions.relu(u), (change @ W) * functions.d_relu(u)
            squares.append(change @ change)
        error = np.std(squares) / np.sqrt(draws)
        assert abs(np.mean(squares) - (D * s**2 / 2) ** L) < 4 * error < 0.4 * (D * s**2 / 2) ** L


def test_eq_xor_sum(rng):
    x, d = datasets.xor()
    assert d.tolist() == [0, 1, 1, 0]
    for _ in range(20):
        w, b = rng.standard_normal(2), rng.standard_normal()
        y = [sum(w[i] * point[i] for i in range(2)) + b for point in x]
        assert y[0] + y[3] == pytest.approx(y[1] + y[2], abs=1e-12)
        assert y[0] + y[3] == pytest.approx(w[0] + w[1] + 2 * b, abs=1e-12)


def test_eq_linear(rng):
    """xW meets both conditions; adding b, and each nonlinear activation function, breaks each of them."""
    W, b = rng.standard_normal((3, 2)), rng.standard_normal(2)
    x, other, k = rng.standard_normal(3), rng.standard_normal(3), -1.7

    def holds(f):
        return np.allclose(f(x + other), f(x) + f(other)), np.allclose(f(k * x), k * f(x))

    assert holds(lambda x: x @ W) == (True, True)
    assert holds(lambda x: x @ W + b) == (False, False)
    for f in (functions.step_function, functions.sigmoid, functions.tanh, functions.relu, functions.softmax):
        assert holds(f) == (False, False)


def test_eq_slope():
    for f, d_f in [(functions.sigmoid, functions.d_sigmoid), (functions.tanh, functions.d_tanh)]:
        gaps = [np.abs((f(U + h) - f(U)) / h - d_f(U)).max() for h in (1e-1, 1e-3, 1e-5)]
        # the quotient approaches the derivative as fast as h approaches 0
        assert gaps[1] < 0.02 * gaps[0] and gaps[2] < 0.02 * gaps[1]


def test_eq_small_change():
    """The error of the approximation shrinks with h²."""
    for f, d_f in [(functions.sigmoid, functions.d_sigmoid), (functions.softplus, functions.d_softplus)]:
        errors = [np.abs(f(U + h) - (f(U) + d_f(U) * h)).max() for h in (1e-1, 1e-2, 1e-3)]
        assert errors[1] < 0.02 * errors[0] and errors[2] < 0.02 * errors[1]


def test_eq_step():
    np.testing.assert_array_equal(functions.step_function(U), [1 if u > 0 else 0 for u in U])
    assert functions.step_function(0.0) == 0


def test_eq_step_derivative():
    np.testing.assert_array_equal(functions.d_step_function(NONZERO), central(functions.step_function, NONZERO))
    assert functions.d_step_function(0.0) == 0


def test_eq_sigmoid_derivative():
    z = 1 / (1 + np.exp(-U))
    slope = complex_step(lambda u: 1 / (1 + np.exp(-u)), U)
    np.testing.assert_allclose(np.exp(-U) / (1 + np.exp(-U)) ** 2, slope, rtol=1e-13)
    np.testing.assert_allclose(z * (1 - z), slope, rtol=1e-12)
    np.testing.assert_allclose(functions.d_sigmoid(U), slope, rtol=1e-13)


def test_eq_sigmoid_bound():
    z = functions.sigmoid(U)
    np.testing.assert_allclose(z * (1 - z), 1 / 4 - (z - 1 / 2) ** 2, atol=1e-16)
    slope = complex_step(functions.sigmoid, U)
    assert slope.max() == 0.25 and U[slope.argmax()] == 0 and (slope < 0.25).sum() == len(U) - 1


def test_eq_sigmoid_stable():
    with np.errstate(over="raise", invalid="raise"):
        for u in [*U, -1000.0, 1000.0]:
            split = 1 / (1 + np.exp(-u)) if u >= 0 else np.exp(u) / (1 + np.exp(u))
            assert functions.sigmoid(u) == pytest.approx(split, rel=1e-14)
    np.testing.assert_allclose(functions.sigmoid(U), 1 / (1 + np.exp(-U)), rtol=1e-14)


def test_eq_tanh():
    written = (np.exp(U) - np.exp(-U)) / (np.exp(U) + np.exp(-U))
    np.testing.assert_allclose(functions.tanh(U), written, rtol=1e-12, atol=1e-15)


def test_eq_tanh_sigmoid():
    np.testing.assert_allclose((1 - np.exp(-2 * U)) / (1 + np.exp(-2 * U)), np.tanh(U), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(2 / (1 + np.exp(-2 * U)) - 1, np.tanh(U), rtol=1e-12, atol=1e-15)


def test_eq_tanh_derivative():
    slope = complex_step(np.tanh, U)
    np.testing.assert_allclose(1 - np.tanh(U) ** 2, slope, rtol=1e-8, atol=1e-15)
    np.testing.assert_allclose(functions.d_tanh(U), slope, rtol=1e-12)


def test_eq_relu_derivative():
    np.testing.assert_allclose(functions.d_relu(NONZERO), central(functions.relu, NONZERO), rtol=1e-9)
    assert functions.d_relu(0.0) == 0
    np.testing.assert_array_equal(functions.d_relu(functions.relu(U)), functions.d_relu(U))


def test_eq_leaky_relu():
    for a in (0.01, 0.2):
        np.testing.assert_allclose(functions.leaky_relu(U, a), [u if u > 0 else a * u for u in U], rtol=1e-15)


def test_eq_leaky_relu_derivative():
    for a in (0.01, 0.2):
        slope = central(lambda u, a=a: functions.leaky_relu(u, a), NONZERO)
        np.testing.assert_allclose(functions.d_leaky_relu(NONZERO, a), slope, rtol=1e-7)
        assert functions.d_leaky_relu(0.0, a) == a


def test_eq_softplus():
    np.testing.assert_allclose(functions.softplus(U), np.log(1 + np.exp(U)), rtol=1e-12)


def test_eq_softplus_derivative():
    slope = complex_step(lambda u: np.log(1 + np.exp(u)), U)
    np.testing.assert_allclose(np.exp(U) / (1 + np.exp(U)), slope, rtol=1e-13)
    np.testing.assert_allclose(functions.sigmoid(U), slope, rtol=1e-13)


def test_eq_silu():
    np.testing.assert_allclose(functions.silu(U), U / (1 + np.exp(-U)), rtol=1e-14)


def test_eq_silu_derivative():
    slope = complex_step(lambda u: u / (1 + np.exp(-u)), U)
    z = 1 / (1 + np.exp(-U))
    np.testing.assert_allclose(z * (1 + U * (1 - z)), slope, rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(functions.d_silu(U), slope, rtol=1e-11, atol=1e-15)


def normal_density(u):
    return np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)


def test_eq_gelu(rng):
    """The factor is the share of normally distributed numbers up to u: the area below their density, and counted."""
    places, weights = np.polynomial.legendre.leggauss(60)
    share = 0.5 + U / 2 * (weights * normal_density(U[:, np.newaxis] / 2 * (1 + places))).sum(axis=1)
    np.testing.assert_allclose(functions.gelu(U), U * share, rtol=1e-13, atol=2e-13)
    draws = rng.standard_normal(400_000)
    for u in (-1.5, -0.3, 1.0):
        assert functions.gelu(u) / u == pytest.approx(np.mean(draws <= u), abs=0.004)


def test_eq_gelu_derivative():
    share = functions.gelu(NONZERO) / NONZERO
    slope = central(functions.gelu, NONZERO, h=1e-5)
    np.testing.assert_allclose(share + NONZERO * normal_density(NONZERO), slope, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(functions.d_gelu(NONZERO), slope, rtol=1e-8, atol=1e-9)
    assert functions.d_gelu(0.0) == 0.5


def test_eq_identity_activation():
    np.testing.assert_array_equal(functions.identity(U), U)


def test_eq_identity_derivative():
    np.testing.assert_allclose(functions.d_identity(U), complex_step(functions.identity, U), rtol=1e-15)


def test_eq_softmax_sensitivity(rng):
    u = rng.standard_normal(4)
    y = np.exp(u) / np.exp(u).sum()
    for j in range(4):
        moved = complex_step(lambda value, j=j: functions.softmax(np.where(np.arange(4) == j, value, u)), u[j])
        for k in range(4):
            written = y[k] * (1 - y[k]) if j == k else -y[k] * y[j]
            assert written == pytest.approx(moved[k], rel=1e-12)
            assert functions.d_softmax(u)[k, j] == pytest.approx(moved[k], rel=1e-12)


def chain(x, w):
    for weight in w:
        x = 1 / (1 + np.exp(-weight * x))
    return x


def test_eq_slope_product(rng):
    x, w = 0.3, 2 * rng.standard_normal(7)
    product, z = 1.0, x
    for weight in w:
        u = weight * z
        z = functions.sigmoid(u)
        product *= weight * functions.d_sigmoid(u)
    assert product == pytest.approx(complex_step(lambda x: chain(x, w), x), rel=1e-12)


def test_eq_vanishing(rng):
    for layers in range(1, 11):
        for _ in range(20):
            w = rng.uniform(-1, 1, layers)
            assert abs(complex_step(lambda x, w=w: chain(x, w), rng.standard_normal())) <= 0.25**layers
    # one layer reaches the bound: it cannot be made smaller
    assert complex_step(lambda x: chain(x, [1.0]), 0.0) == pytest.approx(0.25, rel=1e-15)


def test_eq_total_input_spread(rng):
    z, s = rng.uniform(0, 2, 50), 0.3
    u = s * rng.standard_normal((200_000, 50)) @ z
    assert np.mean(u**2) == pytest.approx(50 * s**2 * np.mean(z**2), rel=0.02)


def test_eq_xavier(rng):
    """With this deviation the mean square of the total input is that of the input."""
    z = rng.uniform(0, 2, 50)
    u = np.sqrt(1 / 50) * rng.standard_normal((200_000, 50)) @ z
    assert np.mean(u**2) == pytest.approx(np.mean(z**2), rel=0.02)


def test_eq_relu_half(rng):
    z = rng.uniform(0, 2, 50)
    for weights in (rng.standard_normal((200_000, 50)), rng.uniform(-1, 1, (200_000, 50))):
        u = weights @ z
        assert np.mean(functions.relu(u) ** 2) == pytest.approx(np.mean(u**2) / 2, rel=0.02)


def test_eq_he(rng):
    """With this deviation the mean square of the output is that of the input, through a ReLU."""
    z = rng.uniform(0, 2, 50)
    u = np.sqrt(2 / 50) * rng.standard_normal((200_000, 50)) @ z
    assert np.mean(functions.relu(u) ** 2) == pytest.approx(np.mean(z**2), rel=0.02)
