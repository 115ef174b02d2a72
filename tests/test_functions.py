"""dlcourse.functions: values, shapes, dtypes, and what happens to bad input."""

import numpy as np
import pytest

from dlcourse import functions as f

ELEMENTWISE = [f.identity, f.relu, f.sigmoid]
ALL = [*ELEMENTWISE, f.softmax]


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


@pytest.mark.parametrize(("x", "W", "b", "names"), [
    (np.zeros(3), np.zeros((4, 2)), np.zeros(2), ["x", "4", "(3,)"]),
    (np.zeros((5, 4)), np.zeros((4, 2)), np.zeros(4), ["b", "(2,)", "(4,)"]),
    (np.zeros((5, 4)), np.zeros((4, 2)), np.zeros((5, 2)), ["b", "(2,)", "(5, 2)"]),
    (np.zeros((5, 4)), np.zeros((4, 2)), np.zeros((2, 1)), ["b", "(2,)", "(2, 1)"]),
    (np.zeros((5, 4)), np.zeros((4, 2, 1)), 0.0, ["W", "(4, 2, 1)"]),
    (2.0, np.zeros((4, 2)), np.zeros(2), ["x", "()"]),
])
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
    numbers = [0.0, -0.0, 1e-310, 1.0, 37.0, 710.0, 1e4, 1e308]
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


@pytest.mark.parametrize(("d", "error", "words"), [
    ([0, 4], ValueError, ["d[1]", "4", "0 から 3"]),
    ([0, -1], ValueError, ["d[1]", "-1"]),
    ([0.0, 1.0], TypeError, ["float64"]),
    ([[0], [1]], ValueError, ["(2, 4)", "(2,)", "(2, 1)"]),
    ([0, 1, 2], ValueError, ["(3,)"]),
])
def test_cross_entropy_error_refuses_bad_targets(d, error, words):
    with pytest.raises(error) as raised:
        f.cross_entropy_error(np.array(d), np.full((2, 4), 0.25))
    for word in words:
        assert word in str(raised.value)


@pytest.mark.parametrize("d", [np.array([0, 1]), 0, np.array(1)])
def test_labels_for_a_single_output_are_not_taken_for_its_only_class(d):
    with pytest.raises(ValueError, match="y と同じ"):
        f.cross_entropy_error(d, np.full((*np.shape(d), 1), 0.9))
