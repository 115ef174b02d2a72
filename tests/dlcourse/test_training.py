"""dlcourse.training: the same loop for online, mini-batch and full-batch learning."""

import numpy as np
import pytest

from dlcourse.network import Network
from dlcourse.optimizers import SGD, Adam
from dlcourse.training import train


def data(rng, n=10):
    x = rng.standard_normal((n, 2))
    return x, (3 * x[:, :1] + 2 * x[:, 1:])


def linear(rng=0):
    return Network([2, 1], output="identity", rng=rng)


@pytest.mark.parametrize(("batch_size", "updates"), [(1, 10), (3, 4), (10, 1), (None, 1), (99, 1)])
def test_batch_size_decides_how_many_updates_an_epoch_has(batch_size, updates, rng):
    x, d = data(rng)
    history = train(linear(), x, d, SGD(0.01), epochs=3, batch_size=batch_size, rng=0)
    assert len(history.losses) == 3 * updates and len(history.epochs) == 3


def test_every_datum_is_used_once_per_epoch(rng):
    seen = []

    class Recorder:
        parameters = {"w": np.zeros(1)}

        def loss_and_gradient(self, x, d):
            seen.append(x[:, 0].astype(int).tolist())
            return 0.0, {"w": np.zeros(1)}

    x = np.arange(10.0)[:, None]
    train(Recorder(), x, x, SGD(), epochs=2, batch_size=4, rng=0)
    assert [len(batch) for batch in seen] == [4, 4, 2, 4, 4, 2]
    first, second = sum(seen[:3], []), sum(seen[3:], [])
    assert sorted(first) == sorted(second) == list(range(10)) and first != second
    seen.clear()
    train(Recorder(), x, x, SGD(), batch_size=4, shuffle=False)
    assert sum(seen, []) == list(range(10))


def test_learning_finds_the_plane_of_the_notes(rng):
    x, d = data(rng, 200)
    network = linear()
    history = train(network, x, d, SGD(0.1), epochs=50, batch_size=10, rng=0)
    np.testing.assert_allclose(network.parameters["W1"], [[3], [2]], atol=1e-6)
    assert history.epochs[-1] < 1e-10 < history.epochs[0]


def test_the_mean_loss_of_an_epoch_weighs_batches_by_their_size(rng):
    x, d = data(rng)
    network = linear()
    history = train(network, x, d, SGD(1e-300), epochs=1, batch_size=4, rng=0)
    assert history.epochs[0] == pytest.approx(network.loss(x, d))


def test_the_same_seed_trains_the_same_network(rng):
    x, d = data(rng)
    runs = [linear(rng=1) for _ in range(2)]
    state = np.random.get_state()[1].copy()
    for network in runs:
        train(network, x, d, Adam(), epochs=5, batch_size=3, rng=4)
    np.testing.assert_array_equal(runs[0].parameters["W1"], runs[1].parameters["W1"])
    np.testing.assert_array_equal(state, np.random.get_state()[1])


def test_a_diverging_run_stops_with_the_last_finite_parameters(rng):
    x, d = data(rng)
    network = linear()
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="学習率 1000 が大きすぎる") as stopped:
        train(network, x, d, SGD(1000.0), epochs=1000, batch_size=1, rng=0)
    assert "更新のあと" in str(stopped.value)
    assert all(np.isfinite(value).all() for value in network.parameters.values())
    with np.errstate(all="ignore"):
        assert np.isfinite(network.loss(x[:1], d[:1]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x, d: (np.where(x == x[3, 1], np.nan, x), d), r"x\[3, 1\] = nan"),
        (lambda x, d: (x, np.where(d == d[2], np.inf, d)), r"d\[2, 0\] = inf"),
        (lambda x, d: (x, d[:-1]), r"10 個.*\(9, 1\)"),
        (lambda x, d: (x[0], d), r"\(N, D\).*\(2,\)"),
        (lambda x, d: (x[:0], d[:0]), r"1以上"),
    ],
)
def test_bad_data_is_refused_at_the_door(change, words, rng):
    network = linear()
    before = network.parameters["W1"].copy()
    with pytest.raises(ValueError, match=words):
        train(network, *change(*data(rng)), SGD())
    np.testing.assert_array_equal(network.parameters["W1"], before)


@pytest.mark.parametrize("arguments", [{"epochs": 0}, {"epochs": 1.5}, {"batch_size": 0}, {"batch_size": -3}])
def test_impossible_numbers_are_refused(arguments, rng):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        train(linear(), *data(rng), SGD(), **arguments)


def test_progress_is_shown_on_long_work_only(rng, capsys):
    train(linear(), *data(rng), SGD(1e-3), epochs=10)
    assert capsys.readouterr().err == ""
    train(linear(), *data(rng), SGD(1e-3), epochs=10, progress=True)
    assert "学習" in capsys.readouterr().err


def test_after_epoch_is_told_the_number(rng):
    numbers = []
    train(linear(), *data(rng), SGD(1e-3), epochs=3, after_epoch=numbers.append)
    assert numbers == [1, 2, 3]
