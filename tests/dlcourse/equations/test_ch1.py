"""The labelled equations of chapter 1, verified numerically."""

import itertools
import re

import numpy as np
import pytest

from dlcourse import functions
from dlcourse.network import forward, init_network
from tests.helpers import ROOT

BOOK = ROOT / "book"


def test_eq_input():
    """The vector that the text writes out is the one that the cell below it makes."""
    page = (BOOK / "ch1_input_to_hidden.md").read_text(encoding="utf-8")
    written = re.search(r"\$D = (\d+)\$ で \$x = \(([\d., ]+)\)\$", page)
    cell = re.search(r"^x = (np\.array\(.*\))$", page[written.end() :], re.MULTILINE)
    x = eval(cell[1], {"np": np})
    assert x.shape == (int(written[1]),)
    np.testing.assert_array_equal(x, [float(number) for number in written[2].split(",")])


def test_eq_unit(rng):
    w, x, b = rng.standard_normal(6), rng.standard_normal(6), 0.7
    assert np.isclose(functions.affine(x, w, b), sum(w[i] * x[i] for i in range(6)) + b, rtol=1e-12)


def test_eq_layer(rng):
    x, W, b = rng.standard_normal(4), rng.standard_normal((4, 3)), rng.standard_normal(3)
    u = [sum(x[i] * W[i, j] for i in range(4)) + b[j] for j in range(3)]
    np.testing.assert_allclose(functions.affine(x, W, b), u, rtol=1e-12)


def test_eq_affine(rng):
    x, W, b = rng.standard_normal(4), rng.standard_normal((4, 3)), rng.standard_normal(3)
    columns = [sum(x * W[:, j]) + b[j] for j in range(3)]
    np.testing.assert_allclose(x @ W + b, columns, rtol=1e-12)
    np.testing.assert_allclose(functions.affine(x, W, b), columns, rtol=1e-12)
    # the lecture's form: the data in a column, units in the rows of W
    np.testing.assert_allclose(W.T @ x + b, x @ W + b, rtol=1e-12)


def test_eq_affine_batch(rng):
    X, W, b = rng.standard_normal((5, 4)), rng.standard_normal((4, 3)), rng.standard_normal(3)
    rows = [[sum(X[n] * W[:, j]) + b[j] for j in range(3)] for n in range(5)]
    np.testing.assert_allclose(X @ W + b, rows, rtol=1e-12)
    np.testing.assert_allclose(functions.affine(X, W, b), rows, rtol=1e-12)


def test_eq_activation(rng):
    u = rng.standard_normal((5, 3))
    for f in (functions.sigmoid, functions.relu):
        assert f(u).shape == u.shape
        assert all(f(u)[place] == f(u[place]) for place in np.ndindex(u.shape))


def test_eq_sigmoid():
    u = np.linspace(-30, 30, 601)
    np.testing.assert_allclose(functions.sigmoid(u), 1 / (1 + np.exp(-u)), rtol=1e-14)


def test_eq_relu():
    u = np.linspace(-3, 3, 61)
    np.testing.assert_array_equal(functions.relu(u), [max(v, 0) for v in u])


def test_eq_forward(rng):
    network = init_network([3, 5, 4, 2], rng=rng)
    x = rng.standard_normal((6, 3))
    z = x
    for layer, f in enumerate([functions.sigmoid, functions.sigmoid, functions.softmax], start=1):
        z = f(z @ network[f"W{layer}"] + network[f"b{layer}"])
    y = forward(network, x, hidden=functions.sigmoid, output=functions.softmax)["y"]
    np.testing.assert_allclose(y, z, rtol=1e-12)


def test_eq_softmax(rng):
    u = rng.standard_normal(4)
    expected = [np.exp(u[k]) / sum(np.exp(u[j]) for j in range(4)) for k in range(4)]
    np.testing.assert_allclose(functions.softmax(u), expected, rtol=1e-12)


def side_of_lines(points, w, b):
    """For each point, on which side of each line it is, as one number."""
    return (points @ w + b > 0) @ 2 ** np.arange(len(b))


def around_crossings(w, b):
    """Points on the four sides of each crossing of two lines: every part of the plane has one of them."""
    points = []
    for first, second in itertools.combinations(range(len(b)), 2):
        pair = w[:, [first, second]]
        crossing = np.linalg.solve(pair.T, -b[[first, second]])
        along = np.linalg.inv(pair.T)  # its columns move one of the two total inputs by 1
        points += [crossing + 1e-7 * along @ signs for signs in itertools.product([-1, 1], repeat=2)]
    return np.array(points)


def test_eq_regions(rng):
    for M in (2, 3, 8, 16):
        limit = 1 + M + M * (M - 1) // 2
        assert limit == 1 + sum(range(M + 1))
        w, b = rng.standard_normal((2, M)), rng.standard_normal(M)
        assert len(np.unique(side_of_lines(around_crossings(w, b), w, b))) == limit
        # lines that meet in one point leave 2M parts
        assert len(np.unique(side_of_lines(around_crossings(w, 0 * b), w, 0 * b))) <= 2 * M <= limit


def test_two_layers_of_eight_units_can_divide_the_plane_into_592():
    """The first layer folds each input four times onto the interval from 0 to 1, where eight lines make 37 parts."""
    steps = np.arange(4) / 4
    first = np.kron(np.eye(2), np.ones((1, 4))), -np.tile(steps, 2)
    fold = np.kron(np.eye(2), 4 * np.array([[1], [-2], [2], [-2]]))
    angles = np.pi * (np.arange(8) + 0.37) / 8
    directions = np.array([np.cos(angles), np.sin(angles)])
    # tangents of a small circle: every two of them cross, near it
    second = fold @ directions, -(0.5 * directions.sum(axis=0) + 0.03 * (-1) ** np.arange(8) * (1 + np.arange(8) / 40))
    network = {"W1": first[0], "b1": first[1], "W2": second[0], "b2": second[1]}
    crossings = around_crossings(directions, second[1])
    inside = np.unique(side_of_lines(crossings, directions, second[1]))
    assert len(inside) == 37 and (np.abs(crossings - 0.5) < 0.5).all()
    # back through the folds, to 16 places
    back = [np.where(n % 2, (n + 1 - crossings.T) / 4, (n + crossings.T) / 4) for n in range(4)]
    points = np.concatenate([np.column_stack([back[n][0], back[m][1]]) for n in range(4) for m in range(4)])
    values = forward(network, points)
    on = np.concatenate([values["z1"] > 0, values["y"] > 0], axis=1)
    assert len(np.unique(on @ 2 ** np.arange(16))) == 16 * 37 == 592


def test_eq_collapse(rng):
    x = rng.standard_normal((5, 4))
    W1, b1, W2, b2 = (rng.standard_normal(shape) for shape in [(4, 3), (3,), (3, 2), (2,)])
    twice = functions.affine(functions.affine(x, W1, b1), W2, b2)
    np.testing.assert_allclose(functions.affine(x, W1 @ W2, b1 @ W2 + b2), twice, rtol=1e-9)


def test_eq_joint(rng):
    """A unit's slope changes where its total input is 0, and nowhere else; M of them leave at most M + 1 pieces."""
    w, b, out = rng.uniform(0.5, 2, 4) * [1, -1, 1, -1], rng.standard_normal(4), rng.standard_normal(4)
    joints = np.sort(-b / w)

    def slope(x):
        return (functions.relu((x + 1e-6) * w + b) - functions.relu((x - 1e-6) * w + b)) @ out / 2e-6

    for joint, unit in zip(joints, np.argsort(-b / w), strict=True):
        assert functions.affine(np.array([joint]), w[[unit]][:, np.newaxis], b[[unit]]) == pytest.approx(0, abs=1e-12)
    ends = [joints[0] - 1, *joints, joints[-1] + 1]
    pieces = [
        [slope(left + share * (right - left)) for share in (0.2, 0.5, 0.8)]
        for left, right in zip(ends, ends[1:], strict=False)
    ]
    assert len(pieces) == 5
    np.testing.assert_allclose(np.ptp(pieces, axis=1), 0, atol=1e-8)
    jumps = np.diff(np.array(pieces)[:, 0])
    np.testing.assert_allclose(np.abs(jumps), np.abs(w * out)[np.argsort(-b / w)], rtol=1e-6)
