"""dlcourse.functions: values, shapes, dtypes, and what happens to bad input."""

import numpy as np
import pytest

from dlcourse import functions as f
from tests.helpers.oracles import complex_gradient, complex_step

SMOOTH = [
    (f.identity, f.d_identity),
    (f.sigmoid, f.d_sigmoid),
    (f.tanh, f.d_tanh),
    (f.softplus, f.d_softplus),
    (f.silu, f.d_silu),
]
KINKED = [(f.step_function, f.d_step_function), (f.relu, f.d_relu), (f.leaky_relu, f.d_leaky_relu)]
ELEMENTWISE = [function for pair in (*SMOOTH, *KINKED, (f.gelu, f.d_gelu)) for function in pair]
ALL = [*ELEMENTWISE, f.softmax, f.log_softmax]


def naive_softmax(row):
    return np.exp(row) / np.exp(row).sum()


def test_affine_takes_any_number_of_leading_axes(rng):
    W, b = rng.standard_normal((4, 3)), rng.standard_normal(3)
    x = rng.standard_normal((2, 5, 4))
    u = f.affine(x, W, b)
    assert u.shape == (2, 5, 3)
    for place in np.ndindex(2, 5):
        expected = [sum(x[place][i] * W[i, j] for i in range(4)) + b[j] for j in range(3)]
        np.testing.assert_allclose(u[place], expected, rtol=1e-12)


def test_affine_with_one_unit_gives_a_scalar_per_row(rng):
    x, w = rng.standard_normal((5, 4)), rng.standard_normal(4)
    np.testing.assert_allclose(f.affine(x, w, 0.5), x @ w + 0.5)
    assert f.affine([2, 3], [0.1, 0.2], 0.5) == pytest.approx(1.3, rel=1e-15)


@pytest.mark.parametrize(
    ("x", "W", "b", "names"),
    [
        (np.zeros(3), np.zeros((4, 2)), np.zeros(2), ["x", "4", "(3,)"]),
        (np.zeros((5, 4)), np.zeros((4, 2)), np.zeros(4), ["b", "(2,)", "(4,)"]),
        (np.zeros((5, 4)), np.zeros((4, 2)), np.zeros((5, 2)), ["b", "(2,)", "(5, 2)"]),
        (np.zeros((5, 4)), np.zeros((4, 2)), np.zeros((2, 1)), ["b", "(2,)", "(2, 1)"]),
        (np.zeros((5, 4)), np.zeros((4, 2, 1)), 0.0, ["W", "(4, 2, 1)"]),
        (2.0, np.zeros((4, 2)), np.zeros(2), ["x", "()"]),
    ],
)
def test_affine_names_the_argument_that_does_not_fit(x, W, b, names):
    with pytest.raises(ValueError) as error:
        f.affine(x, W, b)
    for name in names:
        assert name in str(error.value)


@pytest.mark.parametrize("function", ALL)
def test_dtype_shape_and_argument_are_kept(function, rng):
    for dtype, expected in [("float64", "float64"), ("float32", "float32"), ("int64", "float64"), ("bool", "float64")]:
        u = (3 * rng.standard_normal((2, 3, 4))).astype(dtype)
        before = u.copy()
        u.flags.writeable = False
        result = function(u)
        assert result.dtype == expected and result.shape == u.shape
        np.testing.assert_array_equal(u, before)
        assert not np.shares_memory(result, u)


@pytest.mark.parametrize("function", ALL)
def test_every_finite_input_is_silent_and_finite(function):
    # the difference of two of them, which log_softmax returns, is still a number
    numbers = [0.0, -0.0, 1e-310, 1.0, 37.0, 710.0, 1e4, 8e307]
    u = np.array(numbers + [-x for x in numbers])
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(function(u)).all()


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_elementwise_functions_take_scalars_and_lists(function):
    assert function(0.5) == function(np.array(0.5)) == function([0.5])[0]


def test_known_values():
    np.testing.assert_array_equal(f.relu([-2, 0, 3]), [0, 0, 3])
    np.testing.assert_array_equal(f.identity([-2, 0, 3]), [-2, 0, 3])
    np.testing.assert_allclose(f.sigmoid([-2, 0, 3]), [1 / (1 + np.e**2), 0.5, 1 / (1 + np.e**-3)], rtol=1e-15)
    np.testing.assert_allclose(f.sigmoid(-745.0), np.exp(-745.0), rtol=0)  # where 1 / (1 + exp(-u)) would be 0
    np.testing.assert_allclose(f.softmax([0.0, np.log(3)]), [0.25, 0.75], rtol=1e-15)


def test_values_at_a_kink_are_stated():
    for function in (f.step_function, f.d_step_function, f.d_relu):
        assert function(0.0) == 0
    assert f.d_leaky_relu(0.0) == 0.01 and f.d_leaky_relu(0.0, negative_slope=0.2) == 0.2
    np.testing.assert_allclose(f.leaky_relu([-2.0, 3.0], negative_slope=0.2), [-0.4, 3.0])
    np.testing.assert_array_equal(f.step_function([-1, 0, 1]), [0, 0, 1])


@pytest.mark.parametrize(("function", "derivative"), SMOOTH)
def test_derivatives_of_smooth_functions(function, derivative, rng):
    u = rng.uniform(-20, 20, 400)
    np.testing.assert_allclose(derivative(u), complex_step(function, u), rtol=1e-12)


def test_the_limits_of_silu_and_gelu_are_numbers():
    """Written as in the book, u times a probability, they would be inf * 0 at the left end."""
    for function, derivative in ((f.silu, f.d_silu), (f.gelu, f.d_gelu)):
        np.testing.assert_array_equal(function([-np.inf, np.inf, np.nan]), [0, np.inf, np.nan])
        np.testing.assert_array_equal(derivative([-np.inf, np.inf, np.nan]), [0, 1, np.nan])
    assert f.gelu(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize(("function", "derivative"), KINKED)
def test_derivatives_of_kinked_functions_away_from_the_kink(function, derivative, rng):
    u = rng.uniform(0.1, 5, 200) * rng.choice([-1, 1], 200)
    np.testing.assert_allclose(derivative(u), (function(u + 1e-6) - function(u - 1e-6)) / 2e-6, atol=1e-7)


def test_d_softmax_is_the_jacobian(rng):
    u = rng.standard_normal((3, 4))
    jacobian = f.d_softmax(u)
    assert jacobian.shape == (3, 4, 4)
    for n in range(3):
        columns = [complex_step(lambda t, n=n, j=j: f.softmax(u[n] + t * np.eye(4)[j]), 0.0) for j in range(4)]
        np.testing.assert_allclose(jacobian[n], np.transpose(columns), atol=1e-15)


def test_log_softmax_is_the_logarithm_of_softmax(rng):
    u = rng.standard_normal((2, 3, 4))
    np.testing.assert_allclose(f.log_softmax(u), np.log(f.softmax(u)), rtol=1e-12)


LOSSES_OF_OUTPUTS = [
    (f.sum_squared_error, f.d_sum_squared_error),
    (f.mean_squared_error, f.d_mean_squared_error),
    (f.cross_entropy_error, f.d_cross_entropy_error),
]
LOSSES_OF_TOTAL_INPUTS = [
    (f.softmax_with_loss, f.d_softmax_with_loss, f.softmax),
    (f.sigmoid_with_loss, f.d_sigmoid_with_loss, f.sigmoid),
]


@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 3, 4), (5, 1)])
@pytest.mark.parametrize(("loss", "derivative"), LOSSES_OF_OUTPUTS)
def test_derivatives_of_losses_are_of_the_same_loss(loss, derivative, shape, rng):
    d, y = rng.random(shape), rng.uniform(0.05, 0.95, shape)
    np.testing.assert_allclose(derivative(d, y), complex_gradient(lambda v: loss(d, v), y), rtol=1e-12)


@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 3, 4)])
@pytest.mark.parametrize(("loss", "derivative", "output"), LOSSES_OF_TOTAL_INPUTS)
def test_derivatives_with_respect_to_the_total_input(loss, derivative, output, shape, rng):
    d, u = f.softmax(rng.standard_normal(shape)), rng.standard_normal(shape)
    np.testing.assert_allclose(derivative(d, output(u)), complex_gradient(lambda v: loss(d, v), u), rtol=1e-11)


def test_labels_and_one_hot_give_the_same_loss_and_gradient(rng):
    u, labels = rng.standard_normal((6, 4)), rng.integers(4, size=6)
    assert f.softmax_with_loss(labels, u) == f.softmax_with_loss(np.eye(4)[labels], u)
    y = f.softmax(u)
    np.testing.assert_array_equal(f.d_softmax_with_loss(labels, y), f.d_softmax_with_loss(np.eye(4)[labels], y))
    np.testing.assert_array_equal(f.d_cross_entropy_error(labels, y), f.d_cross_entropy_error(np.eye(4)[labels], y))
    assert f.softmax_with_loss([0, 1], [[0.0, -np.inf], [-np.inf, 0.0]]) == 0


def test_the_losses_of_the_course_and_of_its_slides():
    d, y = np.array([2.0, 4.0]), np.array([1.0, 5.0])
    assert f.sum_squared_error(d, y) == 1.0 and f.mean_squared_error(d, y) == 0.5
    # one sample of K outputs, in the course's and in the exact form
    np.testing.assert_array_equal(f.d_sum_squared_error(d, y), y - d)
    np.testing.assert_array_equal(f.d_mean_squared_error(d, y), (y - d) / 2)
    assert f.d_mean_squared_error(3.0, 5.0) == 2.0


@pytest.mark.parametrize(
    "loss",
    [
        f.sum_squared_error,
        f.d_sum_squared_error,
        f.mean_squared_error,
        f.d_mean_squared_error,
        f.sigmoid_with_loss,
        f.d_sigmoid_with_loss,
    ],
)
def test_a_column_and_a_row_are_never_broadcast(loss):
    with pytest.raises(ValueError, match=r"\(3, 1\)"):
        loss(np.zeros(3), np.zeros((3, 1)))


@pytest.mark.parametrize(
    "function", [f.cross_entropy_error, f.d_cross_entropy_error, f.softmax_with_loss, f.d_softmax_with_loss]
)
def test_every_loss_with_labels_refuses_bad_ones(function):
    for d, error in [([0, 4], ValueError), ([0, -1], ValueError), ([0.0, 1.0], TypeError), ([[0], [1]], ValueError)]:
        with pytest.raises(error, match="ラベル" if error is TypeError else "d"):
            function(np.array(d), np.full((2, 4), 0.25))


def test_losses_keep_float32(rng):
    d, y = rng.random((2, 5, 3)).astype(np.float32)
    for loss, derivative, *_ in (*LOSSES_OF_OUTPUTS, *LOSSES_OF_TOTAL_INPUTS):
        assert loss(d, y).dtype == np.float32, loss.__name__
        assert derivative(d, y).dtype == np.float32, derivative.__name__


def test_inf_and_nan_propagate_as_documented():
    np.testing.assert_array_equal(f.sigmoid([-np.inf, np.inf, np.nan]), [0, 1, np.nan])
    np.testing.assert_array_equal(f.relu([-np.inf, np.inf, np.nan]), [0, np.inf, np.nan])
    np.testing.assert_array_equal(f.softmax([-np.inf, 0.0]), [0, 1])
    assert np.isnan(f.softmax([np.inf, 0.0])).all() and np.isnan(f.softmax([np.nan, 0.0])).all()


def test_softmax_normalises_the_last_axis_only(rng):
    u = rng.standard_normal((2, 3, 4))
    y = f.softmax(u)
    for place in np.ndindex(2, 3):
        np.testing.assert_allclose(y[place], naive_softmax(u[place]), rtol=1e-13)
    np.testing.assert_allclose(f.softmax([1010.0, 1000.0, 990.0]), naive_softmax(np.array([20.0, 10.0, 0.0])))
    with pytest.raises(ValueError, match="スカラー"):
        f.softmax(1.0)


def test_mean_squared_error_is_half_the_mean(rng):
    d, y = rng.standard_normal((2, 5, 3))
    assert f.mean_squared_error(d, y) == pytest.approx(sum((y - d).ravel() ** 2) / 15 / 2)
    with pytest.raises(ValueError, match=r"\(3, 1\).*\(3,\)"):
        f.mean_squared_error(np.zeros((3, 1)), np.zeros(3))


def test_cross_entropy_error_of_labels_one_hot_and_soft_targets(rng):
    y = f.softmax(rng.standard_normal((6, 4)))
    labels = rng.integers(4, size=6)
    expected = np.mean([-np.log(y[n, labels[n]] + 1e-7) for n in range(6)])
    assert f.cross_entropy_error(labels, y) == pytest.approx(expected)
    assert f.cross_entropy_error(np.eye(4)[labels], y) == pytest.approx(expected)
    assert f.cross_entropy_error([0.5, 0.5], [0.1, 0.9]) == pytest.approx(-np.log(0.1 * 0.9) / 2, abs=1e-6)
    assert f.cross_entropy_error(2, y[0]) == pytest.approx(-np.log(y[0, 2] + 1e-7))


def test_cross_entropy_error_of_one_output_counts_both_classes():
    assert f.cross_entropy_error([1.0], [0.9]) == pytest.approx(-np.log(0.9), abs=1e-6)
    assert f.cross_entropy_error([0.0], [0.9]) == pytest.approx(-np.log(0.1), abs=2e-6)
    y, d = np.array([[0.9], [0.2], [0.7]]), np.array([[1], [0], [1]])
    assert f.cross_entropy_error(d, y) == pytest.approx(-np.log([0.9, 0.8, 0.7]).mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("d", "error", "words"),
    [
        ([0, 4], ValueError, ["d[1]", "4", "0 から 3"]),
        ([0, -1], ValueError, ["d[1]", "-1"]),
        ([0.0, 1.0], TypeError, ["float64"]),
        ([[0], [1]], ValueError, ["(2, 4)", "(2,)", "(2, 1)"]),
        ([0, 1, 2], ValueError, ["(3,)"]),
    ],
)
def test_cross_entropy_error_refuses_bad_targets(d, error, words):
    with pytest.raises(error) as raised:
        f.cross_entropy_error(np.array(d), np.full((2, 4), 0.25))
    for word in words:
        assert word in str(raised.value)


@pytest.mark.parametrize("d", [np.array([0, 1]), 0, np.array(1)])
def test_labels_for_a_single_output_are_not_taken_for_its_only_class(d):
    with pytest.raises(ValueError, match="y と同じ"):
        f.cross_entropy_error(d, np.full((*np.shape(d), 1), 0.9))
