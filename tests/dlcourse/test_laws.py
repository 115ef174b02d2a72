"""Laws of the functions, on inputs that nobody picked (hypothesis prints the example and the seed of a failure)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from dlcourse import functions as f

# The same examples on every run: a test that fails must fail again.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

ELEMENTWISE = [
    f.identity,
    f.step_function,
    f.relu,
    f.leaky_relu,
    f.sigmoid,
    f.tanh,
    f.softplus,
    f.d_sigmoid,
    f.d_tanh,
    f.d_relu,
    f.d_leaky_relu,
    f.d_softplus,
    f.silu,
    f.d_silu,
    f.gelu,
    f.d_gelu,
]
LAST_AXIS = [f.softmax, f.log_softmax]
RISING = [f.identity, f.step_function, f.relu, f.leaky_relu, f.sigmoid, f.tanh, f.softplus]

finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
batches = st.tuples(st.integers(1, 6), st.integers(2, 5))
moderate = st.floats(-1e3, 1e3, width=64)


def tables(elements=finite, dtype=np.float64, min_dims=1):
    return arrays(dtype, array_shapes(min_dims=min_dims, max_dims=3, max_side=5), elements=elements)


@pytest.mark.parametrize("function", ELEMENTWISE)
@given(u=tables())
def test_elements_do_not_see_each_other(function, u):
    result = function(u)
    assert result.shape == u.shape and result.dtype == u.dtype
    for place in np.ndindex(u.shape):
        np.testing.assert_array_equal(function(u[place]), result[place])


@pytest.mark.parametrize("function", LAST_AXIS)
@given(u=tables(moderate, min_dims=2))
def test_a_batch_is_its_data_one_by_one(function, u):
    result = function(u)
    for place in np.ndindex(u.shape[:-1]):
        np.testing.assert_array_equal(function(u[place]), result[place])


@pytest.mark.parametrize("function", [*ELEMENTWISE, *LAST_AXIS])
@given(u=tables(st.floats(-(2.0**100), 2.0**100, width=32), np.float32))
def test_float32_stays_and_nothing_is_written(function, u):
    u.flags.writeable = False
    assert function(u).dtype == np.float32


@pytest.mark.parametrize("function", RISING)
@given(a=finite, b=finite)
def test_activations_never_fall(function, a, b):
    low, high = sorted((a, b))
    assert function(low) <= function(high)


@given(u=tables(moderate))
def test_softmax_is_a_probability_and_keeps_the_order(u):
    y = f.softmax(u)
    assert (y >= 0).all() and (y <= 1).all()
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_array_equal(np.take_along_axis(y, u.argmax(-1)[..., None], -1)[..., 0], y.max(-1))


@given(u=tables(st.floats(-30, 30)), shift=st.floats(-1e3, 1e3))
def test_softmax_does_not_see_a_common_shift(u, shift):
    np.testing.assert_allclose(f.softmax(u + shift), f.softmax(u), rtol=1e-11)


@given(u=st.floats(-700, 700))
def test_sigmoid_tanh_and_softplus_belong_together(u):
    np.testing.assert_allclose(f.sigmoid(u) + f.sigmoid(-u), 1, rtol=1e-15)
    np.testing.assert_allclose(f.tanh(u), 2 * f.sigmoid(2 * u) - 1, atol=1e-15)
    np.testing.assert_allclose(f.softplus(u) - f.softplus(-u), u, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(f.softmax([u, 0.0]), [f.sigmoid(u), f.sigmoid(-u)], rtol=1e-13)


@given(u=arrays(np.float64, batches, elements=st.floats(-50, 50)), data=st.data())
def test_the_loss_of_a_batch_is_the_mean_of_its_data(u, data):
    labels = data.draw(arrays(np.int64, len(u), elements=st.integers(0, u.shape[1] - 1)))
    singles = [f.softmax_with_loss(label, row) for label, row in zip(labels, u, strict=True)]
    np.testing.assert_allclose(f.softmax_with_loss(labels, u), np.mean(singles), rtol=1e-12)
    rows = [f.d_softmax_with_loss(label, f.softmax(row)) for label, row in zip(labels, u, strict=True)]
    np.testing.assert_allclose(f.d_softmax_with_loss(labels, f.softmax(u)), np.array(rows) / len(u), atol=1e-15)


@given(u=tables(st.floats(-700, 700), min_dims=2))
def test_losses_from_total_inputs_are_never_negative(u):
    assert f.softmax_with_loss(np.full(u.shape[:-1], 0) if u.shape[-1] > 1 else np.ones_like(u), u) >= 0
    assert f.sigmoid_with_loss(np.zeros_like(u), u) >= 0
