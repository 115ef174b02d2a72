"""dlcourse.layers and Network: gradients against the complex step and central differences."""

import numpy as np
import pytest

from dlcourse import functions, layers
from dlcourse.gradient_check import check_gradient
from dlcourse.network import HIDDEN, OUTPUT, Network, forward
from tests.helpers.oracles import complex_gradient

SMOOTH = [layers.Sigmoid, layers.Tanh]
KINKED = [layers.Relu, layers.LeakyRelu]


def targets(output, rng, shape):
    if output == "softmax":
        return rng.integers(shape[-1], size=shape[0])
    return rng.random(shape)


def test_affine_gradients_are_exact(rng):
    x, W, b, v = (rng.standard_normal(shape) for shape in [(5, 4), (4, 3), (3,), (5, 3)])
    layer = layers.Affine(W, b)
    layer.forward(x)
    dx = layer.backward(v)
    np.testing.assert_allclose(dx, complex_gradient(lambda x: np.sum(v * (x @ W + b)), x), rtol=1e-12)
    np.testing.assert_allclose(layer.dW, complex_gradient(lambda W: np.sum(v * (x @ W + b)), W), rtol=1e-12)
    np.testing.assert_allclose(layer.db, complex_gradient(lambda b: np.sum(v * (x @ W + b)), b), rtol=1e-12)


@pytest.mark.parametrize("make", SMOOTH)
def test_smooth_activation_layers(make, rng):
    u, v = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    layer = make()
    layer.forward(u)
    expected = complex_gradient(lambda u: np.sum(v * make().forward(u)), u)
    np.testing.assert_allclose(layer.backward(v), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("make", KINKED)
def test_kinked_activation_layers(make, rng):
    u, v = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    layer = make()
    layer.forward(u)
    report = check_gradient(lambda u: np.sum(v * make().forward(u)), u, layer.backward(v))
    assert report.passed, report


@pytest.mark.parametrize("make", [*SMOOTH, *KINKED, lambda: layers.Affine(np.ones((3, 3)), np.zeros(3))])
def test_layers_leave_what_they_are_given_alone(make, rng):
    u, dout = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    u.flags.writeable = dout.flags.writeable = False
    layer = make()
    layer.forward(u)
    layer.backward(dout)


@pytest.mark.parametrize("output", OUTPUT)
def test_losses_scale_with_dout(output, rng):
    layer = OUTPUT[output]()
    layer.forward(rng.standard_normal((4, 3)), targets(output, rng, (4, 3)))
    np.testing.assert_allclose(layer.backward(5), 5 * layer.backward(), rtol=1e-15)


@pytest.mark.parametrize("output", OUTPUT)
@pytest.mark.parametrize("hidden", ["sigmoid", "tanh"])
@pytest.mark.parametrize("sizes", [[3, 2], [3, 5, 4], [3, 5, 4, 2]])
def test_smooth_networks_have_exact_gradients(sizes, hidden, output, rng):
    network = Network(sizes, hidden=hidden, output=output, rng=rng)
    x = rng.standard_normal((6, 3))
    d = targets(output, rng, (6, sizes[-1]))
    gradients = network.gradient(x, d)
    for name, parameter in network.parameters.items():

        def loss(value, name=name):
            parameters = network.parameters | {name: value}
            u = forward(parameters, x, hidden=getattr(functions, hidden))["y"]
            losses = {
                "softmax": functions.softmax_with_loss,
                "sigmoid": functions.sigmoid_with_loss,
                "identity": functions.mean_squared_error,
            }
            return losses[output](d, u)

        np.testing.assert_allclose(gradients[name], complex_gradient(loss, parameter), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("output", OUTPUT)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_network_passes_the_gradient_check(hidden, output, rng):
    network = Network([4, 6, 5, 3], hidden=hidden, output=output, rng=rng)
    x, d = rng.standard_normal((7, 4)), targets(output, rng, (7, 3))
    report = check_gradient(lambda _: network.loss(x, d), network.parameters, network.gradient(x, d))
    assert report.passed, report


def test_the_network_is_the_functional_forward_pass(rng):
    network = Network([3, 5, 4], rng=rng)
    x = rng.standard_normal((6, 3))
    values = forward(network.parameters, x, output=functions.softmax)
    np.testing.assert_allclose(network.predict(x), values["y"], rtol=1e-14)
    np.testing.assert_allclose(network.forward(x), values["u2"], rtol=1e-14)


def test_float32_stays_float32(rng):
    network = Network([3, 5, 4], rng=rng, dtype=np.float32)
    x = rng.standard_normal((6, 3)).astype(np.float32)
    loss, gradients = network.loss_and_gradient(x, np.zeros(6, dtype=int))
    assert loss.dtype == np.float32
    assert all(value.dtype == np.float32 for value in (*gradients.values(), *network.parameters.values()))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"hidden": "rellu"}, "relu"),
        ({"output": "linear"}, "identity"),
        ({"weights": 0}, "weights"),
    ],
)
def test_unknown_names_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        Network([3, 2], **arguments)


def test_a_layer_names_the_shape_that_it_expects():
    with pytest.raises(ValueError, match=r"\(N, 3\).*\(3,\)"):
        Network([3, 2]).predict(np.zeros(3))
    with pytest.raises(ValueError, match=r"x.*\(N, 3\).*\(5, 4\)"):
        Network([3, 2]).predict(np.zeros((5, 4)))
