"""dlcourse.network: initialisation and the forward pass."""

import numpy as np
import pytest

from dlcourse import functions
from dlcourse.network import forward, init_network


def test_shapes_chain_and_biases_start_at_zero():
    network = init_network([5, 10, 20, 1], rng=0)
    assert {name: value.shape for name, value in network.items()} == {
        "W1": (5, 10),
        "b1": (10,),
        "W2": (10, 20),
        "b2": (20,),
        "W3": (20, 1),
        "b3": (1,),
    }
    assert not any(network[f"b{layer}"].any() for layer in (1, 2, 3))


def test_the_same_seed_gives_the_same_weights_and_global_state_is_untouched():
    state = np.random.get_state()[1].copy()
    first, second = init_network([3, 4], rng=7), init_network([3, 4], rng=np.random.default_rng(7))
    np.testing.assert_array_equal(first["W1"], second["W1"])
    assert not np.array_equal(first["W1"], init_network([3, 4], rng=8)["W1"])
    np.testing.assert_array_equal(state, np.random.get_state()[1])


@pytest.mark.parametrize(("weights", "scale"), [("he", np.sqrt(2 / 400)), ("xavier", np.sqrt(1 / 400)), (0.3, 0.3)])
def test_normal_weights_have_the_documented_spread(weights, scale):
    W = init_network([400, 500], weights=weights, rng=0)["W1"]
    # 200 000 draws: the standard error of the spread is 0.16 %, of the mean 0.0022 standard deviations
    assert W.std() == pytest.approx(scale, rel=0.01)
    assert abs(W.mean()) < 0.01 * scale


def test_uniform_weights_fill_zero_to_one():
    W = init_network([100, 100], weights="uniform", rng=0)["W1"]
    assert 0 <= W.min() < 0.01 and 0.99 < W.max() < 1


@pytest.mark.parametrize("sizes", [[3], [], [3, 0], [3, 2.5], [3, -1]])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="layer_sizes"):
        init_network(sizes)


@pytest.mark.parametrize("weights", ["unknown", 0, -1.0, float("nan"), [1], None])
def test_impossible_weights_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        init_network([3, 2], weights=weights)


def test_forward_keeps_every_intermediate_value(rng):
    network = init_network([3, 5, 4], weights="uniform", rng=rng)
    x = rng.standard_normal((6, 3))
    values = forward(network, x, output=functions.softmax)
    assert list(values) == ["u1", "z1", "u2", "y"]
    np.testing.assert_allclose(values["y"].sum(axis=-1), 1)
    np.testing.assert_allclose(forward(network, x[2], output=functions.softmax)["y"], values["y"][2])


@pytest.mark.parametrize("names", [["w1"], [], ["W1"], ["W1", "b1", "W3", "b3"], ["W2", "b2"]])
def test_forward_says_which_parameters_it_expects(names):
    with pytest.raises(ValueError, match="W1、b1"):
        forward({name: np.ones((2, 2)) for name in names}, [1.0, 2.0])
