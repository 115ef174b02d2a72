"""dlcourse.datasets: shapes, seeds, and the images that come with the package."""

import socket

import numpy as np
import pytest

from dlcourse import datasets
from dlcourse.network import Network
from dlcourse.optimizers import Adam
from dlcourse.training import train


@pytest.mark.parametrize(("make", "classes"), [(datasets.moons, 2), (datasets.spirals, 3)])
def test_generated_classes_are_balanced_and_seeded(make, classes):
    x, d = make(100, rng=3)
    assert x.shape == (100, 2) and set(d) == set(range(classes)) and np.ptp(np.bincount(d)) <= 1
    again, other = make(100, rng=3)[0], make(100, rng=4)[0]
    assert np.array_equal(x, again) and not np.array_equal(x, other)


def test_spirals_stay_in_the_unit_circle():
    x, d = datasets.spirals(400, classes=5, noise=0, rng=0)
    assert np.linalg.norm(x, axis=1).max() <= 1 and set(d) == set(range(5))


def test_plane_is_the_function_of_the_notes():
    x, d = datasets.plane(50, rng=0)
    np.testing.assert_allclose(d[:, 0], 3 * x[:, 0] + 2 * x[:, 1])


def test_xor_can_be_learned_with_a_hidden_layer_and_not_without():
    x, d = datasets.xor()
    deep, flat = Network([2, 8, 2], hidden="tanh", rng=0), Network([2, 2], rng=0)
    for network in (deep, flat):
        train(network, x, d, Adam(0.05), epochs=500, rng=0)
    assert (deep.predict(x).argmax(1) == d).all()
    assert (flat.predict(x).argmax(1) == d).sum() < 4


def test_digits_come_with_the_package(monkeypatch):
    def no_network(*arguments, **keywords):
        raise AssertionError("digits() used the network")

    monkeypatch.setattr(socket, "socket", no_network)
    x, d = datasets.digits()
    assert x.shape == (1797, 64) and x.dtype == float and x.min() == 0 and x.max() == 1
    assert np.bincount(d).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    images, _ = datasets.digits(normalize=False, flatten=False)
    assert images.shape == (1797, 8, 8) and images.max() == 16
    np.testing.assert_array_equal(images.reshape(1797, 64) / 16, x)


def test_damaged_digits_are_noticed(monkeypatch):
    monkeypatch.setattr(datasets, "DIGITS_SHA256", "0" * 64)
    with pytest.raises(OSError, match="digits.npz"):
        datasets.digits()


def test_digits_are_learned():
    x, d = datasets.digits()
    (x, d), (x_test, d_test) = datasets.split(x, d, 0.8, rng=0)
    network = Network([64, 50, 10], rng=0)
    train(network, x, d, Adam(), epochs=15, batch_size=50, rng=0)
    assert (network.predict(x_test).argmax(1) == d_test).mean() > 0.94


def test_split_keeps_pairs_together_and_loses_nothing():
    x, d = np.arange(10.0)[:, None], np.arange(10)
    (x1, d1), (x2, d2) = datasets.split(x, d, 0.7, rng=0)
    assert len(x1) == 7 and len(x2) == 3
    np.testing.assert_array_equal(np.concatenate([x1, x2])[:, 0], np.concatenate([d1, d2]))
    assert sorted(np.concatenate([d1, d2])) == list(range(10))
    with pytest.raises(ValueError, match="fraction"):
        datasets.split(x, d, 1.0)
