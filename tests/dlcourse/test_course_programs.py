"""The course's day-1 programs, with `from dlcourse import functions` in place of its own package.

Each program is written anew from its description; the numbers are the ones that the original prints.
Where the original is wrong, the test says so and holds the right value.
"""

import json

import numpy as np
import pytest

from dlcourse import functions, layers, optimizer
from tests.helpers import ROOT

NOTE_003 = json.loads((ROOT / "tests" / "data" / "seed003.json").read_text())
# names that the day-1 notebooks call
DAY_1 = [
    "sigmoid",
    "relu",
    "step_function",
    "softmax",
    "mean_squared_error",
    "cross_entropy_error",
    "d_sigmoid",
    "d_relu",
    "d_mean_squared_error",
    "d_softmax_with_loss",
    "d_sigmoid_with_loss",
    "softmax_with_loss",
    "d_step_function",
]

W1 = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]])
W2 = np.array([[0.1, 0.4, 0.7, 1.0], [0.2, 0.5, 0.8, 1.1], [0.3, 0.6, 0.9, 1.2]])
B1, B2 = np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.2, 0.3, 0.4])
X = np.array([1.0, 2.0])


def hidden():
    return functions.relu(np.dot(X, W1) + B1)


def test_the_names_of_the_course_are_there():
    assert all(callable(getattr(functions, name)) for name in DAY_1)
    assert all(hasattr(layers, name) for name in ("Affine", "Relu", "Sigmoid", "SoftmaxWithLoss"))
    assert all(hasattr(optimizer, name) for name in ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSprop", "Adam"))


def test_1_1_single_unit():
    u = np.dot(np.array([2, 3]), np.array([[0.1], [0.2]])) + 0.5
    np.testing.assert_allclose(functions.relu(u), [1.3], rtol=1e-12)


def test_1_1_multi_class():
    u2 = np.dot(hidden(), W2) + B2
    y = functions.softmax(u2)
    np.testing.assert_allclose(u2, [1.02, 2.29, 3.56, 4.83], rtol=1e-12)
    np.testing.assert_allclose(y, [0.016027962409, 0.057073211013, 0.203229289679, 0.723669536899], rtol=1e-10)
    assert functions.cross_entropy_error(np.array([0, 0, 0, 1]), y) == pytest.approx(0.3234202933601941, rel=1e-13)


def test_1_1_regression():
    y = np.dot(hidden(), W2[:, :2]) + B2[:2]
    np.testing.assert_allclose(y, [1.02, 2.29], rtol=1e-12)
    assert functions.mean_squared_error(np.array([2.0, 4.0]), y) == pytest.approx(0.9711249999999999, rel=1e-13)


def test_1_1_binary():
    y = functions.sigmoid(np.array([1.94]))
    np.testing.assert_allclose(y, [0.874352143485], rtol=1e-10)
    assert functions.cross_entropy_error(np.array([1]), y) == pytest.approx(0.13427195993720972, rel=1e-10)
    # the original ignores d when there is one output, and gives 0.134 here as well
    assert functions.cross_entropy_error(np.array([0]), y) == pytest.approx(2.074272, rel=1e-6)


def test_1_2_one_step_of_backpropagation():
    network = {"W1": W1.copy(), "b1": B1.copy(), "W2": W2[:, :2].copy(), "b2": B2[:2].copy()}
    x, d = np.array([[1.0, 5.0]]), np.array([[0, 1]])

    def run():
        z1 = functions.relu(np.dot(x, network["W1"]) + network["b1"])
        return z1, functions.softmax(np.dot(z1, network["W2"]) + network["b2"])

    z1, y = run()
    np.testing.assert_allclose(y, [[0.08706577244, 0.91293422756]], rtol=1e-10)
    assert functions.cross_entropy_error(d, y) == pytest.approx(0.09109133135793131, rel=1e-13)

    delta2 = functions.d_sigmoid_with_loss(d, y)  # the notebook's name for it; one sample, so the same number
    np.testing.assert_array_equal(delta2, functions.d_softmax_with_loss(d, y))
    delta1 = np.dot(delta2, network["W2"].T) * functions.d_relu(z1)
    gradients = {"W1": np.dot(x.T, delta1), "b1": delta1.sum(0), "W2": np.dot(z1.T, delta2), "b2": delta2.sum(0)}
    np.testing.assert_allclose(gradients["b1"], [-0.026119731732] * 3, rtol=1e-10)
    np.testing.assert_allclose(gradients["W1"][1], [-0.13059865866] * 3, rtol=1e-10)
    np.testing.assert_allclose(gradients["W2"][:, 0], [0.104478926928, 0.217664431101, 0.330849935273], rtol=1e-10)

    optimizer.SGD(0.01).update(network, gradients)
    assert functions.cross_entropy_error(d, run()[1]) == pytest.approx(0.08710960847142761, rel=1e-13)


PRINTED_003 = {
    "W1": [
        [
            0.03179469,
            -0.65580151,
            -1.05014931,
            -0.95991165,
            -1.71442249,
            2.49697393,
            -1.12710321,
            0.07263078,
            -1.28432835,
            -0.63352764,
        ],
        [
            1.33957779,
            0.09876068,
            1.15336085,
            -1.20192046,
            -1.27906948,
            -0.31698447,
            -0.1980017,
            -0.45523892,
            -0.7397935,
            0.33795826,
        ],
    ],
    "W2": [
        -0.24279993,
        0.20530293,
        0.43517228,
        1.41684007,
        -0.78456474,
        -1.60324141,
        -0.41477104,
        2.23685999,
        -1.07724056,
        -0.22435489,
    ],
    "b1": [
        0.00803233,
        0.7687969,
        0.60887701,
        -0.61285442,
        -0.53212624,
        0.3379684,
        -0.45232803,
        0.39699546,
        -2.24865943,
        -0.59136552,
    ],
    "b2": 0.23229489417041302,
}


@pytest.mark.parametrize(
    ("run", "activation", "derivative"),
    [
        ("relu+d_sigmoid(z1) notebook default", functions.relu, lambda u, z: functions.d_sigmoid(z)),
        ("relu+d_relu correct", functions.relu, lambda u, z: functions.d_relu(z)),
        ("sigmoid+d_sigmoid(z1)", functions.sigmoid, lambda u, z: functions.d_sigmoid(z)),
        ("sigmoid+d_sigmoid(u1) correct", functions.sigmoid, lambda u, z: functions.d_sigmoid(u)),
        ("AS PRINTED in seed 003 (update outside the loop)", functions.relu, lambda u, z: functions.d_sigmoid(z)),
    ],
)
def test_1_3_online_learning_of_note_003(run, activation, derivative):
    """One output and one datum at a time: W2 is one-dimensional, b2 and d are plain numbers."""
    network = {name: np.array(value) for name, value in PRINTED_003.items()}
    data = np.random.RandomState(0).rand(1000, 2)
    targets = 3 * data[:, 0] + 2 * data[:, 1]

    def forward(x):
        u1 = functions.affine(x, network["W1"], network["b1"])
        z1 = activation(u1)
        return u1, z1, functions.affine(z1, network["W2"], network["b2"])

    assert run != "relu+d_relu correct" or functions.mean_squared_error(targets, forward(data)[2]) == pytest.approx(
        NOTE_003["before"], rel=1e-7
    )
    # with the update outside the loop, only the gradient of the last datum is ever used
    used = slice(-1, None) if run.startswith("AS PRINTED") else slice(None)
    losses = []
    for x, d in zip(data[used], targets[used], strict=True):
        u1, z1, y = forward(x)
        delta2 = functions.d_mean_squared_error(d, y)
        delta1 = delta2 * network["W2"] * derivative(u1, z1)
        gradients = {"W2": z1 * delta2, "b2": delta2, "W1": np.outer(x, delta1), "b1": delta1}
        for name in network:
            network[name] -= 0.07 * gradients[name]
        losses.append(functions.mean_squared_error(d, y))

    expected = NOTE_003["runs"][run]
    # a thousand updates carry the 8 printed digits of the initial weights along
    assert losses[0] == pytest.approx(expected["first"], rel=1e-7)
    assert np.mean(losses[-100:]) == pytest.approx(expected["mean_last100"], rel=1e-5)
    assert functions.mean_squared_error(targets, forward(data)[2]) == pytest.approx(expected["full_after"], rel=1e-5)
    for name, total in expected["param_sums"].items():
        assert np.sum(network[name]) == pytest.approx(total, rel=1e-6), name


def test_layers_and_an_optimizer_put_together_by_hand(rng):
    """They learn, because the optimizer changes the very arrays that the layers hold."""
    parameters = {
        "W1": 0.1 * rng.standard_normal((4, 8)),
        "b1": np.zeros(8),
        "W2": 0.1 * rng.standard_normal((8, 3)),
        "b2": np.zeros(3),
    }
    affine1, relu = layers.Affine(parameters["W1"], parameters["b1"]), layers.Relu()
    affine2, last = layers.Affine(parameters["W2"], parameters["b2"]), layers.SoftmaxWithLoss()
    x = rng.standard_normal((30, 4))
    d = np.eye(3)[x[:, :3].argmax(axis=1)]
    adam = optimizer.Adam(0.05)
    losses = []
    for _ in range(200):
        losses.append(last.forward(affine2.forward(relu.forward(affine1.forward(x))), d))
        affine1.backward(relu.backward(affine2.backward(last.backward())))
        adam.update(parameters, {"W1": affine1.dW, "b1": affine1.db, "W2": affine2.dW, "b2": affine2.db})
    assert losses[-1] < 0.1 < losses[0]
