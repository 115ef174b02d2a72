"""What the pages say of experiments with random numbers holds for seeds that the pages have not seen.

The functions are those of the pages' own cells; only the seeds are new. The bounds are the words of the pages, as wide
as a reader takes them: 「4分の1ほど」 is between 0.15 and 0.4.
"""

import ast
import contextlib
import functools
import io
import time

import jupytext
import matplotlib.pyplot as plt
import numpy as np
import pytest

from dlcourse import datasets, functions, layers
from dlcourse.network import Network, forward, init_network
from dlcourse.optimizers import SGD, Adam
from dlcourse.training import train
from tests.helpers import ROOT

FRESH = range(1000, 1020)


def run_cells(page, *wanted):
    """The names that the first cell of a page and those that contain one of the texts define.

    What these cells do with their functions, in loops and prints, is left out: it is the page's own seeds, and slow.
    """
    cells = [cell.source for cell in jupytext.read(ROOT / "book" / page).cells if cell.cell_type == "code"]
    chosen = [cell for number, cell in enumerate(cells) if number == 0 or any(text in cell for text in wanted)]
    assert len(chosen) == 1 + len(wanted), "each text is in one cell"
    names = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in chosen:
            definitions = [one for one in ast.parse(cell).body if not isinstance(one, ast.Expr | ast.For)]
            exec(compile(ast.Module(definitions, []), page, "exec"), names)
    plt.close("all")
    return names


@functools.cache
def chapter2():
    return run_cells(
        "ch2_activation_functions.md",
        "def change_through_layers(",
        "def outputs_of_layers(",
        "def root_mean_squares(",
    )


def test_random_layers_divide_the_plane_into_fewer_regions_than_one_layer():
    names = run_cells("ch1_input_to_hidden.md", "def random_network(", "def count_regions(")
    counts = [
        np.array([names["count_regions"](names["random_network"](2, *hidden, 1, seed=seed)) for seed in FRESH])
        for hidden in ([16], [8, 8], [4, 4, 4, 4])
    ]
    medians, spreads = np.median(counts, axis=1), np.ptp(counts, axis=1)
    assert counts[0].max() <= 137 and (np.diff(medians) < 0).all() and spreads[0] < spreads[1:].min()


def changes(name, times=1.0):
    """The sizes of a change after 10 layers, with the chapter's weights times a number."""
    f, d_f, scale = chapter2()["layers"][name]
    return np.array([chapter2()["change_through_layers"](f, d_f, times * scale, seed)[10] for seed in FRESH])


def test_a_change_through_ten_layers():
    assert changes("シグモイド関数").max() < 1e-6
    assert 0.15 < np.median(changes("tanh")) < 0.4
    relu = changes("ReLU")
    assert 0.6 < np.median(relu) < 1.5 and relu.min() < 0.8 and relu.max() > 1.2
    # 2 times the weights of a ReLU: exactly 2^10 times the change
    np.testing.assert_allclose(changes("ReLU", 2) / relu, 1024, rtol=1e-9)


def test_larger_weights_keep_the_change_through_sigmoids_and_saturate_them():
    grown = [np.median(changes("シグモイド関数", times)) for times in (1, 2, 4, 8, 12)]
    assert (np.diff(grown) > 0).all() and 0.1 < grown[3] < 0.4 and 0.7 < grown[4] < 3
    for times, low, high in ((8, 0.5, 0.65), (12, 0.65, 0.8)):
        z = np.array([chapter2()["outputs_of_layers"](functions.sigmoid, times / 10, seed, 10)[10] for seed in FRESH])
        assert low < ((z < 0.05) | (z > 0.95)).mean() < high


def test_the_spread_of_sigmoid_outputs():
    """At the standard deviation 1, two thirds are saturated; at 0.01 and 0.1 none, and little of the data is left."""
    for scale, saturated, spread in (
        (1.0, (0.6, 0.72), (0.05, 0.3)),
        (0.01, (0, 0), (0, 1e-7)),
        (0.1, (0, 0), (1e-4, 1e-2)),
    ):
        z = np.array([chapter2()["outputs_of_layers"](functions.sigmoid, scale, seed, 5)[5] for seed in FRESH])
        assert saturated[0] <= ((z < 0.05) | (z > 0.95)).mean() <= saturated[1]
        assert spread[0] <= z.std(axis=1).mean() <= spread[1]


def test_twenty_layers_of_relu():
    he, xavier, large = (
        np.array([chapter2()["root_mean_squares"](scale, seed)[20] for seed in FRESH])
        for scale in (np.sqrt(2 / 100), np.sqrt(1 / 100), 0.2)
    )
    assert 0.5 < np.median(he) < 1.5 and he.max() < 10 and he.min() > 0.1
    np.testing.assert_allclose(xavier / he, 2.0**-10, rtol=1e-9)
    np.testing.assert_allclose(large / he, 2.0**10, rtol=1e-9)


def test_the_three_ways_of_using_the_data():
    names = run_cells("ch4_gradient_descent.md", "def learn(batch_size", "def last_losses(")
    loss, learn = names["loss"], names["learn"]
    online, mini, shrunk = (
        np.array([loss(learn(size, seed, **how)[-1]) for seed in range(1000, 1200)])
        for size, how in ((1, {}), (10, {}), (1, {"shrink": True}))
    )
    assert 0.6 < np.mean(online < mini) < 0.8
    assert 0.65 < mini.min() and mini.max() < 0.75 and 0.8 < online.max()
    assert np.mean(shrunk < online) > 0.95 and shrunk.max() < mini.min()


def test_the_batch_size_that_comes_near_soonest_is_in_the_middle():
    names = run_cells("ch4_gradient_descent.md", "def updates_needed(")
    rates = (0.01, 0.1, 0.3, 0.9)
    with np.errstate(all="ignore"):
        one, some, many, all_of_them = (
            min(np.median([names["updates_needed"](size, rate, seed) for seed in range(1000, 1003)]) for rate in rates)
            for size in (1, 64, 512, 4096)
        )
    assert one > 10 * some and 2 <= some / many < 10 and all_of_them == many == 2
    # the times of a busy machine swing by a factor, not by these
    seconds = {size: min(names["seconds_per_update"](size) for _ in range(3)) for size in (1, 64, 512, 4096)}
    epoch = {size: spent / size for size, spent in seconds.items()}
    assert epoch[1] > 5 * epoch[64] and epoch[64] < 10 * epoch[4096]
    assert min(some * seconds[64], many * seconds[512]) < 0.7 * min(one * seconds[1], all_of_them * seconds[4096])


def test_the_time_of_an_update_is_found_by_the_coarse_clock_of_a_browser(monkeypatch):
    names = run_cells("ch4_gradient_descent.md", "def updates_needed(")
    clock = time.perf_counter
    monkeypatch.setattr(time, "perf_counter", lambda: round(clock(), 3))
    assert 0 < names["seconds_per_update"](1) < names["seconds_per_update"](4096)


def regression_data(seed, width=1.0):
    x = width * (np.random.default_rng(seed).random((1000, 2)) - (width > 1) / 2)
    return x, 3 * x[:, :1] + 2 * x[:, 1:]


def test_wide_inputs_diverge_and_standardized_ones_do_not():
    for seed in FRESH[:4]:
        x, d = regression_data(seed, width=10.0)
        network = Network([2, 10, 1], output="identity", rng=seed)
        with pytest.raises(FloatingPointError), np.errstate(all="ignore"):
            train(network, x, d, SGD(0.07), batch_size=1, shuffle=False)
        x, d = (x - x.mean(axis=0)) / x.std(axis=0), (d - d.mean(axis=0)) / d.std(axis=0)
        network = Network([2, 10, 1], output="identity", rng=seed)
        before = network.loss(x, d)
        train(network, x, d, SGD(0.07), batch_size=1, shuffle=False)
        assert network.loss(x, d) < before / 20


def test_the_wrong_gradient_ends_higher():
    class Wrong(layers.Relu):
        def backward(self, dout):
            return dout * functions.d_sigmoid(self.z)

    ratios = []
    for seed in FRESH[:10]:
        x, d = regression_data(seed)
        right, wrong = (Network([2, 10, 1], output="identity", weights=1.0, rng=seed) for _ in range(2))
        wrong.layers[1] = Wrong()
        for network in (right, wrong):
            train(network, x, d, SGD(0.07), batch_size=1, shuffle=False)
        ratios.append(wrong.loss(x, d) / right.loss(x, d))
    assert 4 < np.median(ratios) < 25 and np.mean(np.array(ratios) > 1) >= 0.8


def test_the_gradient_of_the_note_is_off_by_more_than_half():
    backward = run_cells("ch5_backpropagation.md", "def backward_of_note(")["backward_of_note"]
    for seed in FRESH:
        network = init_network([2, 10, 1], weights=1.0, rng=seed)
        x, d = datasets.plane(4, rng=seed)
        values = forward(network, x)
        wrong = backward(network, x, d, values)
        delta1 = functions.d_mean_squared_error(d, values["y"]) @ network["W2"].T * functions.d_relu(values["u1"])
        for name, exact in (("W1", x.T @ delta1), ("b1", delta1.sum(axis=0))):
            assert np.abs(wrong[name] - exact).max() > 0.5 * max(np.abs(exact).max(), np.abs(wrong[name]).max())


def test_random_weights_learn_xor_and_digits():
    x, d = datasets.xor()
    for seed in FRESH[:2]:
        network = Network([2, 4, 1], hidden="sigmoid", output="sigmoid", rng=seed)
        assert train(network, x, d[:, np.newaxis], SGD(1.0), epochs=2000, rng=seed, progress=False).losses[-1] < 0.01
        data, (x_test, d_test) = datasets.split(*datasets.digits(), 0.8, rng=seed)
        network = Network([64, 50, 10], rng=seed)
        train(network, *data, SGD(0.5), epochs=20, batch_size=50, rng=seed)
        assert 0.91 < np.mean(network.predict(x_test).argmax(axis=1) == d_test) <= 0.995


@functools.cache
def parts():
    """The training and the validation data of chapter 6."""
    names = run_cells("ch6_final_experiment.md", "x, d = datasets.digits()\n", "datasets.split(x, d, 0.6")
    return names["x_train"], names["d_train"], names["x_valid"], names["d_valid"]


def right(network):
    x_train, d_train, x_valid, d_valid = parts()
    return np.mean(network.predict(x_valid).argmax(axis=1) == d_valid)


def test_some_units_die_and_pixels_without_ink_keep_their_weights():
    x_train, d_train, _, _ = parts()
    for seed in FRESH[:2]:
        network = Network([64, 32, 10], rng=seed)
        before = network.parameters["W1"].copy()
        train(network, x_train, d_train, Adam(0.003), epochs=60, batch_size=32, rng=seed, progress=False)
        z = forward(network.parameters, x_train)["z1"]
        assert 1 <= (z == 0).all(axis=0).sum() <= 8
        born = (forward(network.parameters | {"W1": before, "b1": np.zeros(32)}, x_train)["z1"] == 0).all(axis=0)
        assert not (born & (z != 0).any(axis=0)).any(), "who was dead before training stays so"
        changed = (network.parameters["W1"] != before).any(axis=1)
        np.testing.assert_array_equal(changed, (x_train != 0).any(axis=0))


def test_the_validation_loss_stops_falling_before_the_training_loss():
    x_train, d_train, x_valid, d_valid = parts()
    for seed in FRESH[:2]:
        network = Network([64, 32, 10], rng=seed)
        found = []
        for _ in range(2):
            train(network, x_train, d_train, Adam(0.003), epochs=30, batch_size=32, rng=seed, progress=False)
            found.append((network.loss(x_train, d_train), network.loss(x_valid, d_valid)))
        (train_30, valid_30), (train_60, valid_60) = found
        assert train_60 < 0.4 * train_30 and 0.65 * valid_30 < valid_60 < 1.2 * valid_30
        assert 3 < valid_60 / train_60 < 30


def test_early_stopping_helps_where_the_labels_are_spoiled():
    names = run_cells(
        "ch6_final_experiment.md",
        "x, d = datasets.digits()\n",
        "datasets.split(x, d, 0.6",
        "def accuracy(",
        "def watched(",
    )
    gains = {}
    for share in (0.0, 0.2):
        losses, rights = np.transpose([names["watched"](share, seed) for seed in FRESH[:4]], (1, 0, 2))
        best = losses.argmin(axis=1)
        gains[share] = rights[range(4), best] - rights[:, -1]
        if share:
            assert 6 < np.median(best) < 20 and (losses[:, -1] > 1.03 * losses.min(axis=1)).all()
    assert abs(np.median(gains[0.0])) < 0.015 and (gains[0.2] > 0).all()


def test_two_layers_and_one_twice_as_wide_are_both_better_than_one():
    x_train, d_train, _, _ = parts()
    found = {}
    for hidden in ((64,), (128,), (64, 64)):
        for seed in FRESH[:3]:
            network = Network([64, *hidden, 10], rng=seed)
            train(network, x_train, d_train, Adam(0.003), epochs=10, batch_size=32, rng=seed, progress=False)
            found.setdefault(hidden, []).append(right(network))
    one, wide, deep = (np.array(found[hidden]) for hidden in ((64,), (128,), (64, 64)))
    assert min(wide.mean(), deep.mean()) > one.mean()
    assert abs(wide.mean() - deep.mean()) < wide.max() - wide.min() + deep.max() - deep.min()


def start_of_deep_sigmoids(weights, seed):
    x_train, d_train, _, _ = parts()
    network = Network([64, *[64] * 8, 10], hidden="sigmoid", weights=weights, rng=seed)
    gradients = network.gradient(x_train[:200], d_train[:200])
    values = forward(network.parameters, x_train[:200], hidden=functions.sigmoid)
    norms = [np.linalg.norm(gradients[name]) for name in ("W1", "W9")]
    return [*norms, *(values[name].std(axis=0).mean() for name in ("z1", "z8"))]


def test_both_directions_shrink_in_deep_sigmoids_with_the_value_of_xavier():
    W1, W9, z1, z8 = np.transpose([start_of_deep_sigmoids("xavier", seed) for seed in FRESH])
    assert (W9 > 0.1).all() and (W1 / W9 < 1e-4).all() and (z8 / z1 < 1e-3).all() and (z8 < 1e-5).all()
    W1, W9, z1, z8 = np.transpose([start_of_deep_sigmoids(0.75, seed) for seed in FRESH])
    assert (W1 / W9 > 0.01).all() and (z8 / z1 > 0.03).all()


def test_deep_sigmoids_learn_with_larger_weights_and_deep_relus_explode_with_them():
    x_train, d_train, _, _ = parts()
    network = Network([64, *[64] * 8, 10], hidden="sigmoid", weights=0.75, rng=1000)
    train(network, x_train, d_train, SGD(0.1), epochs=20, batch_size=32, rng=1000, progress=False)
    assert 0.75 < right(network) < 0.97
    for seed in FRESH[:5]:
        network = Network([64, *[64] * 8, 10], weights=0.3, rng=seed)
        with pytest.raises(FloatingPointError), np.errstate(all="ignore"):
            train(network, x_train, d_train, SGD(0.1), batch_size=32, rng=seed, progress=False)


def test_what_shrinks_through_sigmoids_stays_small_while_they_are_trained():
    names = run_cells(
        "ch6_final_experiment.md", "x, d = datasets.digits()\n", "datasets.split(x, d, 0.6", "def watched_layers("
    )
    for seed in FRESH[:2]:
        gradients, spread = np.moveaxis(names["watched_layers"]("sigmoid", "xavier", seed), -1, 0)
        assert (gradients[:, 0] < 1e-3 * gradients[:, 7]).all() and (spread[:, 7] < 1e-3 * spread[:, 0]).all()
        for hidden, weights in (("tanh", "xavier"), ("relu", "he")):
            gradients, spread = np.moveaxis(names["watched_layers"](hidden, weights, seed), -1, 0)
            largest = gradients.max(axis=1) / gradients.min(axis=1)
            assert (largest < (5 if hidden == "tanh" else 100)).all() and (largest[2:] < 10).all()
            assert (spread[:, 7] > 0.2 * spread[:, 0]).all()
