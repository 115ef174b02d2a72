"""dlcourse.gradient, gradient_check: numerical derivatives, and a check that tells right gradients from wrong ones."""

import numpy as np
import pytest

from dlcourse import functions
from dlcourse.gradient import numerical_diff, numerical_gradient
from dlcourse.gradient_check import check_gradient, check_network_gradient
from dlcourse.network import init_network


def squares(x):
    return np.sum(np.asarray(x, dtype=float) ** 2)


def test_known_derivatives():
    assert numerical_diff(lambda x: 0.01 * x**2 + 0.1 * x, 5) == pytest.approx(0.2, rel=1e-9)
    np.testing.assert_allclose(numerical_diff(np.sin, [0, 1, 2]), np.cos([0, 1, 2]), atol=1e-9)


@pytest.mark.parametrize("point", [[3, 4], [0, 2], [3, 0]])
def test_integers_are_moved_as_real_numbers(point):
    np.testing.assert_allclose(numerical_gradient(squares, np.array(point)), 2 * np.array(point), atol=1e-8)


@pytest.mark.parametrize("dtype", ["int64", "float32", "float64", "bool"])
@pytest.mark.parametrize("shape", [(), (3,), (3, 1), (2, 3), (2, 0), (2, 2, 2)])
def test_any_shape_and_dtype(dtype, shape, rng):
    x = (3 * rng.standard_normal(shape)).astype(dtype)
    gradient = numerical_gradient(squares, x)
    assert gradient.shape == shape and gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, 2 * x.astype(float), atol=1e-7)


def test_views_and_read_only_arrays():
    table = np.arange(12.0).reshape(3, 4)
    np.testing.assert_allclose(numerical_gradient(squares, table[:, ::2]), 2 * table[:, ::2], atol=1e-7)
    table.flags.writeable = False
    np.testing.assert_allclose(numerical_gradient(squares, table), 2 * table, atol=1e-7)


def test_a_function_that_looks_at_the_array_by_another_name():
    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(numerical_gradient(lambda _: squares(W), W), 2 * W, atol=1e-8)


def test_the_point_is_restored_even_after_an_error():
    x = np.array([1.0, 2.0, 3.0])

    def fails_later(v):
        if v[1] != 2.0:
            raise RuntimeError("途中で失敗")
        return squares(v)

    with pytest.raises(RuntimeError):
        numerical_gradient(fails_later, x)
    np.testing.assert_array_equal(x, [1.0, 2.0, 3.0])
    with pytest.raises(RuntimeError):
        check_gradient(fails_later, x, 2 * x)
    np.testing.assert_array_equal(x, [1.0, 2.0, 3.0])


def test_a_function_of_several_values_is_refused():
    with pytest.raises(ValueError, match=r"\(2,\)"):
        numerical_gradient(lambda x: x**2, [1.0, 2.0])


def network_loss(p, x, d):
    z = functions.sigmoid(x @ p["W1"] + p["b1"])
    return functions.softmax_with_loss(d, z @ p["W2"] + p["b2"])


def network_gradient(p, x, d, *, derivative=None):
    u1 = x @ p["W1"] + p["b1"]
    z1 = functions.sigmoid(u1)
    delta2 = functions.d_softmax_with_loss(d, functions.softmax(z1 @ p["W2"] + p["b2"]))
    delta1 = delta2 @ p["W2"].T * (functions.d_sigmoid(u1) if derivative is None else derivative(u1, z1))
    return {"W1": x.T @ delta1, "b1": delta1.sum(0), "W2": z1.T @ delta2, "b2": delta2.sum(0)}


@pytest.fixture(params=[(3, 4, 2), (60, 50, 5)], ids=["every element", "directions"])
def problem(request, rng):
    D, H, K = request.param
    p = {
        "W1": rng.standard_normal((D, H)),
        "b1": rng.standard_normal(H),
        "W2": rng.standard_normal((H, K)),
        "b2": rng.standard_normal(K),
    }
    return p, rng.standard_normal((10, D)), rng.integers(K, size=10)


def test_right_gradients_pass(problem):
    p, x, d = problem
    before = {name: value.copy() for name, value in p.items()}
    report = check_gradient(lambda p: network_loss(p, x, d), p, network_gradient(p, x, d))
    assert report.passed, report
    assert max(report.errors.values()) < 1e-7
    assert all(np.array_equal(p[name], before[name]) for name in p)
    assert str(report).startswith("✓")


@pytest.mark.parametrize(
    ("spoil", "names", "words"),
    [
        (lambda g: g | {"W1": -g["W1"]}, {"W1"}, "符号が逆"),
        (lambda g: g | {"W2": 10 * g["W2"]}, {"W2"}, "10 倍"),
        (lambda g: {name: value / 3 for name, value in g.items()}, {"W1", "b1", "W2", "b2"}, "0.3333 倍"),
        (lambda g: g | {"W1": g["W1"] * (1 + 1e-5)}, {"W1"}, "わずかな違い"),
        (lambda g: g | {"b2": 0 * g["b2"]}, {"b2"}, "すべて 0"),
        (lambda g: g | {"b1": g["b1"] + np.eye(len(g["b1"]))[0]}, {"b1"}, ""),
        (lambda g: g | {"W1": np.full_like(g["W1"], np.nan)}, {"W1"}, "nan"),
        (
            lambda g: g | {"W1": g["W1"] * (1 + 0.01 * (np.arange(g["W1"].size) == 1).reshape(g["W1"].shape))},
            {"W1"},
            "",
        ),
    ],
)
def test_wrong_gradients_fail_where_they_are_wrong(problem, spoil, names, words):
    p, x, d = problem
    report = check_gradient(lambda p: network_loss(p, x, d), p, spoil(network_gradient(p, x, d)))
    assert set(report.problems) == names, report
    assert words in str(report) and str(report).startswith("✗")


def test_the_derivative_of_the_output_in_place_of_the_total_input_fails(problem):
    p, x, d = problem
    wrong = network_gradient(p, x, d, derivative=lambda u, z: functions.d_sigmoid(z))
    report = check_gradient(lambda p: network_loss(p, x, d), p, wrong)
    assert set(report.problems) == {"W1", "b1"} and report.errors["W1"] > 1e-2


def test_a_kink_is_reported_and_not_failed():
    u = np.array([-1.0, 0.0, 2.0, 0.0])
    report = check_gradient(lambda u: np.sum(functions.relu(u)), u, functions.d_relu(u))
    assert report.passed and report.kinks == {"x": 2}
    assert "折れ目" in str(report)
    # at a kink anything between the two slopes will do, but not more
    assert not check_gradient(lambda u: np.sum(functions.relu(u)), u, np.array([0.0, 1.5, 1.0, 0.0])).passed


def test_a_wrong_derivative_is_not_taken_for_a_kink(rng):
    u = rng.standard_normal(50)
    report = check_gradient(lambda u: np.sum(functions.relu(u)), u, functions.d_sigmoid(u))
    assert not report.passed and not report.kinks


def test_networks_with_relu_pass_for_many_seeds():
    """A step across the kink of one unit must not fail a right gradient."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        W, x, v = rng.standard_normal((20, 30)), rng.standard_normal((50, 20)), rng.standard_normal((50, 30))
        gradient = x.T @ (v * functions.d_relu(x @ W))
        report = check_gradient(lambda W, x=x, v=v: np.sum(v * functions.relu(x @ W)), W, gradient)
        assert report.passed, f"seed {seed}: {report}"


def test_a_large_loss_does_not_hide_in_rounding(rng):
    """The difference of two large numbers has few digits; that must not fail a right gradient."""
    x = rng.standard_normal(5)
    assert check_gradient(lambda x: 1e6 + squares(x), x, 2 * x).passed


@pytest.mark.parametrize(
    ("x", "gradient", "error", "words"),
    [
        (np.zeros(3, dtype=np.float32), np.zeros(3), TypeError, "float32"),
        ([1.0, 2.0], np.zeros(2), TypeError, "list"),
        (np.zeros((3, 1)), np.zeros(3), ValueError, r"\(3, 1\).*\(3,\)"),
        ({"W1": np.zeros(3)}, {"w1": np.zeros(3)}, ValueError, "W1.*w1"),
    ],
)
def test_what_cannot_be_compared_is_refused(x, gradient, error, words):
    with pytest.raises(error, match=words):
        check_gradient(squares, x, gradient)


def backward(network, x, d, hidden, factor):
    """The backward pass of the notes, with the factor of the hidden layer left open."""
    u1 = x @ network["W1"] + network["b1"]
    z1 = hidden(u1)
    delta2 = functions.d_mean_squared_error(d, z1 @ network["W2"] + network["b2"])
    delta1 = delta2 @ network["W2"].T * factor(u1, z1)
    rows, deltas1, deltas2 = np.atleast_2d(x), np.atleast_2d(delta1), np.atleast_2d(delta2)
    return {"W1": rows.T @ deltas1, "b1": deltas1.sum(0), "W2": np.atleast_2d(z1).T @ deltas2, "b2": deltas2.sum(0)}


@pytest.mark.parametrize("batch", [None, 8])
@pytest.mark.parametrize(
    ("hidden", "factor", "words"),
    [
        (functions.relu, lambda u, z: functions.d_sigmoid(z), ["relu", "d_sigmoid(z)", "d_relu(u)"]),
        (functions.relu, lambda u, z: functions.d_sigmoid(u), ["relu", "d_sigmoid(u)", "d_relu(u)"]),
        (functions.relu, lambda u, z: 1, ["掛け忘れ"]),
        (functions.sigmoid, lambda u, z: functions.d_sigmoid(z), ["sigmoid", "d_sigmoid(z)", "d_sigmoid(u)"]),
        (functions.sigmoid, lambda u, z: functions.d_relu(u), ["sigmoid", "d_relu(u)", "d_sigmoid(u)"]),
        (functions.tanh, lambda u, z: functions.d_tanh(z), ["d_tanh(z)", "d_tanh(u)"]),
        (functions.relu, lambda u, z: functions.d_relu(z), []),
        (functions.sigmoid, lambda u, z: z * (1 - z), []),
    ],
)
def test_the_wrong_derivative_of_the_notes_is_named(hidden, factor, words, batch, rng):
    network = init_network([2, 10, 1], rng=rng)
    shape = (2,) if batch is None else (batch, 2)
    x, d = rng.random(shape), rng.random((*shape[:-1], 1))
    report = check_network_gradient(network, x, d, backward(network, x, d, hidden, factor), hidden=hidden)
    assert report.passed == (not words), report
    for word in words:
        assert word in str(report)
