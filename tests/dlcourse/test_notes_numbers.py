"""The numbers printed in the source notes, from the parameters printed beside them.

Parameters and results are printed with 8 decimals, so sums of a few products agree to 1e-7.
"""

import json

import numpy as np
import pytest

from dlcourse import functions
from dlcourse.network import forward
from tests.helpers import ROOT

NOTE_001 = json.loads((ROOT / "tests" / "data" / "seed001.json").read_text())


def test_single_layer_of_note_001():
    note = NOTE_001["single"]
    u = functions.affine(note["x"], note["W"], note["b"])
    np.testing.assert_allclose(u, note["u"], atol=1e-7, rtol=0)
    np.testing.assert_allclose(functions.sigmoid(u), note["z"], atol=1e-7, rtol=0)


def test_network_354_of_note_001():
    note = NOTE_001["net354"]
    network = {name: np.array(note[name]) for name in ("W1", "b1", "W2", "b2")}
    values = forward(network, note["x"], output=functions.softmax)
    for name in ("u1", "z1", "u2", "y"):
        np.testing.assert_allclose(values[name], note[name], atol=1e-7, rtol=0, err_msg=name)
    # without the course's 1e-7 inside the logarithm the loss would be 1.3e-6 away
    assert functions.cross_entropy_error(note["d"], values["y"]) == pytest.approx(note["loss"], abs=2e-7)


def test_input_of_note_001_is_the_only_one_that_fits():
    """The note does not print x; its five printed total inputs give it back."""
    note = NOTE_001["net354"]
    x = np.linalg.lstsq(np.transpose(note["W1"]), np.subtract(note["u1"], note["b1"]))[0]
    np.testing.assert_allclose(x, [1, 2, 3], atol=1e-7, rtol=0)


def test_loss_of_note_001_from_the_printed_total_input():
    """Chapter 3: 8 decimals with the course's 1e-7, 5 without it."""
    note = NOTE_001["net354"]
    y = functions.softmax(note["u2"])
    assert functions.cross_entropy_error(note["d"], y) == pytest.approx(note["loss"], abs=5e-9)
    without = functions.softmax_with_loss(note["d"], note["u2"])
    assert abs(without - note["loss"]) == pytest.approx(1.2e-6, abs=1e-7)


def test_three_layers_of_the_course():
    network = {
        "W1": np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]),
        "b1": np.array([0.1, 0.2, 0.3]),
        "W2": np.array([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]),
        "b2": np.array([0.1, 0.2]),
        "W3": np.array([[0.1, 0.3], [0.2, 0.4]]),
        "b3": np.array([1.0, 2.0]),
    }
    np.testing.assert_allclose(forward(network, [1.0, 2.0])["y"], [1.56, 3.222], rtol=1e-12)


@pytest.mark.parametrize(
    ("weights", "u", "z"),
    [
        (np.zeros((4, 3)), [0.1, 0.2, 0.3], [0.524979187479, 0.549833997312, 0.574442516812]),
        (np.ones((4, 3)), [7.1, 7.2, 7.3], [0.999175575314, 0.999253971166, 0.999324917269]),
        (
            np.add.outer(np.arange(4), np.arange(1, 4)) / 10,
            [1.4, 2.2, 3.0],
            [0.802183888559, 0.90024951088, 0.952574126822],
        ),
    ],
)
def test_four_inputs_three_units_of_the_course(weights, u, z):
    total = functions.affine([1, 5, 2, -1], weights, [0.1, 0.2, 0.3])
    np.testing.assert_allclose(total, u, rtol=1e-12)
    np.testing.assert_allclose(functions.sigmoid(total), z, atol=1e-12, rtol=0)
