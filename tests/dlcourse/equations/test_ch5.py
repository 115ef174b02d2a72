"""The labelled equations of chapter 5, verified numerically."""

import numpy as np
import pytest

from dlcourse import functions
from dlcourse.gradient import numerical_gradient
from dlcourse.network import Network, forward, init_network
from tests.helpers.oracles import complex_gradient, complex_step

# inputs i, hidden units j, outputs k of the derivation
L, M, N = 3, 4, 2


def two_layers(rng):
    """Parameters of the derivation's network, one datum and its target."""
    shapes = {"W1": (L, M), "b1": M, "W2": (M, N), "b2": N}
    p = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    return p, rng.standard_normal(L), rng.standard_normal(N)


def tail(p, d, z):
    """The loss as a function of the hidden output: outputs through tanh, so that dy/du is not 1."""
    return np.sum((np.tanh(z @ p["W2"] + p["b2"]) - d) ** 2) / 2


def loss(p, x, d):
    return tail(p, d, functions.sigmoid(x @ p["W1"] + p["b1"]))


def by_parameter(name, p, x, d):
    """The oracle: each element of the parameter moved on its own, by the complex step."""
    return complex_gradient(lambda value: loss(p | {name: value}, x, d), p[name])


def deltas(p, x, d):
    """By the loops of the derivation, one unit after the other."""
    z = functions.sigmoid(x @ p["W1"] + p["b1"])
    y = np.tanh(z @ p["W2"] + p["b2"])
    delta_k = [(y[k] - d[k]) * (1 - y[k] ** 2) for k in range(N)]
    delta_j = [sum(delta_k[r] * p["W2"][j, r] for r in range(N)) * (1 - z[j]) * z[j] for j in range(M)]
    return z, np.array(delta_k), np.array(delta_j)


@pytest.mark.parametrize("sizes", [(2, 10, 1), (3, 5, 4, 2), (6, 3)])
def test_eq_evaluations(sizes):
    network = init_network(sizes, rng=0)
    calls = []

    def counted(_):
        calls.append(1)
        return np.sum(forward(network, np.ones(sizes[0]))["y"])

    for value in network.values():
        numerical_gradient(counted, value)
    parameters = sum((sizes[layer - 1] + 1) * sizes[layer] for layer in range(1, len(sizes)))
    assert len(calls) == 2 * parameters == 2 * sum(value.size for value in network.values())


def test_eq_chain():
    for x in (-1.3, 0.2, 2.0):
        whole = complex_step(lambda x: np.sin(np.exp(x) + x), x)
        inner = complex_step(lambda x: np.exp(x) + x, x)
        outer = complex_step(np.sin, np.exp(x) + x)
        assert whole == pytest.approx(outer * inner, rel=1e-12)
    # the example in the text: u = 3x + 1, y = u²
    assert complex_step(lambda x: (3 * x + 1) ** 2, 2.0) == pytest.approx(14 * 3, rel=1e-12)


def test_eq_chain_sum(rng):
    a, c = rng.standard_normal(5), rng.standard_normal(5)

    def branches(x):
        return np.sin(a * x)

    def joined(u):
        return np.sum(c * u**3) + u[0] * u[4]

    x = 0.7
    through = complex_gradient(joined, branches(x))
    branch = [complex_step(lambda x, r=r: np.sin(a[r] * x), x) for r in range(5)]
    assert complex_step(lambda x: joined(branches(x)), x) == pytest.approx(
        sum(through[r] * branch[r] for r in range(5)), rel=1e-12
    )


def test_eq_graph_example():
    """The value and the four gradients that the steps of the figure name."""

    def graph(v):
        a, b, c, k = v
        return k * (a * b + max(b, c))

    assert graph([2, 3, 1, 2]) == 18
    np.testing.assert_allclose(numerical_gradient(graph, [2, 3, 1, 2]), [6, 6, 0, 9], atol=1e-8)


def test_eq_delta_output(rng):
    p, x, d = two_layers(rng)
    z, delta_k, _ = deltas(p, x, d)
    u = z @ p["W2"] + p["b2"]
    dE_dy = complex_gradient(lambda y: np.sum((y - d) ** 2) / 2, np.tanh(u))
    dy_du = [complex_step(np.tanh, u[k]) for k in range(N)]
    dE_du = complex_gradient(lambda u: np.sum((np.tanh(u) - d) ** 2) / 2, u)
    np.testing.assert_allclose(dE_du, [dE_dy[k] * dy_du[k] for k in range(N)], rtol=1e-12)
    np.testing.assert_allclose(dE_du, delta_k, rtol=1e-12)


def test_eq_dw_output(rng):
    p, x, d = two_layers(rng)
    z, delta_k, _ = deltas(p, x, d)
    expected = [[z[j] * delta_k[k] for k in range(N)] for j in range(M)]
    np.testing.assert_allclose(by_parameter("W2", p, x, d), expected, rtol=1e-12)


def test_eq_db_output(rng):
    p, x, d = two_layers(rng)
    np.testing.assert_allclose(by_parameter("b2", p, x, d), deltas(p, x, d)[1], rtol=1e-12)


def test_eq_dz(rng):
    p, x, d = two_layers(rng)
    z, delta_k, _ = deltas(p, x, d)
    expected = [sum(delta_k[r] * p["W2"][j, r] for r in range(N)) for j in range(M)]
    np.testing.assert_allclose(complex_gradient(lambda z: tail(p, d, z), z), expected, rtol=1e-12)


def test_eq_delta_hidden(rng):
    p, x, d = two_layers(rng)
    u = x @ p["W1"] + p["b1"]
    through_u = complex_gradient(lambda u: tail(p, d, functions.sigmoid(u)), u)
    np.testing.assert_allclose(through_u, deltas(p, x, d)[2], rtol=1e-12)


def test_eq_dw_hidden(rng):
    p, x, d = two_layers(rng)
    delta_j = deltas(p, x, d)[2]
    expected = [[x[i] * delta_j[j] for j in range(M)] for i in range(L)]
    np.testing.assert_allclose(by_parameter("W1", p, x, d), expected, rtol=1e-12)


def test_eq_db_hidden(rng):
    p, x, d = two_layers(rng)
    np.testing.assert_allclose(by_parameter("b1", p, x, d), deltas(p, x, d)[2], rtol=1e-12)


def test_eq_dx(rng):
    p, x, d = two_layers(rng)
    delta_j = deltas(p, x, d)[2]
    expected = [sum(delta_j[q] * p["W1"][i, q] for q in range(M)) for i in range(L)]
    np.testing.assert_allclose(complex_gradient(lambda x: loss(p, x, d), x), expected, rtol=1e-12)


def test_eq_delta_regression(rng):
    u, d = rng.standard_normal(5), rng.standard_normal(5)
    np.testing.assert_allclose(complex_gradient(lambda u: functions.sum_squared_error(d, u), u), u - d, rtol=1e-12)


def test_eq_delta_sigmoid(rng):
    u, c = rng.standard_normal(4), rng.standard_normal(4)

    def after(z):
        return np.sum(c * z**2)

    z = functions.sigmoid(u)
    dE_dz = complex_gradient(after, z)
    np.testing.assert_allclose(
        complex_gradient(lambda u: after(functions.sigmoid(u)), u), dE_dz * (1 - z) * z, rtol=1e-12
    )


@pytest.mark.parametrize("d", [0.0, 1.0, 0.3])
def test_eq_delta_binary(d):
    def cross_entropy(y):
        return -d * np.log(y) - (1 - d) * np.log(1 - y)

    for u in (-4.0, -0.5, 0.0, 2.5):
        y = float(functions.sigmoid(u))
        assert complex_step(cross_entropy, y) == pytest.approx((y - d) / (y * (1 - y)), rel=1e-12)
        delta = complex_step(lambda u: cross_entropy(functions.sigmoid(u)), u)
        assert delta == pytest.approx(y - d, rel=1e-12, abs=1e-15)


def test_eq_softmax_loss(rng):
    for _ in range(5):
        u, d = rng.standard_normal(4), rng.dirichlet(np.ones(4))
        y = [np.exp(u[k]) / sum(np.exp(u[s]) for s in range(4)) for k in range(4)]
        cross_entropy = -sum(d[r] * np.log(y[r]) for r in range(4))
        assert np.log(np.sum(np.exp(u))) - np.sum(d * u) == pytest.approx(cross_entropy, rel=1e-12)


def test_eq_delta_softmax(rng):
    for d in (np.eye(4)[2], rng.dirichlet(np.ones(4))):
        u = rng.standard_normal(4)
        gradient = complex_gradient(lambda u, d=d: -np.sum(d * np.log(functions.softmax(u))), u)
        np.testing.assert_allclose(gradient, functions.softmax(u) - d, rtol=1e-12, atol=1e-15)
        assert gradient.sum() == pytest.approx(0, abs=1e-14)


@pytest.fixture
def batch(rng):
    """A network of three layers (sigmoid, softmax), data in rows, and Δ by the equations of the text."""
    p = {
        f"{kind}{layer}": rng.standard_normal(shape)
        for layer, (a, b) in enumerate([(4, 6), (6, 5), (5, 3)], 1)
        for kind, shape in (("W", (a, b)), ("b", b))
    }
    x, d = rng.standard_normal((7, 4)), np.eye(3)[rng.integers(3, size=7)]

    def total_inputs(p):
        u1 = x @ p["W1"] + p["b1"]
        u2 = functions.sigmoid(u1) @ p["W2"] + p["b2"]
        return u1, u2, functions.sigmoid(u2) @ p["W3"] + p["b3"]

    def mean_loss(p):
        u3 = total_inputs(p)[2]
        losses = [np.log(np.sum(np.exp(u3[n]))) - np.sum(d[n] * u3[n]) for n in range(7)]
        return sum(losses) / 7

    u1, u2, u3 = total_inputs(p)
    z = [x, functions.sigmoid(u1), functions.sigmoid(u2)]
    delta3 = (functions.softmax(u3) - d) / 7
    delta2 = (delta3 @ p["W3"].T) * z[2] * (1 - z[2])
    delta1 = (delta2 @ p["W2"].T) * z[1] * (1 - z[1])
    return p, mean_loss, z, [delta1, delta2, delta3], (u1, u2, u3), d


def test_eq_batch_output(batch):
    *_, deltas_, (_, _, u3), d = batch
    mean = complex_gradient(lambda u: sum(np.log(np.sum(np.exp(u[n]))) - np.sum(d[n] * u[n]) for n in range(7)) / 7, u3)
    np.testing.assert_allclose(mean, deltas_[2], rtol=1e-10)
    # the same for the other two pairs of output and loss
    for error, activation in (
        (functions.sum_squared_error, functions.identity),
        (lambda d, y: -np.sum(d * np.log(y) + (1 - d) * np.log(1 - y)) / 7, functions.sigmoid),
    ):
        gradient = complex_gradient(lambda u, e=error, f=activation: e(d, f(u)), u3)
        np.testing.assert_allclose(gradient, (activation(u3) - d) / 7, rtol=1e-10)


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_eq_batch_weight(batch, layer):
    p, mean_loss, z, deltas_, *_ = batch
    expected = complex_gradient(lambda W: mean_loss(p | {f"W{layer}": W}), p[f"W{layer}"])
    np.testing.assert_allclose(z[layer - 1].T @ deltas_[layer - 1], expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_eq_batch_bias(batch, layer):
    p, mean_loss, _, deltas_, *_ = batch
    expected = complex_gradient(lambda b: mean_loss(p | {f"b{layer}": b}), p[f"b{layer}"])
    np.testing.assert_allclose(sum(deltas_[layer - 1][n] for n in range(7)), expected, rtol=1e-9, atol=1e-15)


def test_eq_batch_delta(batch):
    """Each Δ is the gradient by the total inputs of its layer, datum by datum."""
    p, _, _, deltas_, (u1, u2, _), d = batch

    def from_u2(u):
        u3 = functions.sigmoid(u) @ p["W3"] + p["b3"]
        return sum(np.log(np.sum(np.exp(u3[n]))) - np.sum(d[n] * u3[n]) for n in range(7)) / 7

    def from_u1(u):
        return from_u2(functions.sigmoid(u) @ p["W2"] + p["b2"])

    np.testing.assert_allclose(deltas_[1], complex_gradient(from_u2, u2), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(deltas_[0], complex_gradient(from_u1, u1), rtol=1e-9, atol=1e-15)


def test_eq_relative_error(rng):
    """Does not change with the size of the loss, is small for a right gradient and plain for wrong ones."""

    def relative_error(g, h):
        return np.abs(g - h).max() / np.maximum(np.abs(g), np.abs(h)).max()

    model = Network([3, 5, 2], hidden="sigmoid", rng=rng)
    x, d = rng.standard_normal((6, 3)), rng.integers(2, size=6)
    right = model.gradient(x, d)["W1"]
    for size in (1e-9, 1.0, 1e9):
        numerical = numerical_gradient(lambda _, size=size: size * model.loss(x, d), model.parameters["W1"])
        assert relative_error(size * right, numerical) < 1e-7
        assert relative_error(6 * size * right, numerical) == pytest.approx(5 / 6, rel=1e-6)
        assert relative_error(-size * right, numerical) == pytest.approx(2, rel=1e-6)
    assert relative_error(right, 2 * right) == relative_error(2 * right, right)


def test_eq_kink():
    for h in (1e-2, 1e-5, 1e-8):
        assert (functions.relu(h) - functions.relu(-h)) / (2 * h) == 0.5
    assert functions.d_relu(0.0) == 0
